import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ProcessIdentity } from '../../src/domain/tree.js';
import { fileLeases, type Lease, type Leases, leaseFolder, newLeaseId } from '../../src/system/leases.js';
import { type Processes, procProcesses } from '../../src/system/processes.js';
import { Children, makeZombie } from '../support/children.js';

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
  expect(() => leases.update('b', { server })).toThrow('ENOENT');
});

test('the folder is for everybody and each file for its owner, whatever the umask', () => {
  const before = process.umask(0o077);
  try {
    leases.write('a', lease());
  } finally {
    process.umask(before);
  }
  expect(statSync(folder).mode & 0o7777).toBe(0o1777);
  expect(statSync(leases.fileOf('a')).mode & 0o022).toBe(0);
});

test('ids do not repeat', () => {
  expect(new Set(Array.from({ length: 1000 }, newLeaseId)).size).toBe(1000);
});

test('all users of a machine share one folder', () => {
  expect(leaseFolder('linux', { TMPDIR: '/home/user/tmp' })).toBe('/tmp/wso2-launch');
  expect(leaseFolder('darwin', { TMPDIR: '/var/folders/x' })).toBe('/tmp/wso2-launch');
  expect(leaseFolder('win32', { ProgramData: 'D:\\Data' })).toMatch(/^D:\\Data.wso2-launch$/);
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
    ['half of one', JSON.stringify({ schemaVersion: 1, name: 'mi' })],
  ])('%s', (_what, text) => {
    writeFileSync(join(folder, 'x.json'), text);
    expect(leases.readLive()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['x.json']);
  });

  test.each<[string, object]>([
    ['a later schema', { schemaVersion: 2 }],
    ['a port that is none', { ports: ['8283'] }],
    ['an offset that is none', { offset: 1.5 }],
    ['no supervisor', { supervisor: null }],
    ['a supervisor without its start', { supervisor: { pid: process.pid } }],
    ['a server without its pid', { server: { startTime: '1' } }],
  ])('one with %s', (_what, change) => {
    writeFileSync(join(folder, 'x.json'), JSON.stringify({ ...lease(), ...change }));
    expect(leases.readLive()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['x.json']);
  });

  test('a huge one', () => {
    writeFileSync(join(folder, 'x.json'), JSON.stringify({ ...lease(), more: 'x'.repeat(65_536) }));
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

  test('a folder', () => {
    mkdirSync(join(folder, 'x.json'));
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

  test('that is a file can neither be read nor written', () => {
    writeFileSync(folder, '');
    expect(() => leases.readLive()).toThrow('ENOTDIR');
    expect(() => leases.write('a', lease())).toThrow();
    expect(readFileSync(folder, 'utf8')).toBe('');
  });

  test('that is a link is not used', () => {
    mkdirSync(join(parent, 'elsewhere'));
    symlinkSync(join(parent, 'elsewhere'), folder);
    expect(() => leases.write('a', lease())).toThrow(`${folder} is not a folder`);
    expect(readdirSync(join(parent, 'elsewhere'))).toEqual([]);
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
