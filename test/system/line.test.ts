import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { joinLine, type PlaceInLine } from '../../src/system/line.js';
import { type Mutex, socketMutex } from '../../src/system/mutex.js';
import { type Child, Children } from '../support/children.js';
import { until } from '../support/wait.js';

const quiet = new AbortController().signal;

let path: string;
let children: Children;
beforeEach(() => {
  path = `\0wso2-launch/test/${process.pid}/${Math.random()}`.padEnd(107, '.');
  children = new Children();
});
afterEach(() => children.close());

async function join(): Promise<PlaceInLine> {
  const place = await joinLine(path);
  if (!place) throw new Error('no place in line');
  return place;
}

/** Says when it is called up, and then keeps its place. */
const FOLLOW = `require('net').connect('\\0' + process.argv[1]).on('connect', () => console.log('follows'))
  .on('data', () => console.log('called'))`;

/** Leads the line, and calls nobody up: as one that is suspended. */
const LEAD = `require('net').createServer().listen('\\0' + process.argv[1], () => console.log('leads'))`;

const other = (program: string): Child => children.node(program, [path.slice(1)]);

const change = (place: PlaceInLine): Promise<void> => place.untilChanged(15_000, quiet);

describe('a line', () => {
  test('is led by the first to come', async () => {
    const [first, second] = [await join(), await join()];
    expect([first.isFirst(), second.isFirst()]).toEqual([true, false]);
    second.leave();
    first.leave();
  });

  test('is led by one of those who come together', async () => {
    const places = await Promise.all(Array.from({ length: 10 }, join));
    expect(places.filter((place) => place.isFirst())).toHaveLength(1);
    for (const place of places) place.leave();
  });

  test('calls up one after another in the order in which they came, also after its leader has left', async () => {
    const leader = await join();
    const places: PlaceInLine[] = [];
    for (let count = 0; count < 4; count++) places.push(await join());
    leader.leave();
    for (const [index, place] of places.entries()) {
      await change(place);
      expect(places.map((other) => other.isFirst())).toEqual(places.map((_, other) => other <= index));
      place.leave();
    }
    await until('it to be over', async () => {
      const place = await join();
      place.leave();
      return place.isFirst();
    });
  });

  test('passes over who has left before being called up', async () => {
    const [leader, second, third] = [await join(), await join(), await join()];
    second.leave();
    leader.leave();
    await change(third);
    expect(third.isFirst()).toBe(true);
    third.leave();
  });

  test('goes on when the one called up is killed', async () => {
    const leader = await join();
    const second = other(FOLLOW);
    await second.line();
    const third = await join();
    leader.leave();
    expect(await second.line(2)).toBe('called');
    expect(third.isFirst()).toBe(false);
    second.child.kill('SIGKILL');
    await change(third);
    expect(third.isFirst()).toBe(true);
    third.leave();
  });

  test('is told of what has happened before', async () => {
    const leader = other(LEAD);
    await leader.line();
    const place = await join();
    const gone = new AbortController();
    gone.abort();
    await place.untilChanged(60_000, gone.signal);
    leader.child.kill('SIGKILL');
    await until('its end', () => !place.isKept());
    await change(place);
  });

  test('waits no longer than wanted', async () => {
    const [leader, second] = [await join(), await join()];
    await second.untilChanged(50, quiet);
    const asked = new AbortController();
    const waiting = second.untilChanged(60_000, asked.signal);
    asked.abort();
    await waiting;
    expect([second.isFirst(), second.isKept()]).toEqual([false, true]);
    second.leave();
    leader.leave();
  });
});

describe('behind a leader that calls nobody up', () => {
  let mutex: Mutex;
  let leader: Child;
  beforeEach(async () => {
    mutex = socketMutex(`${path.slice(0, -1)}m`, path);
    leader = other(LEAD);
    await leader.line();
  });

  test('all have their turns all the same, and do not get into one another’s way', async () => {
    const holds = await mutex.acquire(0, quiet);
    const waiting = Array.from({ length: 10 }, async () => {
      const release = await mutex.acquire(30_000, new AbortController().signal);
      expect(release).toBeDefined();
      await new Promise((resolve) => setTimeout(resolve, 30));
      release?.();
    });
    expect(await Promise.race([...waiting, 'waiting'])).toBe('waiting');
    holds?.();
    const releasedMs = performance.now();
    await Promise.all(waiting);
    expect(performance.now() - releasedMs).toBeLessThan(12_000);
  });

  test('its death makes the others form a new line', async () => {
    const holds = await mutex.acquire(0, quiet);
    const place = await join();
    const entered: number[] = [];
    let inside = 0;
    const waiting = Array.from({ length: 20 }, async () => {
      const release = await mutex.acquire(15_000, new AbortController().signal);
      entered.push(++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      release?.();
    });
    leader.child.kill('SIGKILL');
    await change(place);
    expect(place.isKept()).toBe(false);
    holds?.();
    await Promise.all(waiting);
    expect(entered).toEqual(Array.from({ length: 20 }, () => 1));
  });
});
