import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { gone } from '../support/children.js';
import type { Cli } from '../support/cli.js';
import { descendantsOf, guardOf, isAlive } from '../support/machine.js';
import { homeOf, INSIDE, onSharedMachine, SharedMachine, type User } from '../support/users.js';
import { until } from '../support/wait.js';

let machine: SharedMachine;

onSharedMachine.describe('a process of another user that claims to be of an instance of root', () => {
  let cli: Cli;
  let theirs: number;
  beforeEach(async () => {
    machine = await SharedMachine.start();
    const home = machine.makeHome('root', `${homeOf('root')}/mi`);
    cli = machine.cli('root', ['mi', '--home', home, '--json']);
    await cli.event('ready');
    // Everybody may read the name of a lease, which is also the tag of its processes.
    const id = machine.sh('attacker', 'basename /tmp/wso2-launch/*.json .json');
    const claiming = machine.start('attacker', ['env', `WSO2LAUNCH_TAG=${id}`, 'sh', '-c', 'echo up; exec sleep 600']);
    await claiming.line();
    theirs = machine.processOf(claiming);
  });
  afterEach(() => machine.close());

  test('is not stopped with it', async () => {
    expect(await machine.run('root', ['stop', 'mi'])).toMatchObject({ code: 0 });
    expect((await cli.exited).code).toBe(0);
    expect(isAlive(theirs)).toBe(true);
  });

  test('is not stopped by its guard, which still clears up', async () => {
    const supervisor = machine.processOf(cli);
    const server = descendantsOf(supervisor).map(({ pid }) => pid);
    process.kill(supervisor, 'SIGKILL');
    await gone(...server);
    expect(machine.sh('root', 'ls /tmp/wso2-launch /tmp/wso2-launch-0')).toBe(
      '/tmp/wso2-launch:\n\n/tmp/wso2-launch-0:',
    );
    expect(isAlive(theirs)).toBe(true);
  });

  test('does not keep it from having ended', async () => {
    const supervisor = machine.processOf(cli);
    const server = descendantsOf(supervisor).map(({ pid }) => pid);
    for (const pid of [guardOf(supervisor) as number, supervisor, ...server]) {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
    await until('their end', () => ![supervisor, ...server].some(isAlive));
    expect((await machine.run('root', ['ps'])).stdout).not.toContain('/mi');
    expect(isAlive(theirs)).toBe(true);
  });
});

onSharedMachine.describe('a process that names a home in its arguments', () => {
  beforeEach(async () => {
    machine = await SharedMachine.start();
  });
  afterEach(() => machine.close());

  const HOME = '/tmp/mi';
  const startServer = (user: User) => {
    const args = [`-Dcarbon.home=${HOME}`, 'org.wso2.carbon.bootstrap.Bootstrap'];
    const words = [INSIDE.node, '-e', 'console.log("up"); setInterval(() => {}, 1e6)', '--', ...args];
    return machine.start(user, words).line();
  };
  const launch = (user: User) => machine.run(user, ['mi', '--home', HOME]);

  test('of another user’s keeps nobody from launching it', async () => {
    machine.makeHome('victim', HOME, { behaviour: { exitAtBoot: 1 } });
    await startServer('attacker');
    expect(await launch('victim')).toMatchObject({ code: 5 });
    expect(await launch('root')).toMatchObject({ code: 5 });
  });

  test.each<[whose: string, user: User, more: string]>([
    ['its owner’s', 'victim', 'true'],
    ['root’s', 'root', 'true'],
    ['that of whoever may write to a part of it', 'attacker', `chown 54322 ${HOME}/repository/logs`],
    ['that of whoever may write to it', 'attacker', `chmod 775 ${HOME}`],
  ])('does where it can be a server of it, %s', async (_whose, user, more) => {
    machine.makeHome('victim', HOME, { behaviour: { exitAtBoot: 1 } });
    machine.sh('root', more);
    await startServer(user);
    expect(await launch('victim')).toMatchObject({ code: 8 });
  });
});
