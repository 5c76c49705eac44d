import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { InstanceRecord } from '../../src/domain/instance.js';
import { pidInFile } from '../../src/ports/idle-home.js';
import { nodeSystem } from '../../src/system/index.js';
import type { JsonEvent } from '../support/cli.js';
import { instancesIn } from '../support/instances.js';
import { guardOf, isAlive, killAll } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('orphans');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { detaching, misbehaving, detach, list, shown, stop, recordOf, fileOf, expectNothingLeft, untilNothingIsLeft } =
  instancesIn(() => sandbox, MIN);

describe('an orphan, whose supervisor and guard were both killed', () => {
  async function orphan(home: string, more: readonly string[] = []): Promise<JsonEvent> {
    const ready = await detach(home, more);
    const { supervisor } = recordOf();
    const guard = guardOf(supervisor.pid) as number;
    process.kill(guard, 'SIGKILL');
    process.kill(supervisor.pid, 'SIGKILL');
    await until('both to be gone', () => !isAlive(guard) && !isAlive(supervisor.pid));
    return ready;
  }

  test('is shown as such, keeps its home, and can be stopped', async () => {
    const home = sandbox.home('mi');
    const { pid } = await orphan(home);
    expect(await list()).toMatchObject([{ name: 'mi', status: 'orphaned', pid, supervisorPid: null }]);
    expect((await sandbox.run(['status', 'mi'])).code).toBe(6);
    expect((await detaching(home).exited).code).toBe(8);
    const refused = await sandbox.run(['restart', 'mi']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('mi has lost its supervisor');
    await stop('mi');
    await expectNothingLeft();
    expect(await detach(home)).toMatchObject({ name: 'mi', offset: MIN });
    await stop();
    await expectNothingLeft();
  });

  test('is stopped also where its script is gone and only the JVM is left', async () => {
    const { pid } = await orphan(sandbox.home('mi'));
    process.kill(recordOf().server?.pid as number, 'SIGKILL');
    expect(await list()).toMatchObject([{ status: 'orphaned', pid }]);
    await stop('--all');
    expect(isAlive(pid as number)).toBe(false);
    await expectNothingLeft();
  });

  /** A home whose helper has a child without any environment: whether it writes the log is its own business. */
  function withClearedHelper(output = ''): { home: string; helper: () => Promise<number> } {
    const home = sandbox.home('mi');
    const file = join(home, 'helper.pid');
    const clear = `env -i /bin/sh -c 'echo $$ > "$0"; cd "\${0%/*}"; exec sleep 86400' ${file} ${output} &`;
    writeFileSync(join(home, 'diagnostics-tool/bin/diagnostics.sh'), `#!/bin/sh\n${clear}\nexec sleep 86400\n`);
    const pid = (): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
    return { home, helper: () => until('the helper', () => pid() || undefined) };
  }

  test('leaves no helper of its session behind, though that has cleared its environment', async () => {
    const { home, helper } = withClearedHelper('> /dev/null 2>&1');
    await orphan(home);
    const pid = await helper();
    expect(isAlive(pid)).toBe(true);
    await stop('mi');
    expect(isAlive(pid)).toBe(false);
    await expectNothingLeft();
  });

  test('is what is left of its session, where script and JVM are gone as well', async () => {
    const { home, helper } = withClearedHelper();
    await orphan(home);
    const session = nodeSystem.processes.snapshot().filter((row) => row.session === recordOf().server?.pid);
    const left = await helper();
    const others = session.map(({ pid }) => pid).filter((pid) => pid !== left);
    expect(others.length).toBeGreaterThan(2);
    killAll(others);
    await until('them to be gone', () => !others.some(isAlive));
    expect(await list()).toMatchObject([{ status: 'orphaned', pid: null }]);
    await stop('mi');
    expect(isAlive(left)).toBe(false);
    await expectNothingLeft();
  });

  test('that ends by itself is no orphan any more', async () => {
    const { pid } = await orphan(misbehaving({ onSignal: 'shut-down' }));
    process.kill(pid as number, 'SIGUSR2');
    await until('it to be shown as ended', async () => (await shown()).status === 'exited');
    expect(await sandbox.run(['stop', 'mi'])).toMatchObject({ code: 10 });
  });

  test('that is stubborn gets as long as its launch allowed', async () => {
    await orphan(misbehaving({ isStubborn: true }), ['--stop-timeout', '1s']);
    await stop('mi');
    await expectNothingLeft();
  });

  test('that is stubborn is killed at a Ctrl-C', async () => {
    await orphan(misbehaving({ isStubborn: true }));
    const stopping = sandbox.start(['stop', 'mi']);
    const sinceMs = performance.now();
    await until('it to have been asked', () => performance.now() - sinceMs > 1_000);
    stopping.kill('SIGINT');
    expect(await stopping.exited).toEqual({ code: 0, signal: null });
    await expectNothingLeft();
  });
});

describe('a server that was started by hand', () => {
  test('is shown by ps --all as such, and is not ours to stop', async () => {
    const home = sandbox.home('mi');
    const byHand = sandbox.startByHand(join(home, 'bin/micro-integrator.sh'), [`-DportOffset=${MIN + 1}`]);
    try {
      const jvm = await until('the pid file', () => pidInFile(home, nodeSystem.files));
      expect(await list()).toEqual([]);
      expect(await list('--all')).toMatchObject([
        {
          name: null,
          status: 'foreign',
          pid: jvm,
          home,
          product: 'mi',
          version: '4.4.0',
          offset: MIN + 1,
          supervisorPid: null,
        },
      ]);
      const table = (await sandbox.run(['ps', '--all'])).stdout;
      expect(table.split('\n').find((line) => line.includes(home))).toMatch(/foreign/);

      const refused = await sandbox.run(['stop', String(jvm)]);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toContain(`Process ${jvm} is a server that wso2-launch did not start (${home}).`);
      expect((await sandbox.run(['stop', '--all'])).code).toBe(0);
      expect((await detaching(home).exited).code).toBe(8);
      expect(isAlive(jvm)).toBe(true);
    } finally {
      process.kill(-(byHand.pid as number), 'SIGTERM');
    }
  });
});

describe('a process that only has the number of an old one', () => {
  const strangers: ChildProcess[] = [];
  afterEach(() => {
    for (const { pid } of strangers.splice(0)) {
      try {
        process.kill(-(pid as number), 'SIGKILL');
      } catch {
        // gone already
      }
    }
  });

  /** A record of an instance that has been killed, with other processes in its processes' places. */
  async function recordWith(changes: (record: InstanceRecord) => Partial<InstanceRecord>): Promise<void> {
    await detach(sandbox.home('mi'));
    process.kill(recordOf().supervisor.pid, 'SIGKILL');
    await untilNothingIsLeft();
    const record = recordOf();
    writeFileSync(fileOf('mi'), JSON.stringify({ ...record, ...changes(record) }));
  }

  function stranger(script = 'exec sleep 600'): number {
    const child = spawn('/bin/sh', ['-c', script], { cwd: '/', env: {}, detached: true, stdio: 'ignore' });
    strangers.push(child);
    return child.pid as number;
  }

  test.each<[what: string, changes: (pid: number, record: InstanceRecord) => Partial<InstanceRecord>]>([
    ['the supervisor', (pid, { supervisor }) => ({ supervisor: { ...supervisor, pid } })],
    ['the script', (pid, { server }) => ({ server: { pid, startTime: server?.startTime ?? '' } })],
    ['the JVM', (pid) => ({ pid })],
  ])('of %s is never signalled', async (_what, changes) => {
    const pid = stranger();
    await recordWith((record) => changes(pid, record));
    expect(await list()).toEqual([]);
    expect(await sandbox.run(['stop', 'mi'])).toMatchObject({ code: 10 });
    expect(isAlive(pid)).toBe(true);
  });

  test('nor is the session of one, whose leader is gone', async () => {
    const leader = stranger('sleep 600 & exit');
    const left = await until('the leader to be gone', () =>
      isAlive(leader)
        ? undefined
        : nodeSystem.processes.snapshot().find(({ session, isZombie }) => session === leader && !isZombie),
    );
    await recordWith(({ server }) => ({ server: { pid: leader, startTime: server?.startTime ?? '' } }));
    expect(await list()).toEqual([]);
    await sandbox.run(['stop', 'mi']);
    expect(isAlive(left.pid)).toBe(true);
  });

  test('on another boot all of them are gone', async () => {
    const pid = stranger();
    const alive = { pid, startTime: nodeSystem.processes.find(pid)?.startTime as string };
    await recordWith(() => ({ supervisor: alive, server: alive, boot: 'another' }));
    expect(await list()).toEqual([]);
    expect(await list('--all')).toMatchObject([{ status: 'exited' }]);
  });
});
