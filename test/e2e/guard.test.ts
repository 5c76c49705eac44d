import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { descendantsOf, guardOf, isAlive, isFree } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { killSuddenly, launchesToKillIn, MOMENTS, pause } from '../support/sudden-ends.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('guard');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { launch, misbehaving, untilNothingIsLeft, expectFreshLaunch } = launchesToKillIn(() => sandbox, MIN);

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
