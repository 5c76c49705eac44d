import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stateOf } from '../support/precious.js';
import { homeOf, onSharedMachine, SharedMachine } from '../support/users.js';

let machine: SharedMachine;

/** Writes records that name other files, of an instance that has died. */
const FORGING = `
  const { writeFileSync } = require('node:fs');
  const [, , state, precious, record] = process.argv;
  const dead = { ...JSON.parse(record), status: 'ready', supervisor: { pid: 999999, startTime: '1' }, server: null };
  const up = '../../../../../../..';
  const forged = [
    { socket: precious, logFile: precious, home: precious },
    { leaseId: up + precious, home: precious + '/..' },
    { name: up + precious },
    { runtimeHome: precious, generated: precious },
  ];
  forged.forEach((more, index) => {
    const name = 'forged-' + index;
    writeFileSync(state + '/instances/' + name + '.json', JSON.stringify({ ...dead, name, ...more }));
  });`;

onSharedMachine.describe('a state folder that others can write', () => {
  const theirs = `${homeOf('root')}/theirs`;
  const state = '/tmp/state';
  const env = { WSO2_LAUNCH_STATE_DIR: state };
  let before: string;
  beforeEach(async () => {
    machine = await SharedMachine.start();
    machine.sh('root', 'umask 077; mkdir "$1"; echo precious > "$1/precious"', [theirs]);
    machine.sh('root', 'cd theirs; cp precious precious.json; cp precious precious.sock; cp precious precious.toml');
    before = stateOf(machine, theirs);
    const home = machine.makeHome('root', `${homeOf('root')}/mi`, { behaviour: { exitAtBoot: 1 } });
    expect(await machine.run('root', ['mi', '--home', home], { env })).toMatchObject({ code: 5 });
  });
  afterEach(() => machine.close());

  const forge = (): void => {
    const record = machine.sh('root', 'cat "$1/instances/mi.json"', [state]);
    machine.node('attacker', FORGING, [state, `${theirs}/precious`, record]);
  };

  test.each(['.', 'instances', 'logs', 'sockets', 'generated'])(
    'is neither read nor cleared up, whichever part it is: %s',
    async (part) => {
      machine.sh(
        'root',
        'cd "$1"; chmod 755 . *; mkdir -p sockets generated; chmod 777 "$2" instances; chmod 777 "$2"',
        [state, part],
      );
      forge();
      if (part !== 'instances') machine.sh('root', 'chmod 755 "$1"', [`${state}/instances`]);
      const commands = [['ps', '--all'], ['stop', '--all'], ['logs', 'mi'], ['mi']];
      const inHome = { env, cwd: `${homeOf('root')}/mi` };
      for (const { code, stderr } of await Promise.all(commands.map((args) => machine.run('root', args, inHome)))) {
        const at = part === '.' ? state : `${state}/${part}`;
        expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(`chmod go-w ${at}`) });
      }
      expect(stateOf(machine, theirs)).toBe(before);
    },
  );

  test('once closed has nothing in it that is obeyed', async () => {
    machine.sh('root', 'chmod 777 "$1" "$1/instances"', [state]);
    forge();
    machine.sh('attacker', 'mkfifo "$1/instances/pipe.json"; truncate -s 10G "$1/instances/huge.json"', [state]);
    machine.sh(
      'attacker',
      'cd "$1/instances"; mkdir folder.json; ln -s loop.json loop.json; : > "$(printf "a\\nb").json"',
      [state],
    );
    machine.sh('root', 'chmod 700 "$1" "$1/instances"', [state]);
    for (const args of [
      ['ps', '--all'],
      ['stop', '--all'],
      ['doctor', 'mi'],
    ]) {
      const { code, stderr } = await machine.run('root', args, { env, cwd: `${homeOf('root')}/mi` });
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    }
    expect(stateOf(machine, theirs)).toBe(before);
    expect(machine.sh('root', 'ls "$1/instances"', [state])).toContain('forged-0.json');
  });
});
