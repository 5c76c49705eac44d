import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeSystem } from '../../src/system/index.js';
import { leaseFilesOf } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('dry-run');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

function everythingInSandbox(): string[] {
  const paths = readdirSync(sandbox.folder, { recursive: true, encoding: 'utf8' });
  return paths.map((path) => {
    const { ino, mode, size, mtimeMs } = lstatSync(join(sandbox.folder, path));
    return `${path} ${ino} ${mode} ${size} ${mtimeMs}`;
  });
}

const port = { shifted: true, required: true, source: 'default' };
const portsAt = (offset: number): object[] => [
  { ...port, name: 'http', base: 8280, number: 8280 + offset, scheme: 'http' },
  { ...port, name: 'https', base: 8243, number: 8243 + offset, scheme: 'https' },
  { ...port, name: 'management', base: 9154, number: 9154 + offset, scheme: 'https' },
  { ...port, name: 'internal', base: 9191, number: 9191 + offset, scheme: 'http' },
];

describe('a dry run prints exactly what would run', () => {
  const options = (offset: number): string[] => ['--dry-run', '-a', '--min-offset', String(offset)];
  const env = { CMD: 'stop', CARBON_HOME: '/nowhere', WSO2_LAUNCH_STOP_TIMEOUT: '1m' };

  test('as JSON', async () => {
    const home = sandbox.home('mi');
    const args = ['mi', '--home', home, ...options(MIN), '--json', '--', '-Dx=1'];
    const { code, stdout, stderr } = await sandbox.run(args, { env });
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      product: 'mi',
      version: '4.4.0',
      home,
      offset: MIN,
      command: {
        file: join(home, 'bin/micro-integrator.sh'),
        args: ['-Dx=1', `-DportOffset=${MIN}`],
        cwd: home,
        env: {
          set: { CARBON_HOME: home, JAVA_HOME: sandbox.jdk },
          unset: ['CMD', 'WSO2_LAUNCH_STOP_TIMEOUT'],
        },
      },
      ports: portsAt(MIN),
      skipped: [],
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('as text', async () => {
    const home = sandbox.home('mi');
    await sandbox.hold(9191 + MIN + 1);
    const args = ['mi', '--home', home, ...options(MIN + 1), '--', '-Dquote="', '-Dx=1'];
    const { code, stdout, stderr } = await sandbox.run(args, { env });
    const column = (base: number): string => String(base + MIN + 2).padEnd(5);
    expect(stdout.split('\n')).toEqual([
      'product   WSO2 Micro Integrator 4.4.0',
      `home      ${home}`,
      `offset    ${MIN + 2}`,
      expect.stringMatching(
        new RegExp(
          `^ {10}offset ${MIN + 1} was passed over: port ${9191 + MIN + 1} \\(internal\\), held by .*, pid \\d+$`,
        ),
      ),
      `command   ${home}/bin/micro-integrator.sh '-Dquote="' -Dx=1 -DportOffset=${MIN + 2}`,
      `folder    ${home}`,
      `set       CARBON_HOME=${home}`,
      `set       JAVA_HOME=${sandbox.jdk}`,
      'unset     CMD',
      'unset     WSO2_LAUNCH_STOP_TIMEOUT',
      `port      ${column(8280)}  http`,
      `port      ${column(8243)}  https`,
      `port      ${column(9154)}  management`,
      `port      ${column(9191)}  internal`,
      '',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('which is nothing about the offset where the server finds it by itself', async () => {
    const home = sandbox.home('my mi', { configuration: `[server]\noffset = ${MIN + 3}\n` });
    const { stdout } = await sandbox.run(['run', '--home', home, '--dry-run']);
    expect(stdout.split('\n').slice(2, 5)).toEqual([
      `offset    ${MIN + 3} (the server finds it by itself)`,
      `command   '${home}/bin/micro-integrator.sh'`,
      `folder    ${home}`,
    ]);
  });
});

test('offsets that are passed over come with the port in the way and who has it', async () => {
  const slow = sandbox.home('slow', { behaviour: { bindAfterMs: 600_000 } });
  const cli = sandbox.start(['mi', '--home', slow, '--offset', String(MIN + 5), '--name', 'slow', '--json']);
  const { pid } = await cli.event('starting');
  await sandbox.hold(8243 + MIN + 6);

  const args = ['mi', '--home', sandbox.home('mi'), '--dry-run', '--json', '-a', '--min-offset', String(MIN + 5)];
  const { stdout } = await sandbox.run(args);
  const command = expect.any(String);
  expect(JSON.parse(stdout)).toMatchObject({
    offset: MIN + 7,
    skipped: [
      { offset: MIN + 5, port: { name: 'http', number: 8280 + MIN + 5 }, by: { pid, command, instance: 'slow' } },
      { offset: MIN + 6, port: { name: 'https', number: 8243 + MIN + 6 }, by: { pid: process.pid, command } },
    ],
  });
  cli.kill('SIGINT');
  expect((await cli.exited).code).toBe(130);
});

test('nothing is started, changed or kept: no lease, no log, no state folder', async () => {
  const home = sandbox.home('mi');
  const before = everythingInSandbox();
  const args = ['mi', '--home', home, '--dry-run', '--json', '--offset', String(MIN + 8)];
  const ended = await Promise.all([sandbox.run(args), sandbox.run(args)]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  expect(sandbox.processes()).toEqual([]);
  expect(leaseFilesOf(sandbox.folder)).toEqual([]);
  expect(everythingInSandbox()).toEqual(before);
});

test('the offset of a dry run is the one that the launch then has', async () => {
  const args = ['mi', '--home', sandbox.home('mi'), '-a', '--min-offset', String(MIN + 9), '--json'];
  await sandbox.hold(8280 + MIN + 9);
  const { stdout } = await sandbox.run([...args, '--dry-run']);
  const { offset, command, ports } = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  const cli = sandbox.start(args);
  expect(await cli.event('starting')).toMatchObject({ offset, command });
  expect(await cli.event('ready')).toMatchObject({ offset, ports });
  cli.kill('SIGINT');
  expect((await cli.exited).code).toBe(130);
});

describe('a dry run makes the checks of a launch', () => {
  test('a fixed offset whose ports are taken ends with code 4', async () => {
    await sandbox.hold(9154 + MIN + 11);
    const args = ['mi', '--home', sandbox.home('mi'), '--dry-run', '--offset', String(MIN + 11)];
    const { code, stdout, stderr } = await sandbox.run(args);
    expect(stderr).toContain(`port ${9154 + MIN + 11} (management), held by`);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  });

  test('a home that runs, and a name that is taken, end with code 8', async () => {
    const home = sandbox.home('mi');
    const cli = sandbox.start(['mi', '--home', home, '--offset', String(MIN + 12), '--json']);
    await cli.event('starting');
    const again = await sandbox.run(['mi', '--home', home, '--dry-run', '-a', '--min-offset', String(MIN + 13)]);
    expect(again.stderr).toContain(`${home} already runs (instance mi, offset ${MIN + 12}`);
    expect(again.code).toBe(8);

    const other = ['mi', '--home', sandbox.home('other'), '--dry-run', '-a', '--min-offset', String(MIN + 13)];
    const namesake = await sandbox.run([...other, '--name', 'mi']);
    expect(namesake.stderr).toContain('The name mi belongs to a running instance');
    expect(namesake.code).toBe(8);
    cli.kill('SIGINT');
    expect((await cli.exited).code).toBe(130);
  });

  test('a state folder that is a file ends with code 3', async () => {
    const args = ['mi', '--home', sandbox.home('mi'), '--dry-run', '-a', '--min-offset', String(MIN + 14)];
    const file = join(sandbox.jdk, 'release');
    const { code, stderr } = await sandbox.run(args, { env: { WSO2_LAUNCH_STATE_DIR: file } });
    expect(stderr).toContain(`state folder ${file} can't be used`);
    expect(code).toBe(3);
  });

  test('a failure with --json is the event of a launch', async () => {
    const { code, stdout } = await sandbox.run(['mi', '--home', sandbox.folder, '--dry-run', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'failed', name: null, code: 3, failure: 'unusable-home' });
    expect(code).toBe(3);
  });

  test('exec shows the launch and runs nothing', async () => {
    const ran = join(sandbox.folder, 'ran');
    const args = ['exec', 'mi', '--home', sandbox.home('mi'), '--offset', String(MIN), '--dry-run', '--', 'touch', ran];
    const { code, stdout } = await sandbox.run(args);
    expect(stdout).toContain(`micro-integrator.sh -DportOffset=${MIN}`);
    expect(code).toBe(0);
    expect(existsSync(ran)).toBe(false);
  });
});

describe('secrets among the arguments are shown nowhere', () => {
  const SECRETS = ['keepMeHidden', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'] as const;
  const args = ['--', `-Dkeystore.password=${SECRETS[0]}`, `-Dmy.plain=${SECRETS[1]}`, `-Du=http://a:${SECRETS[0]}@b`];
  const shown = ['-Dkeystore.password=***', '-Dmy.plain=***', '-Du=http://a:***@b', '-Dfoo=bar'];
  const expectNone = (text: string): void => {
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  };

  test('by a dry run', async () => {
    const options = ['mi', '--home', sandbox.home('mi'), '--dry-run', '--offset', String(MIN)];
    for (const more of [[], ['--json']]) {
      const { code, stdout, stderr } = await sandbox.run([...options, ...more, ...args, '-Dfoo=bar']);
      expect(code).toBe(0);
      expectNone(stdout + stderr);
      for (const argument of shown) expect(stdout).toContain(argument);
    }
  });

  test('by a launch, to which they are passed all the same', async () => {
    const home = sandbox.home('mi');
    const cli = sandbox.start(['mi', '--home', home, '--offset', String(MIN), '--verbose', '--json', ...args]);
    const { pid } = await cli.event('ready');
    expect((await cli.event('starting'))['command']).toMatchObject({
      args: [...shown.slice(0, 3), `-DportOffset=${MIN}`],
    });
    expect(nodeSystem.processes.argumentsOf(pid as number)).toEqual(expect.arrayContaining(args.slice(1)));
    cli.kill('SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
    expectNone(cli.stdout + cli.stderr);
    for (const { name } of sandbox.records) {
      expectNone(readFileSync(join(sandbox.state, `instances/${name}.json`), 'utf8'));
    }
  });

  test('by a refusal of what the scripts can not carry', async () => {
    const home = sandbox.home('mi');
    const { code, stderr } = await sandbox.run(['mi', '--home', home, '--', '-Dmy.secret=keepMeHidden too']);
    expect(code).toBe(2);
    expect(stderr).toContain('"-Dmy.secret=***"');
    expectNone(stderr);
  });

  test('by doctor', async () => {
    const env = { WSO2_TRANSPORT_HTTP__LISTENERCONFIGURATIONS_0_KEYSTOREPASSWORD: SECRETS[0] };
    const { stdout, stderr } = await sandbox.run(['doctor', 'mi', '--home', sandbox.home('mi')], { env });
    expect(stdout).toContain('KEYSTOREPASSWORD=');
    expectNone(stdout + stderr);
  });
});
