import { execFile } from 'node:child_process';
import { expect, test } from '@jest/globals';

// The long form: node scripts/stress/faults.mjs --rounds 300
const SHORT = ['--rounds', '8', '--seed', '609'];

test('whichever process of a launch is killed or suspended, at whatever moment, nothing is left in the end', async () => {
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['scripts/stress/faults.mjs', ...SHORT], (error, stdout, stderr) => {
      resolve(`${stdout}${stderr}${error ? `it ended with ${error.code}` : ''}`);
    });
  });
  const lines = said.trim().split('\n');
  expect(lines.filter((line) => /^round [1-8]: .*; ok, [\d.]+ ms$/.test(line))).toHaveLength(8);
  expect(lines.at(-1)).toBe('passed: 8 rounds, seed 609');
}, 240_000);
