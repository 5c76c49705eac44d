import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Cli } from '../support/cli.js';
import { descendantsOf, survivorsOf } from '../support/machine.js';
import { homeOf, onSharedMachine, SharedMachine, UIDS, type User } from '../support/users.js';

let machine: SharedMachine;

/** What an attacker may have put where a folder of ours is to be; `$1` its path, `$2` a folder of its user's. */
const TRAPS = {
  'a link to a folder of theirs': 'ln -s "$2" "$1"',
  'a link to nowhere': 'ln -s /tmp/nowhere "$1"',
  'a link to itself': 'ln -s "$1" "$1"',
  'a folder of his for all': 'mkdir -m 777 "$1"; ln -s "$2/precious" "$1/si.yaml"',
  'a closed folder': 'mkdir -m 0 "$1"',
  'a pipe': 'mkfifo "$1"',
  'a file': 'echo > "$1"',
};

/** All that must stay as it is. */
const stateOf = (folder: string): string =>
  machine.sh('root', 'cd "$1"; stat -c "%n %U %a %s %Y %i" . *; cat precious', [folder]);

const makePrecious = (user: User): string => {
  const folder = `${homeOf(user)}/theirs`;
  machine.sh(user, 'umask 077; mkdir "$1"; echo precious > "$1/precious"', [folder]);
  return folder;
};

const foldersOf = (user: User): string[] =>
  ['', ...Array.from({ length: 8 }, (_, index) => `-${index + 2}`)].map(
    (ending) => `/tmp/wso2-launch-${UIDS[user]}${ending}`,
  );

onSharedMachine.describe('what an attacker has made first', () => {
  beforeEach(async () => {
    machine = await SharedMachine.start({ jdk: '11.0.20' });
  });
  afterEach(() => machine.close());

  /** A server with a generated file, which its start script finds in `/tmp` alone. */
  const launch = (user: User): Cli => {
    const home = machine.makeHome(user, `${homeOf(user)}/si`, { product: 'si', version: '4.2.0' });
    return machine.cli(user, ['si', '--home', home, '--offset', '5', '--json'], inState(user));
  };
  const inState = (user: User) => ({ env: { WSO2_LAUNCH_STATE_DIR: `${homeOf(user)}/my state` } });

  test.each(['victim', 'root'] as const)('in the place of a folder in /tmp is passed by: %s', async (user) => {
    const theirs = makePrecious(user);
    const before = stateOf(theirs);
    const folders = foldersOf(user);
    const traps = Object.values(TRAPS);
    for (const [index, trap] of traps.entries()) machine.sh('attacker', trap, [folders[index] as string, theirs]);
    const cli = launch(user);
    await cli.event('ready');
    const place = folders[traps.length] as string;
    const modes = machine.sh('root', 'stat -c "%u %a %F" "$1" "$1"/*.yaml', [place]);
    expect(modes).toBe(`${UIDS[user]} 700 directory\n${UIDS[user]} 600 regular file`);
    machine.kill(cli, 'SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
    expect(machine.sh('root', 'ls -A "$1"', [place])).toBe('');
    expect(stateOf(theirs)).toBe(before);
  });

  test.each(Object.keys(TRAPS) as (keyof typeof TRAPS)[])(
    'with every name taken nothing is written: %s',
    async (trap) => {
      const theirs = makePrecious('root');
      const before = stateOf(theirs);
      for (const folder of foldersOf('root')) machine.sh('attacker', TRAPS[trap], [folder, theirs]);
      const cli = launch('root');
      expect(await cli.exited).toEqual({ code: 3, signal: null });
      expect(cli.stderr).toContain('/tmp/wso2-launch-0 ');
      expect(stateOf(theirs)).toBe(before);
    },
  );

  test('answers to nobody in the place of a supervisor', async () => {
    const answering = `
      const { createServer } = require('node:net');
      const { readdirSync, mkdirSync } = require('node:fs');
      mkdirSync(process.argv[1], { mode: 0o755 });
      console.log('made');
      process.stdin.once('data', (id) => {
        createServer((socket) => socket.once('data', () => {
          console.log('asked');
          socket.end('{"taken":"stop"}\\n{"over":{"code":0}}\\n');
        })).listen(process.argv[1] + '/' + id.toString().trim() + '.sock', () => console.log('up'));
      });`;
    const impostor = machine.start('attacker', ['/mnt/node', '-e', answering, '/tmp/wso2-launch-0']);
    await impostor.line();
    const cli = launch('root');
    await cli.event('ready');
    const [lease] = machine.sh('root', 'ls /tmp/wso2-launch').split('\n');
    impostor.say((lease as string).replace('.json', ''));
    expect(await impostor.line(2)).toBe('up');
    machine.sh('root', 'chmod 777 /tmp/wso2-launch-0/*.sock');
    const server = descendantsOf(machine.processOf(cli));
    expect(await machine.run('root', ['stop', 'si'], inState('root'))).toMatchObject({ code: 0 });
    expect(survivorsOf(server)).toEqual([]);
    expect((await cli.exited).code).toBe(0);
    expect(() => machine.sh('attacker', 'test ! -e /tmp/wso2-launch-0/*.sock')).toThrow();
  });
});
