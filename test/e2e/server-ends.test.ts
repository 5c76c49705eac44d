import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Cli } from '../support/cli.js';
import { instancesIn, kinds } from '../support/instances.js';
import { isAlive, portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { needing } from '../support/tools.js';

const MIN = minOffsetOf('server-ends');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { foreground, misbehaving, expectNothingLeft } = instancesIn(() => sandbox, MIN);

async function jvmOf(cli: Cli): Promise<number> {
  return (await cli.event('ready'))['pid'] as number;
}

describe('a server that ends by itself', () => {
  test('and was shut down from inside ends the launch with code 0', async () => {
    const cli = foreground(misbehaving({ onSignal: 'shut-down' }));
    process.kill(await jvmOf(cli), 'SIGUSR2');

    expect(await cli.exited).toEqual({ code: 0, signal: null });
    expect(await cli.event('stopping')).toMatchObject({ reason: 'from-inside' });
    expect(await cli.event('stopped')).toMatchObject({ reason: 'from-inside', how: 'graceful' });
    await expectNothingLeft();
  });

  test('is stopping as soon as its shutdown from inside shows', async () => {
    const cli = foreground(misbehaving({ onSignal: 'shut-down', shutdownMs: 6_000 }));
    const { name } = await cli.event('ready');
    process.kill(await jvmOf(cli), 'SIGUSR2');
    expect(await cli.event('stopping')).toMatchObject({ reason: 'from-inside' });
    expect((await sandbox.run(['status', name as string])).stdout).toContain('stopping');

    expect(await cli.exited).toEqual({ code: 0, signal: null });
    const kinds = cli.events.map(({ event }) => event);
    expect(kinds).toEqual(['planned', 'starting', 'ready', 'stopping', 'stopped']);
    await expectNothingLeft();
  });

  test('and crashed ends the launch with code 5', async () => {
    const cli = foreground(misbehaving({ onSignal: 'crash' }));
    process.kill(await jvmOf(cli), 'SIGUSR2');

    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(await cli.event('failed')).toMatchObject({ code: 5, failure: 'crashed' });
    await expectNothingLeft();
  });

  test('and whose JVM was killed ends the launch with code 5', async () => {
    const cli = foreground(sandbox.home('mi'));
    process.kill(await jvmOf(cli), 'SIGKILL');
    expect((await cli.event('failed'))['message']).toBe('The server ended unasked: its JVM was ended by SIGKILL.');

    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(await cli.event('failed')).toMatchObject({ code: 5, failure: 'crashed' });
    await expectNothingLeft();
  });

  test('and whose script was killed is stopped, JVM and all, with code 5', async () => {
    const cli = foreground(sandbox.home('mi'));
    const jvm = await jvmOf(cli);
    process.kill((await cli.event('starting'))['pid'] as number, 'SIGKILL');

    expect(await cli.exited).toEqual({ code: 5, signal: null });
    expect(isAlive(jvm)).toBe(false);
    expect(await cli.event('failed')).toMatchObject({ code: 5, failure: 'crashed' });
    expect((await cli.event('failed'))['message']).toContain('SIGKILL');
    await expectNothingLeft();
  });
});

describe('stopped means stopped', () => {
  test.each(['stray', 'stubborn-stray'] as const)('for a %s that has left the session', async (forks) => {
    const cli = foreground(misbehaving({ forks }));
    await cli.event('ready');

    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    const how = forks === 'stray' ? 'graceful' : 'killed';
    expect(await cli.event('stopped')).toMatchObject({ how });
    await expectNothingLeft();
  });

  needing('setsid').test('for a daemon whose parents have all gone', async () => {
    const home = sandbox.home('mi');
    const helper = join(home, 'diagnostics-tool/bin/diagnostics.sh');
    const daemon = "setsid sh -c 'sleep 600 & echo $! > tmp/daemon.pid'";
    writeFileSync(helper, `#!/bin/sh\n${daemon}\nexec sleep 86400\n`);
    const cli = foreground(home);
    await cli.event('ready');
    expect(isAlive(Number(readFileSync(join(home, 'tmp/daemon.pid'), 'utf8')))).toBe(true);

    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    await expectNothingLeft();
  });

  test('for a helper that ignores SIGTERM, long before the stop time-out', async () => {
    const home = sandbox.home('mi');
    const helper = join(home, 'diagnostics-tool/bin/diagnostics.sh');
    writeFileSync(helper, "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n");
    const cli = foreground(home);
    await cli.event('ready');

    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    const stopped = await cli.event('stopped');
    expect(stopped).toMatchObject({ how: 'killed' });
    expect(stopped['durationMs']).toBeLessThan(30_000);
    await expectNothingLeft();
  });

  test('for a JVM that was just about to restart', async () => {
    const home = misbehaving({ onSignal: 'restart', shutdownMs: 700 });
    const cli = foreground(home);
    const jvm = await jvmOf(cli);
    process.kill(jvm, 'SIGUSR2');

    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
    expect(kinds(cli)).toEqual(['planned', 'starting', 'ready', 'stopping', 'stopped']);
    await expectNothingLeft();
  });

  test('for a port that somebody else has taken meanwhile, which is not ours to free', async () => {
    const cli = foreground(misbehaving({ onSignal: 'restart', bindAfterMs: 5000 }));
    process.kill(await jvmOf(cli), 'SIGUSR2');
    await cli.event('restarting');
    await sandbox.hold(portsAt(MIN)['management'] as number);

    cli.kill('SIGTERM');
    expect(await cli.exited).toEqual({ code: 143, signal: null });
    expect(sandbox.processes()).toEqual([]);
  });

  test('or the exit code is 7, and the message names the port and who has inherited it', async () => {
    const home = misbehaving({ forks: 'socket-heir' });
    const cli = foreground(home);
    await cli.event('ready');
    const heir = Number(readFileSync(join(home, 'heir.pid'), 'utf8'));
    try {
      cli.kill('SIGINT');
      expect(await cli.exited).toEqual({ code: 7, signal: null });
      const port = portsAt(MIN)['http'];
      const failed = await cli.event('failed');
      expect(failed).toMatchObject({ code: 7, failure: 'survived-stop' });
      expect(failed['message']).toContain(`port ${port} (http), held by sleep, pid ${heir}`);
      expect(cli.stderr).toContain(`port ${port} (http), held by sleep, pid ${heir}`);
      expect(kinds(cli)).not.toContain('stopped');
      expect(sandbox.processes().map(({ pid }) => pid)).toEqual([heir]);
    } finally {
      process.kill(heir, 'SIGKILL');
    }
  });
});
