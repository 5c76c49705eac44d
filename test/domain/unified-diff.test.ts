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
