import { appendFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { factsOf } from '../../src/domain/catalogue.js';
import { type LogSummary, type LogWatch, watchLogs } from '../../src/server/log-watch.js';
import { FakeClock } from '../support/fake-system.js';
import { until } from '../support/wait.js';

const { readyText } = factsOf('mi');
const READY = `[2026-11-22 03:00:00,000]  INFO - StartupFinalizer ${readyText}12.34 sec`;
const SHUTDOWN = 'INFO - CoreServerInitializer Gracefully shutting down WSO2 Micro Integrator...';
const BIND = 'Could not bind to /0.0.0.0:5672';

let folder: string;
let file: string;
let clock: FakeClock;
let watch: LogWatch;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  file = join(folder, 'server.log');
  clock = new FakeClock();
  writeFileSync(file, '');
  watch = watchLogs([{ file, from: 0 }], readyText, { clock });
});
afterEach(() => {
  watch.close();
  rmSync(folder, { recursive: true });
});

async function said(...writes: readonly (string | Buffer)[]): Promise<LogSummary> {
  for (const text of writes) {
    appendFileSync(file, text);
    await watch.caughtUp();
  }
  return watch.since(0);
}

const NOTHING: LogSummary = { bindFailures: [], fatals: [], asksForPassword: false };

test('a log that says nothing of interest has said nothing', async () => {
  expect(await said('INFO - one\nWARN - two\n')).toEqual(NOTHING);
});

test('everything of interest is kept', async () => {
  const lines = [BIND, 'FATAL - WSO2 Carbon initialization Failed', 'ERROR - Cannot start transports', READY, SHUTDOWN];
  expect(await said(`${lines.join('\n')}\n`)).toEqual({
    readyAtMs: clock.now(),
    fatals: ['FATAL - WSO2 Carbon initialization Failed', 'ERROR - Cannot start transports'],
    bindFailures: [BIND],
    shutdownAtMs: clock.now(),
    asksForPassword: false,
  });
});

describe('a message without a layout', () => {
  const bare = 'Gracefully shutting down WSO2 Micro Integrator...';

  test('is a line of a longer one where the ready line has one', async () => {
    expect((await said(`${READY}\n`, `INFO - X two lines:\n${bare}\n`)).shutdownAtMs).toBeUndefined();
  });

  test('counts where the ready line has none either, or was not seen', async () => {
    expect((await said(`${bare}\n`)).shutdownAtMs).toBe(clock.now());
    expect((await said(`${readyText}3 sec\n`)).shutdownAtMs).toBe(clock.now());
  });
});

describe('a line is understood', () => {
  test('though it comes in pieces', async () => {
    const [first, second, third] = [READY.slice(0, 40), READY.slice(40, 70), READY.slice(70)];
    expect(await said(`one\n${first}`, second)).toEqual(NOTHING);
    expect((await said(`${third}\n`)).readyAtMs).toBe(clock.now());
  });

  test('with the line ends of Windows, and its text without them', async () => {
    expect(await said(`one\r\n${BIND}\r\ntwo\r\n`)).toMatchObject({ bindFailures: [BIND] });
  });

  test('with colours in the middle of its words', async () => {
    const coloured = READY.replace('started', '\u001b[32mstarted\u001b[0m');
    expect((await said(`\u001b[0mone\n${coloured}\n`)).readyAtMs).toBeDefined();
  });

  test('with letters beyond ASCII, which its text keeps', async () => {
    expect(await said(`Störung: ${BIND} – 五\n`)).toMatchObject({ bindFailures: [`Störung: ${BIND} – 五`] });
  });

  test('among bytes that are no text', async () => {
    expect((await said(Buffer.from([0xff, 0x00, 0x0a]), `${READY}\n`)).readyAtMs).toBeDefined();
  });

  test('at the end of a very long one without an end', async () => {
    expect((await said('x'.repeat(300_000), `\n${READY}\n`)).readyAtMs).toBeDefined();
  });
});

test('a password prompt does not end its line', async () => {
  expect(await said('one\n[Enter KeyStore and Private Key Password :]')).toMatchObject({ asksForPassword: true });
});

test('a line that has not ended says nothing else yet', async () => {
  expect((await said(`one\n${READY}`)).readyAtMs).toBeUndefined();
});

test('a first line that has not ended says nothing yet', async () => {
  expect((await said(READY)).readyAtMs).toBeUndefined();
});

test('what was said before some position does not count after it', async () => {
  await said(`${READY}\n${BIND}\n`);
  const { position } = watch;
  expect(position).toBe(READY.length + BIND.length + 2);
  expect(watch.since(position)).toEqual(NOTHING);
  await clock.advance(500);
  await said(`${READY}\n`);
  expect(watch.since(position)).toEqual({ ...NOTHING, readyAtMs: 1_500 });
  expect(watch.since(0).readyAtMs).toBe(1_000);
});

test('a log that was written before does not count from its end on', async () => {
  await said(`${READY}\n`);
  const second = watchLogs([{ file, from: watch.position }], readyText, { clock });
  appendFileSync(file, `${SHUTDOWN}\n`);
  await second.caughtUp();
  expect(second.since(0)).toEqual({ ...NOTHING, shutdownAtMs: clock.now() });
  second.close();
});

test('a server that fails for ever does not fill the memory', async () => {
  await said(`${`${BIND}\n`.repeat(2_000)}`);
  expect(watch.since(0).bindFailures).toHaveLength(500);
});

test('what is said once is not pushed out by what is said for ever', async () => {
  const summary = await said(`${READY}\n${SHUTDOWN}\n${`${BIND}\n`.repeat(2_000)}`);
  expect(summary).toMatchObject({ readyAtMs: clock.now(), shutdownAtMs: clock.now() });
  expect(summary.bindFailures).toHaveLength(498);
});

describe('a log of the server beside its output', () => {
  let own: string;
  let both: LogWatch;
  beforeEach(() => {
    own = join(folder, 'wso2carbon.log');
    both = watchLogs(
      [
        { file, from: 0 },
        { file: own, from: 0, rolls: true },
      ],
      readyText,
      { clock },
    );
  });
  afterEach(() => both.close());

  test('counts as its output does, though it is made later', async () => {
    appendFileSync(file, 'JAVA_HOME is set\n');
    await both.caughtUp();
    writeFileSync(own, `${READY}\n`);
    await until('the ready line', () => both.since(0).readyAtMs !== undefined);
    expect(both.lastLines(1_000)).toEqual([READY, '', 'JAVA_HOME is set', '']);
  });

  test('counts only from some position on, of both together', async () => {
    writeFileSync(own, `${READY}\n`);
    await until('the ready line', () => both.since(0).readyAtMs !== undefined);
    const { position } = both;
    expect(both.since(position)).toEqual(NOTHING);
    appendFileSync(own, `${SHUTDOWN}\n`);
    await until('the shutdown', () => both.since(position).shutdownAtMs);
    expect(both.since(position)).toEqual({ ...NOTHING, shutdownAtMs: clock.now() });
  });
});
