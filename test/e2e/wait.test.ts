import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Cli } from '../support/cli.js';
import { instancesIn } from '../support/instances.js';
import { portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('wait');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { foreground, misbehaving, detach, list, shown, stop, expectNothingLeft } = instancesIn(() => sandbox, MIN);

const ended = async (cli: Cli): Promise<object> => ({ ...(await cli.exited), stdout: cli.stdout, stderr: cli.stderr });

describe('wait', () => {
  test('returns when a server is ready, and not before', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 2_000 }));
    await cli.event('starting');
    const waiting = [sandbox.start(['wait', 'mi']), sandbox.start(['wait', '--json', '--for', 'healthy'])];
    const first = await Promise.race(waiting.map((one) => one.exited));
    expect((await shown()).status).toBe('ready');
    expect(first).toMatchObject({ code: 0 });
    const [words, document] = await Promise.all(waiting.map(ended));
    expect(words).toMatchObject({ code: 0, stdout: '', stderr: 'wso2-launch: mi is ready\n' });
    expect(document).toMatchObject({ code: 0 });
    expect(JSON.parse((document as { stdout: string }).stdout)).toEqual({
      ...{ schemaVersion: 1, name: 'mi', for: 'healthy', waitedMs: expect.any(Number) },
    });
    await stop();
    await cli.exited;
  });

  test('says what is missing when its time is over, and leaves the server alone', async () => {
    const cli = foreground(misbehaving({ bindAfterMs: 60_000 }));
    await cli.event('starting');
    const { http, https, management, internal } = portsAt(MIN);
    expect(await sandbox.run(['wait', 'mi', '--timeout', '300ms'])).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringContaining(
        `mi was not ready within 0.3 s: it is starting, and has not opened ${http} (http), ${https} (https), ${management} (management), ${internal} (internal).\n`,
      ),
    });
    expect(await sandbox.run(['wait', 'mi', '--for', 'down', '--timeout', '0ms'])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('mi was not down within 0.0 s: it is starting.'),
    });
    expect(await list()).toMatchObject([{ status: 'starting' }]);
    await stop();
    await cli.exited;
  });

  test('ends with 10 where there is none, at once, and where it ends meanwhile', async () => {
    expect(await sandbox.run(['wait'])).toMatchObject({ code: 10 });
    expect(await sandbox.run(['wait', 'mi'])).toMatchObject({
      code: 10,
      stderr: expect.stringContaining('There is no instance mi.'),
    });
    const cli = foreground(misbehaving({ bindAfterMs: 60_000 }));
    await cli.event('starting');
    const waiting = sandbox.start(['wait', 'mi']);
    await until('it waits', () => sandbox.processes().some(({ pid }) => pid === waiting.pid));
    cli.kill('SIGINT');
    expect(await ended(waiting)).toMatchObject({
      code: 10,
      stderr: expect.stringMatching(/mi is not running|no instance/),
    });
    await cli.exited;
  });

  test('for healthy looks by itself', async () => {
    const { pid } = await detach(misbehaving({ onSignal: 'shut-port' }));
    expect(await sandbox.run(['wait', '--for', 'healthy'])).toMatchObject({ code: 0 });
    process.kill(pid as number, 'SIGUSR2');
    const unwell = await until('the port is shut', async () => {
      const { code, stderr } = await sandbox.run(['wait', '--for', 'healthy', '--timeout', '0ms']);
      return code === 0 ? undefined : { code, stderr };
    });
    expect(unwell).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`port ${portsAt(MIN)['http']} (http) is closed`),
    });
    process.kill(pid as number, 'SIGUSR2');
    expect(await sandbox.run(['wait', '--for', 'healthy', '--timeout', '30s'])).toMatchObject({ code: 0 });
    await stop();
  });

  test('for down returns once it can be launched again, and at once where there is none', async () => {
    expect(await sandbox.run(['wait', '--for', 'down'])).toMatchObject({
      code: 0,
      stderr: 'wso2-launch: no instance is running\n',
    });
    expect(await sandbox.run(['wait', 'mi', '--for', 'down'])).toMatchObject({ code: 0 });
    const home = misbehaving({ shutdownMs: 1_000 });
    await detach(home);
    const waiting = sandbox.start(['wait', 'micro-integrator', '--for', 'down']);
    const stopping = sandbox.start(['stop', 'mi']);
    expect(await ended(waiting)).toMatchObject({ code: 0, stderr: expect.stringContaining(' is down') });
    await detach(home);
    expect(await stopping.exited).toMatchObject({ code: 0 });
    await stop();
    await expectNothingLeft();
  });

  test('in a shell script, and wrong words are refused', async () => {
    await detach(sandbox.home('mi'));
    const program = join(process.cwd(), 'bin/wso2-launch.cjs');
    const script = `"$1" "$2" wait mi --timeout 30s --quiet && echo "at $("$1" "$2" port http)" || echo "failed $?"`;
    const ran = spawnSync('/bin/sh', ['-c', script, 'sh', process.execPath, program], {
      env: sandbox.env,
      encoding: 'utf8',
    });
    expect(ran).toMatchObject({ status: 0, stderr: '', stdout: `at ${portsAt(MIN)['http']}\n` });
    for (const [words, says] of [
      [['--for', 'up'], '--for is one of ready, healthy, down, not "up".'],
      [['--timeout', '5'], '--timeout takes a duration with its unit (500ms, 30s, 5m), not "5".'],
      [['a', 'b'], 'wait takes no argument "b".'],
    ] as const) {
      expect(await sandbox.run(['wait', ...words])).toMatchObject({ code: 2, stderr: expect.stringContaining(says) });
    }
    await stop();
  });
});
