import { beforeEach, describe, expect, test } from '@jest/globals';
import { chooseBeside } from '../../src/ports/beside.js';
import type { Lease, LiveLease } from '../../src/system/leases.js';
import { type FakeSystem, failureOf, fakeSystem, liveLease } from '../support/fake-system.js';

const OURS = 'm';
const quiet = new AbortController().signal;

let system: FakeSystem;
/** How often we have chosen. */
let tries: number;
beforeEach(() => {
  system = fakeSystem();
  tries = 0;
  system.leases.readLive = async () => [
    ...[...system.leases.written].map(([id, lease]) => ({ ...liveLease(), ...lease, id })),
    ...system.leases.live,
  ];
});

const mine = (): Lease => liveLease({ name: 'mi', home: '/opt/mi', ports: [9443, 9444] });
const rival = (id: string, more: Partial<LiveLease> = {}): LiveLease => liveLease({ id, ports: [9444, 9445], ...more });

/** `react`: what others do once our lease is there. */
const choose = (react: (tries: number) => void = () => {}) =>
  system.clock.watch(
    chooseBeside(
      OURS,
      async () => {
        system.leases.write(OURS, mine());
        tries += 1;
        react(tries);
        return tries;
      },
      quiet,
      system,
    ),
  );

const others = (...leases: readonly LiveLease[]): void => {
  system.leases.live = [...leases];
};

test('a choice that nobody rivals is the last, at once', async () => {
  expect(await choose()).toEqual({ value: 1, tookMs: 0 });
  expect([...system.leases.written.keys()]).toEqual([OURS]);
});

test('it is not looked for rivals before the turn has passed in which it was made', async () => {
  Object.assign(system.mutex, { untilPassed: async () => others(rival('z')) });
  expect((await choose()).value).not.toBe(1);
});

describe('it is given up for one that comes', () => {
  test.each<[string, Partial<LiveLease>]>([
    ['with a port of ours', {}],
    ['with our home', { ports: [], home: '/opt/mi' }],
    ['with our name', { ports: [], name: 'mi' }],
  ])('before ours, %s', async (_what, more) => {
    const { value } = await choose((count) => others(...(count < 3 ? [rival('a', more)] : [])));
    expect(value).toBe(3);
  });

  test('after ours, if it stays', async () => {
    const { value } = await choose((count) => others(...(count < 3 ? [rival('z')] : [])));
    expect(value).toBe(3);
  });
});

describe('it stays beside one', () => {
  test('that comes after ours, and goes', async () => {
    const chosen = choose(() => others(rival('z')));
    system.clock.after(200, () => others());
    expect((await chosen).value).toBe(1);
  });

  test.each<[string, Partial<LiveLease>]>([
    ['of other ports, home and name', { ports: [9445] }],
    ['whose ports are those of another network', { keepsPorts: false }],
    [
      'of another user, who claims our home and name',
      { ports: [], home: '/opt/mi', name: 'mi', stranger: { uid: 1, gid: 1 } },
    ],
    ['of our name, in another state folder', { ports: [], name: 'mi', stateFolder: '/other' }],
  ])('%s', async (_what, more) => {
    expect((await choose(() => others(rival('a', more)))).value).toBe(1);
  });
});

test('another user who writes a lease to spite each of ours does not keep us for ever', async () => {
  const { value } = await choose(() => others(rival('a', { stranger: { uid: 1000, gid: 1000 } })));
  expect(value).toBe(6);
});

test('one of ours that never gives way is told of, and nothing is left', async () => {
  const { error } = await choose(() => others(rival('a')));
  expect(failureOf(error)).toMatchObject({ kind: 'choosing-blocked' });
  expect(system.leases.written.size).toBe(0);
});

test('nothing is left where somebody asks for the end', async () => {
  const asked = new AbortController();
  system.clock.after(10_000, () => asked.abort({ exitCode: 130 }));
  const write = async (): Promise<void> => system.leases.write(OURS, mine());
  others(rival('a'));
  const { error } = await system.clock.watch(chooseBeside(OURS, write, asked.signal, system));
  expect(error).toEqual({ exitCode: 130 });
  expect(system.leases.written.size).toBe(0);
});
