import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LaunchError } from '../../src/domain/failure.js';
import {
  type CopyProgress,
  type InstallationLook,
  lookThrough,
  type MakingHooks,
  makeTree,
  type Update,
  updateTree,
} from '../../src/home/make-private.js';
import { nodeSystem, type System } from '../../src/system/index.js';
import { failureFrom } from '../support/fake-system.js';

let folder: string;
let installation: string;
let home: string;

const JAR = 'repository/components/plugins/a.jar';
const CONF = 'repository/conf/deployment.toml';
const DATABASE = 'repository/database/WSO2CARBON_DB.mv.db';

const write = (root: string, path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  installation = join(folder, 'installation');
  home = join(folder, 'home');
  write(installation, JAR, 'jar');
  write(installation, CONF, '[server]\n');
  write(installation, DATABASE, 'rows');
  write(installation, 'tmp/old', 'old');
  write(installation, 'bin/wso2server.sh', '#!/bin/sh\n');
  chmodSync(join(installation, 'bin/wso2server.sh'), 0o755);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const HOOKS: MakingHooks = { asked: new AbortController().signal, tell: () => {} };

const look = (system: System = nodeSystem) =>
  lookThrough({ id: 'server', home: installation, unpacked: installation }, installation, undefined, system);

const makeOf = (seen: InstallationLook, hooks = HOOKS, system: System = nodeSystem) => {
  mkdirSync(home);
  return makeTree(seen, home, hooks, system);
};

const make = async (system: System = nodeSystem) => makeOf(look(system), HOOKS, system);

const inodeOf = (path: string): number => lstatSync(path).ino;

/** The system with a part that behaves in another way. */
const withTrees = (trees: Partial<System['trees']>): System => ({
  ...nodeSystem,
  trees: { ...nodeSystem.trees, ...trees },
});

test('a home has the jars under a second name, and the rest as files of its own', async () => {
  const placed = await make();
  expect(inodeOf(join(home, JAR))).toBe(inodeOf(join(installation, JAR)));
  for (const path of [CONF, DATABASE, 'bin/wso2server.sh']) {
    expect(inodeOf(join(home, path))).not.toBe(inodeOf(join(installation, path)));
    expect(readFileSync(join(home, path))).toEqual(readFileSync(join(installation, path)));
  }
  expect(existsSync(join(home, 'tmp/old'))).toBe(false);
  expect(statSync(join(home, 'tmp')).isDirectory()).toBe(true);
  expect(placed[JAR]?.placing).toBe('link');
  expect(placed[CONF]?.placing).toBe('copy');
});

test('modes and times are those of the installation, of folders as well', async () => {
  const script = join(installation, 'bin/wso2server.sh');
  utimesSync(script, 1_000, 1_000);
  utimesSync(join(installation, 'bin'), 2_000, 2_000);
  await make();
  expect(statSync(join(home, 'bin/wso2server.sh')).mode & 0o777).toBe(0o755);
  expect(statSync(join(home, 'bin/wso2server.sh')).mtimeMs).toBe(1_000_000);
  expect(statSync(join(home, 'bin')).mtimeMs).toBe(2_000_000);
});

test('what a server writes into its home leaves the installation as it is', async () => {
  await make();
  for (const path of [CONF, DATABASE, 'bin/wso2server.sh']) writeFileSync(join(home, path), 'written');
  rmSync(join(home, 'repository/components'), { recursive: true });
  expect(readFileSync(join(installation, CONF), 'utf8')).toBe('[server]\n');
  expect(readFileSync(join(installation, DATABASE), 'utf8')).toBe('rows');
  expect(readFileSync(join(installation, JAR), 'utf8')).toBe('jar');
});

test.each(['repository/components/patches', 'wso2/components/patches'])(
  'with a patch in %s, which a start would write into the jars, they are copied',
  async (patches) => {
    write(installation, `${patches}/patch0001/a.jar`, 'patched');
    const placed = await make();
    expect(placed[JAR]?.placing).toBe('copy');
    expect(inodeOf(join(home, JAR))).not.toBe(inodeOf(join(installation, JAR)));
  },
);

test('where a file has no second name to give, it is copied', async () => {
  await make(withTrees({ link: () => false }));
  expect(readFileSync(join(home, JAR), 'utf8')).toBe('jar');
  expect(inodeOf(join(home, JAR))).not.toBe(inodeOf(join(installation, JAR)));
});

describe('a link in the installation', () => {
  test('that stays within leads to the same place of the home', async () => {
    symlinkSync('deployment.toml', join(installation, 'repository/conf/other.toml'));
    symlinkSync(join(installation, CONF), join(installation, 'absolute.toml'));
    await make();
    expect(readlinkSync(join(home, 'repository/conf/other.toml'))).toBe('deployment.toml');
    expect(realpathSync(join(home, 'absolute.toml'))).toBe(join(home, CONF));
  });

  test('to a file elsewhere becomes a file of its own', async () => {
    write(folder, 'elsewhere/mysql.jar', 'driver');
    symlinkSync(join(folder, 'elsewhere/mysql.jar'), join(installation, 'mysql.jar'));
    await make();
    expect(lstatSync(join(home, 'mysql.jar')).isFile()).toBe(true);
    writeFileSync(join(home, 'mysql.jar'), 'written');
    expect(readFileSync(join(folder, 'elsewhere/mysql.jar'), 'utf8')).toBe('driver');
  });

  test.each([
    ['a folder elsewhere', () => symlinkSync(folder, join(installation, 'data'))],
    ['nothing elsewhere', () => symlinkSync(join(folder, 'missing'), join(installation, 'data'))],
    [
      'a folder elsewhere, by way of another link',
      () => {
        mkdirSync(join(folder, 'elsewhere'));
        symlinkSync('../elsewhere', join(installation, 'data'));
      },
    ],
  ])('to %s is refused, and nothing is made', async (_, lay) => {
    lay();
    expect(await failureFrom(make())).toMatchObject({
      kind: 'unusable-home',
      what: expect.stringContaining(`${join(installation, 'data')} leads out of the installation`),
    });
    expect(existsSync(home)).toBe(false);
  });
});

test('a pipe in the installation is refused', async () => {
  execFileSync('mkfifo', [join(installation, 'pipe')]);
  expect(await failureFrom(make())).toMatchObject({ kind: 'unusable-home', what: expect.stringContaining('pipe') });
  expect(existsSync(home)).toBe(false);
});

describe('a home that can’t be made leaves nothing', () => {
  const failing = (code: string): System =>
    withTrees({
      copy: () => {
        throw Object.assign(new Error(`${code}: it can't be done`), { code });
      },
    });

  test.each([
    ['ENOSPC', 'shortage', `There is no room for a private home in`],
    ['EDQUOT', 'shortage', `There is no room for a private home in`],
    ['EACCES', 'unusable-home', "The private home can't be made"],
    ['EROFS', 'unusable-home', "The private home can't be made"],
  ])('%s: %s', async (code, kind, what) => {
    const failure = await failureFrom(make(failing(code)));
    expect(failure).toMatchObject({ kind, what: expect.stringContaining(what) });
    expect(existsSync(home)).toBe(false);
  });

  test('where the disk has less room than it takes, before anything is copied', async () => {
    const system = { ...nodeSystem, machine: { ...nodeSystem.machine, freeSpace: () => 5 } };
    expect(await failureFrom(make(system))).toEqual({
      kind: 'shortage',
      what: `There is no room for a private home in ${folder}: 1 MiB are needed and 1 MiB free.`,
      hint: expect.stringContaining('WSO2_LAUNCH_HOMES_DIR'),
    });
    expect(existsSync(home)).toBe(false);
  });

  test('where it has room for the copies, but not for what can’t be linked', async () => {
    write(installation, 'repository/components/plugins/large.jar', 'x'.repeat(1_000));
    const system = {
      ...withTrees({ link: () => false }),
      machine: { ...nodeSystem.machine, freeSpace: () => 500 },
    };
    expect(await failureFrom(make(system))).toMatchObject({ kind: 'shortage' });
    expect(existsSync(home)).toBe(false);
  });

  test('where a file changes while it is copied', async () => {
    const seen = look();
    writeFileSync(join(installation, CONF), 'another');
    expect(await makeOf(seen).catch((error: Error) => error.message)).toContain(
      `${join(installation, CONF)} has been changed meanwhile`,
    );
    expect(existsSync(home)).toBe(false);
  });

  test('where a link is laid in the place of a file after it was seen', async () => {
    write(folder, 'secret', '[server]\n');
    const seen = look();
    rmSync(join(installation, CONF));
    symlinkSync(join(folder, 'secret'), join(installation, CONF));
    expect(await makeOf(seen).catch((error: unknown) => error instanceof LaunchError)).toBe(true);
    expect(existsSync(home)).toBe(false);
  });

  test('where nobody wants it any more', async () => {
    const asked = new AbortController();
    asked.abort(new Error('enough'));
    let now = 0;
    const system = { ...nodeSystem, clock: { ...nodeSystem.clock, now: () => (now += 1_000) } };
    const made = makeOf(look(), { ...HOOKS, asked: asked.signal }, system);
    expect(await made.catch((error: Error) => error.message)).toBe('enough');
    expect(existsSync(home)).toBe(false);
  });
});

test('a copy that takes a while is told of', async () => {
  write(installation, 'repository/components/plugins/large.jar', 'x'.repeat(70 * 2 ** 20));
  const told: CopyProgress[] = [];
  let now = 0;
  const system = { ...withTrees({ link: () => false }), clock: { ...nodeSystem.clock, now: () => (now += 1_000) } };
  await makeOf(look(), { ...HOOKS, tell: (progress) => told.push(progress) }, system);
  expect(told.at(-1)).toEqual({ copiedBytes: expect.any(Number), totalBytes: expect.any(Number) });
  expect(told.at(-1)?.copiedBytes).toBe(told.at(-1)?.totalBytes);
  expect(told.at(-1)?.totalBytes).toBeGreaterThan(70 * 2 ** 20);
});

describe('an update of the installation', () => {
  async function update(change: () => void, system: System = nodeSystem): Promise<Update> {
    const placed = await make();
    change();
    const staging = join(folder, 'staging');
    mkdirSync(staging);
    const seen = lookThrough({ id: 'server', home: installation, unpacked: installation }, installation, home, system);
    return updateTree(seen, { home, placed, staging }, HOOKS, system);
  }

  /** As an update does it: another file in its place. */
  function replace(path: string, text: string): void {
    writeFileSync(join(folder, 'new'), text);
    renameSync(join(folder, 'new'), join(installation, path));
  }

  test('reaches the home: what is new, other and gone', async () => {
    write(installation, 'lib/gone.jar', 'gone');
    const { updated, kept, hasChanged } = await update(() => {
      replace(JAR, 'new jar');
      replace(CONF, '[server]\noffset = 1\n');
      write(installation, 'lib/new.jar', 'new');
      rmSync(join(installation, 'lib/gone.jar'));
    });
    expect(inodeOf(join(home, JAR))).toBe(inodeOf(join(installation, JAR)));
    expect(readFileSync(join(home, CONF), 'utf8')).toBe('[server]\noffset = 1\n');
    expect(inodeOf(join(home, 'lib/new.jar'))).toBe(inodeOf(join(installation, 'lib/new.jar')));
    expect(existsSync(join(home, 'lib/gone.jar'))).toBe(false);
    expect([...updated].sort()).toEqual(['lib/gone.jar', 'lib/new.jar', JAR, CONF].sort());
    expect([kept, hasChanged]).toEqual([[], true]);
  });

  test('leaves and names what was changed in the home', async () => {
    const { updated, kept } = await update(() => {
      replace(CONF, '[server]\noffset = 1\n');
      writeFileSync(join(home, CONF), '[server]\nhostname = "mine"\n');
    });
    expect(readFileSync(join(home, CONF), 'utf8')).toBe('[server]\nhostname = "mine"\n');
    expect([updated, kept]).toEqual([[], [CONF]]);
  });

  test('names no file that the server renders itself', async () => {
    write(installation, 'repository/resources/conf/templates/repository/conf/carbon.xml.j2', 'template');
    write(installation, 'repository/conf/carbon.xml', 'rendered');
    const { kept } = await update(() => {
      replace('repository/conf/carbon.xml', 'rendered anew');
      writeFileSync(join(home, 'repository/conf/carbon.xml'), 'rendered otherwise');
    });
    expect(kept).toEqual([]);
    expect(readFileSync(join(home, 'repository/conf/carbon.xml'), 'utf8')).toBe('rendered otherwise');
  });

  test('leaves the database alone', async () => {
    const { updated, kept } = await update(() => replace(DATABASE, 'other rows'));
    expect(readFileSync(join(home, DATABASE), 'utf8')).toBe('rows');
    expect([updated, kept]).toEqual([[], []]);
  });

  test('that was no change is none', async () => {
    expect(await update(() => {})).toMatchObject({ hasChanged: false, updated: [], kept: [] });
  });

  test('follows no link that the server has laid in its home', async () => {
    write(installation, 'lib/a.properties', 'a');
    const { kept } = await update(() => {
      rmSync(join(home, 'lib'), { recursive: true });
      mkdirSync(join(folder, 'elsewhere'));
      symlinkSync(join(folder, 'elsewhere'), join(home, 'lib'));
      replace('lib/a.properties', 'changed');
      write(installation, 'lib/new.properties', 'new');
    });
    expect(kept).toEqual(['lib/a.properties', 'lib/new.properties']);
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([]);
  });

  test('gives the home jars of its own as soon as it has a patch that would be written into them', async () => {
    await update(() => write(home, 'repository/components/patches/patch0001/a.jar', 'patched'));
    writeFileSync(join(home, JAR), 'patched');
    expect(readFileSync(join(installation, JAR), 'utf8')).toBe('jar');
  });

  test('that was cut off is finished by the next', async () => {
    write(installation, 'lib/b.jar', 'b');
    const placed = await make();
    replace(JAR, 'new jar');
    replace('lib/b.jar', 'new b');
    replace(CONF, 'new');
    // As far as it has come: its marker is written last.
    rmSync(join(home, JAR));
    linkSync(join(installation, JAR), join(home, JAR));
    const staging = join(folder, 'staging');
    mkdirSync(staging);
    const { kept, files } = await updateTree(look(), { home, placed, staging }, HOOKS);
    expect(kept).toEqual([]);
    expect(inodeOf(join(home, 'lib/b.jar'))).toBe(inodeOf(join(installation, 'lib/b.jar')));
    expect(readFileSync(join(home, CONF), 'utf8')).toBe('new');
    expect(files[JAR]?.inode).toBe(inodeOf(join(installation, JAR)));
  });
});
