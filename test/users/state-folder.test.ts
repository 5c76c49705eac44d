import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { homeOf, onSharedMachine, SharedMachine, type User } from '../support/users.js';

let machine: SharedMachine;

onSharedMachine.describe('a state folder in whose place another user', () => {
  beforeEach(async () => {
    machine = await SharedMachine.start();
  });
  afterEach(() => machine.close());

  const runIn = (user: User, state: string, args: readonly string[]) =>
    machine.run(user, args, { env: { WSO2_LAUNCH_STATE_DIR: state } });
  const launchIn = (user: User, state: string) => {
    const home = machine.makeHome(user, `${homeOf(user)}/mi`, { behaviour: { exitAtBoot: 1 } });
    return runIn(user, state, ['mi', '--home', home]);
  };

  const HIS = '/tmp/his';
  test.each<[what: string, trap: string, state: string, by: string]>([
    ['has made the folder above', `mkdir ${HIS}`, `${HIS}/state`, HIS],
    ['has made one further up', `mkdir ${HIS}`, `${HIS}/a/b/state`, HIS],
    ['has laid the link that leads there', `ln -s "$1" ${HIS}`, `${HIS}/state`, HIS],
    ['has laid a link on the way', `ln -s "$1" ${HIS}`, `${HIS}/a/state`, HIS],
    ['has made where a link of theirs leads', `mkdir ${HIS}`, `${homeOf('root')}/link/state`, HIS],
  ])('can put something else, for he %s, is refused', async (_what, trap, state, by) => {
    machine.sh('root', `mkdir theirs; ln -s ${HIS} link`);
    machine.sh('attacker', trap, [`${homeOf('root')}/theirs`]);
    for (const args of [['ps'], ['stop', '--all'], ['status', 'mi']]) {
      const { code, stderr } = await runIn('root', state, args);
      expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(`in its place (by ${by})`) });
    }
    expect(await launchIn('root', state)).toMatchObject({ code: 3, stderr: expect.stringContaining(`(by ${by})`) });
    expect(machine.sh('root', `ls -A ${HIS}/ theirs`)).not.toMatch(/state|a$/m);
  });

  test('can put something else, for anybody can there, is refused', async () => {
    machine.sh('victim', `mkdir ${HIS}; chmod 777 ${HIS}`);
    expect(await launchIn('victim', `${HIS}/state`)).toMatchObject({ code: 3 });
    machine.sh('victim', `chmod +t ${HIS}`);
    expect(await launchIn('victim', `${HIS}/state`)).toMatchObject({ code: 5 });
  });

  test('can put nothing is used: in /tmp itself, and by links of its user’s and of root’s', async () => {
    machine.sh('root', `ln -s /tmp/of-root ${HIS}; mkdir -m 1777 /tmp/of-root`);
    machine.sh('victim', 'mkdir /tmp/his/mine; ln -s /tmp/his/mine link; ln -s loop loop');
    for (const state of ['/tmp/mine', `${homeOf('victim')}/link`, `${HIS}/mine/a`]) {
      expect(await launchIn('victim', state)).toMatchObject({ code: 5 });
    }
    expect(await launchIn('victim', `${homeOf('victim')}/loop/a`)).toMatchObject({ code: 3 });
  });

  test('is the owner of a home that was lent is refused', async () => {
    const env = { HOME: homeOf('attacker') };
    const home = machine.makeHome('root', `${homeOf('root')}/mi`);
    const { code, stderr } = await machine.run('root', ['mi', '--home', home], { env });
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining(`${homeOf('attacker')} belongs to user `),
    });
    expect(machine.sh('root', 'ls -A', [], { cwd: homeOf('attacker') })).toBe('');
  });
});
