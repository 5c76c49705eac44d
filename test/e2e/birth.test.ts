import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonEvent } from '../support/cli.js';
import { portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';

const MIN = minOffsetOf('birth');
const DATABASE = 'repository/database/WSO2AM_DB.mv.db';

let sandbox: Sandbox;
let home: string;
beforeEach(() => {
  sandbox = new Sandbox();
  home = sandbox.home('apim', { product: 'apim', version: '4.5.0', behaviour: { writesTo: DATABASE } });
});
afterEach(() => sandbox.close());

const launch = (...more: string[]) => sandbox.start(['apim', '--home', home, '--json', ...more]);

/** A server that becomes ready, and is ended then. */
async function started(...more: string[]): Promise<JsonEvent> {
  const cli = launch(...more);
  const ready = await cli.event('ready');
  cli.kill('SIGINT');
  await cli.exited;
  return ready;
}

const urls = (offset: number): string =>
  `console https://localhost:${9443 + offset}/carbon, publisher's callback https://localhost:${9443 + offset}/publisher/services/auth/callback/login`;

describe('the offset at which a database was first started', () => {
  test('is taken with --sticky, and named to whoever takes another', async () => {
    expect((await started('--offset', String(MIN + 1)))['warnings']).toEqual([]);

    const [warning] = (await started('--offset', String(MIN)))['warnings'] as string[];
    expect(warning).toContain(`first started at offset ${MIN + 1}, not ${MIN}: `);
    expect(warning).toContain(urls(MIN + 1));
    expect(warning).toContain(`--sticky takes offset ${MIN + 1}.`);

    const dry = await sandbox.run(['apim', '--home', home, '--dry-run', '--sticky', '-a']);
    expect(dry.stderr).toBe('');
    expect(dry.stdout).toMatch(new RegExp(`^offset +${MIN + 1}\\b`, 'm'));
    const ready = await started('--sticky');
    expect(ready).toMatchObject({ offset: MIN + 1, warnings: [] });

    const doctor = await sandbox.run(['doctor', 'apim', '--home', home]);
    expect(doctor.stdout).toContain(`first started at offset ${MIN + 1}, not 0: `);
    // Whoever does not ask for it gets what they asked for.
    const other = await sandbox.run(['apim', '--home', home, '--dry-run', '--offset', String(MIN + 2)]);
    expect(other.stderr).toContain(`first started at offset ${MIN + 1}, not ${MIN + 2}: `);
  });

  test('is failed for with code 4 where one of its ports is taken', async () => {
    await started('--offset', String(MIN));
    await sandbox.hold(portsAt(MIN, 'apim')['servlet-https'] as number);
    const cli = launch('--sticky', '-a', '--min-offset', String(MIN + 1));
    expect(await cli.exited).toMatchObject({ code: 4 });
    const failed = await cli.event('failed');
    expect(failed).toMatchObject({ failure: 'ports-taken', taken: [{ name: 'servlet-https' }] });
    expect(failed['hint']).toContain('start without --sticky');
    expect(sandbox.processes()).toEqual([]);
  });

  test('is that of the server that made it anew', async () => {
    await started('--offset', String(MIN + 1));
    rmSync(join(home, 'repository/database'), { recursive: true });
    expect(await started('-a', '--min-offset', String(MIN), '--sticky')).toMatchObject({ offset: MIN, warnings: [] });
    expect(await started('--sticky')).toMatchObject({ offset: MIN, warnings: [] });
  });
});
