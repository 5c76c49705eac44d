import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { flatten, readToml } from '../../src/domain/toml.js';
import { refusal } from '../support/refusal.js';

const read = (text: string) => flatten(text, 'deployment.toml');

const AT_LINE_END = 'is missing before the end of the line';

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

test('a text that stands for a number with a point, or for a date, says so', () => {
  expect(read('a = 3.0\nb = 1979-05-27\nc = 1.5\nd = "3.0"\n')).toEqual([
    { key: 'a', value: '3.0', line: 1, type: 'float' },
    { key: 'b', value: '1979-05-27', line: 2, type: 'date' },
    { key: 'c', value: 1.5, line: 3 },
    { key: 'd', value: '3.0', line: 4 },
  ]);
});

test.each([
  ['[[a]]\n', [{ key: 'a', value: [{}], line: 1 }]],
  ['[[a]]\n[[a]]\nb = 1\n', [{ key: 'a.b', value: 1, line: 3, element: 'a[1].b' }]],
  ['a = [{}, {}]\n', [{ key: 'a', value: [{}, {}], line: 1 }]],
])('a list of empty tables is a leaf by itself: %j', (text, leaves) => {
  expect(read(text)).toEqual(leaves);
});

describe('one leaf, however it is written', () => {
  test.each<[string, string, unknown, number]>([
    ['an integer', '[server]\noffset = 3\n', 3, 2],
    ['negative', '[server]\noffset = -5\n', -5, 2],
    ['hexadecimal', '[server]\noffset = 0x10\n', 16, 2],
    ['text', '[server]\nhostname = "x"\noffset = "3"\n', '3', 3],
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

describe('a malformed file is refused with its line, its column and what stands there', () => {
  test.each<[what: string, text: string, place: string, line: string, reason: string]>([
    ['a value is missing', '[server]\noffset = =\n', '2, column 10', 'offset = =', 'a value is missing before "="'],
    [
      'the same with the line ends of Windows',
      '[server]\r\n\r\noffset = =\r\n',
      '3, column 10',
      'offset = =',
      'a value is missing before "="',
    ],
    ['a line without a value', 'offset =\n  x = 1\n', '1, column 9', 'offset =', `a value ${AT_LINE_END}`],
    ['two words', 'a b\n', '1, column 3', 'a b', '"=" is missing before "b"'],
    ['a word alone', '[server]\noffset\nx = 1\n', '2, column 7', 'offset', `"=" ${AT_LINE_END}`],
    [
      'the same with nothing behind it',
      '# [server\n  b',
      '2, column 4',
      'b',
      '"=" is missing before the end of the file',
    ],
    ['a key that ends with a dot', '[server]\na.b.\nx = 1\n', '2, column 5', 'a.b.', `a key ${AT_LINE_END}`],
    ['no key', 'a = 1\n= 1\n', '2, column 1', '= 1', 'a key is missing before "="'],
    ['an open bracket', 'a = 1\n[server\n\n  # a note\noffset = 1\n', '2, column 8', '[server', `"]" ${AT_LINE_END}`],
    ['the same with the line ends of Windows', '[server\r\na = 1\r\n', '1, column 8', '[server', `"]" ${AT_LINE_END}`],
    ['two open brackets', '[[server]\n  offset = 1\n', '1, column 9', '[[server]', '"]]" is missing before "]"'],
    ['no name between brackets', 'a = 1\n[ ]\n', '2, column 1', '[ ]', 'the name of a table is missing'],
    ['an open list', 'a = [1\nb = 2\n', '1, column 7', 'a = [1', `"," or "]" ${AT_LINE_END}`],
    ['an open table', 'a = { b = 1,\nc = 2 }\n', '1, column 13', 'a = { b = 1,', `a key ${AT_LINE_END}`],
    ['an open text', 'x = "abc', '1, column 9', 'x = "abc', 'the text that begins with " is not closed'],
    ['a word for a value', 'offset = é\n', '1, column 10', 'offset = é', 'a value is missing before "é"'],
    ['two values', 'offset = 1 2\n', '1, column 12', 'offset = 1 2', 'the end of the line is missing before "2"'],
    ['a text behind a text', 'x = "a"b\n', '1, column 8', 'x = "a"b', 'the end of the line is missing before "b"'],
  ])('%s', (_what, text, place, line, reason) => {
    expect(refusal(() => read(text))).toEqual({
      code: 3,
      message: `deployment.toml, line ${place}: the server's parser refuses "${line}": ${reason}.`,
      hint: 'The server would end with this file; mend that line.',
    });
  });

  test.each<[text: string, shown: string]>([
    ['password = "ab', 'password = ***'],
    ['[keystore]\nx = { key_password = "ab", b = }', 'x = ***'],
    ['[encryption]\nkey = 0a1b2c', 'key = ***'],
    ['[secrets]\nadmin = ab', 'admin = ***'],
    ['[a]\npassword "ab"', '***'],
    ['[a]\nurl = "jdbc:x?user=a;password=ab" 1', 'url = ***'],
    ['x = ghp_0123456789abcdef', 'x = ***'],
    ['x = "\u001b[31m" 1', 'x = "\ufffd[31m" 1'],
    [`x = ${'1'.repeat(120)} 2`, `x = ${'1'.repeat(96)}…`],
  ])('of %j no more is shown than %j', (text, shown) => {
    expect(refusal(() => read(text)).message).toContain(`the server's parser refuses "${shown}": `);
  });
});

describe('a key that is there already is named, with the place where it stood first', () => {
  const KEEP_ONE = 'The server would end with this file; keep only one of them.';
  const PUT_TOGETHER =
    'The server would end with this file; put the keys of both places together, below one of the two headers.';
  const RENAME = 'The server would end with this file; give one of them another name.';
  test.each<[what: string, text: string, message: string, hint: string]>([
    [
      'in a section',
      '[server]\noffset = 3\n\noffset = 4\n',
      'line 4: "offset = 4" sets server.offset a second time, after line 2 ("offset = 3")',
      KEEP_ONE,
    ],
    [
      'with dots, and quoted',
      'a."b c" = 1\n"a".\'b c\' = 2\n',
      'line 2: ""a".\'b c\' = 2" sets a.\'b c\' a second time, after line 1 ("a."b c" = 1")',
      KEEP_ONE,
    ],
    ['in an inline table', 'a = { b = 1, b = 2 }\n', 'line 1: "a = { b = 1, b = 2 }" sets a.b a second time', KEEP_ONE],
    [
      'a section',
      '[server]\na = 1\n[b]\n[server]\n',
      'line 4: "[server]" sets server a second time, after line 1 ("[server]")',
      PUT_TOGETHER,
    ],
    ['a list of tables', '[[a]]\n[a]\n', 'line 2: "[a]" sets a a second time, after line 1 ("[[a]]")', PUT_TOGETHER],
    ['a list', 'a = [1]\n[[a]]\n', 'line 2: "[[a]]" sets a a second time, after line 1 ("a = [1]")', PUT_TOGETHER],
    [
      'a value that is no table',
      'a = 1\n[a.b]\n',
      'line 2: a is no table: line 1 ("a = 1") sets it already, and "[a.b]" would put something into it',
      RENAME,
    ],
    [
      'the same with dots',
      '[a]\nb = 1\nb.c = 2\n',
      'line 3: a.b is no table: line 2 ("b = 1") sets it already, and "b.c = 2" would put something into it',
      RENAME,
    ],
    [
      'a secret',
      '[a]\npassword = "x"\npassword = "y"\n',
      'line 3: "password = ***" sets a.password a second time, after line 2 ("password = ***")',
      KEEP_ONE,
    ],
  ])('%s', (_what, text, message, hint) => {
    const found = refusal(() => read(text));
    expect(found.message).toContain(`deployment.toml, ${message}`);
    expect(found).toMatchObject({ code: 3, hint });
  });
});

describe('a table below a part of itself is refused, which the products’ parser does not survive', () => {
  test.each<[text: string, line: number, table: string, first: string, hint: string]>([
    ['[a.b]\nc = 1\n\n[a]\n', 4, 'a', 'line 1 ("[a.b]")', 'Move [a], with its lines, above line 1.'],
    [
      '[x]\n[a."b c".d]\n[a.\'b c\']\n',
      3,
      "a.'b c'",
      'line 2 ("[a."b c".d]")',
      "Move [a.'b c'], with its lines, above line 2.",
    ],
    ['[[a.b]]\n[a]\n', 2, 'a', 'line 1 ("[[a.b]]")', 'Move [a], with its lines, above line 1.'],
    ['[[a]]\n[a.b.c]\n[a.b]\n', 3, 'a.b', 'line 2 ("[a.b.c]")', 'Move [a.b], with its lines, above line 2.'],
    [
      '[a]\nb.c = 1\n[a.b]\nd = 2\n',
      3,
      'a.b',
      'line 2 ("b.c = 1")',
      'Write its keys in one way: all with dots, as on line 2, or all below [a.b].',
    ],
    [
      'a = {}\n[a]\nd = 2\n',
      2,
      'a',
      'line 1 ("a = {}")',
      'Write its keys in one way: all with dots, as on line 1, or all below [a].',
    ],
  ])('%j', (text, line, table, first, hint) => {
    expect(refusal(() => read(text))).toEqual({
      code: 3,
      message: `deployment.toml, line ${line}: [${table}] stands below a part of it, ${first}, which the server's parser does not survive.`,
      hint,
    });
  });
});

// Each verdict of these two tables is that of cava 0.5.0 and config-mapper 1.0.22, from kernel 4.10.32 on JDK 17.
describe('what the products refuse is refused, whether or not TOML has it', () => {
  test.each<[text: string, reason: string]>([
    ['a = [1, "x"]\n', 'a list holds a value of type integer and one of type string'],
    ['a = [[1], [1, 2.0]]\n', 'a list holds a value of type integer and one of type float'],
    ['a = { b = [[1], true] }\n', 'a list holds a value of type list and one of type boolean'],
    ['a = [1979-05-27 , 07:32:00 ]\n', 'a list holds a value of type date and one of type time'],
    ['a = ["x", "\t"]\n', 'a text in double quotes holds a tab'],
    ['a = """\n\t"""\n', 'a text in double quotes holds a tab'],
    ['a = """a "b""""\n', 'the text that begins with " is not closed'],
    ["a = '''a 'b''''\n", "the text that begins with ' is not closed"],
    ['n = 99999999999999999999\n', '99999999999999999999 is a number beyond 64 bits'],
    ['n = 0xffffffffffffffff\n', '0xffffffffffffffff is a number beyond 64 bits'],
    ['n = 1e06\n', 'the end of the line is missing before "6"'],
    ['n = 1e400\n', '1e400 is too large a number'],
    ['n = 1e-400\n', '1e-400 is too small a number'],
    ['d = [1979-05-27]\n', '"," or "]" is missing before'],
    ['a = [1\n, 2]\n', '"," or "]" is missing before the end of the line'],
    ['a = { b = [] }\n', 'it loses its place behind a list that is empty or ends with a comma'],
    ['a = { b = [1,] }\n', 'it loses its place behind a list that is empty or ends with a comma'],
    ['a = [[],[]]\nb = 1\n', 'it loses its place behind a list that is empty or ends with a comma'],
    ['"a\'b" = 1\n', 'a key holds a quote'],
    ['[secrets]\nx = 5\n', '[secrets] has to be a table of texts'],
    ['[runtime_secrets]\nenable = true\n', '[runtime_secrets] has to be a table of texts'],
    ['secrets = "x"\n', '[secrets] has to be a table of texts'],
    ['[[secrets.a]]\n', '[secrets] has to be a table of texts'],
    ['a = 1979-02-29\n', '1979-02-29 is no date or time'],
    ['a = 24:00:00\n', '24:00:00 is no date or time'],
    ['a = 1979-05-27T00:00:00+19:00\n', 'is no date or time'],
    ['a = 007\n', 'the end of the line is missing before "07"'],
    ['a = +0x1\n', 'the end of the line is missing before "x1"'],
    ['a = "\\q"\n', '\\q in a text stands for nothing'],
    ['a = "\\u12"\n', '\\u in a text stands for nothing'],
    ['a = "\\U00110000"\n', '\\U00110000 in a text stands for nothing'],
    ["a = '\u0001'\n", 'a text holds the control character U+0001'],
    ['a = 1\rb = 2\n', 'the end of the line is missing before'],
    ['é = 1\n', 'a key is missing before "é"'],
  ])('%j', (text, reason) => {
    const { code, message } = refusal(() => read(text));
    expect(code).toBe(3);
    expect(message).toContain("the server's parser refuses");
    expect(message).toContain(reason);
  });
});

describe('what the products take is taken, whether or not TOML has it', () => {
  test.each<[text: string, leaves: Readonly<Record<string, unknown>>]>([
    ['# caf\ufffd \u0007 \r \ud800 \u0000\na = 1 # \u007f\n', { a: 1 }],
    ['a = "caf\ufffd"\n', { a: 'caf\ufffd' }],
    ["a = '\t'\nb =\t1 #\t\n", { a: '\t', b: 1 }],
    ['a = "\\t\\"\\\\\\u00e9\\U0001F600"\n', { a: '\t"\\é😀' }],
    ['a = """\r\nx\r\n"y" ""z"""\n', { a: 'x\n"y" ""z' }],
    // A line that goes on behind a backslash keeps its end, and the next one its blanks.
    ['a = """x \\ \t\n  y"""\n', { a: 'x \n  y' }],
    ["a = '''\n'x' ''\\q'''\n", { a: "'x' ''\\q" }],
    ['a = ""\nb = \'\'\nc = """"""\n', { a: '', b: '', c: '' }],
    ['a = +3\nb = -0\nc = 1_0\nd = 0x1F\ne = 0o17\nf = 0b101\n', { a: 3, b: 0, c: 10, d: 31, e: 15, f: 5 }],
    ['a = 9223372036854775807\n', { a: '9223372036854775807' }],
    ['a = 1.5\nb = -1e3\nc = inf\nd = 0e5\n', { a: 1.5, b: '-1000.0', c: Number.POSITIVE_INFINITY, d: '0.0' }],
    ['a = 2000-02-29 10:11:12.5\nb = 07:32:00\n', { a: '2000-02-29 10:11:12.5', b: '07:32:00' }],
    ['a = [1979-05-27 ]\n', { a: ['1979-05-27'] }],
    ['a = [ # x\n 1,\n\n 2, # y\n]\nb = []\nc = 1\n', { a: [1, 2], b: [], c: 1 }],
    ['a = [[],[]]\n\nb = 1\n', { a: [[], []], b: 1 }],
    ['a = [[1], ["x"]]\nb = [{ c = 1 }, { c = "x" }]\n', { a: [[1], ['x']], 'b.c': 'x' }],
    // A table that is written in one line may have more keys elsewhere.
    ['a = { b = 1 }\na.c = 2\n', { 'a.b': 1, 'a.c': 2 }],
    ['[a]\n[a.b]\n[a.b.c]\nd = 1\n', { 'a.b.c.d': 1 }],
    ['[a.b]\nx = 1\n[a.c]\nx = 2\n', { 'a.b.x': 1, 'a.c.x': 2 }],
    ['[[a]]\n[a.b.c]\n[[a]]\n[a.b]\nx = 1\n', { 'a.b.x': 1 }],
    ['"" = 1\n"a b" . c = 2\n', { "''": 1, "'a b'.c": 2 }],
    // The products look for such a key by another name.
    ['"caf\u00e9" = 1\n', { "'caf\u00e9'": null }],
    [
      '[runtime_secrets]\nenable = "true"\n[secrets.a]\nb = "x"\n',
      { 'runtime_secrets.enable': 'true', 'secrets.a.b': 'x' },
    ],
  ])('%j', (text, leaves) => {
    expect(Object.fromEntries(read(text).map(({ key, value }) => [key, value]))).toEqual(leaves);
  });
});

test.each(['\udcff\udcfea\u0000', '\udcfe\udcff\u0000a'])('%j is told to be UTF-16', (text) => {
  expect(refusal(() => read(text))).toEqual({
    code: 3,
    message: "deployment.toml is written in UTF-16, which the server's parser can't read.",
    hint: 'Save it as UTF-8 (in Notepad: UTF-8, neither UTF-16 nor UTF-8 with BOM).',
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
