import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeSystem } from '../../src/system/index.js';
import { instancesIn } from '../support/instances.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('server-options');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { detach, stop } = instancesIn(() => sandbox, MIN);

const argumentsOf = (pid: unknown): string[] => [...nodeSystem.processes.argumentsOf(pid as number)];
const environmentOf = (pid: unknown): string[] => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');

describe('arguments and variables', () => {
  test('reach the server, and that of each restart', async () => {
    const file = join(sandbox.folder, '.env');
    writeFileSync(file, 'FROM_FILE="two words"\nBOTH=file\n');
    const given = ['--arg', '-Dsome.property=1', '--env', 'BOTH=flag', '--env-file', file];
    const expectGiven = (pid: unknown): void => {
      expect(argumentsOf(pid).slice(-3)).toEqual(['-Dsome.property=1', '-Dlast=1', `-DportOffset=${MIN}`]);
      expect(environmentOf(pid)).toEqual(expect.arrayContaining(['FROM_FILE=two words', 'BOTH=flag']));
    };
    const first = await detach(sandbox.home('mi'), [...given, '--', '-Dlast=1']);
    expectGiven(first['pid']);
    writeFileSync(file, 'FROM_FILE=changed\n');
    const again = sandbox.start(['restart', 'mi', '--json']);
    const second = await again.event('ready');
    expectGiven(second['pid']);
    expect(second['pid']).not.toBe(first['pid']);
    await again.exited;
    await stop('mi');
  });

  test('are those of the server beside a command, and no secret of them is shown', async () => {
    const home = sandbox.home('mi');
    const given = ['--arg', '-Dsome.property=1', '--env', 'DB_PASSWORD=hunter2', '--env', 'PLAIN=x'];
    const cli = sandbox.start([
      'exec',
      'mi',
      '--json',
      '--home',
      home,
      '-a',
      '--min-offset',
      String(MIN),
      ...given,
      '--',
      'true',
    ]);
    const { command } = await cli.event('starting');
    expect(command).toMatchObject({
      args: ['-Dsome.property=1', `-DportOffset=${MIN}`],
      env: { set: { DB_PASSWORD: '***', PLAIN: 'x' } },
    });
    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(cli.stdout + cli.stderr).not.toContain('hunter2');
  });
});
