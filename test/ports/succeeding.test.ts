import { beforeEach, describe, expect, test } from '@jest/globals';
import { type OffsetChoice, offsetRange } from '../../src/domain/offsets.js';
import { type Choice, reserve } from '../../src/ports/reserve.js';
import { inspectedHome } from '../support/fake-home.js';
import { type FakeSystem, failureFrom, fakeSystem, liveLease, processRow, STRANGER } from '../support/fake-system.js';

// A server of ours at offset 0 goes on until the one that is chosen for takes over.

const JVM = 4_000;
const portsAt = (offset: number): number[] => inspectedHome('mi').ports.map(({ base }) => base + offset);
const given = (value: number) => ({ value, by: 'offset' });
const fixedAt = (value: number): OffsetChoice => ({ kind: 'fixed', offset: given(value) });

let system: FakeSystem;
beforeEach(() => {
  system = fakeSystem();
  system.processes.rows.push(processRow(JVM), processRow(STRANGER.pid as number, { name: STRANGER.command as string }));
  const lease = liveLease({
    id: 'ours',
    name: 'mi',
    home: '/opt/mi',
    ports: portsAt(0),
    server: { pid: JVM, startTime: '1' },
  });
  system.leases.live = [lease];
  system.leases.written.set('ours', lease);
});

const succeed = (offset: OffsetChoice, signal = new AbortController().signal): Promise<Choice> => {
  const inspection = inspectedHome('mi');
  return reserve(
    {
      inspection,
      request: { offset },
      range: offsetRange(offset, inspection.configured, inspection.ports),
      stateFolder: '/state',
      leaseId: 'ours',
      avoid: new Set(),
      keepName: 'mi',
      succeeds: { ports: portsAt(0), pids: () => [JVM] },
    },
    signal,
    system,
  );
};

const leased = (): readonly number[] | undefined => system.leases.written.get('ours')?.ports;

describe('the server that goes on leaves its successor', () => {
  test('its ports, whether it has opened them yet or not, and nobody touches them', async () => {
    for (const port of portsAt(0).slice(0, 2)) system.sockets.listen(port, JVM);
    expect(await succeed(fixedAt(0))).toMatchObject({ offset: 0, name: 'mi' });
    expect(system.sockets.bound).toEqual([]);
    expect(system.leases.written.get('ours')).toMatchObject({ ports: portsAt(0), server: { pid: JVM } });
  });

  test('its lease, with the new ports beside its own', async () => {
    expect(await succeed(fixedAt(3))).toMatchObject({ offset: 3 });
    expect(system.sockets.bound).toEqual(portsAt(3));
    expect(leased()).toEqual([...portsAt(0), ...portsAt(3)]);
  });

  test('not what a stranger has of them', async () => {
    const [port = 0] = portsAt(0);
    system.sockets.listen(port, STRANGER.pid as number);
    expect(await failureFrom(succeed(fixedAt(0)))).toMatchObject({
      kind: 'ports-taken',
      taken: [{ number: port, by: STRANGER }],
    });
    expect(leased()).toEqual(portsAt(0));
    expect(await succeed({ kind: 'auto', min: given(0) })).toMatchObject({ offset: 1 });
  });

  test('nothing once its launch is over', async () => {
    const over = new AbortController();
    const choosing = succeed(fixedAt(3), over.signal);
    over.abort(new Error('it is over'));
    await expect(choosing).rejects.toThrow('it is over');
    expect(leased()).toEqual(portsAt(0));
  });
});
