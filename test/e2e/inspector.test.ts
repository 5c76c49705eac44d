import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { nodeSystem } from '../../src/system/index.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

/** Where Node's inspector listens, unless it is told another port. */
const INSPECTOR = 9229;
const MIN = minOffsetOf('inspector');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const ownPorts = async (pid: number): Promise<number[]> => {
  const sockets = await nodeSystem.sockets.listeners(new Set([INSPECTOR]), [pid]);
  return sockets.filter(({ pids }) => pids.includes(pid)).map(({ port }) => port);
};

test('no signal opens the inspector of a launcher', async () => {
  const args = ['mi', '--home', sandbox.home('mi'), '--offset', String(MIN), '--json'];
  const cli = sandbox.start(args);
  await cli.event('starting');
  cli.kill('SIGUSR1');
  await cli.event('ready');
  expect(await ownPorts(cli.pid)).toEqual([]);
  cli.kill('SIGTERM');
  expect(await cli.exited).toEqual({ code: 143, signal: null });
  expect(cli.stderr).not.toContain('Debugger');
});

test('no signal opens that of a supervisor in the background', async () => {
  const args = ['mi', '--home', sandbox.home('mi'), '--offset', String(MIN), '-d'];
  expect(await sandbox.run(args)).toMatchObject({ code: 0 });
  const [{ supervisor }] = sandbox.records as [(typeof sandbox.records)[number]];
  process.kill(supervisor.pid, 'SIGUSR1');
  // It hears a request after the signal: whatever that leads to has been done.
  expect(await sandbox.run(['restart', 'mi'])).toMatchObject({ code: 0 });
  expect(await ownPorts(supervisor.pid)).toEqual([]);
  expect(await sandbox.run(['stop', 'mi'])).toMatchObject({ code: 0 });
});
