import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { SignsOfLife } from '../../src/server/signs-of-life.js';
import { FakeServer, JVM } from '../support/fake-server.js';
import { type FakeSystem, fakeSystem } from '../support/fake-system.js';

const DUMP = readFileSync(join(process.cwd(), 'test/support/fixtures/thread-dump.txt'), 'utf8');

let system: FakeSystem;
let server: FakeServer;
let warnings: string[];
let asked: string[];
beforeEach(() => {
  system = fakeSystem();
  server = new FakeServer(system);
  system.processes.cpuMs = 9_000;
  warnings = [];
  asked = [];
});

/** Looks as often as a launch does, for so long; each second something may happen. */
async function lookFor(seconds: number, eachSecond: () => void = () => {}): Promise<void> {
  const outputOf = async (file: string, args: readonly string[]): Promise<string> => {
    asked.push([file, ...args].join(' '));
    return DUMP;
  };
  const spawning = { ...system.spawning, outputOf };
  const life = new SignsOfLife(server, '/jdk', (text) => warnings.push(text), { ...system, spawning });
  for (let second = 0; second < seconds; second++) {
    await life.look(new AbortController().signal);
    system.clock.jump(1_000);
    eachSecond();
  }
}

const SAID = 'The server has given no sign of life for a minute: no line in its log, hardly any processor time';

test('a boot that is quiet for a minute is told of once, with what it waits for', async () => {
  await lookFor(600);
  expect(warnings).toEqual([
    `${SAID}; its thread "Start Level" waits for somebody on the network, in sun.nio.ch.SocketDispatcher.read0, called by org.h2.value.Transfer.readInt and org.wso2.carbon.user.core.claim.dao.ClaimDAO.getDialectCount. It may still come.`,
  ]);
  expect(asked).toEqual([`${join('/jdk', 'bin', 'jstack')} ${JVM}`]);
});

test('a little processor time is no sign of life', async () => {
  await lookFor(100, () => {
    system.processes.cpuMs = (system.processes.cpuMs as number) + 4;
  });
  expect(warnings).toHaveLength(1);
});

test.each<[sign: string, change: () => void]>([
  ['lines in the log', () => server.log.position++],
  [
    'processor time',
    () => {
      system.processes.cpuMs = (system.processes.cpuMs as number) + 100;
    },
  ],
  [
    'processor time that is not known',
    () => {
      system.processes.cpuMs = undefined;
    },
  ],
])('with %s it is not', async (_sign, change) => {
  await lookFor(600, change);
  expect(warnings).toEqual([]);
});

test('a machine that was suspended is not a quiet boot', async () => {
  let seconds = 0;
  await lookFor(50, () => {
    if (seconds++ === 20) system.clock.jump(3_600_000);
  });
  expect(warnings).toEqual([]);
});

test('a JVM that would end by the question is not asked', async () => {
  system.processes.catchesQuit = () => false;
  await lookFor(100);
  expect(warnings).toEqual([`${SAID}. It may still come.`]);
  expect(asked).toEqual([]);
});
