import { beforeEach, describe, expect, test } from '@jest/globals';
import { factsOf } from '../../src/domain/catalogue.js';
import type { LaunchError } from '../../src/domain/failure.js';
import { PortsLost, type Ready, type ReadyOptions, waitUntilReady } from '../../src/server/ready.js';
import type { SignsOfLife } from '../../src/server/signs-of-life.js';
import { FakeServer, JVM, LAST_LINES, portsOf } from '../support/fake-server.js';
import { type FakeSystem, failureOf, fakeSystem, type Outcome, processRow, STRANGER } from '../support/fake-system.js';

const { health, readyText } = factsOf('mi');

let system: FakeSystem;
let server: FakeServer;
let asked: AbortController;
beforeEach(() => {
  system = fakeSystem();
  server = new FakeServer(system);
  asked = new AbortController();
});

const wait = (options: Partial<ReadyOptions> = {}): Promise<Outcome<Ready>> =>
  system.clock.watch(
    waitUntilReady(server, { health, readyText, since: 0, timeoutMs: 300_000, ...options }, asked.signal, system),
  );

/** Everything is open, and the log says so after a while. */
const startsWithin = (ms: number): void => {
  server.open();
  system.clock.after(ms, () => server.saysReady());
};

const arrives = (port: number): void => {
  if (!system.processes.find(STRANGER.pid as number)) {
    system.processes.rows.push(processRow(STRANGER.pid as number, { name: STRANGER.command as string }));
  }
  system.sockets.listen(port, STRANGER.pid as number);
};

const failure = ({ error }: Outcome<Ready>) => ({ failure: failureOf(error), lines: (error as LaunchError).lastLines });

const lost = ({ error }: Outcome<Ready>) => {
  expect(error).toBeInstanceOf(PortsLost);
  expect((error as PortsLost).lastLines).toEqual(LAST_LINES);
  return (error as PortsLost).lost;
};

describe('a server is ready', () => {
  test('once it says so, its ports are its own and its health check passes', async () => {
    startsWithin(58_000);
    const { value, tookMs } = await wait();
    expect(value).toMatchObject({ jvm: system.processes.find(JVM), warnings: [] });
    expect(tookMs).toBe(58_000);
    expect(system.http.asked).toEqual(['GET 9194 /healthz']);
  });

  test('and before it says so, nobody looks at a port or asks anything', async () => {
    server.open();
    const ready = waitUntilReady(server, { health, readyText, since: 0 }, asked.signal, system);
    await system.clock.advance(60_000);
    expect(system.sockets.looks).toBe(0);
    expect(system.http.asked).toEqual([]);
    server.saysReady();
    await system.clock.watch(ready);
    expect(system.sockets.bound).toEqual([]);
  });

  test('and only until then it is looked at for signs of life', async () => {
    const looks: number[] = [];
    const life = { look: async () => void looks.push(system.clock.now()) } as unknown as SignsOfLife;
    server.openAllBut('management');
    system.clock.after(1_000, () => server.saysReady());
    system.clock.after(9_000, () => server.open('management'));
    const beganMs = system.clock.now();
    await wait({ life });
    expect(looks.length).toBeGreaterThan(0);
    expect(looks.at(-1)).toBeLessThanOrEqual(beganMs + 1_000);
  });

  test('after the lines of this start, not of one before', async () => {
    startsWithin(0);
    await wait({ since: 4711 });
    expect(new Set(server.log.askedSince)).toEqual(new Set([4711]));
  });

  test('with a JVM that only its ports tell', async () => {
    server.jvmPid = undefined;
    startsWithin(0);
    expect((await wait()).value?.jvm.pid).toBe(JVM);
  });

  test('where another process shares the socket of ours', async () => {
    system.processes.rows.push(processRow(400));
    server.openAllBut('internal');
    system.sockets.listen(9194, JVM, 400);
    server.saysReady();
    expect((await wait()).value?.warnings).toEqual([]);
  });
});

describe('a closed port', () => {
  const optional = [...portsOf('mi', 3), { ...portsOf('mi', 3)[0], name: 'extra', number: 9099, required: false }];

  test('that is optional is a warning, but only after two seconds', async () => {
    server = new FakeServer(system, optional as FakeServer['ports']);
    server.openAllBut('extra');
    server.saysReady();
    const { value, tookMs } = await wait();
    expect(value?.warnings).toEqual(["Port 9099 (extra) is closed; what needs it won't work."]);
    expect(tookMs).toBe(2_000);
  });

  test('that is optional and opens late is none', async () => {
    server = new FakeServer(system, optional as FakeServer['ports']);
    server.openAllBut('extra');
    server.saysReady();
    system.clock.after(1_500, () => server.open('extra'));
    const { value, tookMs } = await wait();
    expect(value?.warnings).toEqual([]);
    expect(tookMs).toBe(1_500);
  });

  test('that is required is waited for', async () => {
    server.openAllBut('management');
    server.saysReady();
    system.clock.after(14_000, () => server.open('management'));
    expect(await wait()).toMatchObject({ value: { warnings: [] }, tookMs: 14_000 });
    expect(system.http.asked).toHaveLength(1);
  });

  test('that is required for 15 s will not open any more', async () => {
    server.openAllBut('management', 'internal');
    server.saysReady();
    const outcome = await wait();
    expect(failure(outcome)).toEqual({
      failure: {
        kind: 'port-never-opened',
        ports: [named('management', 9157), named('internal', 9194)],
        logFile: server.logFile,
      },
      lines: LAST_LINES,
    });
    expect((outcome.error as LaunchError).exitCode).toBe(6);
    expect(outcome.tookMs).toBe(15_000);
  });

  test('that is required for 15 s is lost where the log shows a failed bind', async () => {
    server.openAllBut('management');
    server.said.bindFailures.push('No more connections will be accepted by this transport');
    server.said.bindFailures.push('Caused by: java.net.BindException: Address already in use');
    server.saysReady();
    const outcome = await wait();
    expect(lost(outcome)).toEqual([{ ...named('management', 9157), by: null }]);
    expect(outcome.tookMs).toBe(15_050);
  });

  test('that is required never opened where its bind failed for another reason, which is named', async () => {
    server.openAllBut('management');
    server.said.bindFailures.push('No more connections will be accepted by this transport');
    server.lines = ['Caused by: java.io.IOException: keystore password was incorrect'];
    server.saysReady();
    expect(failure(await wait()).failure).toMatchObject({
      kind: 'port-never-opened',
      ports: [named('management', 9157)],
      cause: { what: 'a keystore cannot be used' },
    });
  });
});

const named = (name: string, number: number) => ({ name, number });

describe('a stranger on a port', () => {
  test('makes it lost after two looks', async () => {
    server.openAllBut('internal');
    arrives(9194);
    server.saysReady();
    const outcome = await wait();
    expect(lost(outcome)).toEqual([{ ...named('internal', 9194), by: STRANGER }]);
    expect(outcome.tookMs).toBe(50);
    expect(system.http.asked).toEqual([]);
  });

  test('makes an optional one lost like any other', async () => {
    server = new FakeServer(system, portsOf('apim', 0));
    server.openAllBut('jmx-server');
    arrives(11111);
    server.saysReady();
    expect(lost(await wait({ health: factsOf('apim').health }))).toEqual([
      { ...named('jmx-server', 11111), by: STRANGER },
    ]);
  });

  test('beside ours, on another address, makes it lost too', async () => {
    server.open();
    arrives(9194);
    server.saysReady();
    expect(lost(await wait())).toEqual([{ ...named('internal', 9194), by: STRANGER }]);
  });

  test('of another user has no name', async () => {
    server.openAllBut('internal');
    system.sockets.listen(9194);
    server.saysReady();
    expect(lost(await wait())).toEqual([{ ...named('internal', 9194), by: { pid: null, command: null } }]);
  });

  test('that only one look saw is none: two tables are not read in one moment', async () => {
    server.open();
    arrives(9194);
    server.saysReady();
    system.clock.after(10, () => system.processes.end(STRANGER.pid as number));
    expect((await wait()).value?.warnings).toEqual([]);
  });

  test('that comes and goes is none either, however often', async () => {
    server.openAllBut('management');
    server.saysReady();
    for (const ms of [1_000, 2_000, 3_000]) {
      system.clock.after(ms - 10, () => arrives(9194));
      system.clock.after(ms + 10, () => system.processes.end(STRANGER.pid as number));
    }
    system.clock.after(4_000, () => server.open('management'));
    expect((await wait()).value?.warnings).toEqual([]);
  });

  test('is told at once where a bind fails before the server says that it has started', async () => {
    arrives(9194);
    system.clock.after(5_000, () => server.said.bindFailures.push('Address already in use'));
    const outcome = await wait();
    expect(lost(outcome)).toEqual([{ ...named('internal', 9194), by: STRANGER }]);
    expect(outcome.tookMs).toBe(5_000);
  });
});

describe('where the system tells no owners', () => {
  beforeEach(() => {
    system.sockets.isUntold = true;
  });

  test('a port that is bound is our own', async () => {
    startsWithin(0);
    expect((await wait()).value?.jvm.pid).toBe(JVM);
  });

  test('one that the log says could not be bound is lost, and only that', async () => {
    server.said.bindFailures = ['09:17:04 Could not bind to /0.0.0.0:9194'];
    startsWithin(0);
    expect(lost(await wait())).toEqual([{ name: 'internal', number: 9194, by: { pid: null, command: null } }]);
  });

  test('any may be the one that the log does not name', async () => {
    server.said.bindFailures = ['09:17:04 Address already in use'];
    startsWithin(0);
    expect(lost(await wait())).toHaveLength(server.ports.length);
  });
});

test('a failed bind with nobody on our ports is looked at once, and the start goes on', async () => {
  server.said.bindFailures.push('Address already in use: 61616');
  system.clock.after(5_000, () => server.open());
  system.clock.after(5_000, () => server.saysReady());
  const { value } = await wait();
  expect(value?.warnings).toEqual([]);
  expect(system.sockets.looks).toBe(2);
});

describe('a script that ends before the server is ready', () => {
  test.each([
    [{ code: 0 }, 'its script exited with code 0, as it does whatever its JVM did'],
    [{ code: 1 }, 'its script exited with code 1'],
    [{ code: null, signal: 'SIGKILL' as const }, 'its script was ended by SIGKILL'],
    [{ code: null, error: new Error('spawn ENOEXEC') }, 'spawn ENOEXEC'],
  ])('is a failure, whatever its code: %j', async (exit, how) => {
    system.clock.after(700, () => server.end(exit));
    const outcome = await wait();
    expect(failure(outcome)).toEqual({
      failure: { kind: 'exited-before-ready', how, logFile: server.logFile },
      lines: LAST_LINES,
    });
    expect((outcome.error as LaunchError).exitCode).toBe(5);
    expect(outcome.tookMs).toBeLessThanOrEqual(750);
  });

  test('after its ready line is one as well', async () => {
    server.openAllBut('internal');
    server.saysReady();
    system.clock.after(700, () => server.end());
    expect(failure(await wait()).failure).toMatchObject({ kind: 'exited-before-ready' });
  });

  test('because somebody has its port has lost it', async () => {
    arrives(8283);
    system.clock.after(700, () => server.end());
    expect(lost(await wait())).toEqual([{ ...named('http', 8283), by: STRANGER }]);
  });

  test('because a bind failed on a port that is free again has lost it to nobody', async () => {
    system.clock.after(700, () => {
      server.said.bindFailures.push('Could not bind to /0.0.0.0:8283', 'port 61616: Address already in use');
      server.end();
    });
    expect(lost(await wait())).toEqual([{ ...named('http', 8283), by: null }]);
  });

  test('with a fatal line has failed for that', async () => {
    system.clock.after(700, () => {
      server.said.fatals.push('FATAL - WSO2 Carbon initialization Failed');
      server.end();
    });
    expect(failure(await wait()).failure).toMatchObject({ kind: 'server-failed' });
  });
});

describe('a line of the log', () => {
  test('after which no server comes ends the wait, though the JVM stays', async () => {
    system.clock.after(3_000, () => {
      server.said.fatals.push('FATAL - WSO2 Carbon initialization Failed');
    });
    const outcome = await wait();
    expect(failure(outcome)).toEqual({
      failure: { kind: 'server-failed', line: 'FATAL - WSO2 Carbon initialization Failed', logFile: server.logFile },
      lines: LAST_LINES,
    });
    expect(outcome.tookMs).toBeLessThan(3_000 + 15_000);
    expect(server.tree()).toHaveLength(3);
  });

  const CONNECTOR = 'Failed to start component [Connector["https-jsse-nio-8286"]]';
  const saysFatal = (line: string, ...bindFailures: readonly string[]): void =>
    system.clock.after(3_000, () => {
      server.said.fatals.push(line);
      server.said.bindFailures.push(...bindFailures);
    });
  const saysReadyLater = (): void =>
    system.clock.after(5_000, () => {
      server.open();
      server.saysReady();
    });

  test('is heard to its end, which names the cause', async () => {
    saysFatal('Cannot start User Manager Core bundle');
    for (const ms of [3_200, 4_100, 4_900]) system.clock.after(ms, () => server.log.position++);
    system.clock.after(4_900, () => {
      server.lines = ['Caused by: java.io.IOException: Alias name [foo] does not identify a key entry'];
    });
    const { failure: found } = failure(await wait());
    expect(found).toMatchObject({ kind: 'server-failed', cause: { what: 'a keystore cannot be used' } });
  });

  test('that never ends does not put the end off for ever', async () => {
    saysFatal('Cannot start User Manager Core bundle');
    for (let ms = 3_000; ms < 60_000; ms += 200) system.clock.after(ms, () => server.log.position++);
    expect((await wait()).tookMs).toBeLessThan(3_000 + 15_000);
  });

  test('about a connector is none where the server does without its port', async () => {
    server = new FakeServer(system, portsOf('is', 0));
    saysFatal('Failed to start component [Connector["http-nio-9763"]]');
    system.clock.after(5_000, () => {
      server.openAllBut('servlet-http');
      server.saysReady();
    });
    expect((await wait()).value?.warnings.join()).toContain('9763');
  });

  test('of a port that somebody else has is a lost race', async () => {
    arrives(8283);
    saysFatal(CONNECTOR.replace('8286', '8283'));
    expect(lost(await wait())).toEqual([{ ...named('http', 8283), by: STRANGER }]);
  });

  test('of a port that was in use and is free again is one as well', async () => {
    saysFatal(CONNECTOR.replace('8286', '8283'), 'java.net.BindException: Address already in use');
    expect(lost(await wait())).toEqual([{ ...named('http', 8283), by: null }]);
  });

  test('beside some port that was in use leaves it to the look after the ready line', async () => {
    saysFatal('Cannot start transports', 'java.net.BindException: Address already in use');
    saysReadyLater();
    expect((await wait()).value).toBeDefined();
  });

  test('about a connector that is none of those it is known by is none', async () => {
    saysFatal('Failed to start component [Connector["ajp-nio-127.0.0.1-8009"]]');
    saysReadyLater();
    expect((await wait()).value).toBeDefined();
  });

  test('about a bundle is none where another one of its name may have been added', async () => {
    system.files.texts.set('/opt/mi/repository/components/dropins/org.wso2.carbon.tomcat.ext_1.0.0.jar', '');
    saysFatal('Could not resolve module: org.wso2.carbon.tomcat.ext [132]');
    saysReadyLater();
    expect((await wait()).value).toBeDefined();
  });

  test('about a bundle ends it beside others that were added', async () => {
    system.files.texts.set('/opt/mi/repository/components/dropins/README.txt.config_1.0.0.jar', '');
    saysFatal('Could not resolve module: org.wso2.carbon.core [102]');
    expect(failure(await wait()).failure).toMatchObject({ kind: 'server-failed' });
  });

  test('is none where the server says that it has started while its reason is waited for', async () => {
    saysFatal('Cannot start User Manager Core bundle');
    system.clock.after(3_500, () => {
      server.open();
      server.saysReady();
    });
    expect((await wait()).value).toBeDefined();
  });

  test('that has nothing to do with ports ends it beside a port that was in use, too', async () => {
    saysFatal('Cannot start User Manager Core bundle', 'java.net.BindException: Address already in use');
    expect(failure(await wait()).failure).toMatchObject({ kind: 'server-failed' });
  });

  test('about a listener that does not say that its port was in use makes no lost race of another failure', async () => {
    server.said.bindFailures.push('Could not initialize RMI server on port 8283');
    saysFatal('Cannot start User Manager Core bundle');
    expect(failure(await wait()).failure).toMatchObject({ kind: 'server-failed' });
  });

  test('that asks for a password ends it with the name of the file', async () => {
    system.clock.after(3_000, () => {
      server.said.asksForPassword = true;
    });
    const outcome = await wait();
    expect(failure(outcome).failure).toEqual({
      kind: 'password-asked',
      file: '/opt/mi/password-tmp',
      logFile: server.logFile,
    });
    expect(outcome.tookMs).toBe(3_000);
  });
});

describe('the time-out names what is pending:', () => {
  const pending = async (timeoutMs = 30_000): Promise<unknown> => {
    const outcome = await wait({ timeoutMs });
    expect(outcome.tookMs).toBeGreaterThanOrEqual(timeoutMs);
    expect(outcome.tookMs).toBeLessThan(timeoutMs + 500);
    expect((outcome.error as LaunchError).exitCode).toBe(6);
    const { kind, pending: names, timeout } = failureOf(outcome.error) as Record<string, unknown>;
    expect({ kind, timeout }).toEqual({ kind: 'not-ready-in-time', timeout: `${(timeoutMs / 1000).toFixed(1)} s` });
    return names;
  };

  test('the ready line', async () => {
    expect(await pending()).toEqual(['the line "WSO2 Micro Integrator started in" in its log']);
  });

  test('its ports', async () => {
    server.openAllBut('http', 'internal');
    server.saysReady();
    expect(await pending(10_000)).toEqual(['port 8283 (http)', 'port 9194 (internal)']);
  });

  test('the health check', async () => {
    startsWithin(0);
    system.http.answer = () => ({ status: 503, body: '' });
    expect(await pending()).toEqual(['the health check (HTTP 503)']);
  });

  test('the health check that waits for its answer in vain', async () => {
    startsWithin(0);
    system.http.answer = () => {
      throw new Error('The operation was aborted', { cause: new DOMException('too late', 'TimeoutError') });
    };
    expect(await pending()).toEqual(['the health check (no answer in 5 s)']);
  });

  test('the health check that nobody answers', async () => {
    startsWithin(0);
    system.http.answer = () => {
      throw new Error('connect ECONNREFUSED 127.0.0.1:9194');
    };
    expect(await pending()).toEqual(['the health check (connect ECONNREFUSED 127.0.0.1:9194)']);
  });
});

describe('a time-out', () => {
  test('is a lost race where somebody has a port', async () => {
    arrives(9157);
    expect(lost(await wait({ timeoutMs: 30_000 }))).toEqual([{ ...named('management', 9157), by: STRANGER }]);
  });

  test('is no lost race where a bind failed first and the port was had after all', async () => {
    server.said.bindFailures.push('port 8283: Address already in use');
    server.open();
    expect(failure(await wait({ timeoutMs: 30_000 })).failure).toMatchObject({ kind: 'not-ready-in-time' });
  });

  test('is off where the JVM waits for a debugger', async () => {
    const ready = waitUntilReady(server, { health, readyText, since: 0 }, asked.signal, system);
    await system.clock.advance(1_000_000);
    startsWithin(0);
    expect((await system.clock.watch(ready)).value?.jvm.pid).toBe(JVM);
  });
});

describe('somebody who asks for the end', () => {
  const reason = { reason: 'signal', exitCode: 130 };

  test('ends the wait at once, with what was asked', async () => {
    system.clock.after(1_234, () => asked.abort(reason));
    expect(await wait()).toEqual({ error: reason, tookMs: 1_234 });
  });

  test('before it has begun ends it too', async () => {
    startsWithin(0);
    asked.abort(reason);
    expect(await wait()).toEqual({ error: reason, tookMs: 0 });
  });

  test('while the health check fails ends it too', async () => {
    startsWithin(0);
    system.http.answer = () => ({ status: 503, body: '' });
    system.clock.after(1_234, () => asked.abort(reason));
    expect(await wait()).toEqual({ error: reason, tookMs: 1_234 });
  });
});

describe('the health check', () => {
  test('is repeated until it passes', async () => {
    startsWithin(0);
    system.http.answer = () => ({ status: system.http.asked.length < 4 ? 503 : 200, body: '' });
    expect((await wait()).value?.warnings).toEqual([]);
    expect(system.http.asked).toHaveLength(4);
  });

  test('passes with a warning where the probe is switched off', async () => {
    startsWithin(0);
    system.http.answer = () => ({ status: 404, body: '' });
    expect((await wait()).value?.warnings).toEqual([
      'The health check answers 404: the probe is switched off, so health is not known.',
    ]);
  });

  test('passes with a warning that names the faulty CApps', async () => {
    startsWithin(0);
    system.http.answer = () => ({ status: 500, body: '{"Faulty CAPPs":["a.car"]}' });
    expect((await wait()).value?.warnings).toEqual([
      'Faulty CApps: a.car. They stay out of service until deployed again.',
    ]);
  });

  test('waits for a JVM', async () => {
    startsWithin(0);
    server.jvmPid = undefined;
    server.jvm = () => undefined;
    const outcome = await wait({ timeoutMs: 10_000 });
    expect(failureOf(outcome.error)).toMatchObject({ pending: ['the health check (the JVM is gone)'] });
  });

  test.each([
    ['asks over HTTP', [], ['GET 9763 /services/Version']],
    ['shakes hands over TLS where the HTTP port is closed', ['servlet-http'], ['TLS 9443']],
  ])('of API Manager %s', async (_how, closed, questions) => {
    server = new FakeServer(system, portsOf('apim', 0));
    server.openAllBut(...closed);
    server.saysReady();
    const { value } = await wait({ health: factsOf('apim').health, readyText: factsOf('apim').readyText });
    expect(value?.jvm.pid).toBe(JVM);
    expect(system.http.asked).toEqual(questions);
  });

  const UNKNOWN = 'The configuration closes every port that tells of the health, so it is not known.';

  test.each<[how: string, opened: readonly string[], questions: readonly string[], warnings: readonly string[]]>([
    ['by both protocols asks over HTTP', ['management', 'internal'], ['GET 9191 /healthz'], []],
    ['by HTTPS alone shakes hands over TLS', ['management'], ['TLS 9154'], []],
    ['by none is not known', [], [], [UNKNOWN]],
  ])('of a Micro Integrator whose APIs are served %s', async (_how, opened, questions, warnings) => {
    const configured = portsOf('mi', 0).filter(({ name }) => ['http', 'https', ...opened].includes(name));
    server = new FakeServer(system, configured);
    startsWithin(0);
    const { value } = await wait({ health: factsOf('mi').health, readyText: factsOf('mi').readyText });
    expect(value?.warnings).toEqual(warnings);
    expect(system.http.asked).toEqual(questions);
  });
});

describe('a server that can not say that it has started', () => {
  beforeEach(() => {
    server.silencedBy = 'conf/log4j2.properties';
  });
  const WARNING =
    'conf/log4j2.properties keeps the line "WSO2 Micro Integrator started in" from console and log file: it counts as started because its required ports stayed open for 15 s with nothing new in its log.';

  test('is ready when its required ports have been its own for 15 s with a quiet log, which is said', async () => {
    system.clock.after(8_000, () => server.open());
    const { value, tookMs } = await wait();
    expect(value).toMatchObject({ jvm: system.processes.find(JVM), warnings: [WARNING] });
    expect(tookMs).toBeGreaterThanOrEqual(23_000);
    expect(tookMs).toBeLessThan(25_000);
    expect(system.http.asked).toEqual(['GET 9194 /healthz']);
  });

  test('is not ready as long as its log goes on', async () => {
    server.open();
    for (let ms = 0; ms < 40_000; ms += 10_000) system.clock.after(ms, () => server.log.position++);
    const { tookMs } = await wait();
    expect(tookMs).toBeGreaterThanOrEqual(45_000);
  });

  test('is not ready as long as a required port is closed', async () => {
    server.openAllBut('internal');
    const { error } = await wait({ timeoutMs: 60_000 });
    expect(failureOf(error)).toMatchObject({
      pending: ['its required ports to stay open for 15 s with nothing new in its log'],
    });
  });

  test('is ready without an optional port, which is said', async () => {
    server = new FakeServer(system, portsOf('is', 0));
    server.silencedBy = 'repository/conf/log4j2.properties';
    server.openAllBut('ldap', 'thrift-auth');
    const { health, readyText } = factsOf('is');
    const { value, tookMs } = await wait({ health, readyText });
    expect(value?.warnings[0]).toContain('is closed; what needs it');
    expect(tookMs).toBeLessThan(20_000);
  });

  test('is ready at once where it says so all the same', async () => {
    startsWithin(5_000);
    expect(await wait()).toMatchObject({ tookMs: 5_000, value: { warnings: [] } });
  });

  test('has lost a race where somebody else is on a required port', async () => {
    server.openAllBut('internal');
    arrives(9194);
    expect(lost(await wait())).toEqual([{ ...named('internal', 9194), by: STRANGER }]);
  });

  test('is not taken for started because it and we were suspended', async () => {
    server.open();
    await system.clock.advance(0);
    const waiting = wait();
    system.clock.after(1_000, () => system.clock.jump(60_000));
    expect((await waiting).tookMs).toBeGreaterThanOrEqual(75_000 - 500);
  });

  test('fails by a fatal line as any other', async () => {
    system.clock.after(3_000, () => server.said.fatals.push('Cannot start transports'));
    expect(failure(await wait()).failure).toMatchObject({ kind: 'server-failed' });
  });
});

describe('a page that has to answer', () => {
  const page = { url: 'https://localhost:8256/carbon/', port: 8256, isSecure: true, path: '/carbon/' };
  let status: number;
  beforeEach(() => {
    status = 404;
    system.http.answer = (request) => ({ status: request?.path === '/carbon/' ? status : 200, body: '' });
    startsWithin(1_000);
  });

  test.each([200, 302])('is waited for until it says %i', async (good) => {
    system.clock.after(5_000, () => {
      status = good;
    });
    const { value, tookMs } = await wait({ page });
    expect(value?.warnings).toEqual([]);
    expect(tookMs).toBeGreaterThanOrEqual(5_000);
  });

  test('is named by the time-out', async () => {
    const { error } = await wait({ page, timeoutMs: 10_000 });
    const pending = ['GET https://localhost:8256/carbon/ to answer 200 or 302 (it answers 404)'];
    expect(failureOf(error)).toMatchObject({ kind: 'not-ready-in-time', pending });
  });

  test('is named with what keeps it from answering', async () => {
    system.http.answer = (request) => {
      if (request?.path === '/carbon/') throw new Error('socket hang up');
      return { status: 200, body: '' };
    };
    const { error } = await wait({ page, timeoutMs: 10_000 });
    const pending = ['GET https://localhost:8256/carbon/ to answer 200 or 302 (socket hang up)'];
    expect(failureOf(error)).toMatchObject({ pending });
  });
});
