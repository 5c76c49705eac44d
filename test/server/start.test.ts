import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { buildCommand, passOffset } from '../../src/domain/command.js';
import { adoptServer, describeEnd, type RunningServer, startServer } from '../../src/server/start.js';
import type { Exit, Spawning } from '../../src/system/spawning.js';
import { HELPER, JVM, portsOf, SCRIPT } from '../support/fake-server.js';
import { type FakeSystem, fakeSystem, processRow } from '../support/fake-system.js';
import { instanceRecord } from '../support/instance-record.js';

const ENV = { PATH: '/bin', CARBON_HOME: '/other', PORT: '80', WSO2_LAUNCH_OFFSET: '3', WSO2LAUNCH_TAG: 'outer' };
const COMMAND = buildCommand(
  {
    script: '/opt/mi/bin/micro-integrator.sh',
    carbonHome: '/opt/mi',
    javaHome: '/jdk',
    others: [],
    passed: passOffset({ kind: 'argument' }, 3, ''),
  },
  ENV,
);

let folder: string;
let system: FakeSystem;
let steps: string[];
let end: (exit: Exit) => void;
let given: Parameters<Spawning['startGated']> | undefined;
let server: RunningServer;
beforeEach(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  const file = join(folder, 'mi.log');
  writeFileSync(file, 'of the start before\n');
  steps = [];
  system = fakeSystem();
  system.spawning.startGated = async (...all) => {
    given = all;
    steps.push('started at the gate');
    system.processes.rows.push(processRow(SCRIPT, { parent: system.pid }));
    const exited = new Promise<Exit>((resolve) => {
      end = resolve;
    });
    return { pid: SCRIPT, exited, open: () => steps.push('opened the gate') };
  };
  const guard = {
    ended: new Promise<void>(() => {}),
    watch: async ({ pid, startTime }: { pid: number; startTime: string }) => {
      await Promise.resolve();
      steps.push(`guarded ${pid} ${startTime}`);
    },
    release: async () => {},
    abandon: () => {},
  };
  server = await startServer(
    {
      command: COMMAND,
      runtimeHome: '/opt/mi',
      ports: portsOf('mi', 3),
      readyText: 'started in ',
      readyLine: {},
      atGate: ({ pid, startTime }) => void steps.push(`wrote down ${pid} ${startTime}`),
      tag: 'tag',
      guard,
      log: { file, fd: 9, size: 20 },
    },
    { ...system, env: ENV },
  );
});
afterEach(() => {
  server.log.close();
  rmSync(folder, { recursive: true });
});

const starts = (pid: number, more: Parameters<typeof processRow>[1] = {}): void => {
  system.processes.rows.push(processRow(pid, { parent: SCRIPT, session: SCRIPT, group: SCRIPT, ...more }));
};
const treeNow = (): number[] => server.tree().map(({ pid }) => pid);

test('the script runs only after the guard knows its session, and after that is written down', () => {
  const known = [`guarded ${SCRIPT} t${SCRIPT}`, `wrote down ${SCRIPT} t${SCRIPT}`];
  expect(steps).toEqual(['started at the gate', ...known, 'opened the gate']);
});

test('the script gets its command, a clean environment with its tag, and the log', () => {
  expect(given).toEqual([
    COMMAND,
    { PATH: '/bin', CARBON_HOME: '/opt/mi', JAVA_HOME: '/jdk', WSO2LAUNCH_TAG: 'tag' },
    9,
  ]);
  expect(server).toMatchObject({ home: '/opt/mi', logStart: 20, leader: { pid: SCRIPT, startTime: `t${SCRIPT}` } });
});

describe('the tree', () => {
  test('is the session, what it starts, and what carries the tag', () => {
    starts(JVM);
    starts(HELPER, { session: HELPER });
    system.processes.rows.push(processRow(200), processRow(300));
    system.processes.withVariable = () => new Set([300]);
    expect(treeNow()).toEqual([SCRIPT, JVM, 300, HELPER]);
  });

  test('keeps whoever was seen in it, though nothing ties him to it any more', () => {
    starts(JVM);
    starts(HELPER, { session: HELPER });
    treeNow();
    system.processes.end(SCRIPT, JVM, HELPER);
    system.processes.rows.push(processRow(HELPER));
    expect(treeNow()).toEqual([HELPER]);
  });

  test('loses him once the pid belongs to another process', () => {
    starts(HELPER, { session: HELPER });
    treeNow();
    system.processes.end(SCRIPT, HELPER);
    system.processes.rows.push(processRow(HELPER, { startTime: 'later' }));
    expect(treeNow()).toEqual([]);
  });
});

describe('a session whose script is gone', () => {
  test('is known by whoever is left of it, and starts more', () => {
    starts(HELPER);
    treeNow();
    system.processes.end(SCRIPT);
    starts(JVM, { parent: 1 });
    expect(treeNow()).toEqual([HELPER, JVM]);
  });

  test('is over once it was empty: its number may be given to a stranger', () => {
    system.processes.end(SCRIPT);
    expect(treeNow()).toEqual([]);
    starts(HELPER, { parent: 1 });
    expect(treeNow()).toEqual([]);
  });
});

describe('an adopted server', () => {
  const adopted = (): (() => number[]) => {
    const record = instanceRecord({ server: { pid: SCRIPT, startTime: `t${SCRIPT}` } });
    const tree = adoptServer(record, system)?.tree;
    return () => tree?.().map(({ pid }) => pid) ?? [];
  };

  test('keeps the rest of its session when its script has ended, whatever ties it to that', () => {
    starts(HELPER, { parent: 1 });
    const tree = adopted();
    expect(tree()).toEqual([SCRIPT, HELPER]);
    system.processes.end(SCRIPT);
    starts(JVM, { parent: 1 });
    expect(tree()).toEqual([HELPER, JVM]);
    system.processes.end(HELPER, JVM);
    expect(tree()).toEqual([]);
    starts(HELPER, { parent: 1, startTime: 'later' });
    expect(tree()).toEqual([]);
  });

  test.each<[what: string, left: Parameters<typeof processRow>[1]]>([
    ['somebody else has its number', { session: SCRIPT, group: SCRIPT }],
    ['its leader is another process with the same number', { parent: SCRIPT, session: SCRIPT, group: SCRIPT }],
  ])('has nothing in a session where %s', (_what, left) => {
    system.processes.end(SCRIPT);
    if (left?.parent === SCRIPT) system.processes.rows.push(processRow(SCRIPT, { startTime: 'later' }));
    system.processes.rows.push(processRow(HELPER, left));
    expect(adopted()()).toEqual([]);
  });
});

test('the JVM is told by the pid file of the home, and only within the tree', () => {
  starts(JVM);
  system.processes.rows.push(processRow(300));
  system.files.texts.set('/opt/mi/wso2carbon.pid', `${JVM}\n\0\0`);
  expect(server.jvm()?.pid).toBe(JVM);
  system.files.texts.set('/opt/mi/wso2carbon.pid', '300\n');
  expect(server.jvm()).toBeUndefined();
});

test('the end of the script is told, once it comes', async () => {
  expect([server.exit, server.ended.aborted]).toEqual([undefined, false]);
  end({ code: 0, signal: null });
  await system.clock.advance(0);
  expect([server.exit, server.ended.aborted]).toEqual([{ code: 0, signal: null }, true]);
});

test.each<[Exit | undefined, string]>([
  [undefined, 'its script still runs'],
  [{ code: 0, signal: null }, 'its script exited with code 0, as it does whatever its JVM did'],
  [{ code: null, signal: 'SIGKILL' }, 'its script was ended by SIGKILL'],
  [
    { code: null, signal: 'SIGXFSZ' },
    'its script was ended by SIGXFSZ: a file was to grow beyond the limit of ulimit -f',
  ],
  [{ code: null, signal: null, error: new Error('spawn EACCES') }, 'spawn EACCES'],
])('%j reads "%s"', (exit, text) => {
  const log = { ...server.log, lastLines: () => ['INFO - fine', ''] };
  expect(describeEnd({ exit, log })).toBe(text);
  const killed = { ...log, lastLines: () => ['INFO - fine', 'Killed', ''] };
  expect(describeEnd({ exit, log: killed })).toBe('its JVM was ended by SIGKILL');
});
