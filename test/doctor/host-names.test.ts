import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isLoopback, judgeHostname, MACHINE_HOSTNAME, SERVER_HOSTNAME } from '../../src/doctor/host-names.js';
import { Examination } from '../support/examination.js';
import { inWords, one, troubles } from '../support/findings.js';

test('a name that resolves is well', () => {
  const found = judgeHostname(SERVER_HOSTNAME, { described: 'x', name: 'x', reason: undefined });
  expect(inWords(found)).toBe('ok server-hostname');
});

test('a name that does not resolve can be given to this machine', () => {
  const described = 'vm, the name of this machine,';
  expect(inWords(judgeHostname(MACHINE_HOSTNAME, { described, name: 'vm', reason: 'ENOTFOUND' }))).toBe(
    "warning machine-hostname: vm, the name of this machine, does not resolve (ENOTFOUND). → If it means this machine: echo '127.0.0.1 vm' | sudo tee -a /etc/hosts",
  );
});

test.each(['localhost', 'LOCALHOST', 'localhost.', 'my.localhost', '127.0.0.1', '127.1.2.3', '::1', '::', '0.0.0.0'])(
  '%s is this machine',
  (name) => {
    expect(isLoopback(name)).toBe(true);
  },
);

test.each(['localhost.example.com', 'mylocalhost', '128.0.0.1', '127.example.com', 'vm', '10.0.0.1'])(
  '%s has to be looked up',
  (name) => {
    expect(isLoopback(name)).toBe(false);
  },
);

describe('host names', () => {
  let examination: Examination;
  beforeEach(() => {
    examination = new Examination();
  });
  afterEach(() => examination.close());

  test('that are this machine are not looked up', async () => {
    await examination.findings(examination.home('mi', '4.4.0', '[server]\nhostname = "localhost"\n'));
    expect(examination.system.machine.asked).toEqual(['machine.example']);
  });

  test('that do not resolve are told with where they come from', async () => {
    examination.system.machine.unresolved.set('api.example', 'ENOTFOUND');
    examination.system.machine.unresolved.set('machine.example', 'no answer in 2 s');
    const findings = await examination.findings(
      examination.home('mi', '4.4.0', '[server]\nhostname = "api.example"\n'),
    );
    expect(troubles(findings)).toEqual(['warning server-hostname', 'warning machine-hostname']);
    expect(one(findings, 'server-hostname').what).toBe(
      'hostname = "api.example" (deployment.toml:2) does not resolve (ENOTFOUND).',
    );
    expect(one(findings, 'machine-hostname').what).toBe(
      'machine.example, the name of this machine, does not resolve (no answer in 2 s).',
    );
  });

  test('of a carbon.xml count too', async () => {
    examination.jdk('1.8.0_402');
    examination.system.machine.unresolved.set('api.example', 'ENOTFOUND');
    const home = examination.home('apim', '2.6.0', '<Server>\n<HostName>api.example</HostName></Server>');
    expect(one(await examination.findings(home), 'server-hostname').what).toContain(
      'hostname = "api.example" (carbon.xml:2)',
    );
  });

  test('that only the running server knows are not looked up', async () => {
    const findings = await examination.findings(
      examination.home('mi', '4.4.0', '[server]\nhostname = "$sys{user.name}"\n'),
    );
    expect(troubles(findings)).toEqual(['warning unchecked']);
    expect(examination.system.machine.asked).toEqual(['machine.example']);
  });
});
