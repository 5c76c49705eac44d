import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Cli } from '../support/cli.js';
import { until } from '../support/wait.js';
import { expectNoServerAfter, expectOneServerFor, PATIENCE_MS, Project, said, seenIn } from './run.js';

let project: Project;
afterEach(() => project.close());

const playwright = (env: Readonly<Record<string, string>> = {}): Cli =>
  project.start('@playwright/test/cli.js', ['test'], env);

/** A test file: it asks the server, writes down which one it was, and goes on when it may. */
const asks = (variable = 'WSO2_MI', wait = ''): string => `const { appendFileSync, existsSync } = require('node:fs');
const { expect, test } = require('@playwright/test');
test('asks', async ({ request }) => {
  test.setTimeout(120_000);
  const response = await request.get(process.env.${variable}_HEALTH_URL.replace('https:', 'http:'));
  expect(response.status()).toBe(200);
  appendFileSync('seen.txt', process.env.${variable}_PID + '\\n');
  ${wait}
});
`;
const UNTIL_GO = "while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 50));";

const config = (webServer: string, rest = ''): string => `const { wso2Server } = require('wso2-launch/playwright');
module.exports = { testMatch: '*.spec.js', webServer: ${webServer}, ${rest} };
`;
/** A project with a server of its own, made in its sandbox. */
function create(files: Readonly<Record<string, string>> = {}, rest = '', behaviour = {}): void {
  project = new Project('playwright');
  const home = project.sandbox.home('mi', { behaviour });
  const webServer = `wso2Server('mi', ${JSON.stringify({ home, offset: 'auto' })})`;
  project.write({ 'playwright.config.js': config(webServer, rest), 'a.spec.js': asks(), ...files });
}
const seen = (): string[] => seenIn(project);

test('the example runs, and nothing is left when it has ended', async () => {
  project = new Project('playwright').withExample();
  const home = project.sandbox.home('apim', { product: 'apim', version: '4.5.0' });
  const run = playwright({ APIM_HOME: home });
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({
    code: 0,
    said: expect.stringContaining('1 passed'),
  });
  expect(project.sandbox.processes()).toEqual([]);
  expect(project.sandbox.records).toMatchObject([{ name: 'apim', status: 'exited', exit: { code: 0 } }]);
});

test('its types fit those of Playwright', async () => {
  project = new Project('playwright', {
    'options.ts': `import { defineConfig } from '@playwright/test';
import { wso2Server } from 'wso2-launch/playwright';
export const configs = [
  defineConfig({ webServer: wso2Server('mi') }),
  defineConfig({ webServer: [wso2Server('mi', { offset: 'auto' }), { command: 'x', port: 1 }] }),
];
// @ts-expect-error
wso2Server('mi', { ofset: 3 });
`,
  });
  expect(await project.misfits('options.ts')).toBe('');
});

test('tests and hooks get the variables of each of several servers', async () => {
  create();
  const orders = { product: 'mi', home: project.sandbox.home('orders at $HOME'), offset: 'auto' };
  const stock = { product: 'mi', home: project.sandbox.home('stöck'), offset: 'auto' };
  project.write({
    'playwright.config.js': config(
      `[wso2Server('orders', ${JSON.stringify(orders)}), wso2Server('stock', ${JSON.stringify(stock)})]`,
      "globalSetup: './setup.js'",
    ),
    'setup.js': `module.exports = () => require('node:fs').appendFileSync('seen.txt', process.env.WSO2_STOCK_HOME + '\\n');\n`,
    'a.spec.js': asks('WSO2_ORDERS'),
    'b.spec.js': asks('WSO2_STOCK'),
  });
  const run = playwright();
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
  expect(seen()).toHaveLength(3);
  expect(new Set(seen()).size).toBe(3);
  expect(seen()[0]).toBe(stock.home);
});

test('all workers have one server', async () => {
  create({ 'b.spec.js': asks(), 'c.spec.js': asks() }, 'workers: 3');
  const run = playwright();
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
  expect([seen().length, new Set(seen()).size]).toEqual([3, 1]);
});

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('%s leaves no server, and stops it gracefully', async (signal) => {
  create({ 'a.spec.js': asks('WSO2_MI', UNTIL_GO) });
  await expectNoServerAfter(signal, project, playwright());
});

test('SIGINT during the launch leaves no server', async () => {
  create({}, '', { startedAfterMs: 60_000 });
  const run = playwright();
  await until(`a start: ${said(run)}`, () => project.running[0]?.status === 'starting', PATIENCE_MS);
  run.killGroup('SIGINT');
  await run.exited;
  await project.allGone();
  expect(project.sandbox.records).toMatchObject([{ status: 'exited' }]);
});

test('two runs at once share one server, until the last of them ends', async () => {
  create({ 'a.spec.js': asks('WSO2_MI', UNTIL_GO) });
  await expectOneServerFor('playwright', [playwright(), playwright()], project);
  await project.allGone();
});

describe('a launch that fails ends the run', () => {
  test('with its words and the last lines of the log, and no stack', async () => {
    create({}, '', { exitAtBoot: 3, bootLine: 'the key store is broken' });
    const run = playwright();
    expect((await run.exited).code).toBe(1);
    expect(said(run)).toContain('[mi] The server ended before it was ready');
    expect(said(run)).toContain('the key store is broken');
    expect(said(run)).toContain('Exit code: 5');
    expect(said(run)).not.toMatch(/wso2-launch\/dist|chunk-/);
    expect(seen()).toEqual([]);
    expect(project.sandbox.processes()).toEqual([]);
  });

  test('also where its home is missing', async () => {
    create();
    project.write({ 'playwright.config.js': config("wso2Server('mi', { home: '/nowhere' })") });
    const run = playwright();
    expect((await run.exited).code).toBe(1);
    expect(said(run)).toContain('/nowhere');
    expect(project.sandbox.records).toEqual([]);
  });
});

test('a server that crashes during the tests is told', async () => {
  create({
    'a.spec.js': `const { test } = require('@playwright/test');
const { instances } = require('wso2-launch');
test('kills', async () => {
  test.setTimeout(120_000);
  process.kill(Number(process.env.WSO2_MI_PID), 'SIGKILL');
  while ((await instances()).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
});
`,
  });
  const run = playwright();
  await run.exited;
  expect(said(run)).toMatch(/\[mi\] The server .*SIGKILL/);
  expect(project.sandbox.processes()).toEqual([]);
});

test('NODE_OPTIONS are for the runner, not for what holds the server', async () => {
  create({ 'preload.cjs': "require('node:fs').appendFileSync(__dirname + '/loaded.txt', process.argv[1] + '\\n');\n" });
  const run = playwright({ NODE_OPTIONS: `--require "${join(project.folder, 'preload.cjs')}"` });
  expect({ ...(await run.exited), said: said(run) }).toMatchObject({ code: 0 });
  const loaded = readFileSync(join(project.folder, 'loaded.txt'), 'utf8');
  expect(loaded).toContain('cli.js');
  expect(loaded).not.toMatch(/wso2-launch\.cjs|playwright-hold/);
});
