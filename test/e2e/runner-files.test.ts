import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const run = promisify(execFile);

const PROCESSES = 6;
const ROUNDS = 150;

/** Has Jest's configuration made in one state folder after the other, as fast as it can. */
const PROGRAM = `
const [adapter, folder, rounds] = process.argv.slice(2);
const { withServers } = require(adapter);
for (let round = 0; round < Number(rounds); round++) {
  process.env.WSO2_LAUNCH_STATE_DIR = folder + '/state-' + round;
  const { globalSetup } = withServers({ mi: { home: '/nowhere' } }, {});
  require(globalSetup);
}
`;

test('runs of Jest that begin at once all find their hooks, and leave no draft of them', async () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-runners-'));
  try {
    const program = join(folder, 'program.cjs');
    writeFileSync(program, PROGRAM);
    const words = [program, join(process.cwd(), 'dist/jest.cjs'), folder, String(ROUNDS)];
    const runs = Array.from({ length: PROCESSES }, () => run(process.execPath, words));
    const failed = (await Promise.allSettled(runs)).filter(({ status }) => status === 'rejected');
    expect(failed).toEqual([]);
    const left = Array.from({ length: ROUNDS }, (_, round) => readdirSync(join(folder, `state-${round}`, 'runners')));
    expect(left.flat().filter((name) => !name.endsWith('.cjs'))).toEqual([]);
    expect(left.every((names) => names.length === 2)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
