import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Cli, JsonEvent } from '../support/cli.js';
import { instancesIn, kinds } from '../support/instances.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('restart-policy');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const {
  atFreeOffset,
  foreground,
  detaching,
  misbehaving,
  detach,
  shown,
  untilStatus,
  stop,
  recordOf,
  expectNothingLeft,
  untilNothingIsLeft,
} = instancesIn(() => sandbox, MIN);

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
});
