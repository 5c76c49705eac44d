import { describe, expect, test } from '@jest/globals';
import { inSetOrder, JavaMap, listHash, textHash } from '../../src/domain/java-map.js';

const keysOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `transport.k${(index * 7) % count}.listener.p${index}`);

/** The places of some texts in the order in which they were put. */
const placesIn = (put: readonly string[], walked: readonly string[]): string =>
  walked.map((key) => put.indexOf(key)).join(' ');

// Each as Java 17 and 25 have walked their own.
describe.each([
  [3, '1 2 0', '1 2 0', '5 4 3 1 2 0', '1 0 2'],
  [6, '1 2 5 4 3 0', '5 4 1 2 3 0', '1 2 11 10 9 5 8 7 6 4 3 0', '5 4 1 0 3 2'],
  [
    12,
    '5 9 10 7 2 6 0 1 11 3 8 4',
    '1 5 9 10 11 7 2 3 8 6 4 0',
    '5 9 10 21 7 20 19 18 2 17 16 15 6 0 1 11 23 22 3 8 14 13 12 4',
    '1 4 7 10 3 6 9 5 0 8 11 2',
  ],
  [
    13,
    '4 2 8 11 7 9 0 1 3 5 10 12 6',
    '4 2 8 11 7 9 0 1 3 5 10 12 6',
    '11 1 10 24 23 25 12 6 22 21 4 20 19 2 18 17 8 16 7 9 0 3 5 15 14 13',
    '6 1 5 9 8 3 7 10 12 0 4 11 2',
  ],
])('%i keys', (count, filled, filledSince19, refilled, paths) => {
  const keys = keysOf(count);

  test.each([
    ['17', false, filled],
    ['25', true, filledSince19],
  ])('of a map of JDK %s that is filled, and filled with more', (_jdk, isSince19, first) => {
    const map = new JavaMap(isSince19);
    expect(placesIn(keys, map.fill(keys))).toBe(first);
    const more = [...keys, ...keys.map((_, index) => `x.y${index}`)];
    expect(placesIn(more, map.fill(more))).toBe(refilled);
  });

  test('of a set of lists', () => {
    const walked = inSetOrder(keys, (key) => listHash(key.split('.')));
    expect(placesIn(keys, walked)).toBe(paths);
  });
});

test('hashes are those of Java, which may be the same for two texts', () => {
  expect(['FB', 'Ea', 'é😀', ''].map(textHash)).toEqual([2236, 2236, 1996812, 0]);
  expect(listHash(['a', 'bc'])).toBe(7105);
  expect(inSetOrder(['Ea', 'FB'], textHash)).toEqual(['Ea', 'FB']);
  expect(inSetOrder(['FB', 'Ea'], textHash)).toEqual(['FB', 'Ea']);
});

test('an empty map has no keys, and may be filled', () => {
  const map = new JavaMap(true);
  expect(map.fill([])).toEqual([]);
  expect(map.fill(['a'])).toEqual(['a']);
});
