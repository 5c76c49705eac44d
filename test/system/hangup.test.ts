import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { wasStartedIgnoringHangup } from '../../src/system/hangup.js';
import { Children } from '../support/children.js';

let children: Children;
beforeEach(() => {
  children = new Children();
});
afterEach(() => children.close());

test.each([
  ['/usr/bin/nohup', true],
  ['nohup', true],
  ['/usr/bin/nohups', false],
  ['/usr/bin/node', false],
])('the shell says that it ran %s: %s', async (program, isIgnored) => {
  const { pid } = children.start('sleep', ['600']);
  expect(wasStartedIgnoringHangup({ _: program }, pid)).toBe(isIgnored);
});

test('a parent that ignores the signal hands that down', async () => {
  const deaf = children.shell("trap '' HUP; echo up; read -r go");
  const hearing = children.shell("trap : HUP; trap '' INT; echo up; read -r go");
  await Promise.all([deaf.line(), hearing.line()]);
  expect(wasStartedIgnoringHangup({}, deaf.pid)).toBe(true);
  expect(wasStartedIgnoringHangup({}, hearing.pid)).toBe(false);
});

test('a shell that was given the word as an argument hands it down', async () => {
  const shell = children.shell('echo up; read -r go; nohup node bin/wso2-launch.cjs mi');
  await shell.line();
  expect(wasStartedIgnoringHangup({}, shell.pid)).toBe(true);
});

test('a shell script that starts us with nohup hands it down', async () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  const script = join(folder, 'launch.sh');
  writeFileSync(script, 'echo up; read -r go\nnohup wso2-launch mi &\n');
  const shell = children.start('/bin/sh', [script]);
  await shell.line();
  expect(wasStartedIgnoringHangup({}, shell.pid)).toBe(true);
  rmSync(folder, { recursive: true });
});

test.each(['cat nohup.out', 'nohup sleep 1', 'nohup node mock.js & wso2-launch mi', 'vi /home/nohup/node'])(
  'a shell that runs %j says nothing of us',
  async (words) => {
    const shell = children.shell(`echo up; read -r go; ${words}`);
    await shell.line();
    expect(wasStartedIgnoringHangup({}, shell.pid)).toBe(false);
  },
);

test('a parent that is gone tells nothing', () => {
  expect(wasStartedIgnoringHangup({}, 4_194_305)).toBe(false);
});
