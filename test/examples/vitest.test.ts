import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Cli } from '../support/cli.js';
import { until } from '../support/wait.js';
import {
  expectNoServerAfter,
  expectOneServerFor,
  PATIENCE_MS,
  Project,
  rerun,
  said,
  seenIn,
  untilSeen,
} from './run.js';

let project: Project;
afterEach(() => project.close());

const vitest = (args: readonly string[] = ['run'], env: Readonly<Record<string, string>> = {}): Cli =>
  project.start('vitest/vitest.mjs', args, env);

/** A test file: it asks the server, writes down which one it was, and goes on when it may. */
const asks = (name = 'mi', wait = ''): string => `import { appendFileSync, existsSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
test('asks', async () => {
  const server = inject('wso2').${name};
  const response = await fetch(server.urls.health.replace('https:', 'http:'));
  expect(response.status).toBe(200);
  expect(process.env.WSO2_${name.toUpperCase()}_PID).toBe(String(server.pid));
  appendFileSync('seen.txt', server.pid + '\\n');
  ${wait}
}, 120_000);
`;
const UNTIL_GO = "while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 50));";

const config = (servers: object, rest = '{}'): string => `import { withServers } from 'wso2-launch/vitest';
export default { test: withServers(${JSON.stringify(servers)}, ${rest}) };
`;
/** A project with a server of its own, made in its sandbox. */
function create(files: Readonly<Record<string, string>> = {}, rest = '{}', behaviour = {}): void {
  project = new Project('vitest', { 'package.json': '{ "type": "module" }' });
  const home = project.sandbox.home('mi', { behaviour });
  project.write({ 'vitest.config.js': config({ mi: { home, offset: 'auto' } }, rest), 'a.test.js': asks(), ...files });
}
const seen = (): string[] => seenIn(project);

test('its types fit those of Vitest', async () => {
  project = new Project('vitest', {
    'options.ts': `import { inject } from 'vitest';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { withServers } from 'wso2-launch/vitest';
const base: NonNullable<ViteUserConfig['test']> = {};
const project = { test: withServers({ mi: {} }, { name: 'x' }) };
export const configs = [
  defineConfig({ test: withServers({ mi: { offset: 3 } }, { coverage: { provider: 'v8' }, projects: [project] }) }),
  defineConfig({ test: withServers({ mi: {} }, base) }),
  defineConfig({ test: withServers({ mi: {} }) }),
];
export const offset: number = inject('wso2').mi.offset;
// @ts-expect-error
withServers({ mi: { ofset: 3 } });
`,
  });
  expect(await project.misfits('options.ts')).toBe('');
});

test('the example runs, its types fit, and nothing is left when it has ended', async () => {
  project = new Project('vitest').withExample();
  const home = project.sandbox.home('apim', { product: 'apim', version: '4.5.0' });
  const run = vitest(['run'], { APIM_HOME: home });
  const types = project.start('typescript/bin/tsc', ['-p', '.']);
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({
    code: 0,
    said: expect.stringContaining('2 passed'),
  });
  expect({ ...(await types.exited), said: said(types) }).toMatchObject({ code: 0, said: '' });
  expect(project.sandbox.processes()).toEqual([]);
  expect(project.sandbox.records).toMatchObject([{ name: 'apim', status: 'exited' }]);
});

test.each(['forks', 'threads'])('all workers get one server, as %s too', async (pool) => {
  create({ 'b.test.js': asks(), 'c.test.js': asks() }, `{ pool: '${pool}' }`);
  const run = vitest();
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
  expect([seen().length, new Set(seen()).size]).toEqual([3, 1]);
});

test("a project's own hooks and values stay, the servers come first", async () => {
  const hook = (name: string): string => `import { appendFileSync } from 'node:fs';
export function setup(project) {
  appendFileSync('seen.txt', '${name} up ' + (process.env.WSO2_MI_PID !== undefined) + '\\n');
  return async () => {
    const { status } = await fetch(process.env.WSO2_MI_HEALTH_URL.replace('https:', 'http:'));
    appendFileSync('seen.txt', '${name} down ' + status + '\\n');
  };
}
`;
  const own = `import { expect, inject, test } from 'vitest';\ntest('x', () => expect(inject('own')).toBe(7));\n`;
  create(
    { 'one.ts': hook('one'), 'two.js': hook('two'), 'a.test.js': own },
    "{ globalSetup: ['./one.ts', './two.js'], provide: { own: 7 } }",
  );
  const run = vitest();
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
  expect(seen()).toEqual(['one up true', 'two up true', 'two down 200', 'one down 200']);
});

test('a hook that throws ends the run with its error, and the server', async () => {
  create(
    { 'bad.js': "export default () => { throw new Error('the data base is down'); };\n" },
    "{ globalSetup: './bad.js' }",
  );
  const run = vitest();
  expect((await run.exited).code).toBe(1);
  expect(said(run)).toContain('the data base is down');
  await project.allGone();
  expect(project.sandbox.records).toMatchObject([{ status: 'exited' }]);
});

test('projects have servers of their own, and those of all', async () => {
  project = new Project('vitest', { 'package.json': '{ "type": "module" }' });
  const servers = (name: string): string =>
    JSON.stringify({ [name]: { product: 'mi', home: project.sandbox.home(name), offset: 'auto' } });
  project.write({
    'vitest.config.js': `import { withServers } from 'wso2-launch/vitest';
const project = (name, servers) => ({ test: withServers(servers, { name, include: [name + '/*.test.js'] }) });
export default { test: withServers(${servers('all')}, {
  projects: [project('one', ${servers('one')}), project('two', ${servers('two')})],
}) };
`,
    'one/a.test.js': asks('one'),
    'one/b.test.js': asks('all'),
    'two/a.test.js': asks('two'),
  });
  const run = vitest(['run', '--project', 'one']);
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
  expect(project.sandbox.records.map(({ name }) => name).sort()).toEqual(['all', 'one']);
});

describe('in watch mode', () => {
  test('the server is kept between runs, and goes with Vitest', async () => {
    create();
    const run = vitest(['--watch']);
    const [first] = await untilSeen(project, [run], 1);
    await until(
      `the end of the first run: ${said(run)}`,
      () => /Waiting for file changes/.test(said(run)),
      PATIENCE_MS,
    );
    expect((await rerun(project, run, 'a.test.js', asks(), 2)).slice(0, 2)).toEqual([first, first]);
    run.killGroup('SIGINT');
    await run.exited;
    await project.allGone();
  });

  test('one that has crashed is launched again for the next run', async () => {
    create();
    const run = vitest(['--watch']);
    const [first] = await untilSeen(project, [run], 1);
    await until(
      `the end of the first run: ${said(run)}`,
      () => /Waiting for file changes/.test(said(run)),
      PATIENCE_MS,
    );
    process.kill(Number(first), 'SIGKILL');
    await until('its end', () => project.running.length === 0, PATIENCE_MS);
    const [, second] = await rerun(project, run, 'a.test.js', asks(), 2);
    expect(second).not.toBe(first);
    run.killGroup('SIGINT');
    await run.exited;
    await project.allGone();
  });
});

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('%s leaves no server', async (signal) => {
  create({ 'a.test.js': asks('mi', UNTIL_GO) });
  await expectNoServerAfter(signal, project, vitest());
});

test('two runs at once share one server, until the last of them ends', async () => {
  create({ 'a.test.js': asks('mi', UNTIL_GO) });
  await expectOneServerFor('vitest', [vitest(), vitest()], project);
  expect(project.sandbox.processes()).toEqual([]);
});

describe('a launch that fails ends the run', () => {
  test('with its words and the last lines of the log, and no stack', async () => {
    create({}, '{}', { exitAtBoot: 3, bootLine: 'the key store is broken' });
    const run = vitest();
    expect((await run.exited).code).toBe(1);
    expect(said(run)).toContain('The server ended before it was ready');
    expect(said(run)).toContain('the key store is broken');
    expect(said(run)).not.toMatch(/❯|wso2-launch\/dist|chunk-/);
    expect(seen()).toEqual([]);
    expect(project.sandbox.processes()).toEqual([]);
  });

  test('also where its home is missing', async () => {
    create();
    project.write({ 'vitest.config.js': config({ mi: { home: '/nowhere' } }) });
    const run = vitest();
    expect((await run.exited).code).toBe(1);
    expect(said(run)).toContain('/nowhere');
    expect(project.sandbox.records).toEqual([]);
  });
});

test('a server that crashes during the tests fails the run', async () => {
  create({
    'a.test.js': `import { test } from 'vitest';
import { instances } from 'wso2-launch';
test('kills', async () => {
  process.kill(Number(process.env.WSO2_MI_PID), 'SIGKILL');
  while ((await instances()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
}, 120_000);
`,
  });
  const run = vitest();
  expect((await run.exited).code).toBe(1);
  expect(said(run)).toMatch(/The server .*SIGKILL/);
  expect(project.sandbox.processes()).toEqual([]);
});

test('NODE_OPTIONS are for the runner, not for what holds the server', async () => {
  create({ 'preload.cjs': "require('node:fs').appendFileSync(__dirname + '/loaded.txt', process.argv[1] + '\\n');\n" });
  const run = vitest(['run'], { NODE_OPTIONS: `--require "${join(project.folder, 'preload.cjs')}"` });
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
  const loaded = readFileSync(join(project.folder, 'loaded.txt'), 'utf8');
  expect(loaded).toContain('vitest.mjs');
  expect(loaded).not.toContain('wso2-launch.cjs');
});
