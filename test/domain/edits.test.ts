import { expect, test } from '@jest/globals';
import { applyEdits } from '../../src/domain/edits.js';

test('edits are given in places of the text as it was, in any order', () => {
  const edits = [
    { offset: 4, length: 2, content: 'longer' },
    { offset: 0, length: 1, content: '' },
    { offset: 7, length: 0, content: '!' },
  ];
  expect(applyEdits('ab\r\ncdé', edits)).toBe('b\r\nlongeré!');
});

test('without an edit a text stays as it is', () => {
  expect(applyEdits('a\r\nb', [])).toBe('a\r\nb');
});
