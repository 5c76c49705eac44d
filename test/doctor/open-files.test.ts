import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeOpenFiles } from '../../src/doctor/open-files.js';
import { Examination } from '../support/examination.js';
import { inWords, troubles } from '../support/findings.js';

test.each<[what: string, limit: number | undefined, words: string]>([
  ['enough files', 4096, 'ok open-files'],
  ['files without limit', Number.POSITIVE_INFINITY, 'ok open-files'],
  ['too few files', 4095, 'warning open-files: A server may have only 4095 files open. → ulimit -n 4096'],
  [
    'an untold limit of files',
    undefined,
    'warning unchecked: Not checked: the limit of open files. This system does not tell it. → ulimit -n',
  ],
])('%s', (_what, limit, words) => {
  expect(inWords(judgeOpenFiles(limit))).toBe(words);
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test.each<[limit: number | undefined, trouble: string]>([
    [256, 'warning open-files'],
    [undefined, 'warning unchecked'],
  ])('a machine with %j open files', async (limit, trouble) => {
    examination.system.machine.files = limit;
    expect(troubles(await examination.findings(examination.home('mi', '4.4.0')))).toEqual([trouble]);
  });
});
