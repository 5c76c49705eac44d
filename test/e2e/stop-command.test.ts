import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instancesIn, kinds } from '../support/instances.js';
import { isAlive, isFree, portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('stop-command');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const {
  foreground,
  detaching,
  misbehaving,
  detach,
  list,
  untilStatus,
  stop,
  recordOf,
  expectNothingLeft,
  untilNothingIsLeft,
} = instancesIn(() => sandbox, MIN);

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
    const none = await sandbox.run(['stop', '--all', '--json']);
    expect({ ...none, stdout: JSON.parse(none.stdout) }).toMatchObject({
      ...{ code: 0, stdout: { schemaVersion: 1, stopped: [] } },
    });
  });

  test('of what does not run: 10, with a name and without', async () => {
    expect(await sandbox.run(['stop'])).toMatchObject({
      code: 10,
      stderr: expect.stringContaining('No instance is running.'),
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

test('a detached API Manager is ready on all its ports, and stopped from all of them', async () => {
  const home = sandbox.home('apim', { product: 'apim', version: '4.5.0' });
  const args = ['apim', '--home', home, '-a', '--min-offset', String(MIN), '-d', '--json'];
  const cli = sandbox.start(args);
  expect(await cli.exited).toEqual({ code: 0, signal: null });
  const ready = await cli.event('ready');
  expect(await list()).toMatchObject([{ name: 'apim', product: 'apim', status: 'ready', urls: ready['urls'] }]);
  expect((await sandbox.run(['url', 'apim'])).stdout).toBe(`${(ready['urls'] as Record<string, string>)['console']}\n`);
  await stop('apim');
  expect(sandbox.processes()).toEqual([]);
  expect(await isFree(ready['offset'] as number, 'apim')).toBe(true);
});
