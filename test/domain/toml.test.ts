import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { flatten, readToml } from '../../src/domain/toml.js';
import { refusal } from '../support/refusal.js';

const read = (text: string) => flatten(text, 'deployment.toml');

test('the leaves of a file come in its order, quoted parts in single quotes', () => {
  const text = `top = 1
[synapse_properties]
'internal.http.api.port' = 9191
[a."b c"]
list = [1, 2]
inner = { x = "y", z.w = true }
`;
  expect(read(text)).toEqual([
    { key: 'top', value: 1, line: 1 },
    { key: "synapse_properties.'internal.http.api.port'", value: 9191, line: 3 },
    { key: "a.'b c'.list", value: [1, 2], line: 5 },
    { key: "a.'b c'.inner.x", value: 'y', line: 6 },
    { key: "a.'b c'.inner.z.w", value: true, line: 6 },
  ]);
});

describe('one leaf, however it is written', () => {
  test.each<[string, string, unknown, number]>([
    ['an integer', '[server]\noffset = 3\n', 3, 2],
    ['negative', '[server]\noffset = -5\n', -5, 2],
    ['hexadecimal', '[server]\noffset = 0x10\n', 16, 2],
    ['text', '[server]\nhostname = "x"\noffset = "3"\n', '3', 3],
    ['a float', '[server]\noffset = 3.0\n', '3.0', 2],
    ['dotted', 'server.offset = 3\n', 3, 1],
    ['in an inline table', 'server = { hostname = "x", offset = 3 }\n', 3, 1],
    ['a quoted key', '[server]\n"offset" = 3\n', 3, 2],
    ['with a comment', '[server] # one\noffset=\t3 # two\n', 3, 2],
    ['with the line ends of Windows', '[server]\r\n\r\noffset = 3\r\n', 3, 3],
    ['after a text of several lines', 'a = """\none\ntwo\n"""\n[server]\noffset = 3\n', 3, 6],
  ])('%s', (_how, text, value, line) => {
    expect(read(text).filter(({ key }) => key === 'server.offset')).toEqual([{ key: 'server.offset', value, line }]);
  });
});

test('a leaf in a list of tables tells its place, and keeps a key without places', () => {
  const text = '[[a.list]]\nb = 1\n[[a.list]]\nb.c = 2\n[a.list.d]\ne = 3\n[[a.list.f]]\n"g h" = 4\n';
  expect(read(text)).toEqual([
    { key: 'a.list.b', element: 'a.list[0].b', value: 1, line: 2 },
    { key: 'a.list.b.c', element: 'a.list[1].b.c', value: 2, line: 4 },
    { key: 'a.list.d.e', element: 'a.list[1].d.e', value: 3, line: 6 },
    { key: "a.list.f.'g h'", element: "a.list[1].f[0].'g h'", value: 4, line: 8 },
  ]);
});

test('the strings of a file come with where they stand, those with an escape not at all', () => {
  const text = `a = "x" # "y"\r\n[[b]]\r\nc = ['', '''z''', "\\t"]\nd = { 'e f' = """g""" }\n`;
  expect(readToml(text, 'deployment.toml').strings).toEqual([
    { key: 'a', text: 'x', line: 1, start: text.indexOf('x') },
    { key: 'b.c', text: '', line: 3, start: text.indexOf("''") + 1 },
    { key: 'b.c', text: 'z', line: 3, start: text.indexOf('z') },
    { key: "b.d.'e f'", text: 'g', line: 4, start: text.indexOf('g') },
  ]);
});

test.each(['', '\n# a comment\n', '[server]\n'])('%j has no leaves', (text) => {
  expect(read(text)).toEqual([]);
});

describe('a malformed file is refused with its line and column', () => {
  test.each<[string, string, number, number, string]>([
    ['a value is missing', '[server]\noffset = =\n', 2, 10, 'Unexpected token'],
    ['the same with the line ends of Windows', '[server]\r\n\r\noffset = =\r\n', 3, 10, 'Unexpected token'],
    ['a key without a value', 'a b\n', 1, 3, 'Expected equal (=) token'],
    ['an open bracket', '[server', 1, 8, 'Unterminated table-key'],
    ['an open text', 'x = "abc', 1, 9, 'Unterminated string constant'],
    ['a word for a value', '[server]\noffset = é\n', 2, 10, 'Unexpected character'],
    ['a key twice', '[server]\noffset = 3\noffset = 4\n', 3, 1, 'Defining a key multiple times is invalid'],
    ['a table twice', '[server]\na = 1\n[server]\n', 3, 2, 'Defining a key multiple times is invalid'],
  ])('%s', (_what, text, line, column, reason) => {
    expect(refusal(() => read(text))).toEqual({
      code: 3,
      message: `deployment.toml, line ${line}, column ${column} is not valid TOML: ${reason}.`,
      hint: 'The server would end with this file; mend that line.',
    });
  });
});

describe('what TOML has and the products’ parser does not survive is refused', () => {
  test.each<[what: string, text: string, line: number, reason: string]>([
    [
      'a table below its own part',
      '[a.b]\nc = 1\n\n[a]\n',
      4,
      '[a] stands below a table that is a part of it (line 1)',
    ],
    [
      'the same deeper',
      '[x]\n[a."b c".d]\n[a.\'b c\']\n',
      3,
      "[a.'b c'] stands below a table that is a part of it (line 2)",
    ],
    [
      'a table below a list of tables in it',
      '[[a.b]]\n[a]\n',
      2,
      '[a] stands below a table that is a part of it (line 1)',
    ],
    [
      'the same in a list of tables',
      '[[a]]\n[a.b.c]\n[a.b]\n',
      3,
      '[a.b] stands below a table that is a part of it (line 2)',
    ],
    ['a number and a text', '\na = [1, "x"]\n', 2, 'a list holds a value of type integer and one of type string'],
    [
      'two kinds of numbers',
      'a = [[1], [\n1, 2.0]]\n',
      1,
      'a list holds a value of type integer and one of type float',
    ],
    [
      'a list and a truth value',
      'a = { b = [[1], true] }\n',
      1,
      'a list holds a value of type list and one of type boolean',
    ],
    ['a tab', 'a = 1\nb = ["x", "\t"]\n', 2, 'a text holds a tab'],
    ['a tab in a text of several lines', '[a]\nb = """\n\t"""\n', 2, 'a text holds a tab'],
  ])('%s', (_what, text, line, reason) => {
    const { code, message } = refusal(() => read(text));
    expect(code).toBe(3);
    expect(message).toContain(`deployment.toml, line ${line}: ${reason}`);
    expect(message).toContain("the server's parser");
  });

  test.each([
    ['[a]\n[a.b]\n[a.b.c]\n'],
    ['[a.b]\n[a.c]\n'],
    ['[[a]]\n[a.b.c]\n[[a]]\n[a.b]\n'],
    ['a = [[1], ["x"]]\n'],
    ['a = [{ b = 1 }, { b = "x" }]\n'],
    ["a = '\t'\nb =\t1 #\t\n"],
    ['a = "\\t"\n'],
  ])('%j is read', (text) => {
    expect(() => read(text)).not.toThrow();
  });
});

describe('nesting', () => {
  const nested = (depth: number): readonly string[] => [
    `\na = ${'['.repeat(depth)}${']'.repeat(depth)}\n`,
    `\na = ${'{a = '.repeat(depth)}1${'}'.repeat(depth)}\n`,
    `\na = ${'[{a = '.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}\n`,
    `\n${'a.'.repeat(depth)}b = 1\n`,
    `\n[${'a.'.repeat(depth - 1)}b]\nx = 1\n`,
  ];

  test('as deep as the products take it is read', () => {
    for (const text of nested(500)) expect(read(text)).toHaveLength(1);
  });

  test.each([502, 10_000, 100_000])('of %d levels is refused with its line', (depth) => {
    for (const text of nested(depth)) {
      expect(refusal(() => read(text))).toMatchObject({
        code: 3,
        message:
          "deployment.toml, line 2: a value is nested more than 500 levels deep, which the server's parser does not survive.",
      });
    }
  });
});

test.each<[text: string, place: string, reason: string]>([
  ['[server\noffset = 1\n', 'line 1, column 8', 'Unterminated table-key'],
  ['a = 1\n[server\n\n  # a note\noffset = 1\n', 'line 2, column 8', 'Unterminated table-key'],
  ['[server\r\noffset = 1\r\n', 'line 1, column 8', 'Unterminated table-key'],
  ['[[server]\n  offset = 1\n', 'line 1, column 10', 'Unterminated table-key'],
  ['[server]\noffset =\n  x = 1\n', 'line 2, column 9', 'Unspecified values are invalid'],
  ['[server]\noffset\nx = 1\n', 'line 2, column 7', 'Expected equal (=) token'],
  ['[server]\na.b.\nx = 1\n', 'line 2, column 4', 'Keys cannot end with a dot'],
  ['a = [1\nb = 2\n', 'line 1, column 7', 'Unterminated array'],
  ['a = { b = 1,\nc = 2 }\n', 'line 1, column 13', 'Unterminated inline table'],
  ['[server', 'line 1, column 8', 'Unterminated table-key'],
  // Here the line itself is to blame, not the one above it.
  ['a = 1\n= 1\n', 'line 2, column 1', 'Unexpected token'],
  ['a = 1\na = 2\n', 'line 2, column 1', 'Defining a key multiple times is invalid'],
  ['# [server\n  b\n', 'line 2, column 4', 'Expected equal (=) token'],
])('%j is broken on %s: %s', (text, place, reason) => {
  expect(refusal(() => read(text)).message).toBe(`deployment.toml, ${place} is not valid TOML: ${reason}.`);
});

describe('whole files are read, each leaf on its line', () => {
  const SAMPLE = `[server]
hostname = "localhost"
#offset = 0
mode = "single"

[super_admin]
username = "admin"
create_admin_account = true

[transport.https.properties]
proxyPort = 443

[[apim.gateway.environment]]
name = "Default"
provider = 'wso2'
service_url = "https://localhost:\${mgt.transport.https.port}/services/"
ws_endpoint = "ws://localhost:9099"
`;
  const folder = process.env['WSO2_CONFIG_CORPUS'];
  const files = folder
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('deployment.toml'))
    : [];
  const samples: [string, string][] = folder
    ? files.map((file) => [file, readFileSync(join(folder, file), 'utf8')])
    : [['a small sample', SAMPLE]];

  test.each(samples)('%s', (_file, text) => {
    const lines = text.split(/\r?\n/);
    for (const { key, value, line } of read(text)) {
      const name = /[^.']+(?='?$)/.exec(key)?.[0];
      const written = lines[line - 1] as string;
      // Backslashes stand doubled in it.
      if (typeof value === 'string' && !value.includes('\\')) expect(written).toContain(value);
      if (!Array.isArray(value)) expect(written).toContain(name);
    }
  });
});
