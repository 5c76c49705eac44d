import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pidInFile } from '../../src/ports/idle-home.js';
import { nodeSystem } from '../../src/system/index.js';
import { isAlive } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { type Ended, Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('private-homes');

const JAR = 'wso2/components/plugins/synapse.jar';
const DATABASE = 'repository/database/WSO2CARBON_DB.mv.db';

let sandbox: Sandbox;
let installation: string;
beforeEach(() => {
  sandbox = new Sandbox();
  installation = sandbox.home('installation');
  write(installation, JAR, 'jar');
  write(installation, DATABASE, 'rows');
  write(installation, 'repository/deployment/server/webapps/page.txt', 'page');
});
afterEach(() => sandbox.close());

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Replaces a file of the installation, as an update does. */
function replace(path: string, text: string): void {
  write(sandbox.folder, 'new', text);
  renameSync(join(sandbox.folder, 'new'), join(installation, path));
}

/** The sum of every file of the installation, with its path, its mode and its time. */
function digest(): string {
  const sum = createHash('sha256');
  for (const path of readdirSync(installation, { recursive: true, encoding: 'utf8' }).sort()) {
    const { mode, mtimeMs } = lstatSync(join(installation, path));
    sum.update(`${path} ${mode} ${mtimeMs}\n`);
    if (lstatSync(join(installation, path)).isFile()) sum.update(readFileSync(join(installation, path)));
  }
  return sum.digest('hex');
}

const homes = (): string => join(sandbox.folder, '.wso2-launch-homes');
const homeOf = (name: string): string => join(homes(), name);

const LAUNCH = ['--auto-offset', '--min-offset', `${MIN}`, '--max-offset', `${MIN + 9}`, '--detach'];

/** Launches in the background, from a private home. */
const launch = (...more: readonly string[]): Promise<Ended> =>
  sandbox.run(['mi', '--home', installation, '--private', ...LAUNCH, ...more]);

const stopAll = (): Promise<Ended> => sandbox.run(['stop', '--all']);

const list = async (): Promise<Record<string, unknown>[]> =>
  JSON.parse((await sandbox.run(['homes', '--json'])).stdout).homes;

async function instances(): Promise<Record<string, unknown>[]> {
  return JSON.parse((await sandbox.run(['ps', '--json'])).stdout).instances;
}

/** What lies in the folder of homes, hidden or not. */
const entries = (): string[] => (existsSync(homes()) ? readdirSync(homes()).sort() : []);

describe('a server from a private home', () => {
  test('runs beside others and its installation, each with a home and an offset of its own', async () => {
    const before = digest();
    expect((await launch()).code).toBe(0);
    expect((await launch()).code).toBe(0);
    expect(digest()).toBe(before);
    const itself = await sandbox.run(['mi', '--home', installation, ...LAUNCH]);
    expect(itself.code).toBe(0);

    const running = await instances();
    expect(running.map(({ name, home, installation: from }) => [name, home, from])).toEqual([
      ['mi', homeOf('mi'), installation],
      ['mi-2', homeOf('mi-2'), installation],
      ['mi-3', installation, null],
    ]);
    expect(new Set(running.map(({ offset }) => offset)).size).toBe(3);
    expect((await sandbox.run(['ps'])).stdout).toMatch(/INSTALLATION\n.*\/installation\n/);
    expect((await stopAll()).code).toBe(0);
  });

  test('shares the jars, has the rest to itself, and leaves its installation as it is, however it ends', async () => {
    const before = digest();
    await launch();
    expect(statSync(join(homeOf('mi'), JAR)).ino).toBe(statSync(join(installation, JAR)).ino);
    write(homeOf('mi'), DATABASE, 'other rows');
    write(homeOf('mi'), 'conf/deployment.toml', '[server]\nhostname = "other"\n');
    await stopAll();
    await launch();
    const [record] = sandbox.records;
    process.kill(record?.supervisor.pid as number, 'SIGKILL');
    await until('the guard to have stopped it', () => !isAlive(record?.pid as number));
    expect((await launch()).code).toBe(0);
    await stopAll();
    expect(readFileSync(join(homeOf('mi'), DATABASE), 'utf8')).toBe('other rows');
    expect((await sandbox.run(['homes', 'rm', 'mi'])).stdout).toBe('mi removed\n');
    expect(entries()).toEqual([]);
    expect(digest()).toBe(before);
  });

  test('has at its next launch what it had, and with --fresh nothing of it, which is said', async () => {
    await launch();
    await stopAll();
    write(homeOf('mi'), DATABASE, 'other rows');
    await launch();
    await stopAll();
    expect(readFileSync(join(homeOf('mi'), DATABASE), 'utf8')).toBe('other rows');
    const { code, stderr } = await launch('--fresh');
    expect(code).toBe(0);
    expect(stderr).toContain(`warning: ${homeOf('mi')} was made anew: what mi had in it since`);
    expect(readFileSync(join(homeOf('mi'), DATABASE), 'utf8')).toBe('rows');
    expect(entries()).toEqual(['mi']);
    await stopAll();
  });

  test('is brought up to date with its installation, but for what was changed in it, which is named', async () => {
    await launch();
    await stopAll();
    replace(JAR, 'new jar');
    replace('conf/deployment.toml', '[server]\nhostname = "new"\n');
    replace('bin/version.txt', 'WSO2 Micro Integrator v4.4.0\n\n');
    write(homeOf('mi'), 'conf/deployment.toml', '[server]\nhostname = "mine"\n');
    const { code, stderr } = await launch();
    expect(code).toBe(0);
    expect(stderr).toContain(
      `${homeOf('mi')} was brought up to date with its installation, which has changed: 2 files.`,
    );
    expect(stderr).toContain('stays what was changed there, though the installation has it new: conf/deployment.toml.');
    expect(statSync(join(homeOf('mi'), JAR)).ino).toBe(statSync(join(installation, JAR)).ino);
    expect(readFileSync(join(homeOf('mi'), 'conf/deployment.toml'), 'utf8')).toContain('mine');
    await stopAll();
    expect((await launch()).stderr).not.toContain('up to date');
    await stopAll();
  });

  test('stays in its home when it is restarted, also with other options', async () => {
    await launch();
    expect((await sandbox.run(['restart', 'mi'])).code).toBe(0);
    expect((await sandbox.run(['restart', 'mi', '--set', 'server.hostname=other'])).code).toBe(0);
    expect(await instances()).toMatchObject([{ name: 'mi', status: 'ready', home: homeOf('mi'), installation }]);
    await stopAll();
  });

  test('is where its dry run says, which makes nothing', async () => {
    const dryRun = (...more: string[]): Promise<Ended> =>
      sandbox.run(['mi', '--home', installation, '--private', '--offset', `${MIN}`, '--dry-run', '--json', ...more]);
    const { code, stdout } = await dryRun();
    expect(code).toBe(0);
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({ home: homeOf('mi'), installation });
    expect(plan.command.file).toBe(join(homeOf('mi'), 'bin/micro-integrator.sh'));
    expect(plan.command.env.set.CARBON_HOME).toBe(homeOf('mi'));
    expect(existsSync(homes())).toBe(false);

    await launch();
    await stopAll();
    const { madeAt } = JSON.parse(readFileSync(join(homeOf('mi'), '.wso2-launch-home.json'), 'utf8'));
    expect(JSON.parse((await dryRun('--fresh')).stdout).command).toEqual(plan.command);
    expect(JSON.parse((await dryRun()).stdout).command).toEqual(plan.command);
    expect(JSON.parse(readFileSync(join(homeOf('mi'), '.wso2-launch-home.json'), 'utf8')).madeAt).toBe(madeAt);
  });

  test('has its home where WSO2_LAUNCH_HOMES_DIR says', async () => {
    const elsewhere = join(sandbox.folder, 'elsewhere');
    const env = { WSO2_LAUNCH_HOMES_DIR: elsewhere };
    const { code } = await sandbox.run(['mi', '--home', installation, '--private', ...LAUNCH], { env });
    expect(code).toBe(0);
    expect(existsSync(join(elsewhere, 'mi/.wso2-launch-home.json'))).toBe(true);
    // It is known afterwards, whatever the variable says.
    expect(await list()).toMatchObject([{ name: 'mi', home: join(elsewhere, 'mi'), running: true }]);
    await stopAll();
  });
});

describe('a private home is refused', () => {
  test('while its installation runs, for the database can’t be copied', async () => {
    await sandbox.run(['mi', '--home', installation, ...LAUNCH]);
    const { code, stderr } = await launch('--name', 'other');
    expect(code).toBe(8);
    expect(stderr).toContain(`${installation} already runs (instance mi, offset ${MIN},`);
    expect(stderr).toContain("Its database can't be copied while it is in use: stop it (wso2-launch stop mi), launch");
    expect(entries()).toEqual([]);
    rmSync(join(installation, DATABASE));
    expect((await launch('--name', 'other')).code).toBe(0);
    await stopAll();
  });

  test('while it runs already', async () => {
    await launch('--name', 'one');
    const { code, stderr } = await launch('--name', 'one', '--fresh');
    expect(code).toBe(8);
    expect(stderr).toContain(`${homeOf('one')} already runs (instance one, offset ${MIN},`);
    const removal = await sandbox.run(['homes', 'rm', 'one']);
    expect(removal.code).toBe(8);
    expect(removal.stderr).toContain('Stop it first, with wso2-launch stop one.\n');
    expect((await instances()).map(({ status }) => status)).toEqual(['ready']);
    await stopAll();
  });

  test('while somebody’s own start of it runs, and nothing in it is touched', async () => {
    await launch();
    await stopAll();
    const byHand = sandbox.startByHand(join(homeOf('mi'), 'bin/micro-integrator.sh'), [`-DportOffset=${MIN + 9}`]);
    try {
      await until('the pid file', () => pidInFile(homeOf('mi'), nodeSystem.files));
      replace(JAR, 'new jar');
      const { code, stderr } = await launch('--name', 'mi');
      expect([code, stderr]).toEqual([8, expect.stringContaining('not started by wso2-launch')]);
      expect(statSync(join(homeOf('mi'), JAR)).ino).not.toBe(statSync(join(installation, JAR)).ino);
      expect(await list()).toMatchObject([{ running: true }]);
      expect((await sandbox.run(['homes', 'rm', 'mi'])).code).toBe(8);
    } finally {
      process.kill(-(byHand.pid as number), 'SIGTERM');
    }
  });

  test('where the name is that of another installation’s home, which stays', async () => {
    await launch('--name', 'one');
    await stopAll();
    const other = sandbox.home('other');
    const from = (...more: string[]): Promise<Ended> =>
      sandbox.run(['mi', '--home', other, '--private', ...LAUNCH, ...more]);
    const { code, stderr } = await from('--name', 'one');
    expect(code).toBe(8);
    expect(stderr).toContain(
      `The name one belongs to a private home that was made from ${installation} (${homeOf('one')})`,
    );
    expect(entries()).toEqual(['one']);
  });

  test('where something else lies in its place', async () => {
    write(homes(), 'one/precious', 'precious');
    for (const args of [
      ['--name', 'one'],
      ['--name', 'one', '--fresh'],
    ]) {
      const { code, stderr } = await launch(...args);
      expect(code).toBe(3);
      expect(stderr).toContain(`${homeOf('one')} is no private home that wso2-launch has made`);
    }
    expect((await sandbox.run(['homes', 'rm', 'one'])).code).toBe(3);
    expect(readFileSync(join(homeOf('one'), 'precious'), 'utf8')).toBe('precious');
  });

  test.each([
    ['in the installation', () => join(installation, 'homes'), 'lies in the installation'],
    ['that is a file', () => join(sandbox.jdk, 'release'), 'is not a folder'],
    ['that others may write to', () => openFolder(), 'others may write there'],
  ])('a folder for it %s', async (_, folder, said) => {
    const before = digest();
    const env = { WSO2_LAUNCH_HOMES_DIR: folder() };
    const { code, stderr } = await sandbox.run(['mi', '--home', installation, '--private', ...LAUNCH], { env });
    expect(code).toBe(3);
    expect(stderr).toContain(said);
    expect(digest()).toBe(before);
  });

  function openFolder(): string {
    const folder = join(sandbox.folder, 'open');
    mkdirSync(folder);
    // The umask takes bits from what mkdir is told.
    chmodSync(folder, 0o777);
    return folder;
  }

  test('from a private home', async () => {
    await launch();
    await stopAll();
    const { code, stderr } = await sandbox.run(['mi', '--home', homeOf('mi'), '--private', ...LAUNCH]);
    expect(code).toBe(3);
    expect(stderr).toContain(`${homeOf('mi')} is itself the private home of mi, made from ${installation}.`);
  });

  test.each([
    ['a port that is taken', ['--offset', `${MIN}`], 4],
    ['a JDK that is none', ['--java-home', '/nonexistent'], 3],
    ['a start that can never be ready', ['--ready-url', '/x', '--jvm-arg', '-Dportoffset=1', '--offset', '99999'], 2],
  ])('for %s, and the home of before is as it was', async (_, args, code) => {
    await launch();
    await stopAll();
    write(homeOf('mi'), DATABASE, 'other rows');
    await sandbox.hold(8290 - 10 + MIN);
    const base = ['mi', '--home', installation, '--private', '--detach', ...args];
    expect((await sandbox.run([...base, '--fresh'])).code).toBe(code);
    expect(readFileSync(join(homeOf('mi'), DATABASE), 'utf8')).toBe('other rows');
    expect(entries()).toEqual(['mi']);
    // Neither is one made for it.
    await sandbox.run(['homes', 'rm', 'mi']);
    expect((await sandbox.run(base)).code).toBe(code);
    expect(entries()).toEqual([]);
  });

  test('--fresh without --private', async () => {
    const { code, stderr } = await sandbox.run(['mi', '--home', installation, '--fresh']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--fresh goes with --private.')]);
  });
});

describe('homes', () => {
  test('are listed with what they are made from, and removed by their names', async () => {
    await launch('--name', 'one');
    await launch('--name', 'two');
    await sandbox.run(['stop', 'two']);
    expect(await list()).toEqual([
      {
        name: 'one',
        product: 'mi',
        version: '4.4.0',
        home: homeOf('one'),
        installation,
        bytes: expect.any(Number),
        lastUsedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        running: true,
      },
      expect.objectContaining({ name: 'two', running: false }),
    ]);
    expect((await sandbox.run(['homes'])).stdout).toMatch(
      /^NAME {2}PRODUCT .*\none {3}mi 4\.4\.0 .* yes .*\ntwo .* no /,
    );
    await stopAll();
    const none = await sandbox.run(['homes', 'rm', 'two', 'three']);
    expect([none.code, none.stderr]).toEqual([10, expect.stringContaining('There is no private home three.')]);
    expect(entries()).toEqual(['one', 'two']);
    expect((await sandbox.run(['homes', 'rm', 'one', 'two', '--json'])).stdout).toContain('"removed"');
    expect(await list()).toEqual([]);
  });

  test.each([[['rm']], [['remove', 'one']]])('%j is refused', async (words) => {
    expect((await sandbox.run(['homes', ...words])).code).toBe(2);
  });

  test('are removed without what their links lead to', async () => {
    await launch();
    await stopAll();
    write(sandbox.folder, 'precious/file', 'precious');
    symlinkSync(join(sandbox.folder, 'precious'), join(homeOf('mi'), 'tmp/link'));
    symlinkSync(installation, join(homeOf('mi'), 'installation'));
    const before = digest();
    await sandbox.run(['homes', 'rm', 'mi']);
    expect(readFileSync(join(sandbox.folder, 'precious/file'), 'utf8')).toBe('precious');
    expect(digest()).toBe(before);
  });

  test('a link in the place of one is none', async () => {
    await launch();
    await stopAll();
    renameSync(homeOf('mi'), join(sandbox.folder, 'moved'));
    symlinkSync(join(sandbox.folder, 'moved'), homeOf('mi'));
    expect((await sandbox.run(['homes', 'rm', 'mi'])).code).toBe(3);
    expect(existsSync(join(sandbox.folder, 'moved', JAR))).toBe(true);
  });
});

describe('whoever is killed', () => {
  test('while a home is made leaves nothing that the next command does not remove', async () => {
    for (let number = 0; number < 4_000; number++) write(installation, `conf/many/${number % 40}/${number}.xml`, 'x');
    const before = digest();
    const cli = sandbox.start(['mi', '--home', installation, '--private', '--offset', `${MIN}`]);
    await until('the home to be begun', () => entries().some((name) => name.includes('.making.')));
    cli.kill('SIGKILL');
    await cli.ended;
    expect(entries().filter((name) => !name.startsWith('.'))).toEqual([]);
    expect(await list()).toEqual([]);
    expect(entries()).toEqual([]);
    expect((await launch()).code).toBe(0);
    expect(entries()).toEqual(['mi']);
    await stopAll();
    expect(digest()).toBe(before);
  });

  test('between the home of before and the new one has the one of before back', async () => {
    await launch();
    await stopAll();
    write(homeOf('mi'), DATABASE, 'other rows');
    renameSync(homeOf('mi'), join(homes(), '.1-dead-0.aside.mi'));
    mkdirSync(join(homes(), '.1-dead-0.making.mi'));
    expect(await list()).toMatchObject([{ name: 'mi' }]);
    expect(entries()).toEqual(['mi']);
    expect(readFileSync(join(homeOf('mi'), DATABASE), 'utf8')).toBe('other rows');
  });

  test('after the new one was put in its place loses the one of before', async () => {
    await launch();
    await stopAll();
    mkdirSync(join(homes(), '.1-dead-0.aside.mi'));
    expect((await launch()).code).toBe(0);
    expect(entries()).toEqual(['mi']);
    await stopAll();
  });

  test('while a home is removed leaves the rest to the next command', async () => {
    await launch();
    await stopAll();
    renameSync(homeOf('mi'), join(homes(), '.1-dead-0.removing.mi'));
    expect(await list()).toEqual([]);
    expect(entries()).toEqual([]);
  });
});

test('of two launches of one name at once one is refused, and the home is made once', async () => {
  const both = await Promise.all([launch('--name', 'one'), launch('--name', 'one')]);
  expect(both.map(({ code }) => code).sort()).toEqual([0, 8]);
  expect(entries()).toEqual(['one']);
  await stopAll();
});

test('of many launches at once each has a name and a home', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => launch()));
  expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(entries()).toEqual(['mi', 'mi-2', 'mi-3', 'mi-4']);
  await stopAll();
});
