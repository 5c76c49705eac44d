import { expect, test } from '@jest/globals';
import { judgeBirth } from '../../src/doctor/birth-offset.js';
import type { BirthLook } from '../../src/launch/birth.js';
import { inspectedHome } from '../support/fake-home.js';
import { inWords } from '../support/findings.js';

const KNOWN: BirthLook = { kind: 'known', birth: { offset: 1 } };
const elsewhere =
  'warning birth-offset: The database of this home was first started at offset 1, not 0: what was written into it then keeps the ports of then (console https://localhost:9444/carbon). → --sticky takes offset 1.';

test.each<[what: string, look: BirthLook, offset: number, words: readonly string[]]>([
  ['that nobody knows', { kind: 'unknown' }, 0, []],
  ['of no server yet', { kind: 'unborn' }, 0, []],
  ['of this launch as well', KNOWN, 1, ['ok birth-offset']],
  ['of another', KNOWN, 0, [elsewhere]],
])('an offset %s', (_what, look, offset, words) => {
  expect(judgeBirth(look, offset, inspectedHome('server')).map(inWords)).toEqual(words);
});
