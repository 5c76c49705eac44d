import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Cli } from '../support/cli.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

let sandbox: Sandbox;
let temporary: string;
beforeEach(() => {
  sandbox = new Sandbox();
  temporary = join(sandbox.folder, 'tmp');
  mkdirSync(temporary);
});
afterEach(() => sandbox.close());

const demo = (...args: readonly string[]): Cli =>
  sandbox.start(['demo', '--json', ...args], { env: { TMPDIR: temporary } });
const folders = (): string[] => readdirSync(temporary).filter((name) => name.startsWith('wso2-launch-demo-'));

test('a demo leaves no folder behind', async () => {
  expect(await demo().exited).toEqual({ code: 0, signal: null });
  expect(folders()).toEqual([]);
});

test('what a demo that was killed has left is removed by the next one, and nothing else is', async () => {
  const killed = demo('--keep');
  await killed.event('ready');
  const [left] = folders();
  killed.kill('SIGKILL');
  await until('its server to be stopped', () => sandbox.processes().length === 0);
  expect(folders()).toEqual([left]);

  const others = ['wso2-launch-demo-of-somebody', 'wso2-launch-demo-1-x-abcdef.tar'];
  for (const name of others) mkdirSync(join(temporary, name));
  const link = 'wso2-launch-demo-999999999-1-abcdef';
  symlinkSync(sandbox.jdk, join(temporary, link));
  const living = demo('--keep');
  await living.event('ready');
  const [its] = folders().filter((name) => ![...others, link].includes(name));
  expect(its).not.toBe(left);

  expect(await demo().exited).toEqual({ code: 0, signal: null });
  expect(folders().sort()).toEqual([...others, link, its].sort());
  living.kill('SIGTERM');
  expect(await living.exited).toEqual({ code: 143, signal: null });
});
