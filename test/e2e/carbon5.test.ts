import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ProductId } from '../../src/domain/catalogue.js';
import { createStandInJdk } from '../../src/standin/home.js';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli, CliOptions, JsonEvent } from '../support/cli.js';
import { descendantsOf, isAlive, leaseFilesOf } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

const MIN = minOffsetOf('carbon5');
const atFreeOffset = ['-a', '--min-offset', String(MIN), '--max-offset', String(MIN + 5)];

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox({ jdk: '11.0.20' });
});
afterEach(() => sandbox.close());

const home = (name: string, product: ProductId, version: string, behaviour: StandInBehaviour = {}): string =>
  sandbox.home(name, { product, version, behaviour });

const launch = (product: string, path: string, more: readonly string[] = [], options: CliOptions = {}): Cli =>
  sandbox.start([product, '--home', path, ...atFreeOffset, '--json', ...more], options);

/** In its configuration, as a user would. */
async function setOffset(product: string, path: string, offset: number): Promise<void> {
  expect((await sandbox.run(['offset', 'set', String(offset), product, '--home', path])).code).toBe(0);
}

const numbersOf = (ready: JsonEvent): Record<string, number> =>
  Object.fromEntries((ready['ports'] as { name: string; number: number }[]).map(({ name, number }) => [name, number]));

const generated = (): string[] => {
  const folder = join(sandbox.state, 'generated');
  return existsSync(folder) ? readdirSync(folder) : [];
};

async function end(...all: readonly Cli[]): Promise<void> {
  for (const cli of all) {
    cli.kill('SIGINT');
    expect(await cli.exited).toEqual({ code: 130, signal: null });
  }
  expect(sandbox.processes()).toEqual([]);
  expect(leaseFilesOf(sandbox.state)).toEqual([]);
  expect(generated()).toEqual([]);
}

describe('beside another one of its kind, each listener is moved', () => {
  test.each<[product: ProductId, version: string, profile: string, ports: Record<string, number>]>([
    ['analytics', '7.1.0', 'server', { http: 9090, https: 9443, 'store-http': 7069, thrift: 7611, binary: 9611 }],
    ['analytics', '7.1.0', 'portal', { https: 9643, thrift: 7611, 'binary-ssl': 9711 }],
    ['analytics', '6.6.0', 'worker', { http: 9091, https: 9444, 'store-https': 7443, thrift: 7612, binary: 9611 }],
    ['analytics', '6.5.0', 'dashboard', { https: 9641, 'thrift-ssl': 7711 }],
    ['sp', '4.4.0', 'editor', { http: 9387, https: 9740, 'store-http': 7367, thrift: 7611 }],
    ['si', '4.2.0', 'server', { http: 9090, https: 9443, 'store-http': 7070, thrift: 7611 }],
    ['si', '1.0.0', 'server', { http: 9090, https: 9443, 'store-http': 7070 }],
  ])('%s %s, %s', async (product, version, profile, bases) => {
    const homes = ['one', 'two'].map((name) => home(name, product, version));
    const launched = [];
    for (const [index, path] of homes.entries()) {
      const javaHome = join(sandbox.folder, 'jdk8');
      createStandInJdk(javaHome, { version: '1.8.0_402' });
      const cli = launch(product, path, ['--profile', profile, ...(product === 'sp' ? ['--java-home', javaHome] : [])]);
      const ready = await cli.event('ready');
      expect(ready).toMatchObject({ offset: MIN + index, warnings: [] });
      const moved = Object.entries(bases).map(([name, base]) => [name, base + MIN + index]);
      expect(numbersOf(ready)).toMatchObject(Object.fromEntries(moved));
      launched.push(cli);
    }
    await end(...launched);
  });
});

test('a home’s two runtimes run beside one another, and each of them once', async () => {
  const path = home('analytics', 'analytics', '7.1.0');
  const server = launch('analytics', path);
  expect(await server.event('ready')).toMatchObject({ name: 'analytics', offset: MIN });
  const portal = launch('analytics', path, ['--profile', 'portal']);
  expect(await portal.event('ready')).toMatchObject({ name: 'analytics-2', offset: MIN + 1 });
  const again = launch('analytics', path, ['--profile', 'portal']);
  expect(await again.exited).toEqual({ code: 8, signal: null });

  const show = ['--', 'sh', '-c', 'echo "${WSO2_ANALYTICS_2_HOME:+1}"'];
  const ofPortal = await sandbox.run(['exec', 'analytics', '--reuse', '--profile', 'portal', ...show]);
  expect(ofPortal).toMatchObject({ code: 0, stdout: '1\n' });
  portal.kill('SIGTERM');
  expect((await portal.exited).code).toBe(143);
  const none = ['exec', 'analytics', '--reuse', '--profile'];
  expect(await sandbox.run([...none, 'portal', ...show], { cwd: sandbox.folder })).toMatchObject({ code: 2 });
  const wrong = await sandbox.run([...none, 'nosuch', ...show], { cwd: path });
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('has no profile "nosuch"') });
  await end(server);
});

test('at its own offset it is started without any difference', async () => {
  const path = home('si', 'si', '4.2.0');
  await setOffset('si', path, MIN);
  const { code, stdout } = await sandbox.run(['si', '--home', path, '--offset', String(MIN), '--dry-run', '--json']);
  const plan = JSON.parse(stdout) as { command: { args: string[]; env: { set: object } } };
  expect(code).toBe(0);
  expect(plan.command.args).toEqual([]);
  expect(plan.command.env.set).toEqual({ CARBON_HOME: path, JAVA_HOME: sandbox.jdk });
});

test('a dry run shows what would be laid over its configuration, and writes nothing', async () => {
  const path = home('si', 'si', '4.2.0');
  const { code, stdout } = await sandbox.run([
    'si',
    '--home',
    path,
    '--offset',
    String(MIN),
    '--dry-run',
    '--json',
    '--',
    '-Da=b',
  ]);
  const { command } = JSON.parse(stdout) as { command: { args: string[]; env: { set: object } } };
  expect(code).toBe(0);
  expect(command.args).toEqual(['-Da=b', `-Dconfig=${sandbox.state}/generated/si.yaml`]);
  expect(command.env.set).toMatchObject({ WSO2_CARBON__PORTS_OFFSET: String(MIN) });
  expect(generated()).toEqual([]);
});

test('the user’s own files stay as they are, and what is laid over them is private', async () => {
  const path = home('si', 'si', '4.2.0');
  const file = join(path, 'conf/server/deployment.yaml');
  const before = [readFileSync(file, 'utf8'), statSync(file).mtimeMs];
  const cli = launch('si', path);
  await cli.event('ready');
  expect(generated()).toEqual(['si.yaml']);
  expect(statSync(join(sandbox.state, 'generated/si.yaml')).mode & 0o777).toBe(0o600);
  expect([readFileSync(file, 'utf8'), statSync(file).mtimeMs]).toEqual(before);
  await end(cli);
});

describe('another configuration for one launch', () => {
  const given = ['--set', `wso2.carbon.ports.offset=${MIN + 4}`, '--set', 'wso2.carbon.id=other'];

  test('is laid over its file, which stays as it is, at each start; the next launch has its own again', async () => {
    const path = home('si', 'si', '4.2.0');
    const file = join(path, 'conf/server/deployment.yaml');
    const before = readFileSync(file, 'utf8');
    const over = join(sandbox.folder, 'over.yaml');
    // The query API adds no offset: its file has the whole number.
    const store = 7070 + MIN + 4;
    writeFileSync(over, `siddhi.stores.query.api:\n  listenerConfigurations:\n  - {id: default, port: ${store}}\n`);
    const cli = sandbox.start(['si', '--home', path, '--json', '-d', ...given, '--config', over]);
    const ready = await cli.event('ready');
    expect(ready).toMatchObject({ offset: MIN + 4, warnings: [] });
    expect(numbersOf(ready)).toMatchObject({ http: 9090 + MIN + 4, thrift: 7611 + MIN + 4, 'store-http': store });
    await cli.exited;
    const overlay = JSON.parse(readFileSync(join(sandbox.state, 'generated/si.yaml'), 'utf8'));
    expect(overlay).toMatchObject({ 'wso2.carbon': { id: 'other', ports: { offset: MIN + 4 } } });
    const again = sandbox.start(['restart', 'si', '--json']);
    expect(await again.event('ready')).toMatchObject({ offset: MIN + 4 });
    await again.exited;
    expect((await sandbox.run(['stop', 'si'])).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(generated()).toEqual([]);
  });

  test('is shown by a dry run, which writes nothing', async () => {
    const args = ['si', '--home', home('si', 'si', '4.2.0'), '--dry-run', ...given, '--set', 'wso2.carbon.nam=x'];
    const { code, stdout, stderr } = await sandbox.run([...args, '--json']);
    expect(code).toBe(0);
    expect(stderr).toContain(
      'deployment.yaml has no wso2.carbon.nam, and no server is known to read it. Did you mean wso2.carbon.name?',
    );
    expect(JSON.parse(stdout)).toMatchObject({
      offset: MIN + 4,
      command: { args: [`-Dconfig=${sandbox.state}/generated/si.yaml`] },
      changed: [
        { key: 'wso2.carbon.id', after: 'other' },
        { key: 'wso2.carbon.ports.offset', before: 0, after: MIN + 4 },
        { key: 'wso2.carbon.nam', after: 'x' },
      ],
      diff: expect.stringContaining(`-    offset: 0\n+    offset: ${MIN + 4}\n`),
    });
    expect(generated()).toEqual([]);
  });

  test('is shown without a secret, be it given, replaced or beside it', async () => {
    const configuration =
      'wso2.carbon:\n  ports:\n    offset: 0\n  # keyPassword: hunter1\n  adminPassword: hunter2\n  token: "hunter3"\n';
    const path = sandbox.home('si', { product: 'si', version: '4.2.0', configuration });
    const args = ['si', '--home', path, '--dry-run', '--set', 'wso2.carbon.token=hunter4', '--set', 'wso2.carbon.id=x'];
    const { code, stdout, stderr } = await sandbox.run(args);
    const file = join(path, 'conf/server/deployment.yaml');
    expect(code).toBe(0);
    expect(stdout.slice(stdout.indexOf('---'))).toBe(
      [
        `--- ${file}`,
        `+++ ${file}`,
        '@@ -3,4 +3,5 @@',
        '     offset: 0',
        '   # keyPassword: ***',
        '   adminPassword: ***',
        '-  token: ***',
        '+  token: ***',
        '+  id: x',
        '',
      ].join('\n'),
    );
    const { stdout: json } = await sandbox.run([...args, '--json']);
    expect(stdout + stderr + json).not.toMatch(/hunter/);
  });

  test.each<[what: string, args: readonly string[], code: number, says: string]>([
    ['a port that is none', ['--set', 'wso2.transport.http.listenerConfigurations.0.port=abc'], 3, 'from 1 to 65535'],
    ['a mapping for a value', ['--set', 'wso2.carbon=1'], 2, "--set gives 'wso2.carbon' a value"],
    ['a list that does not end', ['--set', 'wso2.carbon.id=[1'], 2, 'that is no YAML'],
  ])('is refused before anything is started: %s', async (_what, args, code, says) => {
    const ended = await sandbox.run(['si', '--home', home('si', 'si', '4.2.0'), '-a', ...args]);
    expect(ended.stderr).toContain(says);
    expect(ended.code).toBe(code);
    expect(generated()).toEqual([]);
  });
});

test('with a state folder that the scripts can not name, it lies elsewhere', async () => {
  const state = join(sandbox.folder, 'my state');
  mkdirSync(state, { mode: 0o700 });
  const cli = launch('si', home('si', 'si', '4.2.0'), [], { env: { WSO2_LAUNCH_STATE_DIR: state } });
  const { command } = (await cli.event('starting')) as unknown as { command: { args: string[] } };
  const overlay = command.args[0]?.slice('-Dconfig='.length) ?? '';
  expect(overlay).toMatch(/^\/tmp\/wso2-launch-\d+\/[\w.-]+\.yaml$/);
  await cli.event('ready');
  await end(cli);
  expect(existsSync(overlay)).toBe(false);
});

test('the environment can not move it behind our back', async () => {
  const env = { WSO2_CARBON__PORTS_OFFSET: '77', RUNTIME_HOME: '/nowhere', RUNTIME: 'other', CARBON_HOME: '/nowhere' };
  const cli = launch('si', home('si', 'si', '4.2.0'), [], { env });
  expect(await cli.event('ready')).toMatchObject({ offset: MIN });
  await end(cli);
});

test('a port that is lost after choosing moves it on, HTTP listeners that tell nobody among them', async () => {
  const cli = launch('si', home('si', 'si', '4.2.0', { bindAfterMs: 3_000 }));
  await cli.event('starting');
  await sandbox.hold(9090 + MIN, '0.0.0.0');
  expect(await cli.event('retrying')).toMatchObject({ offset: MIN, nextOffset: MIN + 1, lost: [{ name: 'http' }] });
  expect(await cli.event('ready')).toMatchObject({ offset: MIN + 1 });
  await end(cli);
});

test('that ends unasked has crashed: this kernel logs no graceful shutdown', async () => {
  const cli = launch('si', home('si', 'si', '4.2.0', { onSignal: 'shut-down' }));
  const { pid } = await cli.event('ready');
  process.kill(pid as number, 'SIGUSR2');
  expect(await cli.exited).toEqual({ code: 5, signal: null });
  expect(generated()).toEqual([]);
});

test('that restarts itself is followed', async () => {
  const cli = launch('si', home('si', 'si', '4.2.0', { onSignal: 'restart' }));
  process.kill((await cli.event('ready'))['pid'] as number, 'SIGUSR2');
  expect(await cli.event('ready', 2)).toMatchObject({ offset: MIN });
  await end(cli);
});

test('a launcher that is killed leaves no server, and what it generated goes with the next command', async () => {
  const cli = launch('si', home('si', 'si', '4.2.0'));
  const { pid } = await cli.event('ready');
  const family = descendantsOf(cli.pid);
  cli.kill('SIGKILL');
  await cli.exited;
  await until('the server to be gone', () => !isAlive(pid as number) && family.every((row) => !isAlive(row.pid)));
  await sandbox.run(['ps']);
  expect(generated()).toEqual([]);
});

test('EI Analytics 6.4 takes no overlay: its HTTP listeners stay, and that is said', async () => {
  const path = home('old', 'analytics', '6.4.0');
  await sandbox.hold(9091);
  const { code, stderr } = await sandbox.run(['analytics', '--home', path, '-a']);
  expect(code).toBe(4);
  expect(stderr).toContain('http 9091 is fixed');
});

test('--profile is for those that have several', async () => {
  const path = sandbox.home('mi');
  const { code, stderr } = await sandbox.run(['mi', '--home', path, '--profile', 'worker', '--dry-run']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('WSO2 Micro Integrator has no profiles.')]);
  createStandInJdk(sandbox.jdk, { version: '17.0.9' });
  const env = { WSO2_LAUNCH_PROFILE: 'worker' };
  expect((await sandbox.run(['mi', '--home', path, '--dry-run'], { env })).code).toBe(0);
});

test('one that was started by hand keeps its runtime, and not the other one', async () => {
  const path = home('analytics', 'analytics', '7.1.0');
  await setOffset('analytics', path, MIN + 3);
  const byHand = sandbox.startByHand(join(path, 'bin/server.sh'));
  const ended = new Promise((resolve) => byHand.once('exit', resolve));
  try {
    await until('its pid file', () => existsSync(join(path, 'wso2/server/runtime.pid')));
    expect((await launch('analytics', path).exited).code).toBe(8);
    const shown = JSON.parse((await sandbox.run(['ps', '--all', '--json'])).stdout) as {
      instances: { home: string }[];
    };
    expect(shown.instances.filter((one) => one.home === path)).toMatchObject([{ status: 'foreign', offset: MIN + 3 }]);
    const portal = launch('analytics', path, ['--profile', 'portal']);
    expect(await portal.event('ready')).toMatchObject({ offset: MIN });
    portal.kill('SIGINT');
    expect((await portal.exited).code).toBe(130);
  } finally {
    nodeSystem.processes.signalGroup(nodeSystem.processes.find(byHand.pid as number) as never, 'SIGKILL');
    await ended;
  }
});
