import { describe, expect, test } from '@jest/globals';
import { inWords, printable, printableJson, Words } from '../../src/domain/words.js';

describe('foreign text', () => {
  test.each([
    ['a line feed', 'a\nb', 'a\\nb'],
    ['a carriage return', 'a\rb', 'a\\rb'],
    ['a tab', 'a\tb', 'a\\tb'],
    ['a control sequence', '\u001b[2J', '\\u001b[2J'],
    ['one of a single character', '\u009b2J', '\\u009b2J'],
    ['a bell', '\u0007', '\\u0007'],
    ['delete', '\u007f', '\\u007f'],
    ['a next line', 'a\u0085b', 'a\\u0085b'],
    ['separators of lines and paragraphs', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['overrides of direction', '\u202egnp.exe\u202c', '\\u202egnp.exe\\u202c'],
    ['isolates of direction', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['a command of a CI', 'x ##[error]y ##vso[task.z]', 'x \\u0023#[error]y \\u0023#vso[task.z]'],
  ])('%s is shown escaped', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test.each(['Zoë', '日本語', 'العربية', 'می‌خواهم', '👩‍💻', 'C:\\new', '## a heading', "it's"])('%s stays', (text) => {
    expect(printable(text)).toBe(text);
  });
});

test('whatever is put into words is made printable, and only that', () => {
  const red = Words.exactly('\u001b[31mred\u001b[39m');
  expect(String(inWords`${'a\nb'} is ${red}:\n${7}`)).toBe('a\\nb is \u001b[31mred\u001b[39m:\n7');
});

test.each([
  ['\tat java.base/X', '\tat java.base/X'],
  ['  ::add-path::/tmp', '  \\u003a:add-path::/tmp'],
  ['std::vector', 'std::vector'],
  ['a\u001b]0;b\u0007', 'a\\u001b]0;b\\u0007'],
])('a quoted line %j is shown as %j', (line, shown) => {
  expect(String(Words.quote(line))).toBe(shown);
});

test('JSON keeps its value, and holds nothing that a terminal would obey', () => {
  const value = { home: '/a\n\u001b\u007f\u009b\u202e\u2028', list: ['ö'] };
  const text = String(printableJson(JSON.stringify(value, null, 2)));
  expect(JSON.parse(text)).toEqual(value);
  expect(text).toContain('"/a\\n\\u001b\\u007f\\u009b\\u202e\\u2028"');
});
