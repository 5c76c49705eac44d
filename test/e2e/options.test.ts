import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createStandInJdk } from '../../src/standin/home.js';
import type { Cli, CliOptions } from '../support/cli.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { where } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('options');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

type Variables = Readonly<Record<string, string>>;

/** The JSON of a dry run, or of any other report. */
async function report(
  [command = '', ...args]: readonly string[],
  options: CliOptions = {},
): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout, stderr } = await sandbox.run([command, '--json', ...args], options);
  if (code !== 0) throw new Error(`code ${code}: ${stderr}`);
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
}

const dryRun = (args: readonly string[], options: CliOptions = {}): Promise<Readonly<Record<string, unknown>>> =>
  report(['mi', '--dry-run', ...args], options);

async function interrupt(cli: Cli): Promise<void> {
  cli.kill('SIGINT');
  expect(await cli.exited).toEqual({ code: 130, signal: null });
}

const passing = (offset: number) => ({ offset, command: { args: [`-DportOffset=${offset}`] } });
const passingNothing = (offset: number) => ({ offset, command: { args: [] } });

/** A home whose own offset is one of ours, so that a launch without an offset stays in our range. */
const homeAt = (offset: number): string => sandbox.home('mi', { configuration: `[server]\noffset = ${offset}\n` });

// What each option and its variable may hold is a table in test/cli/command-line.test.ts.
describe('options are environment variables too', () => {
  test.each<[variables: Variables, args: readonly string[], planned: object]>([
    [{ WSO2_LAUNCH_OFFSET: `${MIN + 1}` }, [], passing(MIN + 1)],
    [{ WSO2_LAUNCH_AUTO_OFFSET: 'yes', WSO2_LAUNCH_MIN_OFFSET: `${MIN + 1}` }, [], passing(MIN + 1)],
    [{ WSO2_LAUNCH_OFFSET: `${MIN + 3}` }, ['-a'], passing(MIN)],
    [{ WSO2_LAUNCH_MIN_OFFSET: `${MIN + 1}` }, [], passingNothing(MIN)],
  ])('in the environment %j, on the command line %j', async (env, args, planned) => {
    expect(await dryRun(['--home', homeAt(MIN), ...args], { env })).toMatchObject(planned);
  });

  test.each<[variables: Variables, says: string]>([
    [{ WSO2_LAUNCH_OFFSET: 'abc' }, 'WSO2_LAUNCH_OFFSET takes a plain integer, not "abc"'],
    [{ WSO2_LAUNCH_QUIET: '1', WSO2_LAUNCH_VERBOSE: '1' }, 'contradict each other'],
  ])('a bad value is wrong usage, and its variable is named: %j', async (env, says) => {
    const { code, stderr } = await sandbox.run(['mi', '--home', homeAt(MIN)], { env });
    expect(stderr).toContain(says);
    expect(code).toBe(2);
  });

  test('the name, the output and the dry run can be asked for by variables', async () => {
    const cli = sandbox.start(['mi'], {
      env: { WSO2_LAUNCH_HOME: homeAt(MIN + 5), WSO2_LAUNCH_NAME: 'by-variable', WSO2_LAUNCH_JSON: '1' },
    });
    expect(await cli.event('ready')).toMatchObject({ name: 'by-variable', offset: MIN + 5 });
    await interrupt(cli);

    const env = { WSO2_LAUNCH_HOME: join(sandbox.folder, 'mi'), WSO2_LAUNCH_DRY_RUN: '1' };
    const { code, stdout } = await sandbox.run(['mi'], { env });
    expect(stdout).toContain(`offset    ${MIN + 5}`);
    expect(code).toBe(0);
  });
});

describe('the home', () => {
  const homeOf = async (args: readonly string[], options: CliOptions = {}): Promise<unknown> =>
    (await report(args, options))['home'];

  test.each([
    ['mi', 'MI_HOME'],
    ['apim', 'APIM_HOME'],
  ])('of %s is the one that %s names', async (product, variable) => {
    const mi = sandbox.home('mi');
    const apim = sandbox.home('apim', { product: 'apim', version: '4.5.0' });
    const homes: Variables = { MI_HOME: mi, APIM_HOME: apim };
    expect(await homeOf(['ports', product], { env: homes })).toBe(homes[variable]);
  });

  test('of the variable outranks the current folder, and is outranked by an option', async () => {
    const [here, named, option] = [sandbox.home('here'), sandbox.home('named'), sandbox.home('option')];
    const env = { MI_HOME: named };
    expect(await homeOf(['ports', 'mi'], { cwd: here, env })).toBe(named);
    expect(await homeOf(['ports', 'mi'], { cwd: here, env: { ...env, WSO2_LAUNCH_HOME: option } })).toBe(option);
    const rivals = { ...env, WSO2_LAUNCH_HOME: join(sandbox.folder, 'nowhere') };
    expect(await homeOf(['ports', 'mi', '--home', option], { cwd: here, env: rivals })).toBe(option);
  });

  test('may be named by a path from the current folder', async () => {
    const home = sandbox.home('mi');
    expect(await homeOf(['ports', 'mi', '--home', '../mi'], { cwd: sandbox.jdk })).toBe(home);
  });

  test('is the one that the variable names, even where that is unusable', async () => {
    const home = sandbox.home('mi');
    const nowhere = join(sandbox.folder, 'nowhere');
    const { code, stderr } = await sandbox.run(['mi'], { cwd: home, env: { MI_HOME: nowhere } });
    expect(stderr).toContain(`${nowhere} (from MI_HOME) is not a folder`);
    expect(code).toBe(3);
  });

  test('of a product-less launch is where one stands, whatever the variables name', async () => {
    const here = sandbox.home('here');
    const env = { MI_HOME: sandbox.home('named') };
    const options = ['--dry-run', '--offset', String(MIN + 6)];
    expect(await report(['run', ...options], { cwd: here, env })).toMatchObject({ product: 'mi', home: here });
  });

  test('is the nearest folder above that is a home of this product', async () => {
    const outer = sandbox.home('outer');
    const inner = sandbox.home('outer/repository/inner');
    const other = sandbox.home('outer/repository/inner/apim', { product: 'apim', version: '4.5.0' });
    const deep = join(other, 'repository/conf');
    const nearest = { cwd: deep };
    expect(await homeOf(['ports', 'mi'], nearest)).toBe(inner);
    expect(await homeOf(['ports', 'apim'], nearest)).toBe(other);
    expect(await homeOf(['ports'], nearest)).toBe(other);
    expect(await homeOf(['ports', 'mi'], { cwd: join(outer, 'repository') })).toBe(outer);
  });
});

describe('the JDK', () => {
  const javaHomeOf = async (args: readonly string[], options: CliOptions): Promise<unknown> => {
    const { command } = await dryRun(['--home', homeAt(MIN + 7), ...args], options);
    return (command as { env: { set: Variables } }).env.set['JAVA_HOME'];
  };

  test('is the one of the option, else of its variable, else of JAVA_HOME', async () => {
    const [a, b] = [join(sandbox.folder, 'jdk-a'), join(sandbox.folder, 'jdk-b')];
    for (const jdk of [a, b]) createStandInJdk(jdk, { version: '21.0.1' });
    expect(await javaHomeOf([], {})).toBe(sandbox.jdk);
    expect(await javaHomeOf([], { env: { WSO2_LAUNCH_JAVA_HOME: a } })).toBe(a);
    expect(await javaHomeOf(['--java-home', b], { env: { WSO2_LAUNCH_JAVA_HOME: a } })).toBe(b);
  });

  test('may be any of a release that is found', async () => {
    const env = { SDKMAN_DIR: join(sandbox.folder, 'sdkman') };
    const javas = join(env.SDKMAN_DIR, 'candidates/java');
    for (const version of ['20.0.9', '20.0.10', '23.0.1']) createStandInJdk(join(javas, version), { version });
    expect(await javaHomeOf(['--java', '20'], { env })).toBe(join(javas, '20.0.10'));
    const home = homeAt(MIN + 7);
    const { jdks } = (await report(['jdks', 'mi', '--home', home], { env })) as { jdks: { home: string }[] };
    expect(jdks.filter((jdk) => jdk.home.startsWith(sandbox.folder))).toEqual([
      { home: sandbox.jdk, version: '17.0.9', vendor: 'stand-in', foundBy: 'JAVA_HOME', fits: true },
      ...['20.0.10', '20.0.9', '23.0.1'].map((version) => ({
        ...{ home: join(javas, version), version, vendor: 'stand-in', foundBy: 'SDKMAN', fits: version !== '23.0.1' },
      })),
    ]);
    const wrong = await sandbox.run(['mi', '--dry-run', '--home', home, '--java', '23'], { env });
    expect(wrong).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`${join(javas, '23.0.1')} is JDK 23.0.1, but `),
    });
    expect(wrong.stderr).toMatch(
      /is JDK [\d.]+, which fits: use --java \d+, or name it with --java-home or JAVA_HOME\./,
    );
    const none = await sandbox.run(['mi', '--dry-run', '--home', home, '--java', '19'], { env });
    expect(none).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('No JDK 19 (from --java) was found; there is '),
    });
    const { stdout } = await sandbox.run(['jdks'], { env, cwd: sandbox.jdk });
    expect(stdout).toContain('20.0.9   stand-in');
  });

  test('is that of the java on PATH where nothing names one, links followed', async () => {
    const tools = join(sandbox.folder, 'tools');
    mkdirSync(tools);
    symlinkSync(join(sandbox.jdk, 'bin/java'), join(tools, 'java'));
    const through = ['/usr/bin/env', '-u', 'JAVA_HOME', process.execPath];
    expect(await javaHomeOf([], { env: { PATH: tools }, through })).toBe(sandbox.jdk);
  });
});

describe('the offset', () => {
  test('of a Micro Integrator that is told nothing is 10', async () => {
    expect(await report(['ports', 'mi', '--home', sandbox.home('mi')])).toMatchObject({ offset: 10 });
  });

  test('is the configured one, and then nothing is passed to the script', async () => {
    expect(await dryRun(['--home', homeAt(MIN + 8)])).toMatchObject(passingNothing(MIN + 8));
  });

  test('of -- -DportOffset=N is as if --offset had given it', async () => {
    const planned = { offset: MIN + 8, command: { args: ['-Dlast=1', `-DportOffset=${MIN + 8}`] } };
    const args = ['--home', homeAt(MIN), '--', `-DportOffset=${MIN + 8}`, '-Dlast=1'];
    expect(await dryRun(args)).toMatchObject(planned);
  });

  test.each<[how: string, options: readonly string[], last: readonly string[]]>([
    ['stays out of the arguments where none was asked for', [], []],
    ['comes last with --auto-offset', ['-a'], [`-DportOffset=${MIN + 9}`]],
    ['comes last with --offset', ['--offset', String(MIN + 9)], [`-DportOffset=${MIN + 9}`]],
  ])("%s, after the user's own in their order", async (_how, options, last) => {
    const own = ['--car', 'one.car', '-Dsome.property=1', '-x'];
    const args = ['mi', '--home', homeAt(MIN + 9), '--json', ...options, '--', ...own];
    const cli = sandbox.start(args);
    const { pid, offset } = await cli.event('ready');
    const received = argumentsOf(pid).slice(argumentsOf(pid).indexOf('org.wso2.carbon.bootstrap.Bootstrap') + 1);
    expect({ offset, received }).toEqual({ offset: MIN + 9, received: [...own, ...last] });
    await interrupt(cli);
  });
});

const ofProcess = (pid: unknown, file: string): string[] =>
  readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').slice(0, -1);
const argumentsOf = (pid: unknown): string[] => ofProcess(pid, 'cmdline');
const environmentOf = (pid: unknown): Variables =>
  Object.fromEntries(
    ofProcess(pid, 'environ').map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );

test('the server gets the environment without what is ours or would mislead its script', async () => {
  const home = sandbox.home('mi');
  const ours = { WSO2_LAUNCH_MIN_OFFSET: String(MIN + 11), WSO2_LAUNCH_AUTO_OFFSET: '1', WSO2_LAUNCH_JSON: '1' };
  const leaking = {
    ...{ RUNTIME_HOME: '/nowhere', CMD: 'stop', PORT: '1', ARGUMENT: 'x', OPTARG: 'x' },
    ...{ NODE_PARAMS: 'x', JAVACMD: '/bin/false', RUNTIME: 'x' },
  };
  const cli = sandbox.start(['mi', '--home', home], {
    env: { ...ours, ...leaking, CARBON_HOME: '/nowhere', OF_THE_USER: 'kept as it is' },
  });
  const { pid } = await cli.event('ready');
  const seen = environmentOf(pid);
  expect(seen).toMatchObject({
    CARBON_HOME: home,
    JAVA_HOME: sandbox.jdk,
    OF_THE_USER: 'kept as it is',
    WSO2_LAUNCH_STATE_DIR: sandbox.state,
  });
  const names = Object.keys(seen);
  expect(names.filter((name) => name in leaking)).toEqual([]);
  expect(names.filter((name) => name.startsWith('WSO2_LAUNCH_'))).toEqual(['WSO2_LAUNCH_STATE_DIR']);
  await interrupt(cli);
});

describe('help', () => {
  test.each([[['--help']], [['-h']], [[]]])('%j prints the commands', async (args) => {
    const { code, stdout, stderr } = await sandbox.run(args);
    for (const text of ['  apim ', '  exec <product> ', 'Examples:']) expect(stdout).toContain(text);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test("a command's help prints its options", async () => {
    const { code, stdout } = await sandbox.run(['mi', '--help']);
    for (const text of ['WSO2 Micro Integrator', '--auto-offset', '--min-offset', '--ready-timeout', '(5m)']) {
      expect(stdout).toContain(text);
    }
    expect(code).toBe(0);
  });

  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await sandbox.run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('completion', () => {
  test('prints the script of a shell, and refuses what is none', async () => {
    const { code, stdout, stderr } = await sandbox.run(['completion', 'bash']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('complete -F _wso2_launch wso2-launch\n');
    const { stdout: document } = await sandbox.run(['completion', 'bash', '--json']);
    expect(JSON.parse(document)).toEqual({ schemaVersion: 1, shell: 'bash', script: stdout });
    for (const [words, says] of [
      [['completion'], 'completion lacks the shell: one of bash, zsh, fish, powershell.'],
      [['completion', 'tcsh'], 'completion knows no shell "tcsh": it is one of bash, zsh, fish, powershell.'],
    ] as const) {
      expect(await sandbox.run(words)).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
    }
  });
});

describe('colour', () => {
  const ESCAPE = '\u001b[';

  test.each<[variables: Variables, args: readonly string[], isColoured: boolean]>([
    [{}, [], false],
    [{ FORCE_COLOR: '1' }, [], true],
    [{ FORCE_COLOR: '0' }, [], false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, [], false],
    [{ FORCE_COLOR: '1', NO_COLOR: '' }, [], true],
    [{ FORCE_COLOR: '1' }, ['--no-color'], false],
    [{ FORCE_COLOR: '1', WSO2_LAUNCH_NO_COLOR: '1' }, [], false],
  ])('off a terminal, with %j and %j: %j', async (env, args, isColoured) => {
    const { stderr } = await sandbox.run(['mi', '--home', sandbox.folder, ...args], { env });
    expect(stderr.includes(ESCAPE)).toBe(isColoured);
    expect(stderr).toContain('is not the home');
  });

  test('--no-color counts for wrong usage as well', async () => {
    const env = { FORCE_COLOR: '1' };
    expect((await sandbox.run(['mi', '--bogus'], { env })).stderr).toContain(ESCAPE);
    expect((await sandbox.run(['mi', '--bogus', '--no-color'], { env })).stderr).not.toContain(ESCAPE);
  });
});

describe('what a launch says off a terminal', () => {
  const STARTED = 'WSO2 Micro Integrator started in';

  const logOf = (name: string): string => readFileSync(join(sandbox.state, 'logs', `${name}.log`), 'utf8');

  test("is one line on stderr, and the server's output on stdout as it is in the log", async () => {
    const cli = sandbox.start(['mi', '--home', sandbox.home('mi'), '--offset', String(MIN + 12)]);
    await until('the ready line', () => cli.stderr.includes('ready'));
    expect(cli.stderr).toMatch(new RegExp(`^wso2-launch: mi ready, offset ${MIN + 12}, \\d+\\.\\d s\\n$`));
    await interrupt(cli);
    expect(cli.stdout).toBe(logOf('mi'));
    expect(cli.stdout).toContain(STARTED);
    expect(cli.stdout.trimEnd()).toMatch(/Shutdown complete$/);
  });

  test('has the name that was given in it', async () => {
    const args = ['mi', '--home', sandbox.home('mi'), '--offset', String(MIN + 12), '--name', 'My.mi_2-b'];
    const cli = sandbox.start(args);
    await until('the ready line', () => cli.stderr.includes('ready'));
    expect(cli.stderr).toMatch(new RegExp(`^wso2-launch: My\\.mi_2-b ready, offset ${MIN + 12}, \\d+\\.\\d s\\n$`));
    await interrupt(cli);
  });

  test.each<[what: string, args: readonly string[], env: Variables]>([
    ['--quiet', ['--quiet'], {}],
    ['its variable', [], { WSO2_LAUNCH_QUIET: '1' }],
    ["--quiet against the other's variable", ['--quiet'], { WSO2_LAUNCH_VERBOSE: '1' }],
  ])('is nothing with %s', async (_what, args, env) => {
    const all = ['mi', '--home', sandbox.home('mi'), '--offset', String(MIN + 13), '--json', ...args];
    const cli = sandbox.start(all, { env });
    await cli.event('ready');
    await interrupt(cli);
    expect(cli.stderr).toBe('');
  });

  test("is nothing with --quiet, but all of the server's output", async () => {
    const cli = sandbox.start(['mi', '--home', sandbox.home('mi'), '--offset', String(MIN + 13), '--quiet']);
    await until("the server's ready line", () => cli.stdout.includes(STARTED));
    await interrupt(cli);
    expect(cli.stdout).toBe(logOf('mi'));
    expect(cli.stderr).toBe('');
  });

  test.each<[what: string, args: readonly string[], env: Variables]>([
    ['--verbose', ['--verbose'], {}],
    ['its variable', [], { WSO2_LAUNCH_VERBOSE: '1' }],
    ["--verbose against the other's variable", ['--verbose'], { WSO2_LAUNCH_QUIET: '1' }],
  ])('is more with %s', async (_what, args, env) => {
    const home = sandbox.home('mi');
    const cli = sandbox.start(['mi', '--home', home, '--offset', String(MIN + 14), ...args], { env });
    await until('the ready line', () => cli.stderr.includes(' ready, '));
    await interrupt(cli);
    // How many gaps of its log are worth a line depends on how busy the machine was.
    const lines = cli.stderr
      .split('\n')
      .filter((line) => line !== '' && !/^wso2-launch: {3}\d.* without a line/.test(line));
    expect(lines).toEqual([
      `wso2-launch: mi is mi 4.4.0 in ${home}, offset ${MIN + 14}`,
      expect.stringMatching(
        new RegExp(
          `^wso2-launch: starting \\S+/micro-integrator\\.sh -DportOffset=${MIN + 14} \\(pid \\d+, log \\S+\\)$`,
        ),
      ),
      expect.stringMatching(new RegExp(`^wso2-launch: mi ready, offset ${MIN + 14}, \\d+\\.\\d s$`)),
      expect.stringMatching(
        /^wso2-launch: boot took \d+\.\d s: JVM \d+\.\d s, OSGi bundles \d+\.\d s, listeners \d+\.\d s$/,
      ),
      'wso2-launch: stopping mi; Ctrl-C again ends it at once',
      expect.stringMatching(/^wso2-launch: mi stopped \(graceful, \d+\.\d s\)$/),
    ]);
  });

  test('is silent about everything but errors with --quiet', async () => {
    const { code, stderr } = await sandbox.run(['mi', '--home', sandbox.folder, '--quiet']);
    expect(stderr).toContain('is not the home');
    expect(code).toBe(3);
  });

  test("with --json is an event a line, and the server's output is only in its log", async () => {
    const cli = sandbox.start(['mi', '--home', sandbox.home('mi'), '--offset', String(MIN + 12), '--json']);
    const { logFile } = await cli.event('ready');
    await interrupt(cli);
    const lines = cli.stdout.trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(events.map(({ event }) => event)).toEqual(['planned', 'starting', 'ready', 'stopping', 'stopped']);
    for (const event of events) {
      expect(event).toMatchObject({ schemaVersion: 1, name: 'mi', at: expect.stringMatching(/^\d{4}-.*Z$/) });
    }
    expect(logFile).toBe(join(sandbox.state, 'logs/mi.log'));
    expect(logOf('mi')).toContain(STARTED);
    expect(cli.stdout).not.toContain('Pass-through');
  });
});

test('the state folder is the same however it is spelt', async () => {
  const args = ['mi', '--home', sandbox.home('mi'), '-a', '--min-offset', String(MIN), '--name', 'blue', '--json'];
  const cli = sandbox.start(args);
  expect((await cli.event('ready'))['logFile']).toMatch(/^\//);
  for (const spelling of [`${sandbox.state}/`, 'state']) {
    const { code } = await sandbox.run(['ports', 'blue'], { env: { WSO2_LAUNCH_STATE_DIR: spelling } });
    expect(code).toBe(0);
  }
  cli.kill('SIGINT');
  expect((await cli.exited).code).toBe(130);
});

test('an offset in JAVA_OPTS counts as configured', async () => {
  const args = ['mi', '--home', sandbox.home('mi'), '--dry-run', '--json'];
  const { stdout } = await sandbox.run(args, { env: { JAVA_OPTS: `-Xss1m -DportOffset=${MIN + 5}` } });
  expect(JSON.parse(stdout)).toMatchObject({ offset: MIN + 5, command: { args: [] } });
});

// A file of Linux alone, which behaves like any on a disk without room.
where(existsSync('/dev/full'), '/dev/full').describe('a full disk under our output', () => {
  const onFullDisk: CliOptions = { through: ['sh', '-c', 'exec "$0" "$@" >/dev/full', process.execPath] };

  test.each([['--help'], ['ports', 'mi'], ['ps', '--json'], ['offset', 'get']])('fails %s %s', async (...words) => {
    const { code, stderr } = await sandbox.run(words, { ...onFullDisk, cwd: sandbox.home('mi') });
    expect(code).toBe(1);
    expect(stderr).toContain("The output can't be written: ENOSPC: no space left on device");
  });

  test('costs no server', async () => {
    const cli = sandbox.start(['mi', '--home', sandbox.home('mi'), '-a', '--min-offset', String(MIN)], onFullDisk);
    await until('ready', () => cli.stderr.includes('mi ready'));
    await interrupt(cli);
  });
});
