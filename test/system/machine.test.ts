import { closeSync, constants, mkdtempSync, openSync, realpathSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeMachine } from '../../src/system/machine.js';
import { Children } from '../support/children.js';
import { until } from '../support/wait.js';

let children: Children;
beforeEach(() => {
  children = new Children();
});
afterEach(() => children.close());

test('there is some memory, and not more than the machine has', () => {
  expect(nodeMachine.availableMemory()).toBeGreaterThan(0);
  expect(nodeMachine.availableMemory()).toBeLessThanOrEqual(totalmem());
});

test('there is some space below a folder, and nothing to tell of one that is not there', () => {
  expect(nodeMachine.freeSpace(tmpdir())).toBeGreaterThan(0);
  expect(nodeMachine.freeSpace('/nonexistent')).toBeUndefined();
});

test('the limit of open files is the one that a child gets', async () => {
  const child = children.shell('ulimit -n');
  const line = await child.line();
  expect(String(nodeMachine.openFileLimit())).toBe(line === 'unlimited' ? 'Infinity' : line);
});

describe('a host name', () => {
  test('that resolves', async () => {
    expect(await nodeMachine.whyUnresolved('localhost', 60_000)).toBeUndefined();
  });

  test('that is none, by its error', async () => {
    expect(await nodeMachine.whyUnresolved('a'.repeat(300), 60_000)).toMatch(/^E[A-Z_]+$/);
  });

  test('for which nobody answers is waited for no longer than allowed', async () => {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
    const fifo = join(folder, 'fifo');
    await children.start('mkfifo', [fifo]).ended;
    // Look-ups share four threads with files, and a pipe without a writer keeps its reader.
    const readers = [1, 2, 3, 4].map(() => open(fifo, 'r'));
    expect(await nodeMachine.whyUnresolved('localhost', 50)).toBe('no answer in 0.05 s');
    const writer = await until('the readers to wait', () => openIfRead(fifo));
    for (const reader of await Promise.all(readers)) await reader.close();
    closeSync(writer);
    rmSync(folder, { recursive: true });
  });
});

function openIfRead(fifo: string): number | undefined {
  try {
    return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined; // nobody reads yet
  }
}
