import { expect, test } from '@jest/globals';
import { unifiedDiff } from '../../src/domain/unified-diff.js';

test.each<[string, string, string, readonly string[]]>([
  ['nothing', 'a\n', 'a\n', []],
  ['a line in the middle', 'a\nb\nc\nd\ne\n', 'a\nb\nx\nd\ne\n', ['@@ -2,3 +2,3 @@', ' b', '-c', '+x', ' d']],
  ['the first line', 'a\nb\nc\n', 'x\nb\nc\n', ['@@ -1,2 +1,2 @@', '-a', '+x', ' b']],
  ['an added line', 'a\nb\nc\n', 'a\nx\nb\nc\n', ['@@ -1,2 +1,3 @@', ' a', '+x', ' b']],
  ['an added line like its neighbours', 'a\na\n', 'a\na\na\n', ['@@ -2,1 +2,2 @@', ' a', '+a']],
  [
    'lines apart',
    'a\nb\nc\nd\ne\nf\n',
    'a\nx\nc\nd\ne\ny\n',
    ['@@ -1,3 +1,3 @@', ' a', '-b', '+x', ' c', '@@ -5,2 +5,2 @@', ' e', '-f', '+y'],
  ],
  [
    'lines near one another',
    'a\nb\nc\nd\ne\n',
    'x\nb\nc\ny\ne\n',
    ['@@ -1,5 +1,5 @@', '-a', '+x', ' b', ' c', '-d', '+y', ' e'],
  ],
  ['lines at the end', 'a\n', 'a\n\nx\n', ['@@ -1,1 +1,3 @@', ' a', '+', '+x']],
  ['lines in an empty file', '', 'x\n', ['@@ -0,0 +1,1 @@', '+x']],
  ['line ends of Windows', 'a\r\nb\r\n', 'a\r\nx\r\n', ['@@ -1,2 +1,2 @@', ' a\r', '-b\r', '+x\r']],
  [
    'no final line end',
    'a\nb',
    'a\nx',
    ['@@ -1,2 +1,2 @@', ' a', '-b', '\\ No newline at end of file', '+x', '\\ No newline at end of file'],
  ],
])('%s', (_what, before, after, lines) => {
  const header = ['--- a.toml', '+++ a.toml'];
  expect(unifiedDiff('a.toml', before, after).split('\n')).toEqual(lines.length > 0 ? [...header, ...lines, ''] : ['']);
});

test('lines that move others are told apart, each at its own place', () => {
  const before = 'a\nb\nc\nd\ne\nf\ng\nh\n';
  const after = 'a\nnew\nb\nc\nd\ne\ng\nx\n';
  expect(unifiedDiff('f', before, after).split('\n').slice(2)).toEqual([
    '@@ -1,2 +1,3 @@',
    ' a',
    '+new',
    ' b',
    '@@ -5,4 +6,3 @@',
    ' e',
    '-f',
    ' g',
    '-h',
    '+x',
    '',
  ]);
});

test('with more context', () => {
  const lines = unifiedDiff('f', 'a\nb\nc\nd\ne\n', 'a\nb\nc\nd\nx\n', { context: 3 }).split('\n').slice(2);
  expect(lines).toEqual(['@@ -2,4 +2,4 @@', ' b', ' c', ' d', '-e', '+x', '']);
});

test('lines of which only the masked part differs differ', () => {
  const mask = (text: string): string => text.replaceAll(/=.*/g, '=***');
  const lines = unifiedDiff('f', 'a=1\nb=2\n', 'a=1\nb=3\n', { mask }).split('\n').slice(2);
  expect(lines).toEqual(['@@ -1,2 +1,2 @@', ' a=***', '-b=***', '+b=***', '']);
});

test('texts that have little in common are told from end to end', () => {
  const long = (word: string): string => Array.from({ length: 2_500 }, (_, index) => `${word}${index}\n`).join('');
  const diff = unifiedDiff('f', `${long('a')}same\n${long('b')}`, `${long('c')}same\n${long('d')}`);
  expect(diff.split('\n')[2]).toBe('@@ -1,5001 +1,5001 @@');
});
