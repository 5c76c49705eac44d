import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type DoctorRequest, diagnose } from '../../src/doctor/doctor.js';
import type { ProductId } from '../../src/domain/catalogue.js';
import type { Finding, FindingId } from '../../src/domain/doctor.js';
import { createStandInHome, createStandInJdk } from '../../src/standin/home.js';
import { nodeFiles } from '../../src/system/files.js';
import type { System } from '../../src/system/index.js';
import { windowsHost } from '../../src/system/windows/host.js';
import { type FakeSystem, failureFrom, fakeSystem, liveLease, processRow } from '../support/fake-system.js';

let folder: string;
let system: FakeSystem;
/** What is different from a machine on which all is well. */
let changed: Partial<System>;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  system = fakeSystem();
  changed = {};
  createStandInJdk(join(folder, 'jdk'), { version: '17.0.9' });
});
afterEach(() => rmSync(folder, { recursive: true }));

function homeOf(product: ProductId, version: string, configuration?: string): string {
  const home = join(folder, product);
  createStandInHome(home, { product, version, ...(configuration !== undefined && { configuration }) });
  return home;
}

function write(path: string, text = ''): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The home's files are real, and so is the state folder; the rest of the machine is what the test says. */
async function examine(home: string, request: Partial<DoctorRequest> = {}): Promise<readonly Finding[]> {
  const env = { JAVA_HOME: join(folder, 'jdk'), WSO2_LAUNCH_STATE_DIR: join(folder, 'state') };
  const named = { path: home, by: '--home' };
  const { findings } = await diagnose({ named, ...request }, new AbortController().signal, {
    ...system,
    files: nodeFiles,
    env,
    ...changed,
  });
  return findings;
}

const troubles = (findings: readonly Finding[]): string[] =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, id }) => `${level} ${id}`);

const one = (findings: readonly Finding[], id: FindingId): Finding =>
  findings.find((found) => found.id === id) as Finding;

const at = (value: number): Partial<DoctorRequest> => ({ offset: { value, by: '--offset' } });

test.each<[product: ProductId, version: string]>([
  ['mi', '4.4.0'],
  ['apim', '4.5.0'],
  ['apim', '3.2.0'],
  ['apim', '2.6.0'],
  ['is', '6.1.0'],
  ['server', '4.4.0'],
])('a plain home of %s %s is well', async (product, version) => {
  if (version === '2.6.0' || version === '3.2.0') createStandInJdk(join(folder, 'jdk'), { version: '1.8.0_402' });
  expect(troubles(await examine(homeOf(product, version)))).toEqual([]);
});

test('without a home there is nothing to say', async () => {
  expect(await failureFrom(examine(join(folder, 'nowhere')))).toMatchObject({ kind: 'unusable-home' });
});

describe('the machine', () => {
  test('is told where it has too little of everything', async () => {
    const home = homeOf('mi', '4.4.0');
    system.machine.files = 256;
    system.machine.memory = 2 ** 29;
    system.machine.space.set(home, 2 ** 20);
    system.machine.space.set(folder, 2 ** 21); // the state folder is not there yet
    const findings = await examine(home);
    expect(troubles(findings)).toEqual([
      'warning open-files',
      'warning memory',
      'warning disk-space',
      'warning disk-space',
    ]);
    expect(findings.filter(({ id }) => id === 'disk-space').map(({ what }) => what)).toEqual([
      `Only 1 MiB are free for ${home}.`,
      `Only 2 MiB are free for ${folder}/state.`,
    ]);
  });

  test('may tell nothing of itself', async () => {
    system.machine.files = undefined;
    expect(troubles(await examine(homeOf('mi', '4.4.0')))).toEqual(['warning unchecked']);
  });

  test('may have no usable place for leases', async () => {
    system.leases.unreadable = new Error('/tmp/wso2-launch is not a folder');
    const findings = await examine(homeOf('mi', '4.4.0'));
    expect(troubles(findings)).toEqual(['warning leases']);
    expect(one(findings, 'leases').what).toContain('/tmp/wso2-launch is not a folder');
  });

  test('asks for the memory that the start script does', async () => {
    const home = homeOf('mi', '4.4.0');
    writeFileSync(join(home, 'bin/micro-integrator.sh'), '#!/bin/sh\nJVM_MEM_OPTS="-Xms256m -Xmx2048m"\n');
    system.machine.memory = 2 ** 30;
    expect(one(await examine(home), 'memory').what).toContain('may take 2048 MiB (-Xmx2048m)');
  });
});

describe("the start script's own check of the JDK", () => {
  const check = (end: string): string =>
    `#!/bin/sh\nif [ $v -lt 1100 ] || [ $v -gt 1700 ]; then\n  echo " [ERROR] Only JDK 11 to 17"\n${end}fi\n`;
  const withScript = (home: string, script: string, text: string): string => {
    writeFileSync(join(home, 'bin', script), text);
    return home;
  };

  test('is told beforehand where the script goes on', async () => {
    createStandInJdk(join(folder, 'jdk'), { version: '21.0.2' });
    const findings = await examine(withScript(homeOf('server', '4.4.0'), 'wso2server.sh', check('')));
    expect(troubles(findings)).toEqual(['warning jdk']);
    expect(one(findings, 'jdk').what).toBe(
      `${folder}/jdk is JDK 21.0.2: wso2server.sh will say "Only JDK 11 to 17", and start the server all the same.`,
    );
  });

  test('is an error where the script ends with it, also in a version that is not known', async () => {
    createStandInJdk(join(folder, 'jdk'), { version: '21.0.2' });
    const home = withScript(homeOf('mi', '9.0.0'), 'micro-integrator.sh', check('  exit 0\n'));
    const findings = await examine(home);
    expect(troubles(findings)).toEqual(['warning version', 'error jdk']);
    expect(one(findings, 'jdk').what).toBe(
      `${folder}/jdk is JDK 21.0.2, and micro-integrator.sh would end with "Only JDK 11 to 17".`,
    );
  });

  test('is nothing to speak of where the JDK passes it', async () => {
    expect(troubles(await examine(withScript(homeOf('server', '4.4.0'), 'wso2server.sh', check(''))))).toEqual([]);
  });
});

describe('scripts', () => {
  test('that the start script calls may have the line ends of Windows', async () => {
    const home = homeOf('mi', '4.4.0');
    writeFileSync(join(home, 'bin/micro-integrator.sh'), '#!/bin/sh\n. "$CARBON_HOME/bin/first.sh"\nbin/absent.sh\n');
    write(join(home, 'bin/first.sh'), 'sh second.sh\nsh first.sh\n');
    write(join(home, 'bin/second.sh'), '#!/bin/sh\r\n');
    write(join(home, 'bin/not-called.sh'), '#!/bin/sh\r\n');
    expect(one(await examine(home), 'line-ends')).toMatchObject({
      level: 'error',
      mend: `sed -i 's/\\r$//' ${home}/bin/second.sh`,
    });
  });

  test('on Windows end their lines as they please, and a home needs its tmp', async () => {
    const home = homeOf('mi', '4.4.0');
    changed = { host: windowsHost };
    write(join(home, 'bin/micro-integrator.bat'), '@echo off\r\n');
    rmSync(join(home, 'tmp'), { recursive: true });
    const findings = await examine(home);
    expect(one(findings, 'line-ends')).toBeUndefined();
    expect(one(findings, 'tmp-folder')).toMatchObject({
      level: 'error',
      why: expect.stringContaining('the whole home'),
      mend: `mkdir "${home}/tmp"`,
    });
  });
});

describe('a JDK', () => {
  test('is checked though the start script is missing', async () => {
    const home = homeOf('mi', '4.4.0');
    rmSync(join(home, 'bin/micro-integrator.sh'));
    createStandInJdk(join(folder, 'jdk'), { version: '22.0.1' });
    expect(troubles(await examine(home))).toEqual(['error jdk', 'error start-script']);
  });

  test('is the one of --java-home, and none with a space in its path', async () => {
    const home = homeOf('mi', '4.4.0');
    createStandInJdk(join(folder, 'my jdk'), { version: '17.0.9' });
    const javaHome = { path: join(folder, 'my jdk'), by: '--java-home' };
    expect(one(await examine(home, { javaHome }), 'jdk')).toMatchObject({
      level: 'error',
      what: expect.stringContaining('my jdk holds a space'),
    });
  });

  test('may be missing altogether', async () => {
    changed = { env: { WSO2_LAUNCH_STATE_DIR: join(folder, 'state') } };
    expect(one(await examine(homeOf('mi', '4.4.0')), 'jdk').what).toBe(
      'No JDK was found: JAVA_HOME is not set, and no java is on PATH.',
    );
  });
});

describe('a server in the home', () => {
  test('that was started by hand is told with its process, and is not in its own way', async () => {
    const home = homeOf('mi', '4.4.0');
    system.processes.rows.push(processRow(70, { name: 'java' }));
    system.processes.arguments.set(70, [`-Dcarbon.home=${home}`]);
    system.sockets.listen(8290, 70);
    write(join(home, 'wso2carbon.pid'), '70\n');
    write(join(home, 'repository/database/A.lock.db'));
    const findings = await examine(home);
    expect(troubles(findings)).toEqual(['error home-runs']);
    expect(one(findings, 'home-runs').what).toBe(`${home} already runs (process 70, not started by wso2-launch).`);
  });

  test('that is one of ours is told with its name, and is not in its own way', async () => {
    const home = homeOf('mi', '4.4.0');
    system.leases.live.push(liveLease({ name: 'blue', home, ports: [8290] }));
    const findings = await examine(home);
    expect(troubles(findings)).toEqual(['error home-runs']);
    expect(one(findings, 'home-runs').mend).toContain('wso2-launch stop blue');
  });

  test('of another home is in the way of its ports', async () => {
    system.leases.live.push(liveLease({ name: 'blue', ports: [8290] }));
    const findings = await examine(homeOf('mi', '4.4.0'));
    expect(troubles(findings)).toEqual(['error ports-taken']);
    expect(one(findings, 'ports-taken')).toMatchObject({
      what: expect.stringContaining('port 8290 (http), of instance blue'),
      mend: expect.stringContaining('The smallest free offset is 11: wso2-launch mi --home'),
    });
  });
});

describe('a pid file', () => {
  test('counts where another process has its number, and not after every stop', async () => {
    const home = homeOf('mi', '4.4.0');
    write(join(home, 'wso2carbon.pid'), '70\n');
    expect(troubles(await examine(home))).toEqual([]);
    system.processes.rows.push(processRow(70, { name: 'nginx' }));
    expect(one(await examine(home), 'stale-pid-file').what).toContain('which is nginx');
  });
});

describe('databases', () => {
  test('of the home are looked at', async () => {
    const home = homeOf('mi', '4.4.0');
    write(join(home, 'repository/database/A.lock.db'));
    write(join(home, 'repository/database/B.trace.db'));
    write(join(home, 'repository/database/C.mv.db'));
    write(join(home, 'repository/database/notes.txt'));
    system.processes.rows.push(processRow(70, { name: 'dbeaver' }));
    system.processes.openFiles.set(70, [
      join(home, 'repository/database/C.mv.db'),
      join(home, 'repository/database/notes.txt'),
    ]);
    const findings = await examine(home);
    expect(troubles(findings)).toEqual(['error database-in-use', 'warning database-lock', 'warning database-trace']);
    expect(one(findings, 'database-in-use').what).toBe(
      `${home}/repository/database/C.mv.db is open in dbeaver, pid 70.`,
    );
  });
});

describe('ports', () => {
  test('a message broker on that of the own one is told beside the port', async () => {
    system.processes.rows.push(processRow(70, { name: 'beam.smp' }));
    system.sockets.listen(5672, 70);
    const findings = await examine(homeOf('apim', '4.5.0'));
    expect(troubles(findings)).toEqual(['error ports-taken', 'warning message-broker']);
  });

  test('of outgoing connections, and URLs that stay behind, at the offset in question', async () => {
    const toml = '[[apim.gateway.environment]]\nws_endpoint = "ws://localhost:9099"\n';
    const home = homeOf('apim', '4.5.0', toml);
    expect(troubles(await examine(home))).toEqual([]);
    const findings = await examine(home, at(30_000));
    expect(troubles(findings)).toEqual(['warning ephemeral-ports', 'warning literal-urls']);
    expect(one(findings, 'literal-urls').mend).toContain('ws://localhost:39099');
  });

  test('that two listeners want', async () => {
    const toml = '[transport.http]\nlistener.port = 8243\n';
    expect(troubles(await examine(homeOf('mi', '4.4.0', toml)))).toEqual(['warning clashing-ports']);
  });

  test('are not looked at where no port range allows the offset', async () => {
    const findings = await examine(homeOf('mi', '4.4.0'), at(60_000));
    expect(troubles(findings)).toEqual(['error offset', 'warning unchecked']);
    expect(one(findings, 'offset').what).toContain('The offset 60000 of --offset is out of range');
    expect(one(findings, 'unchecked').what).toContain('Not checked: the ports, ');
  });

  test('that no launcher could choose at the moment are told, and the rest with them', async () => {
    system.sockets.listen(8290);
    Object.assign(system.mutex, { acquire: async () => undefined, holder: () => 812 });
    const findings = await examine(homeOf('mi', '4.4.0'));
    expect(troubles(findings)).toEqual(['warning unchecked']);
    expect(one(findings, 'unchecked').what).toContain('Not checked: the ports. Another wso2-launch');
    expect(findings.map(({ id }) => id)).toContain('literal-urls');
  });
});

describe('a file of properties', () => {
  const FILE = 'repository/conf/carbon.properties';

  test('beats the offset that is asked for', async () => {
    const home = homeOf('apim', '4.5.0');
    write(join(home, FILE), 'portOffset=3\ntomcat.https.port=9445\n');
    expect(troubles(await examine(home))).toEqual(['warning properties-offset', 'warning properties-ports']);
    expect(troubles(await examine(home, at(4)))).toEqual(['error properties-offset', 'warning properties-ports']);
  });

  test('is looked at beside a configuration that is no use', async () => {
    const home = homeOf('apim', '4.5.0', '[server\n');
    write(join(home, FILE), 'portOffset=3\n');
    expect(troubles(await examine(home))).toEqual([
      'error configuration',
      'warning properties-offset',
      'warning unchecked',
      'warning unchecked',
    ]);
  });

  test('that each start writes anew says nothing, and what it is made of does', async () => {
    const home = homeOf('apim', '4.5.0', '[system.parameter]\nportOffset = 5\n');
    write(join(home, FILE), 'portOffset=3\ntomcat.https.port=9445\n');
    write(join(home, 'repository/resources/conf/templates', `${FILE}.j2`));
    const findings = await examine(home);
    expect(troubles(findings)).toEqual(['warning properties-offset']);
    expect(one(findings, 'properties-offset').what).toBe('deployment.toml:2 sets portOffset = 5.');
  });

  test.each([
    ['rootLogger = INFO, C', 'ok', 'The server says on its console that it has started.'],
    ['rootLogger = INFO, F', 'ok', 'The server says in /var/log/carbon.log that it has started.'],
    [
      'rootLogger = WARN, C, F',
      'warning',
      'repository/conf/log4j2.properties keeps the line that the server has started from console and log file.',
    ],
  ])('tells where the logging configuration sends the ready line: %s', async (root, level, what) => {
    const home = homeOf('is', '7.1.0');
    const appenders = [
      'C.type = Console',
      'C.name = C',
      'F.type = File',
      'F.name = F',
      'F.fileName = /var/log/carbon.log',
    ];
    const text = [...appenders.map((line) => `appender.${line}`), root].join('\n');
    write(join(home, 'repository/conf/log4j2.properties'), text);
    expect(one(await examine(home), 'ready-line')).toMatchObject({ level, what });
  });

  test('is not JAVA_OPTS', async () => {
    const home = homeOf('apim', '4.5.0');
    changed = { env: { JAVA_HOME: join(folder, 'jdk'), JAVA_OPTS: '-DportOffset=3', WSO2_LAUNCH_STATE_DIR: folder } };
    expect(troubles(await examine(home))).toEqual(['warning java-opts-offset']);
  });
});

describe('host names', () => {
  test('that are this machine are not looked up', async () => {
    await examine(homeOf('mi', '4.4.0', '[server]\nhostname = "localhost"\n'));
    expect(system.machine.asked).toEqual(['machine.example']);
  });

  test('that do not resolve are told with where they come from', async () => {
    system.machine.unresolved.set('api.example', 'ENOTFOUND');
    system.machine.unresolved.set('machine.example', 'no answer in 2 s');
    const findings = await examine(homeOf('mi', '4.4.0', '[server]\nhostname = "api.example"\n'));
    expect(troubles(findings)).toEqual(['warning server-hostname', 'warning machine-hostname']);
    expect(one(findings, 'server-hostname').what).toBe(
      'hostname = "api.example" (deployment.toml:2) does not resolve (ENOTFOUND).',
    );
    expect(one(findings, 'machine-hostname').what).toBe(
      'machine.example, the name of this machine, does not resolve (no answer in 2 s).',
    );
  });

  test('of a carbon.xml count too', async () => {
    createStandInJdk(join(folder, 'jdk'), { version: '1.8.0_402' });
    system.machine.unresolved.set('api.example', 'ENOTFOUND');
    const home = homeOf('apim', '2.6.0', '<Server>\n<HostName>api.example</HostName></Server>');
    expect(one(await examine(home), 'server-hostname').what).toContain('hostname = "api.example" (carbon.xml:2)');
  });

  test('that only the running server knows are not looked up', async () => {
    const findings = await examine(homeOf('mi', '4.4.0', '[server]\nhostname = "$sys{user.name}"\n'));
    expect(troubles(findings)).toEqual(['warning unchecked']);
    expect(system.machine.asked).toEqual(['machine.example']);
  });
});

describe('the agent of the Integration Control Plane', () => {
  const ON = '[icp_config]\nenabled = true\n';

  test.each<[toml: string, offset: number | undefined, what: string | undefined]>([
    ['', 3, undefined],
    [ON.replace('true', 'false'), 3, undefined],
    [ON, undefined, undefined],
    [ON, 10, undefined],
    [ON, 3, 'offset 10 (default), where the server runs at 3'],
    [`[server]\noffset = 3\n${ON}`, undefined, undefined],
    [`[server]\noffset = 3\n${ON}`, 3, undefined],
    [`[server]\noffset = 3\n${ON}`, 4, 'offset 3 (deployment.toml:2), where the server runs at 4'],
    [`[server]\noffset = "$sys{portOffset}"\n${ON}`, 4, undefined],
  ])('%j at offset %j', async (toml, offset, what) => {
    createStandInJdk(join(folder, 'jdk'), { version: '21.0.2' });
    const findings = await examine(homeOf('mi', '4.6.0', toml), offset === undefined ? {} : at(offset));
    expect(troubles(findings)).toEqual(what === undefined ? [] : ['warning offset-agent']);
    expect(one(findings, 'offset-agent').what).toContain(what ?? '');
  });

  test('is no affair of other products', async () => {
    expect(one(await examine(homeOf('apim', '4.5.0', ON), at(3)), 'offset-agent')).toBeUndefined();
  });
});

describe('what the reading of a home tells', () => {
  test('is a finding each, the version apart', async () => {
    createStandInJdk(join(folder, 'jdk'), { version: '21.0.2' });
    const home = homeOf('mi', '9.0.0');
    rmSync(join(home, 'conf/deployment.toml'));
    const findings = await examine(home);
    expect(troubles(findings)).toEqual(['warning version', 'warning configuration']);
    expect(one(findings, 'version').what).toContain('9.0.0 is not one of the known versions');
    expect(one(findings, 'configuration').what).toContain('deployment.toml is missing');
  });
});

describe('a home with several runtimes', () => {
  let home: string;
  beforeEach(() => {
    createStandInJdk(join(folder, 'jdk'), { version: '1.8.0_402' });
    home = homeOf('analytics', '7.1.0');
  });

  const portal = { profile: { name: 'portal', by: '--profile' } };

  test.each<[request: Partial<DoctorRequest>]>([[{}], [portal]])('is well: %j', async (request) => {
    const findings = await examine(home, request);
    expect(troubles(findings)).toEqual([]);
    const unfit = ['tmp-folder', 'java-opts-offset', 'server-hostname', 'offset-agent'];
    expect(findings.map(({ id }) => id).filter((id) => unfit.includes(id))).toEqual([]);
  });

  test('is looked at as the runtime that is asked for', async () => {
    write(join(home, 'wso2/portal/runtime.pid'), '70\n');
    write(join(home, 'wso2/portal/database/A.lock.db'));
    system.processes.rows.push(processRow(70, { name: 'nginx' }));
    expect(troubles(await examine(home))).toEqual([]);
    const findings = await examine(home, portal);
    expect(troubles(findings)).toEqual(['warning stale-pid-file', 'warning database-lock']);
    expect(one(findings, 'stale-pid-file').mend).toBe(`rm ${home}/wso2/portal/runtime.pid`);
  });

  test('has the other one in its way, and a command with the profile', async () => {
    system.processes.rows.push(processRow(70, { name: 'java' }));
    system.processes.arguments.set(70, [`-Dcarbon.home=${home}`, `-Dwso2.runtime.path=${home}/wso2/server`]);
    system.sockets.listen(9645, 70);
    expect(troubles(await examine(home))).toEqual(['error home-runs']);
    const findings = await examine(home, portal);
    expect(troubles(findings)).toEqual(['error ports-taken']);
    expect(one(findings, 'ports-taken').mend).toContain(` --home ${home} --profile portal --offset 3`);
  });

  test('has no profile of another name', async () => {
    const other = { profile: { name: 'worker', by: '--profile' } };
    expect(await failureFrom(examine(home, other))).toMatchObject({ kind: 'usage' });
  });

  test('with a space in its path is no use to its scripts', async () => {
    const spaced = join(folder, 'my analytics');
    createStandInHome(spaced, { product: 'analytics', version: '7.1.0' });
    expect(troubles(await examine(spaced))).toEqual(['error home-path', 'warning unchecked']);
  });

  test('takes listeners from the environment', async () => {
    const name = 'WSO2_TRANSPORT_HTTP__LISTENERCONFIGURATIONS_0__PORT';
    const env = { JAVA_HOME: join(folder, 'jdk'), WSO2_LAUNCH_STATE_DIR: join(folder, 'state') };
    changed = { env: { ...env, [name]: '9999' } };
    expect(one(await examine(home), 'leaking-variables').mend).toBe(`unset ${name}`);
  });
});

test('a check that can not be made is a warning, and the others are made', async () => {
  system.processes.withOpenFile = () => {
    throw new Error('EACCES: permission denied');
  };
  const home = homeOf('mi', '4.4.0');
  write(join(home, 'repository/database/A.lock.db'));
  const findings = await examine(home);
  expect(troubles(findings)).toEqual(['warning unchecked']);
  expect(one(findings, 'unchecked').what).toBe('Not checked: the databases. EACCES: permission denied.');
  expect(one(findings, 'ports-taken').level).toBe('ok');
});
