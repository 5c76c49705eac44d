import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LaunchCommand } from '../../src/domain/command.js';
import { startChild } from '../../src/system/child.js';
import { procProcesses } from '../../src/system/processes.js';
import { guardOf, posixSpawning } from '../../src/system/spawning.js';
import { Children, gone } from '../support/children.js';
import { isAlive } from '../support/machine.js';
import { needing } from '../support/tools.js';
import { until } from '../support/wait.js';

let folder: string;
let children: Children;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  children = new Children();
});
afterEach(async () => {
  await children.close();
  rmSync(folder, { recursive: true });
});

const PATH = process.env['PATH'] ?? '';
const shell = (script: string, ...args: readonly string[]): LaunchCommand => ({
  file: '/bin/sh',
  args: ['-c', script, 'sh', ...args],
  cwd: folder,
  env: { set: {}, unset: [] },
});

describe('a gated process', () => {
  const log = (): string => join(folder, 'log');
  const written = (): string => readFileSync(log(), 'utf8');

  const start = async (command: LaunchCommand, env: Record<string, string> = { PATH }) => {
    const fd = openSync(log(), 'a');
    try {
      const gated = await posixSpawning.startGated(command, env, fd);
      children.adopt(gated.pid);
      return gated;
    } finally {
      closeSync(fd);
    }
  };

  test('runs its command once the gate opens, and not before', async () => {
    const gated = await start(shell('echo "ran as $$ in $(pwd)"; exit 3'));
    expect(procProcesses.find(gated.pid)).toMatchObject({ group: gated.pid, session: gated.pid });
    expect(written()).toBe('');
    gated.open();
    expect(await gated.exited).toEqual({ code: 3, signal: null });
    expect(written()).toBe(`ran as ${gated.pid} in ${folder}\n`);
  });

  test('has its arguments whole, no input, and the environment that it was given alone', async () => {
    const script = 'read -r line; echo "input $?"; printf "[%s]" "$@"; env | sort';
    const gated = await start(shell(script, 'a b', '', '*'), { PATH, MARK: 'x' });
    gated.open();
    await gated.exited;
    const [input, rest = ''] = written().split(/\n(.*)/s);
    expect(input).toBe('input 1');
    expect(rest.startsWith('[a b][][*]')).toBe(true);
    const names = rest
      .slice('[a b][][*]'.length)
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name as string))).toEqual(['MARK', 'PATH']);
  });

  test('leaves nothing of the gate to its command', async () => {
    const gated = await start(shell('readlink /proc/$$/fd/3 || echo closed'));
    gated.open();
    await gated.exited;
    expect(written()).toBe('closed\n');
  });

  test('that has no folder to run in is an error', async () => {
    await expect(start({ ...shell('true'), cwd: '/no/such/folder' })).rejects.toThrow('ENOENT');
  });

  test('of a program that is not there ends with the code of shells', async () => {
    const gated = await start({ ...shell(''), file: '/no/such/program', args: [] });
    gated.open();
    expect(await gated.exited).toEqual({ code: 127, signal: null });
  });
});

describe('a guard', () => {
  const guarded = async () => {
    const server = children.start('sleep', ['600'], { detached: true });
    const row = await until('the session', () => {
      const found = procProcesses.find(server.pid);
      return found?.session === server.pid && found;
    });
    const leaseFile = join(folder, 'lease');
    const options = {
      tag: `${process.pid}-${Math.random()}`,
      tagVariable: 'WSO2LAUNCH_TEST',
      leaseFile,
      needed: [],
      socket: join(folder, 'socket'),
    };
    const guard = await posixSpawning.startGuard({ ...options, stopTimeoutMs: 1_000 });
    return { server, row, guard, tag: options.tag };
  };

  test('that is left alone stops those whom it watched', async () => {
    const { server, row, guard } = await guarded();
    await guard.watch(row);
    guard.abandon();
    await gone(server.pid);
  });

  test('watches and is let go, without a word to those it watched', async () => {
    const { server, row, guard } = await guarded();
    await guard.watch(row);
    await guard.watch(row);
    await guard.release();
    expect(isAlive(server.pid)).toBe(true);
  });

  test('that is suspended is gone once it was let go', async () => {
    const { row, guard, tag } = await guarded();
    await guard.watch(row);
    const ofGuard = (pid: number): boolean => procProcesses.argumentsOf(pid).includes(`WSO2LAUNCH_TEST=${tag}`);
    const pid = procProcesses.snapshot().find((one) => ofGuard(one.pid))?.pid as number;
    process.kill(pid, 'SIGSTOP');
    await guard.release();
    expect(procProcesses.find(pid)).toBeUndefined();
  });
});

needing('ps').test('a tree is killed with all that is below it', async () => {
  const root = children.shell('sh -c "sleep 600 & echo \\$!; exec sleep 600" & echo $!; wait');
  const pids = [root.pid, await root.number(1), await root.number(2)];
  for (const pid of pids.slice(1)) children.adopt(pid);
  expect(pids.every(isAlive)).toBe(true);
  const bystander = children.start('sleep', ['600']);
  await posixSpawning.killTree(root.pid);
  await gone(...pids);
  expect(isAlive(bystander.pid)).toBe(true);
});

describe('a short program', () => {
  test('tells what it prints on both streams', async () => {
    const output = await posixSpawning.outputOf(
      '/bin/sh',
      ['-c', 'echo one; echo two >&2'],
      10_000,
      new AbortController().signal,
    );
    expect(output?.split('\n').sort()).toEqual(['one', 'two']);
  });

  test('tells it also where it fails afterwards', async () => {
    expect(
      await posixSpawning.outputOf('/bin/sh', ['-c', 'echo one; exit 3'], 10_000, new AbortController().signal),
    ).toBe('one');
  });

  test.each([
    ['is not there', '/no/such/program', []],
    ['says nothing and fails', '/bin/sh', ['-c', 'exit 3']],
    ['takes too long', 'sleep', ['600']],
  ])('that %s tells nothing', async (_what, file, args) => {
    expect(await posixSpawning.outputOf(file, args, 200, new AbortController().signal)).toBeUndefined();
  });
});

test('a guard that is suspended before it has answered is killed, for another to take its place', async () => {
  const child = await startChild('/bin/sh', ['-c', 'kill -STOP $$'], { stdio: ['pipe', 'pipe', 'ignore'] });
  children.adopt(child.subprocess?.pid as number);
  const guard = await guardOf(child, 200);
  await expect(guard.watch({ pid: process.pid, startTime: '1' })).rejects.toThrow('the guard process ended');
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

test('where no more files may be opened, whatever is started says so, and nothing of it ends us', async () => {
  const bundled = join(folder, 'spawning.cjs');
  const { build } = await import('esbuild');
  const entry = join(process.cwd(), 'src/system/spawning.ts');
  await build({ entryPoints: [entry], outfile: bundled, bundle: true, platform: 'node', logLevel: 'error' });
  const program = `
    const { posixSpawning } = require(${JSON.stringify(bundled)});
    const { openSync } = require('node:fs');
    const guard = { tag: 'a', tagVariable: 'A', stopTimeoutMs: 1, leaseFile: '/none', socket: '/none', needed: [] };
    const command = { file: 'true', args: [], cwd: '/', env: { set: {}, unset: [] } };
    const starts = {
      gated: () => posixSpawning.startGated(command, {}, 1),
      guard: () => posixSpawning.startGuard(guard),
      command: async () => { throw (await (await posixSpawning.startCommand('true', [], {})).exited).error; },
      supervisor: () => posixSpawning.startSupervisor(['-v'], {}),
      output: async () => { throw { code: await posixSpawning.outputOf('true', [], 5000, new AbortController().signal) }; },
    };
    (async () => {
      for (const start of Object.values(starts)) await start().catch(() => {}); // whatever is loaded at first use
      try { for (;;) openSync('/dev/null'); } catch {}
      const said = {};
      for (const [name, start] of Object.entries(starts)) said[name] = await start().then(() => 'started', ({ code }) => code);
      await new Promise((resolve) => setImmediate(resolve));
      console.log(JSON.stringify(said));
      process.exit();
    })();`;
  const words = ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, '-e', program];
  const printed = execFileSync('/bin/sh', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  expect(JSON.parse(printed.trim().split('\n').at(-1) as string)).toEqual({
    gated: 'EMFILE',
    guard: 'EMFILE',
    command: 'EMFILE',
    supervisor: 'EMFILE',
  });
});
