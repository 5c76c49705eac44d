import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FindingId } from '../../src/doctor/doctor.js';
import type { DoctorRequest } from '../../src/doctor/patient.js';
import type { ProductId } from '../../src/domain/catalogue.js';
import { mention } from '../../src/domain/text.js';
import { createStandInHome } from '../../src/standin/home.js';
import { Examination } from '../support/examination.js';
import { failureFrom, processRow } from '../support/fake-system.js';
import { one, troubles } from '../support/findings.js';

let examination: Examination;
beforeEach(() => {
  examination = new Examination();
});
afterEach(() => examination.close());

test.each<[product: ProductId, version: string]>([
  ['mi', '4.4.0'],
  ['apim', '4.5.0'],
  ['apim', '3.2.0'],
  ['apim', '2.6.0'],
  ['is', '6.1.0'],
  ['server', '4.4.0'],
])('a plain home of %s %s is well', async (product, version) => {
  if (version === '2.6.0' || version === '3.2.0') examination.jdk('1.8.0_402');
  expect(troubles(await examination.findings(examination.home(product, version)))).toEqual([]);
});

test('without a home there is nothing to say', async () => {
  expect(await failureFrom(examination.findings(join(examination.folder, 'nowhere')))).toMatchObject({
    kind: 'unusable-home',
  });
});

/** The ids are interface: scripts go by them. */
const IDS: Record<FindingId, true> = {
  'start-script': true,
  'line-ends': true,
  jdk: true,
  version: true,
  'tmp-folder': true,
  'unwritable-files': true,
  'open-files': true,
  memory: true,
  'disk-space': true,
  'state-folder': true,
  leases: true,
  'home-runs': true,
  'stale-pid-file': true,
  'home-path': true,
  configuration: true,
  'ready-line': true,
  offset: true,
  'ports-taken': true,
  'message-broker': true,
  'ephemeral-ports': true,
  'clashing-ports': true,
  'database-in-use': true,
  'database-lock': true,
  'database-trace': true,
  'birth-offset': true,
  'literal-urls': true,
  'leaking-variables': true,
  'java-opts-offset': true,
  'java-opts-memory': true,
  'properties-offset': true,
  'properties-ports': true,
  'server-hostname': true,
  'machine-hostname': true,
  'offset-agent': true,
  unchecked: true,
};

test('every kind of finding is made in one place, and is one of the interface', () => {
  const sources = readdirSync('src/doctor').map((file) => readFileSync(join('src/doctor', file), 'utf8'));
  const ids = sources.flatMap((source) => [...source.matchAll(/\bkind\(\s*'([^']+)'/g)].map(([, id]) => id));
  expect(ids.sort()).toEqual(Object.keys(IDS).sort());
});

describe('what the reading of a home tells', () => {
  test('is a finding each, the version apart', async () => {
    examination.jdk('21.0.2');
    const home = examination.home('mi', '9.0.0');
    rmSync(join(home, 'conf/deployment.toml'));
    const findings = await examination.findings(home);
    expect(troubles(findings)).toEqual(['warning version', 'warning configuration']);
    expect(one(findings, 'version').what).toContain('9.0.0 is not one of the known versions');
    expect(one(findings, 'configuration').what).toContain('deployment.toml is missing');
  });
});

describe('a home with several runtimes', () => {
  let home: string;
  beforeEach(() => {
    examination.jdk('1.8.0_402');
    home = examination.home('analytics', '7.1.0');
  });

  const portal = { profile: { name: 'portal', by: mention.option('profile') } };

  test.each<[request: Partial<DoctorRequest>]>([[{}], [portal]])('is well: %j', async (request) => {
    const findings = await examination.findings(home, request);
    expect(troubles(findings)).toEqual([]);
    const unfit = ['tmp-folder', 'java-opts-offset', 'server-hostname', 'offset-agent'];
    expect(findings.map(({ id }) => id).filter((id) => unfit.includes(id))).toEqual([]);
  });

  test('is looked at as the runtime that is asked for', async () => {
    examination.write(join(home, 'wso2/portal/runtime.pid'), '70\n');
    examination.write(join(home, 'wso2/portal/database/A.lock.db'));
    examination.system.processes.rows.push(processRow(70, { name: 'nginx' }));
    expect(troubles(await examination.findings(home))).toEqual([]);
    const findings = await examination.findings(home, portal);
    expect(troubles(findings)).toEqual(['warning stale-pid-file', 'warning database-lock']);
    expect(one(findings, 'stale-pid-file').mend).toBe(`rm ${home}/wso2/portal/runtime.pid`);
  });

  test('has the other one in its way, and a command with the profile', async () => {
    examination.system.processes.rows.push(processRow(70, { name: 'java' }));
    examination.system.processes.arguments.set(70, [
      `-Dcarbon.home=${home}`,
      `-Dwso2.runtime.path=${home}/wso2/server`,
    ]);
    examination.system.sockets.listen(9645, 70);
    expect(troubles(await examination.findings(home))).toEqual(['error home-runs']);
    const findings = await examination.findings(home, portal);
    expect(troubles(findings)).toEqual(['error ports-taken']);
    expect(one(findings, 'ports-taken').mend).toContain(` --home ${home} --profile portal --offset 3`);
  });

  test('has no profile of another name', async () => {
    const other = { profile: { name: 'worker', by: mention.option('profile') } };
    expect(await failureFrom(examination.findings(home, other))).toMatchObject({ kind: 'usage' });
  });

  test('with a space in its path is no use to its scripts', async () => {
    const spaced = join(examination.folder, 'my analytics');
    createStandInHome(spaced, { product: 'analytics', version: '7.1.0' });
    expect(troubles(await examination.findings(spaced))).toEqual(['error home-path', 'warning unchecked']);
  });

  test('takes listeners from the environment', async () => {
    const name = 'WSO2_TRANSPORT_HTTP__LISTENERCONFIGURATIONS_0__PORT';
    examination.changed = { env: { ...examination.env, [name]: '9999' } };
    expect(one(await examination.findings(home), 'leaking-variables').mend).toBe(`unset ${name}`);
  });
});

test('a check that can not be made is a warning, and the others are made', async () => {
  examination.system.processes.withOpenFile = () => {
    throw new Error('EACCES: permission denied');
  };
  const home = examination.home('mi', '4.4.0');
  examination.write(join(home, 'repository/database/A.lock.db'));
  const findings = await examination.findings(home);
  expect(troubles(findings)).toEqual(['warning unchecked']);
  expect(one(findings, 'unchecked').what).toBe('Not checked: the databases. EACCES: permission denied.');
  expect(one(findings, 'ports-taken').level).toBe('ok');
});
