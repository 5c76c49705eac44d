import { describe, expect, test } from '@jest/globals';
import {
  type Finding,
  failed,
  fine,
  hasErrors,
  isLoopback,
  judgeAgent,
  judgeBroker,
  judgeClashes,
  judgeClientPorts,
  judgeConfiguration,
  judgeDatabases,
  judgeDiskSpace,
  judgeHostname,
  judgeJdk,
  judgeLeases,
  judgeLineEnds,
  judgeMemory,
  judgeMemoryOptions,
  judgeOffsetOption,
  judgeOpenFiles,
  judgePidFile,
  judgePorts,
  judgeProperties,
  judgeTmpFolder,
  judgeTwin,
  judgeUrls,
  judgeVariables,
  judgeVersion,
  unchecked,
} from '../../src/domain/doctor.js';
import { LaunchError } from '../../src/domain/failure.js';
import { propertiesInFile, readLast } from '../../src/domain/properties.js';
import { processRow } from '../support/fake-system.js';

/** `error jdk: what → mend`, `ok jdk`. */
const inWords = ({ level, id, what, mend }: Finding): string =>
  level === 'ok' ? `ok ${id}` : `${level} ${id}: ${what} → ${mend}`;

const SUBJECT = { id: 'apim', home: '/opt/my am' };
const MIB = 2 ** 20;

test('a finding has its reason, and what is well needs no mending', () => {
  expect(fine('jdk', 'It fits.')).toEqual({
    id: 'jdk',
    level: 'ok',
    what: 'It fits.',
    why: 'A version is made for some JDKs. On another its start script may end, or the server may run with faults.',
    mend: null,
  });
});

test('a refusal of a launch is an error with its own words', () => {
  const error = new LaunchError({ kind: 'unusable-jdk', what: 'No JDK.', hint: 'Name one.' });
  expect(inWords(failed('jdk', error))).toBe('error jdk: No JDK. → Name one.');
});

test('only errors count as such', () => {
  const warned = unchecked('the moon', 'It is cloudy.');
  expect(inWords(warned)).toBe('warning unchecked: Not checked: the moon. It is cloudy. → Look at it yourself.');
  expect(hasErrors([warned, fine('jdk', '')])).toBe(false);
  expect(hasErrors([warned, judgeLineEnds(['/a'])])).toBe(true);
});

test.each<[what: string, judge: () => Finding | readonly Finding[], words: readonly string[]]>([
  ['a known version', () => judgeVersion('Micro Integrator 4.4.0', []), ['ok version']],
  [
    'an unknown version',
    () => judgeVersion('Micro Integrator 9.0', ['It is 9.0.']),
    ['warning version: It is 9.0. → Compare the ports with those of wso2-launch ports.'],
  ],
  ['a fitting JDK', () => judgeJdk('/jdk', []), ['ok jdk']],
  [
    'a JDK that tells no version',
    () => judgeJdk('/jdk', ['Who knows.']),
    ['warning jdk: Who knows. → Name another one with --java-home or JAVA_HOME.'],
  ],
  ['a configuration without warnings', () => judgeConfiguration([]), ['ok configuration']],
  [
    'two warnings of the configuration',
    () => judgeConfiguration(['One.', 'Two.']),
    [
      'warning configuration: One. → Mend it in the file that is named.',
      'warning configuration: Two. → Mend it in the file that is named.',
    ],
  ],
  ['leases', () => judgeLeases(undefined), ['ok leases']],
  [
    'no leases',
    () => judgeLeases('/tmp/wso2-launch is not a folder'),
    [
      "warning leases: The lease folder can't be used: /tmp/wso2-launch is not a folder. → Remove what lies in its place; a launch makes it anew.",
    ],
  ],
  ['scripts as they should be', () => judgeLineEnds([]), ['ok line-ends']],
  [
    'a script from Windows',
    () => judgeLineEnds(['/am/bin/api-manager.sh']),
    [
      "error line-ends: /am/bin/api-manager.sh has the line ends of Windows. → sed -i 's/\\r$//' /am/bin/api-manager.sh",
    ],
  ],
  [
    'two, one with a space in its path',
    () => judgeLineEnds(['/a.sh', '/b c.sh']),
    ["error line-ends: /a.sh, /b c.sh have the line ends of Windows. → sed -i 's/\\r$//' /a.sh '/b c.sh'"],
  ],
  ['enough files', () => judgeOpenFiles(4096), ['ok open-files']],
  ['files without limit', () => judgeOpenFiles(Number.POSITIVE_INFINITY), ['ok open-files']],
  [
    'too few files',
    () => judgeOpenFiles(4095),
    ['warning open-files: A server may have only 4095 files open. → ulimit -n 4096'],
  ],
  [
    'an untold limit of files',
    () => judgeOpenFiles(undefined),
    ['warning unchecked: Not checked: the limit of open files. This system does not tell it. → ulimit -n'],
  ],
  ['enough space', () => judgeDiskSpace('/am', 256 * MIB), ['ok disk-space']],
  [
    'too little space',
    () => judgeDiskSpace('/am', 256 * MIB - 1),
    ['warning disk-space: Only 255 MiB are free for /am. → Make room there: df -h /am'],
  ],
  [
    'untold space',
    () => judgeDiskSpace('/am', undefined),
    ['warning unchecked: Not checked: the space left for /am. The system does not tell it. → df -h /am'],
  ],
  ['a name that resolves', () => judgeHostname('server-hostname', 'x', 'x', undefined), ['ok server-hostname']],
  [
    'a name that does not',
    () => judgeHostname('machine-hostname', 'vm, the name of this machine,', 'vm', 'ENOTFOUND'),
    [
      "warning machine-hostname: vm, the name of this machine, does not resolve (ENOTFOUND). → If it means this machine: echo '127.0.0.1 vm' | sudo tee -a /etc/hosts",
    ],
  ],
  ['no broker', () => judgeBroker([], SUBJECT), ['ok message-broker']],
  [
    'a broker',
    () => judgeBroker(['It is RabbitMQ.'], SUBJECT),
    [
      "warning message-broker: It is RabbitMQ. → Stop the broker, or move the server: wso2-launch apim --home '/opt/my am' --auto-offset",
    ],
  ],
  ['no ports of outgoing connections', () => judgeClientPorts([], SUBJECT), ['ok ephemeral-ports']],
  [
    'ports of outgoing connections',
    () => judgeClientPorts(['Port 33000 is.'], SUBJECT),
    ["warning ephemeral-ports: Port 33000 is. → wso2-launch apim --home '/opt/my am' --auto-offset --min-offset 0"],
  ],
  ['no clash', () => judgeClashes([]), ['ok clashing-ports']],
  [
    'a clash',
    () => judgeClashes(['a and b both want port 1.']),
    [
      'warning clashing-ports: a and b both want port 1. → Give one of them another port; where only one of them moves, another offset parts them.',
    ],
  ],
  ['URLs that follow', () => judgeUrls([]), ['ok literal-urls']],
  [
    'a URL that does not',
    () =>
      judgeUrls([
        {
          key: 'apim.gateway.environment[0].ws_endpoint',
          value: 'ws://localhost:9099',
          source: 'deployment.toml:7',
          meaning: { port: 'ws' },
          port: '9099',
          start: 15,
          shouldBe: 9100,
        },
      ]),
    [
      'warning literal-urls: deployment.toml:7: apim.gateway.environment[0].ws_endpoint = "ws://localhost:9099" does not follow the offset. → Launch with --follow-offset, or write there: ws_endpoint = "ws://localhost:9100"',
    ],
  ],
])('%s', (_what, judge, words) => {
  expect([judge()].flat().map(inWords)).toEqual(words);
});

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

describe('databases', () => {
  const files = ['/am/A.mv.db', '/am/A.lock.db', '/am/A.trace.db'];
  const lock = 'warning database-lock: /am/A.lock.db was left behind. → rm /am/A.lock.db';
  const trace =
    'warning database-trace: /am/A.trace.db tells of trouble with that database. → Read it, and remove it then: tail /am/A.trace.db';

  test.each<[what: string, found: Parameters<typeof judgeDatabases>[0], words: readonly string[]]>([
    ['none', { files: [], open: [] }, ['ok database-in-use', 'ok database-lock', 'ok database-trace']],
    ['alone', { files: ['/am/A.mv.db'], open: [] }, ['ok database-in-use', 'ok database-lock', 'ok database-trace']],
    ['with a lock and a trace', { files, open: [] }, ['ok database-in-use', lock, trace]],
    [
      'in use',
      { files: ['/am/A.mv.db'], open: [{ file: '/am/A.mv.db', pid: 7, command: 'dbeaver' }] },
      [
        'error database-in-use: /am/A.mv.db is open in dbeaver, pid 7. → Close it there, or end it: kill 7',
        'ok database-lock',
        'ok database-trace',
      ],
    ],
    [
      'of which nobody knows who uses them',
      { files, open: undefined },
      [
        'warning unchecked: Not checked: who has the databases open. This system does not tell it. → Look at it yourself.',
        lock,
        trace,
      ],
    ],
  ])('%s', (_what, found, words) => {
    expect(judgeDatabases(found).map(inWords)).toEqual(words);
  });
});

describe('memory', () => {
  const SCRIPT = '#!/bin/sh\n# JVM_MEM_OPTS="-Xmx9g"\n[ -z "$JVM_MEM_OPTS" ] && JVM_MEM_OPTS="-Xms256m -Xmx1024m"\n';

  test.each<[available: number, startScript: string | undefined, env: Record<string, string>, words: string]>([
    [1024, SCRIPT, {}, 'ok memory'],
    [1023, SCRIPT, {}, 'Only 1023 MiB of memory are free, and the server may take 1024 MiB (-Xmx1024m).'],
    [1023, undefined, {}, 'Only 1023 MiB of memory are free, and the server may take 1024 MiB.'],
    [1023, SCRIPT, { JVM_MEM_OPTS: '-Xmx512m' }, 'ok memory'],
    [1023, SCRIPT, { JAVA_OPTS: '-Da=b -Xmx524288k' }, 'ok memory'],
    [
      2000,
      SCRIPT,
      { JAVA_OPTS: '-Xmx2g' },
      'Only 2000 MiB of memory are free, and the server may take 2048 MiB (-Xmx2g).',
    ],
    [
      2000,
      SCRIPT,
      { JVM_MEM_OPTS: '-Xmx512m', JAVA_OPTS: '-Xmx4G' },
      'Only 2000 MiB of memory are free, and the server may take 4096 MiB (-Xmx4G).',
    ],
  ])('%j MiB for %j with %j', (available, startScript, env, words) => {
    const found = judgeMemory(available * MIB, { startScript, env });
    expect(found.level === 'ok' ? inWords(found) : found.what).toBe(words);
  });

  test.each<[env: Record<string, string>, words: string]>([
    [{}, 'ok java-opts-memory'],
    [{ JVM_MEM_OPTS: '-Xmx512m' }, 'ok java-opts-memory'],
    [{ JAVA_OPTS: '-Da=b' }, 'ok java-opts-memory'],
    [
      { JAVA_OPTS: '-Xmx512m' },
      "warning java-opts-memory: JAVA_OPTS sets -Xmx512m, and the start script -Xms256m -Xmx1024m. → Take it out of JAVA_OPTS: export JVM_MEM_OPTS='-Xms256m -Xmx512m'",
    ],
    [
      { JAVA_OPTS: '-Xmx512m', JVM_MEM_OPTS: '-Xmx2g' },
      'warning java-opts-memory: JAVA_OPTS sets -Xmx512m, and JVM_MEM_OPTS -Xmx2g. → Take it out of JAVA_OPTS: export JVM_MEM_OPTS=-Xmx512m',
    ],
    [
      { JAVA_OPTS: '-Xmx128m' },
      'error java-opts-memory: JAVA_OPTS sets -Xmx128m, and the start script -Xms256m -Xmx1024m: no JVM starts with -Xms256m -Xmx128m. → Take it out of JAVA_OPTS, and set both in JVM_MEM_OPTS.',
    ],
    [
      { JAVA_OPTS: '-Xms4g', JVM_MEM_OPTS: '-Xmx2g' },
      'error java-opts-memory: JAVA_OPTS sets -Xms4g, and JVM_MEM_OPTS -Xmx2g: no JVM starts with -Xms4g -Xmx2g. → Take it out of JAVA_OPTS, and set both in JVM_MEM_OPTS.',
    ],
  ])('that the environment asks for: %j', (env, words) => {
    expect(inWords(judgeMemoryOptions({ startScript: SCRIPT, env }))).toBe(words);
  });
});

test.each([
  [{ JAVA_OPTS: '-DportOffset=5' }, 'JAVA_OPTS sets -DportOffset=5'],
  [{ JAVA_OPTS: '-Da=b -DportOffset' }, 'JAVA_OPTS sets -DportOffset'],
  [{ JAVA_OPTS: '-DportOffset=1 -DportOffset=2' }, 'JAVA_OPTS sets -DportOffset=2'],
  [{ JAVA_OPTS: '-Da=b', JAVA_TOOL_OPTIONS: '-DportOffset=5' }, 'JAVA_TOOL_OPTIONS sets -DportOffset=5'],
  [{ JDK_JAVA_OPTIONS: '-DportOffset=6', JAVA_OPTS: '-DportOffset=5' }, 'JAVA_OPTS sets -DportOffset=5'],
])('an offset in %j', (env, told) => {
  expect(inWords(judgeOffsetOption({}))).toBe('ok java-opts-offset');
  expect(inWords(judgeOffsetOption(env))).toBe(
    `warning java-opts-offset: ${told}. → Take it out, and give the offset with --offset.`,
  );
});

test.each<[env: Record<string, string>, words: string]>([
  [{ PATH: '/bin', PORTS: '1' }, 'ok leaking-variables'],
  [{ CMD: '' }, 'ok leaking-variables'],
  [{ CARBON_HOME: '/am' }, 'ok leaking-variables'],
  [
    { CARBON_HOME: '/old', PORT: '3000', CMD: 'a b' },
    "warning leaking-variables: The environment has CARBON_HOME=/old, CMD='a b', PORT=3000. → unset CARBON_HOME CMD PORT",
  ],
])('what scripts take from the environment: %j', (env, words) => {
  expect(inWords(judgeVariables(env, '/am'))).toBe(words);
});

describe('a file of properties', () => {
  const PORTS = [
    { name: 'servlet-https', scheme: 'https', property: 'tomcat.https.port' },
    { name: 'ws', scheme: 'ws' },
  ] as const;
  const read = (text: string) => propertiesInFile(text, 'carbon.properties');
  const judge = (text: string, isLast: boolean, isOffsetPassed: boolean): string[] => {
    const properties = isLast ? readLast(read(text)) : read(text);
    return judgeProperties({ properties, ports: PORTS, isOffsetPassed }).map(inWords);
  };
  const mend = '→ Remove that line; the offset belongs into deployment.toml.';

  test.each<[text: string, isLast: boolean, isOffsetPassed: boolean, offset: string, ports: string]>([
    ['a=b\n', true, true, 'ok properties-offset', 'ok properties-ports'],
    [
      'portOffset=3\n',
      false,
      true,
      `warning properties-offset: carbon.properties:1 sets portOffset = 3. ${mend}`,
      'ok properties-ports',
    ],
    [
      'portOffset=3\n',
      true,
      false,
      `warning properties-offset: carbon.properties:1 sets portOffset = 3. ${mend}`,
      'ok properties-ports',
    ],
    [
      'portOffset=3\n',
      true,
      true,
      `error properties-offset: carbon.properties:1 sets portOffset = 3, not the one that is asked for. ${mend}`,
      'ok properties-ports',
    ],
    [
      '\ntomcat.https.port=9445\n',
      true,
      false,
      'ok properties-offset',
      'warning properties-ports: carbon.properties:2 sets tomcat.https.port = 9445 (servlet-https). → Remove that line, and set the port in deployment.toml, where the offset is added to it.',
    ],
  ])('%j, read last: %j, with an offset passed: %j', (text, isLast, isOffsetPassed, ...words) => {
    expect(judge(text, isLast, isOffsetPassed)).toEqual(words);
  });
});

describe('ports that are taken', () => {
  const taken = [{ name: 'amqp', number: 5672, by: { pid: 7, command: 'beam.smp' } }];
  const found = { offset: 0, taken, fixed: [], free: 1, unbeatable: undefined };
  const what = 'error ports-taken: At offset 0 not every port is free: port 5672 (amqp), held by beam.smp, pid 7.';

  test.each<[what: string, more: object, words: string]>([
    ['none', { taken: [], free: 0 }, 'ok ports-taken'],
    [
      'at this offset only',
      {},
      `${what} → The smallest free offset is 1: wso2-launch apim --home '/opt/my am' --offset 1`,
    ],
    [
      'where nothing passed changes the offset',
      { unbeatable: 'carbon.properties:3' },
      `${what} → The smallest free offset is 1: change portOffset in carbon.properties:3`,
    ],
    ['at every offset', { free: undefined }, `${what} → Stop what holds these ports: no other offset is free either.`],
    [
      'that no offset moves',
      { free: undefined, fixed: [{ name: 'amqp', number: 5672 }] },
      `${what} → amqp 5672 is fixed, so that no offset helps: give the server another port there, or come back when it is free.`,
    ],
  ])('%s', (_what, more, words) => {
    expect(inWords(judgePorts({ ...found, ...more }, SUBJECT))).toBe(words);
  });
});

test.each<[isOn: boolean, configured: number | undefined, words: string]>([
  [false, 10, 'ok offset-agent'],
  [true, 3, 'ok offset-agent'],
  [true, undefined, 'ok offset-agent'],
  [
    true,
    10,
    'warning offset-agent: The Agent is on (icp.enabled) and reports the ports of offset 10 (default), where the server runs at 3. → Write it into deployment.toml, below [server]: offset = 3',
  ],
])('an agent that is on (%j) and knows offset %j, at offset 3', (isOn, configured, words) => {
  const agent = { title: 'Agent', key: 'icp.enabled' };
  expect(inWords(judgeAgent(agent, { isOn, offset: 3, configured, source: 'default' }))).toBe(words);
});

test.each<[instance: string | undefined, mend: string]>([
  ['blue', 'Unpack it twice. Or stop it: wso2-launch stop blue'],
  [undefined, 'Unpack it twice.'],
])('a home that runs as %j', (instance, mend) => {
  const runs = new LaunchError({ kind: 'home-runs', home: '/am', by: 'process 7', hint: 'Unpack it twice.' });
  expect(inWords(judgeTwin(runs, instance))).toBe(`error home-runs: /am already runs (process 7). → ${mend}`);
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
