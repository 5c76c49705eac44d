import { expect, test } from '@jest/globals';
import { changeOffset, type OffsetFormat } from '../../src/domain/offset-file.js';
import { refusal } from '../support/refusal.js';

/** A text that is nothing but its offset, by a parser that is wrong about where it ends. */
const wrong: OffsetFormat = (text) => ({
  written: { text, integer: Number(text), line: 1 },
  set: (offset) => [{ offset: 0, length: 0, content: String(offset) }],
  unset: () => [{ offset: 0, length: 0, content: '0' }],
  rest: () => null,
});

test.each([7, undefined])('an edit that would not give the offset %s is refused', (offset) => {
  expect(refusal(() => changeOffset(wrong, '3', 'a', { offset, isForced: false }))).toEqual({
    code: 3,
    message:
      "a has its server's settings in a form that can't be edited here: the offset there would not be what was asked for.",
    hint: 'Nothing was changed; edit the file by hand.',
  });
});
