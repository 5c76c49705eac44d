import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeSystem } from '../../src/system/index.js';
import { instancesIn, kinds } from '../support/instances.js';
import { isAlive, isFree, leasesOf, portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { type Ended, Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('changed-restart');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { foreground, misbehaving, detach, shown, untilStatus, stop, recordOf, expectNothingLeft } = instancesIn(
  () => sandbox,
  MIN,
);

const argumentsOf = (pid: unknown): string[] => [...nodeSystem.processes.argumentsOf(pid as number)];
const variablesOf = (pid: unknown): string[] => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
const numbersOf = (offset: number): number[] => Object.values(portsAt(offset)).sort();

/** Restarts with changed options, and gives the JVM that is there afterwards. */
async function restarted(...more: readonly string[]): Promise<number> {
  const { code, stderr } = await sandbox.run(['restart', 'mi', ...more]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('mi ready, offset') });
  return (await shown()).pid as number;
}

describe('a restart with changed options', () => {
  test('leases the new ports beside the old ones, and in the end those alone', async () => {
    const { pid } = await detach(misbehaving({ shutdownMs: 1_000 }));
    const { leaseId, key } = recordOf();
    const restarting = sandbox.start(['restart', 'mi', '--offset', String(MIN + 3), '--json']);
    await restarting.event('restarting');
    const [between] = await leasesOf(sandbox.state);
    expect(between).toMatchObject({ id: leaseId, isSupervised: true });
    expect([...(between?.ports ?? [])].sort()).toEqual([...numbersOf(MIN), ...numbersOf(MIN + 3)].sort());
    expect(isAlive(pid as number)).toBe(true);
    // Who asks for what it was launched as must not get what it is going to be.
    expect(recordOf().key).not.toBe(key);

    expect(await restarting.exited).toEqual({ code: 0, signal: null });
    expect(kinds(restarting)).toEqual(['restarting', 'starting', 'ready']);
    const [after] = await leasesOf(sandbox.state);
    expect(after).toMatchObject({ id: leaseId, offset: MIN + 3 });
    expect([...(after?.ports ?? [])].sort()).toEqual(numbersOf(MIN + 3));
    expect(await isFree(MIN)).toBe(true);
    expect(await shown()).toMatchObject({ offset: MIN + 3, status: 'ready', restarts: 1 });
    expect((await sandbox.run(['port', 'mi', 'http'])).stdout).toBe(`${portsAt(MIN + 3)['http']}\n`);
    expect((await sandbox.run(['url', 'mi'])).stdout).toContain(String(portsAt(MIN + 3)['http']));
    expect((await sandbox.run(['env', 'mi'])).stdout).toContain(`WSO2_MI_OFFSET=${MIN + 3}`);
    await stop();
    await expectNothingLeft(MIN + 3);
  });

  test('keeps what is not given, and so do later ones', async () => {
    const file = join(sandbox.folder, '.env');
    writeFileSync(file, 'FROM_FILE=1\n');
    await detach(sandbox.home('mi'), [
      ...['--arg', '-Done=1', '--env', 'A=1', '--env-file', file, '--memory', '300m', '--', '-Dlast=1'],
    ]);
    const first = await restarted('--env', 'B=2', '--jvm-arg', '-Dof.jvm=1');
    expect(argumentsOf(first).slice(-3)).toEqual(['-Done=1', '-Dlast=1', `-DportOffset=${MIN}`]);
    expect(argumentsOf(first)).toEqual(expect.arrayContaining(['-Xmx300m', '-Dof.jvm=1']));
    const variables = variablesOf(first);
    expect(variables).toEqual(expect.arrayContaining(['B=2', 'FROM_FILE=1']));
    expect(variables).not.toContain('A=1');

    const second = await restarted('--arg', '-Dtwo=2', '--memory', '400m', '--');
    expect(argumentsOf(second).slice(-2)).toEqual(['-Dtwo=2', `-DportOffset=${MIN}`]);
    expect(argumentsOf(second)).not.toContain('-Dlast=1');
    expect(argumentsOf(second)).toEqual(expect.arrayContaining(['-Xmx400m', '-Dof.jvm=1']));

    const argumentsBefore = argumentsOf(second);
    const third = await restarted();
    expect(argumentsOf(third)).toEqual(argumentsBefore);
    expect(variablesOf(third)).toContain('B=2');
    await stop();
  });

  test('opens a port for a debugger, keeps it, and closes it', async () => {
    await detach(sandbox.home('mi'));
    const debug = portsAt(MIN + 5)['http'];
    await restarted(`--debug=${debug}`);
    expect((await sandbox.run(['port', 'mi', 'debug'])).stdout).toBe(`${debug}\n`);
    // The server that runs has that port, which its successor may have.
    await restarted('--memory', '300m');
    expect((await sandbox.run(['port', 'mi', 'debug'])).stdout).toBe(`${debug}\n`);
    const last = await restarted('--debug=false');
    expect(argumentsOf(last).join(' ')).not.toContain('jdwp');
    expect((await sandbox.run(['port', 'mi', 'debug'])).code).toBe(2);
    await stop();
  });

  test('with a setting starts with a copy, and the home keeps its file', async () => {
    const home = sandbox.home('mi');
    const own = readFileSync(join(home, 'conf/deployment.toml'), 'utf8');
    await detach(home);
    const pid = await restarted('--set', 'server.hostname=other.test', '--follow-offset');
    expect(argumentsOf(pid).join(' ')).toContain('-Ddeployment.config.file.path=');
    expect(readFileSync(join(home, 'rendered'), 'utf8')).toContain('other.test');
    expect(readFileSync(join(home, 'conf/deployment.toml'), 'utf8')).toBe(own);
    await stop();
    await expectNothingLeft();
  });

  test('is what an automatic restart starts again', async () => {
    const { pid } = await detach(misbehaving({ onSignal: 'crash' }));
    const changed = await restarted('--restart', 'on-failure', '--env', 'SINCE=change');
    expect(changed).not.toBe(pid);
    process.kill(changed, 'SIGUSR2');
    await untilStatus('restarting');
    await untilStatus('ready');
    const { pid: again } = await shown();
    expect(again).not.toBe(changed);
    expect(variablesOf(again)).toContain('SINCE=change');
    await stop();
    await expectNothingLeft();
  });

  test('of one in the foreground tells the new ports there', async () => {
    const cli = foreground(sandbox.home('mi'));
    await cli.event('ready');
    await restarted('--offset', String(MIN + 2));
    expect(await cli.event('ready', 2)).toMatchObject({ offset: MIN + 2 });
    expect(kinds(cli)).toEqual(['planned', 'starting', 'ready', 'restarting', 'starting', 'ready']);
    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    await expectNothingLeft(MIN + 2);
  });

  test('of one that is still starting begins anew', async () => {
    const home = misbehaving({ bindAfterMs: 1_500 });
    const cli = foreground(home);
    await cli.event('starting');
    await restarted('--env', 'A=1');
    expect(kinds(cli)).toEqual(['planned', 'starting', 'restarting', 'starting', 'ready']);
    await stop();
    await cli.exited;
    await expectNothingLeft();
  });

  test('and another at once: each has its part', async () => {
    await detach(misbehaving({ shutdownMs: 500 }));
    const both = await Promise.all([
      sandbox.run(['restart', 'mi', '--env', 'A=1']),
      sandbox.run(['restart', 'mi', '--memory', '300m']),
    ]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const { pid } = await untilStatus('ready');
    expect(variablesOf(pid)).toContain('A=1');
    expect(argumentsOf(pid)).toContain('-Xmx300m');
    await stop();
    await expectNothingLeft();
  });

  test('counts offsets past those of others, and from its own on', async () => {
    await detach(sandbox.home('mi'));
    await detach(sandbox.home('other'), ['--name', 'other']);
    await restarted('-a', '--min-offset', String(MIN));
    expect(await shown()).toMatchObject({ offset: MIN });
    await restarted('-a', '--min-offset', String(MIN + 1));
    expect(await shown()).toMatchObject({ offset: MIN + 2 });
    await stop('--all');
    await expectNothingLeft(MIN + 1, MIN + 2);
  });
});

describe('a restart whose options can’t be had leaves the server as it is', () => {
  const expectUntouched = async (before: object, ended: Ended, code: number, says: string): Promise<void> => {
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toContain(says);
    expect(await shown()).toMatchObject(before);
    expect((await leasesOf(sandbox.state)).map(({ ports }) => [...ports].sort())).toEqual([numbersOf(MIN)]);
    expect(isAlive((before as { pid: number }).pid)).toBe(true);
  };

  test('taken ports, a JDK that is none, what contradicts, what is no option', async () => {
    await detach(sandbox.home('mi'));
    const { pid } = await shown();
    const before = { pid, status: 'ready', offset: MIN, restarts: 0 };
    await sandbox.hold(portsAt(MIN + 1)['https'] as number);
    const { logFile, key } = recordOf();
    const log = readFileSync(logFile, 'utf8');
    const goesOn = 'mi goes on as it was';
    for (const [more, code, says] of [
      [['--offset', String(MIN + 1)], 4, goesOn],
      [['--java-home', sandbox.folder], 3, goesOn],
      [['--java', '99'], 3, goesOn],
      [['--set', 'server.hostname.deeper=1'], 2, goesOn],
      [[`--debug=${portsAt(MIN + 1)['https']}`], 4, goesOn],
      [['--offset', '99999'], 2, goesOn],
      [['--follow-offset', '--arg', '-DavoidConfigUpdate=true'], 2, goesOn],
      [['--name', 'other'], 2, 'restart has no option --name'],
      [['--home', sandbox.folder], 2, 'restart has no option --home'],
      [['--offset', '1', '-a'], 2, 'contradict'],
      [['--', 'stop'], 2, 'sub-command'],
    ] as const) {
      await expectUntouched(before, await sandbox.run(['restart', 'mi', ...more]), code, says);
    }
    expect(recordOf().key).toBe(key);
    expect(readFileSync(logFile, 'utf8')).toBe(log);
    const json = sandbox.start(['restart', 'mi', '--json', '--offset', String(MIN + 1)]);
    expect(await json.event('failed')).toMatchObject({
      ...{ name: 'mi', code: 4, failure: 'ports-taken' },
      taken: [{ name: 'https', number: portsAt(MIN + 1)['https'] }],
    });
    await json.exited;
    await stop();
    await expectNothingLeft();
  });

  test('a port of its own that somebody else has by now', async () => {
    const home = sandbox.home('mi', { behaviour: { onSignal: 'shut-port' } });
    const { pid } = await detach(home);
    process.kill(pid as number, 'SIGUSR2');
    const port = portsAt(MIN)['http'] as number;
    await until('the port to be shut', async () => (await nodeSystem.sockets.firstBusy([port])) === undefined);
    await sandbox.hold(port, '0.0.0.0');
    const { code, stderr } = await sandbox.run(['restart', 'mi', '--offset', String(MIN)]);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining(String(port)) });
    expect(isAlive(pid as number)).toBe(true);
    await stop();
  });
});

test('variables of the environment change nothing of an instance that runs', async () => {
  await detach(sandbox.home('mi'));
  const env = { WSO2_LAUNCH_OFFSET: String(MIN + 4), WSO2_LAUNCH_MEMORY: '300m', WSO2_LAUNCH_NAME: 'other' };
  expect(await sandbox.run(['restart', 'mi', '--env', 'A=1'], { env })).toMatchObject({ code: 0 });
  const { pid, offset } = await shown();
  expect(offset).toBe(MIN);
  expect(argumentsOf(pid)).not.toContain('-Xmx300m');
  await stop();
});
