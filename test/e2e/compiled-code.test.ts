import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Sandbox } from '../support/sandbox.js';
import { needing, where } from '../support/tools.js';

let sandbox: Sandbox;
let cache: string;
beforeEach(() => {
  sandbox = new Sandbox();
  cache = join(sandbox.folder, 'cache');
});
afterEach(() => sandbox.close());

const version = async (env: Record<string, string> = { XDG_CACHE_HOME: cache }): Promise<string> => {
  const { code, stdout, stderr } = await sandbox.run(['--version'], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

const ours = (): string => join(cache, 'wso2-launch-compiled');
const build = (): string => {
  const [name] = readdirSync(ours()).filter((entry) => entry !== 'CACHEDIR.TAG' && entry !== OLD);
  return join(ours(), name as string);
};
const main = (): string => join(build(), 'main.cjs.bin');

const OLD = '0123456789abcdef-node-v20.19.0-x64';
const age = (...paths: readonly string[]): void => {
  for (const path of paths) utimesSync(path, new Date('2020-01-01'), new Date('2020-01-01'));
};

/** What lies below a folder, with the contents of its files. */
const contentOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => [name, lstatSync(join(folder, name)).isFile() ? readFileSync(join(folder, name), 'latin1') : '']),
  );

/** A folder of the user's that looks as old and as removable as can be. */
const makePrecious = (folder: string): Record<string, string> => {
  mkdirSync(join(folder, OLD), { recursive: true });
  for (const name of ['notes.txt', join(OLD, 'main.cjs.bin'), join(OLD, 'thesis.tex')]) {
    writeFileSync(join(folder, name), 'precious');
    age(join(folder, name));
  }
  age(join(folder, OLD), folder);
  return contentOf(folder);
};

describe('compiled code', () => {
  test('is kept for its user alone, and a damaged file of it costs nothing but time', async () => {
    const said = await version();
    expect([ours(), build(), main()].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700, 0o600]);
    const { length } = readFileSync(main());
    for (const damaged of [readFileSync(main()).subarray(0, length / 2), 'damaged', '']) {
      for (const name of readdirSync(build())) writeFileSync(join(build(), name), damaged);
      expect(await version()).toBe(said);
      expect(readFileSync(main()).length).toBeGreaterThan(1_000);
    }
  });

  test('that another user may have written is not used', async () => {
    await version();
    chmodSync(main(), 0o666);
    await version();
    expect(statSync(main()).mode & 0o777).toBe(0o600); // what is not used is written anew
  });

  needing('mkfifo').test('that is a pipe holds nobody', async () => {
    await version();
    for (const name of readdirSync(build())) {
      renameSync(join(build(), name), join(sandbox.folder, name));
      execFileSync('mkfifo', [join(build(), name)]);
    }
    await version();
    expect(lstatSync(main()).isFile()).toBe(true);
  });

  test('that is a link is not used, and what it leads to stays as it is', async () => {
    await version();
    const elsewhere = join(sandbox.folder, 'elsewhere');
    renameSync(main(), elsewhere);
    age(elsewhere);
    const { mtimeMs } = statSync(elsewhere);
    symlinkSync(elsewhere, main());
    await version();
    expect([lstatSync(main()).isFile(), statSync(elsewhere).mtimeMs]).toEqual([true, mtimeMs]);
  });

  test('of builds before goes after a month, and nothing goes that we have not written', async () => {
    await version();
    const old = join(ours(), OLD);
    renameSync(build(), old);
    for (const name of ['notes.txt', 'chunk-1.cjs.bin']) writeFileSync(join(old, name), 'precious');
    const others = join(ours(), 'others');
    makePrecious(others);
    age(old);
    await version();
    expect(contentOf(old)).toEqual({ 'notes.txt': 'precious', 'chunk-1.cjs.bin': 'precious' });
    expect(Object.keys(contentOf(others))).toHaveLength(4);
  });

  test('of builds before goes with its folder, and that of a recent one stays', async () => {
    await version();
    renameSync(build(), join(ours(), OLD));
    const recent = join(ours(), OLD.replace('v20', 'v22'));
    mkdirSync(recent);
    age(join(ours(), OLD));
    await version();
    expect([existsSync(join(ours(), OLD)), existsSync(recent)]).toEqual([false, true]);
  });
});

test('is kept for each command, and none for a word that is none', async () => {
  const kept = (): string[] => readdirSync(build()).sort();
  const env = { XDG_CACHE_HOME: cache };
  const said = await sandbox.run(['ps'], { env });
  await sandbox.run(['offset', 'gett'], { env });
  await sandbox.run(['pss'], { env });
  await sandbox.run(['../ps'], { env });
  expect(kept()).toEqual(['main.cjs.ps.bin']);
  expect(await sandbox.run(['ps'], { env })).toEqual(said);
  age(build());
  renameSync(build(), join(ours(), OLD));
  await version();
  expect(existsSync(join(ours(), OLD))).toBe(false);
});

describe('a folder that is not a cache of ours', () => {
  test.each(['wso2-launch', 'wso2-launch-compiled'])('stays as it is, whatever its name: %s', async (name) => {
    const folder = join(cache, name);
    const before = makePrecious(folder);
    chmodSync(folder, 0o700);
    await version();
    expect(contentOf(folder)).toEqual(before);
  });

  test('is not used where it is a link to one', async () => {
    await version();
    const elsewhere = join(sandbox.folder, 'elsewhere');
    renameSync(ours(), elsewhere);
    renameSync(
      join(elsewhere, readdirSync(elsewhere).find((name) => name.includes('-node-')) as string),
      join(elsewhere, OLD),
    );
    age(join(elsewhere, OLD));
    const before = contentOf(elsewhere);
    symlinkSync(elsewhere, ours());
    await version();
    expect(contentOf(elsewhere)).toEqual(before);
  });

  test('a relative path is none, and none is where there is no home', async () => {
    const before = readdirSync(sandbox.folder);
    await version({ XDG_CACHE_HOME: 'caches', HOME: 'home' });
    await version({ XDG_CACHE_HOME: '', HOME: '' });
    expect(readdirSync(sandbox.folder)).toEqual(before);
    const home = join(sandbox.folder, 'home');
    await version({ XDG_CACHE_HOME: 'caches', HOME: home });
    expect(readdirSync(join(home, '.cache'))).toEqual(['wso2-launch-compiled']);
  });

  test('is not even made where Node is told to keep no compiled code', async () => {
    await version({ XDG_CACHE_HOME: cache, NODE_DISABLE_COMPILE_CACHE: '1' });
    expect(existsSync(cache)).toBe(false);
  });

  test('is not used where anybody may put another in its place', async () => {
    mkdirSync(cache);
    chmodSync(cache, 0o777);
    await version();
    expect(readdirSync(cache)).toEqual([]);
    chmodSync(cache, 0o1777);
    await version();
    expect(readdirSync(cache)).toEqual(['wso2-launch-compiled']);
  });

  const stranger = ['setpriv', '--reuid=65533', '--regid=65533', '--clear-groups', 'unshare', '-Ur'];
  const canDivide =
    process.getuid?.() === 0 && spawnSync(stranger[0] as string, [...stranger.slice(1), 'true']).status === 0;
  where(canDivide, 'setpriv and unshare, as root').test('is one in a user namespace, where / is nobody’s', async () => {
    mkdirSync(cache);
    for (const folder of [sandbox.folder, cache]) chownSync(folder, 65_533, 65_533);
    const through = [...stranger, process.execPath];
    expect(await sandbox.run(['--version'], { env: { XDG_CACHE_HOME: cache }, through })).toMatchObject({ code: 0 });
    expect(existsSync(main())).toBe(true);
  });

  where(process.getuid?.() === 0, 'root').test('is none below a home that another user has lent', async () => {
    const home = join(sandbox.folder, 'home');
    const elsewhere = join(sandbox.folder, 'elsewhere');
    for (const folder of [home, elsewhere]) mkdirSync(folder);
    chownSync(home, 54_321, 54_321);
    await version({ HOME: home, XDG_CACHE_HOME: '' });
    expect(readdirSync(home)).toEqual([]);
    symlinkSync(elsewhere, join(home, '.cache'));
    lchownSync(join(home, '.cache'), 54_321, 54_321);
    await version({ HOME: home, XDG_CACHE_HOME: '' });
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

test('Node does not keep it in a folder that all users share', () => {
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: join(sandbox.folder, 'home'), TMPDIR: join(sandbox.folder, 'tmp') };
  mkdirSync(env.TMPDIR);
  const cli = join(dirname(import.meta.dirname), '../bin/wso2-launch.cjs');
  expect(spawnSync(process.execPath, [cli, '--version'], { env }).status).toBe(0);
  expect(readdirSync(env.TMPDIR)).toEqual([]);
});

describe("a program's library", () => {
  const LIBRARY = JSON.stringify(join(process.cwd(), 'dist/index.cjs'));
  const host = (text: string, env: Record<string, string> = { XDG_CACHE_HOME: cache }): string =>
    execFileSync(process.execPath, ['-e', `const { LaunchError, ports } = require(${LIBRARY});${text}`], {
      env: { ...sandbox.env, ...env },
      encoding: 'utf8',
    });
  const asks = "ports({ product: 'mi', home: '/nowhere' })";
  const lives = `${asks}.catch(() => {}).then(() => setTimeout(() => {}, 1_500));`;
  const keptOf = (): string[] => (existsSync(ours()) ? readdirSync(build()) : []);

  test('keeps compiled code for the next one, and its errors are one class with it', () => {
    const isOurs = `${asks}.catch((error) => console.log(error instanceof LaunchError, error.failure));`;
    for (const _ of ['compiled', 'kept']) {
      host(lives);
      expect(keptOf()).toEqual(expect.arrayContaining([expect.stringMatching(/^ports-\w+\.cjs\.bin$/)]));
      expect(host(isOurs)).toBe('true unusable-home\n');
    }
  });

  test('is not kept alive for that, and hears of no exit', () => {
    const counts = `${asks}.catch(() => {}).then(() => console.log(process.listenerCount('exit'), process.getActiveResourcesInfo()));`;
    expect(host(counts)).toBe('0 []\n');
    expect(keptOf()).toEqual([]);
  });

  test('loads its modules itself in a realm of its own, as Jest has one for each file', () => {
    const other = `require('node:vm').runInThisContext = () => ({}); ${lives}`;
    host(other);
    expect(keptOf()).toEqual([]);
  });
});
