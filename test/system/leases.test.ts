import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TAG_VARIABLE } from '../../src/domain/command.js';
import { isLeaseId } from '../../src/domain/names.js';
import type { ProcessIdentity } from '../../src/domain/tree.js';
import { nodeFiles } from '../../src/system/files.js';
import { fileLeases, type Lease, type Leases, leaseFolder, newLeaseId } from '../../src/system/leases.js';
import { type Processes, procProcesses } from '../../src/system/processes.js';
import { type Child, Children, makeZombie } from '../support/children.js';
import { where } from '../support/tools.js';
import { until } from '../support/wait.js';

let parent: string;
let folder: string;
let leases: Leases;
let children: Children;
beforeEach(() => {
  parent = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  folder = join(parent, 'leases');
  leases = fileLeases(folder, procProcesses);
  children = new Children();
});
afterEach(async () => {
  await children.close();
  chmodSync(parent, 0o700);
  rmSync(parent, { recursive: true });
});

const identityOf = (pid: number): ProcessIdentity => {
  const row = procProcesses.find(pid);
  if (!row) throw new Error(`process ${pid} is gone`);
  return { pid, startTime: row.startTime };
};

const lease = (more: Partial<Lease> = {}): Lease => ({
  schemaVersion: 1,
  name: 'mi',
  product: 'mi',
  home: '/opt/mi',
  offset: 3,
  ports: [8283, 8246],
  boot: procProcesses.bootId(),
  networkNamespace: procProcesses.networkNamespace(),
  supervisor: identityOf(process.pid),
  server: null,
  stateFolder: '/state',
  ...more,
});

async function deadProcess(): Promise<ProcessIdentity> {
  const child = children.start('sleep', ['600']);
  const identity = identityOf(child.pid);
  child.child.kill('SIGKILL');
  await child.ended;
  return identity;
}

const nobody: ProcessIdentity = { pid: 4_194_305, startTime: '1' };

/** Only root can play another user. */
const asRoot = where(process.getuid?.() === 0, 'root').describe;

const STRANGER = 65_534;

/** Does something as another user does it. */
async function asStranger<T>(action: () => T | Promise<T>): Promise<T> {
  process.seteuid?.(STRANGER);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

test('a lease is read as it was written, until it is removed', async () => {
  leases.write('1-a-0', lease());
  expect(await leases.readLive()).toEqual([{ ...lease(), id: '1-a-0', isSupervised: true, keepsPorts: true }]);
  leases.remove('1-a-0');
  expect(await leases.readLive()).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
  leases.remove('1-a-0');
});

test('a lease is changed as a whole, and nothing else of it', async () => {
  const server = identityOf(process.pid);
  leases.write('1-a-0', lease());
  leases.update('1-a-0', { server, ports: [1] });
  expect(await leases.readLive()).toMatchObject([{ ...lease(), server, ports: [1] }]);
  expect(readdirSync(folder)).toEqual(['1-a-0.json']);
});

describe('a change puts a lease back that is gone:', () => {
  test.each<[string, () => unknown]>([
    ['with its folder', () => rmSync(folder, { recursive: true })],
    ['by itself', () => rmSync(leases.fileOf('1-a-0'))],
    ['torn', () => writeFileSync(leases.fileOf('1-a-0'), '{')],
    [
      'behind a pipe that nobody writes to',
      async () => {
        rmSync(leases.fileOf('1-a-0'));
        await children.start('mkfifo', [leases.fileOf('1-a-0')]).ended;
      },
    ],
  ])('%s', async (_how, lose) => {
    leases.write('1-a-0', lease());
    await lose();
    leases.update('1-a-0', { ports: [1] });
    expect(await leases.readLive()).toEqual([
      { ...lease({ ports: [1] }), id: '1-a-0', isSupervised: true, keepsPorts: true },
    ]);
    expect(statSync(folder).mode & 0o7777).toBe(0o1777);
  });
});

test('the folder is for everybody and each file for its owner, whatever the umask', () => {
  const before = process.umask(0o077);
  try {
    leases.write('1-a-0', lease());
  } finally {
    process.umask(before);
  }
  expect(statSync(folder).mode & 0o7777).toBe(0o1777);
  expect(statSync(leases.fileOf('1-a-0')).mode & 0o7777).toBe(0o644);
});

test('a folder of ours where each may remove what others have written is mended, and no other is changed', () => {
  mkdirSync(folder);
  for (const [mode, mended] of [
    [0o777, 0o1777],
    [0o770, 0o1770],
    [0o755, 0o755],
    [0o1733, 0o1733],
  ] as const) {
    chmodSync(folder, mode);
    leases.write('1-a-0', lease());
    expect(statSync(folder).mode & 0o7777).toBe(mended);
  }
});

test('files of other names are neither read nor removed, whatever they hold', async () => {
  mkdirSync(folder);
  const names = ['package.json', '.json', '..json', 'authorized_keys.tmp', 'x.json.tmp', '1-a-0.json.old'];
  for (const name of names) {
    writeFileSync(join(folder, name), JSON.stringify(lease({ supervisor: nobody })));
    utimesSync(join(folder, name), 1, 1);
  }
  writeFileSync(join(folder, 'live.json'), JSON.stringify(lease()));
  expect(await leases.readLive()).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual([...names, 'live.json'].sort());
});

test('the ids of leases have their form', () => {
  expect(Array.from({ length: 1000 }, newLeaseId).filter((id) => !isLeaseId(id))).toEqual([]);
});

test('the earliest launchers’ leases hold, and are cleared once they are dead', async () => {
  const [live, dead] = ['0671511b-0c2e-44d1-9ab4-cff650e31376', '68e64945-d333-4c19-a622-1e5fcd749677'];
  mkdirSync(folder);
  writeFileSync(join(folder, `${live}.json`), JSON.stringify(lease()));
  writeFileSync(join(folder, `${dead}.json`), JSON.stringify(lease({ supervisor: nobody })));
  expect(await leases.readLive()).toMatchObject([{ id: live, isSupervised: true }]);
  expect(readdirSync(folder)).toEqual([`${live}.json`]);
});

test.each(['', 'a', '../precious', '1-a', '1-a-0/../x'])('nothing is done by an id of another form: %j', (id) => {
  const refusal = `${JSON.stringify(id)} is no id of a lease`;
  expect(() => leases.write(id, lease())).toThrow(refusal);
  expect(() => leases.remove(id)).toThrow(refusal);
  expect(() => leases.fileOf(id)).toThrow(refusal);
});

test('ids do not repeat', () => {
  expect(new Set(Array.from({ length: 1000 }, newLeaseId)).size).toBe(1000);
});

test('all users of a machine share one folder', () => {
  expect(leaseFolder('linux', { TMPDIR: '/home/user/tmp' })).toBe('/tmp/wso2-launch');
  expect(leaseFolder('darwin', { TMPDIR: '/var/folders/x' })).toBe('/tmp/wso2-launch');
  expect(leaseFolder('win32', { PROGRAMDATA: 'D:\\Data' })).toMatch(/^D:\\Data.wso2-launch$/);
});

describe('a lease whose supervisor is gone', () => {
  test('is dead, and cleared away', async () => {
    leases.write('1-a-0', lease({ supervisor: await deadProcess() }));
    expect(await leases.readLive()).toEqual([]);
    expect(existsSync(leases.fileOf('1-a-0'))).toBe(false);
  });

  test('is dead though the pid is used again', async () => {
    leases.write('1-a-0', lease({ supervisor: { pid: process.pid, startTime: '1' } }));
    expect(await leases.readLive()).toEqual([]);
    expect(existsSync(leases.fileOf('1-a-0'))).toBe(false);
  });

  test('is dead though the supervisor was never collected', async () => {
    leases.write('1-a-0', lease({ supervisor: identityOf(await makeZombie(children)) }));
    expect(await leases.readLive()).toEqual([]);
  });

  test('lives while its server does, and not a moment longer', async () => {
    const server = children.shell('echo up; exec sleep 600', { detached: true });
    await server.line();
    leases.write('1-a-0', lease({ supervisor: nobody, server: identityOf(server.pid) }));
    expect(await leases.readLive()).toMatchObject([{ id: '1-a-0', isSupervised: false, keepsPorts: true }]);
    server.child.kill('SIGKILL');
    await server.ended;
    expect(await leases.readLive()).toEqual([]);
  });

  test('lives while anything of the session does, though its script is gone', async () => {
    const script = children.shell('sleep 600 & echo $!; exec sleep 600', { detached: true });
    children.adopt(await script.number());
    const server = identityOf(script.pid);
    script.child.kill('SIGKILL');
    await script.ended;
    leases.write('1-a-0', lease({ supervisor: nobody, server }));
    expect(await leases.readLive()).toMatchObject([{ id: '1-a-0', isSupervised: false }]);
  });

  test('is dead though the pid of its server is used again', async () => {
    const server = { pid: process.pid, startTime: '1' };
    leases.write('1-a-0', lease({ supervisor: nobody, server }));
    expect(await leases.readLive()).toEqual([]);
  });
});

test('a lease of another boot is dead, and cleared away', async () => {
  leases.write('1-a-0', lease({ boot: '00000000-0000-0000-0000-000000000000' }));
  expect(await leases.readLive()).toEqual([]);
  expect(existsSync(leases.fileOf('1-a-0'))).toBe(false);
});

test('a lease of another network keeps its home, and not its ports', async () => {
  leases.write('1-a-0', lease({ networkNamespace: 'net:[1]' }));
  expect(await leases.readLive()).toMatchObject([{ id: '1-a-0', keepsPorts: false }]);
});

test('a dead lease of another network is left to those who can judge it', async () => {
  leases.write('1-a-0', lease({ networkNamespace: 'net:[1]', supervisor: nobody }));
  expect(await leases.readLive()).toEqual([]);
  expect(existsSync(leases.fileOf('1-a-0'))).toBe(true);
});

describe('what is no lease is ignored and left lying:', () => {
  beforeEach(() => mkdirSync(folder));

  test.each<[string, string]>([
    ['an empty file', ''],
    ['a torn one', JSON.stringify({ schemaVersion: 1, name: 'mi' }).slice(0, 20)],
    ['another JSON', 'null'],
    ['a list', '[]'],
    ['a deep one', '['.repeat(30_000) + ']'.repeat(30_000)],
    ['a deep one that is torn', '{"home":'.repeat(8_000)],
    ['bytes that are no text', '\u0000\ufffd'.repeat(1000)],
    ['half of one', JSON.stringify({ schemaVersion: 1, name: 'mi' })],
  ])('%s', async (_what, text) => {
    writeFileSync(join(folder, '1-x-0.json'), text);
    expect(await leases.readLive()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['1-x-0.json']);
  });

  test.each<[string, object]>([
    ['a later schema', { schemaVersion: 2 }],
    ['a port that is none', { ports: ['8283'] }],
    ['a port that is not a number', { ports: [Number.NaN] }],
    ['more ports than any server has', { ports: Array.from({ length: 60_000 }, (_, port) => port + 1) }],
    ['a name that moves the cursor', { name: '\u001b[2Jmi' }],
    ['a name of two lines', { name: 'mi\nmi' }],
    ['a name that fills the screen', { name: 'm'.repeat(64) }],
    ['no name', { name: '' }],
    ['an offset that is none', { offset: 1.5 }],
    ['no supervisor', { supervisor: null }],
    ['a supervisor without its start', { supervisor: { pid: process.pid } }],
    ['a server without its pid', { server: { startTime: '1' } }],
    // The session of the kernel's own threads, and in a container of its first process.
    ['a server that is no process', { supervisor: nobody, server: { pid: 0, startTime: '0' } }],
  ])('one with %s', async (_what, change) => {
    writeFileSync(join(folder, '1-x-0.json'), JSON.stringify({ ...lease(), ...change }));
    expect(await leases.readLive()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['1-x-0.json']);
  });

  test('a huge one', async () => {
    writeFileSync(join(folder, '1-x-0.json'), JSON.stringify({ ...lease(), more: 'x'.repeat(65_536) }));
    expect(await leases.readLive()).toEqual([]);
  });

  test('a huge one without content', async () => {
    writeFileSync(join(folder, '1-x-0.json'), JSON.stringify(lease()));
    truncateSync(join(folder, '1-x-0.json'), 2 ** 40);
    expect(await leases.readLive()).toEqual([]);
  });

  test('a link to one', async () => {
    writeFileSync(join(parent, 'real.json'), JSON.stringify(lease()));
    symlinkSync(join(parent, 'real.json'), join(folder, '1-x-0.json'));
    expect(await leases.readLive()).toEqual([]);
    expect(existsSync(join(parent, 'real.json'))).toBe(true);
  });

  test('a pipe, on which nobody waits', async () => {
    await children.start('mkfifo', [join(folder, '1-x-0.json')]).ended;
    expect(readdirSync(folder)).toEqual(['1-x-0.json']);
    expect(await leases.readLive()).toEqual([]);
  });

  test('a pipe that somebody keeps full', async () => {
    const writer = children.shell('mkfifo 1-x-0.json; exec 3<>1-x-0.json; echo up; exec yes >&3', { cwd: folder });
    await writer.line();
    expect(await leases.readLive()).toEqual([]);
  });

  test('a socket', async () => {
    const server = createServer().listen(join(folder, '1-x-0.json'));
    await once(server, 'listening');
    expect(await leases.readLive()).toEqual([]);
    server.close();
  });

  test('a folder, with another one in it', async () => {
    mkdirSync(join(folder, '1-x-0.json', 'y.json'), { recursive: true });
    expect(await leases.readLive()).toEqual([]);
  });

  test('one that is being written', async () => {
    writeFileSync(join(folder, '1-x-0.json.tmp'), JSON.stringify(lease()));
    expect(await leases.readLive()).toEqual([]);
  });

  test('and the leases beside it are read all the same', async () => {
    writeFileSync(join(folder, '1-x-0.json'), '{');
    leases.write('1-a-0', lease());
    expect((await leases.readLive()).map(({ id }) => id)).toEqual(['1-a-0']);
  });
});

describe('a folder', () => {
  test('that is not there yet holds no leases', async () => {
    expect(await leases.readLive()).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  test.each<[string, () => void]>([
    ['a file', () => writeFileSync(folder, 'mine')],
    ['a link to nowhere', () => symlinkSync(join(parent, 'nowhere'), folder)],
    ['a link to another one', () => symlinkSync(join(parent, 'elsewhere'), folder)],
  ])('that is %s is neither read nor written, for one reason', async (_what, lay) => {
    const elsewhere = fileLeases(join(parent, 'elsewhere'), procProcesses);
    elsewhere.write('1-dead-0', lease({ supervisor: nobody }));
    utimesSync(elsewhere.fileOf('1-dead-0'), 1, 1);
    writeFileSync(join(parent, 'elsewhere', '1-old-0.json.tmp'), '');
    utimesSync(join(parent, 'elsewhere', '1-old-0.json.tmp'), 1, 1);
    lay();

    const refusal = new Error(`${folder} is not a folder`);
    await expect(leases.readLive()).rejects.toThrow(refusal);
    expect(() => leases.write('1-a-0', lease())).toThrow(refusal);
    expect(() => leases.update('1-a-0', {})).toThrow(refusal);
    leases.remove('1-a-0');
    expect(readdirSync(join(parent, 'elsewhere')).sort()).toEqual(['1-dead-0.json', '1-old-0.json.tmp']);
    expect(existsSync(join(parent, 'nowhere'))).toBe(false);
  });

  test('with thousands of dead leases is read, and cleared', async () => {
    mkdirSync(folder);
    const dead = JSON.stringify(lease({ supervisor: nobody, server: nobody }));
    for (let number = 0; number < 3000; number++) writeFileSync(join(folder, `1-${number}-0.json`), dead);
    leases.write('1-a-0', lease());
    expect((await leases.readLive()).map(({ id }) => id)).toEqual(['1-a-0']);
    expect(readdirSync(folder)).toEqual(['1-a-0.json']);
  });
});

test('what a killed writer has left does not keep the next one from writing', async () => {
  mkdirSync(folder);
  writeFileSync(`${leases.fileOf('1-a-0')}.tmp`, '{"schemaV');
  leases.write('1-a-0', lease());
  leases.update('1-a-0', { ports: [1] });
  expect(await leases.readLive()).toMatchObject([{ id: '1-a-0', ports: [1] }]);
  expect(readdirSync(folder)).toEqual(['1-a-0.json']);
});

test('a lease that could not be put in its place leaves nothing', () => {
  mkdirSync(leases.fileOf('1-a-0'), { recursive: true });
  expect(() => leases.write('1-a-0', lease())).toThrow('EISDIR');
  expect(readdirSync(folder)).toEqual(['1-a-0.json']);
});

test('ports that no server can have promise nothing, and the home is taken all the same', async () => {
  leases.write('1-a-0', lease({ ports: [0, -1, 70_000, 2 ** 53] }));
  expect(await leases.readLive()).toMatchObject([{ id: '1-a-0', home: '/opt/mi' }]);
});

asRoot('another user', () => {
  beforeEach(() => chmodSync(parent, 0o755));

  const give = (id: string): void => chownSync(leases.fileOf(id), STRANGER, STRANGER);
  const startTheirs = (): number => children.start('sleep', ['600'], { uid: STRANGER, gid: STRANGER }).pid;

  test('is believed about a process of their own', async () => {
    const pid = startTheirs();
    await until('a process of theirs', () => statSync(`/proc/${pid}`).uid === STRANGER);
    leases.write('1-a-0', lease({ supervisor: identityOf(pid) }));
    give('1-a-0');
    expect(await leases.readLive()).toMatchObject([{ id: '1-a-0', isSupervised: true, keepsPorts: true }]);
  });

  describe('keeps ports from us', () => {
    let supervisor: ProcessIdentity;
    beforeEach(async () => {
      const pid = startTheirs();
      await until('a process of theirs', () => statSync(`/proc/${pid}`).uid === STRANGER);
      supervisor = identityOf(pid);
    });
    const ports = (count: number): number[] => Array.from({ length: count }, (_, index) => 20_000 + index);
    const theirs = (id: string, more: Partial<Lease> = {}): void => {
      leases.write(id, lease({ supervisor, ...more }));
      give(id);
    };
    const keeping = async (): Promise<string[]> =>
      (await leases.readLive()).flatMap(({ id, keepsPorts }) => (keepsPorts ? [id] : []));

    test('as many as a server has, and no more', async () => {
      theirs('1-many-0', { ports: ports(256) });
      theirs('1-toomany-0', { ports: ports(257) });
      expect(await keeping()).toEqual(['1-many-0']);
      expect(await leases.readLive()).toHaveLength(2);
    });

    test('as many in all as servers may be starting, and no more', async () => {
      for (let number = 0; number < 20; number++) theirs(`1-${number}-0`, { ports: ports(250) });
      expect(await keeping()).toHaveLength(16);
    });

    test('for as long as a server may take to bind them, whatever time a file shows', async () => {
      theirs('1-a-0');
      utimesSync(leases.fileOf('1-a-0'), 1, 2 ** 31);
      expect(await keeping()).toEqual(['1-a-0']);
      const { now } = Date;
      try {
        Date.now = () => now() + 16 * 60_000;
        expect(await keeping()).toEqual([]);
        expect(await leases.readLive()).toMatchObject([{ id: '1-a-0', stranger: { uid: STRANGER, gid: STRANGER } }]);
      } finally {
        Date.now = now;
      }
    });

    test('beside ours, and those of root, for which that does not count', async () => {
      leases.write('1-ours-0', lease({ supervisor: identityOf(startOurs()), ports: ports(5_000) }));
      theirs('1-theirs-0', { ports: ports(5_000) });
      expect(await keeping()).toEqual(['1-ours-0']);
      await asStranger(async () => expect(await keeping()).toEqual(['1-ours-0', '1-theirs-0']));
    });
  });

  test('sees by the group of a lease whether its owner may write in a shared home', async () => {
    const home = join(parent, 'home');
    mkdirSync(home);
    chmodSync(home, 0o2775);
    chownSync(home, 0, 2000);
    chmodSync(home, 0o775);
    leases.write('1-a-0', lease({ home }));
    const { uid, gid } = statSync(leases.fileOf('1-a-0'));
    expect({ uid, gid }).toEqual({ uid: 0, gid: 2000 });
    expect(nodeFiles.isWritableFor(home, { uid: STRANGER, gid: 2000 })).toBe(true);
    expect(nodeFiles.isWritableFor(home, { uid: STRANGER, gid: STRANGER })).toBe(false);
    chmodSync(home, 0o755);
    expect(nodeFiles.isWritableFor(home, { uid: STRANGER, gid: 2000 })).toBe(false);
    await asStranger(async () => leases.write('1-b-0', lease({ home })));
    expect(statSync(leases.fileOf('1-b-0')).gid).not.toBe(2000);
  });

  const startOurs = (): number => children.start('sleep', ['600'], { detached: true }).pid;
  const kernelThread = (): ProcessIdentity | undefined =>
    procProcesses.snapshot().find(({ name, parent }) => name === 'kthreadd' && parent === 0);
  test.each<[string, () => Partial<Lease>]>([
    ['that is gone', () => ({ supervisor: nobody, server: nobody })],
    ['of ours', () => ({ supervisor: identityOf(process.pid) })],
    ['of ours as their server', () => ({ supervisor: nobody, server: identityOf(startOurs()) })],
    ['of the system', () => ({ supervisor: identityOf(1) })],
    ['of the kernel', () => ({ supervisor: kernelThread() ?? nobody })],
  ])('is not believed about a process %s, and the file is left to them', async (_whose, claim) => {
    const pid = startTheirs();
    await until('a process of theirs', () => statSync(`/proc/${pid}`).uid === STRANGER);
    leases.write('1-a-0', lease(claim()));
    give('1-a-0');
    expect(await leases.readLive()).toEqual([]);
    expect(existsSync(leases.fileOf('1-a-0'))).toBe(true);
  });

  test("finds ours, and can't take it away", async () => {
    leases.write('1-live-0', lease({ supervisor: identityOf(startOurs()) }));
    leases.write('1-dead-0', lease({ supervisor: nobody }));
    await asStranger(async () => {
      expect((await leases.readLive()).map(({ id }) => id)).toEqual(['1-live-0']);
      leases.remove('1-live-0');
    });
    expect(readdirSync(folder).sort()).toEqual(['1-dead-0.json', '1-live-0.json']);
  });

  test('writes beside us, and clears away what is theirs', async () => {
    leases.write('1-ours-0', lease({ supervisor: identityOf(startOurs()) }));
    await asStranger(async () => {
      leases.write('1-theirs-0', lease({ supervisor: nobody }));
      expect(statSync(leases.fileOf('1-theirs-0')).uid).toBe(STRANGER);
      expect((await leases.readLive()).map(({ id }) => id)).toEqual(['1-ours-0']);
    });
    expect(readdirSync(folder)).toEqual(['1-ours-0.json']);
  });

  test("can't make us write through a link of theirs", async () => {
    leases.write('1-ours-0', lease());
    const target = join(parent, 'target');
    writeFileSync(target, 'precious');
    chmodSync(target, 0o666);
    symlinkSync(target, `${leases.fileOf('1-a-0')}.tmp`);
    // Here root is the mischief, for it can't be kept from removing a link.
    await asStranger(async () => expect(() => leases.write('1-a-0', lease())).toThrow('EEXIST'));
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });

  test("can't make us change the mode of a file that he puts in the place of a lease", async () => {
    const target = join(parent, 'shadow');
    writeFileSync(target, 'precious', { mode: 0o600 });
    mkdirSync(folder);
    chownSync(folder, STRANGER, STRANGER);
    chmodSync(folder, 0o1777);
    // His folder: its sticky bit does not hinder him.
    const swap = `
      const { lstatSync, renameSync, symlinkSync } = require('node:fs');
      console.log('up');
      for (;;) {
        symlinkSync(${JSON.stringify(target)}, 'link');
        while (lstatSync('1-a-0.json.tmp', { throwIfNoEntry: false })?.uid !== 0);
        renameSync('link', '1-a-0.json.tmp');
      }`;
    const mischief = children.start(process.execPath, ['-e', swap], { cwd: folder, uid: STRANGER, gid: STRANGER });
    await mischief.line();
    let swapped = 0;
    const deadline = performance.now() + 20_000;
    while (swapped < 100 && performance.now() < deadline) {
      try {
        leases.write('1-a-0', lease());
      } catch (error) {
        // Too late for one draft, his link has come before the next, and is refused.
        expect(error).toMatchObject({ code: 'EEXIST' });
        continue;
      }
      if (lstatSync(leases.fileOf('1-a-0')).isSymbolicLink()) swapped += 1;
    }
    expect(swapped).toBeGreaterThan(0);
    expect({ mode: statSync(target).mode & 0o7777, text: readFileSync(target, 'utf8') }).toEqual({
      mode: 0o600,
      text: 'precious',
    });
  });

  test('is told of by whoever writes into a folder of his where each may remove what others have written', async () => {
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    await asStranger(async () =>
      expect(() => leases.write('1-a-0', lease())).toThrow(
        `${folder} lets every user remove what others have written (user 0 mends it: chmod +t ${folder})`,
      ),
    );
    leases.write('1-a-0', lease()); // root mends it, and the owner does
    expect(statSync(folder).mode & 0o7777).toBe(0o1777);
  });

  test('passes over files that they may not read', async () => {
    const ours = lease({ supervisor: identityOf(startOurs()) });
    for (const [id, mode] of [
      ['1-open-0', 0o644],
      ['1-private-0', 0o600],
      ['1-closed-0', 0o000],
    ] as const) {
      leases.write(id, ours);
      chmodSync(leases.fileOf(id), mode);
    }
    expect((await asStranger(() => leases.readLive())).map(({ id }) => id)).toEqual(['1-open-0']);
  });

  test.each([
    ['be written', 0o755, true, false],
    ['be entered', 0o700, false, false],
    ['be read', 0o1733, false, true],
  ])("is told of a folder that can't %s", async (_what, mode, canRead, canWrite) => {
    mkdirSync(folder);
    chmodSync(folder, mode);
    await asStranger(async () => {
      if (canRead) expect(await leases.readLive()).toEqual([]);
      else await expect(leases.readLive()).rejects.toThrow('EACCES');
      if (canWrite) leases.write('1-a-0', lease());
      else expect(() => leases.write('1-a-0', lease())).toThrow('EACCES');
    });
    expect(readdirSync(folder)).toEqual(canWrite ? ['1-a-0.json'] : []);
  });
});

test('the process table is read once, and only where a supervisor is gone', async () => {
  let snapshots = 0;
  const counting: Processes = {
    ...procProcesses,
    snapshot: () => {
      snapshots += 1;
      return procProcesses.snapshot();
    },
  };
  const counted = fileLeases(folder, counting);
  counted.write('1-a-0', lease());
  await counted.readLive();
  expect(snapshots).toBe(0);
  for (const id of ['1-b-0', '1-c-0', '1-d-0']) counted.write(id, lease({ supervisor: nobody, server: nobody }));
  await counted.readLive();
  expect(snapshots).toBe(1);
});

test('what a launcher that was killed while writing has left is cleared away, and nothing younger', async () => {
  leases.write('1-live-0', lease());
  const [old, young] = [join(folder, '1-old-0.json.tmp'), join(folder, '1-young-0.json.tmp')];
  writeFileSync(old, '');
  writeFileSync(young, '');
  utimesSync(old, 1, 1);
  expect(await leases.readLive()).toHaveLength(1);
  expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
});

test('a whole draft whose writer was killed is cleared away at once', async () => {
  const [left, current] = [join(folder, '1-left-0.json.tmp'), join(folder, '1-current-0.json.tmp')];
  leases.write('1-live-0', lease());
  writeFileSync(left, JSON.stringify(lease({ supervisor: await deadProcess() })));
  writeFileSync(current, JSON.stringify(lease()));
  expect((await leases.readLive()).map(({ id }) => id)).toEqual(['1-live-0']);
  expect([existsSync(left), existsSync(current)]).toEqual([false, true]);
});

describe('what can’t be seen is judged by its witness:', () => {
  const THERE = { pidNamespace: 'pid:[1]', isWitnessed: true, supervisor: nobody } as const;
  const HOLD = `
    process.umask(0);
    require('node:net').createServer().listen({ path: process.argv[1], backlog: Number(process.argv[2] ?? 511) }, () =>
      console.log('held'))`;
  const sock = (id: string): string => join(folder, `${id}.sock`);
  const hold = async (id: string, backlog = 511): Promise<Child> => {
    const holder = children.node(HOLD, [sock(id), String(backlog)]);
    await holder.line();
    return holder;
  };
  const kill = async (holder: Child): Promise<void> => {
    holder.child.kill('SIGKILL');
    await holder.ended;
  };
  const outermost: Processes = { ...procProcesses, seesAllPids: () => true };
  const inner: Processes = { ...procProcesses, seesAllPids: () => false };
  const left = (): string[] => readdirSync(folder).sort();

  test('it lives while somebody listens there, also one that does not answer', async () => {
    leases.write('1-a-0', lease(THERE));
    const holder = await hold('1-a-0', 1);
    process.kill(holder.pid, 'SIGSTOP');
    for (let asked = 0; asked < 5; asked++) {
      expect(await leases.readLive()).toMatchObject([{ id: '1-a-0', isSupervised: true, isElsewhere: true }]);
    }
  });

  test.each([
    ['by whoever sees all', outermost, []],
    ['by nobody else', inner, ['1-a-0.json', '1-a-0.sock']],
  ])('it is over once nobody does, and cleared away %s', async (_whom, processes, remains) => {
    leases.write('1-a-0', lease(THERE));
    await kill(await hold('1-a-0'));
    expect(await fileLeases(folder, processes).readLive()).toEqual([]);
    expect(left()).toEqual(remains);
  });

  test('it lives while processes of its server are seen', async () => {
    const id = newLeaseId();
    leases.write(id, lease({ ...THERE, server: { pid: process.pid, startTime: '1' } }));
    const server = children.shell('echo up; exec sleep 600', { env: { ...process.env, [TAG_VARIABLE]: id } });
    await server.line();
    expect(await fileLeases(folder, outermost).readLive()).toMatchObject([{ id, isSupervised: false }]);
    await kill(server);
    expect(await fileLeases(folder, outermost).readLive()).toEqual([]);
  });

  test('it lives where it could have none', async () => {
    leases.write('1-a-0', lease({ ...THERE, isWitnessed: false }));
    expect(await leases.readLive()).toMatchObject([{ id: '1-a-0', isElsewhere: true }]);
  });

  test('no pid of there is looked up here', async () => {
    const ours = identityOf(process.pid);
    leases.write('1-a-0', lease({ ...THERE, supervisor: ours, server: ours }));
    expect(await fileLeases(folder, outermost).readLive()).toEqual([]);
  });

  test('one of ours, whose pids are known here, is not asked for', async () => {
    leases.write('1-a-0', lease({ isWitnessed: true, pidNamespace: procProcesses.pidNamespace(), supervisor: nobody }));
    await hold('1-a-0');
    expect(await leases.readLive()).toEqual([]);
    expect(left()).toEqual(['1-a-0.sock']);
  });

  test('ours is there once it is asked for, is heard by all, and goes with the lease', async () => {
    const witness = leases.witness('1-a-0');
    expect(leases.witness('1-a-0')).toBe(witness);
    expect(witness?.path).toBe(sock('1-a-0'));
    expect(statSync(sock('1-a-0')).mode & 0o777).toBe(0o666);
    expect(await leases.askWitness('1-a-0')).toBe('alive');
    leases.withdraw('1-a-0');
    expect(await leases.askWitness('1-a-0')).toBe('alive');
    leases.remove('1-a-0');
    expect(await leases.askWitness('1-a-0')).toBe('missing');
    expect(left()).toEqual([]);
  });

  test('one that was left without a lease is cleared away, and no other', async () => {
    mkdirSync(folder);
    await kill(await hold('1-left-0'));
    await hold('1-held-0');
    writeFileSync(sock('1-file-0'), '');
    symlinkSync(sock('1-held-0'), sock('1-link-0'));
    const other = await hold('1-x-0');
    renameSync(sock('1-x-0'), join(folder, 'other.sock'));
    await kill(other);
    expect(await leases.readLive()).toEqual([]);
    expect(left()).toEqual(['1-file-0.sock', '1-held-0.sock', '1-link-0.sock', 'other.sock']);
  });

  asRoot('of another user', () => {
    const hidden: Processes = { ...procProcesses, find: () => undefined, isHidden: () => true };
    beforeEach(() => {
      chmodSync(parent, 0o755);
      leases.write(
        '1-a-0',
        lease({ isWitnessed: true, pidNamespace: procProcesses.pidNamespace(), supervisor: nobody }),
      );
      chownSync(leases.fileOf('1-a-0'), STRANGER, STRANGER);
    });
    const alive = async (): Promise<number> => (await fileLeases(folder, hidden).readLive()).length;

    test('it is believed where the socket is theirs', async () => {
      await hold('1-a-0');
      chownSync(sock('1-a-0'), STRANGER, STRANGER);
      expect(await alive()).toBe(1);
      expect(await asStranger(() => leases.askWitness('1-a-0'))).toBe('alive');
    });

    test('it is not where it is anybody else’s, a link or a file', async () => {
      await hold('1-a-0');
      expect(await alive()).toBe(0);
      renameSync(sock('1-a-0'), sock('1-b-0'));
      chownSync(sock('1-b-0'), STRANGER, STRANGER);
      symlinkSync(sock('1-b-0'), sock('1-a-0'));
      lchownSync(sock('1-a-0'), STRANGER, STRANGER);
      expect(await alive()).toBe(0);
    });

    test('one of version 0.1.0, which has none, lives while its pid is taken', async () => {
      leases.write('1-a-0', lease({ supervisor: identityOf(startStranger()) }));
      chownSync(leases.fileOf('1-a-0'), STRANGER, STRANGER);
      expect(await alive()).toBe(1);
    });

    const startStranger = (): number => children.start('sleep', ['600'], { uid: STRANGER, gid: STRANGER }).pid;
  });
});
