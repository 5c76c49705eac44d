import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Mutex, mutexFor, socketMutex } from '../../src/system/mutex.js';
import { type Child, Children } from '../support/children.js';
import { where } from '../support/tools.js';
import { until } from '../support/wait.js';

const quiet = new AbortController().signal;
const onLinux = where(process.platform === 'linux', 'Linux');

let name: string;
let line: string;
let mutex: Mutex;
let children: Children;
beforeEach(() => {
  name = `wso2-launch/test/${process.pid}/${Math.random()}`.padEnd(107, '.');
  line = `line${name.slice(4)}`;
  mutex = socketMutex(`\0${name}`, `\0${line}`);
  children = new Children();
});
afterEach(() => children.close());

const acquire = async (): Promise<() => void> => {
  const release = await mutex.acquire(15_000, new AbortController().signal);
  if (!release) throw new Error('the mutex could not be had');
  return release;
};

const HOLD = `require('net').createServer().listen(
  { path: '\\0' + process.argv[1], backlog: Number(process.argv[2] ?? 511) },
  () => console.log('held'),
)`;

/** Suspends a process, and returns once it is. */
async function suspend({ pid }: Child): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await until('it to stand still', () => /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1')));
}

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

onLinux.test('those who wait get in in the order in which they came', async () => {
  const places = (): number => readFileSync('/proc/net/unix', 'latin1').split(line).length - 1;
  const release = await acquire();
  const entered: number[] = [];
  const waiting: Promise<void>[] = [];
  for (let number = 0; number < 6; number++) {
    const before = places();
    waiting.push(
      acquire().then((next) => {
        entered.push(number);
        next();
      }),
    );
    await until('it to stand in line', () => places() > before);
  }
  release();
  await Promise.all(waiting);
  expect(entered).toEqual([0, 1, 2, 3, 4, 5]);
});

onLinux.test('many in a row are waited for longer than any one of them', async () => {
  const patienceMs = 2_000;
  const startedMs = performance.now();
  const hold = async (): Promise<boolean> => {
    const release = await mutex.acquire(patienceMs, quiet);
    if (!release) return false;
    await new Promise((resolve) => setTimeout(resolve, patienceMs / 4));
    release();
    return true;
  };
  expect(await Promise.all(Array.from({ length: 8 }, hold))).toEqual(Array(8).fill(true));
  expect(performance.now() - startedMs).toBeGreaterThan(patienceMs);
});

test('another one does not stand in the way', async () => {
  const release = await acquire();
  const other = await socketMutex(`\0${name.replace('test', 'more')}`, '').acquire(0, quiet);
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

  test('who is asked to end while joining the others is heard as well', async () => {
    await children.node(HOLD, [name]).line();
    for (let turns = 0; turns < 5; turns++) {
      const asked = new AbortController();
      const waiting = mutex.acquire(60_000, asked.signal);
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      const askedMs = performance.now();
      asked.abort();
      expect(await waiting).toBeUndefined();
      expect(performance.now() - askedMs).toBeLessThan(900);
    }
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

describe('while a suspended process holds it', () => {
  const QUEUES = [
    ['that has room for all', 511],
    ['that has room for two', 1],
  ] as const;

  test.each(QUEUES)('%s, nobody waits longer than they wanted, or keeps a core busy', async (_which, backlog) => {
    const holder = children.node(HOLD, [name, String(backlog)]);
    await holder.line();
    await suspend(holder);
    const [startedMs, busy] = [performance.now(), process.cpuUsage()];
    const waiting = Array.from({ length: 5 }, () => mutex.acquire(600, quiet));
    expect((await Promise.all(waiting)).filter((release) => release)).toEqual([]);
    const { user, system } = process.cpuUsage(busy);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect((user + system) / 1000).toBeLessThan(300);
    expect(mutex.holder?.()).toBe(holder.pid);
  });

  test.each(QUEUES)('%s, its death lets the next one in at once', async (_which, backlog) => {
    const holder = children.node(HOLD, [name, String(backlog)]);
    await holder.line();
    await suspend(holder);
    const entered: number[] = [];
    const enter = async (): Promise<void> => {
      const release = await mutex.acquire(15_000, quiet);
      entered.push(performance.now());
      release?.();
    };
    const waiting = Array.from({ length: 5 }, enter);
    expect(await mutex.acquire(100, quiet)).toBeUndefined();
    expect(entered).toEqual([]);
    const killedMs = performance.now();
    holder.child.kill('SIGKILL');
    await Promise.all(waiting);
    expect(entered).toHaveLength(5);
    expect((entered[0] as number) - killedMs).toBeLessThan(5_000);
  });

  test('it is still that one when it goes on', async () => {
    const holder = children.node(HOLD, [name]);
    await holder.line();
    await suspend(holder);
    const waiting = mutex.acquire(400, quiet);
    expect(await Promise.race([waiting, mutex.acquire(100, quiet)])).toBeUndefined();
    process.kill(holder.pid, 'SIGCONT');
    expect(await waiting).toBeUndefined();
  });
});

where(process.platform === 'linux' && process.getuid?.() === 0, 'root on Linux').describe(
  'while another user has it',
  () => {
    const STRANGERS_MS = 400;
    beforeEach(() => {
      mutex = socketMutex(`\0${name}`, `\0${line}`, STRANGERS_MS);
    });
    const asStranger = (script: string): Child =>
      children.start(process.execPath, ['-e', script, name, line], { uid: 65_534, gid: 65_534, cwd: '/' });

    test('it is given up long before patience is over, and none of ours is named', async () => {
      await asStranger(HOLD).line();
      expect(await mutex.acquire(600_000, quiet)).toBeUndefined();
      expect(mutex.holder?.()).toBeUndefined();
    });

    test('the line as well, in front of us', async () => {
      const both = `const { createServer } = require('net');
        createServer().listen('\\0' + process.argv[2], () =>
          createServer().listen('\\0' + process.argv[1], () => console.log('held')))`;
      await asStranger(both).line();
      expect(await mutex.acquire(600_000, quiet)).toBeUndefined();
    });

    test('and hangs up on whoever comes, no core is kept busy', async () => {
      const hangUp = `require('net').createServer((socket) => socket.destroy()).listen('\\0' + process.argv[1], () =>
        console.log('held'))`;
      await asStranger(hangUp).line();
      const busy = process.cpuUsage();
      expect(await mutex.acquire(600_000, quiet)).toBeUndefined();
      const { user, system } = process.cpuUsage(busy);
      expect((user + system) / 1000).toBeLessThan(STRANGERS_MS / 2);
    });

    test('it is given up as well where they pass it to each other', async () => {
      const pass = `const { createServer } = require('net');
        const hold = () => {
          const server = createServer().listen('\\0' + process.argv[1], () => {
            console.log('held');
            setTimeout(() => server.close(hold), 100);
          });
          server.on('error', () => setTimeout(hold, 1));
        };
        hold()`;
      await asStranger(pass).line();
      await asStranger(pass).line();
      expect(await mutex.acquire(600_000, quiet)).toBeUndefined();
    });

    test('whoever has chosen without it waits for the end of the turn in which it was written', async () => {
      const holder = asStranger(HOLD);
      await holder.line();
      const passed = mutex.untilPassed?.(quiet);
      expect(await Promise.race([passed, 'waiting'])).toBe('waiting');
      holder.child.kill('SIGKILL');
      await passed;
      const release = await mutex.acquire(0, quiet);
      expect(release).toBeDefined();
      release?.();
    });

    test('one who keeps it is not waited for a second time', async () => {
      await asStranger(HOLD).line();
      await mutex.acquire(600_000, quiet);
      let turns = 0;
      const passed = mutex.untilPassed?.(quiet).then(() => 'passed');
      while ((await Promise.race([passed, new Promise((resolve) => setImmediate(resolve))])) !== 'passed') turns++;
      expect(turns).toBeLessThan(3);
    });

    test('one of ours is waited for as before', async () => {
      await children.node(HOLD, [name]).line();
      const startedMs = performance.now();
      expect(await mutex.acquire(STRANGERS_MS * 4, quiet)).toBeUndefined();
      expect(performance.now() - startedMs).toBeGreaterThan(STRANGERS_MS * 3.5);
    });
  },
);

describe('the holder', () => {
  test('is nobody where nobody has it', () => {
    expect(mutex.holder?.()).toBeUndefined();
  });

  test('is told from those who wait, and from those of others', async () => {
    await Promise.all(['a', 'b', 'c'].map((other) => children.node(HOLD, [name.slice(0, -1) + other]).line()));
    const release = await acquire();
    const waiting = connect(`\0${name}`);
    await new Promise((resolve) => waiting.once('connect', resolve));
    expect(mutex.holder?.()).toBe(process.pid);
    release();
    expect(mutex.holder?.()).toBeUndefined();
    waiting.destroy();
  });

  where(process.getuid?.() === 0, 'root').test('is not told where it is another user', async () => {
    await children.node(HOLD, [name]).line();
    process.seteuid?.(65_534);
    try {
      expect(mutex.holder?.()).toBeUndefined();
    } finally {
      process.seteuid?.(0);
    }
  });
});

describe('where a file stands for it', () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  test('its folder is made for everybody', async () => {
    const folder = join(parent, 'leases');
    const release = await mutexFor('darwin', folder).acquire(0, quiet);
    release?.();
    expect(statSync(folder).mode & 0o7777).toBe(0o1777);
    expect(readdirSync(folder)).toEqual(['mutex']);
  });

  test('a folder that is none keeps nobody out', async () => {
    const folder = join(parent, 'leases');
    writeFileSync(folder, '');
    expect(await mutexFor('darwin', folder).acquire(0, quiet)).toBeDefined();
  });
});

test('it can be had again once it was given back', async () => {
  for (let round = 0; round < 3; round++) (await acquire())();
});
