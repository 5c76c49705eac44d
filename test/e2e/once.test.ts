import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { ForeignProject } from '../support/foreign-project.js';
import { instancesIn, kinds } from '../support/instances.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('once');

let project: ForeignProject;
let sandbox: Sandbox;
beforeAll(async () => {
  project = await ForeignProject.install();
}, 120_000);
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());
afterAll(() => project.close());

const { foreground, misbehaving, detaching, shown, stop, recordOf, expectNothingLeft } = instancesIn(
  () => sandbox,
  MIN,
);

/** A home whose start script ends with the code of its JVM. */
function passingOn(behaviour: StandInBehaviour): string {
  const home = misbehaving(behaviour);
  const script = join(home, 'bin/micro-integrator.sh');
  writeFileSync(script, `${readFileSync(script, 'utf8')}exit "$status"\n`);
  return home;
}

describe('a job that ends by itself', () => {
  test('before it is ready has succeeded, as its log says', async () => {
    const cli = foreground(misbehaving({ endsAtBoot: 0 }), ['--once']);
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(kinds(cli)).toEqual(['planned', 'starting', 'stopping', 'stopped']);
    expect(await cli.event('stopped')).toMatchObject({ reason: 'from-inside' });
    expect(cli.stderr).toContain('wso2-launch: mi has ended with code 0: its log says that it shut down');
    expect(recordOf()).toMatchObject({ status: 'exited', exit: { code: 0 } });
    expect((await sandbox.run(['ps', '--all'])).stdout).toContain('exited (0)');
    await expectNothingLeft();
  });

  test.each([
    [{ endsAtBoot: 3 }, 3, 'its start script passed it on'],
    [{ exitAtBoot: 7 }, 7, 'its start script passed it on'],
  ] as const)('has the code that its script passes on: %j', async (behaviour, code, by) => {
    const cli = foreground(passingOn(behaviour), ['--once']);
    expect(await cli.exited).toEqual({ code, signal: null });
    expect(kinds(cli)).not.toContain('failed');
    expect(cli.stderr).toContain(`mi has ended with code ${code}: ${by}`);
    await expectNothingLeft();
  });

  test.each([
    [{ exitAtBoot: 0 }, 'its log does not say that it shut down'],
    [{ exitAtBoot: 1, bootLine: 'java.lang.OutOfMemoryError: Java heap space' }, 'its log says that memory ran out'],
    [{ exitAtBoot: 1, bootLine: 'Main Error while performing configuration changes' }, 'its log says: ['],
  ] as const)('without a word on how is no success: %j', async (behaviour, by) => {
    const cli = foreground(misbehaving(behaviour), ['--once']);
    expect(await cli.exited).toEqual({ code: 1, signal: null });
    expect(kinds(cli)).not.toContain('failed');
    expect(cli.stderr).toContain(`mi has ended with code 1: ${by}`);
    await expectNothingLeft();
  });

  test('that is killed has the code of that signal', async () => {
    const cli = foreground(sandbox.home('mi'), ['--once']);
    const { pid } = await cli.event('ready');
    process.kill(pid as number, 'SIGKILL');
    expect(await cli.exited).toEqual({ code: 137, signal: null });
    expect(cli.stderr).toContain('it was ended by SIGKILL');
    await expectNothingLeft();
  });

  test.each([
    ['crash', 7],
    ['shut-down', 0],
  ] as const)('after it was ready has been ready, and is done: %s', async (onSignal, code) => {
    const cli = foreground(passingOn({ onSignal }), ['--once']);
    const { pid } = await cli.event('ready');
    process.kill(pid as number, 'SIGUSR2');
    expect(await cli.exited).toEqual({ code, signal: null });
    expect(kinds(cli)).toEqual(['planned', 'starting', 'ready', 'stopping', 'stopped']);
    await expectNothingLeft();
  });

  test('has no time-out but one that is given', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 600_000 }), ['--once', '--ready-timeout', '2s']);
    expect(await cli.exited).toEqual({ code: 6, signal: null });
    await expectNothingLeft();
  });

  test('in the background ends with its code, seen in ps', async () => {
    const home = passingOn({ endsAtBoot: 3 });
    const early = detaching(home, ['--once']);
    expect(await early.exited).toEqual({ code: 3, signal: null });
    expect(kinds(early)).not.toContain('failed');
    await until('its end', () => recordOf().status === 'exited');
    expect((await sandbox.run(['status', 'mi'])).stdout).toContain('exited (3)');

    const succeeded = detaching(misbehaving({ endsAtBoot: 0 }), ['--once']);
    expect(await succeeded.exited).toEqual({ code: 0, signal: null });
    await until('its end', () => recordOf().status === 'exited');

    const later = detaching(passingOn({ onSignal: 'crash' }), ['--once']);
    expect(await later.exited).toEqual({ code: 0, signal: null });
    const { pid } = await later.event('ready');
    const waiting = sandbox.start(['wait', 'mi', '--for', 'down']);
    process.kill(pid as number, 'SIGUSR2');
    expect(await waiting.exited).toEqual({ code: 0, signal: null });
    await until('its end', () => recordOf().status === 'exited');
    expect((await sandbox.run(['ps', '--all'])).stdout).toContain('exited (7)');
    await expectNothingLeft();
  });

  test('is none where somebody stops it', async () => {
    const cli = detaching(misbehaving({ bindAfterMs: 60_000 }), ['--once']);
    await cli.event('starting');
    await stop();
    expect((await cli.exited).code).toBe(5);
    await expectNothingLeft();
  });
});

describe('a job that did not get so far has failed', () => {
  test('where the JVM refuses', async () => {
    const refusing = '#!/bin/sh\n[ "$1" = -version ] && exit 0\necho "Unrecognized VM option \'x\'"\nexit 1\n';
    writeFileSync(join(sandbox.jdk, 'bin/java'), refusing, { mode: 0o755 });
    const cli = foreground(sandbox.home('mi'), ['--once']);
    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(await cli.event('failed')).toMatchObject({ failure: 'exited-before-ready' });
    expect(cli.stderr).toContain('the JVM does not take an option that it is given');
    await expectNothingLeft();
  });

  test('where its script can’t be run', async () => {
    const home = sandbox.home('mi');
    writeFileSync(join(home, 'bin/micro-integrator.sh'), '#!/nowhere/sh\n', { mode: 0o755 });
    const cli = foreground(home, ['--once']);
    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(await cli.event('failed')).toMatchObject({ failure: 'exited-before-ready' });
    await expectNothingLeft();
  });

  test('where a password is asked for', async () => {
    const cli = foreground(misbehaving({ asksPassword: true }), ['--once']);
    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(await cli.event('failed')).toMatchObject({ failure: 'password-asked' });
    await expectNothingLeft();
  });
});

test('a job is never started again by itself, but by whoever asks', async () => {
  const home = sandbox.home('mi');
  const cli = foreground(home, ['--once']);
  const { pid } = await cli.event('ready');
  expect(await sandbox.run(['restart', 'mi', '--restart', 'always'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--once and --restart contradict each other'),
  });
  expect((await shown()).pid).toBe(pid);
  expect(await sandbox.run(['restart', 'mi', '--env', 'A=1'])).toMatchObject({ code: 0 });
  process.kill((await shown()).pid as number, 'SIGKILL');
  expect(await cli.exited).toEqual({ code: 137, signal: null });
  await expectNothingLeft();
});

test('a server beside a command is no job', async () => {
  const home = misbehaving({ endsAtBoot: 0 });
  const exec = ['exec', 'mi', '--home', home, '--offset', String(MIN)];
  const refused = await sandbox.run([...exec, '--once', '--', 'true']);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('exec has no option --once') });
  const cli = sandbox.start([...exec, '--json', '--', 'true'], { env: { WSO2_LAUNCH_ONCE: '1' } });
  expect(await cli.exited).toEqual({ code: 5, signal: null });
  expect(await cli.event('failed')).toMatchObject({ failure: 'exited-before-ready' });
  await expectNothingLeft();
});

describe('the library', () => {
  test('gives a job that has ended before it was ready, and its code', async () => {
    const home = passingOn({ endsAtBoot: 3 });
    const [seen, ended, events] = await project.run(
      sandbox,
      `const events = [];
      const server = await launch('mi', {
        home: ${JSON.stringify(home)}, offset: ${MIN}, once: true, onEvent: ({ event }) => events.push(event),
      });
      tell({ name: server.name, offset: server.offset, ports: server.ports, urls: server.urls });
      tell(await server.ended);
      await server.stop();
      tell(events);`,
    );
    expect(seen).toEqual({ name: 'mi', offset: MIN, ports: {}, urls: {} });
    expect(ended).toEqual({ code: 3 });
    expect(events).toEqual(['planned', 'starting', 'stopping', 'stopped']);
    await expectNothingLeft();
  });

  test('refuses it where it makes no sense', async () => {
    const [restarted, shared] = await project.run(
      sandbox,
      `tell(await failing(() => launch('mi', { once: true, restart: 'always' })));
      tell(await failing(() => acquire('mi', { once: true })));`,
    );
    expect(restarted).toMatchObject({ isOurs: true, code: 2, message: expect.stringContaining('once and restart') });
    expect(shared).toMatchObject({ isOurs: true, code: 2, message: expect.stringContaining('once') });
  });
});
