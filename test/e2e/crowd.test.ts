import { execFile } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { minOffsetOf } from '../support/offsets.js';

// The long form: node scripts/stress/crowd.mjs --launchers 100 --rounds 20
const SHORT = ['--launchers', '12', '--rounds', '2', '--min-offset', String(minOffsetOf('crowd')), '--untimed'];

const crowd = (...more: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['scripts/stress/crowd.mjs', ...SHORT, ...more], (error, stdout, stderr) => {
      resolve(`${stdout}${stderr}${error ? `it ended with ${error.code}` : ''}`);
    });
  });

test('launchers that choose at once get different offsets without a gap, and a killed one holds nobody up', async () => {
  const said = await crowd('--kills', '2');
  const lines = [
    /^round 1: 12 offsets from \d+ to \d+, all chosen within .*$/,
    /^round 2: 12 offsets from \d+ to \d+, all chosen within .*$/,
    /^all chosen within: .* \(of 12 launchers, 2 rounds\)$/,
    /^after the holder's SIGKILL the next was inside within: .* \(2 times\)$/,
    /^passed$/,
  ];
  expect(said.trim().split('\n')).toEqual(lines.map((line) => expect.stringMatching(line)));
});

test('launchers that choose at once get different ports though somebody else keeps the lock', async () => {
  const said = await crowd('--kills', '0', '--without-turns');
  expect(said).toMatch(/^passed$/m);
});
