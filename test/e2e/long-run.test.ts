import { existsSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Cli } from '../support/cli.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('long-run');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const atFreeOffset = ['-a', '--min-offset', String(MIN)];
const launch = (home: string, ...more: string[]): Cli =>
  sandbox.start(['mi', '--home', home, ...atFreeOffset, '--json', ...more]);

const statusOf = async (name: string): Promise<{ code: number | null; status: unknown }> => {
  const { code, stdout } = await sandbox.run(['status', name, '--json']);
  return { code, status: (JSON.parse(stdout) as { status: unknown }).status };
};

async function end(cli: Cli): Promise<void> {
  cli.kill('SIGTERM');
  expect((await cli.exited).code).toBe(143);
}

describe('the health of a ready server', () => {
  test('is told when a port goes, and when it is back', async () => {
    const cli = launch(sandbox.home('mi', { behaviour: { onSignal: 'shut-port' } }));
    const ready = await cli.event('ready');
    const pid = ready['pid'] as number;

    process.kill(pid, 'SIGUSR2');
    expect(await cli.event('unhealthy')).toMatchObject({ name: 'mi', reason: `port ${8280 + MIN} (http) is closed` });
    expect(await statusOf('mi')).toEqual({ code: 6, status: 'unhealthy' });

    process.kill(pid, 'SIGUSR2');
    const kinds = (): string[] => cli.events.map(({ event }) => event);
    await until('the second ready', () => kinds().filter((kind) => kind === 'ready').length === 2);
    expect(await statusOf('mi')).toEqual({ code: 0, status: 'ready' });
    await end(cli);
  });
});

test('a log is cut in a quiet moment, with all of it kept beside it', async () => {
  const cli = launch(sandbox.home('mi', { behaviour: { outputMiB: 21 } }));
  const { logFile } = (await cli.event('ready')) as unknown as { logFile: string };
  await until('the cut', () => existsSync(`${logFile}.1`) && statSync(logFile).size === 0, 60_000);
  expect(readFileSync(`${logFile}.1`, 'utf8')).toMatch(/^JAVA_HOME environment variable.*[\s\S]*x{119}\n$/);

  // Whoever asks for lines gets them, wherever they are.
  const cut = readFileSync(`${logFile}.1`, 'utf8');
  const lines = cut.split('\n').slice(0, -1);
  const logs = async (...args: readonly string[]): Promise<string> =>
    (await sandbox.run(['logs', 'mi', ...args])).stdout;
  expect(await logs('--tail', '2')).toBe(`${lines.slice(-2).join('\n')}\n`);
  expect(await logs('--since', '1h')).toContain('Starting WSO2 Micro Integrator');
  expect((await logs()).length).toBe(cut.length);
  const follower = sandbox.start(['logs', 'mi', '-f', '--tail', '1']);
  await until('the last line before the cut', () => follower.stdout === `${lines.at(-1)}\n`);

  // What the server says afterwards still counts, though the file has begun anew.
  await end(cli);
  expect(cli.events.at(-1)).toMatchObject({ event: 'stopped', how: 'graceful' });
  expect(readFileSync(logFile, 'utf8')).toMatch(/^\[.*Gracefully shutting down/);
  expect((await follower.exited).code).toBe(0);
  expect(follower.stdout).toContain('Gracefully shutting down');
});

test('a server that ends is examined: the likely cause and its remedy come with the failure', async () => {
  const bootLine = 'Database may be already in use: locked by another process';
  const cli = launch(sandbox.home('mi', { behaviour: { bootLine, exitAtBoot: 1 } }));
  expect((await cli.exited).code).toBe(5);
  const failed = await cli.event('failed');
  expect(failed['hint']).toContain('Likely cause: its H2 database is in use by somebody else');
});
