import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ProcessRow } from '../../src/domain/tree.js';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli, CliOptions } from '../support/cli.js';
import {
  descendantsOf,
  guardOf,
  isAlive,
  isFree,
  launcherIn,
  leaseFilesOf,
  leasesOf,
  survivorsOf,
} from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { needing } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('guard');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const launch = (home: string, more: readonly string[] = [], options: CliOptions = {}): Cli =>
  sandbox.start(['mi', '--home', home, '-a', '--min-offset', String(MIN), '--json', ...more], options);

const misbehaving = (behaviour: StandInBehaviour): string => sandbox.home('mi', { behaviour });

/** Kills a launcher in one instant, and returns what it had started by then, its guard among it. */
async function killSuddenly(cli: Cli): Promise<ProcessRow[]> {
  cli.kill('SIGSTOP');
  const family = descendantsOf(cli.pid);
  cli.kill('SIGKILL');
  await cli.exited;
  return family;
}

async function untilNothingIsLeft(family: readonly ProcessRow[]): Promise<void> {
  await until('the family of the dead launcher to be gone', () => survivorsOf(family).length === 0);
  await until('the sandbox to be empty', () => sandbox.processes().length === 0);
  expect(await leasesOf(sandbox.state)).toEqual([]);
  expect(await isFree(MIN)).toBe(true);
}

/** Whatever was killed before, a fresh launch gets the smallest offset again. */
async function expectFreshLaunch(home: string): Promise<void> {
  const cli = launch(home);
  expect(await cli.event('ready')).toMatchObject({ name: 'mi', offset: MIN, warnings: [] });
  cli.kill('SIGINT');
  expect(await cli.exited).toEqual({ code: 130, signal: null });
  expect(sandbox.processes()).toEqual([]);
  expect(leaseFilesOf(sandbox.state)).toEqual([]);
}

const MOMENTS = Array.from({ length: 26 }, (_, index) => index * 20);
const EVENTS = ['planned', 'starting', 'ready'] as const;

/** Looks without a pause: ten milliseconds later, the moment would be another. */
function waitHard<T>(condition: () => T | undefined | false): T {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error('the moment never came');
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a launcher that is killed leaves nothing behind', () => {
  test('whatever the moment', async () => {
    const home = sandbox.home('mi');
    const reached = new Set<string>();
    for (const moment of MOMENTS) {
      const cli = launch(home);
      await pause(moment);
      const family = await killSuddenly(cli);
      for (const { event } of cli.events) reached.add(event);
      await untilNothingIsLeft(family);
      expect(cli.events[0]?.['offset'] ?? MIN).toBe(MIN);
    }
    expect([...reached]).toContain('starting');
    await expectFreshLaunch(home);
  });

  test('as soon as each of its processes exists: the guard, the script, the helper, the JVM', async () => {
    const home = sandbox.home('mi');
    for (const count of [1, 2, 3, 4]) {
      const cli = launch(home);
      waitHard(() => descendantsOf(cli.pid).length >= count);
      await untilNothingIsLeft(await killSuddenly(cli));
    }
    await expectFreshLaunch(home);
  });

  test('because no line of the start script runs before the guard knows of it', async () => {
    for (let attempt = 1; ; attempt++) {
      const home = sandbox.home(`mi-${attempt}`);
      const cli = launch(home);
      const guard = waitHard(() => guardOf(cli.pid));
      process.kill(guard, 'SIGSTOP');
      await until('the gate', () => descendantsOf(cli.pid).length >= 2);
      await pause(300);
      const isTooLate = cli.events.some(({ event }) => event === 'starting');
      const family = await killSuddenly(cli);
      process.kill(guard, 'SIGCONT');
      await untilNothingIsLeft(family);

      if (isTooLate && attempt < 10) continue;
      expect(isTooLate).toBe(false);
      expect(readFileSync(join(sandbox.state, 'logs/mi.log'), 'utf8')).toBe('');
      expect(existsSync(join(home, 'wso2carbon.pid'))).toBe(false);
      break;
    }
  });

  test('while its server starts and binds', async () => {
    const home = sandbox.home('mi');
    for (const moment of MOMENTS.slice(0, 16)) {
      const cli = launch(home);
      await cli.event('starting');
      await pause(moment);
      await untilNothingIsLeft(await killSuddenly(cli));
    }
    await expectFreshLaunch(home);
  });

  test.each(EVENTS)('right after the event %s', async (kind) => {
    const home = sandbox.home('mi');
    const cli = launch(home);
    await cli.event(kind);
    await untilNothingIsLeft(await killSuddenly(cli));
    await expectFreshLaunch(home);
  });

  test('while it stops its server', async () => {
    const home = misbehaving({ shutdownMs: 1000 });
    const cli = launch(home);
    await cli.event('ready');
    cli.kill('SIGTERM');
    await cli.event('stopping');
    await untilNothingIsLeft(await killSuddenly(cli));
  });

  test('after it has moved on to another offset', async () => {
    const cli = launch(misbehaving({ bindAfterMs: 3000 }));
    await cli.event('starting');
    const winner = await sandbox.hold(9154 + MIN);
    await cli.event('starting', 2);
    const family = await killSuddenly(cli);
    winner.close();
    await untilNothingIsLeft(family);
    expect(await isFree(MIN + 1)).toBe(true);
  });

  test('of a stubborn server, once the stop time-out is over', async () => {
    const cli = launch(misbehaving({ isStubborn: true }), ['--stop-timeout', '1s']);
    const jvm = (await cli.event('ready'))['pid'] as number;
    const killedMs = performance.now();
    const family = await killSuddenly(cli);

    await until('the server to be killed', () => !isAlive(jvm));
    expect(performance.now() - killedMs).toBeGreaterThanOrEqual(900);
    await untilNothingIsLeft(family);
  });

  test('of a server that shuts down slowly, which is given its time', async () => {
    const cli = launch(misbehaving({ shutdownMs: 1500 }), ['--stop-timeout', '30s']);
    const jvm = (await cli.event('ready'))['pid'] as number;
    const killedMs = performance.now();
    const family = await killSuddenly(cli);

    await until('the server to shut down', () => !isAlive(jvm));
    expect(performance.now() - killedMs).toBeGreaterThanOrEqual(1500);
    await untilNothingIsLeft(family);
  });

  test('of a server that forks in that very moment, long before the stop time-out', async () => {
    const home = sandbox.home('mi');
    const helper = join(home, 'diagnostics-tool/bin/diagnostics.sh');
    const forking = 'i=0; while [ $i -lt 300 ]; do sleep 600 & sleep 0.004; i=$((i + 1)); done; wait';
    writeFileSync(helper, `#!/bin/sh\nwhile [ ! -e tmp/go ]; do sleep 0.01; done\n${forking}\n`);
    for (let round = 0; round < 3; round++) {
      const cli = launch(home);
      await cli.event('ready');
      writeFileSync(join(home, 'tmp/go'), '');
      await until('the helper to have forked', () => descendantsOf(cli.pid).length > 40);
      await untilNothingIsLeft(await killSuddenly(cli));
    }
  });

  test.each(['stray', 'stubborn-stray'] as const)('of a server whose %s has left the session', async (forks) => {
    const cli = launch(misbehaving({ forks }), ['--stop-timeout', '1s']);
    await cli.event('ready');
    await untilNothingIsLeft(await killSuddenly(cli));
  });
});

test('a launcher that is asked to stop leaves nothing behind when it ends, whatever the moment', async () => {
  const home = sandbox.home('mi');
  for (const moment of MOMENTS) {
    const cli = launch(home);
    await pause(moment);
    cli.kill('SIGTERM');
    const ended = await cli.exited;

    const isBeforeMain = cli.events.length === 0 && ended.signal === 'SIGTERM';
    if (!isBeforeMain) expect(ended).toEqual({ code: 143, signal: null });
    expect(cli.stderr).not.toContain('fault');
    expect(sandbox.processes()).toEqual([]);
    expect(leaseFilesOf(sandbox.state)).toEqual([]);
    expect(await isFree(MIN)).toBe(true);
  }
  await expectFreshLaunch(home);
});

describe('a launcher whose shell is killed', () => {
  test('notices it, and stops its server', async () => {
    const cli = launch(sandbox.home('mi'), [], { through: ['sh', '-c', '"$0" "$@"; true', process.execPath] });
    await cli.event('ready');
    cli.kill('SIGKILL');

    await cli.exited;
    expect(await cli.event('stopping')).toMatchObject({ reason: 'parent-gone' });
    expect(await cli.event('stopped')).toMatchObject({ reason: 'parent-gone', how: 'graceful' });
    await untilNothingIsLeft([]);
  });

  test('notices it while the server boots', async () => {
    const home = misbehaving({ bindAfterMs: 60_000 });
    const cli = launch(home, [], { through: ['sh', '-c', '"$0" "$@"; true', process.execPath] });
    await cli.event('starting');
    cli.kill('SIGKILL');

    await cli.exited;
    expect(await cli.event('stopped')).toMatchObject({ reason: 'parent-gone' });
    await untilNothingIsLeft([]);
  });

  test('notices it also where a nohup far above has left its trace in the environment', async () => {
    // dash hands `_` on as it found it: below an agent that was started with nohup, everybody has it.
    const through = ['sh', '-c', '"$0" "$@"; true', process.execPath];
    const cli = launch(sandbox.home('mi'), [], { through, env: { _: '/usr/bin/nohup' } });
    await cli.event('ready');
    cli.kill('SIGKILL');

    await cli.exited;
    expect(await cli.event('stopped')).toMatchObject({ reason: 'parent-gone' });
    await untilNothingIsLeft([]);
  });

  test('notices it two shells up', async () => {
    const shells = ['sh', '-c', `sh -c '"$0" "$@"; true' "$0" "$@"; true`, process.execPath];
    const cli = launch(sandbox.home('mi'), [], { through: shells });
    await cli.event('ready');
    cli.kill('SIGKILL');

    await cli.exited;
    expect(await cli.event('stopped')).toMatchObject({ reason: 'parent-gone' });
    await untilNothingIsLeft([]);
  });

  needing('setsid').test('stays where it leads a session of its own', async () => {
    const home = misbehaving({ onSignal: 'restart', bindAfterMs: 1500 });
    const cli = launch(home, [], { through: ['sh', '-c', 'setsid "$0" "$@"; true', process.execPath] });
    const ready = await cli.event('ready');
    const launcher = launcherIn(sandbox);
    cli.kill('SIGKILL');
    await until('the shell to be gone', () => !isAlive(cli.pid));

    // A restart takes longer than an ancestor's death stays unnoticed.
    process.kill(ready['pid'] as number, 'SIGUSR2');
    await cli.event('ready', 2);
    process.kill(launcher, 'SIGTERM');
    await cli.exited;
    expect(await cli.event('stopped')).toMatchObject({ reason: 'signal', how: 'graceful' });
    await untilNothingIsLeft([]);
  });
});

test('a server whose launcher and guard are both killed keeps its home and its ports', async () => {
  const home = sandbox.home('mi');
  const cli = launch(home);
  const ready = await cli.event('ready');
  const leader = (await cli.event('starting'))['pid'] as number;
  process.kill(guardOf(cli.pid) as number, 'SIGKILL');
  const family = await killSuddenly(cli);
  try {
    const second = launch(home);
    expect(await second.exited).toEqual({ code: 8, signal: null });
    const failed = await second.event('failed');
    expect(failed).toMatchObject({ code: 8, failure: 'home-runs' });
    expect(failed['message']).toContain(`instance mi, offset ${MIN}`);
    expect(failed['message']).toContain('its supervisor is gone');
    expect(isAlive(ready['pid'] as number)).toBe(true);

    const beside = launch(sandbox.home('beside'));
    expect(await beside.event('planned')).toMatchObject({
      name: 'mi-2',
      offset: MIN + 1,
      skipped: [{ offset: MIN, by: { instance: 'mi' } }],
    });
    await beside.event('ready');
    beside.kill('SIGTERM');
    expect(await beside.exited).toEqual({ code: 143, signal: null });
  } finally {
    process.kill(-leader, 'SIGKILL');
  }
  await untilNothingIsLeft(family);
  await expectFreshLaunch(home);
});

test('a guard that is killed is replaced, and so is the next: the launcher can still be killed safely', async () => {
  const home = sandbox.home('mi');
  const cli = launch(home);
  await cli.event('ready');
  let guard = guardOf(cli.pid) as number;
  for (let round = 0; round < 2; round++) {
    process.kill(guard, 'SIGKILL');
    guard = await until('another guard', () => {
      const found = guardOf(cli.pid);
      return found !== guard && found;
    });
  }
  // Once it has answered anything, the launcher has told the new guard whom to watch.
  const socket = sandbox.records[0]?.socket as string;
  await nodeSystem.control.ask(socket, { ask: 'nothing' }, () => {}, { timeoutMs: 10_000 });
  const family = await killSuddenly(cli);
  await untilNothingIsLeft(family);
  await expectFreshLaunch(home);
});

test('a guard that is killed just before a restart does not end the launch', async () => {
  const cli = launch(misbehaving({ shutdownMs: 100 }));
  await cli.event('ready');
  const restart = sandbox.start(['restart', 'mi']);
  await cli.event('restarting');
  const guard = guardOf(cli.pid) as number;
  process.kill(guard, 'SIGKILL');
  expect(await restart.exited).toEqual({ code: 0, signal: null });
  expect(guardOf(cli.pid)).not.toBe(guard);
  const family = await killSuddenly(cli);
  await untilNothingIsLeft(family);
});
