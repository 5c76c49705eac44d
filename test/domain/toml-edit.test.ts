import { describe, expect, test } from '@jest/globals';
import { changeOffset } from '../../src/domain/offset-file.js';
import { tomlOffset } from '../../src/domain/toml-edit.js';
import { refusal } from '../support/refusal.js';

const change = (text: string, offset?: number, isForced = false) =>
  changeOffset(tomlOffset, text, 'deployment.toml', { offset, isForced });
const edited = (text: string, offset?: number, isForced?: boolean): string => change(text, offset, isForced).after;

/** In every form that a file may have. */
const FORMS = [
  ['plain', (text: string) => text],
  ['with the line ends of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ['with a byte order mark', (text: string) => `\ufeff${text}`],
  ['with both', (text: string) => `\ufeff${text.replaceAll('\n', '\r\n')}`],
  ['behind characters beyond 16 bits', (text: string) => `# 😀\n${text}`],
] as const;

describe.each(FORMS)('the offset at @ is replaced, %s', (_form, form) => {
  test.each([
    ['under [server]', '[server]\nhostname = "x"\noffset = @\n[a]\noffset = 3\n'],
    ['with blanks and a comment', '[ server ]  # [a]\n\t offset\t=  @\t# offset = 3\n'],
    ['without blanks', '[server]\noffset=@\n'],
    ['without a final line end', '[server]\noffset = @'],
    ['with a quoted key', '["server"]\n\'offset\' = @\n'],
    ['with a dotted key', 'title = "x"\nserver . "offset" = @\n[a]\nb = 1\n'],
    ['in an inline table', 'server = { hostname = "x", offset = @, mode = "y" }\n'],
    [
      'behind a table of that name elsewhere',
      '[a.server]\noffset = 4\n[[b]]\nserver.offset = 4\n[server]\noffset = @\n',
    ],
    [
      'behind texts that look like it',
      'a = """\n[server]\noffset = 4\n"""\nb = \'[server] # offset = 4\'\n[server]\noffset = @\n',
    ],
    ['between lists of several lines', '[server]\na = [\n  # offset = 4\n  1,\n]\noffset = @\nb = [ # offset = 4\n]\n'],
    ['in a section that comes late', '[server.a]\nb = 1\n[c]\n[server]\noffset = @\n[server.d]\n'],
  ])('%s', (_where, template) => {
    const text = form(template.replace('@', '3'));
    const changed = form(template.replace('@', '-17'));
    expect(edited(text, -17)).toBe(changed);
    expect(edited(changed, 3)).toBe(text);
    expect(edited(changed, -17)).toBe(changed);
  });
});

describe.each(FORMS)('where none is set, %s,', (_form, form) => {
  test.each([
    ['a commented one is uncommented', '[server]\nhostname = "x"\n#offset=0\nmode = "y"\n', '#offset=0', 'offset=7'],
    ['with its own blanks', '[server]\n  #  offset\t=  10  # for now\n', '#  offset\t=  10 ', 'offset\t=  7 '],
    ['with its quotes', '[server]\n#"offset" = 0', '#"offset" = 0', '"offset" = 7'],
    ['the first of several', '[server]\n#offset = 1\n#offset = 2\n', '#offset = 1', 'offset = 7'],
    ['a commented text', '[server]\n#offset = "$env{X}"\n', '#offset = "$env{X}"', 'offset = 7'],
    [
      'a dotted one before all sections',
      '# server.offset = 0\na = 1\n[b]\n',
      '# server.offset = 0',
      'server.offset = 7',
    ],
    ['else a line comes behind the header', '[server] # [x]\nhostname = "x"\n', '# [x]\n', '# [x]\noffset = 7\n'],
    ['also behind the last line', 'a = 1\n[server]', '[server]', '[server]\noffset = 7'],
    ['not from another section', '[server]\n[a]\n#offset = 0\n', '[server]\n', '[server]\noffset = 7\n'],
    [
      'not from one that is commented out',
      '[server]\na = 1\n#[b]\n#offset = 0\n',
      '[server]\n',
      '[server]\noffset = 7\n',
    ],
    ['not from a sentence', '[server]\n# offset = 10 is usual\n', '[server]\n', '[server]\noffset = 7\n'],
    ['not from the end of a line', '[server]\na = 1 #offset = 0\n', '[server]\n', '[server]\noffset = 7\n'],
    ['not from within a list', '[server]\na = [\n#offset = 0\n]\n', '[server]\n', '[server]\noffset = 7\n'],
    ['not from a text', '[server]\na = """\n#offset = 0\n"""\n', '[server]\n', '[server]\noffset = 7\n'],
    ['not another key', '[server]\n#offsets = 0\n#my.offset = 0\n', '[server]\n', '[server]\noffset = 7\n'],
    ['a key that is longer does not count', '[server]\noffset-x = 1\n', '[server]\n', '[server]\noffset = 7\n'],
    ['a dotted key gets a neighbour', 'server.a = 1 # b\n[c]\n', '# b\n', '# b\nserver.offset = 7\n'],
    ['else a section is appended', '[a]\nb = 1\n', 'b = 1\n', 'b = 1\n\n[server]\noffset = 7\n'],
    ['also without a final line end', '[a]\nb = 1', 'b = 1', 'b = 1\n\n[server]\noffset = 7'],
    ['also behind a comment', 'a = 1\n# end', '# end', '# end\n\n[server]\noffset = 7'],
    ['but before its own sub-section', '[server.a]\nb = 1\n', '[server.a]', '[server]\noffset = 7\n\n[server.a]'],
  ])('%s', (_what, plain, old, made) => {
    const lineEnd = form('\n').endsWith('\r\n') ? '\r\n' : '\n';
    const text = form(plain);
    // The form puts its own beginning before a text, and nothing into it but line ends.
    const [from, to] = [old, made].map((part) => part.replaceAll('\n', lineEnd)) as [string, string];
    expect(edited(text, 7)).toBe(text.replace(from, () => to));
    expect(edited(text)).toBe(text);
  });
});

test.each([
  ['', '[server]\noffset = 7\n'],
  ['\ufeff', '\ufeff[server]\noffset = 7\n'],
  ['\n', '\n\n[server]\noffset = 7\n'],
  // At the end it would be a table below its own part, which the products' parser does not survive.
  ['# a\n  [server.x]\nb = 1\n', '# a\n[server]\noffset = 7\n\n  [server.x]\nb = 1\n'],
  ['\ufeff[[server.x]]', '\ufeff[server]\noffset = 7\n\n[[server.x]]'],
  ['a = 1\r\n[server."x y".z]\r\n', 'a = 1\r\n[server]\r\noffset = 7\r\n\r\n[server."x y".z]\r\n'],
])('the file %j becomes %j', (text, expected) => {
  expect(edited(text, 7)).toBe(expected);
});

describe.each(FORMS)('an offset is commented out, %s:', (_form, form) => {
  test.each([
    ['under [server]', '[server]\noffset = 3 # x\n', 'offset'],
    ['indented', '[server]\n\t offset=3\n', 'offset'],
    ['dotted', 'a = 1\nserver.offset = 3', 'server'],
    ['quoted', '[server]\n"offset" = 3', '"offset"'],
  ])('%s', (_where, plain, key) => {
    const text = form(plain);
    const without = edited(text);
    const at = text.lastIndexOf(key);
    expect(without).toBe(`${text.slice(0, at)}#${text.slice(at)}`);
    expect(edited(without, 3)).toBe(text);
    expect(edited(without)).toBe(without);
  });
});

test.each([
  '[server]\n# offset = 10\noffset = 3\n',
  '[server]\noffset = 3\n# offset = 10\n',
  '[server]\n#offset = 10\noffset = 3 # ours\n#offset = 3\n',
  '#server.offset = 1\nserver.offset = 3\n',
])('%j has its former bytes when its former offset is set again', (text) => {
  expect(edited(edited(text), 3)).toBe(text);
  expect(edited(edited(text, 7), 3)).toBe(text);
});

test('a comment within a list is no offset', () => {
  const text = '[server]\na = [\n#offset = 0\n]\n';
  expect(edited(text, 3)).toBe('[server]\noffset = 3\na = [\n#offset = 0\n]\n');
});

test('it is told what stood where', () => {
  const text = '[server]\na = """\n\n"""\n#offset = 0\n';
  expect(change(text, 7)).toMatchObject({ from: undefined, to: { text: '7', integer: 7, line: 5 } });
  expect(change(edited(text, 7))).toMatchObject({ from: { text: '7', integer: 7, line: 5 }, to: undefined });
  expect(change('a = 1', 7).to).toEqual({ text: '7', integer: 7, line: 4 });
});

test('a 0 at the very end is replaced as well', () => {
  expect(edited('[server]\noffset = 0', 12)).toBe('[server]\noffset = 12');
});

test.each(['0x11', '1_7', '+17', '0b10001'])('%s is 17 already, and can be replaced', (written) => {
  const text = `[server]\noffset = ${written}\n`;
  expect(edited(text, 17)).toBe(text);
  expect(edited(text, 18)).toBe('[server]\noffset = 18\n');
});

describe('what is no integer is replaced only where that is forced', () => {
  test.each([
    '"3"',
    "'''3'''",
    '3.0',
    '1e1',
    '"$env{OFFSET}"',
    "'$ref{a.b}'",
    'true',
    '[3]',
    '1979-05-27',
    'inf',
    '99999999999999999999',
  ])('%s', (written) => {
    const text = `[server]\noffset = ${written} # x\n`;
    const expected = {
      code: 3,
      message: `deployment.toml, line 2: the offset is ${written}, not a plain integer.`,
      hint: 'Somebody had a reason for that; --force replaces it all the same.',
    };
    expect(refusal(() => edited(text, 3))).toEqual(expected);
    expect(refusal(() => edited(text))).toEqual(expected);
    expect(edited(text, 3, true)).toBe('[server]\noffset = 3 # x\n');
    expect(edited(text, undefined, true)).toBe(`[server]\n#offset = ${written} # x\n`);
  });
});

describe('refused is', () => {
  const FORM = "deployment.toml has its server's settings in a form that can't be edited here: ";
  test.each<[string, string, number | undefined, string]>([
    [
      'to comment out a part of a line',
      'a = 1\nserver = { a = 1, offset = 3 }\n',
      undefined,
      'deployment.toml, line 2: the offset stands in an inline table',
    ],
    [
      'to comment out several lines',
      '[server]\noffset = """\n3"""\n',
      undefined,
      `${FORM}with that, deployment.toml, line 3`,
    ],
    ['a list of tables', '[[server]]\noffset = 3\n', 7, `${FORM}with that, deployment.toml`],
    ['a number in its place', 'server = 3\n', 7, `${FORM}with that, deployment.toml`],
    ['an inline table without it', 'server = { a = 1 }\n', 7, `${FORM}with that, deployment.toml`],
    ['a table under its name', '[server]\noffset.a = 3\n', 7, `${FORM}with that, deployment.toml`],
    ['an inline table under its name', '[server]\noffset = { a = 3 }\n', 7, `${FORM}that would change something else`],
    ['a section under its name', '[server.offset]\na = 3\n', 7, `${FORM}with that, deployment.toml`],
    [
      'a section that is written twice',
      '[server]\n[a]\n[server]\n',
      7,
      'deployment.toml, line 3: "[server]" sets server a second time, after line 1 ("[server]")',
    ],
    [
      'a broken line',
      '[server]\noffset = = 3\n',
      7,
      'deployment.toml, line 2, column 10: the server\'s parser refuses "offset = = 3"',
    ],
  ])('%s', (_what, text, offset, message) => {
    const found = refusal(() => edited(text, offset, true));
    expect(found.code).toBe(3);
    expect(found.message).toContain(message);
  });
});

test('a file of 5 MB is edited in one place', () => {
  const line = `# ${'a comment with [server] and offset = 3 in it '.repeat(40)}\n`;
  const before = `${line.repeat(1_400)}[server]\n#offset = 0\n`;
  const after = `${line.repeat(1_400)}`;
  expect(before.length).toBeGreaterThan(2_500_000);
  expect(edited(before + after, 5) === `${before.replace('#offset = 0', 'offset = 5')}${after}`).toBe(true);
});

test('many pairs and many comments in one section take no longer than they must', () => {
  const lines = Array.from({ length: 40_000 }, (_, index) => `key${index} = ${index}\n# comment\n`).join('');
  expect(edited(`[server]\n${lines}`, 5) === `[server]\noffset = 5\n${lines}`).toBe(true);
}, 30_000);
