import { describe, expect, test } from '@jest/globals';
import { changedSettings } from '../../src/domain/changed-settings.js';
import { flatten } from '../../src/domain/toml.js';
import { isOnePair, settingText } from '../../src/domain/toml-change.js';
import { mergeToml } from '../../src/domain/toml-merge.js';
import { refusal } from '../support/refusal.js';

const merged = (text: string, ...over: readonly string[]): string =>
  mergeToml(
    text,
    over.map((change) => ({ by: 'other.toml', text: change })),
    'deployment.toml',
  );
const settings = (text: string): unknown =>
  Object.fromEntries(flatten(text, 'x').map(({ key, element, value }) => [element ?? key, value]));

const HOME = `# a comment
top = "first"

[server]
hostname = "localhost" # ours
offset = 0
inline = { a = 1, b = { c = 2 } }

[[apim.gateway.environment]]
name = "Default"
urls = [
  "a", # of one
  "b",
]
[apim.gateway.environment.inner]
x = 1

[[apim.gateway.environment]]
name = "Other"

[synapse_properties]
'internal.http.api.port' = 9191
when = 2026-01-01T00:00:00Z
large = 1_000_000
`;

describe('a configuration', () => {
  test('without changes says what it said', () => {
    expect(settings(merged(HOME))).toEqual(settings(HOME));
  });

  test.each<[change: string, key: string, value: unknown]>([
    ['server.offset = 5', 'server.offset', 5],
    ['[server]\noffset = 5', 'server.offset', 5],
    ['server.inline.b.c = 3', 'server.inline.b.c', 3],
    ['new.table.key = "x"', 'new.table.key', 'x'],
    ['top = "second"', 'top', 'second'],
    ["synapse_properties.'internal.http.api.port' = 9292", "synapse_properties.'internal.http.api.port'", 9292],
    ['list = [1,\n2]', 'list', [1, 2]],
  ])('with %j over it differs in that alone', (change, key, value) => {
    expect(settings(merged(HOME, change))).toEqual({ ...(settings(HOME) as object), [key]: value });
  });

  test('has the tables of a list replaced as a whole', () => {
    const over = '[[apim.gateway.environment]]\nname = "Mine"\n';
    const { 'apim.gateway.environment[0].name': name, ...others } = settings(merged(HOME, over)) as Record<
      string,
      unknown
    >;
    expect(name).toBe('Mine');
    expect(Object.keys(others).filter((key) => key.startsWith('apim.'))).toEqual([]);
  });

  test('has the later of two changes', () => {
    expect(settings(merged('a = 1\n', 'a = 2', 'b = 3\na = 4'))).toEqual({ a: 4, b: 3 });
  });

  test('is one that the parser of the products takes: no table stands below a part of it', () => {
    expect(merged('[server]\na = 1\n[server.inner]\nb = 2\n', 'server.c = 3')).toBe(
      '[server]\na = 1\nc = 3\n\n[server.inner]\nb = 2\n',
    );
    expect(merged('[a.b]\nx = 1\n', 'a.y = 2')).toBe('[a]\ny = 2\n\n[a.b]\nx = 1\n');
  });

  test.each([
    ['server = 5', 'other.toml gives server a value, and it is a table in deployment.toml.'],
    ['server.offset.x = 5', 'other.toml gives server.offset a table, and it is a value in deployment.toml.'],
  ])('refuses %j', (change, message) => {
    expect(refusal(() => merged(HOME, change))).toMatchObject({ code: 2, message });
  });
});

test.each([
  ['3', 'a.b = 3'],
  ['true', 'a.b = true'],
  ['localhost', 'a.b = "localhost"'],
  ['https://x:9443/', 'a.b = "https://x:9443/"'],
  ['"quoted"', 'a.b = "quoted"'],
  ['[1, 2]', 'a.b = [1, 2]'],
  ['', 'a.b = ""'],
  ['1\nserver.offset = 7', 'a.b = "1\\nserver.offset = 7"'],
  ['$env{HOST}', 'a.b = "$env{HOST}"'],
])('the value %j', (value, text) => {
  expect(settingText('a.b', value)).toBe(text);
  expect(isOnePair(text)).toBe(true);
});

test.each<[key: string, value: string, says: string]>([
  ['a', '"x', "--set gives a a value that is no TOML: its quotes don't fit."],
  ['a', '[1', "--set gives a a value that is no TOML: its brackets don't fit."],
  ['a:b', '1', '--set takes a dotted key of TOML, such as server.hostname, not "a:b".'],
])('%s=%s is laid over nothing', (key, text, says) => {
  expect(refusal(() => mergeToml('', [{ by: '--set', key, text }], 'deployment.toml'))).toMatchObject({
    code: 2,
    message: expect.stringContaining(says),
  });
});

test('what differs is told without secrets', () => {
  const before = '[a]\npassword = "hunter2"\nport = 1\ngone = true\n';
  const after = '[a]\npassword = "hunter3"\nport = 2\nmade = ["x"]\n';
  expect(changedSettings({ path: 'deployment.toml', format: 'toml', before, after })).toEqual([
    { key: 'a.password', before: '***', after: '***' },
    { key: 'a.port', before: 1, after: 2 },
    { key: 'a.gone', before: true },
    { key: 'a.made', after: ['x'] },
  ]);
});

test('what differs in a deployment.yaml is told likewise', () => {
  const before = 'wso2.carbon:\n  ports: {offset: 1}\nlist:\n- {port: 1, keyPassword: a}\n';
  const after = 'wso2.carbon:\n  ports: {offset: 2}\nlist:\n- {port: 3, keyPassword: b}\n';
  expect(changedSettings({ path: 'deployment.yaml', format: 'yaml', before, after })).toEqual([
    { key: 'wso2.carbon.ports.offset', before: 1, after: 2 },
    { key: 'list[0].port', before: 1, after: 3 },
    { key: 'list[0].keyPassword', before: '***', after: '***' },
  ]);
});

test('what differs in a carbon.xml is told likewise', () => {
  const before = '<Server><Ports><Offset>0</Offset></Ports><R><A>1</A><A>2</A></R><Password>a</Password></Server>';
  const after = '<Server><Ports><Offset>1</Offset></Ports><R><A>1</A><A>3</A></R><Password>b</Password><N/></Server>';
  expect(changedSettings({ path: 'carbon.xml', format: 'xml', before, after })).toEqual([
    { key: 'Ports.Offset', before: 0, after: 1 },
    { key: 'R.A[1]', before: 2, after: 3 },
    { key: 'Password', before: '***', after: '***' },
    { key: 'N', after: '' },
  ]);
});
