import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

/** What the lane of examples does before its tests: itself, with an npm that only does what it is told to do. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  for (const name of ['bin', 'tmp']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

function lane(install: string): { status: number | null; stdout: string } {
  const npm = `#!/bin/sh
case $1 in
  pack) : > "$4/wso2-launch.tgz" ;;
  install) ${install} ;;
esac
`;
  writeFileSync(join(folder, 'bin/npm'), npm, { mode: 0o755 });
  const PATH = [join(folder, 'bin'), process.env['PATH']].join(delimiter);
  return spawnSync(process.execPath, ['scripts/examples-lane.mjs'], {
    env: { PATH, TMPDIR: join(folder, 'tmp') },
    encoding: 'utf8',
  });
}

test('it is skipped by name where npm has no packages, and leaves nothing', () => {
  const { status, stdout } = lane("echo 'npm error code ENOTFOUND' >&2; exit 1");
  expect(status).toBe(2);
  expect(stdout).toMatch(/^The lane of examples lacks the packages of examples\/[\w-]+, .*ENOTFOUND\.\n$/);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
});
