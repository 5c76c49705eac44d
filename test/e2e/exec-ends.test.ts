import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pidInFile } from '../../src/ports/idle-home.js';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli } from '../support/cli.js';
import { commandsIn, pidOfRunning } from '../support/commands.js';
import { isAlive } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('exec-ends');
const NODE = process.execPath;

let sandbox: Sandbox;
let home: string;
beforeEach(() => {
  sandbox = new Sandbox();
  home = sandbox.home('mi');
});
afterEach(() => sandbox.close());

const { execWords, exec, expectNothingLeft } = commandsIn(() => ({ sandbox, home }), MIN);

const misbehaving = (behaviour: StandInBehaviour): void => {
  home = sandbox.home('misbehaving', { behaviour });
};

/** A command that says when it runs, and stays until it is ended. */
const staying = (onSigterm: string): string[] => [
  NODE,
  '-e',
  `process.on('SIGTERM', () => { ${onSigterm} }); setInterval(() => {}, 1000); console.log('running ' + process.pid)`,
];

describe('a command beside a server', () => {
  test('is ended when the server crashes, and the code is 5', async () => {
    misbehaving({ onSignal: 'crash' });
    const cli = exec(staying('process.exit(0)'));
    const command = await pidOfRunning(cli);
    process.kill(pidInFile(home, nodeSystem.files) as number, 'SIGUSR2');

    expect(await cli.ended).toEqual({ code: 5, signal: null });
    expect(isAlive(command)).toBe(false);
    expect(cli.stderr).toContain('The server ended unasked');
    await expectNothingLeft();
  });

  test('is ended when the server is shut down from inside, and the code is 5', async () => {
    misbehaving({ onSignal: 'shut-down' });
    const cli = exec(staying('process.exit(0)'));
    await pidOfRunning(cli);
    process.kill(pidInFile(home, nodeSystem.files) as number, 'SIGUSR2');

    expect(await cli.ended).toEqual({ code: 5, signal: null });
    await expectNothingLeft();
  });

  test('gets a SIGTERM to the launcher, and both are gone with code 143', async () => {
    const cli = exec(staying(`console.log('asked to end'); process.exit(0)`));
    const command = await pidOfRunning(cli);
    cli.kill('SIGTERM');

    expect(await cli.ended).toEqual({ code: 143, signal: null });
    expect(cli.stdout).toContain('asked to end');
    expect(isAlive(command)).toBe(false);
    await expectNothingLeft();
  });

  test('is asked to end by a stop from elsewhere, and has its server until then', async () => {
    const cli = exec(
      staying(`require('node:http').get(process.env.WSO2_MI_HEALTH_URL, ({ statusCode }) => {
        console.log('at the end ' + statusCode);
        process.exit(0);
      })`),
    );
    const command = await pidOfRunning(cli);
    expect(await sandbox.run(['stop', 'mi'])).toMatchObject({ code: 0 });

    expect(await cli.ended).toEqual({ code: 5, signal: null });
    expect(cli.stdout).toContain('at the end 200');
    expect(cli.stderr).toContain(`mi was stopped from elsewhere while ${NODE} was running, which was cut off.`);
    expect(isAlive(command)).toBe(false);
    await expectNothingLeft();
  });

  test('that never ran, for a stop from elsewhere came first, does not count as done', async () => {
    misbehaving({ bindAfterMs: 600_000 });
    const cli = sandbox.start(execWords([NODE, '-e', ''], ['--json']));
    await until('the server to start', () => cli.stdout.includes('"event":"starting"'));
    expect(await sandbox.run(['stop', 'mi'])).toMatchObject({ code: 0 });

    expect(await cli.ended).toEqual({ code: 5, signal: null });
    const events = cli.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.at(-1)).toMatchObject({
      event: 'failed',
      code: 5,
      failure: 'stopped-meanwhile',
      message: `mi was stopped from elsewhere before it was ready: ${NODE} never ran.`,
    });
    await expectNothingLeft();
  });

  test('is killed at once where that stop is pressed for', async () => {
    const cli = exec(staying(`console.log('asked to end')`));
    const command = await pidOfRunning(cli);
    const stopping = sandbox.start(['stop', 'mi']);
    await until('the command to be asked', () => cli.stdout.includes('asked to end'));
    const pressedMs = performance.now();
    stopping.kill('SIGINT');

    expect(await cli.ended).toEqual({ code: 5, signal: null });
    expect(performance.now() - pressedMs).toBeLessThan(8_000);
    expect(await stopping.ended).toEqual({ code: 0, signal: null });
    expect(isAlive(command)).toBe(false);
    await expectNothingLeft();
  });

  test('keeps its server until it has ended', async () => {
    const cli = exec(
      staying(`setTimeout(() => {
      require('node:http').get(process.env.WSO2_MI_HEALTH_URL, ({ statusCode }) => {
        console.log('at the end ' + statusCode);
        process.exit(0);
      });
    }, 500)`),
    );
    await pidOfRunning(cli);
    cli.kill('SIGTERM');

    expect(await cli.ended).toEqual({ code: 143, signal: null });
    expect(cli.stdout).toContain('at the end 200');
    await expectNothingLeft();
  });

  test('is killed, with all below it, where it ignores SIGTERM', async () => {
    const cli = exec(['sh', '-c', `trap '' TERM; sleep 600 & echo running $!; wait`]);
    const below = await pidOfRunning(cli);
    cli.kill('SIGTERM');

    expect(await cli.ended).toEqual({ code: 143, signal: null });
    expect(isAlive(below)).toBe(false);
    await expectNothingLeft();
  });

  test('is killed at once by a second signal', async () => {
    const cli = exec(staying(`console.log('asked to end')`));
    const command = await pidOfRunning(cli);
    cli.kill('SIGTERM');
    await until('the command to be asked', () => cli.stdout.includes('asked to end'));
    const askedMs = performance.now();
    await until('a second to pass', () => performance.now() - askedMs > 1100);
    cli.kill('SIGTERM');

    expect(await cli.ended).toEqual({ code: 143, signal: null });
    expect(performance.now() - askedMs).toBeLessThan(8_000);
    expect(isAlive(command)).toBe(false);
    await expectNothingLeft();
  });

  describe('that restarts itself', () => {
    const restarting = async (): Promise<{ cli: Cli; command: number; jvm: number }> => {
      misbehaving({ onSignal: 'restart', bindAfterMs: 4000 });
      const cli = exec(staying(`console.log('asked to end'); setTimeout(() => process.exit(0), 500)`));
      const command = await pidOfRunning(cli);
      const before = pidInFile(home, nodeSystem.files) as number;
      process.kill(before, 'SIGUSR2');
      await until('the restart to be told', () => cli.stderr.includes('is restarting'));
      const jvm = await until('the next JVM', () => {
        const pid = pidInFile(home, nodeSystem.files);
        return pid !== before && pid;
      });
      return { cli, command, jvm };
    };

    test('goes on', async () => {
      const { cli, command } = await restarting();
      await until('the server to be ready again', () => cli.stderr.match(/mi ready/g)?.length === 2);
      expect(isAlive(command)).toBe(true);
      expect(cli.stdout).toBe(`running ${command}\n`);
      cli.kill('SIGTERM');
      expect(await cli.ended).toEqual({ code: 143, signal: null });
      await expectNothingLeft();
    });

    test('is waited for after a signal meanwhile', async () => {
      const { cli, command } = await restarting();
      cli.kill('SIGTERM');

      expect(await cli.ended).toEqual({ code: 143, signal: null });
      expect(isAlive(command)).toBe(false);
      await expectNothingLeft();
    });

    test('is ended where the server does not come again, and the code is 5', async () => {
      const { cli, command, jvm } = await restarting();
      process.kill(jvm, 'SIGKILL');

      expect(await cli.ended).toEqual({ code: 5, signal: null });
      expect(isAlive(command)).toBe(false);
      expect(cli.stdout).toBe(`running ${command}\nasked to end\n`);
      await expectNothingLeft();
    });

    test('is ended where the server loses its ports to another program, and not run a second time', async () => {
      const { cli, command } = await restarting();
      await sandbox.hold(9154 + MIN);

      expect(await cli.ended).toEqual({ code: 9, signal: null });
      expect(isAlive(command)).toBe(false);
      expect(cli.stdout).toBe(`running ${command}\nasked to end\n`);
      expect(sandbox.processes()).toEqual([]);
    });
  });
});
