import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ProcessRow } from '../../src/domain/tree.js';
import { untilChange } from '../../src/server/supervise.js';
import { FakeServer, HELPER, JVM, SCRIPT } from '../support/fake-server.js';
import { type FakeSystem, fakeSystem, processRow } from '../support/fake-system.js';

const STARTED_AT = 40;

let system: FakeSystem;
let server: FakeServer;
let jvm: ProcessRow;
let asked: AbortController;
/** What each look at the server's health says; the last one stays. */
let health: (string | undefined)[];
let told: (string | undefined)[];
beforeEach(() => {
  health = [undefined];
  told = [];
  system = fakeSystem();
  server = new FakeServer(system);
  server.log.position = 100;
  jvm = server.jvm() as ProcessRow;
  asked = new AbortController();
});

const GRACE_MS = 120_000;

const watch = {
  graceMs: GRACE_MS,
  look: async () => (health.length > 1 ? health.shift() : health[0]),
  changed: (reason: string | undefined, isShuttingDown: boolean) =>
    told.push(isShuttingDown ? `${reason}, shutting down` : reason),
};
const change = () =>
  system.clock.watch(untilChange(server, { jvm, startedAt: STARTED_AT, signal: asked.signal }, watch, system));

describe('a quiet server', () => {
  test('stays so until somebody asks for its end, which is told at once', async () => {
    system.clock.after(3_600_000 - 250, () => asked.abort());
    expect(await change()).toEqual({ value: { kind: 'asked' }, tookMs: 3_600_000 - 250 });
  });

  test('is not watched where its end was asked for before', async () => {
    asked.abort();
    expect(await change()).toEqual({ value: { kind: 'asked' }, tookMs: 0 });
  });
});

describe('the health of a quiet server', () => {
  const toldFor = async (looks: (string | undefined)[]): Promise<(string | undefined)[]> => {
    health = looks;
    system.clock.after(60_000, () => asked.abort());
    await change();
    return told;
  };

  test('is told once it is bad at two looks, and once it is good again', async () => {
    expect(await toldFor([undefined, 'shut', 'shut', 'shut', undefined])).toEqual(['shut', undefined]);
  });

  test('is not told for one bad look', async () => {
    expect(await toldFor(['shut', undefined, 'shut', undefined])).toEqual([]);
  });

  test('is told at one bad look where it says that it shuts down', async () => {
    server.saysThatItShutsDown();
    expect(await toldFor([undefined, undefined, 'shut'])).toEqual(['shut, shutting down']);
  });

  test('is told anew where one that was bad says that it shuts down', async () => {
    system.clock.after(30_000, () => {
      server.saysThatItShutsDown();
    });
    expect(await toldFor(['shut'])).toEqual(['shut', 'shut, shutting down']);
  });

  test('is not bad because the log has words of a shutdown', async () => {
    server.saysThatItShutsDown();
    expect(await toldFor([undefined])).toEqual([]);
  });

  test('is looked at every ten seconds', async () => {
    let looks = 0;
    watch.look = async () => {
      looks += 1;
      return undefined;
    };
    await toldFor([undefined]);
    expect(looks).toBe(5);
  });
});

describe('a script that ends', () => {
  test('long after it was said that the server shuts down has crashed', async () => {
    server.saysThatItShutsDown();
    system.clock.after(GRACE_MS + 1, () => server.end({ code: 7 }));
    expect((await change()).value).toEqual({ kind: 'crashed', how: 'its script exited with code 7' });
  });

  test('after a graceful shutdown was asked for from inside', async () => {
    server.saysThatItShutsDown();
    system.clock.after(700, () => server.end());
    expect(await change()).toEqual({ value: { kind: 'shut-down' }, tookMs: 700 });
    expect(new Set(server.log.askedSince)).toEqual(new Set([STARTED_AT]));
  });

  test('whose JVM was killed has crashed, whatever was said of a shutdown before', async () => {
    server.saysThatItShutsDown();
    server.lines = ['INFO - fine', 'Killed', ''];
    system.clock.after(700, () => server.end());
    expect((await change()).value).toEqual({ kind: 'crashed', how: 'its JVM was ended by SIGKILL' });
  });

  test.each([
    [{ code: 0 }, 'its script exited with code 0, as it does whatever its JVM did'],
    [{ code: 7 }, 'its script exited with code 7'],
    [{ code: null, signal: 'SIGKILL' as const }, 'its script was ended by SIGKILL'],
  ])('without that line has crashed: %j', async (exit, how) => {
    system.clock.after(700, () => server.end(exit));
    expect(await change()).toEqual({ value: { kind: 'crashed', how }, tookMs: 700 });
  });

  test('in the moment in which its end is asked for was asked', async () => {
    system.clock.after(700, () => {
      server.end();
      asked.abort();
    });
    expect((await change()).value).toEqual({ kind: 'asked' });
  });
});

describe('a JVM that goes while its script stays', () => {
  const isFollowedBy = (pid: number, afterMs: number): void => {
    system.clock.after(afterMs, () => {
      system.processes.rows.push(processRow(pid, { parent: SCRIPT, session: SCRIPT, group: SCRIPT }));
      server.jvmPid = pid;
      server.log.position = 300;
    });
  };

  test('and is followed by another has restarted; the new lines begin where the old one was last seen alive', async () => {
    system.clock.after(1_000, () => {
      system.processes.end(JVM);
      server.log.position = 200;
    });
    isFollowedBy(150, 4_000);
    const { value, tookMs } = await change();
    expect(value).toEqual({ kind: 'restarted', since: 100, startedAt: 300 });
    expect(tookMs).toBeGreaterThanOrEqual(4_000);
    expect(tookMs).toBeLessThan(4_100);
  });

  test('and comes back under the same pid is another one', async () => {
    system.clock.after(1_000, () => {
      system.processes.end(JVM);
      system.processes.rows.push(processRow(JVM, { session: SCRIPT, group: SCRIPT, startTime: 'later' }));
    });
    expect((await change()).value).toMatchObject({ kind: 'restarted' });
  });

  test('and is a zombie is gone', async () => {
    system.clock.after(1_000, () => {
      system.processes.end(JVM);
      system.processes.rows.push({ ...jvm, isZombie: true });
    });
    isFollowedBy(150, 2_000);
    expect((await change()).value).toMatchObject({ kind: 'restarted' });
  });

  test('and whose script then ends has shut down', async () => {
    server.saysThatItShutsDown();
    system.clock.after(1_000, () => system.processes.end(JVM));
    system.clock.after(3_000, () => server.end());
    const { value, tookMs } = await change();
    expect(value).toEqual({ kind: 'shut-down' });
    expect(tookMs).toBe(3_000);
  });

  test('has crashed where the script neither ends nor starts another within ten seconds', async () => {
    system.clock.after(1_000, () => system.processes.end(JVM));
    const { value, tookMs } = await change();
    expect(value).toEqual({
      kind: 'crashed',
      how: 'its JVM (pid 101) is gone, and its script neither ended nor started another',
    });
    expect(tookMs).toBeGreaterThanOrEqual(11_000);
    expect(tookMs).toBeLessThan(11_600);
  });
});

test('the end of the helper is no change', async () => {
  system.clock.after(1_000, () => system.processes.end(HELPER));
  system.clock.after(5_000, () => asked.abort());
  expect(await change()).toEqual({ value: { kind: 'asked' }, tookMs: 5_000 });
});
