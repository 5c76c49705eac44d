import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgePidFile } from '../../src/doctor/pid-file.js';
import { Examination } from '../support/examination.js';
import { processRow } from '../support/fake-system.js';
import { inWords, one, troubles } from '../support/findings.js';

describe('the pid file', () => {
  const judge = (more: object): string =>
    inWords(judgePidFile({ path: '/am/wso2carbon.pid', pid: 7, holder: undefined, isOfServer: false, ...more }));
  const remove = '→ rm /am/wso2carbon.pid';

  test.each<[what: string, more: object, words: string]>([
    ['that is missing', { pid: undefined }, 'ok stale-pid-file'],
    ['of the server that runs', { holder: processRow(7), isOfServer: true }, 'ok stale-pid-file'],
    ['of nobody, as every server leaves it', {}, 'ok stale-pid-file'],
    [
      'of a zombie',
      { holder: processRow(7, { isZombie: true }) },
      `warning stale-pid-file: /am/wso2carbon.pid names process 7, which has ended and still has the number. ${remove}`,
    ],
    [
      'of somebody else',
      { holder: processRow(7, { name: 'nginx' }) },
      `warning stale-pid-file: /am/wso2carbon.pid names process 7, which is nginx, not the server of this home. ${remove}`,
    ],
  ])('%s', (_what, more, words) => {
    expect(judge(more)).toBe(words);
  });
});

describe('a pid file', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('counts where another process has its number, and not after every stop', async () => {
    const home = examination.home('mi', '4.4.0');
    examination.write(join(home, 'wso2carbon.pid'), '70\n');
    expect(troubles(await examination.findings(home))).toEqual([]);
    examination.system.processes.rows.push(processRow(70, { name: 'nginx' }));
    expect(one(await examination.findings(home), 'stale-pid-file').what).toContain('which is nginx');
  });
});
