import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeDiskSpace } from '../../src/doctor/disk-space.js';
import { Examination } from '../support/examination.js';
import { inWords, troubles } from '../support/findings.js';

const MIB = 2 ** 20;

test.each<[what: string, free: number | undefined, words: string]>([
  ['enough space', 256 * MIB, 'ok disk-space'],
  [
    'too little space',
    256 * MIB - 1,
    'warning disk-space: Only 255 MiB are free for /am. → Make room there: df -h /am',
  ],
  [
    'untold space',
    undefined,
    'warning unchecked: Not checked: the space left for /am. The system does not tell it. → df -h /am',
  ],
])('%s', (_what, free, words) => {
  expect(inWords(judgeDiskSpace('/am', free))).toBe(words);
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('the space of the home counts, and that of the state folder', async () => {
    const home = examination.home('mi', '4.4.0');
    examination.system.machine.space.set(home, MIB);
    examination.system.machine.space.set(examination.folder, 2 * MIB); // the state folder is not there yet
    const findings = await examination.findings(home);
    expect(troubles(findings)).toEqual(['warning disk-space', 'warning disk-space']);
    expect(findings.filter(({ id }) => id === 'disk-space').map(({ what }) => what)).toEqual([
      `Only 1 MiB are free for ${home}.`,
      `Only 2 MiB are free for ${examination.folder}/state.`,
    ]);
  });
});
