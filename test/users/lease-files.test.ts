import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stateOf } from '../support/precious.js';
import { homeOf, INSIDE, onSharedMachine, programWith, SharedMachine } from '../support/users.js';

let machine: SharedMachine;

/** Writes leases, as fast as it can, until so many are written. */
const WRITING = `${programWith('src/system/leases.ts')}
  const [, , folder, most] = process.argv;
  const processes = { snapshot: () => [], find: () => undefined, bootId: () => 'boot', networkNamespace: () => 'net' };
  const leases = it.fileLeases(folder, processes);
  const lease = { schemaVersion: 1, name: 'mi', product: 'mi', home: '/mi', offset: 0, ports: [], boot: 'boot' };
  for (let written = 0; written < Number(most); ) {
    try {
      leases.write('1-a-0', { ...lease, supervisor: { pid: 1, startTime: '1' }, server: null });
      written += 1;
    } catch {} // a link was in its way
  }`;

/** Puts a folder and a link to another in each other's place, over and over. */
const SWAPPING = `
  const { mkdirSync, renameSync, symlinkSync } = require('node:fs');
  const [, folder, target] = process.argv;
  symlinkSync(target, folder + '.link');
  console.log('up');
  const steps = [[folder, folder + '.aside'], [folder + '.link', folder], [folder, folder + '.link'], [folder + '.aside', folder]];
  for (let number = 0; ; number++) {
    for (const [from, to] of steps) {
      try {
        renameSync(from, to);
      } catch {
        try { renameSync(folder, folder + '.' + number); } catch {} // made anew meanwhile
      }
    }
  }`;

/** Puts a link to a file in the place of each draft of root's in his folder. */
const BAITING = `
  const { lstatSync, renameSync, symlinkSync } = require('node:fs');
  const [, folder, target] = process.argv;
  const draft = folder + '/1-a-0.json.tmp';
  console.log('up');
  for (let swapped = 0; ; ) {
    try { symlinkSync(target, folder + '/link'); } catch {} // it was too late for the last one
    while (lstatSync(draft, { throwIfNoEntry: false })?.uid !== 0);
    try { renameSync(folder + '/link', draft); } catch { continue; }
    if (++swapped === 10) process.exit();
  }`;

onSharedMachine.describe('whose the folder of the leases is', () => {
  const theirs = `${homeOf('root')}/theirs`;
  const folder = `${homeOf('attacker')}/his/leases`;
  let before: string;
  beforeEach(async () => {
    machine = await SharedMachine.start();
    machine.sh('root', 'mkdir -m 700 "$1"; umask 077; echo precious > "$1/precious"', [theirs]);
    machine.sh('attacker', 'mkdir his; mkdir -m 1777 his/leases');
    before = stateOf(machine, theirs);
  });
  afterEach(() => machine.close());

  test('can’t have root write elsewhere by a link in its place', async () => {
    await machine.start('attacker', [INSIDE.node, '-e', SWAPPING, folder, theirs]).line();
    machine.node('root', WRITING, [folder, '1000']);
    expect(stateOf(machine, theirs)).toBe(before);
  });

  test('can’t have root change a file by a link in the place of a lease', async () => {
    const attack = machine.start('attacker', [INSIDE.node, '-e', BAITING, folder, `${theirs}/precious`]);
    await attack.line();
    const writing = machine.start('root', [
      INSIDE.node,
      '-e',
      `process.argv.splice(1, 0, '');${WRITING}`,
      folder,
      'Infinity',
    ]);
    expect(await attack.ended).toEqual({ code: 0, signal: null });
    machine.kill(writing, 'SIGKILL');
    expect(stateOf(machine, theirs)).toBe(before);
  });

  test.each([
    ['a link to a folder of theirs', `ln -s ${theirs} /tmp/wso2-launch`, 'is not a folder'],
    ['a file', 'echo > /tmp/wso2-launch', 'is not a folder'],
    ['a pipe', 'mkfifo /tmp/wso2-launch', 'is not a folder'],
    ['a folder for all', 'mkdir -m 777 /tmp/wso2-launch', 'lets every user remove what others have written'],
    ['a closed folder', 'mkdir -m 700 /tmp/wso2-launch', 'permission denied'],
  ])('is told of, and a launch goes on: %s', async (_what, trap, why) => {
    machine.sh('attacker', trap);
    const home = machine.makeHome('victim', `${homeOf('victim')}/mi`);
    const cli = machine.cli('victim', ['mi', '--home', home, '--json']);
    await cli.event('ready');
    machine.kill(cli, 'SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
    expect(cli.stderr).toContain(why);
    expect(stateOf(machine, theirs)).toBe(before);
  });
});
