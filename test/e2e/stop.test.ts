import { spawn } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pidInFile } from '../../src/ports/idle-home.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli } from '../support/cli.js';
import { instancesIn, kinds } from '../support/instances.js';
import { isAlive, launcherIn } from '../support/machine.js';
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

const { foreground, misbehaving, expectNothingLeft } = instancesIn(() => sandbox, MIN);

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
    const cli = foreground(sandbox.home('mi'));
    await cli.event('ready');

    cli.kill(signal);
    expect(await cli.exited).toEqual({ code, signal: null });
    await expectNothingLeft();
    expect(kinds(cli)).toEqual(['planned', 'starting', 'ready', 'stopping', 'stopped']);
    expect(await cli.event('stopping')).toMatchObject({ reason: 'signal' });
    expect(await cli.event('stopped')).toMatchObject({ reason: 'signal', how: 'graceful' });
  });

  test('that comes again within a second is ignored; after that it kills at once', async () => {
    const cli = foreground(misbehaving({ isStubborn: true }), ['--stop-timeout', '1m']);
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
    const cli = foreground(misbehaving({ isStubborn: true }), ['--stop-timeout', '1s']);
    await cli.event('ready');

    cli.kill('SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
    const stopped = await cli.event('stopped');
    expect(stopped).toMatchObject({ reason: 'signal', how: 'killed' });
    expect(stopped['durationMs']).toBeGreaterThanOrEqual(1000);
    await expectNothingLeft();
  });

  test('gives a server that shuts down slowly its time', async () => {
    const cli = foreground(misbehaving({ shutdownMs: 1500 }), ['--stop-timeout', '30s']);
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
      const cli = foreground(home);
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
    const cli = foreground(sandbox.home('mi'));
    await cli.event('starting');

    cli.kill(signal);
    expect(await cli.exited).toEqual({ code, signal: null });
    expect(kinds(cli)).not.toContain('ready');
    await expectNothingLeft();
  });

  test('stops a JVM that has not bound its ports', async () => {
    const home = misbehaving({ bindAfterMs: 60_000 });
    const cli = foreground(home);
    await until('the JVM', () => pidInFile(home, nodeSystem.files));

    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    expect(await cli.event('stopped')).toMatchObject({ reason: 'signal', how: 'graceful' });
    await expectNothingLeft();
  });
});

describe('a hang-up that was ignored from the start', () => {
  const WAYS = {
    'under nohup': ['bash', '-c', 'nohup "$0" "$@"; exit $?', process.execPath],
    'below a shell that ignores it': ['sh', '-c', 'trap "" HUP; "$0" "$@"; exit $?', process.execPath],
  };

  for (const [way, through] of Object.entries(WAYS)) {
    needing(...through.slice(0, 1)).test(`${way} stays ignored, and SIGTERM still stops`, async () => {
      const cli = foreground(sandbox.home('mi'), [], { through });
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
    const cli = foreground(misbehaving({ onSignal: 'shut-down' }), [], { through });
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
  const cli = foreground(home);
  await cli.event('ready');
  cli.child.stdout?.destroy();
  cli.child.stderr?.destroy();

  cli.kill('SIGINT');
  expect(await cli.exited).toEqual({ code: 130, signal: null });
  await expectNothingLeft();
});
