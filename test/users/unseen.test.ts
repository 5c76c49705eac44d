import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { procProcesses } from '../../src/system/processes.js';
import type { Cli } from '../support/cli.js';
import { descendantsOf, isAlive, killAll } from '../support/machine.js';
import { homeOf, onSharedMachine, SharedMachine } from '../support/users.js';
import { until } from '../support/wait.js';

let machine: SharedMachine;
let home: string;

/** In a PID namespace of its own, as in a container; what it shares beyond that are folders. */
const CONTAINER = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
/** Its first process goes on without the launcher. */
const WITH_INIT = [...CONTAINER, 'sh', '-c', '"$@"; sleep 600', 'sh'];
const WITH_OWN_TMP = [...CONTAINER, 'sh', '-c', 'mount -t tmpfs -o mode=1777 tmpfs /tmp && exec "$@"', 'sh'];

const launch = (within: readonly string[] = []): Cli =>
  machine.cli('victim', ['mi', '--home', home, '--auto-offset', '--json'], { within });

/** What `ps` shows, with what it says of each. */
async function listed(within: readonly string[] = []): Promise<readonly (readonly [unknown, unknown])[]> {
  const { code, stdout, stderr } = await machine.run('victim', ['ps', '--json'], { within });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { instances } = JSON.parse(stdout) as { instances: { name: string; status: string }[] };
  return instances.map(({ name, status }) => [name, status]);
}

/** What lies beside each other for all users, without its id. */
const files = (): string =>
  machine.sh('root', 'for f in /tmp/wso2-launch/*.*; do [ -e "$f" ] && echo "ID.${f##*.}"; done; :');

const BOTH = 'ID.json\nID.sock';

/** The number outside of whoever in there has this among its arguments. */
const numberOf = (cli: Cli, argument: string): number => {
  const found = descendantsOf(cli.pid).filter(({ pid }) => procProcesses.argumentsOf(pid).includes(argument));
  return (found.at(-1) as { pid: number }).pid;
};

const launcherOf = (cli: Cli): number => numberOf(cli, '--auto-offset');

onSharedMachine.describe('from another PID namespace', () => {
  beforeEach(async () => {
    machine = await SharedMachine.start();
    home = machine.makeHome('victim', `${homeOf('victim')}/mi`);
  });
  afterEach(() => machine.close());

  test.each([
    ['out of a container', CONTAINER, []],
    ['into a container', [], CONTAINER],
    ['out of one whose /tmp is its own', WITH_OWN_TMP, []],
    ['into one whose /tmp is its own', [], WITH_OWN_TMP],
  ])('a server that runs is left alone, and its home is not started twice: %s', async (_which, there, here) => {
    const cli = launch(there);
    await cli.event('ready');
    const before = files();
    expect(await listed(here)).toEqual([['mi', 'ready']]);
    const second = await machine.run('victim', ['mi', '--home', home, '--dry-run'], { within: here });
    expect({ code: second.code, stderr: second.stderr }).toEqual({
      code: 8,
      stderr: expect.stringContaining('instance mi, offset 10, in another container'),
    });
    expect(files()).toBe(before);
    process.kill(launcherOf(cli), 'SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
    expect(await listed(here)).toEqual([]);
  });

  test.each([
    ['out of a container', CONTAINER, []],
    ['into a container', [], CONTAINER],
  ])('a server is stopped by its supervisor: %s', async (_which, there, here) => {
    const cli = launch(there);
    await cli.event('ready');
    expect(files()).toBe(BOTH);
    const stopped = await machine.run('victim', ['stop', 'mi'], { within: here });
    expect(stopped).toMatchObject({ code: 0, stderr: 'wso2-launch: mi stopped\n' });
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(files()).toBe('');
  });

  test('nobody is signalled by a pid of there where a supervisor can’t be reached', async () => {
    const cli = launch(CONTAINER);
    await cli.event('ready');
    machine.sh('victim', 'mv /tmp/wso2-launch-* hidden');
    const stopped = await machine.run('victim', ['stop', 'mi']);
    expect(stopped).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in another container) does not answer'),
    });
    expect(stopped.stderr).not.toContain('kill -CONT');
    expect(await listed()).toEqual([['mi', 'ready']]);
    machine.sh('victim', 'mv hidden /tmp/wso2-launch-$(id -u)');
    process.kill(launcherOf(cli), 'SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
  });

  test('a server whose container is gone is over, and keeps nothing', async () => {
    const cli = launch(CONTAINER);
    await cli.event('ready');
    process.kill(launcherOf(cli), 'SIGKILL');
    await cli.exited;
    expect(files()).toBe(BOTH);
    expect(await listed()).toEqual([]);
    expect(await machine.run('victim', ['mi', '--home', home, '--dry-run'])).toMatchObject({ code: 0 });
  });

  test('a server that has lost supervisor and guard is found by its tag, and stopped by its pids of here', async () => {
    const cli = launch(WITH_INIT);
    await cli.event('ready');
    const launcher = launcherOf(cli);
    const guard = numberOf(cli, 'wso2-launch-guard');
    const left = descendantsOf(launcher).filter(({ pid }) => pid !== guard);
    process.kill(guard, 'SIGSTOP');
    process.kill(launcher, 'SIGKILL');
    await until('the launcher to be gone', () => !isAlive(launcher));
    expect(await listed()).toEqual([['mi', 'ready']]); // the guard may still end it
    process.kill(guard, 'SIGKILL');
    await until('the guard to be gone', () => !isAlive(guard));
    expect(await listed()).toEqual([['mi', 'orphaned']]);
    expect(await listed(CONTAINER)).toEqual([]);
    expect(files()).toBe(BOTH);
    expect(await machine.run('victim', ['stop', 'mi'])).toMatchObject({ code: 0 });
    expect(left.length).toBeGreaterThan(1);
    expect(left.filter(({ pid }) => isAlive(pid))).toEqual([]);
    expect(files()).toBe('');
  });
});

onSharedMachine.describe('where other users’ processes are hidden', () => {
  beforeEach(async () => {
    machine = await SharedMachine.start({ proc: 'hidepid=2' });
  });
  afterEach(() => machine.close());

  test('what they have been promised counts all the same, for as long as they live', async () => {
    home = machine.makeHome('victim', `${homeOf('victim')}/mi`, { behaviour: { bindAfterMs: 600_000 } });
    const theirs = machine.makeHome('attacker', `${homeOf('attacker')}/mi`);
    const choose = async (): Promise<unknown> => {
      const args = ['mi', '--home', theirs, '--auto-offset', '--dry-run', '--json'];
      const { code, stdout } = await machine.run('attacker', args);
      expect(code).toBe(0);
      return (JSON.parse(stdout) as { offset: number }).offset;
    };
    const cli = launch();
    await cli.event('starting');
    expect(await choose()).toBe(11);
    const family = descendantsOf(cli.pid);
    killAll(family.map(({ pid }) => pid));
    await until('all of it to be gone', () => family.every(({ pid }) => !isAlive(pid)));
    expect(files()).toBe(BOTH);
    expect(await choose()).toBe(10);
    expect(await listed()).toEqual([]);
    expect(files()).toBe('');
  });
});
