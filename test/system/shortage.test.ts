import { expect, test } from '@jest/globals';
import { rethrowShortage } from '../../src/system/shortage.js';

test.each(['EMFILE', 'ENFILE', 'ENOMEM'])('%s says nothing of what it was met at', (code) => {
  const error = Object.assign(new Error(code), { code });
  expect(() => rethrowShortage(error)).toThrow(error);
});

test.each([Object.assign(new Error('ENOENT'), { code: 'ENOENT' }), new Error('boom'), undefined])(
  '%s is for its finder to judge',
  (error) => {
    expect(() => rethrowShortage(error)).not.toThrow();
  },
);
