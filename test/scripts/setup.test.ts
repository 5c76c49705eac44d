import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Children } from '../support/children.js';
import { until } from '../support/wait.js';

// The real script in a project of its own, where npm and the build only tell that they were there.

const NPM = `#!/bin/sh
echo "npm $*" >> calls
rm -rf node_modules
mkdir node_modules
while [ -e hold ]; do sleep 0.05; done
[ -e cut-off ] && exit 1
touch node_modules/.package-lock.json
`;
const BUILD = `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
appendFileSync('calls', 'build\\n');
mkdirSync('dist', { recursive: true });
for (const file of ['main.cjs', 'part.cjs']) writeFileSync('dist/' + file, '');
writeFileSync('dist/build.json', '{"id":"1","files":["main.cjs","part.cjs"]}');
`;
const INSTALL = 'npm ci --ignore-scripts --include=dev --no-audit --no-fund';

let project: string;
let children: Children;
beforeEach(() => {
  project = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  for (const file of ['scripts/setup.mjs', 'scripts/turn.mjs', 'bin/cached.cjs']) cpSync(file, join(project, file));
  for (const folder of ['src', 'tools']) mkdirSync(join(project, folder));
  for (const file of ['src/main.ts', 'package.json', 'package-lock.json', 'calls']) write(file, '');
  write('scripts/build.mjs', BUILD);
  writeFileSync(join(project, 'tools/npm'), NPM, { mode: 0o755 });
  children = new Children();
});
afterEach(async () => {
  rmSync(join(project, 'hold'), { force: true });
  await children.close();
  rmSync(project, { recursive: true });
});

const write = (file: string, text: string): void => writeFileSync(join(project, file), text);
const calls = (): string[] => readFileSync(join(project, 'calls'), 'utf8').split('\n').slice(0, -1);

function startSetup(): { ended: Promise<number | null>; said: () => string } {
  const env = { ...process.env, PATH: `${join(project, 'tools')}:${process.env['PATH']}` };
  const setup = children.start(process.execPath, ['scripts/setup.mjs'], { cwd: project, env, stdio: 'pipe' });
  let said = '';
  setup.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return { ended: setup.ended.then(({ code }) => code), said: () => said };
}

test('installs what is locked and builds, and has nothing to do after that', async () => {
  expect(await startSetup().ended).toBe(0);
  expect(calls()).toEqual([INSTALL, 'build']);
  expect(await startSetup().ended).toBe(0);
  expect(calls()).toEqual([INSTALL, 'build']);
});

test('does an install that was cut off once more', async () => {
  write('cut-off', '');
  expect(await startSetup().ended).toBe(1);
  expect(calls()).toEqual([INSTALL]);
  rmSync(join(project, 'cut-off'));
  expect(await startSetup().ended).toBe(0);
  expect(calls()).toEqual([INSTALL, INSTALL, 'build']);
});

test.each(['part.cjs', 'main.cjs', 'build.json'])('builds again where %s is gone', async (file) => {
  await startSetup().ended;
  rmSync(join(project, 'dist', file));
  expect(await startSetup().ended).toBe(0);
  expect(calls()).toEqual([INSTALL, 'build', 'build']);
});

test('two at once take turns, and the second finds everything done', async () => {
  write('hold', '');
  const first = startSetup();
  await until('the install of the first', () => calls().length === 1);
  const second = startSetup();
  await until('a word of the second', () => second.said() === `Waiting for another setup of ${project} to end.\n`);
  rmSync(join(project, 'hold'));
  expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
  expect(calls()).toEqual([INSTALL, 'build']);
});

test('one that is killed leaves its turn to the next', async () => {
  const TAKE = `import('${join(project, 'scripts/turn.mjs')}')
    .then(({ takeTurn }) => takeTurn(process.argv[1], 'waiting'))
    .then(() => console.log('mine'))
    .then(() => setInterval(() => {}, 1000))`;
  const name = `wso2-launch-test-${process.pid}`;
  const holder = children.node(TAKE, [name]);
  await holder.line();
  const next = children.start(process.execPath, ['-e', TAKE, name], { stdio: ['ignore', 'pipe', 'pipe'] });
  await new Promise((resolve) => next.child.stderr?.once('data', resolve));
  holder.child.kill('SIGKILL');
  expect(await next.line()).toBe('mine');
});
