import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stateOf } from '../support/precious.js';
import { homeOf, INSIDE, onSharedMachine, SharedMachine } from '../support/users.js';

let machine: SharedMachine;

/** Makes a file a pipe, a link to another and itself again, over and over; drafts beside it go for links as well. */
const SWAPPING = `
  const { execFileSync } = require('node:child_process');
  const { copyFileSync, readdirSync, renameSync, rmSync, symlinkSync } = require('node:fs');
  const [, file, target] = process.argv;
  const conf = require('node:path').dirname(file);
  copyFileSync(file, file + '.good');
  execFileSync('mkfifo', [file + '.pipe']);
  console.log('up');
  for (;;) {
    try {
      renameSync(file + '.pipe', file);
      renameSync(file, file + '.pipe');
      symlinkSync(target, conf + '/link');
      renameSync(conf + '/link', file);
      for (const draft of readdirSync(conf).filter((name) => name.endsWith('.tmp'))) {
        symlinkSync(target, conf + '/link');
        renameSync(conf + '/link', conf + '/' + draft);
      }
      copyFileSync(file + '.good', conf + '/new');
      renameSync(conf + '/new', file);
    } catch {
      rmSync(conf + '/link', { force: true });
    }
  }`;

onSharedMachine.describe('the offset of a home that is another user’s', () => {
  beforeEach(async () => {
    machine = await SharedMachine.start();
  });
  afterEach(() => machine.close());

  test('is set in time or not at all, and nowhere else', async () => {
    const theirs = `${homeOf('root')}/theirs`;
    machine.sh('root', 'umask 077; mkdir "$1"; echo precious > "$1/precious"', [theirs]);
    const before = stateOf(machine, theirs);
    const home = machine.makeHome('attacker', `${homeOf('attacker')}/mi`);
    const file = `${home}/conf/deployment.toml`;
    await machine.start('attacker', [INSIDE.node, '-e', SWAPPING, file, `${theirs}/precious`]).line();
    for (let offset = 1; offset <= 8; offset++) {
      const within = ['timeout', '-s', 'KILL', '30'];
      const { signal, code } = await machine.run('root', ['offset', 'set', `${offset}`, 'mi', '--home', home], {
        within,
      });
      expect({ signal, isKilled: code === 137 }).toEqual({ signal: null, isKilled: false });
    }
    expect(stateOf(machine, theirs)).toBe(before);
  });
});
