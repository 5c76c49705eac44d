import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from '@jest/globals';
import { hearSupervisor } from '../../src/launch/background.js';
import { nodeSystem } from '../../src/system/index.js';
import type { StartedSupervisor } from '../../src/system/spawning.js';
import { until } from '../support/wait.js';

const { processes } = nodeSystem;
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A program in the place of a supervisor, heard by its output. */
async function start(
  script: string,
): Promise<{ readonly child: ChildProcess; readonly supervisor: StartedSupervisor }> {
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const supervisor = {
    pid: child.pid as number,
    lines,
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
    exited: once(child, 'exit').then(([code, signal]) => ({ code, signal })),
  } as unknown as StartedSupervisor;
  return { child, supervisor };
}

/** A clock whose long waits are over as soon as a condition holds, which is made anew for each. */
const clockThat = (condition: () => () => boolean) => ({
  ...nodeSystem.clock,
  sleep: async (_ms: number, signal?: AbortSignal) => {
    const isOver = condition();
    await until('the wait to be over', () => signal?.aborted === true || isOver());
  },
});

const hooks = { started: () => {}, warn: () => {}, hear: () => {} };
const hear = (supervisor: StartedSupervisor, condition: () => () => boolean) =>
  hearSupervisor(supervisor, hooks, { processes, clock: clockThat(condition) });

test('a supervisor that neither works nor says a word is killed, and told as a shortage', async () => {
  const { child, supervisor } = await start('read never');
  await expect(hear(supervisor, () => () => true)).rejects.toMatchObject({ failure: { kind: 'shortage' } });
  await supervisor.exited;
  expect(child.signalCode).toBe('SIGKILL');
});

test('one that is suspended is waited for', async () => {
  const { child, supervisor } = await start(`read never; echo '{"over":{"code":0}}'`);
  child.kill('SIGSTOP');
  await until('it to be suspended', () => processes.find(supervisor.pid)?.isSuspended === true);
  let waits = 0;
  const over = hear(supervisor, () => {
    waits += 1;
    if (waits < 20) return () => true;
    child.kill('SIGCONT');
    child.stdin?.end('go\n');
    return () => false;
  });
  expect(await over).toEqual({ code: 0 });
});

test('one that works is waited for, and one that has said a word is never asked again', async () => {
  const work = 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done';
  const { child, supervisor } = await start(`${work}; echo '{"up":true}'; read never; echo '{"over":{"code":0}}'`);
  const spentMs = (): number => processes.cpuTimeOf(supervisor.pid) ?? 0;
  const over = hear(supervisor, () => {
    const before = spentMs();
    return () => spentMs() > before;
  });
  await until('it to have worked', () => spentMs() > 0);
  child.stdin?.end('go\n');
  expect(await over).toEqual({ code: 0 });
});
