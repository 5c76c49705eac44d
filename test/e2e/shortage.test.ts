import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { where } from '../support/tools.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('shortage');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const onLinux = where(process.platform === 'linux', 'Linux');

const launchArgs = (home: string): string[] => ['mi', '--home', home, '-a', '--min-offset', String(MIN)];

test('a launch in the background whose record no disk took is found and stopped once one takes it', async () => {
  mkdirSync(sandbox.state, { mode: 0o700 });
  const instances = join(sandbox.state, 'instances');
  writeFileSync(instances, 'not a folder');
  const launched = await sandbox.run([...launchArgs(sandbox.home('mi')), '--detach']);
  expect(launched).toMatchObject({ code: 0, stderr: expect.stringContaining('ps will not show it') });
  rmSync(instances);
  await until('its record is written', () => sandbox.records.some(({ status }) => status === 'ready'));
  expect(await sandbox.run(['stop', '--all'])).toMatchObject({ code: 0, stderr: 'wso2-launch: mi stopped\n' });
  expect(sandbox.processes()).toEqual([]);
});

/** From a moment on, the system has no open file left for whoever starts a program. */
const WITHOUT_FILES = `
const { ChildProcess } = require('node:child_process');
const { spawn } = ChildProcess.prototype;
ChildProcess.prototype.spawn = function (options) {
  if (!require('node:fs').existsSync(process.env.WITHOUT_FILES)) return spawn.call(this, options);
  const error = Object.assign(new Error('spawn EMFILE'), { code: 'EMFILE', syscall: 'spawn' });
  process.nextTick(() => this.emit('error', error));
  return -require('node:os').constants.errno.EMFILE;
};
`;

test('a launch that ends for a shortage says so in its record, and to those who ask for a restart', async () => {
  const preload = join(sandbox.folder, 'without-files.cjs');
  const marker = join(sandbox.folder, 'without-files');
  writeFileSync(preload, WITHOUT_FILES);
  const env = { NODE_OPTIONS: `--require=${preload}`, WITHOUT_FILES: marker };
  const cli = sandbox.start([...launchArgs(sandbox.home('mi')), '--json'], { env });
  await cli.event('ready');
  writeFileSync(marker, '');
  const restarted = await sandbox.run(['restart', 'mi']);
  expect(restarted).toMatchObject({ code: 1, stderr: expect.stringContaining('no more files may be opened') });
  expect(await cli.exited).toEqual({ code: 1, signal: null });
  expect(cli.events.at(-1)).toMatchObject({ event: 'failed', code: 1, failure: 'shortage' });
  expect(sandbox.records).toMatchObject([{ status: 'exited', exit: { code: 1, failure: 'shortage' } }]);
});

/** From a moment on, the process table can't be read. */
const WITHOUT_TABLE = `
const fs = require('node:fs');
const { readdirSync } = fs;
fs.readdirSync = function (path, ...more) {
  if (path !== '/proc' || !fs.existsSync(process.env.WITHOUT_TABLE)) return readdirSync.call(this, path, ...more);
  throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'scandir' });
};
`;

onLinux.test('a launch that can not stop its server itself ends when its guard has stopped it', async () => {
  const preload = join(sandbox.folder, 'without-table.cjs');
  const marker = join(sandbox.folder, 'without-table');
  writeFileSync(preload, WITHOUT_TABLE);
  const env = { NODE_OPTIONS: `--require=${preload}`, WITHOUT_TABLE: marker };
  const home = sandbox.home('mi', { behaviour: { shutdownMs: 1_000 } });
  const cli = sandbox.start([...launchArgs(home), '--json'], { env });
  await cli.event('ready');
  writeFileSync(marker, '');
  const stopped = await sandbox.run(['stop', 'mi']);
  expect({ ...stopped, left: sandbox.processes() }).toMatchObject({
    code: 0,
    stderr: 'wso2-launch: mi stopped\n',
    left: [],
  });
  expect(await cli.exited).toEqual({ code: 1, signal: null });
  expect(cli.events.at(-1)).toMatchObject({ event: 'failed', failure: 'shortage' });
});

onLinux.test('a launch is refused where no file may hold what a server says until it is ready', async () => {
  const through = ['/bin/sh', '-c', 'ulimit -f 8; exec "$@"', 'sh', process.execPath];
  const args = [...launchArgs(sandbox.home('mi')), '--json', '--ready-timeout', '2s'];
  const cli = sandbox.start(args, { through });
  expect(await cli.exited).toEqual({ code: 1, signal: null });
  expect(cli.events).toMatchObject([
    {
      event: 'failed',
      failure: 'shortage',
      message: 'No file may be longer than 4096 bytes here: nobody could read in a log that the server has started.',
      hint: 'Raise the limit with ulimit -f.',
    },
  ]);
});

/** The program itself can't be read. */
const WITHOUT_PROGRAM = `
const fs = require('node:fs');
const { readFileSync } = fs;
fs.readFileSync = function (path, ...more) {
  if (!String(path).endsWith('main.cjs')) return readFileSync.call(this, path, ...more);
  throw new Error('EMFILE: too many open files, open main.cjs');
};
`;

test('a program that can not be loaded says why, in words', async () => {
  const preload = join(sandbox.folder, 'without-program.cjs');
  writeFileSync(preload, WITHOUT_PROGRAM);
  const { code, stderr } = await sandbox.run(['ps'], { env: { NODE_OPTIONS: `--require=${preload}` } });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `wso2-launch: can't be loaded: EMFILE: too many open files, open main.cjs
  Nothing was started. Make room for it (ulimit -n, ulimit -v), or install it again.
`,
  });
});
