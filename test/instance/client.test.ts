import { beforeEach, describe, expect, test } from '@jest/globals';
import type { InstanceRecord } from '../../src/domain/instance.js';
import { askSupervisor, stopInstance } from '../../src/instance/client.js';
import { type Instance, listInstances } from '../../src/instance/list.js';
import { type FakeSystem, failureOf, fakeSystem } from '../support/fake-system.js';
import { instanceRecord } from '../support/instance-record.js';

const FILE = '/home/user/.local/state/wso2-launch/instances/mi.json';
const NOBODY = new Error('connect ECONNREFUSED');

let system: FakeSystem;
let instance: Instance;
beforeEach(async () => {
  system = fakeSystem();
  keep({ status: 'ready', pid: 101, server: { pid: 100, startTime: 't100' } });
  [instance] = (await listInstances(system)) as [Instance];
});

const keep = (more: Partial<InstanceRecord>): void => {
  const record = instanceRecord(more);
  system.files.texts.set(FILE, JSON.stringify(record));
  system.files.texts.set(system.leases.fileOf(record.leaseId), '{}');
};

/** Nobody listens, though the supervisor's process is still there. */
const nobodyListens = (meanwhile: () => void = () => {}): void => {
  system.control.ask = async () => {
    meanwhile();
    throw NOBODY;
  };
};

/** What the stop fails with; undefined where it does not. */
const stop = async (): Promise<unknown> => {
  const { error } = await system.clock.watch(stopInstance(instance, new AbortController().signal, system));
  return error === undefined ? undefined : failureOf(error);
};

describe('where nobody listens any more', () => {
  test('one that has ended meanwhile is stopped as asked', async () => {
    nobodyListens(() => keep({ status: 'exited', pid: null }));
    expect(await stop()).toBeUndefined();
  });

  test('one whose name is another one by now is stopped as asked', async () => {
    nobodyListens(() => keep({ status: 'ready', leaseId: '7-another-1' }));
    expect(await stop()).toBeUndefined();
  });

  test('one that has ended before it could be asked for anything else is told as ended', async () => {
    nobodyListens(() => keep({ status: 'exited', pid: null }));
    expect(await askSupervisor(instance, 'restart', { hear: () => false }, system)).toBeUndefined();
  });

  describe.each(['ECONNRESET', 'EPIPE'])('one that drops whoever asks it (%s), and is gone a moment later,', (code) => {
    beforeEach(() => {
      system.control.ask = async () => {
        system.clock.after(100, () => void system.processes.rows.splice(0));
        throw Object.assign(new Error(code), { code });
      };
    });

    test('is stopped as asked', async () => {
      expect(await stop()).toBeUndefined();
    });

    test('is not told as suspended to who asks for a restart', async () => {
      const asked = askSupervisor(instance, 'restart', { hear: () => false }, system);
      expect(await system.clock.watch(asked)).toEqual(expect.not.objectContaining({ error: expect.anything() }));
    });
  });

  test.each([
    ['still runs', () => {}],
    ['has lost its record', () => void system.files.texts.delete(FILE)],
  ])('one that %s is told of', async (_, meanwhile) => {
    nobodyListens(meanwhile);
    expect(await stop()).toMatchObject({ kind: 'no-answer', reason: NOBODY.message });
  });
});
