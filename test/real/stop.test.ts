import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect } from '@jest/globals';
import { pidInFile } from '../../src/ports/idle-home.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli } from '../support/cli.js';
import { guardOf, isAlive } from '../support/machine.js';
import { until } from '../support/wait.js';
import { askAdmin, MAY_BE_ENDED_FROM_AFAR, type Operation } from './carbon.js';
import { isAll } from './lane.js';
import { expectNothingLeft, type KernelSandbox, portsAt, row, startScriptOf } from './row.js';

async function launched(sandbox: KernelSandbox, home = sandbox.kernel(), more: readonly string[] = []) {
  const cli = sandbox.launch(home, more);
  const { pid } = await cli.event('ready');
  return { cli, home, jvm: pid as number };
}

async function expectEnd(cli: Cli, code: number, stopped?: { reason: string; how: string }): Promise<void> {
  expect(await cli.exited).toEqual({ code, signal: null });
  if (stopped) expect(await cli.event('stopped')).toMatchObject(stopped);
}

describe('a stop', () => {
  // What a boot says in turn.
  const MOMENTS = ['Using Java memory options', 'Starting WSO2 Carbon', 'Starting Carbon initialization'];
  for (const moment of isAll ? MOMENTS : MOMENTS.slice(1, 2)) {
    row(`in mid-boot, after "${moment}", is graceful`, async (sandbox) => {
      const cli = sandbox.launch(sandbox.kernel());
      const logFile = (await cli.event('starting'))['logFile'] as string;
      await until(`"${moment}" in ${logFile}`, () => readFileSync(logFile, 'utf8').includes(moment), 120_000);

      cli.kill('SIGINT');
      await expectEnd(cli, 130, { reason: 'signal', how: 'graceful' });
      expect(cli.events.map(({ event }) => event)).not.toContain('ready');
      await expectNothingLeft(sandbox);
    });
  }

  row('of a server in the background is done once, and told as such the second time', async (sandbox) => {
    const home = sandbox.kernel();
    expect((await sandbox.run(['server', '--home', home, '-d'])).code).toBe(0);
    expect((await sandbox.run(['stop', 'server'])).code).toBe(0);
    await expectNothingLeft(sandbox);
    expect((await sandbox.run(['stop', 'server'])).code).toBe(10);
  });

  row('that comes twice ends at once a server that can not shut down', async (sandbox) => {
    const { cli, jvm } = await launched(sandbox);
    process.kill(jvm, 'SIGSTOP');
    cli.kill('SIGINT');
    await cli.event('stopping');
    const askedMs = performance.now();
    await until('a second to pass', () => performance.now() - askedMs > 1100);

    cli.kill('SIGINT');
    await expectEnd(cli, 130, { reason: 'signal', how: 'killed' });
    await expectNothingLeft(sandbox);
  });
});

describe('whoever is killed', () => {
  row('the supervisor: the server goes with it', async (sandbox) => {
    const { cli, jvm } = await launched(sandbox);
    const guard = guardOf(cli.pid) as number;
    cli.kill('SIGKILL');
    await until('the end of the server', () => !isAlive(jvm) && !isAlive(guard), 60_000);
    await cli.ended;
    // Threads of a JVM that is gone may still be closing its sockets.
    await until('its ports to be free', async () => (await nodeSystem.sockets.firstBusy(portsAt(0))) === undefined);
    await expectNothingLeft(sandbox);
  });

  row('the JVM: the launch ends with code 5', async (sandbox) => {
    const { cli, jvm } = await launched(sandbox);
    process.kill(jvm, 'SIGKILL');
    await expectEnd(cli, 5);
    expect(await cli.event('failed')).toMatchObject({ code: 5, failure: 'crashed' });
    await expectNothingLeft(sandbox);
  });
});

describe('the script beside us', () => {
  row('wso2server.sh stop ends the launch with code 0', async (sandbox) => {
    const { cli, home } = await launched(sandbox);
    await once(sandbox.startByHand(startScriptOf(home), ['stop']), 'exit');
    await expectEnd(cli, 0, { reason: 'from-inside', how: 'graceful' });
    await expectNothingLeft(sandbox);
  });

  row(
    'wso2server.sh restart ends the launch with code 0; its server is foreign, and its home taken',
    async (sandbox) => {
      const { cli, home, jvm } = await launched(sandbox);
      const script = sandbox.startByHand(startScriptOf(home), ['restart']);
      try {
        await expectEnd(cli, 0, { reason: 'from-inside', how: 'graceful' });
        const next = await until('its own server', () => otherServerIn(home, jvm), 60_000);
        const { stdout } = await sandbox.run(['ps', '--all', '--json']);
        expect((JSON.parse(stdout) as { instances: object[] }).instances).toContainEqual(
          expect.objectContaining({ status: 'foreign', home, pid: next }),
        );
        expect((await sandbox.launch(home, ['-a']).exited).code).toBe(8);
      } finally {
        process.kill(-(script.pid as number), 'SIGKILL');
      }
    },
  );

  function otherServerIn(home: string, than: number): number | undefined {
    const pid = pidInFile(home, nodeSystem.files);
    return pid !== undefined && pid !== than && isAlive(pid) ? pid : undefined;
  }
});

describe('from its console', () => {
  const RESTARTS = ['restart', 'restartGracefully'] as const;
  const SHUTDOWNS = ['shutdownGracefully', 'shutdown'] as const;
  for (const [nth, restart] of RESTARTS.entries()) {
    for (const shutdown of isAll ? SHUTDOWNS : SHUTDOWNS.slice(nth, nth + 1)) holdFromInside(restart, shutdown);
  }

  function holdFromInside(restart: Operation, shutdown: Operation): void {
    row(`${restart} is followed, and ${shutdown} ends the launch with code 0`, async (sandbox) => {
      const { cli, jvm } = await launched(sandbox, undefined, ['--offset', '5', '--', MAY_BE_ENDED_FROM_AFAR]);
      await askAdmin(9448, restart);
      const again = await cli.event('ready', 2);
      expect(again).toMatchObject({ offset: 5, warnings: [] });
      expect(again['pid']).not.toBe(jvm);
      expect(await cli.event('restarting')).toMatchObject({ reason: 'from-inside' });

      await askAdmin(9448, shutdown);
      await expectEnd(cli, 0, { reason: 'from-inside', how: 'graceful' });
      await expectNothingLeft(sandbox, 5);
    });
  }
});
