import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgePidFile } from '../../src/doctor/pid-file.js';
import { Examination } from '../support/examination.js';
import { processRow } from '../support/fake-system.js';
import { inWords, one, troubles } from '../support/findings.js';
import { instanceRecord } from '../support/instance-record.js';

describe('the pid file', () => {
  const judge = (more: object): string =>
    inWords(
      judgePidFile({
        path: '/am/wso2carbon.pid',
        pid: 7,
        holder: undefined,
        isOfServer: false,
        isLeft: false,
        ...more,
      }),
    );
  const remove = '→ rm /am/wso2carbon.pid';

  test.each<[what: string, more: object, words: string]>([
    ['that is missing', { pid: undefined }, 'ok stale-pid-file'],
    ['of the server that runs', { holder: processRow(7), isOfServer: true }, 'ok stale-pid-file'],
    ['of nobody, as every server leaves it', {}, 'ok stale-pid-file'],
    ['of a zombie, that nobody has waited for', { holder: processRow(7, { isZombie: true }) }, 'ok stale-pid-file'],
    ['of a stop of our own', { holder: processRow(7), isLeft: true }, 'ok stale-pid-file'],
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

  test.each<[left: string, startedAt: string, endedAt: string, level: string]>([
    ['by an instance of ours that was stopped', '2026-11-29T10:00:00Z', '2026-11-29T10:10:00Z', 'ok'],
    ['before our instance came', '2026-11-29T10:02:00Z', '2026-11-29T10:10:00Z', 'warning'],
    ['after our instance was gone', '2026-11-29T09:00:00Z', '2026-11-29T10:00:00Z', 'warning'],
  ])('that was left %s, and whose number somebody has now', async (_left, startedAt, endedAt, level) => {
    const home = examination.home('mi', '4.4.0');
    const path = join(home, 'wso2carbon.pid');
    examination.write(path, '70\n');
    const written = new Date('2026-11-29T10:01:00Z');
    utimesSync(path, written, written);
    examination.system.processes.rows.push(processRow(70, { name: 'nginx' }));
    const exit = { code: 0, at: endedAt };
    const record = { ...instanceRecord({ name: 'mi', home, startedAt }), status: 'exited', exit };
    const file = join(examination.env.WSO2_LAUNCH_STATE_DIR, 'instances/mi.json');
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify(record), { mode: 0o600 });
    expect(one(await examination.findings(home), 'stale-pid-file').level).toBe(level);
  });
});
