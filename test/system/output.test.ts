import { expect, test } from '@jest/globals';
import { untilTaken } from '../../src/system/output.js';
import { FakeClock } from '../support/fake-system.js';

const HALF_A_MINUTE = 30_000;
const NEVER = new Promise<void>(() => {});

let clock: FakeClock;
const waitFor = (written: Promise<unknown>, sinks: { taken: number }[], givenUp?: AbortSignal) => {
  clock = new FakeClock();
  return untilTaken(written, sinks, givenUp, clock);
};

test('what is written is not waited for any longer', async () => {
  const work = waitFor(Promise.resolve(), [{ taken: 0 }]);
  expect(await clock.watch(work)).toMatchObject({ tookMs: 0 });
});

test('what becomes written is waited for until then', async () => {
  let write = (): void => {};
  const work = waitFor(
    new Promise<void>((resolve) => {
      write = resolve;
    }),
    [{ taken: 0 }],
  );
  clock.after(29_950, write);
  expect(await clock.watch(work)).toMatchObject({ tookMs: 29_950 });
});

test('readers that take nothing for half a minute are left', async () => {
  const work = waitFor(NEVER, [{ taken: 7 }, { taken: 0 }]);
  expect(await clock.watch(work)).toMatchObject({ tookMs: HALF_A_MINUTE });
});

test.each([0, 1])('while any of them takes something, all are waited for (%i)', async (one) => {
  const sinks = [{ taken: 0 }, { taken: 0 }];
  const take = (): void => {
    (sinks[one] as { taken: number }).taken += 1;
  };
  const work = waitFor(NEVER, sinks);
  for (const atMs of [20_000, 45_000, 70_000]) clock.after(atMs, take);
  expect(await clock.watch(work)).toMatchObject({ tookMs: 70_000 + HALF_A_MINUTE });
});

test('whoever gives up does not wait', async () => {
  const givenUp = new AbortController();
  const work = waitFor(NEVER, [{ taken: 0 }], givenUp.signal);
  clock.after(4_950, () => givenUp.abort());
  expect(await clock.watch(work)).toMatchObject({ tookMs: 5_000 });
});
