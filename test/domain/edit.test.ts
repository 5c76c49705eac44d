import { expect, test } from '@jest/globals';
import { applyEdits, type Edit } from '../../src/domain/edit.js';

test.each<[string, readonly Edit[], string]>([
  ['none', [], 'one two'],
  ['one that replaces', [{ offset: 4, length: 3, content: '2' }], 'one 2'],
  ['one that inserts', [{ offset: 3, length: 0, content: ' and' }], 'one and two'],
  ['one that takes away', [{ offset: 0, length: 4, content: '' }], 'two'],
  [
    'several, in any order',
    [
      { offset: 0, length: 3, content: 'three' },
      { offset: 7, length: 0, content: '.' },
      { offset: 4, length: 3, content: 'four' },
    ],
    'three four.',
  ],
])('%s', (_what, edits, expected) => {
  expect(applyEdits('one two', edits)).toBe(expected);
});
