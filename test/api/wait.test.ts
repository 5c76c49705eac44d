import { beforeEach, expect, test } from '@jest/globals';
import { wait } from '../../src/api/index.js';
import { type WaitRequest, waitFor } from '../../src/api/internal/wait.js';
import type { InstanceRecord } from '../../src/domain/instance.js';
import type { Instance } from '../../src/instance/list.js';
import { type FakeSystem, failureOf, fakeSystem, processRow } from '../support/fake-system.js';
import { instanceRecord } from '../support/instance-record.js';

const SERVER = { pid: 100, startTime: 't100' };
const EXIT = { code: 5, failure: 'crashed', at: '2026-11-22T10:00:00.000Z' };

let system: FakeSystem;
beforeEach(() => {
  system = fakeSystem();
});

function keep(more: Partial<InstanceRecord> = {}): void {
  const record = instanceRecord(more);
  system.files.texts.set(`/home/user/.local/state/wso2-launch/instances/${record.name}.json`, JSON.stringify(record));
  system.files.texts.set(system.leases.fileOf(record.leaseId), '{}');
}

const waiting = (more: Partial<WaitRequest> = {}): Promise<Instance | undefined> =>
  waitFor({ name: 'mi', wanted: 'ready', timeoutMs: 60_000, signal: new AbortController().signal, ...more }, system);

const failing = async (more: Partial<WaitRequest> = {}): Promise<unknown> =>
  failureOf((await system.clock.watch(waiting(more))).error);

test('an instance that becomes ready is waited for', async () => {
  keep();
  system.clock.after(5_000, () => keep({ status: 'ready', pid: 101 }));
  expect(await system.clock.watch(waiting())).toMatchObject({ value: { name: 'mi', status: 'ready' }, tookMs: 5_000 });
});

test('one that ends meanwhile is not, though another has its name by then', async () => {
  keep();
  system.clock.after(1_000, () => keep({ status: 'exited', exit: EXIT }));
  expect(await failing()).toMatchObject({ kind: 'not-running', ended: EXIT.at });
  keep();
  system.clock.after(1_000, () => keep({ leaseId: '1-a-b', status: 'ready', pid: 101 }));
  expect(await failing()).toMatchObject({ kind: 'not-running', ended: null });
  keep();
  system.clock.after(1_000, () => keep({ leaseId: '1-a-b', status: 'ready', pid: 101 }));
  expect(await system.clock.watch(waiting({ wanted: 'down' }))).toMatchObject({
    value: { leaseId: '5-one-1', status: 'exited' },
  });
});

test('one that has lost supervisor and guard is not waited for', async () => {
  keep({ supervisor: { pid: 6, startTime: 't6' }, server: SERVER });
  system.processes.rows.push(processRow(100));
  expect(await failing()).toEqual({ kind: 'orphaned', name: 'mi' });
});

test('an end of the wait by a signal is that signal', async () => {
  keep();
  const abort = new AbortController();
  system.clock.after(1_000, () => abort.abort(new Error('enough')));
  expect(await failing({ signal: abort.signal })).toEqual(new Error('enough'));
});

test('the time that it may take is that of the clock', async () => {
  keep();
  expect(await failing({ timeoutMs: 2_000 })).toMatchObject({
    ...{ kind: 'wait-timed-out', name: 'mi', wanted: 'ready', timeout: '2.0 s' },
    missing: 'it is starting, and has not opened 8290 (http)',
  });
});

test.each<[options: object, says: string]>([
  [{ for: 'up' }, "for takes one of 'ready', 'healthy', 'down', not \"up\"."],
  [{ timeoutMs: -1 }, 'timeoutMs takes a number of milliseconds, at most 2147483647, not -1.'],
  [{ timeout: 5 }, 'There is no option timeout. Did you mean timeoutMs?'],
])('the library refuses %j', async (options, says) => {
  await expect(wait(options)).rejects.toMatchObject({ code: 2, message: says });
});

test('the library is ended before it begins by a signal that has fired', async () => {
  await expect(wait({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
});
