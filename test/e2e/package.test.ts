import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Sandbox } from '../support/sandbox.js';

const run = promisify(execFile);

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

test('the packed tarball installs into an empty folder without dependencies and does the whole job there', async () => {
  const packed = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', sandbox.folder]);
  const tarball = join(sandbox.folder, packed.stdout.trim().split('\n').at(-1) as string);
  const project = join(sandbox.folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"name": "project", "private": true}\n');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: project });

  expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['wso2-launch']);
  const cli = join(project, 'node_modules/.bin/wso2-launch');
  const env = { ...sandbox.env, HOME: sandbox.folder };
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect((await run(cli, ['--version'], { cwd: project, env })).stdout).toBe(`${version}\n`);

  const { stdout } = await run(cli, ['demo', '--json'], { cwd: project, env });
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event);
  expect(events).toEqual(['planned', 'starting', 'ready', 'stopping', 'stopped']);
});
