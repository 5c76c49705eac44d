import { expect, test } from '@jest/globals';
import { compareVersions, isSince, parseVersion, type Version } from '../../src/domain/version.js';

test.each<[string, Version]>([
  ['3.2', [3, 2]],
  ['4.5.0', [4, 5, 0]],
  ['v4.4.0-alpha', [4, 4, 0]],
  ['4.10.101', [4, 10, 101]],
])('%s is version %j', (text, version) => {
  expect(parseVersion(text)).toEqual(version);
});

test.each(['', 'v4', 'unreleased', '.5'])('"%s" holds no version', (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

test('versions are ordered by number, not by text', () => {
  const versions: Version[] = [
    [4, 10],
    [3, 2],
    [10, 0],
    [4, 9],
  ];
  expect(versions.sort(compareVersions)).toEqual([
    [3, 2],
    [4, 9],
    [4, 10],
    [10, 0],
  ]);
  expect(compareVersions([4, 2], [4, 2])).toBe(0);
});

test('the patch counts where both name one', () => {
  expect(compareVersions([4, 6, 1], [4, 6, 2])).toBeLessThan(0);
  expect(compareVersions([4, 10], [4, 6, 2])).toBeGreaterThan(0);
  expect([compareVersions([4, 6, 1], [4, 6]), compareVersions([4, 6], [4, 6, 1])]).toEqual([0, 0]);
});

test.each([
  ['2.7.5', '2.7.5', true],
  ['2.7.10', '2.7.5', true],
  ['2.8', '2.7.5', true],
  ['3', '2.7.5', true],
  ['2.7.4', '2.7.5', false],
  ['2.7', '2.7.5', false],
  ['1.9.9', '2.7.5', false],
])('%s since %s: %j', (version, other, expected) => {
  expect(isSince(version, other)).toBe(expected);
});
