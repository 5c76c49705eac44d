import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createStandInJdk, type StandInHome } from '../../src/standin/home.js';
import type { CliOptions } from '../support/cli.js';
import { leaseFilesOf } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { needing } from '../support/tools.js';

const MIN = minOffsetOf('doctor');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

interface Found {
  readonly id: string;
  readonly level: string;
  readonly what: string;
  readonly why: string;
  readonly mend: string | null;
}

interface Report {
  readonly code: number | null;
  readonly findings: readonly Found[];
}

/** What the machine that runs the tests brings along. */
const OF_THE_MACHINE = ['open-files', 'memory', 'disk-space', 'machine-hostname', 'leases'];

/** The report of a home, after which its files and those of the state folder are what they were. */
async function examine(home: string, args: readonly string[] = [], options: CliOptions = {}): Promise<Report> {
  const before = everything();
  const { code, stdout, stderr } = await sandbox.run(['doctor', '--home', home, '--json', ...args], options);
  expect(stderr).toBe('');
  expect(everything()).toEqual(before);
  expect(leaseFilesOf(sandbox.folder)).toEqual([]);
  expect(sandbox.processes()).toEqual([]);
  return { code, findings: (JSON.parse(stdout) as { findings: Found[] }).findings };
}

/** Every file and folder of the sandbox, with whatever changes when it is touched. */
function everything(): string[] {
  const paths = readdirSync(sandbox.folder, { recursive: true, encoding: 'utf8' }).sort();
  return ['', ...paths].map((path) => {
    const { mode, size, mtimeMs, ino } = lstatSync(join(sandbox.folder, path));
    return `${path} ${mode} ${size} ${mtimeMs} ${ino}`;
  });
}

/** The findings that are more than `ok`, those of the machine left out. */
const troubles = ({ findings }: Report): Record<string, string> =>
  Object.fromEntries(
    findings
      .filter(({ id, level }) => level !== 'ok' && !OF_THE_MACHINE.includes(id))
      .map(({ id, level }) => [id, level]),
  );

const homeAt = (offset: number, more = '', options: Partial<StandInHome> = {}): string =>
  sandbox.home('mi', { configuration: `[server]\noffset = ${offset}\n${more}`, ...options });

describe('a healthy home', () => {
  test('has nothing to mend, and every check is in the JSON', async () => {
    const home = homeAt(MIN, 'hostname = "localhost"\n');
    const report = await examine(home);
    expect(troubles(report)).toEqual({});
    expect(report.code).toBe(0);
    const ids = new Set(report.findings.map(({ id }) => id));
    expect([...ids]).toEqual([
      'version',
      'jdk',
      'start-script',
      'line-ends',
      'tmp-folder',
      'unwritable-files',
      'open-files',
      'memory',
      'disk-space',
      'state-folder',
      'leases',
      'home-runs',
      'stale-pid-file',
      'database-in-use',
      'database-lock',
      'database-trace',
      'leaking-variables',
      'java-opts-offset',
      'java-opts-memory',
      'configuration',
      'ready-line',
      'properties-offset',
      'properties-ports',
      'server-hostname',
      'machine-hostname',
      'offset',
      'ports-taken',
      'message-broker',
      'ephemeral-ports',
      'clashing-ports',
      'literal-urls',
      'offset-agent',
    ]);
  });

  test('the JSON has its shape', async () => {
    const home = homeAt(MIN);
    rmSync(join(home, 'tmp'), { recursive: true });
    const { stdout } = await sandbox.run(['doctor', 'mi', '--home', home, '--json']);
    const { findings, ...head } = JSON.parse(stdout) as { findings: Found[] };
    expect(head).toEqual({ schemaVersion: 1, product: 'mi', version: '4.4.0', home });
    for (const finding of findings) expect(Object.keys(finding)).toEqual(['id', 'level', 'what', 'why', 'mend']);
    expect(findings.find(({ id }) => id === 'tmp-folder')).toEqual({
      id: 'tmp-folder',
      level: 'warning',
      what: `${home}/tmp is missing.`,
      why: 'The server works in this folder; the start script empties it, and never makes it.',
      mend: `mkdir ${home}/tmp`,
    });
    expect(findings.find(({ id }) => id === 'start-script')).toEqual({
      id: 'start-script',
      level: 'ok',
      what: `${home}/bin/micro-integrator.sh can be run.`,
      why: "A launch runs the product's own start script.",
      mend: null,
    });
  });

  test('in words, what is well comes with --verbose only', async () => {
    const home = homeAt(MIN);
    const quiet = await sandbox.run(['doctor', '--home', home]);
    const loud = await sandbox.run(['doctor', '--home', home, '--verbose']);
    expect(quiet).toMatchObject({ code: 0, stderr: '' });
    expect(quiet.stdout).not.toMatch(/^ok /m);
    expect(loud.stdout).toContain(`ok  start-script\n  ${home}/bin/micro-integrator.sh can be run.\n`);
    expect(loud.stdout).toMatch(/\n\n(Nothing to mend\.|\d+ warnings?)\n$/);
  });

  test('is found like that of a launch', async () => {
    const home = homeAt(MIN);
    const env = { MI_HOME: home };
    expect(JSON.parse((await sandbox.run(['doctor', 'mi', '--json'], { env })).stdout)).toMatchObject({ home });
    expect(JSON.parse((await sandbox.run(['doctor', '--json'], { cwd: `${home}/conf` })).stdout)).toMatchObject({
      home,
    });
  });
});

describe('an error gives code 3', () => {
  const script = (home: string): string => join(home, 'bin/micro-integrator.sh');

  test.each<[id: string, what: string, spoil: (home: string) => void]>([
    ['start-script', 'without its run bit', (home) => chmodSync(script(home), 0o644)],
    [
      'line-ends',
      'with carriage returns',
      (home) => writeFileSync(script(home), readFileSync(script(home), 'utf8').replaceAll('\n', '\r\n')),
    ],
    ['jdk', 'without a fitting JDK', () => createStandInJdk(sandbox.jdk, { version: '1.8.0_402' })],
    ['jdk', 'without any JDK', () => rmSync(sandbox.jdk, { recursive: true })],
    ['state-folder', 'without a state folder', () => writeFileSync(sandbox.state, '')],
    ['offset', 'at an offset beyond the ports', (home) => writeFileSync(toml(home), '[server]\noffset = 60000\n')],
    ['configuration', 'with a malformed configuration', (home) => writeFileSync(toml(home), '[server]\noffset = =\n')],
    ['configuration', 'with a port that is none', (home) => writeFileSync(toml(home), LISTENER_WITHOUT_PORT)],
  ])('%s: a home %s', async (id, _what, spoil) => {
    const home = homeAt(MIN);
    spoil(home);
    const report = await examine(home);
    expect(report.code).toBe(3);
    const needsOffset = id === 'configuration' || id === 'offset';
    expect(troubles(report)).toEqual({ [id]: 'error', ...(needsOffset && { unchecked: 'warning' }) });
  });

  const toml = (home: string): string => join(home, 'conf/deployment.toml');
  const LISTENER_WITHOUT_PORT = '[transport.http.listener]\nport = 0\n';

  test('a port that is taken, with its holder and a command for the smallest free offset', async () => {
    const home = homeAt(MIN + 1);
    await sandbox.hold(8243 + MIN + 1);
    const report = await examine(home);
    expect(troubles(report)).toEqual({ 'ports-taken': 'error' });
    expect(report.findings.find(({ id }) => id === 'ports-taken')).toMatchObject({
      what: expect.stringMatching(
        new RegExp(
          `^At offset ${MIN + 1} not every port is free: port ${8243 + MIN + 1} \\(https\\), held by .*, pid ${process.pid}\\.$`,
        ),
      ),
      mend: `The smallest free offset is ${MIN + 2}: wso2-launch mi --home ${home} --offset ${MIN + 2}`,
    });
    expect(report.code).toBe(3);
    expect(troubles(await examine(home, ['--offset', String(MIN + 2)]))).toEqual({});
  });

  test("a home that runs, with the name of its instance, whose own ports are in nobody else's way", async () => {
    const home = homeAt(MIN + 3);
    const cli = sandbox.start(['mi', '--home', home, '--name', 'blue', '--json']);
    await cli.event('ready');
    const { code, stdout } = await sandbox.run(['doctor', '--home', home, '--json']);
    const { findings } = JSON.parse(stdout) as { findings: Found[] };
    expect(troubles({ code, findings })).toEqual({ 'home-runs': 'error' });
    expect(findings.find(({ id }) => id === 'home-runs')).toMatchObject({
      what: expect.stringContaining(`${home} already runs (instance blue, offset ${MIN + 3}, pid `),
      mend: expect.stringContaining('wso2-launch stop blue'),
    });
    expect(code).toBe(3);
    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    const after = await examine(home);
    expect(troubles(after)).toEqual({});
    expect(after.code).toBe(0);
  });

  test('one trouble hides no other', async () => {
    const home = homeAt(MIN);
    chmodSync(script(home), 0o644);
    rmSync(join(home, 'tmp'), { recursive: true });
    rmSync(sandbox.jdk, { recursive: true });
    writeFileSync(toml(home), '[server\n');
    mkdirSync(join(home, 'repository/database'), { recursive: true });
    writeFileSync(join(home, 'repository/database/WSO2_MI.lock.db'), '');
    writeFileSync(join(home, 'conf/carbon.properties'), 'portOffset=3\n');
    const { code, stdout } = await sandbox.run(['doctor', '--home', home], {
      env: { CMD: 'stop', JAVA_OPTS: '-DportOffset=4' },
    });
    expect(code).toBe(3);
    const heads = stdout.split('\n').filter((line) => /^(error|warning|ok) /.test(line));
    const ours = heads.filter((line) => !OF_THE_MACHINE.some((id) => line.endsWith(` ${id}`)));
    expect(ours).toEqual([
      'error  jdk',
      'error  start-script',
      'error  configuration',
      'warning  tmp-folder',
      'warning  database-lock',
      'warning  leaking-variables',
      'warning  java-opts-offset',
      'warning  properties-offset',
      'warning  unchecked',
      'warning  unchecked',
    ]);
    expect(stdout).toMatch(/\n\n3 errors, \d+ warnings\n$/);
    expect(stdout).toContain('\n  ➜ unset CMD\n');
  });
});

test('a low limit of open files is that of the servers too', async () => {
  const through = ['/bin/sh', '-c', 'ulimit -n 1024; exec "$@"', 'sh', process.execPath];
  const { findings } = await examine(homeAt(MIN), [], { through });
  expect(findings.find(({ id }) => id === 'open-files')).toMatchObject({
    level: 'warning',
    what: 'A server may have only 1024 files open.',
    mend: 'ulimit -n 4096',
  });
});

test('a database that somebody has open is told with who', async () => {
  const home = homeAt(MIN);
  mkdirSync(join(home, 'repository/database'), { recursive: true });
  const file = join(home, 'repository/database/WSO2_MI.mv.db');
  writeFileSync(file, '');
  const fd = openSync(file, 'r');
  const report = await examine(home);
  closeSync(fd);
  expect(troubles(report)).toEqual({ 'database-in-use': 'error' });
  expect(report.findings.find(({ id }) => id === 'database-in-use')?.what).toMatch(
    new RegExp(`^${file} is open in .*, pid ${process.pid}\\.$`),
  );
  expect(troubles(await examine(home))).toEqual({});
});

describe('colours', () => {
  const RED = '\u001b[31merror';

  /** The report of a home with an error in it. */
  async function reportOf(args: readonly string[], options: CliOptions): Promise<string> {
    const home = homeAt(MIN);
    chmodSync(join(home, 'bin/micro-integrator.sh'), 0o644);
    const { stdout } = await sandbox.run(['doctor', '--home', home, ...args], options);
    expect(stdout).toContain('start-script');
    return stdout;
  }

  test.each<[args: readonly string[], env: Record<string, string>, isColoured: boolean]>([
    [[], {}, false],
    [[], { FORCE_COLOR: '1' }, true],
    [['--no-color'], { FORCE_COLOR: '1' }, false],
  ])('off a terminal with %j and %j: %j', async (args, env, isColoured) => {
    expect((await reportOf(args, { env })).includes(RED)).toBe(isColoured);
  });

  for (const [what, end, isColoured] of [
    ['a terminal, and standard error elsewhere', '2>/dev/null', true],
    ['a file, and standard error on a terminal', '| cat', false],
  ] as const) {
    needing('script').test(`with standard output on ${what}`, async () => {
      const through = ['sh', '-c', `exec script -qfec "$0 $* ${end}" /dev/null`, process.execPath];
      expect((await reportOf([], { through })).includes(RED)).toBe(isColoured);
    });
  }
});

describe('what can not be looked at', () => {
  test.each<[what: string, code: number, args: readonly string[], says: readonly string[]]>([
    ['no home at all', 3, [], ['No WSO2 home was found', '--home']],
    ['a word that is no product', 2, ['green'], ['"green" is no product', 'apim, control-plane']],
    ['an offset that is no number', 2, ['mi', '--offset', 'abc'], ['--offset', 'plain integer', '"abc"']],
    ['an option of a launch', 2, ['mi', '--auto-offset'], ['doctor has no option --auto-offset']],
  ])('%s ends with code %i', async (_what, code, args, says) => {
    const ended = await sandbox.run(['doctor', ...args]);
    for (const text of says) expect(ended.stderr).toContain(text);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
  });

  test('the home of another product ends with code 3', async () => {
    const { code, stderr } = await sandbox.run(['doctor', 'apim', '--home', sandbox.home('mi')]);
    expect(stderr).toContain('not of a WSO2 API Manager');
    expect(code).toBe(3);
  });
});
