import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pidInFile } from '../../src/ports/idle-home.js';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { nodeSystem } from '../../src/system/index.js';
import { Cli } from '../support/cli.js';
import { commandsIn, pidOfRunning } from '../support/commands.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('exec');
const NODE = process.execPath;

let sandbox: Sandbox;
let home: string;
beforeEach(() => {
  sandbox = new Sandbox();
  home = sandbox.home('mi');
});
afterEach(() => sandbox.close());

const { runExec, expectNothingLeft } = commandsIn(() => ({ sandbox, home }), MIN);

const misbehaving = (behaviour: StandInBehaviour): void => {
  home = sandbox.home('misbehaving', { behaviour });
};

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
