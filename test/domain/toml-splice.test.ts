import { expect, test } from '@jest/globals';
import { flatten } from '../../src/domain/toml.js';
import { mergeToml } from '../../src/domain/toml-merge.js';
import { spliceToml } from '../../src/domain/toml-splice.js';

const HOME = `# a banner
[server]
hostname = "localhost" # ours
base_path = "\${carbon.protocol}://x"

# a comment of the next one
[transport.https.properties]
port = 9443
ciphers = [
  "a", # of one
  "b"
]

[[apim.gateway.environment]]
name = "Default"

[inline]
table = { a = 1, b = 2 }

[bare]
`;

const over = (text: string, ...changes: readonly string[]): string => {
  const merged = mergeToml(
    text,
    changes.map((change) => ({ by: 'other.toml', text: change })),
    'deployment.toml',
  );
  return spliceToml(text, changes, merged, 'deployment.toml');
};
const settings = (text: string): unknown =>
  Object.fromEntries(flatten(text, 'x').map(({ key, element, value }) => [element ?? key, value]));

test.each<[what: string, change: string, from: string, to: string]>([
  ['a value', 'server.hostname = "x"', '"localhost" # ours', '"x" # ours'],
  ['a value by its header', '[server]\nhostname = "x"', '"localhost" # ours', '"x" # ours'],
  ['a list', 'transport.https.properties.ciphers = ["c",\n"d"]', '[\n  "a", # of one\n  "b"\n]', '["c", "d"]'],
  ['a value of an inline table', 'inline.table.a = 3', 'a = 1', 'a = 3'],
  ['a new key', 'server.offset = 5', '://x"\n', '://x"\noffset = 5\n'],
  ['two new keys', 'server = { offset = 5, other = 6 }', '://x"\n', '://x"\noffset = 5\nother = 6\n'],
  ['a new key below a bare header', 'bare.x = 1', '[bare]\n', '[bare]\nx = 1\n'],
  ['a new table', 'new.table.key = "x"', '[bare]\n', '[bare]\n\n[new.table]\nkey = "x"\n'],
  [
    'a table above its part',
    'transport.https.enabled = true',
    '[transport.https.properties]\n',
    '[transport.https]\nenabled = true\n\n[transport.https.properties]\n',
  ],
  [
    'a table above a list of its tables',
    'apim.gateway.x = 1',
    '[[apim.gateway.environment]]\n',
    '[apim.gateway]\nx = 1\n\n[[apim.gateway.environment]]\n',
  ],
  ['two new tables', '[one]\na = 1\n[two]\nb = 2', '[bare]\n', '[bare]\n\n[one]\na = 1\n\n[two]\nb = 2\n'],
])('only the lines of what is given differ: %s', (_what, change, from, to) => {
  expect(over(HOME, change)).toBe(HOME.replace(from, () => to));
});

test('changes come one after the other', () => {
  expect(over('[a]\nx = 1 # one\n', 'a.x = 2', 'b.y = 3', 'b.y = 4')).toBe('[a]\nx = 2 # one\n\n[b]\ny = 4\n');
});

test('line ends stay those of Windows', () => {
  const text = over(HOME.replaceAll('\n', '\r\n'), 'server = { offset = 5, other = 6 }', 'new.key = 1');
  expect(text.replaceAll('\r\n', '')).not.toContain('\n');
});

test.each([['[[apim.gateway.environment]]\nname = "Mine"'], ['top = 1']])(
  'with %j it is written anew, and says what it has to',
  (change) => {
    const text = over(HOME, change);
    expect(text).not.toContain('#');
    expect(settings(text)).toEqual(settings(mergeToml(HOME, [{ by: 'x', text: change }], 'deployment.toml')));
  },
);
