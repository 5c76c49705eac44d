import { beforeEach, describe, expect, test } from '@jest/globals';
import type { InstanceRecord } from '../../src/domain/instance.js';
import {
  clearAway,
  findInstance,
  findOnlyRunning,
  findRunning,
  isRunning,
  listInstances,
} from '../../src/instance/list.js';
import type { Testimony } from '../../src/system/witness.js';
import { type FakeSystem, failureFrom, fakeSystem, processRow } from '../support/fake-system.js';
import { instanceRecord } from '../support/instance-record.js';

const SERVER = { pid: 100, startTime: 't100' };
const GONE = { pid: 6, startTime: 't6' };

let system: FakeSystem;
const folder = '/home/user/.local/state/wso2-launch/instances';
const put = (name: string, text: string): void => void system.files.texts.set(`${folder}/${name}`, text);
const keep = (more: Partial<InstanceRecord> = {}): InstanceRecord => {
  const record = instanceRecord({ status: 'ready', pid: 101, server: SERVER, ...more });
  put(`${record.name}.json`, JSON.stringify(record));
  system.files.texts.set(system.leases.fileOf(record.leaseId), '{}');
  return record;
};
beforeEach(() => {
  system = fakeSystem();
});

const statuses = async (): Promise<unknown[]> =>
  (await listInstances(system)).map(({ name, status, pid }) => [name, status, pid]);

test('in the state folder of another user, instances are not said to be none', async () => {
  keep();
  const files = Object.assign(system.files, { whyNotOurs: () => 'foreign' as const });
  const list = listInstances({ ...system, files });
  await expect(list).rejects.toThrow(
    "The state folder /home/user/.local/state/wso2-launch can't be used: it belongs to another user.",
  );
});

test('a record in which anything is nested too deeply is none', async () => {
  const record = keep();
  const depth = 20_000;
  const text = JSON.stringify({ ...record, ports: [{ name: 'http', number: 1, more: 'DEEP' }] });
  put('mi.json', text.replace('"DEEP"', '['.repeat(depth) + ']'.repeat(depth)));
  expect(await listInstances(system)).toEqual([]);
});

describe('an instance is', () => {
  test('what its supervisor has written, while that lives', async () => {
    const record = keep();
    expect(await listInstances(system)).toEqual([record]);
  });

  describe('exited where its guard has cleared up behind a thread of a process that lives', () => {
    const guarded = (): InstanceRecord => {
      const record = keep();
      system.files.texts.delete(system.leases.fileOf(record.leaseId));
      return record;
    };
    test('it is', async () => {
      guarded();
      expect(await statuses()).toEqual([['mi', 'exited', null]]);
    });
    test.each<[what: string, add: (record: InstanceRecord) => void]>([
      ['not while it has its lease', ({ leaseId }) => system.files.texts.set(system.leases.fileOf(leaseId), '{}')],
      ['not while it can be asked', ({ socket }) => system.files.texts.set(socket, '')],
      [
        'not while its server runs',
        () => system.processes.rows.push(processRow(100), processRow(101, { session: 100 })),
      ],
    ])('%s', async (_what, add) => {
      add(guarded());
      expect(await statuses()).toEqual([['mi', 'ready', 101]]);
    });
  });

  test('exited where it has said so, whoever lives', async () => {
    keep({ status: 'exited', pid: null });
    system.processes.rows.push(processRow(100), processRow(101, { session: 100 }));
    expect(await statuses()).toEqual([['mi', 'exited', null]]);
  });

  test('orphaned where its supervisor is gone and its script is not', async () => {
    keep({ supervisor: GONE });
    system.processes.rows.push(processRow(100), processRow(101, { session: 100 }));
    expect(await statuses()).toEqual([['mi', 'orphaned', 101]]);
  });

  test('orphaned where the pid of its supervisor is another process by now', async () => {
    keep({ supervisor: { pid: 5, startTime: 'long ago' } });
    system.processes.rows.push(processRow(100));
    expect(await statuses()).toEqual([['mi', 'orphaned', null]]);
  });

  test.each<[what: string, record: Partial<InstanceRecord>]>([
    ['nothing of it lives', { supervisor: GONE }],
    ['it never came so far as to start its server', { supervisor: GONE, server: null }],
    ['it was on another boot, whoever has its pids now', { boot: 'another' }],
  ])('exited where %s', async (_what, record) => {
    keep(record);
    expect(await statuses()).toEqual([['mi', 'exited', null]]);
  });

  test('exited where its script is a zombie, or a younger process with the same pid', async () => {
    keep({ supervisor: GONE });
    for (const row of [processRow(100, { isZombie: true }), processRow(100, { startTime: 'later' })]) {
      system.processes.rows = [row];
      expect(await statuses()).toEqual([['mi', 'exited', null]]);
    }
  });

  describe('where only the session of its script is left', () => {
    beforeEach(() => {
      keep({ supervisor: GONE });
      system.processes.rows.push(processRow(101, { session: 100, group: 100 }));
    });

    test('orphaned if a process there carries its tag', async () => {
      system.processes.withVariable = () => new Set([101]);
      expect(await statuses()).toEqual([['mi', 'orphaned', 101]]);
    });

    test('orphaned if a process there writes its log, which its JVM no longer does', async () => {
      system.processes.rows = [processRow(103, { session: 100, group: 100 })];
      system.processes.openFiles.set(103, ['/home/user/.local/state/wso2-launch/logs/mi.log']);
      expect(await statuses()).toEqual([['mi', 'orphaned', null]]);
    });

    test('exited if none does either: it is the session of somebody else', async () => {
      expect(await statuses()).toEqual([['mi', 'exited', null]]);
    });
  });
});

describe('an instance of another PID namespace, whose pids are others’ here, is', () => {
  const THERE = { pidNamespace: 'pid:[2]', leasePlace: '1:1', supervisor: { pid: 5, startTime: 't5' } };
  beforeEach(() => {
    keep(THERE);
    system.processes.rows.push(processRow(100));
  });
  const tagged = (): void => {
    system.processes.rows.push(processRow(700, { startTime: 't100' }));
    system.processes.withVariable = () => new Set([700]);
  };
  const testimonies: [Testimony, boolean, string, unknown][] = [
    ['alive', true, 'what it has written', ['ready', undefined]],
    ['alive', false, 'what it has written', ['ready', undefined]],
    ['unheard', false, 'what it has written', ['ready', undefined]],
    ['dead', false, 'exited, and left to those who see it', ['exited', undefined]],
    ['missing', false, 'exited, and left to those who see it', ['exited', undefined]],
    ['dead', true, 'exited, and cleared away', ['exited', '/sockets/5-one-1']],
    ['unheard', true, 'exited, and cleared away', ['exited', '/sockets/5-one-1']],
  ];
  test.each(testimonies)('with a witness that is %s (and all pids seen: %s) %s', async (said, seesAll, _what, is) => {
    system.leases.testimony = said;
    system.processes.isOutermost = seesAll;
    const [instance] = await listInstances(system);
    expect([instance?.status, system.control.forgotten[0]]).toEqual(is);
    expect(instance?.isElsewhere).toBe(true);
  });

  test('what it has written where its lease would lie in another folder', async () => {
    keep({ ...THERE, leasePlace: '1:2' });
    expect(await statuses()).toEqual([['mi', 'ready', 101]]);
  });

  test('what it has written while its supervisor listens', async () => {
    system.leases.testimony = 'dead';
    system.control.heard.add('/sockets/5-one-1');
    expect(await statuses()).toEqual([['mi', 'ready', 101]]);
  });

  test('orphaned where processes of it are seen here, by their pids of here', async () => {
    tagged();
    system.leases.testimony = 'dead';
    const [instance] = await listInstances(system);
    expect(instance).toMatchObject({ status: 'orphaned', pid: null, server: { pid: 700, startTime: 't100' } });
    expect(instance).not.toHaveProperty('isElsewhere');
  });

  test('not orphaned where nobody can say whether its supervisor lives', async () => {
    tagged();
    system.leases.testimony = 'unheard';
    system.processes.isOutermost = true;
    expect(await statuses()).toEqual([['mi', 'ready', 101]]);
  });

  test('exited where it was on another boot', async () => {
    keep({ ...THERE, boot: 'another' });
    expect(await statuses()).toEqual([['mi', 'exited', null]]);
  });
});

describe('the copy of a configuration that nobody else can remove', () => {
  const COPY = '/home/user/.local/state/wso2-launch/generated/mi.toml';
  const OTHER = COPY.replace('mi.toml', 'other.toml');
  const MARK = '/opt/mi/repository/resources/conf/.metadata/metadata_config.properties';
  beforeEach(() => {
    for (const file of [COPY, OTHER, MARK]) system.files.texts.set(file, '');
  });

  test('goes with what its server remembers of it, and no other does', async () => {
    keep({ supervisor: GONE });
    await listInstances(system);
    const left = [...system.files.texts.keys()].filter((path) => !path.startsWith('/leases/'));
    expect(left).toEqual([OTHER, `${folder}/mi.json`]);
  });

  test('stays while the instance is there', async () => {
    keep();
    await listInstances(system);
    expect(system.files.texts.has(COPY)).toBe(true);
  });

  test('stays where the name has been given away', () => {
    const gone = keep({ supervisor: GONE });
    keep({ leaseId: '5-two-2' });
    clearAway(gone, system);
    expect(system.files.texts.has(COPY)).toBe(true);
  });
});

test('files that are no records, or of another name, say nothing', async () => {
  const record = keep();
  put('copy.json', JSON.stringify(record));
  put('torn.json', JSON.stringify({ ...record, name: 'torn' }).slice(0, 99));
  put('newer.json', JSON.stringify({ ...record, name: 'newer', schemaVersion: 2 }));
  put('mi.json.tmp', JSON.stringify(record));
  put('.json', JSON.stringify({ ...record, name: '' }).slice(1));
  expect(await statuses()).toEqual([['mi', 'ready', 101]]);
});

test('where its log and its socket are is told by its name and its lease, whatever a record says', async () => {
  const record = keep();
  keep({ logFile: '/etc/shadow', socket: '/etc/passwd' });
  expect(await listInstances(system)).toEqual([record]);
  keep({ logFile: '/etc/shadow', socket: '/etc/passwd', supervisor: GONE });
  await listInstances(system);
  expect(system.control.forgotten).toEqual(['/sockets/5-one-1']);
});

test('a file that can not be read says nothing', async () => {
  keep();
  system.files.readText = () => {
    throw new Error('EACCES');
  };
  expect(await listInstances(system)).toEqual([]);
});

describe('by its name', () => {
  test('one is found, running or not', async () => {
    const record = keep();
    const logFile = '/home/user/.local/state/wso2-launch/logs/old.log';
    const ended = keep({ name: 'old', status: 'exited', pid: null, logFile });
    expect(await findInstance('mi', system)).toEqual(record);
    expect(await findRunning('mi', system)).toEqual(record);
    expect(await findInstance('old', system)).toEqual(ended);
    expect([record, ended].map(isRunning)).toEqual([true, false]);
  });

  test('an unknown one is refused with those that run', async () => {
    keep();
    keep({ name: 'old', status: 'exited' });
    expect(await failureFrom(findInstance('m', system))).toMatchObject({
      kind: 'unknown-instance',
      name: 'm',
      known: ['mi'],
    });
  });

  test('one that has ended is refused with its end and its log', async () => {
    const at = '2026-11-22T07:00:00.000Z';
    keep({ status: 'exited', exit: { code: 5, failure: 'crashed', at } });
    const logFile = '/home/user/.local/state/wso2-launch/logs/mi.log';
    expect(await failureFrom(findRunning('mi', system))).toEqual({
      kind: 'not-running',
      name: 'mi',
      ended: at,
      logFile,
    });
    keep({ supervisor: GONE });
    expect(await failureFrom(findRunning('mi', system))).toEqual({
      kind: 'not-running',
      name: 'mi',
      ended: null,
      logFile,
    });
  });
});

describe('a name', () => {
  test('may be an alias of the product that an instance is named after', async () => {
    keep({ name: 'control-plane', product: 'control-plane' });
    for (const name of ['control-plane', 'acp']) {
      expect(await findRunning(name, system)).toMatchObject({ name: 'control-plane' });
    }
    expect(await failureFrom(findRunning('tm', system))).toMatchObject({ kind: 'unknown-instance', name: 'tm' });
  });

  test('that an instance has is no alias', async () => {
    keep({ name: 'control-plane', product: 'control-plane' });
    keep({ name: 'acp', leaseId: '1-a-b' });
    expect(await findInstance('acp', system)).toMatchObject({ name: 'acp' });
  });

  test('need not be given where one instance runs', async () => {
    expect(await failureFrom(findOnlyRunning(system))).toEqual({ kind: 'none-running' });
    keep({ name: 'mi' });
    keep({ name: 'ended', leaseId: '1-a-b', status: 'exited', exit: { code: 0, at: '2026-11-22T10:00:00.000Z' } });
    expect(await findOnlyRunning(system)).toMatchObject({ name: 'mi' });
    keep({ name: 'other', leaseId: '1-a-c' });
    expect(await failureFrom(findOnlyRunning(system))).toEqual({ kind: 'several-running', names: ['mi', 'other'] });
  });
});
