import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeSystem } from '../../src/system/index.js';
import { ForeignProject } from '../support/foreign-project.js';
import { instancesIn } from '../support/instances.js';
import { guardOf } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('changed-restart-ends');

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

const { misbehaving, detach, list, shown, untilStatus, stop, recordOf, expectNothingLeft, untilNothingIsLeft } =
  instancesIn(() => sandbox, MIN);

const rendered = (home: string): string => join(home, 'repository/resources/conf/.metadata/metadata_config.properties');
const CHANGES = ['--offset', String(MIN + 3), '--set', 'server.hostname=other.test', '--stop-timeout', '20s'];

describe('a supervisor that is killed during a restart with changed options leaves nothing', () => {
  test.each(['restarting', 'starting', 'ready'] as const)('at %s', async (stage) => {
    const home = misbehaving({ shutdownMs: 400, bindAfterMs: 1_500 });
    await detach(home);
    const { supervisor } = recordOf();
    const restarting = sandbox.start(['restart', 'mi', ...CHANGES, '--json']);
    await restarting.event(stage);
    if (stage === 'starting') await until('the copy to be read', () => existsSync(rendered(home)));
    process.kill(supervisor.pid, 'SIGKILL');
    await restarting.exited;
    await untilNothingIsLeft();
    // Only the home's own file is remembered as the one that was read.
    expect(existsSync(rendered(home))).toBe(stage === 'restarting');
    await expectNothingLeft(MIN + 3);
    expect(await list()).toEqual([]);
  });

  test('while it plans', async () => {
    await detach(sandbox.home('mi'));
    const { supervisor, socket } = recordOf();
    const { asking } = await whileItPlans(socket, () => process.kill(supervisor.pid, 'SIGKILL'));
    await asking;
    await untilNothingIsLeft();
    await expectNothingLeft(MIN + 3);
  });

  test('also where its guard was killed while the former server was stopped', async () => {
    await detach(misbehaving({ shutdownMs: 1_500 }));
    const { supervisor } = recordOf();
    const restarting = sandbox.start(['restart', 'mi', ...CHANGES, '--json']);
    await restarting.event('restarting');
    process.kill(guardOf(supervisor.pid) as number, 'SIGKILL');
    expect(await restarting.exited).toEqual({ code: 0, signal: null });
    process.kill(supervisor.pid, 'SIGKILL');
    await untilNothingIsLeft();
    await expectNothingLeft(MIN + 3);
  });
});

describe('a restart with changed options', () => {
  test('that is followed by a stop is cut off, and everything goes', async () => {
    await detach(misbehaving({ bindAfterMs: 3_000, onSignal: 'crash' }));
    const restarting = sandbox.start(['restart', 'mi', ...CHANGES, '--json']);
    await restarting.event('starting');
    await stop();
    expect((await restarting.exited).code).toBe(10);
    await expectNothingLeft(MIN + 3);
  });

  test('that a supervisor does not know as a whole is refused', async () => {
    await detach(sandbox.home('mi'));
    const { socket, supervisor } = recordOf();
    const { pid } = await shown();
    const answers: object[] = [];
    const request = { protocol: 1, ask: 'relaunch', change: { heapMiB: 300, colour: 'green' } };
    await nodeSystem.control.ask(socket, request, (line) => answers.push(line), { timeoutMs: 10_000 });
    expect(answers).toEqual([
      expect.objectContaining({
        refused: expect.stringContaining(`(process ${supervisor.pid}) does not know the request`),
      }),
    ]);
    expect(await shown()).toMatchObject({ pid, status: 'ready', restarts: 0 });
    await stop();
  });

  test('is another server to whoever shares one', async () => {
    const home = sandbox.home('mi');
    await detach(home);
    const acquired = (more: string): string =>
      `await acquire('mi', { home: ${JSON.stringify(home)}, offset: 'auto', minOffset: ${MIN}, ${more} })`;
    expect(await sandbox.run(['restart', 'mi', '--env', 'A=1'])).toMatchObject({ code: 0 });
    const { pid } = await shown();
    const [refused, taken] = await project.run(
      sandbox,
      `tell(await failing(async () => ${acquired('')}));
      const server = ${acquired("env: { A: '1' }")};
      tell(server.pid);
      await server.stop();`,
    );
    expect(refused).toMatchObject({ isOurs: true, code: 8, failure: 'home-runs' });
    expect(taken).toBe(pid);
    const reuse = ['exec', 'mi', '--reuse', '--home', home, '--', 'sh', '-c', 'echo $WSO2_MI_OFFSET'];
    expect(await sandbox.run(reuse)).toMatchObject({ code: 0, stdout: `${MIN}\n` });
    expect(await sandbox.run(['restart', 'mi', '--offset', String(MIN + 2)])).toMatchObject({ code: 0 });
    expect(await sandbox.run(reuse)).toMatchObject({ code: 0, stdout: `${MIN + 2}\n` });
    await stop();
  });
});

describe('the library', () => {
  const OPTIONS = (home: string): string => `{ home: ${JSON.stringify(home)}, offset: ${MIN} }`;

  test('restarts its own server with changed options, whose fields are told from then on', async () => {
    const home = sandbox.home('mi');
    const [changed, refused, kept] = await project.run(
      sandbox,
      `const server = await launch('mi', ${OPTIONS(home)});
      await server.restart({ offset: ${MIN + 1}, memory: '300m', env: { A: '1' } });
      const { pid } = server;
      tell({ offset: server.offset, words: fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0') });
      tell(await failing(() => server.restart({ javaHome: '/nowhere' })));
      tell([server.pid === pid, (await instances())[0].status, await failing(() => server.restart({ name: 'x' }))]);
      await server.stop();
      tell(await failing(() => server.restart({ memory: '1g' })));`,
    );
    expect(changed).toMatchObject({ offset: MIN + 1, words: expect.arrayContaining(['-Xmx300m']) });
    expect(refused).toMatchObject({ isOurs: true, code: 3, failure: 'unusable-jdk' });
    expect(kept).toMatchObject([true, 'ready', { isOurs: true, code: 2, message: expect.stringContaining('name') }]);
    await untilNothingIsLeft();
  });

  test('restarts one that it shares', async () => {
    const home = sandbox.home('mi');
    const [changed, refused, same] = await project.run(
      sandbox,
      `const server = await acquire('mi', ${OPTIONS(home)});
      await server.restart({ offset: ${MIN + 1}, readyWhen: 'StartupFinalizer' });
      tell(server.offset);
      const { pid } = server;
      tell(await failing(() => server.restart({ javaHome: '/nowhere' })));
      tell(server.pid === pid);
      await server.stop();`,
    );
    expect(changed).toBe(MIN + 1);
    expect(refused).toMatchObject({ isOurs: true, code: 3, failure: 'unusable-jdk' });
    expect(same).toBe(true);
    await untilNothingIsLeft();
  });
});

test('a restart that is planned for a server that crashes meanwhile starts nothing, and leaves no lease', async () => {
  const home = sandbox.home('mi', { behaviour: { onSignal: 'crash' } });
  await detach(home);
  const { pid, socket, logFile } = recordOf();
  const { asking, answers } = await whileItPlans(socket, async () => {
    process.kill(pid as number, 'SIGUSR2');
    await untilStatus('exited');
  });
  await asking;
  // Whoever has asked hears how the launch has ended.
  expect(answers.slice(1)).toEqual([{ over: expect.objectContaining({ code: 5 }) }]);
  await untilNothingIsLeft();
  await expectNothingLeft(MIN + 3);
  expect(readFileSync(logFile, 'utf8').match(/StartupFinalizer/g)).toHaveLength(1);
});

/** Asks for a changed restart, and does something while its planning waits for its turn. */
async function whileItPlans(
  socket: string,
  act: () => unknown,
): Promise<{ readonly asking: Promise<unknown>; readonly answers: readonly object[] }> {
  const release = await nodeSystem.mutex.acquire(30_000, new AbortController().signal);
  const answers: object[] = [];
  try {
    const request = { protocol: 1, ask: 'relaunch', change: { offset: { kind: 'fixed', value: MIN + 3 } } };
    const options = { timeoutMs: 10_000 };
    const asking = nodeSystem.control.ask(socket, request, (line) => answers.push(line), options).catch(() => {});
    await until('the request to be taken', () => answers.length > 0);
    await act();
    return { asking, answers };
  } finally {
    release?.();
  }
}
