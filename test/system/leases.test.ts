import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
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
import type { ProcessIdentity } from '../../src/domain/tree.js';
import { fileLeases, type Lease, type Leases, leaseFolder, newLeaseId } from '../../src/system/leases.js';
import { type Processes, procProcesses } from '../../src/system/processes.js';
import { Children, makeZombie } from '../support/children.js';
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
function asStranger<T>(action: () => T): T {
  process.seteuid?.(STRANGER);
  try {
    return action();
  } finally {
    process.seteuid?.(0);
  }
}

test('a lease is read as it was written, until it is removed', () => {
  leases.write('a', lease());
  expect(leases.readLive()).toEqual([{ ...lease(), id: 'a', isSupervised: true, sharesPorts: true }]);
  leases.remove('a');
  expect(leases.readLive()).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
  leases.remove('a');
});

test('a lease is changed as a whole, and nothing else of it', () => {
  const server = identityOf(process.pid);
  leases.write('a', lease());
  leases.update('a', { server, ports: [1] });
  expect(leases.readLive()).toMatchObject([{ ...lease(), server, ports: [1] }]);
  expect(readdirSync(folder)).toEqual(['a.json']);
});

describe('a change puts a lease back that is gone:', () => {
  test.each<[string, () => unknown]>([
    ['with its folder', () => rmSync(folder, { recursive: true })],
    ['by itself', () => rmSync(leases.fileOf('a'))],
    ['torn', () => writeFileSync(leases.fileOf('a'), '{')],
    [
      'behind a pipe that nobody writes to',
      async () => {
        rmSync(leases.fileOf('a'));
        await children.start('mkfifo', [leases.fileOf('a')]).ended;
      },
    ],
  ])('%s', async (_how, lose) => {
    leases.write('a', lease());
    await lose();
    leases.update('a', { ports: [1] });
    expect(leases.readLive()).toEqual([{ ...lease({ ports: [1] }), id: 'a', isSupervised: true, sharesPorts: true }]);
    expect(statSync(folder).mode & 0o7777).toBe(0o1777);
  });
});

test('the folder is for everybody and each file for its owner, whatever the umask', () => {
  const before = process.umask(0o077);
  try {
    leases.write('a', lease());
  } finally {
    process.umask(before);
  }
  expect(statSync(folder).mode & 0o7777).toBe(0o1777);
  expect(statSync(leases.fileOf('a')).mode & 0o7777).toBe(0o644);
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
    leases.write('a', lease({ supervisor: await deadProcess() }));
    expect(leases.readLive()).toEqual([]);
    expect(existsSync(leases.fileOf('a'))).toBe(false);
  });

  test('is dead though the pid is used again', () => {
    leases.write('a', lease({ supervisor: { pid: process.pid, startTime: '1' } }));
    expect(leases.readLive()).toEqual([]);
    expect(existsSync(leases.fileOf('a'))).toBe(false);
  });

  test('is dead though the supervisor was never collected', async () => {
    leases.write('a', lease({ supervisor: identityOf(await makeZombie(children)) }));
    expect(leases.readLive()).toEqual([]);
  });

  test('lives while its server does, and not a moment longer', async () => {
    const server = children.shell('echo up; exec sleep 600', { detached: true });
    await server.line();
    leases.write('a', lease({ supervisor: nobody, server: identityOf(server.pid) }));
    expect(leases.readLive()).toMatchObject([{ id: 'a', isSupervised: false, sharesPorts: true }]);
    server.child.kill('SIGKILL');
    await server.ended;
    expect(leases.readLive()).toEqual([]);
  });

  test('lives while anything of the session does, though its script is gone', async () => {
    const script = children.shell('sleep 600 & echo $!; exec sleep 600', { detached: true });
    children.adopt(await script.number());
    const server = identityOf(script.pid);
    script.child.kill('SIGKILL');
    await script.ended;
    leases.write('a', lease({ supervisor: nobody, server }));
    expect(leases.readLive()).toMatchObject([{ id: 'a', isSupervised: false }]);
  });

  test('is dead though the pid of its server is used again', () => {
    const server = { pid: process.pid, startTime: '1' };
    leases.write('a', lease({ supervisor: nobody, server }));
    expect(leases.readLive()).toEqual([]);
  });
});

test('a lease of another boot is dead, and cleared away', () => {
  leases.write('a', lease({ boot: '00000000-0000-0000-0000-000000000000' }));
  expect(leases.readLive()).toEqual([]);
  expect(existsSync(leases.fileOf('a'))).toBe(false);
});

test('a lease of another network keeps its home, and not its ports', () => {
  leases.write('a', lease({ networkNamespace: 'net:[1]' }));
  expect(leases.readLive()).toMatchObject([{ id: 'a', sharesPorts: false }]);
});

test('a dead lease of another network is left to those who can judge it', () => {
  leases.write('a', lease({ networkNamespace: 'net:[1]', supervisor: nobody }));
  expect(leases.readLive()).toEqual([]);
  expect(existsSync(leases.fileOf('a'))).toBe(true);
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
  ])('%s', (_what, text) => {
    writeFileSync(join(folder, 'x.json'), text);
    expect(leases.readLive()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['x.json']);
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
  ])('one with %s', (_what, change) => {
    writeFileSync(join(folder, 'x.json'), JSON.stringify({ ...lease(), ...change }));
    expect(leases.readLive()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['x.json']);
  });

  test('a huge one', () => {
    writeFileSync(join(folder, 'x.json'), JSON.stringify({ ...lease(), more: 'x'.repeat(65_536) }));
    expect(leases.readLive()).toEqual([]);
  });

  test('a huge one without content', () => {
    writeFileSync(join(folder, 'x.json'), JSON.stringify(lease()));
    truncateSync(join(folder, 'x.json'), 2 ** 40);
    expect(leases.readLive()).toEqual([]);
  });

  test('a link to one', () => {
    writeFileSync(join(parent, 'real.json'), JSON.stringify(lease()));
    symlinkSync(join(parent, 'real.json'), join(folder, 'x.json'));
    expect(leases.readLive()).toEqual([]);
    expect(existsSync(join(parent, 'real.json'))).toBe(true);
  });

  test('a pipe, on which nobody waits', async () => {
    await children.start('mkfifo', [join(folder, 'x.json')]).ended;
    expect(readdirSync(folder)).toEqual(['x.json']);
    expect(leases.readLive()).toEqual([]);
  });

  test('a pipe that somebody keeps full', async () => {
    const writer = children.shell('mkfifo x.json; exec 3<>x.json; echo up; exec yes >&3', { cwd: folder });
    await writer.line();
    expect(leases.readLive()).toEqual([]);
  });

  test('a socket', async () => {
    const server = createServer().listen(join(folder, 'x.json'));
    await once(server, 'listening');
    expect(leases.readLive()).toEqual([]);
    server.close();
  });

  test('a folder, with another one in it', () => {
    mkdirSync(join(folder, 'x.json', 'y.json'), { recursive: true });
    expect(leases.readLive()).toEqual([]);
  });

  test('one that is being written', () => {
    writeFileSync(join(folder, 'x.json.tmp'), JSON.stringify(lease()));
    expect(leases.readLive()).toEqual([]);
  });

  test('and the leases beside it are read all the same', () => {
    writeFileSync(join(folder, 'x.json'), '{');
    leases.write('a', lease());
    expect(leases.readLive().map(({ id }) => id)).toEqual(['a']);
  });
});

describe('a folder', () => {
  test('that is not there yet holds no leases', () => {
    expect(leases.readLive()).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  test.each<[string, () => void]>([
    ['a file', () => writeFileSync(folder, 'mine')],
    ['a link to nowhere', () => symlinkSync(join(parent, 'nowhere'), folder)],
    ['a link to another one', () => symlinkSync(join(parent, 'elsewhere'), folder)],
  ])('that is %s is neither read nor written, for one reason', async (_what, lay) => {
    const elsewhere = fileLeases(join(parent, 'elsewhere'), procProcesses);
    elsewhere.write('dead', lease({ supervisor: nobody }));
    utimesSync(elsewhere.fileOf('dead'), 1, 1);
    writeFileSync(join(parent, 'elsewhere', 'old.tmp'), '');
    utimesSync(join(parent, 'elsewhere', 'old.tmp'), 1, 1);
    lay();

    const refusal = new Error(`${folder} is not a folder`);
    expect(() => leases.readLive()).toThrow(refusal);
    expect(() => leases.write('a', lease())).toThrow(refusal);
    expect(() => leases.update('a', {})).toThrow(refusal);
    leases.remove('a');
    expect(readdirSync(join(parent, 'elsewhere')).sort()).toEqual(['dead.json', 'old.tmp']);
    expect(existsSync(join(parent, 'nowhere'))).toBe(false);
  });

  test('with thousands of dead leases is read, and cleared', () => {
    mkdirSync(folder);
    const dead = JSON.stringify(lease({ supervisor: nobody, server: nobody }));
    for (let number = 0; number < 3000; number++) writeFileSync(join(folder, `${number}.json`), dead);
    leases.write('a', lease());
    expect(leases.readLive().map(({ id }) => id)).toEqual(['a']);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });
});

test('what a killed writer has left does not keep the next one from writing', () => {
  mkdirSync(folder);
  writeFileSync(`${leases.fileOf('a')}.tmp`, '{"schemaV');
  leases.write('a', lease());
  leases.update('a', { ports: [1] });
  expect(leases.readLive()).toMatchObject([{ id: 'a', ports: [1] }]);
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('a lease that could not be put in its place leaves nothing', () => {
  mkdirSync(leases.fileOf('a'), { recursive: true });
  expect(() => leases.write('a', lease())).toThrow('EISDIR');
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('ports that no server can have promise nothing, and the home is taken all the same', () => {
  leases.write('a', lease({ ports: [0, -1, 70_000, 2 ** 53] }));
  expect(leases.readLive()).toMatchObject([{ id: 'a', home: '/opt/mi' }]);
});

asRoot('another user', () => {
  beforeEach(() => chmodSync(parent, 0o755));

  const give = (id: string): void => chownSync(leases.fileOf(id), STRANGER, STRANGER);
  const startTheirs = (): number => children.start('sleep', ['600'], { uid: STRANGER, gid: STRANGER }).pid;

  test('is believed about a process of their own', async () => {
    const pid = startTheirs();
    await until('a process of theirs', () => statSync(`/proc/${pid}`).uid === STRANGER);
    leases.write('a', lease({ supervisor: identityOf(pid) }));
    give('a');
    expect(leases.readLive()).toMatchObject([{ id: 'a', isSupervised: true, sharesPorts: true }]);
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
    leases.write('a', lease(claim()));
    give('a');
    expect(leases.readLive()).toEqual([]);
    expect(existsSync(leases.fileOf('a'))).toBe(true);
  });

  test("finds ours, and can't take it away", () => {
    leases.write('live', lease({ supervisor: identityOf(startOurs()) }));
    leases.write('dead', lease({ supervisor: nobody }));
    asStranger(() => {
      expect(leases.readLive().map(({ id }) => id)).toEqual(['live']);
      leases.remove('live');
    });
    expect(readdirSync(folder).sort()).toEqual(['dead.json', 'live.json']);
  });

  test('writes beside us, and clears away what is theirs', () => {
    leases.write('ours', lease({ supervisor: identityOf(startOurs()) }));
    asStranger(() => {
      leases.write('theirs', lease({ supervisor: nobody }));
      expect(statSync(leases.fileOf('theirs')).uid).toBe(STRANGER);
      expect(leases.readLive().map(({ id }) => id)).toEqual(['ours']);
    });
    expect(readdirSync(folder)).toEqual(['ours.json']);
  });

  test("can't make us write through a link of theirs", () => {
    leases.write('ours', lease());
    const target = join(parent, 'target');
    writeFileSync(target, 'precious');
    chmodSync(target, 0o666);
    symlinkSync(target, `${leases.fileOf('a')}.tmp`);
    // Here root is the mischief, for it can't be kept from removing a link.
    asStranger(() => expect(() => leases.write('a', lease())).toThrow('EEXIST'));
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });

  test('passes over files that they may not read', () => {
    const ours = lease({ supervisor: identityOf(startOurs()) });
    for (const [id, mode] of [
      ['open', 0o644],
      ['private', 0o600],
      ['closed', 0o000],
    ] as const) {
      leases.write(id, ours);
      chmodSync(leases.fileOf(id), mode);
    }
    expect(asStranger(() => leases.readLive()).map(({ id }) => id)).toEqual(['open']);
  });

  test.each([
    ['be written', 0o755, true, false],
    ['be entered', 0o700, false, false],
    ['be read', 0o733, false, true],
  ])("is told of a folder that can't %s", (_what, mode, canRead, canWrite) => {
    mkdirSync(folder);
    chmodSync(folder, mode);
    asStranger(() => {
      if (canRead) expect(leases.readLive()).toEqual([]);
      else expect(() => leases.readLive()).toThrow('EACCES');
      if (canWrite) leases.write('a', lease());
      else expect(() => leases.write('a', lease())).toThrow('EACCES');
    });
    expect(readdirSync(folder)).toEqual(canWrite ? ['a.json'] : []);
  });
});

test('the process table is read once, and only where a supervisor is gone', () => {
  let snapshots = 0;
  const counting: Processes = {
    ...procProcesses,
    snapshot: () => {
      snapshots += 1;
      return procProcesses.snapshot();
    },
  };
  const counted = fileLeases(folder, counting);
  counted.write('a', lease());
  counted.readLive();
  expect(snapshots).toBe(0);
  for (const id of ['b', 'c', 'd']) counted.write(id, lease({ supervisor: nobody, server: nobody }));
  counted.readLive();
  expect(snapshots).toBe(1);
});

test('what a launcher that was killed while writing has left is cleared away, and nothing younger', () => {
  leases.write('live', lease());
  const [old, young] = [join(folder, 'old.json.tmp'), join(folder, 'young.json.tmp')];
  writeFileSync(old, '');
  writeFileSync(young, '');
  utimesSync(old, 1, 1);
  expect(leases.readLive()).toHaveLength(1);
  expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
});

test('a whole draft whose writer was killed is cleared away at once', async () => {
  const [left, current] = [join(folder, 'left.json.tmp'), join(folder, 'current.json.tmp')];
  leases.write('live', lease());
  writeFileSync(left, JSON.stringify(lease({ supervisor: await deadProcess() })));
  writeFileSync(current, JSON.stringify(lease()));
  expect(leases.readLive().map(({ id }) => id)).toEqual(['live']);
  expect([existsSync(left), existsSync(current)]).toEqual([false, true]);
});
