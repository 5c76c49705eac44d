import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { kinds } from '../support/instances.js';
import { launchesIn } from '../support/launches.js';
import { portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('not-coming');
/** A port of this file's own, at none of the offsets that its servers get. */
const DEBUGGER = portsAt(MIN + 9)['http'] as number;

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const { auto, misbehaving, failure } = launchesIn(() => sandbox, MIN);

describe('a server that does not come', () => {
  test.each([1, 0])('and ends at boot with code %i ends the launch with code 5 and its last lines', async (code) => {
    const cli = auto(misbehaving({ exitAtBoot: code, bootLine: 'no database at db.example:5432' }));

    const failed = await failure(cli);
    expect(failed).toMatchObject({ code: 5, failure: 'exited-before-ready' });
    expect((failed['lastLines'] as string[]).join('\n')).toContain('no database at db.example:5432');
    expect(cli.stderr).toContain('no database at db.example:5432');
    expect(kinds(cli)).toEqual(['planned', 'starting', 'failed']);
  });

  test('and says so while its JVM stays up is stopped at once, with code 5', async () => {
    const line = 'WSO2 Carbon initialization Failed';
    const cli = auto(misbehaving({ bootLine: line, neverReady: true }));

    const failed = await failure(cli);
    expect(failed).toMatchObject({ code: 5, failure: 'server-failed' });
    expect(failed['message']).toContain(line);
    expect(await cli.event('stopped')).toMatchObject({ reason: 'failed', how: 'graceful' });
  });

  test('and asks for its keystore password is stopped at once, with code 5 and the file to put it in', async () => {
    const home = misbehaving({ asksPassword: true });

    const failed = await failure(auto(home));
    expect(failed).toMatchObject({ code: 5, failure: 'password-asked' });
    expect(failed['hint']).toContain(join(home, 'password-tmp'));
  });

  test('and never says that it has started is stopped when the time is up, with code 6', async () => {
    const cli = auto(misbehaving({ neverReady: true }), '--ready-timeout', '2s');

    const failed = await failure(cli);
    expect(failed).toMatchObject({ code: 6, failure: 'not-ready-in-time' });
    expect(failed['message']).toContain('within 2.0 s');
    expect(failed['message']).toContain('the line "WSO2 Micro Integrator started in" in its log');
  });

  test('has no time limit while its JVM waits for a debugger', async () => {
    const home = misbehaving({ bindAfterMs: 2500 });
    const cli = auto(home, '--ready-timeout', '1s', '--', '--debug', String(DEBUGGER));
    const ready = await cli.event('ready');

    expect(ready['durationMs']).toBeGreaterThanOrEqual(2500);
    const waits = `The server waits for a debugger on ${DEBUGGER} (--debug) before it goes on, however long that takes.`;
    expect(cli.stderr).toContain(`wso2-launch: warning: ${waits}\n`);
    expect(cli.stdout).not.toContain('waits for a debugger');
  });

  test('names the debugger that its JVM waits for by JAVA_OPTS', async () => {
    const home = misbehaving({ neverReady: true });
    const JAVA_OPTS = `-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=*:${DEBUGGER}`;
    const args = ['mi', '--home', home, '-a', '--min-offset', String(MIN), '--json', '--ready-timeout', '2s'];
    const cli = sandbox.start(args, { env: { JAVA_OPTS } });
    const failed = await failure(cli);

    expect(failed['message']).toContain(`a debugger on ${DEBUGGER} (JAVA_OPTS)`);
    expect(cli.stderr).toContain(
      `waits for a debugger on ${DEBUGGER} (JAVA_OPTS) before it goes on; --ready-timeout counts`,
    );
  });
});
