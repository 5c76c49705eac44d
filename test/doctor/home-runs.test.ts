import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { judgeRunningHome } from '../../src/doctor/home-runs.js';
import { LaunchError } from '../../src/domain/failure.js';
import { Examination } from '../support/examination.js';
import { liveLease, processRow } from '../support/fake-system.js';
import { inWords, one, troubles } from '../support/findings.js';

test.each<[instance: string | undefined, mend: string]>([
  ['blue', 'Unpack it twice. Or stop it: wso2-launch stop blue'],
  [undefined, 'Unpack it twice.'],
])('a home that runs as %j', (instance, mend) => {
  const runs = new LaunchError({ kind: 'home-runs', home: '/am', by: 'process 7', hint: 'Unpack it twice.' });
  expect(inWords(judgeRunningHome(runs, instance))).toBe(`error home-runs: /am already runs (process 7). → ${mend}`);
});

describe('a server in the home', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('that was started by hand is told with its process, and is not in its own way', async () => {
    const home = examination.home('mi', '4.4.0');
    const { processes, sockets } = examination.system;
    processes.rows.push(processRow(70, { name: 'java' }));
    processes.arguments.set(70, [`-Dcarbon.home=${home}`]);
    sockets.listen(8290, 70);
    examination.write(join(home, 'wso2carbon.pid'), '70\n');
    examination.write(join(home, 'repository/database/A.lock.db'));
    const findings = await examination.findings(home);
    expect(troubles(findings)).toEqual(['error home-runs']);
    expect(one(findings, 'home-runs').what).toBe(`${home} already runs (process 70, not started by wso2-launch).`);
  });

  test('that is one of ours is told with its name, and is not in its own way', async () => {
    const home = examination.home('mi', '4.4.0');
    examination.system.leases.live.push(liveLease({ name: 'blue', home, ports: [8290] }));
    const findings = await examination.findings(home);
    expect(troubles(findings)).toEqual(['error home-runs']);
    expect(one(findings, 'home-runs').mend).toContain('wso2-launch stop blue');
  });
});
