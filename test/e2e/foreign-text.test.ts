import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('foreign-text');
/** Clears a terminal, sets its title, and begins a line of its own. */
const EVIL = 'x\u001b[2J\u001b]0;pwned\u0007\u009b1m\u202e\nWSO2_MI_EVIL=1\n::add-mask::y';
const CONTROL = /[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]/u;

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const evilHome = (): string => {
  const plain = sandbox.home('plain');
  const home = join(sandbox.folder, EVIL);
  renameSync(plain, home);
  return home;
};

/** Whatever is said stands on lines of ours, and obeys nobody. */
function expectHarmless(text: string): void {
  expect(text).not.toMatch(CONTROL);
  expect(text).not.toMatch(/^\s*(WSO2_MI_EVIL|::)/m);
}

test.each([
  [['ports', 'mi']],
  [['doctor', 'mi', '--verbose']],
  [['offset', 'get', 'mi']],
  [['offset', 'set', '3', 'mi', '--dry-run']],
  [['offset', 'set', '3', 'mi']],
  [['mi', '--dry-run', '--offset', String(MIN)]],
  [['mi', '--dry-run', '--verbose', '--offset', String(MIN), '--', `--car=${EVIL}`]],
  [['run', '--dry-run', '--profile', EVIL]],
  [['ps', EVIL]],
  [['status', EVIL]],
  [[EVIL]],
  [[`--${EVIL}`]],
  [['doctor', 'mi', `--${EVIL}=1`]],
])('%j says nothing of a home as it is', async (args) => {
  const { stdout, stderr } = await sandbox.run(args, { env: { MI_HOME: evilHome() } });
  expectHarmless(`${stdout}${stderr}`);
});

test('a home that is none, and a variable, are named harmlessly', async () => {
  const evil = evilHome();
  const home = join(sandbox.folder, `${EVIL} none`);
  for (const env of [
    { MI_HOME: home },
    { JAVA_HOME: home, MI_HOME: evil },
    { WSO2_LAUNCH_OFFSET: EVIL, MI_HOME: evil },
  ]) {
    const { code, stdout, stderr } = await sandbox.run(['mi'], { env });
    expect(code).not.toBe(0);
    expectHarmless(`${stdout}${stderr}`);
  }
});

test('JSON is harmless too, and tells the home as it is', async () => {
  const home = evilHome();
  const { stdout } = await sandbox.run(['ports', 'mi', '--json'], { env: { MI_HOME: home } });
  expectHarmless(stdout);
  expect((JSON.parse(stdout) as { home: string }).home).toBe(home);
});

test('lines of a log are quoted harmlessly where a start has failed', async () => {
  const bootLine = 'FATAL Error while performing configuration changes \u001b]0;pwned\u0007\n  ::add-mask::y';
  const home = sandbox.home('mi', { behaviour: { bootLine, exitAtBoot: 1 } });
  const { stdout, stderr } = await sandbox.run(['mi', '--home', home, '--offset', String(MIN), '--json']);
  expectHarmless(stderr);
  expect(stderr).toContain('\\u001b]0;pwned\\u0007');
  expectHarmless(stdout);
});

test('an instance of such a home is told of harmlessly, and its variables are its own', async () => {
  const home = evilHome();
  const launched = await sandbox.run(['mi', '-d', '--verbose', '--offset', String(MIN)], { env: { MI_HOME: home } });
  expect(launched).toMatchObject({ code: 0 });
  expectHarmless(`${launched.stdout}${launched.stderr}`);
  for (const args of [['ps'], ['status', 'mi'], ['ports', 'mi']]) {
    expectHarmless((await sandbox.run(args)).stdout);
  }
  const variables = async (format: string): Promise<string> =>
    (await sandbox.run(['env', 'mi', '--format', format])).stdout;
  const github = await variables('github');
  expect(github).toContain(`WSO2_MI_HOME<<END_OF_VALUE\n${home}\nEND_OF_VALUE\n`);
  expect(await variables('powershell')).not.toMatch(/^WSO2_MI_EVIL/m);
  const dotenv = await sandbox.run(['env', 'mi', '--format', 'dotenv']);
  expect(dotenv).toMatchObject({ code: 2, stdout: '' });
  expect(dotenv.stderr).toContain("--format dotenv can't carry WSO2_MI_HOME");
  expectHarmless(dotenv.stderr);
  writeFileSync(join(sandbox.folder, 'variables.sh'), await variables('shell'));
  expect(await sandbox.run(['stop', 'mi'])).toMatchObject({ code: 0 });
});
