import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeSystem } from '../../src/system/index.js';
import { guardOf, isAlive, isFree, launcherIn, leaseFilesOf } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { killSuddenly, launchesToKillIn, MOMENTS, pause } from '../support/sudden-ends.js';
import { needing } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('guard-lost');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { launch, misbehaving, untilNothingIsLeft, expectFreshLaunch } = launchesToKillIn(() => sandbox, MIN);

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
