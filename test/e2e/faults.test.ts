import { execFile } from 'node:child_process';
import { expect, test } from '@jest/globals';

// The long form: node scripts/stress/faults.mjs --rounds 1000 --jobs 4
const ROUNDS = 15;
const SHORT = ['--rounds', String(ROUNDS), '--seed', '609', '--jobs', '2'];

test('whatever happens to a launch, at whatever moment, nothing is left and nothing wrong is said', async () => {
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['scripts/stress/faults.mjs', ...SHORT], (error, stdout, stderr) => {
      resolve(`${stdout}${stderr}${error ? `it ended with ${error.code}` : ''}`);
    });
  });
  const lines = said.trim().split('\n');
  const rounds = lines.filter((line) => /^round \d+: .*; ok, [\d.]+ ms$/.test(line));
  expect(lines.at(-1)).toBe(`passed: ${ROUNDS} rounds, seed 609`);
  expect(rounds).toHaveLength(ROUNDS);
  const left = lines.filter((line) => line.startsWith('without ')).map((line) => line.split(/[ :]/)[1]);
  const kinds = new Set(rounds.map((line) => line.split(': ')[1]));
  expect([...kinds, ...left].sort()).toEqual(['clocks', 'pairs', 'shortages', 'signals', 'strangers']);
}, 240_000);
