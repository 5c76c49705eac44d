import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BootLook, watchBoot } from '../../src/api/internal/boot.js';
import type { InstanceRecord } from '../../src/domain/instance.js';
import { nodeFiles } from '../../src/system/files.js';
import { type FakeSystem, fakeSystem } from '../support/fake-system.js';
import { instanceRecord } from '../support/instance-record.js';
import { until } from '../support/wait.js';

let folder: string;
let system: FakeSystem;
let logFile: string;
let looks: BootLook[];
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  system = fakeSystem();
  logFile = join(folder, 'mi.log');
  writeFileSync(logFile, '');
  looks = [];
});
afterEach(() => {
  watched?.close();
  rmSync(folder, { recursive: true });
});

let watched: { close(): void } | undefined;

const watch = (isFirst = true): { close(): void } => {
  watched = watchBoot({ name: 'mi', product: 'mi', logFile, isFirst }, 30_000, (look) => looks.push(look), {
    ...system,
    files: nodeFiles,
    env: { WSO2_LAUNCH_STATE_DIR: folder },
  });
  return watched;
};

/** The phase once the log has been read, which takes a time of its own. */
const untilPhase = (phase: string): Promise<unknown> =>
  until(`the phase ${phase}`, async () => {
    await system.clock.advance(30_000);
    return looks.at(-1)?.phase === phase;
  });

test('a boot is told of every so often, until it is over', async () => {
  const { close } = watch();
  await system.clock.advance(29_999);
  expect(looks).toEqual([]);
  await system.clock.advance(1);
  expect(looks).toEqual([{ phase: 'jvm', elapsedMs: 30_000, usualMs: undefined }]);
  await system.clock.advance(30_000);
  expect(looks.at(-1)?.elapsedMs).toBe(60_000);
  close();
  await system.clock.advance(300_000);
  expect(looks).toHaveLength(2);
});

test('its phase goes by its log, and never back', async () => {
  const { close } = watch();
  appendFileSync(logFile, ' INFO {ConfigParser} - Applying configurations with deployment configurations\n');
  await untilPhase('bundles');
  appendFileSync(logFile, ' INFO {x} - Pass-through HTTP Listener started on 0.0.0.0:8290\n');
  await untilPhase('listeners');
  appendFileSync(logFile, ' INFO {x} - Deploying Carbon Application : a.car...\n');
  await system.clock.advance(30_000);
  expect(looks.at(-1)?.phase).toBe('listeners');
  close();
});

test('a later start is not taken for what the one before has written', async () => {
  writeFileSync(logFile, ' INFO {x} - Pass-through HTTP Listener started on 0.0.0.0:8290\n');
  const { close } = watch(false);
  appendFileSync(logFile, ' INFO {ConfigParser} - Applying configurations with deployment configurations\n');
  await untilPhase('bundles');
  close();
});

function write(more: Partial<InstanceRecord>): void {
  mkdirSync(join(folder, 'instances'), { mode: 0o700, recursive: true });
  writeFileSync(join(folder, 'instances/mi.json'), JSON.stringify(instanceRecord(more)), { mode: 0o600 });
}

test('a wait for a debugger is told as long as it lasts, and is no part of the time that is usual', async () => {
  const { close } = watch();
  await system.clock.advance(30_000);
  write({ awaits: ['a debugger on 5005'] });
  await system.clock.advance(60_000);
  expect(looks.slice(-2)).toMatchObject([
    { elapsedMs: 29_000, awaits: ['a debugger on 5005'] },
    { elapsedMs: 59_000, awaits: ['a debugger on 5005'] },
  ]);
  write({ awaits: [] });
  await system.clock.advance(60_000);
  expect(looks.slice(-2)).toEqual([
    { phase: 'jvm', elapsedMs: 29_000, usualMs: undefined },
    { phase: 'jvm', elapsedMs: 59_000, usualMs: undefined },
  ]);
  close();
});

test('the usual time is that of the record', async () => {
  write({ bootTimes: [58_000, 61_000, 12_000] });
  const { close } = watch();
  await system.clock.advance(30_000);
  expect(looks[0]?.usualMs).toBe(58_000);
  close();
});
