import { expect, test } from '@jest/globals';
import { keepGuard } from '../../src/keep-guard.js';
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

test('a guard that is killed before it has answered whom it watches is replaced as well', async () => {
  const answers = async (): Promise<void> => {};
  const isMute = (): Promise<void> => new Promise(() => {});
  const coming = [answers, isMute, answers].map((answer) => new FakeGuard(answer));
  const started: FakeGuard[] = [];
  const { clock, spawning } = fakeSystem();
  const startGuard = async (): Promise<Guard> => {
    const guard = coming[started.length] as FakeGuard;
    started.push(guard);
    return guard;
  };
  const kept = await keepGuard(OPTIONS, { clock, spawning: { ...spawning, startGuard } });
  await kept.watch(GROUP);
  for (const guard of coming.slice(0, 2)) {
    expect(guard.watches).toBe(1);
    guard.kill();
    await clock.advance(1_000);
  }
  expect(coming[2]?.watches).toBe(1);
  await kept.release();
});
