import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeSystem } from '../../src/system/index.js';
import { instancesIn } from '../support/instances.js';
import { connectionsTo } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { type Ended, Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('supervisor');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const {
  foreground,
  misbehaving,
  detach,
  list,
  shown,
  untilStatus,
  stop,
  recordOf,
  expectNothingLeft,
  untilNothingIsLeft,
} = instancesIn(() => sandbox, MIN);

describe('a supervisor that', () => {
  /** Stands in for the supervisor of a running instance. */
  async function impersonate(answer: object): Promise<Server> {
    const { socket } = recordOf();
    rmSync(socket);
    const server = createServer((client) => {
      client.on('error', () => {});
      client.once('data', () => client.end(`${JSON.stringify(answer)}\n`));
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return server;
  }

  test('is of another version says so, and nothing happens', async () => {
    const cli = foreground(sandbox.home('mi'));
    await cli.event('ready');
    const refused = 'The supervisor of mi does not know the request: it is of another version.';
    const server = await impersonate({ refused, hint: 'Ask another.' });
    for (const verb of ['stop', 'restart']) {
      const { code, stderr } = await sandbox.run([verb, 'mi']);
      expect({ code, stderr }).toEqual({ code: 1, stderr: `wso2-launch: ${refused}\n  Ask another.\n` });
    }
    expect(await list()).toMatchObject([{ status: 'ready' }]);
    server.close();
    cli.kill('SIGINT');
    await cli.exited;
  });

  test.each([{ protocol: 2, ask: 'stop' }, { protocol: 1, ask: 'dance' }, { ask: 'stop' }])(
    'is asked %j refuses it, and goes on',
    async (request) => {
      await detach(sandbox.home('mi'));
      const { socket, supervisor } = recordOf();
      const lines: object[] = [];
      await nodeSystem.control.ask(socket, request, (line) => lines.push(line), { timeoutMs: 5_000 });
      expect(lines).toEqual([
        {
          refused: `The supervisor of mi (process ${supervisor.pid}) does not know the request: it is of another version.`,
          hint: expect.any(String),
        },
      ]);
      expect(await list()).toMatchObject([{ status: 'ready' }]);
      await stop();
    },
  );

  test('is suspended is told of in time, and obeys again afterwards, but not what was given up', async () => {
    await detach(sandbox.home('mi'));
    const { supervisor, socket, server } = recordOf();
    process.kill(supervisor.pid, 'SIGSTOP');
    try {
      const both = await Promise.all(['stop', 'restart'].map((verb) => sandbox.run([verb, 'mi'])));
      for (const { code, stderr } of both) {
        expect(code).toBe(1);
        expect(stderr).toContain(`The supervisor of mi (process ${supervisor.pid}) does not answer: no answer in 5 s.`);
        expect(stderr).toContain(`kill -CONT ${supervisor.pid}`);
      }
      expect(await list()).toMatchObject([{ status: 'ready' }]);
    } finally {
      process.kill(supervisor.pid, 'SIGCONT');
    }
    await nodeSystem.control.ask(socket, { ask: 'nothing' }, () => {}, { timeoutMs: 10_000 });
    expect(recordOf()).toMatchObject({ status: 'ready', server, restarts: 0 });
    await sandbox.run(['stop', 'mi']);
    await untilNothingIsLeft();
  });

  test('has lost its socket is told of at once', async () => {
    await detach(sandbox.home('mi'));
    const { socket, supervisor } = recordOf();
    rmSync(socket);
    const { code, stderr } = await sandbox.run(['stop', 'mi']);
    expect(code).toBe(1);
    expect(stderr).toContain(`The supervisor of mi (process ${supervisor.pid}) does not answer: connect ENOENT`);
    process.kill(supervisor.pid, 'SIGTERM');
    await untilNothingIsLeft();
  });

  test('is talked to by clients that break off lives on', async () => {
    await detach(sandbox.home('mi'));
    for (let round = 0; round < 5; round++) {
      const watcher = sandbox.start(['restart', 'mi']);
      await until('the restart', async () => (await shown()).restarts > round);
      watcher.kill('SIGKILL');
      await watcher.exited;
      await untilStatus('ready');
    }
    await stop();
    await expectNothingLeft();
  });
});

describe('exec --reuse', () => {
  test('leaves a running instance alone, however long the command takes', async () => {
    const { pid } = await detach(sandbox.home('mi'));
    const command = ['sh', '-c', 'sleep 6; echo $WSO2_MI_PID'];
    const ended: Ended = await sandbox.run(['exec', 'mi', '--reuse', '--', ...command]);
    expect(ended).toMatchObject({ code: 0, stdout: `${pid}\n` });
    expect(await list()).toMatchObject([{ status: 'ready', pid }]);
    await stop();
  });

  test('waits for an instance that is still starting, and for one that never comes says so', async () => {
    const home = misbehaving({ bindAfterMs: 1_500 });
    const starting = foreground(home);
    await starting.event('starting');
    const execIn = (its: string): string[] => [
      ...['exec', 'mi', '--home', its, '--reuse'],
      ...['--', 'sh', '-c', 'echo $WSO2_MI_PID'],
    ];
    const first = await sandbox.run(execIn(home));
    expect(first).toMatchObject({ code: 0, stdout: `${(await starting.event('ready'))['pid']}\n` });
    await stop();
    await starting.exited;

    const endless = misbehaving({ bindAfterMs: 600_000 }, 'endless');
    const again = foreground(endless);
    await again.event('starting');
    const waiting = sandbox.start(execIn(endless));
    await until('exec to be connected', () => connectionsTo(recordOf().socket) > 1);
    await stop();
    expect(await waiting.exited).toEqual({ code: 10, signal: null });
    expect(waiting.stdout).toBe('');
    expect(await again.exited).toEqual({ code: 0, signal: null });
  });
});
