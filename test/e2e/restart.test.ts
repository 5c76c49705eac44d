import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { INTERRUPT_CODES } from '../../src/domain/launch-end.js';
import { instancesIn, kinds } from '../support/instances.js';
import { isAlive, launcherIn } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { needing } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('restart');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const {
  foreground,
  misbehaving,
  detach,
  list,
  shown,
  untilStatus,
  stop,
  recordOf,
  expectNothingLeft,
  untilNothingIsLeft,
} = instancesIn(() => sandbox, MIN);

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
        words: expect.stringMatching(new RegExp(`(^|\\n)wso2-launch: mi ready, offset ${MIN}, [\\d.]+ m?s\\n$`)),
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
    const home = misbehaving({ shutdownMs: 6_500 });
    const { pid } = await detach(home);
    const behaviour = join(home, 'stand-in.json');
    // The next one is quick again.
    writeFileSync(behaviour, readFileSync(behaviour, 'utf8').replace('"shutdownMs":6500', '"shutdownMs":0'));
    const restarting = sandbox.run(['restart', 'mi']);
    await untilStatus('restarting');
    expect(isAlive(pid as number)).toBe(true);
    const { code, stderr } = await restarting;
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`mi ready, offset ${MIN}`) });
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
    expect(await sandbox.run(['restart'])).toMatchObject({ code: 10 });
  });
});
