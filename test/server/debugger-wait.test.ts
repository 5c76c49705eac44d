import { beforeEach, expect, test } from '@jest/globals';
import { DebuggerWait } from '../../src/server/debugger-wait.js';
import { FakeServer, JVM } from '../support/fake-server.js';
import { type FakeSystem, fakeSystem } from '../support/fake-system.js';

let system: FakeSystem;
let told: (readonly number[])[];
let wait: DebuggerWait;
beforeEach(() => {
  system = fakeSystem();
  told = [];
  wait = new DebuggerWait(new FakeServer(system), [5005, 5006], (awaited) => told.push(awaited), system);
});

async function lookFor(seconds: number): Promise<void> {
  for (let tick = 0; tick < seconds * 20; tick++) {
    await wait.look();
    system.clock.jump(50);
  }
}

test('a JVM waits for a debugger while it listens for it, which is told once', async () => {
  await lookFor(5);
  expect(told).toEqual([]);
  system.sockets.listen(5005, JVM);
  await lookFor(60);
  expect(told).toEqual([[5005]]);
  expect(wait.isOver).toBe(false);
  system.sockets.close(5005);
  await lookFor(2);
  expect(told).toEqual([[5005], []]);
  expect(wait.isOver).toBe(true);
  // A debugger that has gone may come again, and nobody waits for it.
  system.sockets.listen(5005, JVM);
  await lookFor(5);
  expect(told).toHaveLength(2);
});

test('the port of somebody else is none', async () => {
  system.sockets.listen(5005, 999);
  await lookFor(5);
  expect(told).toEqual([]);
});

test('no more than once a second is looked', async () => {
  await lookFor(10);
  expect(system.sockets.looks).toBeLessThanOrEqual(10);
});
