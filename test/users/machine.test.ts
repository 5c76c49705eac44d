import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Cli } from '../support/cli.js';
import { descendantsOf, survivorsOf } from '../support/machine.js';
import { homeOf, onSharedMachine, SharedMachine, UIDS, type User } from '../support/users.js';

const USERS = Object.keys(UIDS) as User[];

onSharedMachine.describe('a machine that users share', () => {
  let machine: SharedMachine;
  beforeEach(async () => {
    machine = await SharedMachine.start();
  });
  afterEach(() => machine.close());

  test('has users who can do nothing to one another, and everything in /tmp of its own', async () => {
    for (const user of USERS) expect(machine.sh(user, 'id -u')).toBe(String(UIDS[user]));
    machine.sh('victim', 'echo precious > precious; chmod 600 precious; touch /tmp/theirs');
    expect(() => machine.sh('attacker', `cat ${homeOf('victim')}/precious 2>/dev/null`)).toThrow();
    expect(() => machine.sh('attacker', 'rm -f /tmp/theirs 2>/dev/null')).toThrow();
    expect(existsSync('/tmp/theirs')).toBe(false);
  });

  test('runs the servers of each beside those of the others, and nothing outlives it', async () => {
    const launches = await Promise.all(
      USERS.map(async (user) => {
        const cli = machine.cli(user, [
          'mi',
          '--home',
          machine.makeHome(user, `${homeOf(user)}/mi`),
          '--auto-offset',
          '--json',
        ]);
        return { cli, ready: await cli.event('ready') };
      }),
    );
    expect(launches.map(({ ready }) => ready['offset']).sort()).toEqual([10, 11, 12]);
    const ours = await machine.run('victim', ['ps', '--json']);
    expect(ours.stdout).toContain('/mnt/home/victim/mi');
    expect(ours.stdout).not.toContain('attacker');
    const [first, ...others] = launches.map(({ cli }) => cli) as [Cli, ...Cli[]];
    machine.kill(first, 'SIGTERM');
    expect(await first.exited).toEqual({ code: 143, signal: null });
    const left = others.flatMap((cli) => descendantsOf(machine.processOf(cli)));
    expect(left.length).toBeGreaterThan(others.length);
    await machine.close();
    expect(survivorsOf(left)).toEqual([]);
  });
});
