import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { InstanceRecord } from '../../src/domain/instance.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli } from '../support/cli.js';
import { connectionsTo } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('exec-reuse');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const atFreeOffset = ['-a', '--min-offset', String(MIN)];
const launch = (home: string, ...more: string[]): Cli =>
  sandbox.start(['mi', '--home', home, ...atFreeOffset, '--json', ...more]);

const statusOf = async (name: string): Promise<{ code: number | null; status: unknown }> => {
  const { code, stdout } = await sandbox.run(['status', name, '--json']);
  return { code, status: (JSON.parse(stdout) as { status: unknown }).status };
};

async function end(cli: Cli): Promise<void> {
  cli.kill('SIGTERM');
  expect((await cli.exited).code).toBe(143);
}

describe('exec --reuse', () => {
  const script = (name: string, text: string): string => {
    const file = join(sandbox.folder, name);
    writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return file;
  };

  test('takes the running instance of that home, and leaves it running', async () => {
    const home = sandbox.home('mi');
    const cli = launch(home);
    const ready = await cli.event('ready');
    const show = script('show', 'echo "$WSO2_MI_PID $WSO2_MI_OFFSET"');
    const both = await Promise.all(
      [show, show].map((command) => sandbox.run(['exec', 'mi', '--home', home, '--reuse', '--', command])),
    );
    for (const { code, stdout } of both) {
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${ready['pid']} ${ready['offset']}\n` });
    }
    expect(await statusOf('mi')).toEqual({ code: 0, status: 'ready' });
    await end(cli);
  });

  test("returns the command's own code, by name and by product too", async () => {
    const cli = launch(sandbox.home('mi'), '--name', 'blue');
    await cli.event('ready');
    const fail = script('fail', 'exit 42');
    expect((await sandbox.run(['exec', 'mi', '--name', 'blue', '--reuse', '--', fail])).code).toBe(42);
    expect((await sandbox.run(['exec', 'mi', '--reuse', '--', fail])).code).toBe(42);
    await end(cli);
  });

  test('has to be told which, where several run', async () => {
    const all = [launch(sandbox.home('one')), launch(sandbox.home('two'))];
    for (const cli of all) await cli.event('ready');
    const { code, stderr } = await sandbox.run(['exec', 'mi', '--reuse', '--', 'true']);
    expect(code).toBe(2);
    expect(stderr).toContain('--reuse has to be told which: mi, mi-2 are running.');
    await Promise.all(all.map(end));
  });

  test('takes that of the home it is called in, of several', async () => {
    const homes = [sandbox.home('one'), sandbox.home('two')];
    const all = homes.map((home) => launch(home));
    const show = script('show', 'echo "$WSO2_MI_PID"');
    for (const [index, cli] of all.entries()) {
      const { pid } = await cli.event('ready');
      const cwd = join(homes[index] as string, 'bin');
      expect(await sandbox.run(['exec', 'mi', '--reuse', '--', show], { cwd })).toMatchObject({
        code: 0,
        stdout: `${pid}\n`,
      });
    }
    await Promise.all(all.map(end));
  });

  test('takes none that is at another offset, or of that name in another home', async () => {
    const [home, other] = [sandbox.home('one'), sandbox.home('two')];
    const cli = launch(home);
    await cli.event('ready');
    const asked = ['exec', 'mi', '--reuse'];
    const elsewhere = await sandbox.run([...asked, '--home', home, '--offset', String(MIN + 1), '--', 'true']);
    expect(elsewhere).toMatchObject({ code: 8, stderr: expect.stringContaining(`instance mi, offset ${MIN}`) });
    const another = await sandbox.run([...asked, '--home', other, '--name', 'mi', ...atFreeOffset, '--', 'true']);
    expect(another).toMatchObject({ code: 8, stderr: expect.stringContaining(home) });
    await end(cli);
  });

  test('by its name, whatever home a variable names', async () => {
    const cli = launch(sandbox.home('one'), '--name', 'blue');
    await cli.event('ready');
    const env = { MI_HOME: sandbox.home('two') };
    const exec = ['exec', 'mi', '--name', 'blue', '--reuse', '--', 'sh', '-c', 'echo "$WSO2_BLUE_OFFSET"'];
    expect(await sandbox.run(exec, { env })).toMatchObject({ code: 0, stdout: `${MIN}\n` });
    await end(cli);
  });

  test('is wrong usage where nothing runs and there is no home to launch', async () => {
    const { code, stderr } = await sandbox.run(['exec', 'mi', '--reuse', '--', 'true'], { cwd: sandbox.folder });
    expect(code).toBe(2);
    expect(stderr).toContain('No WSO2 Micro Integrator is running that could be reused.');
  });

  test('waits for one that is not ready any more, and only so long', async () => {
    const cli = launch(sandbox.home('mi', { behaviour: { onSignal: 'shut-port' } }));
    const { pid } = await cli.event('ready');
    process.kill(pid as number, 'SIGUSR2');
    await cli.event('unhealthy');
    const exec = ['exec', 'mi', '--reuse', '--ready-timeout'];
    const { code, stderr } = await sandbox.run([...exec, '1s', '--', 'true']);
    expect(code).toBe(6);
    expect(stderr).toContain('mi is unhealthy, and was not ready within 1.0 s. It has been left alone.');
    const show = script('show', 'cat "$1"; echo "$WSO2_MI_PID"');
    const opened = join(sandbox.folder, 'opened');
    const waiting = sandbox.start([...exec, '1m', '--', show, opened]);
    const [{ socket }] = sandbox.records as [InstanceRecord];
    await until('exec to watch it', () => connectionsTo(socket) > 1);
    writeFileSync(opened, 'opened again ');
    process.kill(pid as number, 'SIGUSR2');
    expect(await waiting.exited).toEqual({ code: 0, signal: null });
    expect(waiting.stdout).toBe(`opened again ${pid}\n`);
    await end(cli);
  });

  test('ends the command with code 5 where the server dies meanwhile', async () => {
    const home = sandbox.home('mi', { behaviour: { onSignal: 'crash' } });
    const cli = launch(home);
    const ready = await cli.event('ready');
    const wait = script('wait', 'echo waiting; exec sleep 600');
    const exec = sandbox.start(['exec', 'mi', '--home', home, '--reuse', '--', wait]);
    await until('the command', () => exec.stdout.includes('waiting'));
    nodeSystem.processes.signal(nodeSystem.processes.find(ready['pid'] as number) as never, 'SIGUSR2');
    expect((await exec.exited).code).toBe(5);
    expect(exec.stderr).toContain('mi ended while');
    expect((await cli.exited).code).toBe(5);
  });

  test('launches where nothing runs', async () => {
    const home = sandbox.home('mi');
    const args = ['exec', 'mi', '--home', home, ...atFreeOffset, '--reuse', '--', 'true'];
    expect((await sandbox.run(args)).code).toBe(0);
    expect(sandbox.processes()).toEqual([]);
  });
});
