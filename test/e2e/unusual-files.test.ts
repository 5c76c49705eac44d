import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('unusual-files');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

/** Puts a pipe that nobody writes to in the place of a file. */
function makePipe(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Files that a home may have, and a stand-in has not. */
const MORE = ['wso2carbon.pid', 'conf/carbon.properties', 'conf/log4j2.properties', 'updates/config.json'];

test('a pipe in the place of any file of a home keeps nobody waiting', async () => {
  const home = sandbox.home('mi');
  const files = [...filesOf(home), ...MORE.map((name) => join(home, name))];
  expect(files).toContain(join(home, 'bin/version.txt'));
  for (const file of files) {
    rmSync(home, { recursive: true });
    sandbox.home('mi');
    makePipe(file);
    const args = ['--home', home, '--offset', String(MIN)];
    const ended = await Promise.all([
      sandbox.run(['mi', '--dry-run', ...args]),
      sandbox.run(['ports', 'mi', ...args]),
      sandbox.run(['doctor', 'mi', ...args]),
      sandbox.run(['offset', 'get', 'mi', '--home', home]),
    ]);
    for (const { code, stderr } of ended) expect({ file, code, stderr }).not.toMatchObject({ code: 1 });
  }
});

test('a pipe among the records keeps nobody waiting', async () => {
  makePipe(join(sandbox.state, 'instances/mi.json'));
  const home = sandbox.home('mi');
  for (const args of [
    ['ps', '--all'],
    ['stop', '--all'],
    ['mi', '--dry-run', '--home', home, '--offset', String(MIN)],
  ]) {
    expect(await sandbox.run(args)).toMatchObject({ code: 0 });
  }
  expect(await sandbox.run(['status', 'mi'])).toMatchObject({ code: 10 });
});
