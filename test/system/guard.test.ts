import { existsSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GUARD_SCRIPT } from '../../src/system/guard.js';
import { procProcesses } from '../../src/system/processes.js';
import { askWitness, openWitness } from '../../src/system/witness.js';
import { type Child, Children, gone, makeZombie } from '../support/children.js';
import { isAlive } from '../support/machine.js';
import { needing } from '../support/tools.js';
import { until } from '../support/wait.js';

const PATH = process.env['PATH'] ?? '';

let folder: string;
let lease: string;
let needed: string;
let tag: string;
let children: Children;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  lease = join(folder, 'lease.json');
  needed = join(folder, 'copy of a configuration');
  for (const file of [lease, needed]) writeFileSync(file, '{}');
  tag = `${process.pid}-${Math.random()}`;
  children = new Children();
});
afterEach(async () => {
  await children.close();
  rmSync(folder, { recursive: true });
});

const startGuard = (graceSeconds = 60): Child => {
  const options = [`WSO2LAUNCH_TEST=${tag}`, `${graceSeconds * 10}`, lease, join(folder, 'socket'), needed];
  return children.start('/bin/sh', ['-c', GUARD_SCRIPT, 'guard', ...options], { env: { PATH }, detached: true });
};

const startTimeOf = (pid: number): string => procProcesses.find(pid)?.startTime ?? '';

async function watching(pid: number, startTime = startTimeOf(pid), graceSeconds?: number): Promise<Child> {
  const guard = startGuard(graceSeconds);
  guard.say(`watch ${pid} ${startTime}`);
  expect(await guard.line()).toBe('watching');
  return guard;
}

/** A session of a script and one child; both end when asked unless they are stubborn. */
async function startSession({ isStubborn = false, env = {} } = {}): Promise<{ script: Child; member: number }> {
  const trap = isStubborn ? "trap '' TERM; " : '';
  const script = children.shell(`${trap}sleep 600 & echo $!; wait; sleep 600`, {
    detached: true,
    env: { PATH, ...env },
  });
  return { script, member: children.adopt(await script.number()) };
}

test('it lets go where the supervisor says so: nobody is signalled, the lease stays', async () => {
  const { script, member } = await startSession();
  const guard = await watching(script.pid);
  guard.say('done');
  expect(await guard.ended).toEqual({ code: 0, signal: null });
  expect([script.pid, member].every(isAlive)).toBe(true);
  expect([lease, needed].map((file) => existsSync(file))).toEqual([true, true]);
});

describe('when the supervisor dies', () => {
  test('it ends the session and removes the lease, and what the server needed', async () => {
    const { script, member } = await startSession();
    const guard = await watching(script.pid);
    guard.hangUp();
    await gone(script.pid, member);
    expect(await guard.ended).toEqual({ code: 0, signal: null });
    expect([lease, needed].map((file) => existsSync(file))).toEqual([false, false]);
  });

  test('it kills a session that does not end in time', async () => {
    const { script, member } = await startSession({ isStubborn: true });
    const guard = await watching(script.pid, undefined, 0.3);
    guard.hangUp();
    await gone(script.pid, member);
    expect(await script.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await guard.ended;
    expect(existsSync(lease)).toBe(false);
  });

  test('it ends a session whose leader is gone', async () => {
    const { script, member } = await startSession();
    const guard = await watching(script.pid);
    script.child.kill('SIGKILL');
    await script.ended;
    guard.hangUp();
    await gone(member);
    await guard.ended;
  });

  needing('grep').test('it ends those that left the session, by their tag', async () => {
    const { script, member } = await startSession();
    const { script: stray, member: strayMember } = await startSession({ env: { WSO2LAUNCH_TEST: tag } });
    const { script: other } = await startSession({ env: { WSO2LAUNCH_TEST: 'another' } });
    const guard = await watching(script.pid);
    guard.hangUp();
    await gone(script.pid, member, stray.pid, strayMember);
    await guard.ended;
    expect(isAlive(other.pid)).toBe(true);
  });

  test('it follows the session that it was told last', async () => {
    const { script: first } = await startSession();
    const { script: second, member } = await startSession();
    const guard = await watching(first.pid);
    guard.say(`watch ${second.pid} ${startTimeOf(second.pid)}`);
    await guard.line(2);
    guard.hangUp();
    await gone(second.pid, member);
    await guard.ended;
    expect(isAlive(first.pid)).toBe(true);
  });

  test('it signals nobody in a session that has the number by now', async () => {
    const { script, member } = await startSession();
    const guard = await watching(script.pid, '1');
    guard.hangUp();
    await guard.ended;
    expect([script.pid, member].every(isAlive)).toBe(true);
    expect(existsSync(lease)).toBe(false);
  });

  needing('setsid').test('it does not wait for zombies', async () => {
    const zombie = await makeZombie(children, 'setsid sleep 600');
    expect(procProcesses.find(zombie)).toMatchObject({ isZombie: true, session: zombie });
    const guard = await watching(zombie, undefined, 600);
    guard.hangUp();
    expect(await guard.ended).toEqual({ code: 0, signal: null });
  });

  test('it removes the lease also where nothing was started yet', async () => {
    const guard = startGuard();
    guard.hangUp();
    expect(await guard.ended).toEqual({ code: 0, signal: null });
    expect(existsSync(lease)).toBe(false);
  });
});

test('its witness is heard as long as it lives, whatever it does, and no longer', async () => {
  const { script } = await startSession({ isStubborn: true });
  const witness = openWitness(join(folder, 'witness'), folder);
  const path = join(folder, 'renamed'); // by its name it would go with our own end of it
  renameSync(join(folder, 'witness'), path);
  const options = [`WSO2LAUNCH_TEST=${tag}`, '600', lease, join(folder, 'socket'), path];
  const guard = children.start('/bin/sh', ['-c', GUARD_SCRIPT, 'guard', ...options], {
    env: { PATH },
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit', witness?.fd],
  });
  guard.say(`watch ${script.pid} ${startTimeOf(script.pid)}`);
  await guard.line();
  witness?.close();
  expect(await askWitness(path, undefined)).toBe('alive');
  guard.hangUp();
  const child = await until('it to start something', () => {
    const found = procProcesses.snapshot().find(({ parent, name }) => parent === guard.pid && name === 'sleep');
    return found && procProcesses.signal(found, 'SIGSTOP') ? found : undefined;
  });
  children.adopt(child.pid);
  guard.child.kill('SIGKILL');
  await guard.ended;
  expect(await askWitness(path, undefined)).toBe('dead');
});

test.each<NodeJS.Signals>(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'])('%s does not take it away', async (signal) => {
  const { script, member } = await startSession();
  const guard = await watching(script.pid);
  guard.child.kill(signal);
  guard.hangUp();
  await gone(script.pid, member);
  expect(await guard.ended).toEqual({ code: 0, signal: null });
});
