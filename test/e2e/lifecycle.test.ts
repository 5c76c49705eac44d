import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { InstanceRecord } from '../../src/domain/instance.js';
import { INTERRUPT_CODES } from '../../src/domain/launch-end.js';
import { pidInFile } from '../../src/ports/idle-home.js';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli, CliOptions, JsonEvent } from '../support/cli.js';
import {
  connectionsTo,
  descendantsOf,
  guardOf,
  isAlive,
  isFree,
  launcherIn,
  leaseFilesOf,
  portsAt,
} from '../support/machine.js';
import { type Ended, Sandbox } from '../support/sandbox.js';
import { needing } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = 2000;

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const atFreeOffset = ['-a', '--min-offset', String(MIN)];

const foreground = (home: string, more: readonly string[] = [], options: CliOptions = {}): Cli =>
  sandbox.start(['mi', '--home', home, ...atFreeOffset, '--json', ...more], options);

const detaching = (home: string, more: readonly string[] = [], options: CliOptions = {}): Cli =>
  foreground(home, ['--detach', ...more], options);

const misbehaving = (behaviour: StandInBehaviour, name = 'mi'): string => sandbox.home(name, { behaviour });

/** Launches in the background, waits until it is ready, and returns that event. */
async function detach(home: string, more: readonly string[] = [], options: CliOptions = {}): Promise<JsonEvent> {
  const cli = detaching(home, more, options);
  const ended = await cli.exited;
  expect({ ...ended, stderr: cli.stderr }).toMatchObject({ code: 0, signal: null });
  return cli.event('ready');
}

interface Shown extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly status: string;
  readonly home: string;
  readonly offset: number;
  readonly pid: number | null;
  readonly supervisorPid: number | null;
  readonly restarts: number;
  readonly logFile: string;
}

async function list(...more: readonly string[]): Promise<Shown[]> {
  const { code, stdout, stderr } = await sandbox.run(['ps', '--json', ...more]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { instances } = JSON.parse(stdout) as { instances: Shown[] };
  // Servers that others have started elsewhere on this machine are none of this sandbox's.
  return instances.filter(({ home }) => home.startsWith(sandbox.folder));
}

async function shown(name = 'mi'): Promise<Shown> {
  const found = (await list('--all')).find((instance) => instance.name === name);
  if (!found) throw new Error(`ps does not show ${name}`);
  return found;
}

const untilStatus = (status: string, name = 'mi'): Promise<Shown> =>
  until(`${name} to be ${status}`, async () => {
    const instance = await shown(name).catch(() => undefined);
    return instance?.status === status && instance;
  });

async function stop(...words: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await sandbox.run(['stop', ...words]);
  expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: '' });
}

const recordOf = (name = 'mi'): InstanceRecord => {
  const found = sandbox.records.find((record) => record.name === name);
  if (!found) throw new Error(`no record of ${name}`);
  return found;
};

const fileOf = (name: string): string => join(sandbox.state, 'instances', `${name}.json`);

const socketsLeft = (): string[] => sandbox.records.map(({ socket }) => socket).filter((socket) => existsSync(socket));

async function expectNothingLeft(...offsets: readonly number[]): Promise<void> {
  expect(sandbox.processes()).toEqual([]);
  expect(leaseFilesOf(sandbox.state)).toEqual([]);
  expect(socketsLeft()).toEqual([]);
  for (const offset of [MIN, ...offsets]) expect(await isFree(offset)).toBe(true);
}

/** As above, where somebody else than the command that has just ended is clearing up. */
async function untilNothingIsLeft(): Promise<void> {
  await until(
    'everything to be gone',
    () => sandbox.processes().length === 0 && leaseFilesOf(sandbox.state).length + socketsLeft().length === 0,
  );
  await expectNothingLeft();
}

const kinds = (cli: Cli): string[] => cli.events.map(({ event }) => event);

/** Longer than the death of everybody above stays unnoticed. */
async function letAncestorsBeMissed(): Promise<void> {
  const sinceMs = performance.now();
  await until('two looks for ancestors', () => performance.now() - sinceMs > 2_200);
}

describe('a detached launch', () => {
  const COUNTED = /\d+(\.\d+)? (ms|s)\b/g;

  test('ends when the server is ready, with the events and the words of one in the foreground', async () => {
    const home = sandbox.home('mi');
    const attached = foreground(home);
    await attached.event('ready');
    attached.kill('SIGINT');
    await attached.exited;

    const background = detaching(home);
    expect(await background.exited).toEqual({ code: 0, signal: null });
    const comparable = ({ at, pid, durationMs, ...rest }: JsonEvent): unknown => ({
      ...rest,
      at: typeof at,
      pid: typeof pid,
      durationMs: typeof durationMs,
    });
    expect(kinds(background)).toEqual(['planned', 'starting', 'ready']);
    expect(background.events.map(comparable)).toEqual(attached.events.slice(0, 3).map(comparable));
    expect(background.stderr.replace(COUNTED, 'TIME')).toBe(attached.stderr.replace(COUNTED, 'TIME'));
    expect(background.stderr.replace(COUNTED, 'TIME')).toBe(`wso2-launch: mi ready, offset ${MIN}, TIME\n`);
    expect(isAlive((await background.event('ready'))['pid'] as number)).toBe(true);
    await stop('mi');
    await expectNothingLeft();
  });

  test("prints nothing of the server's own, and nothing at all if told to be quiet", async () => {
    const args = ['mi', ...atFreeOffset, '-d'];
    const { code, stdout, stderr } = await sandbox.run([...args, '--home', sandbox.home('mi')]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^wso2-launch: mi ready, offset 2000, [\d.]+ m?s\n$/);
    const quiet = await sandbox.run([...args, '--quiet', '--home', sandbox.home('other')]);
    expect(quiet).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    await stop('--all', '--quiet');
    await expectNothingLeft(MIN + 1);
  });

  test('leads a session of its own, and keeps neither the folder nor the output of whoever started it', async () => {
    const folder = join(sandbox.folder, 'project');
    mkdirSync(folder);
    const ready = await detach(sandbox.home('mi'), [], { cwd: folder });
    const { supervisorPid } = await shown();
    const supervisor = nodeSystem.processes.find(supervisorPid as number);
    expect(supervisor?.session).toBe(supervisorPid);
    expect(nodeSystem.processes.workingFolderOf(supervisorPid as number)).toBe('/');
    expect(ready['pid']).toBe((await shown()).pid);
    await stop();
    await expectNothingLeft();
  });

  test('finds a home that is named relative to the folder it was started in', async () => {
    sandbox.home('mi');
    expect(await detach('mi')).toMatchObject({ name: 'mi', offset: MIN });
    await stop();
    await expectNothingLeft();
  });

  test('can be asked for in the environment, and does not reach the server as such', async () => {
    const home = sandbox.home('mi');
    const cli = foreground(home, [], { env: { WSO2_LAUNCH_DETACH: '1' } });
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    const { pid } = await shown();
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    expect(environment.filter((line) => /^WSO2_LAUNCH_(?!STATE_DIR)|^WSO2LAUNCH_SUPERVISOR/.test(line))).toEqual([]);
    await stop();
    await expectNothingLeft();
  });

  test('that is only planned starts nothing', async () => {
    const { code, stdout } = await sandbox.run([
      'mi',
      '--home',
      sandbox.home('mi'),
      ...atFreeOffset,
      '-d',
      '--dry-run',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('micro-integrator.sh');
    expect(await list('--all')).toEqual([]);
    await expectNothingLeft();
  });
});

describe('a detached instance outlives', () => {
  async function expectItLives(): Promise<void> {
    await letAncestorsBeMissed();
    const { status, pid, restarts } = await shown();
    expect({ status, restarts }).toEqual({ status: 'ready', restarts: 0 });
    expect(isAlive(pid as number)).toBe(true);
    await stop('mi');
    await expectNothingLeft();
  }

  test.each(['SIGHUP', 'SIGKILL'] as const)(
    'the shell that started it, ended by %s with its whole group',
    async (signal) => {
      const through = ['sh', '-c', '"$0" "$@"; exec sleep 600', process.execPath];
      const shell = detaching(sandbox.home('mi'), [], { through });
      await shell.event('ready');
      await until('the launcher to be gone', () => descendantsOf(shell.pid).length === 0);
      shell.killGroup(signal);
      await shell.exited;
      await expectItLives();
    },
  );

  test('its own launcher, killed while it waits', async () => {
    const cli = detaching(misbehaving({ bindAfterMs: 1000 }));
    await cli.event('starting');
    cli.killGroup('SIGKILL');
    expect(await cli.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await untilStatus('ready');
    await expectItLives();
  });

  test('npm, and the kill of everything below it', async () => {
    const scripts = { up: process.execPath };
    writeFileSync(join(sandbox.folder, 'package.json'), JSON.stringify({ name: 'project', private: true, scripts }));
    const npm = detaching(sandbox.home('mi'), [], { through: ['npm', 'run', '--silent', 'up', '--'] });
    expect(await npm.exited).toEqual({ code: 0, signal: null });
    expect(kinds(npm)).toEqual(['planned', 'starting', 'ready']);
    await expectItLives();
  });

  needing('script').test('the terminal that it was started in', async () => {
    const home = sandbox.home('mi');
    const words = [process.execPath, 'bin/wso2-launch.cjs', 'mi', '--home', home, ...atFreeOffset, '-d'];
    const command = `cd ${process.cwd()} && ${words.join(' ')}; exec sleep 600`;
    const terminal = spawn('script', ['-qfec', command, '/dev/null'], {
      env: sandbox.env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const closed = new Promise((resolve) => terminal.once('exit', resolve));
    let screen = '';
    terminal.stdout.on('data', (text) => {
      screen += text;
    });
    try {
      await until(`the banner, so far ${screen}`, () => screen.includes('stops it'), 20_000);
    } finally {
      terminal.kill('SIGKILL');
    }
    await closed;
    expect(screen).toContain('wso2-launch stop mi stops it');
    expect(screen).not.toContain('Ctrl-C stops it');
    await expectItLives();
  });
});

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

describe('while a detached launch waits', () => {
  test.each(SIGNALS)('%s stops the server, and the exit code is %i', async (signal, code) => {
    const cli = detaching(misbehaving({ bindAfterMs: 60_000 }));
    await cli.event('starting');
    cli.kill(signal);
    expect(await cli.exited).toEqual({ code, signal: null });
    expect(kinds(cli)).toEqual(['planned', 'starting', 'stopping', 'stopped']);
    await untilNothingIsLeft();
    expect(await list('--all')).toMatchObject([{ name: 'mi', status: 'exited', pid: null, supervisorPid: null }]);
  });

  test('a signal at any moment leaves nothing behind', async () => {
    const home = misbehaving({ bindAfterMs: 60_000 });
    let told = 0;
    for (let moment = 0; moment <= 600 || told <= 10; moment += 30) {
      const cli = detaching(home);
      const sinceMs = performance.now();
      await until('the moment', () => performance.now() - sinceMs >= moment);
      cli.kill('SIGTERM');
      const ended = await cli.exited;
      // Before the program is up, the signal itself ends it.
      if (ended.signal === null) expect(ended).toEqual({ code: 143, signal: null });
      if (ended.signal === null) told += 1;
      expect(cli.stderr).toBe('');
      await untilNothingIsLeft();
    }
  });

  test('a second Ctrl-C kills at once', async () => {
    const cli = detaching(misbehaving({ bindAfterMs: 60_000, isStubborn: true }), ['--stop-timeout', '10m']);
    await until('the JVM', () => existsSync(join(sandbox.folder, 'mi/wso2carbon.pid')));
    await cli.event('starting');
    cli.kill('SIGINT');
    await cli.event('stopping');
    const sinceMs = performance.now();
    await until('more than a second to pass', () => performance.now() - sinceMs > 1_200);
    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    expect(await cli.event('stopped')).toMatchObject({ how: 'killed' });
    await untilNothingIsLeft();
  });

  test('its shell dies: nobody waits any more, and the server is stopped', async () => {
    const through = ['sh', '-c', '"$0" "$@"; true', process.execPath];
    const cli = detaching(misbehaving({ bindAfterMs: 60_000 }), [], { through });
    await cli.event('starting');
    cli.kill('SIGKILL');
    await cli.exited;
    await untilNothingIsLeft();
  });

  test('its supervisor is killed: it says so, and the guard clears up', async () => {
    const cli = detaching(misbehaving({ bindAfterMs: 60_000 }));
    await cli.event('starting');
    process.kill(recordOf().supervisor.pid, 'SIGKILL');
    expect(await cli.exited).toEqual({ code: 1, signal: null });
    expect(cli.stderr).toContain('The supervisor in the background was ended by SIGKILL.');
    await untilNothingIsLeft();
    expect(await list()).toEqual([]);
  });
});

describe('a detached launch that fails says the same as one in the foreground', () => {
  interface Case {
    readonly code: number;
    readonly failure: string;
    /** What its last lines hold. */
    readonly says?: string;
    readonly behaviour?: StandInBehaviour;
    readonly more?: readonly string[];
    /** What happens beside it. */
    readonly meanwhile?: (cli: Cli) => Promise<Server | undefined>;
    readonly before?: () => Promise<Server | undefined>;
  }

  const fixed = ['--offset', String(MIN)];
  const CASES: Readonly<Record<string, Case>> = {
    'ports that are taken': {
      code: 4,
      failure: 'ports-taken',
      more: fixed,
      before: () => sandbox.hold(portsAt(MIN)['management'] as number),
    },
    'a crash at boot': {
      code: 5,
      failure: 'exited-before-ready',
      behaviour: { exitAtBoot: 1, bootLine: 'no license' },
      says: 'no license',
    },
    'not ready in time': {
      code: 6,
      failure: 'not-ready-in-time',
      behaviour: { neverReady: true },
      more: ['--ready-timeout', '1s'],
    },
    'ports that are lost': {
      code: 9,
      failure: 'ports-lost',
      behaviour: { bindAfterMs: 3000 },
      says: 'Address already in use',
      more: fixed,
      meanwhile: async (cli) => {
        await cli.event('starting');
        return sandbox.hold(portsAt(MIN)['http'] as number);
      },
    },
  };

  /** How far a server had got in its log when it was stopped is a matter of moments. */
  const withoutTimes = (event: JsonEvent): unknown =>
    JSON.parse(
      JSON.stringify({ ...event, at: '', lastLines: [] }).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|[\d.]+ sec\b/g, 'T'),
    ) as unknown;

  test.each(Object.entries(CASES))(
    '%s',
    async (_what, { code, failure, says = '', behaviour = {}, more, meanwhile, before }) => {
      const home = misbehaving(behaviour);
      const offset = more?.[0] === '--offset' ? more : [...atFreeOffset, ...(more ?? [])];
      const failed: JsonEvent[] = [];
      for (const mode of [[], ['--detach']]) {
        const servers = [await before?.()];
        const cli = sandbox.start(['mi', '--home', home, ...offset, '--json', ...mode]);
        servers.push(await meanwhile?.(cli));
        expect(await cli.exited).toEqual({ code, signal: null });
        failed.push(await cli.event('failed'));
        expect(kinds(cli).filter((kind) => kind === 'failed')).toHaveLength(1);
        for (const server of servers) await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
        await untilNothingIsLeft();
      }
      expect(failed[0]).toMatchObject({ code, failure });
      expect(failed.map(withoutTimes)[1]).toEqual(failed.map(withoutTimes)[0]);
      const saying = failed.filter((event) => (event['lastLines'] as string[]).join('\n').includes(says));
      expect(saying).toHaveLength(2);
    },
  );

  test('a bad home, before there is a name', async () => {
    const nowhere = join(sandbox.folder, 'nowhere');
    const [attached, background] = [foreground(nowhere), detaching(nowhere)];
    expect(await background.exited).toEqual({ code: 3, signal: null });
    await attached.exited;
    expect(background.stderr).toBe(attached.stderr);
    expect(withoutTimes(await background.event('failed'))).toEqual(withoutTimes(await attached.event('failed')));
    expect(await background.event('failed')).toMatchObject({ code: 3, failure: 'unusable-home', name: null });
    await expectNothingLeft();
  });

  test('it ends after its supervisor, however slow that is to end', async () => {
    const slow = join(sandbox.folder, 'slow.cjs');
    const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)';
    writeFileSync(slow, `if (process.env.WSO2LAUNCH_SUPERVISOR) process.on('exit', () => ${wait});`);
    const cli = detaching(join(sandbox.folder, 'nowhere'), [], { env: { NODE_OPTIONS: `--require ${slow}` } });
    expect(await cli.exited).toEqual({ code: 3, signal: null });
    await expectNothingLeft();
  });

  test('a crash later is nobody’s to hear: ps keeps its code', async () => {
    const { pid } = await detach(misbehaving({ onSignal: 'crash' }));
    process.kill(pid as number, 'SIGUSR2');
    await untilStatus('exited');
    expect(recordOf().exit).toMatchObject({ code: 5, failure: 'crashed' });
    await untilNothingIsLeft();
    expect((await sandbox.run(['ps', '--all'])).stdout).toContain('exited (5)');
  });
});

describe('a home runs once', () => {
  test('also against a detached instance, through a link, and whatever the offset', async () => {
    const home = sandbox.home('mi');
    const link = join(sandbox.folder, 'link');
    symlinkSync(home, link);
    await detach(link);
    for (const path of [home, link]) {
      for (const mode of [[], ['--detach']]) {
        const second = foreground(path, ['--name', 'second', ...mode]);
        expect(await second.exited).toEqual({ code: 8, signal: null });
        const failed = await second.event('failed');
        expect(failed).toMatchObject({ code: 8, failure: 'home-runs' });
        expect(failed['message']).toContain(`instance mi, offset ${MIN}`);
      }
    }
    expect((await list('--all')).map(({ name, status }) => [name, status])).toEqual([['mi', 'ready']]);
    await stop();
    await expectNothingLeft();
  });

  test('of two launches in one moment, one', async () => {
    const home = sandbox.home('mi');
    const both = [detaching(home), detaching(home)];
    const codes = await Promise.all(both.map(async (cli) => (await cli.exited).code));
    expect(codes.sort()).toEqual([0, 8]);
    expect(await list()).toMatchObject([{ name: 'mi', offset: MIN, status: 'ready' }]);
    await stop('mi');
    await expectNothingLeft();
  });

  test('two homes in one moment get two names and two offsets', async () => {
    const both = ['one', 'two'].map((name) => detaching(sandbox.home(name)));
    for (const cli of both) expect(await cli.exited).toEqual({ code: 0, signal: null });
    const instances = await list();
    expect(instances.map(({ name, offset }) => [name, offset]).sort()).toEqual(
      expect.arrayContaining([
        ['mi', expect.any(Number)],
        ['mi-2', expect.any(Number)],
      ]),
    );
    expect(instances.map(({ offset }) => offset).sort()).toEqual([MIN, MIN + 1]);
    await stop('--all');
    await expectNothingLeft(MIN + 1);
  });

  test('a name is taken while its instance lives, and free afterwards', async () => {
    await detach(sandbox.home('one'), ['--name', 'blue']);
    const taken = detaching(sandbox.home('two'), ['--name', 'blue']);
    expect(await taken.exited).toEqual({ code: 8, signal: null });
    expect(await taken.event('failed')).toMatchObject({ failure: 'name-taken' });
    await stop('blue');
    expect(await detach(join(sandbox.folder, 'two'), ['--name', 'blue'])).toMatchObject({ name: 'blue', offset: MIN });
    await stop('blue');
    await expectNothingLeft();
  });

  test('the record of a name belongs to whoever has it, though the one before is still on its way out', async () => {
    await detach(sandbox.home('one'));
    const { supervisor } = recordOf();
    const guard = guardOf(supervisor.pid) as number;
    process.kill(guard, 'SIGSTOP'); // it is waited for at the very end
    process.kill(supervisor.pid, 'SIGTERM');
    const next = detaching(misbehaving({ bindAfterMs: 60_000 }, 'two'), ['--name', 'mi']);
    const taken = await Promise.race([next.event('starting'), next.exited]);
    if ('code' in taken) throw new Error(`the name was not free yet: ${next.stderr}`);
    await until('the one before to be gone', () => !isAlive(supervisor.pid));
    expect(await list()).toMatchObject([{ name: 'mi', status: 'starting', home: join(sandbox.folder, 'two') }]);
    next.kill('SIGTERM');
    await next.exited;
    await untilNothingIsLeft();
  });
});

describe('ps', () => {
  test('--json has these fields and no others, of running instances', async () => {
    const home = sandbox.home('mi');
    const ready = await detach(home);
    const { code, stdout } = await sandbox.run(['ps', '--json']);
    const ports = portsAt(MIN);
    const port = { shifted: true, required: true, source: 'default' };
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toStrictEqual({
      schemaVersion: 1,
      instances: [
        {
          name: 'mi',
          product: 'mi',
          version: '4.4.0',
          home,
          offset: MIN,
          status: 'ready',
          pid: ready['pid'],
          supervisorPid: recordOf().supervisor.pid,
          ports: [
            { ...port, name: 'http', base: 8280, number: ports['http'], scheme: 'http' },
            { ...port, name: 'https', base: 8243, number: ports['https'], scheme: 'https' },
            { ...port, name: 'management', base: 9154, number: ports['management'], scheme: 'https' },
            { ...port, name: 'internal', base: 9191, number: ports['internal'], scheme: 'http' },
          ],
          urls: ready['urls'],
          startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          readyAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          restarts: 0,
          logFile: join(sandbox.state, 'logs/mi.log'),
          cpuPercent: expect.any(Number),
          memoryBytes: expect.any(Number),
        },
      ],
    });
    expect((await shown())['memoryBytes']).toBeGreaterThan(10 * 1024 ** 2);
    await stop();
    expect(await list()).toEqual([]);
    expect(await list('--all')).toMatchObject([
      { name: 'mi', status: 'exited', pid: null, supervisorPid: null, cpuPercent: null, memoryBytes: null },
    ]);
    await expectNothingLeft();
  });

  test('the table says the same in words; an instance that has ended has no age', async () => {
    const empty = await sandbox.run(['ps']);
    const head = ['NAME', 'PRODUCT', 'OFFSET', 'STATUS', 'PID', 'CPU', 'MEMORY', 'UPTIME', 'RESTARTS', 'HOME'];
    expect({ ...empty, stdout: empty.stdout.trimEnd().split(/ +/) }).toMatchObject({
      code: 0,
      stderr: '',
      stdout: head,
    });

    const home = sandbox.home('mi');
    const { pid } = await detach(home);
    const cells = (text: string): string[] | undefined => text.trimEnd().split('\n')[1]?.split(/ {2,}/);
    expect(cells((await sandbox.run(['ps'])).stdout)).toEqual([
      'mi',
      'mi 4.4.0',
      String(MIN),
      'ready',
      String(pid),
      expect.stringMatching(/^\d+%$/),
      expect.stringMatching(/^\d+ MiB$/),
      expect.stringMatching(/^\d+s$/),
      '0',
      home,
    ]);
    await stop();
    expect((await sandbox.run(['ps'])).stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(cells((await sandbox.run(['ps', '--all'])).stdout)).toEqual([
      'mi',
      'mi 4.4.0',
      '2000',
      'exited (0)',
      '0',
      home,
    ]);
  });

  test('shows one in the foreground as well, from its start to its end', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 1000, shutdownMs: 1000 }), ['--name', 'front']);
    await cli.event('starting');
    expect(await list()).toMatchObject([{ name: 'front', status: 'starting', pid: null, supervisorPid: cli.pid }]);
    const { pid } = await cli.event('ready');
    expect(await list()).toMatchObject([{ name: 'front', status: 'ready', pid, readyAt: expect.any(String) }]);
    cli.kill('SIGINT');
    await cli.event('stopping');
    expect(await list()).toMatchObject([{ name: 'front', status: 'stopping' }]);
    await cli.exited;
    expect(await list('--all')).toMatchObject([{ name: 'front', status: 'exited' }]);
    expect(recordOf('front').exit).toMatchObject({ code: 130 });
    await expectNothingLeft();
  });

  test('an instance that was killed with its guard alive has ended, and its table says no age', async () => {
    await detach(sandbox.home('mi'));
    process.kill(recordOf().supervisor.pid, 'SIGKILL');
    await untilNothingIsLeft();
    expect(await list('--all')).toMatchObject([{ name: 'mi', status: 'exited', pid: null, supervisorPid: null }]);
    expect((await sandbox.run(['ps', '--all'])).stdout).toMatch(/exited +0 /);
  });
});

describe('status', () => {
  test('ends with 6 while it starts, 0 when it is ready, 10 when it has ended or never was', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 1000 }));
    await cli.event('starting');
    expect(await sandbox.run(['status', 'mi'])).toMatchObject({ code: 6, stdout: expect.stringContaining('starting') });
    await cli.event('ready');
    expect(await sandbox.run(['status', 'mi'])).toMatchObject({ code: 0, stdout: expect.stringContaining('ready') });
    const document = JSON.parse((await sandbox.run(['status', 'mi', '--json'])).stdout) as object;
    const comparable = { ...document, cpuPercent: 0, memoryBytes: 0 };
    expect(comparable).toEqual({ schemaVersion: 1, ...(await list())[0], cpuPercent: 0, memoryBytes: 0 });
    cli.kill('SIGINT');
    await cli.exited;
    expect(await sandbox.run(['status', 'mi'])).toMatchObject({
      code: 10,
      stdout: expect.stringContaining('exited (130)'),
    });
    const unknown = await sandbox.run(['status', 'other']);
    expect(unknown).toMatchObject({ code: 10, stdout: '' });
    expect(unknown.stderr).toContain('There is no instance other.');
    expect(await sandbox.run(['status'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('logs', () => {
  const logOf = (name = 'mi'): string => readFileSync(join(sandbox.state, 'logs', `${name}.log`), 'utf8');

  test('are the whole file, or its last lines, also of an instance that has ended', async () => {
    await detach(sandbox.home('mi'));
    expect((await sandbox.run(['logs', 'mi'])).stdout).toBe(logOf());
    const lines = logOf().trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    expect((await sandbox.run(['logs', 'mi', '--tail', '3'])).stdout).toBe(`${lines.slice(-3).join('\n')}\n`);
    expect((await sandbox.run(['logs', 'mi', '--tail', '0'])).stdout).toBe('');
    expect((await sandbox.run(['logs', 'mi', '--tail', '999'])).stdout).toBe(logOf());
    await stop();
    expect(logOf()).toContain('Shutdown complete');
    expect(await sandbox.run(['logs', 'mi'])).toMatchObject({ code: 0, stdout: logOf() });
    expect(await sandbox.run(['logs', 'mi', '--follow'])).toMatchObject({ code: 0, stdout: logOf() });
  });

  test('--follow goes on through a restart and ends with the instance', async () => {
    await detach(sandbox.home('mi'));
    const follower = sandbox.start(['logs', 'mi', '-f', '--tail', '1']);
    const seen = (count: number) =>
      until(`${count} starts`, () => follower.stdout.match(/StartupFinalizer/g)?.length === count);
    await seen(1);
    expect(await sandbox.run(['restart', 'mi'])).toMatchObject({ code: 0 });
    await seen(2);
    await stop();
    expect(await follower.exited).toEqual({ code: 0, signal: null });
    expect(follower.stdout.match(/Shutdown complete/g)).toHaveLength(2);
    expect(logOf().endsWith(follower.stdout)).toBe(true);
  });

  test('of several are told apart, and can be taken as they are, as JSON, or from some time on', async () => {
    await detach(sandbox.home('one'), ['--name', 'one']);
    await detach(sandbox.home('other'), ['--name', 'other']);
    const linesOf = (name: string): string[] => logOf(name).trimEnd().split('\n');
    const linesFrom = async (...more: readonly string[]): Promise<string[]> => {
      const { code, stdout, stderr } = await sandbox.run(['logs', 'one', 'other', ...more]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout.trimEnd().split('\n');
    };
    const ofEach = [
      ...linesOf('one').map((line) => `one   | ${line}`),
      ...linesOf('other').map((line) => `other | ${line}`),
    ];
    expect((await linesFrom()).sort()).toEqual([...ofEach].sort());
    expect((await linesFrom('--no-prefix')).sort()).toEqual([...linesOf('one'), ...linesOf('other')].sort());
    expect(await linesFrom('--tail', '1', '--json')).toEqual(
      ['one', 'other'].map((name) => JSON.stringify({ schemaVersion: 1, name, line: linesOf(name).at(-1) })),
    );
    // The script's own first lines carry no time, and are older than any that does.
    const timed = [...linesOf('one'), ...linesOf('other')].filter((line) => line.startsWith('['));
    expect((await linesFrom('--since', '1h', '--no-prefix')).sort()).toEqual(timed.sort());
    expect(await linesFrom('--since', '1ms')).toEqual(['']);
    await stop('--all');
  });

  test('carry no colours as JSON, nor once the server has ended', async () => {
    const red = '\u001b[31mred\u001b[0m';
    await detach(misbehaving({ bootLine: red }));
    expect(logOf()).toContain(red);
    const { stdout } = await sandbox.run(['logs', 'mi', '--json']);
    expect(stdout).toMatch(/ - red"}\n/);
    const follower = sandbox.start(['logs', 'mi', '-f']);
    await until('the log', () => follower.stdout.includes('StartupFinalizer'));
    await stop();
    expect(await follower.exited).toEqual({ code: 0, signal: null });
    expect(follower.stdout).toContain('Shutdown complete');
    expect(logOf()).toMatch(/ - red\n[\s\S]*Shutdown complete/);
    expect(statSync(join(sandbox.state, 'logs/mi.log')).mode & 0o777).toBe(0o600);
  });

  test('--follow is left with Ctrl-C, and the instance stays', async () => {
    await detach(sandbox.home('mi'));
    const follower = sandbox.start(['logs', 'mi', '--follow']);
    await until('the log', () => follower.stdout.includes('StartupFinalizer'));
    follower.kill('SIGINT');
    expect(await follower.exited).toEqual({ code: 130, signal: null });
    expect(await list()).toMatchObject([{ status: 'ready' }]);
    await stop();
  });

  test('a reader that goes away ends them', async () => {
    await detach(misbehaving({ outputMiB: 2 }));
    const follower = sandbox.start(['logs', 'mi', '--follow']);
    await until('the first lines', () => follower.stdout.includes('Starting'));
    follower.child.stdout?.destroy();
    await follower.ended;
    await stop();
  });

  test.each([
    ['a socket', undefined],
    ['a pipe', ['sh', '-c', '"$0" "$@" | cat', process.execPath]],
  ])('a reader of %s that pauses for long gets everything, and has not slowed the server', async (_way, through) => {
    await detach(misbehaving({ outputMiB: 4 }));
    await until('the server to have written', () => existsSync(join(sandbox.folder, 'mi/flooded')));
    const reader = sandbox.start(['logs', 'mi'], { ...(through && { through }) });
    reader.child.stdout?.pause();
    const sinceMs = performance.now();
    await until('a long pause', () => performance.now() - sinceMs > 11_500);
    expect(isAlive(reader.pid)).toBe(true);
    reader.child.stdout?.resume();
    expect(await reader.exited).toEqual({ code: 0, signal: null });
    expect(reader.stdout.length).toBe(statSync(join(sandbox.state, 'logs/mi.log')).size);
    await stop();
  });

  test('a reader that never reads can be left with Ctrl-C', async () => {
    await detach(misbehaving({ outputMiB: 4 }));
    await until('the server to have written', () => existsSync(join(sandbox.folder, 'mi/flooded')));
    const reader = sandbox.start(['logs', 'mi']);
    await until('the first lines', () => reader.stdout.includes('Starting'));
    reader.child.stdout?.pause();
    process.kill(reader.pid, 'SIGINT');
    expect(await reader.ended).toEqual({ code: 130, signal: null });
    await stop();
  });

  test('of an instance whose file is gone are refused', async () => {
    await detach(sandbox.home('mi'));
    rmSync(join(sandbox.state, 'logs/mi.log'));
    const { code, stdout, stderr } = await sandbox.run(['logs', 'mi']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(`The log of mi, ${join(sandbox.state, 'logs/mi.log')}, is gone.`);
    await stop();
    await expectNothingLeft();
  });

  test.each([
    [10, ['logs', 'nobody'], 'There is no instance nobody.'],
    [2, ['logs'], 'logs lacks the name of an instance.'],
    [2, ['logs', 'mi', '--tail', '1e2'], '--tail takes a number of lines, not "1e2".'],
    [2, ['logs', 'mi', '--tail', '-1'], '--tail takes a number of lines, not "-1".'],
  ])('%i for %j', async (code, words, message) => {
    await detach(sandbox.home('mi'));
    expect(await sandbox.run(words)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
    await stop();
  });
});

describe('stop', () => {
  test('stops the only one, says so, and returns when nothing is left', async () => {
    const { pid } = await detach(sandbox.home('mi'));
    expect(await sandbox.run(['stop'])).toEqual({
      code: 0,
      signal: null,
      stdout: '',
      stderr: 'wso2-launch: mi stopped\n',
    });
    expect(isAlive(pid as number)).toBe(false);
    await expectNothingLeft();
    expect(recordOf().exit).toMatchObject({ code: 0 });
  });

  test('takes names, one or several, and --all', async () => {
    const names = ['one', 'two', 'three', 'four'];
    for (const name of names) await detach(sandbox.home(name), ['--name', name]);
    const offsets = [1, 2, 3].map((step) => MIN + step);
    const { code, stderr } = await sandbox.run(['stop']);
    expect(code).toBe(2);
    expect(stderr).toContain('stop has to be told which: four, one, three, two are running.');
    await stop('one');
    await stop('two', 'three', 'two');
    expect(await list()).toMatchObject([{ name: 'four', status: 'ready' }]);
    await detach(join(sandbox.folder, 'one'), ['--name', 'one']);
    const both = await sandbox.run(['stop', '--all', 'one']);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('stop takes names or --all, not both.') });
    await stop('--all');
    expect(await list()).toEqual([]);
    await expectNothingLeft(...offsets);
    expect(await sandbox.run(['stop', '--all'])).toMatchObject({ code: 0 });
  });

  test('of what does not run: 10, and with nothing to choose from 2', async () => {
    expect(await sandbox.run(['stop'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Nothing is running.'),
    });
    await detach(sandbox.home('mi'));
    const unknown = await sandbox.run(['stop', 'other']);
    expect(unknown.code).toBe(10);
    expect(unknown.stderr).toContain('There is no instance other.');
    expect(unknown.stderr).toContain('Running: mi.');
    await stop('mi');
    const ended = await sandbox.run(['stop', 'mi']);
    expect(ended.code).toBe(10);
    expect(ended.stderr).toMatch(/mi is not running; it ended at \d{4}-/);
  });

  test('ends one that is still starting with code 0', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 60_000 }));
    await cli.event('starting');
    await stop('mi');
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(kinds(cli)).toEqual(['planned', 'starting', 'stopping', 'stopped']);
    expect(await cli.event('stopped')).toMatchObject({ reason: 'asked', how: 'graceful' });
    await expectNothingLeft();
  });

  test('of one that is still starting is no success for who waits for it to be ready', async () => {
    const cli = detaching(misbehaving({ bindAfterMs: 60_000 }));
    await cli.event('starting');
    await stop('mi');
    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(kinds(cli)).toEqual(['planned', 'starting', 'stopping', 'stopped', 'failed']);
    const message = 'mi was stopped from elsewhere before it was ready.';
    expect(cli.events.at(-1)).toMatchObject({ failure: 'stopped-meanwhile', message });
    expect(await cli.event('stopped')).toMatchObject({ reason: 'asked', how: 'graceful' });
    await expectNothingLeft();
  });

  test('reaches a launch in the foreground, whose exit code is then 0', async () => {
    const cli = foreground(sandbox.home('mi'));
    await cli.event('ready');
    await stop('mi');
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(await cli.event('stopping')).toMatchObject({ reason: 'asked' });
    expect(cli.stderr).not.toContain('fault');
    await expectNothingLeft();
  });

  test('gives a server its time to shut down, however long nothing is heard of it', async () => {
    await detach(misbehaving({ shutdownMs: 7_000 }));
    const sinceMs = performance.now();
    await stop();
    expect(performance.now() - sinceMs).toBeGreaterThanOrEqual(7_000);
    await expectNothingLeft();
  });

  test('two at once both end when it is stopped', async () => {
    await detach(misbehaving({ shutdownMs: 1_000 }));
    await Promise.all([stop('mi'), stop('mi')]);
    await expectNothingLeft();
  });

  test('a Ctrl-C during it kills the server at once', async () => {
    await detach(misbehaving({ isStubborn: true }), ['--stop-timeout', '10m']);
    const stopping = sandbox.start(['stop', 'mi']);
    await untilStatus('stopping');
    stopping.kill('SIGINT');
    expect(await stopping.exited).toEqual({ code: 0, signal: null });
    await expectNothingLeft();
  });

  test.each(['SIGHUP', 'SIGTERM'] as const)('%s during it is no impatience; a second one is', async (signal) => {
    await detach(misbehaving({ isStubborn: true }), ['--stop-timeout', '10m']);
    const stopping = sandbox.start(['stop', 'mi']);
    await untilStatus('stopping');
    stopping.kill(signal);
    // Longer than an impatient stop takes, and than two signals count as one.
    const sinceMs = performance.now();
    await until('a while', () => performance.now() - sinceMs > 1_500);
    expect(isAlive(stopping.pid)).toBe(true);
    expect(await list()).toMatchObject([{ status: 'stopping' }]);
    stopping.kill(signal);
    expect(await stopping.exited).toEqual({ code: 0, signal: null });
    await expectNothingLeft();
  });

  test('names what survives it, with code 7', async () => {
    const home = misbehaving({ forks: 'socket-heir' });
    await detach(home);
    const heir = Number(readFileSync(join(home, 'heir.pid'), 'utf8'));
    try {
      const { code, stderr } = await sandbox.run(['stop', 'mi']);
      expect(code).toBe(7);
      expect(stderr).toContain(`port ${portsAt(MIN)['http']} (http), held by sleep, pid ${heir}`);
    } finally {
      process.kill(heir, 'SIGKILL');
    }
    await untilNothingIsLeft();
  });

  test('does not end before the guard has, where the supervisor is killed meanwhile', async () => {
    const { pid } = await detach(misbehaving({ shutdownMs: 3_000 }));
    const stopping = sandbox.start(['stop', 'mi']);
    await untilStatus('stopping');
    process.kill(recordOf().supervisor.pid, 'SIGKILL');
    expect(await stopping.exited).toEqual({ code: 0, signal: null });
    expect(isAlive(pid as number)).toBe(false);
    await untilNothingIsLeft();
  });
});

describe('an orphan, whose supervisor and guard were both killed', () => {
  async function orphan(home: string, more: readonly string[] = []): Promise<JsonEvent> {
    const ready = await detach(home, more);
    const { supervisor } = recordOf();
    const guard = guardOf(supervisor.pid) as number;
    process.kill(guard, 'SIGKILL');
    process.kill(supervisor.pid, 'SIGKILL');
    await until('both to be gone', () => !isAlive(guard) && !isAlive(supervisor.pid));
    return ready;
  }

  test('is shown as such, keeps its home, and can be stopped', async () => {
    const home = sandbox.home('mi');
    const { pid } = await orphan(home);
    expect(await list()).toMatchObject([{ name: 'mi', status: 'orphaned', pid, supervisorPid: null }]);
    expect((await sandbox.run(['status', 'mi'])).code).toBe(6);
    expect((await detaching(home).exited).code).toBe(8);
    const refused = await sandbox.run(['restart', 'mi']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('mi has lost its supervisor');
    await stop('mi');
    await expectNothingLeft();
    expect(await detach(home)).toMatchObject({ name: 'mi', offset: MIN });
    await stop();
    await expectNothingLeft();
  });

  test('is stopped also where its script is gone and only the JVM is left', async () => {
    const { pid } = await orphan(sandbox.home('mi'));
    process.kill(recordOf().server?.pid as number, 'SIGKILL');
    expect(await list()).toMatchObject([{ status: 'orphaned', pid }]);
    await stop('--all');
    expect(isAlive(pid as number)).toBe(false);
    await expectNothingLeft();
  });

  /** A home whose helper has a child without any environment: whether it writes the log is its own business. */
  function withClearedHelper(output = ''): { home: string; helper: () => Promise<number> } {
    const home = sandbox.home('mi');
    const file = join(home, 'helper.pid');
    const clear = `env -i /bin/sh -c 'echo $$ > "$0"; cd "\${0%/*}"; exec sleep 86400' ${file} ${output} &`;
    writeFileSync(join(home, 'diagnostics-tool/bin/diagnostics.sh'), `#!/bin/sh\n${clear}\nexec sleep 86400\n`);
    const pid = (): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
    return { home, helper: () => until('the helper', () => pid() || undefined) };
  }

  test('leaves no helper of its session behind, though that has cleared its environment', async () => {
    const { home, helper } = withClearedHelper('> /dev/null 2>&1');
    await orphan(home);
    const pid = await helper();
    expect(isAlive(pid)).toBe(true);
    await stop('mi');
    expect(isAlive(pid)).toBe(false);
    await expectNothingLeft();
  });

  test('is what is left of its session, where script and JVM are gone as well', async () => {
    const { home, helper } = withClearedHelper();
    await orphan(home);
    const session = nodeSystem.processes.snapshot().filter((row) => row.session === recordOf().server?.pid);
    const left = await helper();
    const others = session.map(({ pid }) => pid).filter((pid) => pid !== left);
    expect(others.length).toBeGreaterThan(2);
    for (const pid of others) process.kill(pid, 'SIGKILL');
    await until('them to be gone', () => !others.some(isAlive));
    expect(await list()).toMatchObject([{ status: 'orphaned', pid: null }]);
    await stop('mi');
    expect(isAlive(left)).toBe(false);
    await expectNothingLeft();
  });

  test('that ends by itself is no orphan any more', async () => {
    const { pid } = await orphan(misbehaving({ onSignal: 'shut-down' }));
    process.kill(pid as number, 'SIGUSR2');
    await untilStatus('exited');
    expect(await sandbox.run(['stop', 'mi'])).toMatchObject({ code: 10 });
  });

  test('that is stubborn gets as long as its launch allowed', async () => {
    await orphan(misbehaving({ isStubborn: true }), ['--stop-timeout', '1s']);
    await stop('mi');
    await expectNothingLeft();
  });

  test('that is stubborn is killed at a Ctrl-C', async () => {
    await orphan(misbehaving({ isStubborn: true }));
    const stopping = sandbox.start(['stop', 'mi']);
    const sinceMs = performance.now();
    await until('it to have been asked', () => performance.now() - sinceMs > 1_000);
    stopping.kill('SIGINT');
    expect(await stopping.exited).toEqual({ code: 0, signal: null });
    await expectNothingLeft();
  });
});

describe('a server that was started by hand', () => {
  test('is shown by ps --all as such, and is not ours to stop', async () => {
    const home = sandbox.home('mi');
    const byHand = sandbox.startByHand(join(home, 'bin/micro-integrator.sh'), [`-DportOffset=${MIN + 1}`]);
    try {
      const jvm = await until('the pid file', () => pidInFile(home, nodeSystem.files));
      expect(await list()).toEqual([]);
      expect(await list('--all')).toMatchObject([
        {
          name: null,
          status: 'foreign',
          pid: jvm,
          home,
          product: 'mi',
          version: '4.4.0',
          offset: MIN + 1,
          supervisorPid: null,
        },
      ]);
      const table = (await sandbox.run(['ps', '--all'])).stdout;
      expect(table.split('\n').find((line) => line.includes(home))).toMatch(/foreign/);

      const refused = await sandbox.run(['stop', String(jvm)]);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toContain(`Process ${jvm} is a server that wso2-launch did not start (${home}).`);
      expect((await sandbox.run(['stop', '--all'])).code).toBe(0);
      expect((await detaching(home).exited).code).toBe(8);
      expect(isAlive(jvm)).toBe(true);
    } finally {
      process.kill(-(byHand.pid as number), 'SIGTERM');
    }
  });
});

describe('a process that only has the number of an old one', () => {
  const strangers: ChildProcess[] = [];
  afterEach(() => {
    for (const { pid } of strangers.splice(0)) {
      try {
        process.kill(-(pid as number), 'SIGKILL');
      } catch {
        // gone already
      }
    }
  });

  /** A record of an instance that has been killed, with other processes in its processes' places. */
  async function recordWith(changes: (record: InstanceRecord) => Partial<InstanceRecord>): Promise<void> {
    await detach(sandbox.home('mi'));
    process.kill(recordOf().supervisor.pid, 'SIGKILL');
    await untilNothingIsLeft();
    const record = recordOf();
    writeFileSync(fileOf('mi'), JSON.stringify({ ...record, ...changes(record) }));
  }

  function stranger(script = 'exec sleep 600'): number {
    const child = spawn('/bin/sh', ['-c', script], { cwd: '/', env: {}, detached: true, stdio: 'ignore' });
    strangers.push(child);
    return child.pid as number;
  }

  test.each<[what: string, changes: (pid: number, record: InstanceRecord) => Partial<InstanceRecord>]>([
    ['the supervisor', (pid, { supervisor }) => ({ supervisor: { ...supervisor, pid } })],
    ['the script', (pid, { server }) => ({ server: { pid, startTime: server?.startTime ?? '' } })],
    ['the JVM', (pid) => ({ pid })],
  ])('of %s is never signalled', async (_what, changes) => {
    const pid = stranger();
    await recordWith((record) => changes(pid, record));
    expect(await list()).toEqual([]);
    expect(await sandbox.run(['stop', 'mi'])).toMatchObject({ code: 10 });
    expect(isAlive(pid)).toBe(true);
  });

  test('nor is the session of one, whose leader is gone', async () => {
    const leader = stranger('sleep 600 & exit');
    const left = await until('the leader to be gone', () =>
      isAlive(leader)
        ? undefined
        : nodeSystem.processes.snapshot().find(({ session, isZombie }) => session === leader && !isZombie),
    );
    await recordWith(({ server }) => ({ server: { pid: leader, startTime: server?.startTime ?? '' } }));
    expect(await list()).toEqual([]);
    await sandbox.run(['stop', 'mi']);
    expect(isAlive(left.pid)).toBe(true);
  });

  test('on another boot all of them are gone', async () => {
    const pid = stranger();
    const alive = { pid, startTime: nodeSystem.processes.find(pid)?.startTime as string };
    await recordWith(() => ({ supervisor: alive, server: alive, boot: 'another' }));
    expect(await list()).toEqual([]);
    expect(await list('--all')).toMatchObject([{ status: 'exited' }]);
  });
});

describe('restart', () => {
  test('keeps the name, the offset and the log, and brings another JVM', async () => {
    const home = sandbox.home('mi');
    await detach(sandbox.home('before'), ['--name', 'before']);
    const before = await detach(home);
    await stop('before');
    const { supervisor, logFile } = recordOf();

    const cli = sandbox.start(['restart', 'mi', '--json']);
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(kinds(cli)).toEqual(['restarting', 'starting', 'ready']);
    expect(cli.events[0]).toMatchObject({ name: 'mi', reason: 'asked', attempt: 1, delayMs: 0 });
    const ready = await cli.event('ready');
    expect(ready).toMatchObject({ name: 'mi', offset: MIN + 1, logFile });
    expect(ready['pid']).not.toBe(before['pid']);
    expect(isAlive(before['pid'] as number)).toBe(false);
    expect(await list()).toMatchObject([
      { name: 'mi', offset: MIN + 1, status: 'ready', restarts: 1, pid: ready['pid'], supervisorPid: supervisor.pid },
    ]);
    expect(readFileSync(logFile, 'utf8').match(/StartupFinalizer/g)).toHaveLength(2);
    await stop();
    await expectNothingLeft(MIN + 1);
  });

  needing('script').test('says on a terminal when it is ready, as it does elsewhere', async () => {
    await detach(sandbox.home('mi'));
    const onTerminal = ['sh', '-c', 'exec script -qfec "$0 $*" /dev/null', process.execPath];
    for (const through of [onTerminal, [process.execPath]]) {
      const { code, stdout, stderr } = await sandbox.run(['restart', 'mi'], { through, env: { NO_COLOR: '1' } });
      expect({ code, words: `${stdout}${stderr}`.replaceAll('\r', '') }).toEqual({
        code: 0,
        words: expect.stringMatching(/(^|\n)wso2-launch: mi ready, offset 2000, [\d.]+ m?s\n$/),
      });
    }
    await stop();
  });

  test('of one in the foreground is told there as well', async () => {
    const cli = foreground(sandbox.home('mi'));
    await cli.event('ready');
    expect(await sandbox.run(['restart', 'mi'])).toMatchObject({ code: 0, stdout: '' });
    await cli.event('ready', 2);
    expect(kinds(cli)).toEqual(['planned', 'starting', 'ready', 'restarting', 'starting', 'ready']);
    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    await expectNothingLeft();
  });

  test('waits for a server that shuts down slowly', async () => {
    const { pid } = await detach(misbehaving({ shutdownMs: 6_500 }));
    const restarting = sandbox.run(['restart', 'mi']);
    await untilStatus('restarting');
    expect(isAlive(pid as number)).toBe(true);
    const { code, stderr } = await restarting;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('mi ready, offset 2000') });
    expect((await shown()).pid).not.toBe(pid);
    await stop();
  });

  test('of one that is still starting starts it anew', async () => {
    const home = misbehaving({ bindAfterMs: 1_000 });
    const cli = foreground(home);
    await cli.event('starting');
    expect(await sandbox.run(['restart', 'mi'])).toMatchObject({ code: 0 });
    expect(kinds(cli)).toEqual(['planned', 'starting', 'restarting', 'starting', 'ready']);
    await stop();
    await cli.exited;
    await expectNothingLeft();
  });

  test('while it is being stopped is refused', async () => {
    await detach(misbehaving({ shutdownMs: 2_000 }));
    const stopping = sandbox.start(['stop', 'mi']);
    await untilStatus('stopping');
    const { code, stderr } = await sandbox.run(['restart', 'mi']);
    expect(code).toBe(1);
    expect(stderr).toContain('mi is being stopped.');
    expect(stderr).not.toContain('report');
    expect(await stopping.exited).toEqual({ code: 0, signal: null });
    await expectNothingLeft();
  });

  test('that fails says why, and the instance has ended', async () => {
    const home = sandbox.home('mi');
    await detach(home);
    const behaviour = join(home, 'stand-in.json');
    const server = JSON.parse(readFileSync(behaviour, 'utf8')) as object;
    writeFileSync(behaviour, JSON.stringify({ ...server, exitAtBoot: 1 }));
    const cli = sandbox.start(['restart', 'mi', '--json']);
    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(await cli.event('failed')).toMatchObject({ code: 5, failure: 'exited-before-ready', name: 'mi' });
    await untilNothingIsLeft();
    expect(await list()).toEqual([]);
  });

  test('whose supervisor dies is no success', async () => {
    await detach(misbehaving({ shutdownMs: 2_000 }));
    const cli = sandbox.start(['restart', 'mi']);
    await until('the server to shut down', () => readFileSync(recordOf().logFile, 'utf8').includes('Gracefully'));
    process.kill(recordOf().supervisor.pid, 'SIGKILL');
    expect(await cli.exited).toEqual({ code: 10, signal: null });
    expect(cli.stderr).toContain('mi is not running');
    await untilNothingIsLeft();
  });

  test.each(Object.entries(INTERRUPT_CODES))('is left by %s with %i, and goes on', async (signal, code) => {
    await detach(misbehaving({ shutdownMs: 1_000 }));
    const cli = sandbox.start(['restart', 'mi', '--json']);
    await cli.event('restarting');
    cli.kill(signal as NodeJS.Signals);
    expect(await cli.exited).toEqual({ code, signal: null });
    expect(kinds(cli)).toEqual(['restarting']);
    await until('the restart', async () => (await shown()).restarts === 1);
    await untilStatus('ready');
    await stop();
  });

  needing('bash').test('is not left by a hang-up that nohup has it ignore', async () => {
    await detach(misbehaving({ shutdownMs: 1_000 }));
    const through = ['bash', '-c', 'nohup "$0" "$@"; exit $?', process.execPath];
    const cli = sandbox.start(['restart', 'mi', '--json'], { through });
    await cli.event('restarting');
    process.kill(launcherIn(sandbox, 'restart'), 'SIGHUP');
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(kinds(cli)).toEqual(['restarting', 'starting', 'ready']);
    await stop();
  });

  test('of what does not run is refused', async () => {
    expect(await sandbox.run(['restart', 'mi'])).toMatchObject({ code: 10 });
    expect(await sandbox.run(['restart'])).toMatchObject({ code: 2 });
  });
});

describe('env, url and port', () => {
  test('tell what others need to reach it', async () => {
    const home = sandbox.home('a home');
    const { pid, urls } = await detach(home, ['--name', 'my-mi']);
    const { http, https, management, internal } = portsAt(MIN);
    const expected = {
      WSO2_MY_MI_OFFSET: '2000',
      WSO2_MY_MI_HOME: home,
      WSO2_MY_MI_PID: String(pid),
      WSO2_MY_MI_HTTP_PORT: String(http),
      WSO2_MY_MI_HTTP_URL: `http://localhost:${http}`,
      WSO2_MY_MI_HTTPS_PORT: String(https),
      WSO2_MY_MI_HTTPS_URL: `https://localhost:${https}`,
      WSO2_MY_MI_MANAGEMENT_PORT: String(management),
      WSO2_MY_MI_MANAGEMENT_URL: (urls as Record<string, string>)['management'],
      WSO2_MY_MI_INTERNAL_PORT: String(internal),
      WSO2_MY_MI_INTERNAL_URL: `http://localhost:${internal}`,
      WSO2_MY_MI_HEALTH_URL: (urls as Record<string, string>)['health'],
    };
    const envAs = async (format: string): Promise<string> => {
      const { code, stdout, stderr } = await sandbox.run(['env', 'my-mi', '--format', format]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };
    expect(JSON.parse(await envAs('json'))).toEqual(expected);
    expect(await envAs('shell')).toContain(`export WSO2_MY_MI_HOME='${home}'\n`);
    expect(await envAs('dotenv')).toContain(`WSO2_MY_MI_HOME="${home}"\n`);
    expect(await envAs('powershell')).toContain(`$env:WSO2_MY_MI_HOME = '${home}'\n`);
    expect(await envAs('github')).toContain(`WSO2_MY_MI_HOME=${home}\n`);
    expect((await sandbox.run(['env', 'my-mi'])).stdout).toBe(await envAs('shell'));
    const seen = spawn('/bin/sh', ['-c', `${await envAs('shell')}set`], {
      env: {},
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let variables = '';
    seen.stdout.on('data', (text) => {
      variables += text;
    });
    await new Promise((resolve) => seen.once('close', resolve));
    expect(variables).toContain(`WSO2_MY_MI_HOME='${home}'\n`);

    const out = async (...words: readonly string[]): Promise<string> => (await sandbox.run(words)).stdout;
    expect(await out('url', 'my-mi')).toBe(`${Object.values(urls as object)[0]}\n`);
    expect(await out('url', 'my-mi', 'management')).toBe(`${(urls as Record<string, string>)['management']}\n`);
    expect(await out('port', 'my-mi', 'internal')).toBe(`${internal}\n`);

    const document = async (...words: readonly string[]): Promise<unknown> => JSON.parse(await out(...words, '--json'));
    const [endpoint, url] = Object.entries(urls as object)[0] as [string, string];
    const named = { schemaVersion: 1, name: 'my-mi' };
    expect(await document('url', 'my-mi')).toEqual({ ...named, endpoint, url });
    expect(await document('port', 'my-mi', 'internal')).toEqual({ ...named, port: 'internal', number: internal });
    expect(await document('env', 'my-mi')).toEqual({ ...named, variables: expected });
    expect(await document('env', 'my-mi', '--format', 'json')).toEqual(expected);
    await stop();
  });

  test.each([
    [2, ['env', 'mi', '--format', 'xml'], '--format is one of shell, dotenv, json, powershell, github, not "xml".'],
    [2, ['url', 'mi', 'nowhere'], 'mi has no endpoint nowhere: it has '],
    [2, ['port', 'mi', 'toString'], 'mi has no port toString: it has http, https, management, internal.'],
    [2, ['port', 'mi'], "port lacks the port's name: http, https, management, internal."],
    [2, ['env'], 'env lacks the name of an instance.'],
    [10, ['env', 'other'], 'There is no instance other.'],
    [10, ['url', 'other'], 'There is no instance other.'],
    [10, ['port', 'other', 'http'], 'There is no instance other.'],
  ])('%i for %j', async (code, words, message) => {
    await detach(sandbox.home('mi'));
    expect(await sandbox.run(words)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
    await stop();
  });

  test('of an instance that is still starting have no pid, and least of all 0', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 60_000 }));
    await cli.event('starting');
    const { code, stdout } = await sandbox.run(['env', 'mi']);
    expect(code).toBe(0);
    expect(stdout).toContain('export WSO2_MI_OFFSET=2000\n');
    expect(stdout).not.toContain('PID');
    await stop();
    await cli.exited;
  });

  test('after ports were lost while starting, they are those of the offset it has moved to', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 3_000 }));
    await cli.event('starting');
    await sandbox.hold(portsAt(MIN)['http'] as number);
    await cli.event('starting', 2);
    expect((await sandbox.run(['port', 'mi', 'http'])).stdout).toBe(`${portsAt(MIN + 1)['http']}\n`);
    expect((await sandbox.run(['url', 'mi', 'http'])).stdout).toContain(`:${portsAt(MIN + 1)['http']}`);
    await stop();
    await cli.exited;
  });
});

test('ports NAME shows what the instance was really launched with', async () => {
  const home = sandbox.home('mi', { configuration: '[server]\noffset = 7\n' });
  const { pid } = await detach(home, ['--name', 'real']);
  // Whatever the file says by now.
  writeFileSync(join(home, 'conf/deployment.toml'), '[server]\noffset = 3\n\n[transport.http.listener]\nport = 8270\n');
  const { code, stdout } = await sandbox.run(['ports', 'real', '--json']);
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as { ports: readonly object[] };
  expect(report).toMatchObject({ product: 'mi', version: '4.4.0', home, offset: MIN });
  const by = { pid, command: expect.any(String), instance: 'real' };
  expect(report.ports[0]).toEqual({
    name: 'http',
    base: 8280,
    number: 8280 + MIN,
    scheme: 'http',
    shifted: true,
    required: true,
    source: 'default',
    state: 'taken',
    by,
  });
  await stop();
  expect((await sandbox.run(['ports', 'real'])).code).toBe(10);
});

describe('records that are torn, foreign or of another version', () => {
  test('say nothing, and stand in nobody’s way', async () => {
    await detach(sandbox.home('mi'));
    const record = recordOf();
    const put = (name: string, text: string): void => writeFileSync(fileOf(name), text);
    put('torn', JSON.stringify({ ...record, name: 'torn' }).slice(0, 200));
    put('empty', '');
    put('null', 'null');
    put('list', '[]');
    put('newer', JSON.stringify({ ...record, name: 'newer', schemaVersion: 2 }));
    put('renamed', JSON.stringify(record));
    put('portless', JSON.stringify({ ...record, name: 'portless', ports: [null] }));
    put('endless', JSON.stringify({ ...record, name: 'endless', urls: undefined }));
    put('anonymous', JSON.stringify({ ...record, name: 7 }));
    writeFileSync(join(sandbox.state, 'instances/mi.json.tmp'), '{"half');
    mkdirSync(fileOf('folder'));
    symlinkSync('/dev/null', fileOf('device'));
    expect((await list('--all')).map(({ name }) => name)).toEqual(['mi']);
    for (const name of ['torn', 'newer', 'portless', 'endless']) {
      expect(await sandbox.run(['url', name])).toMatchObject({ code: 10 });
    }
    expect(await detach(sandbox.home('next'), ['--name', 'torn'])).toMatchObject({ name: 'torn' });
    await stop('--all');
    await expectNothingLeft(MIN + 1);
  });

  test('fields that only a newer version knows do no harm', async () => {
    await detach(sandbox.home('mi'));
    writeFileSync(fileOf('mi'), JSON.stringify({ ...recordOf(), status: 'pondering', mood: 'good' }));
    expect(await list()).toMatchObject([{ name: 'mi', status: 'pondering' }]);
    expect((await sandbox.run(['status', 'mi'])).code).toBe(6);
    await stop('mi');
    await expectNothingLeft();
  });

  test('are private, as are the sockets', async () => {
    await detach(sandbox.home('mi'));
    expect(statSync(fileOf('mi')).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(fileOf('mi'))).mode & 0o777).toBe(0o700);
    const { socket } = recordOf();
    expect(dirname(socket)).toBe(`/tmp/wso2-launch-${process.getuid?.()}`);
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
    await stop();
  });

  test('that can not be written are warned of, and cost no server', async () => {
    mkdirSync(sandbox.state, { mode: 0o700 });
    writeFileSync(join(sandbox.state, 'instances'), 'not a folder');
    const cli = foreground(sandbox.home('mi'));
    await cli.event('ready');
    expect(cli.stderr).toMatch(/can't be written down .*: ps will not show it\./);
    expect(cli.stderr.match(/can't be written down/g)).toHaveLength(1);
    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
  });
});

describe('a supervisor that', () => {
  /** Stands in for the supervisor of a running instance. */
  async function impersonate(answer: object): Promise<Server> {
    const { socket } = recordOf();
    rmSync(socket);
    const server = createServer((client) => {
      client.on('error', () => {});
      client.once('data', () => client.end(`${JSON.stringify(answer)}\n`));
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return server;
  }

  test('is of another version says so, and nothing happens', async () => {
    const cli = foreground(sandbox.home('mi'));
    await cli.event('ready');
    const refused = 'The supervisor of mi does not know the request: it is of another version.';
    const server = await impersonate({ refused, hint: 'Ask another.' });
    for (const verb of ['stop', 'restart']) {
      const { code, stderr } = await sandbox.run([verb, 'mi']);
      expect({ code, stderr }).toEqual({ code: 1, stderr: `wso2-launch: ${refused}\n  Ask another.\n` });
    }
    expect(await list()).toMatchObject([{ status: 'ready' }]);
    server.close();
    cli.kill('SIGINT');
    await cli.exited;
  });

  test.each([{ protocol: 2, ask: 'stop' }, { protocol: 1, ask: 'dance' }, { ask: 'stop' }])(
    'is asked %j refuses it, and goes on',
    async (request) => {
      await detach(sandbox.home('mi'));
      const { socket, supervisor } = recordOf();
      const lines: object[] = [];
      await nodeSystem.control.ask(socket, request, (line) => lines.push(line), { timeoutMs: 5_000 });
      expect(lines).toEqual([
        {
          refused: `The supervisor of mi (process ${supervisor.pid}) does not know the request: it is of another version.`,
          hint: expect.any(String),
        },
      ]);
      expect(await list()).toMatchObject([{ status: 'ready' }]);
      await stop();
    },
  );

  test('is suspended is told of in time, and obeys again afterwards, but not what was given up', async () => {
    await detach(sandbox.home('mi'));
    const { supervisor, socket, server } = recordOf();
    process.kill(supervisor.pid, 'SIGSTOP');
    try {
      const sinceMs = performance.now();
      for (const verb of ['stop', 'restart']) {
        const { code, stderr } = await sandbox.run([verb, 'mi']);
        expect(code).toBe(1);
        expect(stderr).toContain(`The supervisor of mi (process ${supervisor.pid}) does not answer: no answer in 5 s.`);
        expect(stderr).toContain(`kill -CONT ${supervisor.pid}`);
      }
      expect(performance.now() - sinceMs).toBeLessThan(20_000);
      expect(await list()).toMatchObject([{ status: 'ready' }]);
    } finally {
      process.kill(supervisor.pid, 'SIGCONT');
    }
    await nodeSystem.control.ask(socket, { ask: 'nothing' }, () => {}, { timeoutMs: 10_000 });
    expect(recordOf()).toMatchObject({ status: 'ready', server, restarts: 0 });
    await sandbox.run(['stop', 'mi']);
    await untilNothingIsLeft();
  });

  test('has lost its socket is told of at once', async () => {
    await detach(sandbox.home('mi'));
    const { socket, supervisor } = recordOf();
    rmSync(socket);
    const { code, stderr } = await sandbox.run(['stop', 'mi']);
    expect(code).toBe(1);
    expect(stderr).toContain(`The supervisor of mi (process ${supervisor.pid}) does not answer: connect ENOENT`);
    process.kill(supervisor.pid, 'SIGTERM');
    await untilNothingIsLeft();
  });

  test('is talked to by clients that break off lives on', async () => {
    await detach(sandbox.home('mi'));
    for (let round = 0; round < 5; round++) {
      const watcher = sandbox.start(['restart', 'mi']);
      await until('the restart', async () => (await shown()).restarts > round);
      watcher.kill('SIGKILL');
      await watcher.exited;
      await untilStatus('ready');
    }
    await stop();
    await expectNothingLeft();
  });
});

describe('a restart policy', () => {
  const crash = (cli: Cli, nth: number): Promise<void> =>
    cli.event('ready', nth).then(({ pid }) => void process.kill(pid as number, 'SIGUSR2'));

  test('of never leaves a crash at that', async () => {
    const cli = foreground(misbehaving({ onSignal: 'crash' }));
    await crash(cli, 1);
    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(kinds(cli)).not.toContain('restarting');
  });

  test('of on-failure starts again after a crash, at the same offset, after a longer pause each time, and then gives up', async () => {
    const cli = foreground(misbehaving({ onSignal: 'crash' }), ['--restart', 'on-failure', '--max-restarts', '2']);
    for (const nth of [1, 2, 3]) await crash(cli, nth);
    expect(await cli.exited).toEqual({ code: 5, signal: null });
    const of = (kind: string): JsonEvent[] => cli.events.filter(({ event }) => event === kind);
    expect(of('restarting')).toMatchObject([
      { attempt: 1, delayMs: 1000, reason: 'crashed' },
      { attempt: 2, delayMs: 2000, reason: 'crashed' },
    ]);
    expect(of('ready').map(({ offset }) => offset)).toEqual([MIN, MIN, MIN]);
    expect(new Set(of('ready').map(({ pid }) => pid)).size).toBe(3);
    expect(await cli.event('failed')).toMatchObject({ code: 5, failure: 'crashed' });
    expect(recordOf()).toMatchObject({ restarts: 2, exit: { code: 5 } });
    await expectNothingLeft();
  });

  test('of on-failure starts again after a crash, whatever an integration has logged', async () => {
    const bootLine = 'LogMediator Gracefully shutting down WSO2 Micro Integrator...';
    const cli = foreground(misbehaving({ bootLine, onSignal: 'crash' }), [
      '--restart',
      'on-failure',
      '--max-restarts',
      '1',
    ]);
    for (const nth of [1, 2]) await crash(cli, nth);
    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(cli.events.filter(({ event }) => event === 'restarting')).toMatchObject([{ reason: 'crashed' }]);
    expect(await cli.event('failed')).toMatchObject({ code: 5, failure: 'crashed' });
  });

  test.each(['logs/mi.log', 'logs', '.'])(
    'of on-failure starts again where %s of the state folder was removed',
    async (gone) => {
      const args = [
        'mi',
        '--home',
        misbehaving({ onSignal: 'crash' }),
        ...atFreeOffset,
        '--restart',
        'on-failure',
        '--verbose',
      ];
      const cli = sandbox.start(args);
      const ready = (nth: number): Promise<unknown> =>
        until(`ready ${nth} times; so far: ${cli.stderr}`, () => cli.stderr.split('mi ready').length > nth);
      await ready(1);
      const { pid, logFile } = recordOf();
      rmSync(join(sandbox.state, gone), { recursive: true });
      process.kill(pid as number, 'SIGUSR2');
      await ready(2);
      expect(cli.stderr).toContain(`warning: ${logFile} was removed: it begins anew`);
      await until('the output of the second start', () => cli.stdout.split('started in').length > 2);
      expect(readFileSync(logFile, 'utf8').match(/started in/g)).toHaveLength(1);
      await stop();
      expect(await cli.exited).toEqual({ code: 0, signal: null });
      expect(cli.stdout.match(/started in/g)).toHaveLength(2);
    },
  );

  test('of on-failure leaves a shutdown from inside at that', async () => {
    const cli = foreground(misbehaving({ onSignal: 'shut-down' }), ['--restart', 'on-failure']);
    await crash(cli, 1);
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(kinds(cli)).not.toContain('restarting');
  });

  test('of always starts again after a shutdown from inside as well', async () => {
    const cli = foreground(misbehaving({ onSignal: 'shut-down' }), ['--restart', 'always', '--max-restarts', '1']);
    await crash(cli, 1);
    await crash(cli, 2);
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(await cli.event('restarting')).toMatchObject({ attempt: 1, reason: 'from-inside' });
    await expectNothingLeft();
  });

  test('goes round a crash at boot only so often, and ends with code 5', async () => {
    const home = misbehaving({ exitAtBoot: 1 });
    const cli = detaching(home, ['--restart', 'always', '--max-restarts', '1']);
    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(kinds(cli).filter((kind) => kind === 'starting')).toHaveLength(2);
    expect(await cli.event('failed')).toMatchObject({ code: 5, failure: 'exited-before-ready' });
    await untilNothingIsLeft();
  });

  test('works for an instance in the background, and a stop ends its pause', async () => {
    const { pid } = await detach(misbehaving({ onSignal: 'crash' }), ['--restart', 'on-failure']);
    process.kill(pid as number, 'SIGUSR2');
    const again = await until('another JVM', async () => {
      const instance = await shown();
      return instance.status === 'ready' && instance.restarts === 1 && instance;
    });
    expect(again).toMatchObject({ offset: MIN });
    process.kill(again.pid as number, 'SIGUSR2');
    await untilStatus('restarting');
    await stop('mi');
    await expectNothingLeft();
    expect(recordOf()).toMatchObject({ restarts: 2, exit: { code: 0 } });
  });

  test('is not waited for by a restart that is asked for', async () => {
    const cli = foreground(misbehaving({ onSignal: 'crash' }), ['--restart', 'on-failure']);
    await crash(cli, 1);
    await crash(cli, 2);
    await crash(cli, 3);
    const pausing = await cli.event('restarting', 3);
    expect(await sandbox.run(['restart', 'mi'])).toMatchObject({ code: 0 });
    const starting = await cli.event('starting', 4);
    const pausedMs = Date.parse(starting['at'] as string) - Date.parse(pausing['at'] as string);
    expect(pausedMs).toBeLessThan(pausing['delayMs'] as number);
    await stop();
    expect(await cli.exited).toEqual({ code: 0, signal: null });
  });

  test.each([
    [['--restart', 'sometimes'], '--restart is one of never, on-failure, always, not "sometimes".'],
    [['--max-restarts', 'many'], '--max-restarts takes a plain integer, not "many".'],
    [['--max-restarts', '-1'], '--max-restarts takes no negative number.'],
  ])('%j is wrong usage', async (options, message) => {
    const { code, stderr } = await sandbox.run(['mi', '--home', sandbox.home('mi'), ...options]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });
});

test('a detached API Manager is ready on all its ports, and stopped from all of them', async () => {
  const offset = 20_892;
  const home = sandbox.home('apim', { product: 'apim', version: '4.5.0' });
  const args = ['apim', '--home', home, '-a', '--min-offset', String(offset), '--max-offset', '20899', '-d', '--json'];
  const cli = sandbox.start(args);
  expect(await cli.exited).toEqual({ code: 0, signal: null });
  const ready = await cli.event('ready');
  expect(await list()).toMatchObject([{ name: 'apim', product: 'apim', status: 'ready', urls: ready['urls'] }]);
  expect((await sandbox.run(['url', 'apim'])).stdout).toBe(`${(ready['urls'] as Record<string, string>)['console']}\n`);
  await stop('apim');
  expect(sandbox.processes()).toEqual([]);
  expect(await isFree(ready['offset'] as number, 'apim')).toBe(true);
});

describe('exec --reuse', () => {
  test('leaves a running instance alone, however long the command takes', async () => {
    const { pid } = await detach(sandbox.home('mi'));
    const command = ['sh', '-c', 'sleep 6; echo $WSO2_MI_PID'];
    const ended: Ended = await sandbox.run(['exec', 'mi', '--reuse', '--', ...command]);
    expect(ended).toMatchObject({ code: 0, stdout: `${pid}\n` });
    expect(await list()).toMatchObject([{ status: 'ready', pid }]);
    await stop();
  });

  test('waits for an instance that is still starting, and for one that never comes says so', async () => {
    const home = misbehaving({ bindAfterMs: 1_500 });
    const starting = foreground(home);
    await starting.event('starting');
    const exec = ['exec', 'mi', '--home', home, '--reuse', '--', 'sh', '-c', 'echo $WSO2_MI_PID'];
    const first = await sandbox.run(exec);
    expect(first).toMatchObject({ code: 0, stdout: `${(await starting.event('ready'))['pid']}\n` });
    await stop();
    await starting.exited;

    const again = foreground(home);
    await again.event('starting');
    const waiting = sandbox.start(exec);
    await until('exec to be connected', () => connectionsTo(recordOf().socket) > 1);
    await stop();
    expect(await waiting.exited).toEqual({ code: 10, signal: null });
    expect(waiting.stdout).toBe('');
    expect(await again.exited).toEqual({ code: 0, signal: null });
  });
});
