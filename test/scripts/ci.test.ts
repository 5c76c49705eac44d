import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

/** How .ci/run adds up its lanes: itself, in a project whose npm only says what it is told to say. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  for (const name of ['.ci', '.test-results', 'bin']) mkdirSync(join(folder, name));
  copyFileSync('.ci/run', join(folder, '.ci/run'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const SKIPPED = "echo 'The lane of examples lacks npm.'; exit 2";

const NO_JUDGE = "echo 'The lane of the judge lacks Maven.'; exit 2";

function ci(real: string, examples = SKIPPED, judge = NO_JUDGE): { status: number | null; said: string } {
  const npm = `#!/bin/sh
case $* in
  test) echo '10 passed, 0 failed' > .test-results/summary.txt ;;
  *test:windows*) echo 'The Windows lane lacks wine.'; exit 2 ;;
  *test:real*) ${real} ;;
  *test:judge*) ${judge} ;;
  *test:examples*) ${examples} ;;
esac
`;
  writeFileSync(join(folder, 'bin/npm'), npm, { mode: 0o755 });
  const PATH = [join(folder, 'bin'), process.env['PATH']].join(delimiter);
  const { status, stdout } = spawnSync(join(folder, '.ci/run'), { env: { PATH }, encoding: 'utf8' });
  return { status, said: stdout };
}

const lastLine = (said: string): string | undefined => said.trimEnd().split('\n').at(-1);

describe('the lane of real servers', () => {
  test('adds its tests to the others', () => {
    const { status, said } = ci("echo '3 passed, 0 failed'");
    expect({ status, sum: lastLine(said) }).toEqual({ status: 0, sum: '13 passed, 0 failed' });
  });

  test('that fails fails the whole', () => {
    const { status, said } = ci("echo '3 passed, 2 failed'; exit 1");
    expect({ status, sum: lastLine(said) }).toEqual({ status: 1, sum: '13 passed, 2 failed' });
  });

  test('that is cut off counts as one failure', () => {
    const { status, said } = ci('exit 1');
    expect({ status, sum: lastLine(said) }).toEqual({ status: 1, sum: '10 passed, 1 failed' });
  });

  test('that lacks something is skipped by its name, and the rest goes on', () => {
    const { status, said } = ci("echo 'The lane of real servers lacks Maven.'; exit 2");
    expect({ status, sum: lastLine(said) }).toEqual({ status: 0, sum: '10 passed, 0 failed' });
    expect(said).toContain('== Real servers: skipped. The lane of real servers lacks Maven.\n');
    expect(said.indexOf('== npm run --silent lint')).toBeGreaterThan(said.indexOf('skipped.'));
  });
});

test('the lane of examples adds its tests to the others, and is skipped by its name', () => {
  const counted = ci("echo '3 passed, 0 failed'", "echo '4 passed, 0 failed'");
  expect({ ...counted, said: lastLine(counted.said) }).toEqual({ status: 0, said: '17 passed, 0 failed' });
  const { status, said } = ci("echo '3 passed, 0 failed'");
  expect({ status, sum: lastLine(said) }).toEqual({ status: 0, sum: '13 passed, 0 failed' });
  expect(said).toContain('== Examples: skipped. The lane of examples lacks npm.\n');
});

test('the lane of the judge adds its tests to the others, and is skipped by its name', () => {
  const judged = ci("echo '3 passed, 0 failed'", SKIPPED, "echo '2 passed, 1 failed'; exit 1");
  expect({ ...judged, said: lastLine(judged.said) }).toEqual({ status: 1, said: '15 passed, 1 failed' });
  expect(ci("echo '3 passed, 0 failed'").said).toContain('== The judge: skipped. The lane of the judge lacks Maven.\n');
});
