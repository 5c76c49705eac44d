import { appendFileSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { instancesIn } from '../support/instances.js';
import { isAlive } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('logs');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { misbehaving, detach, list, stop, expectNothingLeft } = instancesIn(() => sandbox, MIN);

describe('logs', () => {
  const logOf = (name = 'mi'): string => readFileSync(join(sandbox.state, 'logs', `${name}.log`), 'utf8');

  test('are the whole file, or its last lines, also of an instance that has ended', async () => {
    await detach(sandbox.home('mi'));
    expect((await sandbox.run(['logs', 'mi'])).stdout).toBe(logOf());
    const lines = logOf().trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    expect((await sandbox.run(['logs', 'mi', '--tail', '3'])).stdout).toBe(`${lines.slice(-3).join('\n')}\n`);
    expect((await sandbox.run(['logs', 'mi', '--tail', '0'])).stdout).toBe('');
    expect((await sandbox.run(['logs', 'mi', '--tail', '999'])).stdout).toBe(logOf());
    await stop();
    expect(logOf()).toContain('Shutdown complete');
    expect(await sandbox.run(['logs', 'mi'])).toMatchObject({ code: 0, stdout: logOf() });
    expect(await sandbox.run(['logs', 'mi', '--follow'])).toMatchObject({ code: 0, stdout: logOf() });
  });

  test('--follow goes on through a restart and ends with the instance', async () => {
    await detach(sandbox.home('mi'));
    const follower = sandbox.start(['logs', 'mi', '-f', '--tail', '1']);
    const seen = (count: number) =>
      until(`${count} starts`, () => follower.stdout.match(/StartupFinalizer/g)?.length === count);
    await seen(1);
    expect(await sandbox.run(['restart', 'mi'])).toMatchObject({ code: 0 });
    await seen(2);
    await stop();
    expect(await follower.exited).toEqual({ code: 0, signal: null });
    expect(follower.stdout.match(/Shutdown complete/g)).toHaveLength(2);
    expect(logOf().endsWith(follower.stdout)).toBe(true);
  });

  test('of several are told apart, and can be taken as they are, as JSON, or from some time on', async () => {
    await detach(sandbox.home('one'), ['--name', 'one']);
    await detach(sandbox.home('other'), ['--name', 'other']);
    const linesOf = (name: string): string[] => logOf(name).trimEnd().split('\n');
    const linesFrom = async (...more: readonly string[]): Promise<string[]> => {
      const { code, stdout, stderr } = await sandbox.run(['logs', 'one', 'other', ...more]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout.trimEnd().split('\n');
    };
    const ofEach = [
      ...linesOf('one').map((line) => `one   | ${line}`),
      ...linesOf('other').map((line) => `other | ${line}`),
    ];
    expect((await linesFrom()).sort()).toEqual([...ofEach].sort());
    expect((await linesFrom('--no-prefix')).sort()).toEqual([...linesOf('one'), ...linesOf('other')].sort());
    expect(await linesFrom('--tail', '1', '--json')).toEqual(
      ['one', 'other'].map((name) => JSON.stringify({ schemaVersion: 1, name, line: linesOf(name).at(-1) })),
    );
    // The script's own first lines carry no time, and are older than any that does.
    const timed = [...linesOf('one'), ...linesOf('other')].filter((line) => line.startsWith('['));
    expect((await linesFrom('--since', '1h', '--no-prefix')).sort()).toEqual(timed.sort());
    expect(await linesFrom('--since', '1ms')).toEqual(['']);
    await stop('--all');
  });

  test('carry no colours as JSON, nor once the server has ended', async () => {
    const red = '\u001b[31mred\u001b[0m';
    await detach(misbehaving({ bootLine: red }));
    expect(logOf()).toContain(red);
    const { stdout } = await sandbox.run(['logs', 'mi', '--json']);
    expect(stdout).toMatch(/ - red"}\n/);
    const follower = sandbox.start(['logs', 'mi', '-f']);
    await until('the log', () => follower.stdout.includes('StartupFinalizer'));
    await stop();
    expect(await follower.exited).toEqual({ code: 0, signal: null });
    expect(follower.stdout).toContain('Shutdown complete');
    expect(logOf()).toMatch(/ - red\n[\s\S]*Shutdown complete/);
    expect(statSync(join(sandbox.state, 'logs/mi.log')).mode & 0o777).toBe(0o600);
  });

  test('--follow is left with Ctrl-C, and the instance stays', async () => {
    await detach(sandbox.home('mi'));
    const follower = sandbox.start(['logs', 'mi', '--follow']);
    await until('the log', () => follower.stdout.includes('StartupFinalizer'));
    follower.kill('SIGINT');
    expect(await follower.exited).toEqual({ code: 130, signal: null });
    expect(await list()).toMatchObject([{ status: 'ready' }]);
    await stop();
  });

  test('a reader that goes away ends them', async () => {
    await detach(misbehaving({ outputMiB: 2 }));
    const follower = sandbox.start(['logs', 'mi', '--follow']);
    await until('the first lines', () => follower.stdout.includes('Starting'));
    follower.child.stdout?.destroy();
    // A pipe says only at a write that nobody reads it any more, and the server may have written all it had.
    await until('the end of the follower', () => {
      appendFileSync(join(sandbox.state, 'logs/mi.log'), 'one more line\n');
      return follower.child.exitCode !== null || follower.child.signalCode !== null;
    });
    await follower.ended;
    await stop();
  });

  test('readers of a socket and of a pipe that pause for long get everything, and have not slowed the server', async () => {
    await detach(misbehaving({ outputMiB: 4 }));
    await until('the server to have written', () => existsSync(join(sandbox.folder, 'mi/flooded')));
    const ways = [[process.execPath], ['sh', '-c', '"$0" "$@" | cat', process.execPath]];
    const readers = ways.map((through) => sandbox.start(['logs', 'mi'], { through }));
    for (const { child } of readers) child.stdout?.pause();
    const sinceMs = performance.now();
    await until('a long pause', () => performance.now() - sinceMs > 11_500);
    for (const reader of readers) {
      expect(isAlive(reader.pid)).toBe(true);
      reader.child.stdout?.resume();
      expect(await reader.exited).toEqual({ code: 0, signal: null });
      expect(reader.stdout.length).toBe(statSync(join(sandbox.state, 'logs/mi.log')).size);
    }
    await stop();
  });

  test('a reader that never reads can be left with Ctrl-C', async () => {
    await detach(misbehaving({ outputMiB: 4 }));
    await until('the server to have written', () => existsSync(join(sandbox.folder, 'mi/flooded')));
    const reader = sandbox.start(['logs', 'mi']);
    await until('the first lines', () => reader.stdout.includes('Starting'));
    reader.child.stdout?.pause();
    process.kill(reader.pid, 'SIGINT');
    expect(await reader.ended).toEqual({ code: 130, signal: null });
    await stop();
  });

  test('of an instance whose file is gone are refused', async () => {
    await detach(sandbox.home('mi'));
    rmSync(join(sandbox.state, 'logs/mi.log'));
    const { code, stdout, stderr } = await sandbox.run(['logs', 'mi']);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(`The log of mi, ${join(sandbox.state, 'logs/mi.log')}, is gone.`);
    await stop();
    await expectNothingLeft();
  });

  test('of what makes no sense, or does not run, are refused', async () => {
    await detach(sandbox.home('mi'));
    const cases: readonly [code: number, words: readonly string[], message: string][] = [
      [10, ['logs', 'nobody'], 'There is no instance nobody.'],
      [2, ['logs', 'mi', '--tail', '1e2'], '--tail takes a number of lines, not "1e2".'],
      [2, ['logs', 'mi', '--tail', '-1'], '--tail takes a number of lines, not "-1".'],
    ];
    for (const [code, words, message] of cases) {
      const refused = await sandbox.run(words);
      expect({ words, ...refused }).toMatchObject({
        words,
        code,
        stdout: '',
        stderr: expect.stringContaining(message),
      });
    }
    await stop();
  });
});
