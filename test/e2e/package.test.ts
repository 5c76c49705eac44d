import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Sandbox } from '../support/sandbox.js';
import { needing, where } from '../support/tools.js';

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

/** A copy of the project as git has it: with neither packages nor bundle. */
function copyClone(to: string): void {
  const made = /^(node_modules|dist(\..*)?|coverage|\.test-results|\.git)$/;
  for (const entry of readdirSync('.')) if (!made.test(entry)) cpSync(entry, join(to, entry), { recursive: true });
}

/** Whether npm can have our packages, those of this machine, without a network: the tests may have none. */
function isCached(): boolean {
  const { packages } = JSON.parse(readFileSync('node_modules/.package-lock.json', 'utf8')) as {
    packages: Record<string, { integrity?: string }>;
  };
  const cache = join(process.env['npm_config_cache'] ?? join(homedir(), '.npm'), '_cacache/content-v2/sha512');
  return Object.values(packages).every(({ integrity }) => {
    const hash = Buffer.from((integrity ?? '').replace('sha512-', ''), 'base64').toString('hex');
    return existsSync(join(cache, hash.slice(0, 2), hash.slice(2, 4), hash.slice(4)));
  });
}

// git itself asks sed about submodules.
const withGit = isCached() ? needing('git', 'sed') : where(false, "its packages in npm's cache");
withGit.test(
  'installed from git it is built, for its own sake',
  async () => {
    const clone = join(sandbox.folder, 'clone');
    const project = join(sandbox.folder, 'project');
    copyClone(clone);
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{"name": "project", "private": true}\n');
    const author = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
    await run('git', ['init', '--quiet'], { cwd: clone });
    await run('git', ['add', '.'], { cwd: clone });
    await run('git', [...author, 'commit', '--quiet', '--message', 'All of it'], { cwd: clone });
    const words = ['install', '--save-dev', '--prefer-offline', '--no-audit', '--no-fund', `git+file://${clone}`];
    await run('npm', words, { cwd: project });

    const env = { ...sandbox.env, HOME: sandbox.folder };
    const cli = join(project, 'node_modules/.bin/wso2-launch');
    expect((await run(cli, ['demo', '--json'], { cwd: project, env })).stdout).toContain('"event":"ready"');
    expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['wso2-launch']);
  },
  300_000,
);

describe('without a whole bundle', () => {
  let clone: string;
  beforeEach(() => {
    clone = join(sandbox.folder, 'clone');
    for (const part of ['bin', 'dist', 'package.json']) cpSync(part, join(clone, part), { recursive: true });
    mkdirSync(join(clone, 'scripts'));
    writeFileSync(join(clone, 'scripts/setup.mjs'), '');
  });

  const launch = (): Promise<{ code: number; stdout: string; stderr: string }> =>
    run(process.execPath, ['bin/wso2-launch.cjs', 'ps'], { cwd: clone, env: sandbox.env }).then(
      (ended) => ({ code: 0, ...ended }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );
  const refused = (what: string) => ({ code: 3, stdout: '', stderr: `wso2-launch: ${what} (in ${clone})\n` });

  test.each(['', 'main.cjs', 'build.json', 'saxes.cjs', 'stand-in-jvm.cjs'])(
    'where dist/%s is gone, a clone says how to build it',
    async (gone) => {
      expect(await launch()).toMatchObject({ code: 0 });
      rmSync(join(clone, 'dist', gone), { recursive: true });
      expect(await launch()).toEqual(refused('not built: npm run setup'));
    },
  );

  test('an installed package says that it has to be installed again', async () => {
    rmSync(join(clone, 'scripts'), { recursive: true });
    expect(await launch()).toMatchObject({ code: 0 });
    rmSync(join(clone, 'dist/saxes.cjs'));
    expect(await launch()).toEqual(refused('files of the package are missing: install it again'));
  });
});
