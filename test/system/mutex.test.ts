import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Mutex, socketMutex } from '../../src/system/mutex.js';
import { Children } from '../support/children.js';

const quiet = new AbortController().signal;

let name: string;
let mutex: Mutex;
let children: Children;
beforeEach(() => {
  name = `wso2-launch/test/${process.pid}/${Math.random()}`.padEnd(107, '.');
  mutex = socketMutex(`\0${name}`);
  children = new Children();
});
afterEach(() => children.close());

const acquire = async (): Promise<() => void> => {
  const release = await mutex.acquire(15_000, new AbortController().signal);
  if (!release) throw new Error('the mutex could not be had');
  return release;
};

const HOLD = "require('net').createServer().listen({ path: '\\0' + process.argv[1] }, () => console.log('held'))";

test('only one at a time is inside', async () => {
  let inside = 0;
  let most = 0;
  const enter = async (): Promise<void> => {
    const release = await acquire();
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
    release();
  };
  await Promise.all(Array.from({ length: 20 }, enter));
  expect(most).toBe(1);
});

test('another one does not stand in the way', async () => {
  const release = await acquire();
  const other = await socketMutex(`\0${name.replace('test', 'more')}`).acquire(0, quiet);
  expect(other).toBeDefined();
  other?.();
  release();
});

describe('while another process holds it', () => {
  test('it is not to be had in time', async () => {
    await children.node(HOLD, [name]).line();
    const startedMs = performance.now();
    expect(await mutex.acquire(100, quiet)).toBeUndefined();
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(99);
    expect(await mutex.acquire(0, quiet)).toBeUndefined();
  });

  test('nobody waits on who is asked to end', async () => {
    await children.node(HOLD, [name]).line();
    const asked = new AbortController();
    const waiting = mutex.acquire(60_000, asked.signal);
    asked.abort();
    expect(await waiting).toBeUndefined();
    expect(await mutex.acquire(60_000, asked.signal)).toBeUndefined();
  });

  test('its death by SIGKILL lets the next one in', async () => {
    const holder = children.node(HOLD, [name]);
    await holder.line();
    const waiting = mutex.acquire(15_000, quiet);
    expect(await Promise.race([waiting, 'waiting'])).toBe('waiting');
    holder.child.kill('SIGKILL');
    const release = await waiting;
    expect(release).toBeDefined();
    release?.();
  });
});

test('it can be had again once it was given back', async () => {
  for (let round = 0; round < 3; round++) (await acquire())();
});
