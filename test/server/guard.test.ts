import { describe, expect, test } from '@jest/globals';
import { keepGuard } from '../../src/server/guard.js';
import type { Guard } from '../../src/system/spawning.js';
import { fakeSystem } from '../support/fake-system.js';

const OPTIONS = { tag: '', tagVariable: '', stopTimeoutMs: 0, leaseFile: '', socket: '', needed: [] };
const GROUP = { pid: 1, startTime: '1' };

class FakeGuard implements Guard {
  kill = (): void => {};
  readonly ended = new Promise<void>((resolve) => {
    this.kill = resolve;
  });
  watches = 0;
  release = async (): Promise<void> => {};
  abandon = (): void => {};

  async watch(): Promise<void> {
    this.watches++;
    await Promise.race([this.answer(), this.ended.then(() => Promise.reject(new Error('the guard process ended')))]);
  }

  constructor(private readonly answer: () => Promise<void>) {}
}

const answers = async (): Promise<void> => {};

/** Guards that come one after another, and those of them that were started. */
function guardsOf(...coming: readonly FakeGuard[]) {
  const started: FakeGuard[] = [];
  const { clock, spawning } = fakeSystem();
  const startGuard = async (): Promise<Guard> => {
    const guard = coming[started.length];
    if (!guard) throw new Error('spawn EAGAIN');
    started.push(guard);
    return guard;
  };
  return { clock, spawning: { ...spawning, startGuard } };
}

describe('a guard that is killed just before it is told whom to watch', () => {
  test('is replaced by one that is told', async () => {
    const [first, second] = [new FakeGuard(answers), new FakeGuard(answers)];
    const { clock, spawning } = guardsOf(first, second);
    const kept = await keepGuard(OPTIONS, { clock, spawning });
    first.watch = async () => {
      first.kill();
      throw new Error('the guard process ended');
    };
    expect((await clock.watch(kept.watch(GROUP))).error).toBeUndefined();
    expect(second.watches).toBeGreaterThan(0);
    await kept.release();
  });

  test('fails the start where no other can be had', async () => {
    const only = new FakeGuard(() => new Promise(() => {}));
    const { clock, spawning } = guardsOf(only);
    const kept = await keepGuard(OPTIONS, { clock, spawning });
    only.kill();
    expect((await clock.watch(kept.watch(GROUP))).error).toEqual(new Error('spawn EAGAIN'));
  });

  test('fails the start where each one is killed', async () => {
    const coming = Array.from({ length: 30 }, () => new FakeGuard(() => new Promise(() => {})));
    for (const guard of coming) guard.kill();
    const { clock, spawning } = guardsOf(...coming);
    const kept = await keepGuard(OPTIONS, { clock, spawning });
    expect((await clock.watch(kept.watch(GROUP))).error).toEqual(new Error('the guard process ended'));
    kept.abandon();
  });
});

test('one that does not answer, and lives, fails the start', async () => {
  const mute = new FakeGuard(() => Promise.reject(new Error('the guard process does not answer')));
  const { clock, spawning } = guardsOf(mute, new FakeGuard(answers));
  const kept = await keepGuard(OPTIONS, { clock, spawning });
  await expect(kept.watch(GROUP)).rejects.toThrow('does not answer');
  kept.abandon();
});

test('a guard that is killed before it has answered whom it watches is replaced as well', async () => {
  const isMute = (): Promise<void> => new Promise(() => {});
  const coming = [answers, isMute, answers].map((answer) => new FakeGuard(answer));
  const { clock, spawning } = guardsOf(...coming);
  const kept = await keepGuard(OPTIONS, { clock, spawning });
  await kept.watch(GROUP);
  for (const guard of coming.slice(0, 2)) {
    expect(guard.watches).toBe(1);
    guard.kill();
    await clock.advance(1_000);
  }
  expect(coming[2]?.watches).toBe(1);
  await kept.release();
});
