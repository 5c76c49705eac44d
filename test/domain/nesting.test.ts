import { expect, test } from '@jest/globals';
import { nestedTooDeeply } from '../../src/domain/nesting.js';

const times = (count: number, text: string): string => text.repeat(count);

test.each<[what: string, text: string, line: number | undefined]>([
  ['lists', `a = 1\nb = ${times(6, '[')}${times(6, ']')}`, 2],
  ['as many lists as may be', `b = ${times(5, '[')}${times(5, ']')}`, undefined],
  ['lists over several lines', 'b = [[\n[[\n[[\n', 3],
  ['tables in one line', `b = ${times(6, '{a = ')}1${times(6, '}')}`, 1],
  ['tables in lists', `\n\nb = ${times(3, '[{a = ')}1${times(3, '}]')}\n`, 3],
  ['the parts of a key', 'a = 1\na.b.c.d.e.f.g = 1\n', 2],
  ['the parts of a key that are quoted', 'a."b".\'c\'.d.e."f".g = 1\n', 1],
  ['the parts of the name of a table', '[a.b.c.d.e.f]\n', 1],
  ['a key in a table', 'x = {a.b.c.d.e.f = 1}\n', 1],
  ['many keys with few parts', times(100, 'a.b.c = 1\n'), undefined],
  ['many values with points', `a = [${times(100, '1.5, ')}1]`, undefined],
  ['brackets in a comment', `# ${times(9, '[')}\n`, undefined],
  ['brackets in texts', `a = "${times(9, '[')}\\"["\nb = '${times(9, '[')}'\n`, undefined],
  [
    'brackets in texts of several lines',
    `a = """\n\\"""${times(9, '[')}"""\nb = '''\n''${times(9, '[')}'''\n`,
    undefined,
  ],
  ['brackets behind a text of several lines', `a = """\n"" \\""""\nb = ${times(9, '[')}`, 3],
  ['brackets in a text without an end', `a = "${times(9, '[')}\nb = """${times(9, '[')}\n`, undefined],
  ['more ends than beginnings', `${times(9, ']')}[a]\n`, undefined],
])('%s', (_what, text, line) => {
  expect(nestedTooDeeply(text, 5)).toBe(line);
});

test.each(['"', '\\"', '"""', "'''", '[', 'a.', '"""\\', "''"])(
  'a million of %j take no more than a moment',
  (text) => {
    expect(nestedTooDeeply(times(1_000_000, text), 2_000_000)).toBeUndefined();
  },
);
