import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { CliOptions, JsonEvent } from '../support/cli.js';
import { expectNothingLeft, type KernelSandbox, ourselves, PORTS, row } from './row.js';

interface Failed {
  readonly failed: JsonEvent;
  /** Message, hint and last lines. */
  readonly words: string;
  readonly log: string;
}

/** A launch that fails, and leaves nothing. */
async function fail(sandbox: KernelSandbox, home: string, offset = 0, options: CliOptions = {}): Promise<Failed> {
  const cli = sandbox.launch(home, ['--offset', String(offset), '--ready-timeout', '2m'], options);
  const { code } = await cli.exited;
  const failed = await cli.event('failed');
  expect(failed['code']).toBe(code);
  const starting = cli.events.find(({ event }) => event === 'starting');
  return {
    failed,
    words: [failed['message'], failed['hint'], ...(failed['lastLines'] as string[])].join('\n'),
    log: starting ? readFileSync(starting['logFile'] as string, 'utf8') : '',
  };
}

const tomlOf = (home: string): string => join(home, 'repository/conf/deployment.toml');

function change(file: string, what: RegExp, by: string): void {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(what, by);
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}

describe('a launch that nothing is started for', () => {
  row('is refused with code 3 where deployment.toml is broken, which is named with its line', async (sandbox) => {
    const home = sandbox.kernel();
    change(tomlOf(home), /^hostname = "localhost"$/m, 'hostname = localhost"');
    const line = readFileSync(tomlOf(home), 'utf8').split('\n').indexOf('hostname = localhost"') + 1;
    const { failed, log } = await fail(sandbox, home);

    expect(failed).toMatchObject({ code: 3, failure: 'unusable-configuration' });
    expect(failed['message']).toContain(`deployment.toml, line ${line}`);
    expect(log).toBe('');
  });

  row('is refused with code 4 where a port of its fixed offset is taken, whose holder is named', async (sandbox) => {
    await sandbox.hold(PORTS['jmx-registry'] + 7);
    const { failed, log } = await fail(sandbox, sandbox.kernel(), 7);

    const taken = [{ name: 'jmx-registry', number: PORTS['jmx-registry'] + 7, by: ourselves() }];
    expect(failed).toMatchObject({ code: 4, failure: 'ports-taken', taken });
    expect(failed['message']).toContain(`pid ${process.pid}`);
    expect(log).toBe('');
  });
});

describe('a boot that fails', () => {
  row('for want of memory ends with code 5, and memory is named', async (sandbox) => {
    const env = { JVM_MEM_OPTS: '-Xms16m -Xmx16m' };
    const { failed, words } = await fail(sandbox, sandbox.kernel(), 0, { env });

    expect(failed).toMatchObject({ code: 5 });
    expect(words).toContain('Likely cause: memory ran out.');
    await expectNothingLeft(sandbox);
  });
});
