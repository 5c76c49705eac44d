import { beforeEach, expect, test } from '@jest/globals';
import type { InstanceRecord } from '../../src/domain/instance.js';
import { pruneInstances } from '../../src/instance/prune.js';
import { type FakeSystem, failureFrom, fakeSystem } from '../support/fake-system.js';
import { instanceRecord } from '../support/instance-record.js';

const state = '/home/user/.local/state/wso2-launch';

let system: FakeSystem;
beforeEach(() => {
  system = fakeSystem();
});

function keep(more: Partial<InstanceRecord>): void {
  const record = instanceRecord(more);
  system.files.texts.set(`${state}/instances/${record.name}.json`, JSON.stringify(record));
  for (const end of ['', '.1', '.2']) system.files.texts.set(`${state}/logs/${record.name}.log${end}`, 'line\n');
}

const left = (): string[] => [...system.files.texts.keys()].filter((path) => path.startsWith(state)).sort();
const END = { status: 'exited', pid: null, exit: { code: 0, at: '2026-11-22T10:00:00.000Z' } } as const;
const logsOf = (name: string): string[] => ['', '.1', '.2'].map((end) => `${state}/logs/${name}.log${end}`);

test('what has ended is forgotten, with its logs; what runs is not', async () => {
  keep({ name: 'ended', ...END });
  keep({ name: 'killed', supervisor: { pid: 6, startTime: 't6' }, leaseId: '6-a-b' });
  keep({ name: 'runs', leaseId: '5-a-b' });
  system.files.texts.set(system.leases.fileOf('5-a-b'), '{}');
  expect(await pruneInstances(false, system)).toEqual(['ended', 'killed']);
  expect(left()).toEqual([`${state}/instances/runs.json`, ...logsOf('runs')]);
});

test('logs may be kept', async () => {
  keep({ name: 'ended', ...END });
  expect(await pruneInstances(true, system)).toEqual(['ended']);
  expect(left()).toEqual(logsOf('ended'));
});

test('certificates of what has ended, and drafts of them, go as well, and those of others stay', async () => {
  keep({ name: 'mi', ...END });
  const generated = (name: string): string => `${state}/generated/${name}`;
  const others = ['mi.chain.chain.pem', 'mi-2.chain.pem', 'mi.chain.pem.txt'].map(generated);
  for (const name of ['mi.chain.pem', 'mi.roots.pem', 'mi.roots.pem.77', 'mi.chain.pem.78.tmp'].map(generated))
    system.files.texts.set(name, 'PEM');
  for (const name of others) system.files.texts.set(name, 'PEM');
  expect(await pruneInstances(false, system)).toEqual(['mi']);
  expect(left()).toEqual(others.sort());
});

test('a name that a launch has just taken is left to it', async () => {
  keep({ name: 'ended', ...END });
  const lease = { name: 'ended', stateFolder: state };
  system.leases.readLive = async () => [lease] as never;
  expect(await pruneInstances(false, system)).toEqual([]);
  system.leases.readLive = async () => [{ ...lease, stateFolder: '/elsewhere' }] as never;
  expect(await pruneInstances(false, system)).toEqual(['ended']);
});

test('nothing is forgotten while another launcher chooses', async () => {
  keep({ name: 'ended', ...END });
  system.mutex.acquire = async () => undefined;
  expect(await failureFrom(pruneInstances(false, system))).toMatchObject({ kind: 'choosing-blocked' });
  expect(left()).toHaveLength(4);
});
