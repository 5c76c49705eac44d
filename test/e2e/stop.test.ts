import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pidInFile } from '../../src/ports/idle-home.js';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli, CliOptions } from '../support/cli.js';
import { isAlive, isFree, launcherIn, leaseFilesOf, portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { needing } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('stop');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const launch = (home: string, more: readonly string[] = [], options: CliOptions = {}): Cli =>
  sandbox.start(['mi', '--home', home, '-a', '--min-offset', String(MIN), '--json', ...more], options);

const misbehaving = (behaviour: StandInBehaviour): string => sandbox.home('mi', { behaviour });

const kinds = (cli: Cli): string[] => cli.events.map(({ event }) => event);

async function expectNothingLeft(): Promise<void> {
  expect(sandbox.processes()).toEqual([]);
  expect(leaseFilesOf(sandbox.state)).toEqual([]);
  expect(await isFree(MIN)).toBe(true);
}

async function jvmOf(cli: Cli): Promise<number> {
  return (await cli.event('ready'))['pid'] as number;
}

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

describe('a signal', () => {
  test.each(SIGNALS)('%s stops the server gracefully, and the exit code is %i', async (signal, code) => {
    const cli = launch(sandbox.home('mi'));
    await cli.event('ready');

    cli.kill(signal);
    expect(await cli.exited).toEqual({ code, signal: null });
    await expectNothingLeft();
    expect(kinds(cli)).toEqual(['planned', 'starting', 'ready', 'stopping', 'stopped']);
    expect(await cli.event('stopping')).toMatchObject({ reason: 'signal' });
    expect(await cli.event('stopped')).toMatchObject({ reason: 'signal', how: 'graceful' });
  });

  test('that comes again within a second is ignored; after that it kills at once', async () => {
    const cli = launch(misbehaving({ isStubborn: true }), ['--stop-timeout', '1m']);
    await cli.event('ready');
    cli.kill('SIGINT');
    await cli.event('stopping');
    const stoppingMs = performance.now();

    cli.kill('SIGTERM');
    await until('a second to pass', () => performance.now() - stoppingMs > 1100);
    expect(kinds(cli).at(-1)).toBe('stopping');

    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    expect(performance.now() - stoppingMs).toBeLessThan(20_000);
    expect(await cli.event('stopped')).toMatchObject({ reason: 'signal', how: 'killed' });
    await expectNothingLeft();
  });

  test('kills a server that has not stopped within the stop time-out', async () => {
    const cli = launch(misbehaving({ isStubborn: true }), ['--stop-timeout', '1s']);
    await cli.event('ready');

    cli.kill('SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
    const stopped = await cli.event('stopped');
    expect(stopped).toMatchObject({ reason: 'signal', how: 'killed' });
    expect(stopped['durationMs']).toBeGreaterThanOrEqual(1000);
    await expectNothingLeft();
  });

  test('gives a server that shuts down slowly its time', async () => {
    const cli = launch(misbehaving({ shutdownMs: 1500 }), ['--stop-timeout', '30s']);
    await cli.event('ready');

    cli.kill('SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
    const stopped = await cli.event('stopped');
    expect(stopped).toMatchObject({ reason: 'signal', how: 'graceful' });
    expect(stopped['durationMs']).toBeGreaterThanOrEqual(1500);
    await expectNothingLeft();
  });
});

describe('a signal while the server boots', () => {
  test('stops a script that has no JVM yet, and nobody whom a stale pid file names', async () => {
    const home = sandbox.home('mi');
    const java = join(sandbox.jdk, 'bin/java');
    const seen = join(sandbox.folder, 'java-was-asked');
    writeFileSync(java, `#!/bin/sh\n: > '${seen}'\nexec sleep 600\n`);
    chmodSync(java, 0o755);
    const stranger = spawn('sleep', ['600'], { cwd: '/', stdio: 'ignore' });
    try {
      writeFileSync(join(home, 'wso2carbon.pid'), `${stranger.pid}\n`);
      const cli = launch(home);
      await until('the script to ask for the version of the JDK', () => existsSync(seen));

      cli.kill('SIGTERM');
      expect(await cli.exited).toEqual({ code: 143, signal: null });
      expect(await cli.event('stopped')).toMatchObject({ reason: 'signal', how: 'graceful' });
      await expectNothingLeft();
      expect(isAlive(stranger.pid as number)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  test.each(SIGNALS)('%s as soon as the script runs leaves nothing behind', async (signal, code) => {
    const cli = launch(sandbox.home('mi'));
    await cli.event('starting');

    cli.kill(signal);
    expect(await cli.exited).toEqual({ code, signal: null });
    expect(kinds(cli)).not.toContain('ready');
    await expectNothingLeft();
  });

  test('stops a JVM that has not bound its ports', async () => {
    const home = misbehaving({ bindAfterMs: 60_000 });
    const cli = launch(home);
    await until('the JVM', () => pidInFile(home, nodeSystem.files));

    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    expect(await cli.event('stopped')).toMatchObject({ reason: 'signal', how: 'graceful' });
    await expectNothingLeft();
  });
});

describe('a server that ends by itself', () => {
  test('and was shut down from inside ends the launch with code 0', async () => {
    const cli = launch(misbehaving({ onSignal: 'shut-down' }));
    process.kill(await jvmOf(cli), 'SIGUSR2');

    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(await cli.event('stopping')).toMatchObject({ reason: 'from-inside' });
    expect(await cli.event('stopped')).toMatchObject({ reason: 'from-inside', how: 'graceful' });
    await expectNothingLeft();
  });

  test('is stopping as soon as its shutdown from inside shows', async () => {
    const cli = launch(misbehaving({ onSignal: 'shut-down', shutdownMs: 6_000 }));
    const { name } = await cli.event('ready');
    process.kill(await jvmOf(cli), 'SIGUSR2');
    expect(await cli.event('stopping')).toMatchObject({ reason: 'from-inside' });
    expect((await sandbox.run(['status', name as string])).stdout).toContain('stopping');

    expect(await cli.exited).toEqual({ code: 0, signal: null });
    const kinds = cli.events.map(({ event }) => event);
    expect(kinds).toEqual(['planned', 'starting', 'ready', 'stopping', 'stopped']);
    await expectNothingLeft();
  });

  test('and crashed ends the launch with code 5', async () => {
    const cli = launch(misbehaving({ onSignal: 'crash' }));
    process.kill(await jvmOf(cli), 'SIGUSR2');

    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(await cli.event('failed')).toMatchObject({ code: 5, failure: 'crashed' });
    await expectNothingLeft();
  });

  test('and whose JVM was killed ends the launch with code 5', async () => {
    const cli = launch(sandbox.home('mi'));
    process.kill(await jvmOf(cli), 'SIGKILL');
    expect((await cli.event('failed'))['message']).toBe('The server ended unasked: its JVM was ended by SIGKILL.');

    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(await cli.event('failed')).toMatchObject({ code: 5, failure: 'crashed' });
    await expectNothingLeft();
  });

  test('and whose script was killed is stopped, JVM and all, with code 5', async () => {
    const cli = launch(sandbox.home('mi'));
    const jvm = await jvmOf(cli);
    process.kill((await cli.event('starting'))['pid'] as number, 'SIGKILL');

    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(isAlive(jvm)).toBe(false);
    expect(await cli.event('failed')).toMatchObject({ code: 5, failure: 'crashed' });
    expect((await cli.event('failed'))['message']).toContain('SIGKILL');
    await expectNothingLeft();
  });
});

describe('stopped means stopped', () => {
  test.each(['stray', 'stubborn-stray'] as const)('for a %s that has left the session', async (forks) => {
    const cli = launch(misbehaving({ forks }));
    await cli.event('ready');

    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    const how = forks === 'stray' ? 'graceful' : 'killed';
    expect(await cli.event('stopped')).toMatchObject({ how });
    await expectNothingLeft();
  });

  needing('setsid').test('for a daemon whose parents have all gone', async () => {
    const home = sandbox.home('mi');
    const helper = join(home, 'diagnostics-tool/bin/diagnostics.sh');
    const daemon = "setsid sh -c 'sleep 600 & echo $! > tmp/daemon.pid'";
    writeFileSync(helper, `#!/bin/sh\n${daemon}\nexec sleep 86400\n`);
    const cli = launch(home);
    await cli.event('ready');
    expect(isAlive(Number(readFileSync(join(home, 'tmp/daemon.pid'), 'utf8')))).toBe(true);

    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    await expectNothingLeft();
  });

  test('for a helper that ignores SIGTERM, long before the stop time-out', async () => {
    const home = sandbox.home('mi');
    const helper = join(home, 'diagnostics-tool/bin/diagnostics.sh');
    writeFileSync(helper, "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n");
    const cli = launch(home);
    await cli.event('ready');

    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    const stopped = await cli.event('stopped');
    expect(stopped).toMatchObject({ how: 'killed' });
    expect(stopped['durationMs']).toBeLessThan(30_000);
    await expectNothingLeft();
  });

  test('for a JVM that was just about to restart', async () => {
    const home = misbehaving({ onSignal: 'restart', shutdownMs: 700 });
    const cli = launch(home);
    const jvm = await jvmOf(cli);
    process.kill(jvm, 'SIGUSR2');

    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    expect(kinds(cli)).toEqual(['planned', 'starting', 'ready', 'stopping', 'stopped']);
    await expectNothingLeft();
  });

  test('for a port that somebody else has taken meanwhile, which is not ours to free', async () => {
    const cli = launch(misbehaving({ onSignal: 'restart', bindAfterMs: 5000 }));
    process.kill(await jvmOf(cli), 'SIGUSR2');
    await cli.event('restarting');
    await sandbox.hold(portsAt(MIN)['management'] as number);

    cli.kill('SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
    expect(sandbox.processes()).toEqual([]);
  });

  test('or the exit code is 7, and the message names the port and who has inherited it', async () => {
    const home = misbehaving({ forks: 'socket-heir' });
    const cli = launch(home);
    await cli.event('ready');
    const heir = Number(readFileSync(join(home, 'heir.pid'), 'utf8'));
    try {
      cli.kill('SIGINT');
      expect(await cli.exited).toEqual({ code: 7, signal: null });
      const port = portsAt(MIN)['http'];
      const failed = await cli.event('failed');
      expect(failed).toMatchObject({ code: 7, failure: 'survived-stop' });
      expect(failed['message']).toContain(`port ${port} (http), held by sleep, pid ${heir}`);
      expect(cli.stderr).toContain(`port ${port} (http), held by sleep, pid ${heir}`);
      expect(kinds(cli)).not.toContain('stopped');
      expect(sandbox.processes().map(({ pid }) => pid)).toEqual([heir]);
    } finally {
      process.kill(heir, 'SIGKILL');
    }
  });
});

describe('a hang-up that was ignored from the start', () => {
  const WAYS = {
    'under nohup': ['bash', '-c', 'nohup "$0" "$@"; exit $?', process.execPath],
    'below a shell that ignores it': ['sh', '-c', 'trap "" HUP; "$0" "$@"; exit $?', process.execPath],
  };

  for (const [way, through] of Object.entries(WAYS)) {
    needing(...through.slice(0, 1)).test(`${way} stays ignored, and SIGTERM still stops`, async () => {
      const cli = launch(sandbox.home('mi'), [], { through });
      const jvm = await jvmOf(cli);
      const launcher = launcherIn(sandbox);

      process.kill(launcher, 'SIGHUP');
      process.kill(launcher, 'SIGTERM');
      expect(await cli.exited).toEqual({ code: 143, signal: null });
      expect(await cli.event('stopped')).toMatchObject({ reason: 'signal', how: 'graceful' });
      expect(isAlive(jvm)).toBe(false);
      await expectNothingLeft();
    });
  }

  needing('bash').test('outlives the shell that started it', async () => {
    const through = ['bash', '-c', 'nohup "$0" "$@"; exit $?', process.execPath];
    const cli = launch(misbehaving({ onSignal: 'shut-down' }), [], { through });
    const jvm = await jvmOf(cli);
    const launcher = launcherIn(sandbox);
    cli.kill('SIGKILL');
    await until('the shell to be gone', () => !isAlive(cli.pid));
    process.kill(launcher, 'SIGHUP');

    process.kill(jvm, 'SIGUSR2');
    await cli.exited;
    expect(await cli.event('stopped')).toMatchObject({ reason: 'from-inside' });
    await expectNothingLeft();
  });
});

test('a reader that goes away ends the output, not the server', async () => {
  const home = misbehaving({ onSignal: 'restart', bindAfterMs: 700 });
  const cli = sandbox.start(['mi', '--home', home, '-a', '--min-offset', String(MIN)]);
  const readyLines = () => cli.stderr.match(/^wso2-launch: mi ready, /gm)?.length;
  await until('the server to be ready', () => readyLines() === 1);
  expect(cli.stdout).toContain('StartupFinalizer');

  cli.child.stdout?.destroy();
  process.kill(pidInFile(home, nodeSystem.files) as number, 'SIGUSR2');
  await until('the server to be ready again', () => readyLines() === 2);

  cli.kill('SIGINT');
  expect(await cli.exited).toEqual({ code: 130, signal: null });
  expect(cli.stderr).not.toMatch(/EPIPE|Error|fault/);
  await expectNothingLeft();
});

test('readers of both streams that go away keep nobody from stopping', async () => {
  const home = sandbox.home('mi');
  const cli = launch(home);
  await cli.event('ready');
  cli.child.stdout?.destroy();
  cli.child.stderr?.destroy();

  cli.kill('SIGINT');
  expect(await cli.exited).toEqual({ code: 130, signal: null });
  await expectNothingLeft();
});
