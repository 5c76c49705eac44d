import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../src/doctor/finding.js';
import { judgeTmpFolder } from '../../src/doctor/tmp-folder.js';
import { windowsHost } from '../../src/system/windows/host.js';
import { Examination } from '../support/examination.js';
import { inWords, one } from '../support/findings.js';

describe('the tmp folder', () => {
  const judge = (isThere: boolean, isNeeded: boolean): Finding =>
    judgeTmpFolder({ path: '/am/tmp', isThere, isNeeded });

  test.each([true, false])('that is there is well (needed: %j)', (isNeeded) => {
    expect(judge(true, isNeeded).level).toBe('ok');
  });

  test('that is missing is a surprise to the server', () => {
    expect(inWords(judge(false, false))).toBe('warning tmp-folder: /am/tmp is missing. → mkdir /am/tmp');
  });

  test('that is missing on Windows costs the whole home', () => {
    expect(judge(false, true)).toMatchObject({ level: 'error', why: expect.stringContaining('the whole home') });
  });
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('a home on Windows needs its tmp', async () => {
    const home = examination.home('mi', '4.4.0');
    examination.changed = { host: windowsHost };
    rmSync(join(home, 'tmp'), { recursive: true });
    expect(one(await examination.findings(home), 'tmp-folder')).toMatchObject({
      level: 'error',
      why: expect.stringContaining('the whole home'),
      mend: `mkdir "${home}/tmp"`,
    });
  });
});
