import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeLeases } from '../../src/doctor/leases.js';
import { Examination } from '../support/examination.js';
import { inWords, one, troubles } from '../support/findings.js';

test.each<[what: string, reason: string | undefined, words: string]>([
  ['leases', undefined, 'ok leases'],
  [
    'no leases',
    '/tmp/wso2-launch is not a folder',
    "warning leases: The lease folder can't be used: /tmp/wso2-launch is not a folder. → Remove what lies in its place; a launch makes it anew.",
  ],
])('%s', (_what, reason, words) => {
  expect(inWords(judgeLeases(reason))).toBe(words);
});

describe('a look at a home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('a machine may have no usable place for leases', async () => {
    examination.system.leases.unreadable = new Error('/tmp/wso2-launch is not a folder');
    const findings = await examination.findings(examination.home('mi', '4.4.0'));
    expect(troubles(findings)).toEqual(['warning leases']);
    expect(one(findings, 'leases').what).toContain('/tmp/wso2-launch is not a folder');
  });
});
