import { beforeEach, describe, expect, test } from '@jest/globals';
import type { LaunchError } from '../../src/domain/failure.js';
import { stop } from '../../src/server/stop.js';
import type { HttpRequest } from '../../src/system/http.js';
import { windowsHost } from '../../src/system/windows/host.js';
import { FakeServer, HELPER, JVM, SCRIPT } from '../support/fake-server.js';
import { type FakeSystem, failureOf, fakeSystem, type Outcome, processRow } from '../support/fake-system.js';

const GRACE_MS = 120_000;

let system: FakeSystem;
let server: FakeServer;
beforeEach(() => {
  system = fakeSystem();
  server = new FakeServer(system);
});

const stopIt = (insisted: AbortSignal = new AbortController().signal, jvmPid?: number) =>
  system.clock.watch(stop(server, { graceMs: GRACE_MS, insisted, ...(jvmPid !== undefined && { jvmPid }) }, system));

/** The script and its helper follow the JVM, which takes a while to shut down. */
const shutsDownWithin = (ms: number): void => {
  system.processes.onSignal = (pid, signal) => {
    if (signal === 'SIGTERM' && pid === JVM) {
      system.clock.after(ms, () => {
        system.processes.end(JVM);
        server.end();
      });
    }
    return signal === 'SIGKILL' ? 'ends' : 'stays';
  };
};

const onlyKillEnds = (): void => {
  system.processes.onSignal = (_pid, signal) => (signal === 'SIGKILL' ? 'ends' : 'stays');
};

describe('asking', () => {
  test('reaches the JVM only: the script and its helper follow', async () => {
    shutsDownWithin(3_000);
    const { value, tookMs } = await stopIt();
    expect(value).toEqual({ how: 'graceful', durationMs: 3_000 });
    expect(tookMs).toBe(3_000);
    expect(system.processes.signals).toEqual(['SIGTERM 101']);
  });

  test('reaches a JVM that only its ports tell', async () => {
    shutsDownWithin(100);
    server.jvmPid = undefined;
    await stopIt(undefined, JVM);
    expect(system.processes.signals).toEqual(['SIGTERM 101']);
  });

  test('reaches everybody while there is no JVM yet', async () => {
    server.jvmPid = undefined;
    const { value } = await stopIt();
    expect(value).toMatchObject({ how: 'graceful' });
    expect(system.processes.signals).toEqual(['SIGTERM 100', 'SIGTERM 101', 'SIGTERM 102']);
  });

  test('reaches the next JVM as well, where the script starts one in this moment', async () => {
    system.processes.onSignal = (pid, signal) => {
      if (signal === 'SIGTERM' && pid === JVM) {
        system.processes.end(JVM);
        system.processes.rows.push(processRow(150, { session: SCRIPT, group: SCRIPT }));
        server.jvmPid = 150;
      }
      if (signal === 'SIGTERM' && pid === 150) system.clock.after(500, () => server.end());
      return 'stays';
    };
    const { value } = await stopIt();
    expect(value).toMatchObject({ how: 'graceful' });
    expect(system.processes.signals).toEqual(['SIGTERM 101', 'SIGTERM 150']);
  });

  test('signals nobody where nobody is left', async () => {
    server.end();
    expect(await stopIt()).toEqual({ value: { how: 'graceful', durationMs: 0 }, tookMs: 0 });
    expect(system.processes.signals).toEqual([]);
  });
});

describe('whoever stays behind the JVM', () => {
  test('is asked after two seconds', async () => {
    system.processes.onSignal = (pid, signal) => {
      if (pid === JVM && signal === 'SIGTERM') system.clock.after(100, () => system.processes.end(JVM, SCRIPT));
      return pid === HELPER ? 'ends' : 'stays';
    };
    const { value } = await stopIt();
    expect(value?.how).toBe('graceful');
    expect(value?.durationMs).toBeGreaterThanOrEqual(2_000);
    expect(value?.durationMs).toBeLessThan(2_500);
    expect(system.processes.signals).toEqual(['SIGTERM 101', 'SIGTERM 102']);
  });

  test('is killed five seconds later: it has nothing to save', async () => {
    system.processes.onSignal = (pid, signal) => {
      if (pid === JVM && signal === 'SIGTERM') system.clock.after(100, () => system.processes.end(JVM));
      return signal === 'SIGKILL' ? 'ends' : 'stays';
    };
    const { value } = await stopIt();
    expect(value?.how).toBe('killed');
    expect(value?.durationMs).toBeGreaterThanOrEqual(7_000);
    expect(value?.durationMs).toBeLessThan(7_500);
  });
});

describe('killing', () => {
  test('is the end of a stubborn JVM after its time, and not before', async () => {
    onlyKillEnds();
    const { value, tookMs } = await stopIt();
    expect(value?.how).toBe('killed');
    expect(tookMs).toBeGreaterThanOrEqual(GRACE_MS);
    expect(tookMs).toBeLessThan(GRACE_MS + 100);
    expect(system.processes.signals).toEqual([
      'SIGTERM 101',
      'SIGKILL group 100',
      'SIGKILL 100',
      'SIGKILL 101',
      'SIGKILL 102',
    ]);
  });

  test('comes at once when somebody insists', async () => {
    onlyKillEnds();
    const insisted = new AbortController();
    system.clock.after(300, () => insisted.abort());
    const { value, tookMs } = await stopIt(insisted.signal);
    expect(value?.how).toBe('killed');
    expect(tookMs).toBeLessThan(400);
  });

  test('comes first where somebody has insisted before', async () => {
    onlyKillEnds();
    await stopIt(AbortSignal.abort());
    expect(system.processes.signals[0]).toBe('SIGKILL group 100');
  });

  test('goes on while the server forks faster than one look', async () => {
    let forks = 0;
    system.processes.onSignal = (pid, signal) => {
      if (pid >= JVM && signal === 'SIGKILL' && forks < 3) {
        forks += 1;
        system.processes.rows.push(processRow(200 + forks, { session: SCRIPT, group: 200 + forks }));
      }
      return signal === 'SIGKILL' ? 'ends' : 'stays';
    };
    const { value } = await stopIt(AbortSignal.abort());
    expect(value?.how).toBe('killed');
    expect(server.tree()).toEqual([]);
  });

  test("leaves a group alone that has no member any more: its number may be anybody's", async () => {
    system.processes.rows = [processRow(JVM, { session: SCRIPT })];
    await stopIt(AbortSignal.abort());
    expect(system.processes.signals).toEqual(['SIGKILL 101']);
  });

  describe('on Windows', () => {
    beforeEach(() => {
      system.host = windowsHost;
    });

    test('is all there is: nobody is asked first, and the tree goes, for there are no process groups', async () => {
      const { value, tookMs } = await stopIt();
      expect(value?.how).toBe('killed');
      expect(tookMs).toBeLessThan(GRACE_MS);
      expect(system.killedTrees).toEqual([SCRIPT]);
      expect(system.processes.signals.filter((signal) => !signal.startsWith('SIGKILL'))).toEqual([]);
      expect(system.processes.signals.filter((signal) => signal.includes('group'))).toEqual([]);
    });

    test('leaves the number of a script that has ended alone: it may be somebody else’s', async () => {
      system.processes.end(SCRIPT);
      const { value } = await stopIt();
      expect(value?.how).toBe('killed');
      expect(system.killedTrees).toEqual([]);
      expect(system.processes.signals).toEqual([`SIGKILL ${JVM}`, `SIGKILL ${HELPER}`]);
    });

    describe('of a server that can be asked', () => {
      const management = { port: 9157, isSecure: true, user: 'me', password: 'pass' };
      const answer = (status: number): void => {
        system.http.answer = (request) => {
          if (request?.method !== 'PATCH') return { status: 200, body: '{"AccessToken":"token"}' };
          asked.push(request);
          return { status, body: '{}' };
        };
      };
      const stopAsking = (insisted = new AbortController().signal) =>
        system.clock.watch(stop(server, { graceMs: GRACE_MS, insisted, management }, system));
      let asked: HttpRequest[];
      beforeEach(() => {
        asked = [];
      });

      test('is for it to do', async () => {
        answer(200);
        system.clock.after(3_000, () => {
          system.processes.end(JVM);
          server.end();
        });
        expect((await stopAsking()).value).toEqual({ how: 'graceful', durationMs: 3_000 });
        expect(system.http.asked).toEqual(['GET 9157 /management/login', 'PATCH 9157 /management/server']);
        expect(asked[0]).toMatchObject({
          isSecure: true,
          headers: { authorization: 'Bearer token' },
          body: '{"status":"shutdownGracefully"}',
        });
        expect(system.killedTrees).toEqual([]);
      });

      test('is forced where it refuses', async () => {
        answer(403);
        const { value, tookMs } = await stopAsking();
        expect(value?.how).toBe('killed');
        expect(tookMs).toBeLessThan(GRACE_MS);
      });

      test('is forced where nobody answers', async () => {
        system.http.answer = () => {
          throw new Error('connect ECONNREFUSED');
        };
        expect((await stopAsking()).value?.how).toBe('killed');
      });

      test('is forced where it takes too long', async () => {
        answer(200);
        const { value, tookMs } = await stopAsking();
        expect(value?.how).toBe('killed');
        expect(tookMs).toBeGreaterThanOrEqual(GRACE_MS);
      });

      test('is forced where somebody insists', async () => {
        answer(200);
        const insisting = new AbortController();
        system.clock.after(1_000, () => insisting.abort());
        const { value, tookMs } = await stopAsking(insisting.signal);
        expect(value?.how).toBe('killed');
        expect(tookMs).toBeLessThan(2_000);
      });
    });

    test('is not needed where nobody is left', async () => {
      server.end();
      expect((await stopIt()).value?.how).toBe('graceful');
    });
  });

  test('that does not help is told with the names of the survivors', async () => {
    system.processes.onSignal = (pid) => (pid === HELPER ? 'stays' : 'ends');
    const { error, tookMs } = await stopIt(AbortSignal.abort());
    expect(failureOf(error)).toEqual({
      kind: 'survived-stop',
      processes: [{ pid: HELPER, command: 'sleep' }],
      ports: [],
    });
    expect((error as LaunchError).exitCode).toBe(7);
    expect(tookMs).toBeGreaterThanOrEqual(10_000);
    expect(tookMs).toBeLessThan(10_100);
  });
});

describe('its ports', () => {
  const HEIR = 400;
  const inherit = (port: number): void => {
    system.processes.rows.push(processRow(HEIR, { name: 'heir' }));
    system.sockets.listen(port, JVM, HEIR);
  };

  beforeEach(() => shutsDownWithin(100));

  test('are free before it counts as stopped', async () => {
    server.open();
    inherit(9194);
    system.clock.after(1_500, () => system.processes.end(HEIR));
    const { value, tookMs } = await stopIt();
    expect(value?.how).toBe('graceful');
    expect(tookMs).toBeGreaterThanOrEqual(1_500);
    expect(tookMs).toBeLessThan(1_600);
  });

  test('that are still held after two seconds are told, with their holder', async () => {
    server.openAllBut('internal');
    inherit(9194);
    const outcome: Outcome<unknown> = await stopIt();
    expect(failureOf(outcome.error)).toEqual({
      kind: 'survived-stop',
      processes: [],
      ports: [{ name: 'internal', number: 9194, by: { pid: HEIR, command: 'heir' } }],
    });
    expect((outcome.error as LaunchError).exitCode).toBe(7);
    expect(outcome.tookMs).toBeGreaterThanOrEqual(2_000);
    expect(outcome.tookMs).toBeLessThan(2_200);
  });

  test('that it held when it was ready have to be free, though it is gone by now', async () => {
    inherit(9194);
    const [socket] = await system.sockets.listeners(new Set([9194]));
    server.end();
    const options = { graceMs: GRACE_MS, insisted: new AbortController().signal, ownSockets: [socket?.id ?? ''] };
    const { error } = await system.clock.watch(stop(server, options, system));
    expect(failureOf(error)).toMatchObject({ kind: 'survived-stop', ports: [{ number: 9194 }] });
  });

  test('that another program has opened since are its own affair', async () => {
    server.openAllBut('internal');
    system.processes.rows.push(processRow(HEIR));
    system.sockets.listen(9194, HEIR);
    server.end();
    const options = { graceMs: GRACE_MS, insisted: new AbortController().signal, ownSockets: ['socket of before'] };
    const { value } = await system.clock.watch(stop(server, options, system));
    expect(value?.how).toBe('graceful');
  });

  test('that were never its own are not waited for', async () => {
    system.processes.rows.push(processRow(HEIR));
    server.openAllBut('internal');
    system.sockets.listen(9194, HEIR);
    expect((await stopIt()).value?.how).toBe('graceful');
  });

  test('are never bound to see whether they are free', async () => {
    server.open();
    await stopIt();
    expect(system.sockets.bound).toEqual([]);
  });
});
