import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('launch');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

test('a launch is ready on the smallest offset at which nothing collides, and leaves nothing behind', async () => {
  const home = sandbox.home('mi');
  await sandbox.hold(9191 + MIN);
  const cli = sandbox.start(['mi', '--home', home, '-a', '--min-offset', String(MIN), '--json']);

  const ready = await cli.event('ready');
  expect(ready).toMatchObject({ name: 'mi', offset: MIN + 1, warnings: [] });
  expect(await cli.event('planned')).toMatchObject({
    skipped: [{ offset: MIN, port: { name: 'internal', number: 9191 + MIN }, by: { pid: process.pid } }],
  });

  cli.kill('SIGINT');
  expect(await cli.exited).toEqual({ code: 130, signal: null });
  expect(sandbox.processes()).toEqual([]);
});
