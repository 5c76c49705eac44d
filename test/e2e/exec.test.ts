import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pidInFile } from '../../src/ports/idle-home.js';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { nodeSystem } from '../../src/system/index.js';
import { Cli, type CliOptions } from '../support/cli.js';
import { isAlive, isFree, leaseFilesOf } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { type Ended, Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('exec');
const NODE = process.execPath;

let sandbox: Sandbox;
let home: string;
beforeEach(() => {
  sandbox = new Sandbox();
  home = sandbox.home('mi');
});
afterEach(() => sandbox.close());

const execWords = (command: readonly string[], more: readonly string[] = []): string[] => [
  ...['exec', 'mi', '--home', home, '-a', '--min-offset', String(MIN), ...more],
  ...['--', ...command],
];

const exec = (command: readonly string[], options?: CliOptions): Cli => sandbox.start(execWords(command), options);

const runExec = (command: readonly string[], options?: CliOptions): Promise<Ended> =>
  sandbox.run(execWords(command), options);

const misbehaving = (behaviour: StandInBehaviour): void => {
  home = sandbox.home('misbehaving', { behaviour });
};

async function expectNothingLeft(): Promise<void> {
  expect(sandbox.processes()).toEqual([]);
  expect(leaseFilesOf(sandbox.state)).toEqual([]);
  expect(await isFree(MIN)).toBe(true);
}

/** A command that says when it runs, and stays until it is ended. */
const staying = (onSigterm: string): string[] => [
  NODE,
  '-e',
  `process.on('SIGTERM', () => { ${onSigterm} }); setInterval(() => {}, 1000); console.log('running ' + process.pid)`,
];

async function pidOfRunning(cli: Pick<Cli, 'stdout'>): Promise<number> {
  return until('the command to run', () => Number(/running (\d+)/.exec(cli.stdout)?.[1]) || undefined);
}

describe('a command with a server of its own', () => {
  test('runs once the server is ready, finds it by its variables, and is all that stdout shows', async () => {
    const check = `
      const { WSO2_MI_HEALTH_URL: url } = process.env;
      require('node:http').get(url, (answer) => {
        const health = answer.resume().statusCode;
        const seen = Object.entries(process.env).filter(([name]) => name.startsWith('WSO2_'));
        console.log(JSON.stringify({ health, ...Object.fromEntries(seen) }));
      });
    `;
    const env = { WSO2_LAUNCH_READY_TIMEOUT: '1m' };
    const { code, stdout } = await runExec([NODE, '-e', check], { env });

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      health: 200,
      WSO2_LAUNCH_STATE_DIR: sandbox.state,
      WSO2_MI_OFFSET: String(MIN),
      WSO2_MI_HOME: home,
      WSO2_MI_PID: String(pidInFile(home, nodeSystem.files)),
      WSO2_MI_HTTP_PORT: String(8280 + MIN),
      WSO2_MI_HTTP_URL: `http://localhost:${8280 + MIN}`,
      WSO2_MI_HTTPS_PORT: String(8243 + MIN),
      WSO2_MI_HTTPS_URL: `https://localhost:${8243 + MIN}`,
      WSO2_MI_INTERNAL_PORT: String(9191 + MIN),
      WSO2_MI_INTERNAL_URL: `http://localhost:${9191 + MIN}`,
      WSO2_MI_MANAGEMENT_PORT: String(9154 + MIN),
      WSO2_MI_MANAGEMENT_URL: `https://localhost:${9154 + MIN}/management`,
      WSO2_MI_HEALTH_URL: `http://localhost:${9191 + MIN}/healthz`,
    });
    await expectNothingLeft();
  });

  test.each([
    ['exit 0', 0],
    ['exit 3', 3],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
  ])('that does "%s" gives its own code, %i, and leaves nothing behind', async (script, code) => {
    expect(await runExec(['sh', '-c', script])).toMatchObject({ code, signal: null });
    await expectNothingLeft();
  });

  test('reads our standard input', async () => {
    const through = ['sh', '-c', 'echo from the pipe | "$0" "$@"', NODE];

    expect(await runExec(['cat'], { through })).toMatchObject({ code: 0, stdout: 'from the pipe\n' });
    await expectNothingLeft();
  });

  test('runs in our own folder', async () => {
    expect(await runExec(['pwd'])).toMatchObject({ code: 0, stdout: `${sandbox.folder}\n` });
  });

  test('does not run where the server does not come', async () => {
    misbehaving({ exitAtBoot: 1 });
    expect(await runExec(['touch', 'it-ran'])).toMatchObject({ code: 5 });
    expect(existsSync(join(sandbox.folder, 'it-ran'))).toBe(false);
    await expectNothingLeft();
  });
});

describe('a command that cannot be run starts no server', () => {
  const expectNothingStarted = (): void => {
    expect(existsSync(sandbox.state)).toBe(false);
    expect(readdirSync(home)).not.toContain('wso2carbon.pid');
  };

  test('because it is not found: 127', async () => {
    const { code, stderr } = await runExec(['no-such-command-here']);
    expect(code).toBe(127);
    expect(stderr).toContain('no-such-command-here: command not found');
    expectNothingStarted();
  });

  test('because it has no run bit, or is a folder: 126', async () => {
    const file = join(sandbox.folder, 'check.sh');
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o644);

    expect(await runExec([file])).toMatchObject({ code: 126 });
    expect(await runExec([`${sandbox.folder}/`])).toMatchObject({ code: 126 });
    expectNothingStarted();
  });
});

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

describe('npm run', () => {
  /** A project of a user's, whose test script runs its check beside a server. */
  function project(check: string): string {
    const folder = join(sandbox.folder, 'project');
    const bin = join(folder, 'node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(join(process.cwd(), 'bin/wso2-launch.cjs'), join(bin, 'wso2-launch'));
    const script = `wso2-launch exec mi --home ${home} -a --min-offset ${MIN} -- node check.js`;
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { 'test:e2e': script } }));
    writeFileSync(join(folder, 'check.js'), check);
    return folder;
  }

  const npm = (check: string): Cli => {
    const child = spawn('npm', ['run', 'test:e2e'], {
      cwd: project(check),
      env: { ...sandbox.env, npm_config_update_notifier: 'false' },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Cli(child);
  };

  const STAYING = "setInterval(() => {}, 1000); console.log('running ' + process.pid);";

  test.each([0, 3])('ends with the code of the check, %i', async (code) => {
    const cli = npm(`console.log(process.env.WSO2_MI_HTTP_URL); process.exitCode = ${code};`);

    expect(await cli.exited).toEqual({ code, signal: null });
    expect(cli.stdout).toContain(`http://localhost:${8280 + MIN}`);
    await expectNothingLeft();
  });

  test('leaves nothing behind after Ctrl-C, which reaches the whole group', async () => {
    const cli = npm(STAYING);
    await pidOfRunning(cli);
    cli.killGroup('SIGINT');

    await cli.exited;
    await expectNothingLeft();
  });

  test('leaves nothing behind after a SIGTERM to npm alone', async () => {
    const cli = npm(STAYING);
    await pidOfRunning(cli);
    cli.kill('SIGTERM');

    await cli.exited;
    await expectNothingLeft();
  });

  test('leaves nothing behind after a SIGKILL of npm', async () => {
    const cli = npm(STAYING);
    await pidOfRunning(cli);
    cli.kill('SIGKILL');

    await cli.exited;
    await expectNothingLeft();
  });
});
