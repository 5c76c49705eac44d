import { describe, expect, test } from '@jest/globals';
import { Feed } from '../../src/api/feed.js';

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const value of values) taken.push(value);
  return taken;
}

describe('a feed', () => {
  test('tells each listener all from its beginning on, at its own pace', async () => {
    const feed = new Feed<number>();
    const early = feed.listen();
    feed.tell(1);
    const late = feed.listen();
    feed.tell(2);
    expect(await early.next()).toEqual({ done: false, value: 1 });
    feed.tell(3);
    feed.end();
    expect(await all(early)).toEqual([2, 3]);
    expect(await all(late)).toEqual([2, 3]);
  });

  test('wakes whoever waits, in the order in which they came', async () => {
    const feed = new Feed<number>();
    const listener = feed.listen();
    const waiting = [listener.next(), listener.next(), listener.next()];
    feed.tell(1);
    feed.tell(2);
    feed.end();
    expect(await Promise.all(waiting)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
  });

  test('that is over has nothing to tell', async () => {
    const feed = new Feed<number>();
    feed.end();
    feed.tell(1);
    expect(await all(feed.listen())).toEqual([]);
  });

  test('forgets whoever has left, and lets it wait for nothing', async () => {
    const feed = new Feed<number>();
    const listener = feed.listen();
    feed.tell(1);
    for await (const value of listener) if (value === 1) break;
    feed.tell(2);
    expect(await listener.next()).toEqual({ done: true, value: undefined });
    const waiting = feed.listen();
    const next = waiting.next();
    await waiting.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});
