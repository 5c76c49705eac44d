import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StandInHome } from '../../src/standin/home.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli, CliOptions, JsonEvent } from '../support/cli.js';
import { leaseFilesOf, portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('follow-offset');

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

/** With line ends of Windows and a secret, none of which concerns a port. */
const TOML = `[server]\r
hostname = "localhost" # ws://localhost:9099\r
[super_admin]\r
password = "s3cret"\r
[[apim.gateway.environment]]\r
ws_endpoint = "ws://localhost:9099"\r
wss_endpoint = 'wss://localhost:4711'\r
http_endpoint = "http://localhost:\${http.nio.port}"`;

const tomlAt = (offset: number): string => TOML.replace('"ws://localhost:9099', `"ws://localhost:${9099 + offset}`);

const apimHome = (name: string, more: Partial<StandInHome> = {}): string =>
  sandbox.home(name, { product: 'apim', version: '4.5.0', configuration: TOML, ...more });

const configOf = (home: string): string => join(home, 'repository/conf/deployment.toml');
const markOf = (home: string): string => join(home, 'repository/resources/conf/.metadata/metadata_config.properties');

const follow = (home: string, more: readonly string[] = [], options: CliOptions = {}, offset = MIN): Cli =>
  sandbox.start(
    ['apim', '--home', home, '-a', '--min-offset', String(offset), '--json', '--follow-offset', ...more],
    options,
  );

/** What the server read last. */
const renderedIn = (home: string): string => readFileSync(join(home, 'rendered'), 'utf8');

const PROPERTY = '-Ddeployment.config.file.path=';

/** The configuration that a server was told, by its own arguments. */
const toldTo = (ready: JsonEvent): string[] =>
  nodeSystem.processes
    .argumentsOf(ready['pid'] as number)
    .flatMap((argument) => (argument.startsWith(PROPERTY) ? [argument.slice(PROPERTY.length)] : []));

const copyOf = (name: string): string => join(sandbox.state, 'generated', `${name}.toml`);

const copiesLeft = (): string[] =>
  readdirSync(sandbox.folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.startsWith('state') && path.includes('.toml'),
  );

async function stopped(cli: Cli): Promise<void> {
  cli.kill('SIGINT');
  expect(await cli.exited).toEqual({ code: 130, signal: null });
}

/** Those about the configuration: such high ports are a warning of their own. */
const warningsOf = (ready: JsonEvent): string[] =>
  (ready['warnings'] as string[]).filter((warning) => !warning.startsWith('Ports '));

const change = (offset: number): string =>
  `deployment.toml:6 ws_endpoint: ws://localhost:9099 → ws://localhost:${9099 + offset}`;

describe('with --follow-offset', () => {
  test('the server reads a private copy in which its URLs follow, and the file itself is not touched', async () => {
    const home = apimHome('apim');
    const before = lstatSync(configOf(home));
    const cli = follow(home);
    const ready = await cli.event('ready');

    expect(toldTo(ready)).toEqual([copyOf('apim')]);
    expect(readFileSync(copyOf('apim'), 'utf8')).toBe(tomlAt(MIN));
    expect(renderedIn(home)).toBe(tomlAt(MIN));
    expect(statSync(copyOf('apim')).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(copyOf('apim'))).mode & 0o777).toBe(0o700);
    expect(warningsOf(ready)).toEqual([
      `URLs follow the offset in ${copyOf('apim')}, which takes the place of ${configOf(home)}: ${change(MIN)}.`,
    ]);
    await until('the warning', () => cli.stderr.includes(change(MIN)));

    await stopped(cli);
    expect(copiesLeft()).toEqual([]);
    expect(readFileSync(configOf(home), 'utf8')).toBe(TOML);
    const { mtimeMs, ctimeMs, ino, mode } = lstatSync(configOf(home));
    expect({ mtimeMs, ctimeMs, ino, mode }).toEqual({
      mtimeMs: before.mtimeMs,
      ctimeMs: before.ctimeMs,
      ino: before.ino,
      mode: before.mode,
    });
  });

  test('its ports are those of the offset, as without it', async () => {
    const cli = follow(apimHome('apim'));
    const ready = await cli.event('ready');
    const numbers = (ready['ports'] as { name: string; number: number }[]).map(({ name, number }) => [name, number]);
    expect(Object.fromEntries(numbers)).toMatchObject({ ws: 9099 + MIN, 'servlet-https': 9443 + MIN });
    const { stdout } = await sandbox.run(['ports', 'apim', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ offset: MIN, ports: ready['ports'] });
    await stopped(cli);
  });

  test('the variable asks for it as well, and a file without such a URL is read itself', async () => {
    const env = { WSO2_LAUNCH_FOLLOW_OFFSET: '1' };
    const home = apimHome('apim', { configuration: '[server]\nhostname = "localhost"\n' });
    const args = ['apim', '--home', home, '--offset', String(MIN), '--json'];
    const plain = sandbox.start(args, { env });
    const ready = await plain.event('ready');
    expect(toldTo(ready)).toEqual([]);
    expect(warningsOf(ready)).toEqual([]);
    expect(copiesLeft()).toEqual([]);
    await stopped(plain);

    writeFileSync(configOf(home), TOML);
    const following = sandbox.start(args, { env });
    expect(toldTo(await following.event('ready'))).toEqual([copyOf('apim')]);
    await stopped(following);
  });

  test('starts before and after it read the file of the home', async () => {
    const home = apimHome('apim');
    const args = ['apim', '--home', home, '--offset', String(MIN), '--json'];
    for (const isFollowing of [false, true, false]) {
      const cli = sandbox.start(isFollowing ? [...args, '--follow-offset'] : args);
      await cli.event('ready');
      expect(renderedIn(home)).toBe(isFollowing ? tomlAt(MIN) : TOML);
      if (isFollowing) expect(existsSync(markOf(home))).toBe(false);
      await stopped(cli);
    }
  });

  test('a file named after -- or in JAVA_OPTS is the one that is copied; the argument wins', async () => {
    const home = apimHome('apim', { configuration: '[server]\n' });
    const text = '[[apim.gateway.environment]]\nwss_endpoint = "wss://localhost:8099"\n';
    const mine = join(home, 'repository/conf/mine.toml');
    writeFileSync(mine, text);
    const after = text.replace('8099', String(8099 + MIN));
    const byArgument = follow(home, ['--', `${PROPERTY}repository/conf/mine.toml`, '-Dx=1'], {
      env: { JAVA_OPTS: `${PROPERTY}/nowhere.toml` },
    });
    const ready = await byArgument.event('ready');
    expect(toldTo(ready)).toEqual(['/nowhere.toml', copyOf('apim')]);
    expect(renderedIn(home)).toBe(after);
    const { command } = (await byArgument.event('starting')) as unknown as { command: { args: string[] } };
    expect(command.args).toEqual(['-Dx=1', `${PROPERTY}${copyOf('apim')}`, `-DportOffset=${MIN}`]);
    await stopped(byArgument);

    const byOptions = follow(home, [], { env: { JAVA_OPTS: `${PROPERTY}${mine}` } });
    await byOptions.event('ready');
    expect(renderedIn(home)).toBe(after);
    await stopped(byOptions);
    expect(readFileSync(mine, 'utf8')).toBe(text);
  });

  test('exec has it too', async () => {
    const home = apimHome('apim');
    const args = ['exec', 'apim', '--home', home, '--offset', String(MIN), '--follow-offset', '--'];
    const { code, stdout } = await sandbox.run([...args, 'cat', copyOf('apim')]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: tomlAt(MIN) });
    expect(copiesLeft()).toEqual([]);
  });
});

test('without it there is one warning for all URLs, which names it', async () => {
  const toml = `${TOML}\nwebsub_event_receiver_http_endpoint = "http://localhost:9021"\n`;
  const home = apimHome('apim', { configuration: toml });
  const cli = sandbox.start(['apim', '--home', home, '--offset', String(MIN), '--json']);
  const ready = await cli.event('ready');
  expect(warningsOf(ready)).toEqual([
    `URLs that don't follow the offset: ${change(MIN)}; deployment.toml:9 websub_event_receiver_http_endpoint: http://localhost:9021 → http://localhost:${9021 + MIN}. With --follow-offset the server starts with a copy in which they do.`,
  ]);
  expect(toldTo(ready)).toEqual([]);
  await stopped(cli);
});

describe('the copy moves', () => {
  test('when ports are lost and the next offset is tried', async () => {
    const home = apimHome('apim', { behaviour: { bindAfterMs: 3000 } });
    const cli = follow(home);
    await cli.event('starting');
    await sandbox.hold(portsAt(MIN, 'apim')['gateway-http'] as number, '0.0.0.0');
    const ready = await cli.event('ready');
    expect(ready['offset']).toBe(MIN + 1);
    expect(toldTo(ready)).toEqual([copyOf('apim')]);
    expect(renderedIn(home)).toBe(tomlAt(MIN + 1));
    expect(warningsOf(ready)).toEqual([expect.stringContaining(change(MIN + 1))]);
    await stopped(cli);
    expect(copiesLeft()).toEqual([]);
  });

  test('with what the file says at a restart', async () => {
    const home = apimHome('apim');
    const cli = follow(home, ['--detach']);
    expect((await cli.exited).code).toBe(0);
    writeFileSync(configOf(home), TOML.replace('s3cret', 'another'));
    expect((await sandbox.run(['restart', 'apim'])).code).toBe(0);
    expect(renderedIn(home)).toBe(tomlAt(MIN).replace('s3cret', 'another'));
    writeFileSync(configOf(home), '[server]\n');
    expect((await sandbox.run(['restart', 'apim'])).code).toBe(0);
    expect(renderedIn(home)).toBe('[server]\n');
    expect(copiesLeft()).toEqual([]);
    expect((await sandbox.run(['stop', 'apim'])).code).toBe(0);
  });

  test('not when the server restarts from inside: it reads the same one again', async () => {
    const home = apimHome('apim', { behaviour: { onSignal: 'restart' } });
    const cli = follow(home);
    const first = await cli.event('ready');
    process.kill(first['pid'] as number, 'SIGUSR2');
    const second = await until('the second ready', () => cli.events.filter(({ event }) => event === 'ready')[1]);
    expect(toldTo(second)).toEqual([copyOf('apim')]);
    expect(renderedIn(home)).toBe(tomlAt(MIN));
    expect(existsSync(markOf(home))).toBe(false);
    await stopped(cli);
  });
});

describe('nothing of the copy is left', () => {
  test('when an instance in the background has been stopped', async () => {
    const cli = follow(apimHome('apim'), ['--detach']);
    expect((await cli.exited).code).toBe(0);
    expect(copiesLeft()).toEqual(['state/generated/apim.toml']);
    expect((await sandbox.run(['stop', 'apim'])).code).toBe(0);
    expect(copiesLeft()).toEqual([]);
  });

  test('when the server has ended before it was ready', async () => {
    const home = apimHome('apim', { behaviour: { exitAtBoot: 1 } });
    const cli = follow(home);
    expect((await cli.exited).code).toBe(5);
    expect(copiesLeft()).toEqual([]);
    expect(existsSync(markOf(home))).toBe(false);
  });

  test.each(['starting', 'ready'])('when the launcher of a %s server is killed', async (event) => {
    const home = apimHome('apim', { behaviour: event === 'starting' ? { neverReady: true } : {} });
    const cli = follow(home);
    await cli.event(event);
    await until('the server to have read it', () => existsSync(markOf(home)) || event === 'ready');
    cli.kill('SIGKILL');
    await cli.exited;
    // Its lease may go before that: any launcher that looks removes a dead one.
    await until('the guard to be through', () => copiesLeft().length === 0 && leaseFilesOf(sandbox.state).length === 0);
    expect(existsSync(markOf(home))).toBe(false);
  });

  /** A server that has read its copy, without anybody who would clear up behind it. */
  async function abandoned(home: string): Promise<{ endServer(): Promise<void> }> {
    const cli = follow(home);
    await cli.event('starting');
    await until('the server to have read it', () => existsSync(markOf(home)));
    const { processes } = nodeSystem;
    const { supervisor, server, leaseId } = sandbox.records[0] as (typeof sandbox.records)[0];
    const guard = processes.snapshot().find(({ pid }) => processes.argumentsOf(pid).join(' ').includes(`=${leaseId}`));
    process.kill(supervisor.pid, 'SIGSTOP'); // or it would replace the guard
    process.kill(guard?.pid as number, 'SIGKILL');
    process.kill(supervisor.pid, 'SIGKILL');
    await cli.ended;
    expect(copiesLeft()).toEqual(['state/generated/apim.toml']);
    return {
      async endServer() {
        process.kill(-(server?.pid as number), 'SIGKILL');
        await until('the server to be gone', () => sandbox.processes().length === 0);
      },
    };
  }

  test.each<[what: string, clear: readonly string[]]>([
    ['looks', ['ps', '--all']],
    ['stops it', ['stop', 'apim']],
  ])('when launcher, guard and server are killed and somebody %s', async (what, clear) => {
    const home = apimHome('apim', { behaviour: { neverReady: true } });
    const { endServer } = await abandoned(home);
    if (what === 'looks') await endServer();
    expect((await sandbox.run(clear)).code).toBe(0);
    expect(copiesLeft()).toEqual([]);
    expect(existsSync(markOf(home))).toBe(false);
  });

  test('when all of them are killed and the name is given to another home', async () => {
    const home = apimHome('apim', { behaviour: { neverReady: true } });
    const { endServer } = await abandoned(home);
    await endServer();
    const other = ['apim', '--home', apimHome('other'), '--offset', String(MIN), '--json'];
    const cli = sandbox.start(other);
    expect((await cli.event('ready')).name).toBe('apim');
    expect(copiesLeft()).toEqual([]);
    expect(existsSync(markOf(home))).toBe(false);
    await stopped(cli);
  });
});

test('where the path of the state folder can not be carried, the copy lies in a private folder that can', async () => {
  const home = apimHome('apim');
  const state = join(sandbox.folder, 'my state');
  const cli = follow(home, [], { env: { WSO2_LAUNCH_STATE_DIR: state } });
  const [file = ''] = toldTo(await cli.event('ready'));
  expect(file).toMatch(/^\/tmp\/wso2-launch-\d+\/[\da-f]{12}-apim\.toml$/);
  expect(renderedIn(home)).toBe(tomlAt(MIN));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
  await stopped(cli);
  expect(existsSync(file)).toBe(false);
});

describe('a dry run', () => {
  test('names the copy and its changes, and writes nothing', async () => {
    const home = apimHome('apim');
    const list = (): string[] => readdirSync(sandbox.folder, { recursive: true, encoding: 'utf8' });
    const before = list();
    const args = ['apim', '--home', home, '--offset', String(MIN), '--follow-offset', '--dry-run'];
    const { code, stdout, stderr } = await sandbox.run([...args, '--json']);
    const { command } = JSON.parse(stdout) as { command: { args: string[] } };
    expect(command.args).toEqual([`${PROPERTY}${copyOf('apim')}`, `-DportOffset=${MIN}`]);
    expect(stderr).toContain(change(MIN));
    expect(code).toBe(0);
    expect((await sandbox.run(args)).stdout).toContain(` ${PROPERTY}${copyOf('apim')} -DportOffset=${MIN}\n`);
    expect(list()).toEqual(before);
  });
});

describe('a URL that means another instance', () => {
  const MI_TOML = '[server]\n\n[[service_catalog]]\napim_host = "https://localhost:9443"\n';
  const mi = (home: string): Cli =>
    sandbox.start(['mi', '--home', home, '--offset', String(MIN), '--json', '--follow-offset']);

  test('follows the only one that runs', async () => {
    const plane = sandbox.home('cp', { product: 'control-plane', version: '4.5.0' });
    const other = sandbox.start(['control-plane', '--home', plane, '--offset', String(MIN + 7), '--json']);
    await other.event('ready');
    const home = sandbox.home('mi', { configuration: MI_TOML });
    const cli = mi(home);
    const ready = await cli.event('ready');
    expect(renderedIn(home)).toBe(MI_TOML.replace('9443', String(9443 + MIN + 7)));
    expect(warningsOf(ready)).toEqual([expect.stringContaining(`apim_host: https://localhost:9443 → `)]);
    await stopped(cli);
    await stopped(other);
  });

  test('is left as it is where none runs, and that is a warning', async () => {
    const home = sandbox.home('mi', { configuration: MI_TOML });
    const cli = mi(home);
    const ready = await cli.event('ready');
    expect(toldTo(ready)).toEqual([]);
    expect(warningsOf(ready)).toEqual([
      'Left as it is, for no WSO2 API Manager or WSO2 API Control Plane of ours runs: deployment.toml:4 apim_host: https://localhost:9443.',
    ]);
    await stopped(cli);
  });
});

describe('it is refused, with nothing started or changed,', () => {
  const snapshot = (): string[] =>
    readdirSync(sandbox.folder, { recursive: true, encoding: 'utf8' }).map((path) => {
      const { ino, size, mtimeMs } = lstatSync(join(sandbox.folder, path));
      return `${path} ${ino} ${size} ${mtimeMs}`;
    });

  async function refusal(product: string, args: readonly string[], options: CliOptions = {}): Promise<string> {
    const before = snapshot();
    const { code, stdout, stderr } = await sandbox.run(
      [product, '--offset', String(MIN), '--follow-offset', ...args],
      options,
    );
    expect(stdout).toBe('');
    expect(sandbox.processes()).toEqual([]);
    expect(snapshot()).toEqual(before);
    return `${code} ${stderr}`;
  }

  test.each<[file: string, home: StandInHome, title: string]>([
    ['carbon.xml', { product: 'apim', version: '2.6.0' }, 'WSO2 API Manager 2.6.0'],
    ['deployment.yaml', { product: 'si', version: '4.3.0' }, 'WSO2 Streaming Integrator 4.3.0'],
  ])('where the configuration is %s', async (file, { product, version }, title) => {
    const home = sandbox.home('home', { product, version });
    expect(await refusal(product, ['--home', home])).toContain(
      `3 wso2-launch: --follow-offset needs a deployment.toml, and this ${title} has its configuration in ${file}.`,
    );
  });

  test.each<[what: string, args: readonly string[], options: CliOptions]>([
    ['avoidConfigUpdate=true', ['--', '-DavoidConfigUpdate=true'], {}],
    ['configParseOnly=true', [], { env: { JAVA_OPTS: '-Xmx1g -DconfigParseOnly=true' } }],
    ['--optimize', ['--', '--optimize', '-Dprofile=gateway-worker'], {}],
  ])('beside what keeps the server from reading it: %s', async (what, args, options) => {
    const text = await refusal('apim', ['--home', apimHome('apim'), ...args], options);
    expect(text).toMatch(/^2 wso2-launch: --follow-offset contradicts /);
    expect(text).toContain(what);
  });

  describe('while the start script of API Manager 4.7 is going to write its key into the file', () => {
    const home47 = (more: string): string => apimHome('apim', { version: '4.7.0', configuration: `${TOML}\n${more}` });
    beforeEach(async () => {
      await sandbox.close();
      sandbox = new Sandbox({ jdk: '21.0.1' });
    });

    test.each(['', '[encryption]\nkey = ""\n', '#[encryption]\n#key = "abc"\n', '[other]\nkey = "abc"\n'])(
      'with %j in it',
      async (more) => {
        const home = home47(more);
        expect(await refusal('apim', ['--home', home])).toMatch(
          `3 wso2-launch: ${configOf(home)} has no [encryption] key: the start script of WSO2 API Manager 4.7.0`,
        );
      },
    );

    test.each([
      '[encryption]\nkey = "abc"\n',
      '[system.parameter]\n"org.wso2.CipherTransformation" = "RSA/ECB/OAEP"\n',
    ])('and not with %j', async (more) => {
      const args = ['apim', '--home', home47(more), '--offset', String(MIN), '--follow-offset', '--dry-run'];
      const { code, stderr } = await sandbox.run(args);
      expect(stderr).toContain('URLs follow the offset in');
      expect(code).toBe(0);
    });

    test('and not with a file of its own, which the script never touches', async () => {
      const home = home47('');
      const mine = join(sandbox.folder, 'mine.toml');
      writeFileSync(mine, TOML);
      const args = ['apim', '--home', home, '--offset', String(MIN), '--follow-offset', '--dry-run'];
      expect((await sandbox.run([...args, '--', `${PROPERTY}${mine}`])).code).toBe(0);
    });
  });
});
