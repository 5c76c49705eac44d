import { beforeEach, describe, expect, test } from '@jest/globals';
import { Sharing } from '../../src/instance/sharing.js';
import { FakeClock } from '../support/fake-system.js';

const ONE = { pid: 1, label: 'one' };
const TWO = { pid: 2, label: 'two' };

let clock: FakeClock;
let sharing: Sharing;
beforeEach(() => {
  clock = new FakeClock();
  sharing = new Sharing(clock);
});

test('nobody has let go of what nobody has held', async () => {
  await clock.advance(3_600_000);
  expect([sharing.unused.aborted, sharing.holders]).toEqual([false, []]);
});

test('each holder is known by its pid, its label and its time, one that holds twice as two', () => {
  const since = new Date(clock.date()).toISOString();
  sharing.hold(ONE, 0);
  sharing.hold(ONE, 0);
  expect(sharing.holders).toEqual([
    { ...ONE, since },
    { ...ONE, since },
  ]);
});

test('the last one to let go, and none before, leaves it unused', () => {
  const letGo = [sharing.hold(ONE, 0), sharing.hold(TWO, 0)];
  letGo[0]?.();
  letGo[0]?.();
  expect([sharing.unused.aborted, sharing.holders.map(({ pid }) => pid)]).toEqual([false, [2]]);
  letGo[1]?.();
  expect([sharing.unused.aborted, sharing.holders]).toEqual([true, []]);
});

describe('lingering', () => {
  test('is for as long as the last one wants it', async () => {
    const letGo = [sharing.hold(ONE, 60_000), sharing.hold(TWO, 1_000)];
    for (const go of letGo) go();
    await clock.advance(999);
    expect(sharing.unused.aborted).toBe(false);
    await clock.advance(1);
    expect(sharing.unused.aborted).toBe(true);
  });

  test('ends with whoever comes meanwhile, and begins anew with that one’s end', async () => {
    sharing.hold(ONE, 1_000)();
    await clock.advance(900);
    const letGo = sharing.hold(TWO, 1_000);
    await clock.advance(60_000);
    expect(sharing.unused.aborted).toBe(false);
    letGo();
    await clock.advance(999);
    expect(sharing.unused.aborted).toBe(false);
    await clock.advance(1);
    expect(sharing.unused.aborted).toBe(true);
  });

  test('is no matter for who comes and goes twice', async () => {
    sharing.hold(ONE, 1_000)();
    await clock.advance(500);
    sharing.hold(ONE, 5_000)();
    await clock.advance(4_999);
    expect(sharing.unused.aborted).toBe(false);
    await clock.advance(1);
    expect(sharing.unused.aborted).toBe(true);
  });
});

test('each change is told, with what there is by then', () => {
  const told: number[] = [];
  sharing.whenChanged(() => told.push(sharing.holders.length));
  const letGo = sharing.hold(ONE, 0);
  sharing.hold(TWO, 0);
  letGo();
  letGo();
  expect(told).toEqual([1, 2, 1]);
});
