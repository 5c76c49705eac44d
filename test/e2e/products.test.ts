import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { factsOf, type ProductId } from '../../src/domain/catalogue.js';
import { createStandInJdk } from '../../src/standin/home.js';
import type { Cli } from '../support/cli.js';
import { portsAt } from '../support/machine.js';
import { minOffsetOf } from '../support/offsets.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

// API Manager's ports at these offsets meet no other test's.
const MIN = minOffsetOf('products');
const ABOVE = MIN + 11;

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.close());

const atFreeOffset = ['-a', '--min-offset', String(MIN), '--max-offset', String(ABOVE)];

interface Launch {
  readonly word: string;
  readonly product: ProductId;
  readonly version: string;
  readonly jdk: string;
  readonly script: string;
}

const LAUNCHES: readonly Launch[] = [
  { word: 'apim', product: 'apim', version: '4.7.0', jdk: '21.0.4', script: 'api-manager.sh' },
  { word: 'api-manager', product: 'apim', version: '2.6.0', jdk: '1.8.0_392', script: 'wso2server.sh' },
  { word: 'acp', product: 'control-plane', version: '4.7.0', jdk: '21.0.4', script: 'api-cp.sh' },
  { word: 'universal-gateway', product: 'gateway', version: '4.6.0', jdk: '17.0.9', script: 'gateway.sh' },
  { word: 'tm', product: 'traffic-manager', version: '4.5.0', jdk: '17.0.9', script: 'traffic-manager.sh' },
  { word: 'identity-server', product: 'is', version: '7.1.0', jdk: '17.0.9', script: 'wso2server.sh' },
  { word: 'is', product: 'is', version: '5.10.0', jdk: '11.0.21', script: 'wso2server.sh' },
  { word: 'is', product: 'is', version: '5.7.0', jdk: '1.8.0_392', script: 'wso2server.sh' },
  { word: 'carbon', product: 'server', version: '9.9.9', jdk: '11.0.21', script: 'wso2server.sh' },
  { word: 'ei', product: 'ei', version: '6.6.0', jdk: '11.0.21', script: 'bin/integrator.sh' },
];

function start({ word, product, version, jdk }: Launch): Cli {
  const home = sandbox.home(product, { product, version });
  const javaHome = join(sandbox.folder, `jdk-${jdk}`);
  createStandInJdk(javaHome, { version: jdk });
  return sandbox.start([word, '--home', home, '--java-home', javaHome, ...atFreeOffset, '--json']);
}

describe('every product is launched, found ready on all its ports, and stopped', () => {
  test.each(LAUNCHES)('$word is $product $version', async (launch) => {
    const cli = start(launch);
    expect(await cli.event('planned')).toMatchObject({ product: launch.product, version: launch.version });
    const starting = await cli.event('starting');
    expect(starting['command']).toMatchObject({ file: expect.stringMatching(new RegExp(`/${launch.script}$`)) });
    const ready = await cli.event('ready');

    const ports = ready['ports'] as { name: string; base: number; number: number; required: boolean }[];
    expect(ready['warnings']).toEqual([]);
    expect(
      ports
        .filter(({ required }) => required)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...factsOf(launch.product).required].sort());
    for (const { base, number } of ports) expect(number).toBe(base + (ready['offset'] as number));

    cli.kill('SIGINT');
    expect((await cli.exited).code).toBe(130);
  });
});

test('a key manager starts from its control plane, which is what the home is without being told', async () => {
  const home = sandbox.home('acp', { product: 'control-plane', version: '4.5.0' });
  copyFileSync(join(home, 'bin/api-cp.sh'), join(home, 'bin/key-manager.sh'));
  const plan = async (command: string): Promise<unknown> => {
    const ended = await sandbox.run([command, '--home', home, ...atFreeOffset, '--dry-run', '--json']);
    const { product, command: planned } = JSON.parse(ended.stdout) as { product: string; command: { file: string } };
    return { product, script: planned.file };
  };

  expect(await plan('km')).toEqual({ product: 'key-manager', script: join(home, 'bin/key-manager.sh') });
  expect(await plan('run')).toEqual({ product: 'control-plane', script: join(home, 'bin/api-cp.sh') });
});

test.each<[ProductId, string]>([
  ['gateway', '4.5.0'],
  ['traffic-manager', '4.6.0'],
  ['is', '5.11.0'],
  ['apim', '3.2.0'],
])('a home of %s %s is recognised', async (product, version) => {
  const home = sandbox.home(product, { product, version });
  const ended = await sandbox.run(['ports', '--json'], { cwd: home });
  expect(JSON.parse(ended.stdout)).toMatchObject({ product, version, home, offset: 0 });
});

test('a server of another name with the shared start script is any Carbon server', async () => {
  const home = sandbox.home('ei', { product: 'server', version: '6.6.0' });
  writeFileSync(join(home, 'bin/version.txt'), 'WSO2 Open Banking v3.0.0\n');
  const ended = await sandbox.run(['ports', '--home', home, '--json']);
  expect(JSON.parse(ended.stdout)).toMatchObject({ product: 'server', version: '3.0.0' });
});

describe('a kernel that no product was built on', () => {
  const KERNEL = 'server, kernel 4.10.32';

  function kernelHome(): string {
    const home = sandbox.home('kernel', { product: 'server', version: '1.0.0' });
    writeFileSync(join(home, 'bin/version.txt'), '${product.name} v${product.version}\n');
    writeFileSync(join(home, 'bin/wso2carbon-version.txt'), 'WSO2 Carbon Framework v4.10.32\n');
    return home;
  }

  test('is named by its version for people, and has no version of a product for machines', async () => {
    const home = kernelHome();
    const plan = (...args: string[]) => sandbox.run(['run', '--home', home, ...atFreeOffset, '--dry-run', ...args]);
    expect((await plan()).stdout).toContain(`product   WSO2 ${KERNEL}\n`);
    const document = JSON.parse((await plan('--json')).stdout) as object;
    expect(document).toMatchObject({ product: 'server', version: null });
    expect(Object.keys(document)).not.toContain('kernel');
    const { stdout } = await sandbox.run(['doctor', '--home', home, '--verbose']);
    expect(stdout).toContain(`WSO2 ${KERNEL} is known.`);

    const cli = sandbox.start(['server', '--home', home, ...atFreeOffset, '--verbose']);
    await until('the server is ready', () => cli.stderr.includes(' ready, offset ') || undefined, 30_000);
    expect(cli.stderr).toContain(`server is ${KERNEL} in ${home}, offset `);
    expect((await sandbox.run(['ps'])).stdout).toContain(KERNEL);
    const { instances } = JSON.parse((await sandbox.run(['ps', '--json'])).stdout) as { instances: object[] };
    expect(instances).toMatchObject([{ product: 'server', version: null }]);
    expect(Object.keys(instances[0] as object)).not.toContain('kernel');
    cli.kill('SIGTERM');
    expect((await cli.exited).code).toBe(143);
  });
});

test('what the start script will say of the JDK is said before', async () => {
  const home = sandbox.home('kernel', { product: 'server', version: '1.0.0' });
  const script = join(home, 'bin/wso2server.sh');
  const check = 'v=1700\nif [ $v -lt 1100 ] || [ $v -gt 1200 ]; then\n  echo " [ERROR] Only JDK 11 and 12"\nfi\n';
  writeFileSync(script, readFileSync(script, 'utf8').replace('\n', `\n${check}`));
  const { code, stderr } = await sandbox.run(['server', '--home', home, ...atFreeOffset, '--dry-run']);
  expect(stderr).toBe(
    `wso2-launch: warning: ${sandbox.jdk} is JDK 17.0.9: wso2server.sh will say "Only JDK 11 and 12", and start the server all the same.\n`,
  );
  expect(code).toBe(0);
});

describe('a deployment.toml that is missing', () => {
  const files: Readonly<Record<string, ProductId>> = {
    'conf/deployment.toml': 'mi',
    'repository/conf/deployment.toml': 'is',
  };

  test.each(Object.entries(files))('%s is warned of when the server starts all the same', async (file, product) => {
    const home = sandbox.home(product, { product, version: product === 'is' ? '7.1.0' : '4.4.0' });
    rmSync(join(home, file));
    const cli = sandbox.start([product, '--home', home, ...atFreeOffset, '--json']);
    const ready = await cli.event('ready');
    const what = `${home}/${file} is missing: the server starts with what was rendered from it before`;
    expect(ready['warnings']).toEqual([expect.stringContaining(what)]);
    expect(cli.stderr).toContain(`warning: ${what}`);
    cli.kill('SIGTERM');
    expect((await cli.exited).code).toBe(143);
  });

  test('can still be asked for ports and offset where nothing was ever rendered', async () => {
    const home = sandbox.home('mi');
    rmSync(join(home, 'conf/deployment.toml'));
    mkdirSync(join(home, 'repository/resources/conf/templates/conf'), { recursive: true });
    writeFileSync(join(home, 'repository/resources/conf/templates/conf/carbon.xml.j2'), '<Server/>');
    for (const args of [['ports'], ['offset', 'get']]) {
      const { code, stdout, stderr } = await sandbox.run([...args, 'mi', '--home', home, '--json']);
      expect([code, JSON.parse(stdout)]).toMatchObject([0, { product: 'mi', offset: 10 }]);
      expect(stderr).toContain('nothing was ever rendered from it: the server does not start');
    }
    const { code, stdout } = await sandbox.run(['doctor', '--home', home]);
    expect(code).toBe(3);
    expect(stdout).toContain('no start has rendered the configuration from it yet');
  });
});

test('the offset of an API Manager 2.6 is read from carbon.xml', async () => {
  const home = sandbox.home('apim', {
    product: 'apim',
    version: '2.6.0',
    configuration: `<Server>\n  <Ports>\n    <Offset>${MIN}</Offset>\n  </Ports>\n</Server>\n`,
  });
  createStandInJdk(sandbox.jdk, { version: '1.8.0_392' });
  const cli = sandbox.start(['apim', '--home', home, '--json']);
  expect(await cli.event('ready')).toMatchObject({ offset: MIN });
  cli.kill('SIGTERM');
  expect((await cli.exited).code).toBe(143);
});

describe('the listeners that the configuration opens count', () => {
  const inboundEndpoint = (port: number): string =>
    `<inboundEndpoint xmlns="http://ws.apache.org/ns/synapse" name="orders" protocol="http" suspend="false">
  <parameters>
    <parameter name="inbound.http.port">${port}</parameter>
  </parameters>
</inboundEndpoint>\n`;

  const homeWithEndpoint = (port: number): string => {
    const home = sandbox.home('mi');
    const file = join(home, 'repository/deployment/server/synapse-configs/default/inbound-endpoints/orders.xml');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, inboundEndpoint(port));
    return home;
  };

  const plan = async (home: string, ...args: string[]): Promise<{ offset: number; skipped: unknown }> => {
    const ended = await sandbox.run(['mi', '--home', home, ...args, '--dry-run', '--json']);
    return JSON.parse(ended.stdout) as { offset: number; skipped: unknown };
  };

  test('an inbound endpoint that somebody else has taken stands in the way of every offset', async () => {
    const held = portsAt(MIN)['http'] as number;
    await sandbox.hold(held);
    const home = homeWithEndpoint(held);
    const ended = await sandbox.run(['mi', '--home', home, '-a', '--min-offset', String(MIN + 1), '--json']);
    expect(ended.code).toBe(4);
    expect(ended.stdout).toContain('"name":"orders"');
  });

  test('an offset at which the server would meet its own endpoint is passed over', async () => {
    const home = homeWithEndpoint(portsAt(MIN)['http'] as number);
    expect(await plan(home, '-a', '--min-offset', String(MIN))).toMatchObject({
      offset: MIN + 1,
      skipped: [{ offset: MIN, port: { name: 'orders' }, by: { pid: null, command: 'its own http' } }],
    });
  });

  test('asked for by name, that offset is taken with a warning', async () => {
    const port = portsAt(MIN)['http'] as number;
    const ended = await sandbox.run(['mi', '--home', homeWithEndpoint(port), '--offset', String(MIN), '--dry-run']);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain(`http and orders (orders.xml:3) both want port ${port}`);
  });
});

test('an offset that moves ports among those of outgoing connections is used, with a warning', async () => {
  const home = sandbox.home('mi');
  const ended = await sandbox.run(['mi', '--home', home, '-a', '--min-offset', '40000', '--dry-run']);
  expect(ended.code).toBe(0);
  expect(ended.stderr).toMatch(/Ports 48\d{3}, .* lie in the range that this system gives to outgoing connections/);
});

test('a profile of an Enterprise Integrator runs beside the others, at the offset of its own file', async () => {
  const home = sandbox.home('ei', { product: 'ei', version: '6.1.1', profile: 'broker' });
  const javaHome = join(sandbox.folder, 'jdk');
  createStandInJdk(javaHome, { version: '1.8.0_392' });
  const broker = join(home, 'wso2/broker');
  const asked = ['ei', '--home', home, '--profile', 'broker'];
  expect((await sandbox.run(['offset', 'get', ...asked])).stdout).toBe('3 (carbon.xml:3)\n');
  const cli = sandbox.start([...asked, '--java-home', javaHome, ...atFreeOffset, '--json']);
  const starting = await cli.event('starting');
  expect(starting['command']).toMatchObject({ file: join(broker, 'bin/wso2server.sh'), cwd: broker });
  const ready = await cli.event('ready');
  expect(ready['warnings']).toEqual([]);
  const ports = ready['ports'] as { name: string; base: number; number: number; required: boolean }[];
  expect(ports.filter(({ required }) => required).map(({ name }) => name)).toEqual(['servlet-https', 'amqp']);
  for (const { base, number } of ports) expect(number).toBe(base + (ready['offset'] as number));

  const again = await sandbox.run(['server', '--home', broker, '--java-home', javaHome, ...atFreeOffset]);
  expect(again).toMatchObject({ code: 8, stderr: expect.stringContaining(`${broker} already runs`) });
  const reused = async (profile: string): Promise<number | null> =>
    (await sandbox.run(['exec', 'ei', '--reuse', '--profile', profile, '--', 'true'], { cwd: sandbox.folder })).code;
  expect(await reused('broker')).toBe(0);
  expect(await reused('integrator')).toBe(2);
  cli.kill('SIGINT');
  expect((await cli.exited).code).toBe(130);
});
