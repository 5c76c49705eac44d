import { describe, expect, test } from '@jest/globals';
import { JsonError, parseJson } from '../../src/domain/json.js';

test.each(['{}', '[]', ' {"a": [1, -2.5e+3, "x\\u00e9\\n", true, null, {"b": {}}]}\n', '"é"', '0'])(
  '%j is read',
  (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  },
);

function errorIn(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return `${error.line}:${error.column} ${error.reason}`;
  }
  throw new Error('nothing was wrong');
}

describe('what is wrong, and the line and column of the first character that does not fit', () => {
  test.each([
    ['', '1:1 Unexpected end of JSON input'],
    ['{\n', "2:1 Expected property name or '}'"],
    ['{"a": x}', "1:7 Unexpected token 'x'"],
    ['{"a": 1,\n  "b": }', "2:8 Unexpected token '}'"],
    ['{\r\n  "a": 1\r\n  "b": 2\r\n}', "3:3 Expected ',' or '}' after property value"],
    ['{\n  "a": [1, 2 3]\n}', "2:14 Expected ',' or ']' after array element"],
    ['{\n  "a": [1, 2,]\n}', "2:14 Unexpected token ']'"],
    ['{\n  "a": 1,\n}', '3:1 Expected double-quoted property name'],
    ['{"a" 1}', "1:6 Expected ':' after property name"],
    ['{"a": 1}\n{"b": 2}', '2:1 Unexpected non-whitespace character after JSON'],
    [`{"${'a'.repeat(50)}":\n  // a comment\n  1}`, "2:3 Unexpected token '/'"],
    ["{\n  'a': 1}", "2:3 Expected property name or '}'"],
  ])('of %j', (text, error) => {
    expect(errorIn(text)).toBe(error);
  });

  test.each([
    ['{\n "a": "open}\n', 2, 7],
    ['["a\tb"]', 1, 2],
    ['["\\x"]', 1, 2],
    ['["\\N"]', 1, 2],
    ['["\\u12"]', 1, 2],
    ['[01]', 1, 3],
    ['[1.]', 1, 3],
    ['[-]', 1, 2],
    ['[tru]', 1, 2],
    ['[TRUE]', 1, 2],
    ['[NaN]', 1, 2],
  ])('of %j', (text, line, column) => {
    expect(errorIn(text)).toMatch(new RegExp(`^${line}:${column} `));
  });
});

test.each([502, 10_000, 100_000])('%d levels are refused, with the line on which they are too many', (depth) => {
  expect(errorIn(`\n${'['.repeat(depth)}${']'.repeat(depth)}`)).toBe('2:1 a value is nested too deeply');
  expect(errorIn(`\n${'{"a.b":'.repeat(depth)}1${'}'.repeat(depth)}`)).toBe('2:1 a value is nested too deeply');
});

test('500 levels are read', () => {
  const text = `${'[{"a.b":'.repeat(250)}1${'}]'.repeat(250)}`;
  expect(JSON.stringify(parseJson(text))).toBe(text);
});
