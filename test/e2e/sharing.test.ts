import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Cli } from '../support/cli.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('sharing');

let sandbox: Sandbox;
let home: string;
beforeEach(() => {
  sandbox = new Sandbox();
  home = sandbox.home('mi');
});
afterEach(() => sandbox.close());

/** A command that runs beside the server until its file is there. */
const waitsFor = (file: string): string[] => [
  'sh',
  '-c',
  'echo "$WSO2_MI_PID"; until [ -e "$0" ]; do sleep 0.05; done',
  join(sandbox.folder, file),
];
const exec = (command: readonly string[]): Cli =>
  sandbox.start(['exec', 'mi', '--home', home, '-a', '--min-offset', String(MIN), '--reuse', '--', ...command]);
const release = (file: string): void => writeFileSync(join(sandbox.folder, file), '');
const running = async (cli: Cli): Promise<number> =>
  until(`the command; so far ${cli.stderr}`, () => Number(/^\d+\n/.exec(cli.stdout)?.[0]) || undefined, 60_000);

const holders = (): readonly { pid: number; label: string }[] => sandbox.records[0]?.holders ?? [];

describe('exec --reuse of one home', () => {
  test('twenty at once share one server, which goes with the last of them', async () => {
    const all = Array.from({ length: 20 }, (_, index) => exec(waitsFor(index === 0 ? 'last' : 'first')));
    const pids = await Promise.all(all.map(running));
    expect(new Set(pids).size).toBe(1);
    expect(
      holders()
        .map(({ pid }) => pid)
        .sort(),
    ).toEqual(all.map(({ pid }) => pid).sort());
    expect(holders()[0]?.label).toBe('exec sh');

    release('first');
    await Promise.all(all.slice(1).map(async (cli) => expect((await cli.exited).code).toBe(0)));
    expect(sandbox.records).toMatchObject([{ status: 'ready', pid: pids[0] }]);
    release('last');
    expect((await all[0]?.exited)?.code).toBe(0);
    expect(sandbox.processes()).toEqual([]);
  });

  test('whoever is killed has let go', async () => {
    const [first, second] = [exec(waitsFor('first')), exec(waitsFor('second'))];
    await Promise.all([first, second].map(running));
    first.kill('SIGKILL');
    await until('its release', () => holders().length === 1);
    expect(holders()).toMatchObject([{ pid: second.pid }]);
    second.kill('SIGKILL');
    release('first'); // the commands, which nobody ends
    release('second');
    await until('the end of all', () => sandbox.processes().length === 0, 30_000);
    expect(sandbox.records).toMatchObject([{ status: 'exited', exit: { code: 0 } }]);
  });

  test('whoever comes while it is being stopped gets a new one', async () => {
    home = sandbox.home('slow', { behaviour: { shutdownMs: 2_000 } });
    const first = exec(waitsFor('first'));
    const pid = await running(first);
    release('first');
    await until('its stop', () => sandbox.records[0]?.status === 'stopping');
    const second = exec(waitsFor('second'));
    expect(await running(second)).not.toBe(pid);
    release('second');
    expect([(await first.exited).code, (await second.exited).code]).toEqual([0, 0]);
  });

  test('Ctrl-C of the only one stops the server before it ends', async () => {
    const only = exec(waitsFor('never'));
    await running(only);
    only.killGroup('SIGINT');
    expect((await only.exited).code).toBe(130);
    expect(sandbox.processes()).toEqual([]);
    expect(sandbox.records).toMatchObject([{ status: 'exited' }]);
  });

  test('each of them hears why a server does not come', async () => {
    home = sandbox.home('broken', { behaviour: { exitAtBoot: 3 } });
    const both = [exec(waitsFor('never')), exec(waitsFor('never'))];
    for (const cli of both) {
      expect((await cli.exited).code).toBe(5);
      expect(cli.stderr).toContain('The server ended before it was ready');
    }
  });
});

test('the command of exec finds its server by the name of the product, whatever name that got', async () => {
  const other = sandbox.start(['mi', '--home', sandbox.home('other'), '-a', '--min-offset', String(MIN), '--json']);
  await other.event('ready');
  const show = 'echo "$WSO2_MI_HOME|$WSO2_MI_2_HOME|$WSO2_MI_OFFSET|$WSO2_MI_2_OFFSET"';
  const args = ['exec', 'mi', '--home', home, '-a', '--min-offset', String(MIN), '--', 'sh', '-c', show];
  const { stdout } = await sandbox.run(args);
  const [product, own, offset, ownOffset] = stdout.trim().split('|');
  expect([product, own]).toEqual([home, home]);
  expect(offset).toBe(ownOffset);
  other.kill('SIGTERM');
  expect((await other.exited).code).toBe(143);
});

/** A program that acquires the server, and prints its pid, its failure and its end. */
const HOLDS = `
const [library, home, minOffset] = process.argv.slice(1);
require(library).acquire('mi', { home, offset: 'auto', minOffset: Number(minOffset) }).then(async (server) => {
  console.log(server.pid);
  for await (const event of server.events()) if (event.event === 'failed') console.log(JSON.stringify(event));
  console.log(JSON.stringify(await server.ended));
});
`;

test('a crash is told, with its reason, to every program that has acquired the server', async () => {
  const args = ['-e', HOLDS, join(process.cwd(), 'dist/index.cjs'), home, String(MIN)];
  const both = [1, 2].map(
    () => new Cli(spawn(process.execPath, args, { env: sandbox.env, stdio: ['ignore', 'pipe', 'pipe'] })),
  );
  const [pid] = await Promise.all(both.map(running));
  await until('both holders', () => holders().length === 2);
  process.kill(pid as number, 'SIGKILL');
  for (const program of both) {
    await program.exited;
    const [, failed, ended] = program.stdout.split('\n');
    expect(JSON.parse(failed as string)).toMatchObject({ event: 'failed', failure: 'crashed', code: 5 });
    expect(failed).toContain('SIGKILL');
    expect(JSON.parse(ended as string)).toEqual({ code: 5, failure: 'crashed' });
  }
});
