import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { CliOptions, JsonEvent } from '../support/cli.js';
import { until } from '../support/wait.js';
import { expectNothingLeft, type KernelSandbox, ourselves, PORTS, row } from './row.js';

interface Failed {
  readonly failed: JsonEvent;
  /** When it was given up; undefined where nothing had to be stopped. */
  readonly stoppingAt: string | undefined;
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
  const [starting, stopping] = ['starting', 'stopping'].map((kind) => cli.events.find(({ event }) => event === kind));
  return {
    failed,
    stoppingAt: stopping?.['at'] as string | undefined,
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

  const asOther = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', process.execPath];
  const canBeOther = spawnSync('setpriv', [...asOther.slice(1), 'bin/wso2-launch.cjs', '--version']).status === 0;

  row(
    'is refused with code 3 where its user may not write the home, which is named',
    async (sandbox) => {
      const home = sandbox.kernel();
      chmodSync(sandbox.folder, 0o755);
      mkdirSync(sandbox.state, { mode: 0o700 });
      chownSync(sandbox.state, 65_534, 65_534);
      const { failed, log } = await fail(sandbox, home, 0, { through: asOther });

      expect(failed).toMatchObject({ code: 3 });
      expect(failed['message']).toContain(home);
      expect(log).toBe('');
    },
    { isPossible: canBeOther },
  );
});

describe('a boot that fails', () => {
  row('for want of memory ends with code 5, and memory is named', async (sandbox) => {
    const env = { JVM_MEM_OPTS: '-Xms16m -Xmx16m' };
    const { failed, words } = await fail(sandbox, sandbox.kernel(), 0, { env });

    expect(failed).toMatchObject({ code: 5 });
    expect(words).toContain('Likely cause: memory ran out');
    await expectNothingLeft(sandbox);
  });

  row('for wrong passwords of its keystore ends with code 5, and the keystore is named', async (sandbox) => {
    const home = sandbox.kernel();
    // A PKCS #12 file opens with any password, as far as Java is concerned; its key does not.
    change(
      tomlOf(home),
      /^(password|key_password) *= *"wso2carbon"\nalias *=.*\n.*$/m,
      '$1 = "wrong"\nalias = "wso2carbon"\nkey_password = "wrong"',
    );
    const { failed } = await fail(sandbox, home);

    expect(failed).toMatchObject({ code: 5 });
    expect(failed['message']).toContain('a keystore cannot be used');
    await expectNothingLeft(sandbox);
  });

  row('for a missing bundle ends with code 5 within 15 s of the line that says so', async (sandbox) => {
    const home = sandbox.kernel();
    const plugins = join(home, 'repository/components/plugins');
    const bundle = readdirSync(plugins).find((name) => name.startsWith('org.wso2.carbon.user.core_')) as string;
    rmSync(join(plugins, bundle));
    const { failed, words, log, stoppingAt } = await fail(sandbox, home);

    expect(failed).toMatchObject({ code: 5, failure: 'server-failed' });
    expect(words).toContain('Could not resolve module');
    const [, day, time] = /^\[(\S+) (\S+),\d+\].*Could not resolve module/m.exec(log) ?? [];
    const tookMs = Date.parse(stoppingAt as string) - Date.parse(`${day}T${time}`);
    // A busy machine may be late to look.
    expect(tookMs).toBeLessThan(20_000);
    await expectNothingLeft(sandbox);
  });

  row('for a rendered file that is no XML ends with code 5, and XML is named', async (sandbox) => {
    const home = sandbox.kernel();
    change(join(home, 'repository/resources/conf/templates/repository/conf/registry.xml.j2'), /<\/wso2registry>/, '');
    const { failed } = await fail(sandbox, home);

    expect(failed).toMatchObject({ code: 5, failure: 'server-failed' });
    expect(failed['message']).toContain('a file of the configuration is not well-formed XML');
    await expectNothingLeft(sandbox);
  });

  row('for a database that another server has locked ends with code 5, and the database is named', async (sandbox) => {
    const other = sandbox.launch(sandbox.kernel('other'));
    await other.event('ready');
    const home = sandbox.kernel();
    rmSync(join(home, 'repository/database'), { recursive: true });
    symlinkSync(join(sandbox.folder, 'other/repository/database'), join(home, 'repository/database'));
    const { failed } = await fail(sandbox, home, 1);

    expect(failed).toMatchObject({ code: 5 });
    expect(failed['message']).toContain('its H2 database is in use by somebody else');
    other.kill('SIGINT');
    expect((await other.exited).code).toBe(130);
    await expectNothingLeft(sandbox, 1);
  });
});

describe('a boot that waits', () => {
  row(
    'for a database that takes connections and says nothing is warned of after a minute, with what it waits for',
    async (sandbox) => {
      const silent = createServer();
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      try {
        const home = sandbox.kernel();
        const { port } = silent.address() as AddressInfo;
        change(tomlOf(home), /^url *= *"jdbc:h2:[^"]*"$/m, `url = "jdbc:h2:tcp://127.0.0.1:${port}/none"`);
        const cli = sandbox.launch(home, ['--offset', '0', '--ready-timeout', '5m']);
        await until('the warning', () => cli.stderr.includes('no sign of life'), 240_000);
        expect(cli.stderr).toContain('waits for somebody on the network, in ');
        cli.kill('SIGINT');
        expect((await cli.exited).code).toBe(130);
      } finally {
        silent.close();
      }
      await expectNothingLeft(sandbox);
    },
    { timeoutMs: 360_000 },
  );
});
