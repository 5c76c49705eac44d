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

const jest = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Cli =>
  project.start('jest/bin/jest.js', args, env);

/** A test file: it asks the server, writes down which one it was, and goes on when it may. */
const asks = (variable = 'WSO2_MI', wait = ''): string => `test('asks', async () => {
  const response = await fetch(process.env.${variable}_HEALTH_URL.replace('https:', 'http:'));
  expect(response.status).toBe(200);
  require('node:fs').appendFileSync('seen.txt', process.env.${variable}_PID + '\\n');
  ${wait}
}, 120_000);
`;
const UNTIL_GO = `while (!require('node:fs').existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 50));`;

const config = (servers: object, rest = '{}'): string =>
  `const { withServers } = require('wso2-launch/jest');
module.exports = withServers(${JSON.stringify(servers)}, ${rest});
`;
/** A project with a server of its own, made in its sandbox. */
function create(files: Readonly<Record<string, string>> = {}, rest = '{}', behaviour = {}): void {
  project = new Project('jest');
  const home = project.sandbox.home('mi', { behaviour });
  project.write({ 'jest.config.js': config({ mi: { home, offset: 'auto' } }, rest), 'a.test.js': asks(), ...files });
}
const seen = (): string[] => seenIn(project);

test('the example runs, and nothing is left when it has ended', async () => {
  project = new Project('jest').withExample();
  const home = project.sandbox.home('apim', { product: 'apim', version: '4.5.0' });
  const run = jest([], { APIM_HOME: home });
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({
    code: 0,
    said: expect.stringContaining('1 passed'),
  });
  expect(project.sandbox.processes()).toEqual([]);
  expect(project.sandbox.records).toMatchObject([{ name: 'apim', status: 'exited' }]);
});

test('its types fit those of Jest', async () => {
  project = new Project('jest', {
    'options.ts': `import type { Config } from 'jest';
import { withServers } from 'wso2-launch/jest';
const base: Config = {};
export const configs: Config[] = [
  withServers({ mi: { home: '/x', offset: 'auto', env: { A: 'b' } } }, { globalSetup: './x.js', maxWorkers: 2 }),
  withServers({ orders: { product: 'mi' } }, { coverageProvider: 'v8', transform: { a: ['b', { c: 1 }] } }),
  withServers({ mi: {} }, base),
  withServers({ mi: {} }),
];
// @ts-expect-error
withServers({ mi: { ofset: 3 } });
`,
  });
  expect(await project.misfits('options.ts')).toBe('');
});

test('all workers get the variables of one server', async () => {
  create({ 'b.test.js': asks(), 'c.test.js': asks() });
  const run = jest(['--maxWorkers=3']);
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
  expect([seen().length, new Set(seen()).size]).toEqual([3, 1]);
});

test('a server has the name that it is given, and its variables have it too', async () => {
  create();
  const home = project.sandbox.home('orders');
  project.write({
    'jest.config.mjs': `import { withServers } from 'wso2-launch/jest';
export default withServers(${JSON.stringify({ orders: { product: 'mi', home, offset: 'auto' } })});
`,
    'a.test.js': asks('WSO2_ORDERS'),
  });
  const run = jest(['--config', 'jest.config.mjs']);
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
  expect(project.sandbox.records).toMatchObject([{ name: 'orders', product: 'mi' }]);
});

describe("a project's own hooks", () => {
  const HOOK = `require('node:fs').appendFileSync('seen.txt', `;
  const files = {
    'typed.ts': `const pid: string = 'setup of ' + process.env.WSO2_MI_PID;
exports.__esModule = true;
exports.default = async (global, project) => { ${HOOK}pid + ' ' + (project.rootDir === global.rootDir) + '\\n'); };
`,
    // It takes the types out, as far as they are there.
    'transform.js': "exports.process = (code) => ({ code: code.replace(': string', '') });\n",
    'module.mjs': `import { appendFileSync } from 'node:fs';
export default async () => appendFileSync('seen.txt', 'setup of ' + process.env.WSO2_MI_PID + ' true\\n');
`,
    'common.cjs': `module.exports = () => { ${HOOK}'setup of ' + process.env.WSO2_MI_PID + ' true\\n'); };\n`,
    'teardown.js': `module.exports = async () => {
  const { status } = await fetch(process.env.WSO2_MI_HEALTH_URL.replace('https:', 'http:'));
  ${HOOK}'teardown ' + status + '\\n');
};
`,
  };

  test.each(['./typed.ts', '<rootDir>/module.mjs', './common.cjs'])('%s is run, the server before it', async (path) => {
    const transform = "{ '\\\\.ts$': '<rootDir>/transform.js' }";
    create(files, `{ globalSetup: '${path}', globalTeardown: './teardown.js', transform: ${transform} }`);
    const run = jest();
    expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
    const pid = seen()[1];
    expect(seen()).toEqual([`setup of ${pid} true`, pid, 'teardown 200']);
  });

  test('one that throws ends the run with its error, and the server', async () => {
    create(
      { 'bad.js': "module.exports = () => { throw new Error('the data base is down'); };\n" },
      "{ globalSetup: './bad.js' }",
    );
    const run = jest();
    expect((await run.exited).code).toBe(1);
    expect(said(run)).toContain('the data base is down');
    expect(project.sandbox.processes()).toEqual([]);
    expect(project.sandbox.records).toMatchObject([{ status: 'exited' }]);
  });

  test('one that is not there is told before a server is started', async () => {
    create({}, "{ globalSetup: './nowhere.js' }");
    const run = jest();
    expect((await run.exited).code).toBe(1);
    expect(said(run)).toContain('./nowhere.js');
    expect(project.sandbox.records).toEqual([]);
  });
});

describe('projects', () => {
  const OWN = (name: string): string => `module.exports = (global, { rootDir }) =>
  require('node:fs').appendFileSync('seen.txt', '${name} ' + rootDir.endsWith('/${name}') + '\\n');
`;
  function createTwo(): void {
    project = new Project('jest');
    const part = (name: string): object => ({
      [name]: { product: 'mi', home: project.sandbox.home(name), offset: 'auto' },
    });
    project.write({
      'one/package.json': '{}',
      'two/package.json': '{}',
      'one/own.js': OWN('one'),
      'two/own.js': OWN('two'),
      'one/a.test.js': asks('WSO2_ONE'),
      'two/a.test.js': asks('WSO2_TWO'),
      'jest.config.js': `const { withServers } = require('wso2-launch/jest');
const project = (name, servers) =>
  withServers(servers, { displayName: name, rootDir: '<rootDir>/' + name, globalSetup: '<rootDir>/own.js' });
module.exports = { projects: [project('one', ${JSON.stringify(part('one'))}), project('two', ${JSON.stringify(part('two'))})] };
`,
    });
  }

  test('each has its own servers and hooks', async () => {
    createTwo();
    const run = jest();
    expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
    expect(seen()).toHaveLength(4);
    expect(seen()).toEqual(expect.arrayContaining(['one true', 'two true']));
    expect(project.sandbox.records.map(({ name }) => name).sort()).toEqual(['one', 'two']);
  });

  test('what is not selected is not launched', async () => {
    createTwo();
    const run = jest(['--selectProjects', 'two']);
    expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
    expect(project.sandbox.records.map(({ name }) => name)).toEqual(['two']);
    expect(seen()[0]).toBe('two true');
  });

  test('all of them may have the same', async () => {
    create({ 'one/a.test.js': asks(), 'two/a.test.js': asks() }, "{ projects: ['<rootDir>/one', '<rootDir>/two'] }");
    project.write({ 'one/jest.config.js': 'module.exports = {};', 'two/jest.config.js': 'module.exports = {};' });
    const run = jest();
    expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
    expect([seen().length, new Set(seen()).size]).toEqual([2, 1]);
  });
});

test('in watch mode the server is kept between runs, and goes with Jest', async () => {
  create();
  const run = jest(['--watchAll']);
  const [first] = await untilSeen(project, [run], 1);
  await until(`the end of the first run: ${said(run)}`, () => said(run).includes('Ran all test suites'), PATIENCE_MS);
  expect((await rerun(project, run, 'a.test.js', asks(), 2)).slice(0, 2)).toEqual([first, first]);
  run.killGroup('SIGINT');
  await run.exited;
  await project.allGone();
});

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('%s leaves no server', async (signal) => {
  create({ 'a.test.js': asks('WSO2_MI', UNTIL_GO) });
  await expectNoServerAfter(signal, project, jest());
});

test('two runs at once share one server, until the last of them ends', async () => {
  create({ 'a.test.js': asks('WSO2_MI', UNTIL_GO) });
  await expectOneServerFor('jest', [jest(), jest()], project);
  expect(project.sandbox.processes()).toEqual([]);
});

test('where Jest gives up after a failure, no test that still runs loses its server', async () => {
  const behaviour = { shutdownMs: 60_000 };
  create({ 'a.test.js': `${asks()}test('fails', () => expect(1).toBe(2));\n`, 'b.test.js': asks() }, '{}', behaviour);
  const run = jest(['--runInBand', '--bail']);
  expect((await run.exited).code).toBe(1);
  // It goes behind Jest, and not before.
  const [pid] = seen();
  expect(project.running).toMatchObject([{ pid: Number(pid) }]);
  process.kill(Number(pid), 'SIGKILL');
  await project.allGone();
});

test('where Jest would give up and need not, the server does not keep it alive', async () => {
  create();
  const run = jest(['--bail']);
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
  expect(said(run)).not.toContain('did not exit');
  await project.allGone();
});

describe('a launch that fails ends the run', () => {
  test('with its words and the last lines of the log, and no stack', async () => {
    create({}, '{}', { exitAtBoot: 3, bootLine: 'the key store is broken' });
    const run = jest();
    expect((await run.exited).code).toBe(1);
    expect(said(run)).toContain('The server ended before it was ready');
    expect(said(run)).toContain('the key store is broken');
    expect(said(run)).not.toMatch(/^\s+at /m);
    expect(seen()).toEqual([]);
    expect(project.sandbox.processes()).toEqual([]);
  });

  test('and starts nothing where one of several can not be', async () => {
    create();
    const good = { home: project.sandbox.home('good'), offset: 'auto' };
    project.write({ 'jest.config.js': config({ mi: good, other: { product: 'mi', home: '/nowhere', ofset: 3 } }) });
    const run = jest();
    expect((await run.exited).code).toBe(1);
    expect(said(run)).toMatch(/There is no option ofset.*offset/);
    expect(project.sandbox.records).toEqual([]);
  });

  test('and gives back the others where the home of one is missing', async () => {
    create();
    const good = { home: project.sandbox.home('good'), offset: 'auto' };
    project.write({ 'jest.config.js': config({ mi: good, other: { product: 'mi', home: '/nowhere' } }) });
    const run = jest();
    expect((await run.exited).code).toBe(1);
    expect(said(run)).toContain('/nowhere');
    expect(said(run)).not.toMatch(/^\s+at /m);
    expect(project.sandbox.processes()).toEqual([]);
  });

  test('and options that JSON can not hold are told at once', async () => {
    create({
      'jest.config.js': "module.exports = require('wso2-launch/jest').withServers({ mi: { onEvent() {} } });\n",
    });
    const run = jest();
    expect((await run.exited).code).toBe(1);
    expect(said(run)).toContain('onEvent of mi is nothing that JSON can hold.');
  });
});

const KILLS = `const { instances } = require('wso2-launch');
test('kills', async () => {
  process.kill(Number(process.env.WSO2_MI_PID), 'SIGKILL');
  while ((await instances()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
}, 120_000);
`;
test('a server that crashes during the tests fails the run', async () => {
  create({ 'a.test.js': KILLS });
  const run = jest();
  expect((await run.exited).code).toBe(1);
  expect(said(run)).toMatch(/The server .*SIGKILL/);
  expect(project.sandbox.processes()).toEqual([]);
});

test('NODE_OPTIONS are for the runner, not for what holds the server', async () => {
  create({ 'preload.cjs': "require('node:fs').appendFileSync(__dirname + '/loaded.txt', process.argv[1] + '\\n');\n" });
  const run = jest([], { NODE_OPTIONS: `--require "${join(project.folder, 'preload.cjs')}"` });
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
  const loaded = readFileSync(join(project.folder, 'loaded.txt'), 'utf8');
  expect(loaded).toContain('jest.js');
  expect(loaded).not.toContain('wso2-launch.cjs');
});
