import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ForeignProject } from '../support/foreign-project.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const run = promisify(execFile);

const MIN = minOffsetOf('library-docs');

let project: ForeignProject;
let sandbox: Sandbox;
beforeAll(async () => {
  project = await ForeignProject.install();
}, 120_000);
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());
afterAll(() => project.close());

/** The programs that a document shows. */
const programsIn = (document: string): string[] =>
  [...readFileSync(document, 'utf8').matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => text as string);

/** At an offset of ours, for the other file has others. */
const atOurOffset = (program: string): string => program.replace("offset: 'auto'", `offset: 'auto', minOffset: ${MIN}`);

const [ofReadme = ''] = programsIn('README.md');
const [first, withNodeTest = ''] = programsIn('docs/library.md');

test('the program of the README does what it says, and is that of the documents', async () => {
  expect(first).toBe(ofReadme);
  expect(ofReadme.trimEnd().split('\n')).toHaveLength(15);
  const home = sandbox.home('kernel', { product: 'server', version: '5.12.0' });
  const file = project.write('readme.mjs', atOurOffset(ofReadme));
  const { stdout, stderr } = await run(process.execPath, [file, home], { env: sandbox.env });
  expect(stderr).toBe('');
  const told = stdout.split('\n').flatMap((line) => /^\d{4}-\S+ ([a-z]+)$/.exec(line)?.[1] ?? []);
  expect(told).toEqual(['planned', 'starting', 'ready', 'restarting', 'starting', 'ready', 'stopping', 'stopped']);
  const [ready, again] = [
    new RegExp(`^ready at https:\\S+, pid (\\d+), offset ${MIN}$`, 'm'),
    /^again at https:\S+, pid (\d+)$/m,
  ].map((line) => line.exec(stdout)?.[1]);
  expect(Number(ready)).toBeGreaterThan(0);
  expect(again).not.toBe(ready);
  expect(stdout).toMatch(/^stopped \{ how: 'graceful', durationMs: \d+ \}$/m);
});

test('it says what is wrong with a home, and ends with the code for that', async () => {
  const file = project.write('readme.mjs', ofReadme);
  const failed = run(process.execPath, [file, sandbox.folder], { env: sandbox.env });
  await expect(failed).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('is not the home') });
});

test('files of node:test share one server by what the documents show', async () => {
  const env = { ...sandbox.env, MI_HOME: sandbox.home('mi') };
  const files = ['one', 'two'].map((name) =>
    project.write(
      `${name}.test.mjs`,
      `${atOurOffset(withNodeTest)}\ntest('pid', () => console.log('pid', server.pid));\n`,
    ),
  );
  const { stdout } = await run(process.execPath, ['--test', '--test-concurrency=2', ...files], { env });
  expect(stdout).toMatch(/# pass 4\n/);
  const pids = [...stdout.matchAll(/pid (\d+)/g)].map(([, pid]) => pid);
  expect(pids).toHaveLength(2);
  expect(new Set(pids).size).toBe(1);
  // The last one has let it linger.
  expect((await sandbox.run(['stop', '--all'])).code).toBe(0);
});
