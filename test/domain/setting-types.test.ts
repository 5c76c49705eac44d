import { expect, test } from '@jest/globals';
import { typeDoubt } from '../../src/domain/setting-types.js';

test.each<[before: unknown, value: unknown, was: string, is: string]>([
  [0, 'three', 'a number', 'a text'],
  ['50', 'many', 'a number', 'a text'],
  [1, true, 'a number', 'true or false'],
  [true, 'maybe', 'true or false', 'a text'],
  ['false', 3, 'true or false', 'a number'],
  [[1], 1, 'a list', 'a number'],
  ['a', ['a'], 'a text', 'a list'],
])('%j in the place of it: %j', (before, value, was, is) => {
  expect(typeDoubt({ by: '--set', key: 'a.b', before, value, file: 'f.toml' })).toEqual([
    `--set gives a.b ${is}, and f.toml has ${was} there: the server may refuse it.`,
  ]);
});

test.each<[before: unknown, value: unknown]>([
  [0, 5],
  ['50', 60],
  [1.5, '2'],
  [true, 'FALSE'],
  ['a', 3],
  ['a', true],
  ['', 3],
  [undefined, 3],
  [null, 'x'],
  [3, '$env{PORT}'],
  [3, '${sys:port}'],
  [[1], []],
])('%j in the place of it is no reason to doubt: %j', (before, value) => {
  expect(typeDoubt({ by: '--set', key: 'a.b', before, value, file: 'f.toml' })).toEqual([]);
});
