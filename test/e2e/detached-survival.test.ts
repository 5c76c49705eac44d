import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instancesIn, kinds } from '../support/instances.js';
import { descendantsOf, isAlive } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { needing } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('detached-survival');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const {
  atFreeOffset,
  detaching,
  misbehaving,
  list,
  shown,
  untilStatus,
  stop,
  recordOf,
  expectNothingLeft,
  untilNothingIsLeft,
} = instancesIn(() => sandbox, MIN);

/** Longer than the death of everybody above stays unnoticed. */
async function letAncestorsBeMissed(): Promise<void> {
  const sinceMs = performance.now();
  await until('two looks for ancestors', () => performance.now() - sinceMs > 2_200);
}

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

  test.each([
    ['SIGKILL', 'internal', 'The supervisor in the background was ended by SIGKILL.'],
    // So does Node end itself.
    [
      'SIGABRT',
      'shortage',
      'Node ended the supervisor in the background (SIGABRT), as it does where it gets no memory',
    ],
  ])('its supervisor is ended by %s: it says so, and the guard clears up', async (signal, failure, said) => {
    const cli = detaching(misbehaving({ bindAfterMs: 60_000 }));
    await cli.event('starting');
    process.kill(recordOf().supervisor.pid, signal);
    expect(await cli.exited).toEqual({ code: 1, signal: null });
    expect((await cli.event('failed'))['failure']).toBe(failure);
    expect(cli.stderr).toContain(said);
    await untilNothingIsLeft();
    expect(await list()).toEqual([]);
  });
});
