import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseScriptArguments } from '../../src/domain/command.js';
import type { ConfigurationChange } from '../../src/domain/configuration-change.js';
import { clashes, effectivePorts } from '../../src/domain/ports.js';
import { mention } from '../../src/domain/text.js';
import { type InspectedHome, inspectHome } from '../../src/home/inspect.js';
import { createStandInHome } from '../../src/standin/home.js';
import { nodeSystem } from '../../src/system/index.js';
import { inWords } from '../support/configured-home.js';
import { refusal } from '../support/refusal.js';

let home: string;
beforeEach(() => {
  home = join(mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-')), 'home');
});
afterEach(() => rmSync(dirname(home), { recursive: true }));

type Carbon5Product = 'analytics' | 'ei' | 'si' | 'sp';

interface Looking {
  readonly profile?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly named?: string;
  readonly changes?: readonly ConfigurationChange[];
}

function inspect(
  product: Carbon5Product,
  { profile, args = [], env = {}, named = home, changes }: Looking = {},
): InspectedHome {
  return inspectHome(
    {
      product,
      named: { path: named, by: mention.option('home') },
      ...(profile !== undefined && { profile: { name: profile, by: mention.option('profile') } }),
      script: parseScriptArguments(args.map((argument) => argument.replace('HOME', home))),
      isOffsetPassed: false,
      ...(changes && { changes }),
    },
    { ...nodeSystem, env },
  );
}

const numbers = ({ ports, configured }: InspectedHome): string =>
  effectivePorts(ports, configured.value)
    .map(({ number }) => number)
    .join(' ');

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
};

// The numbers of EI Analytics 7.1 are those of its containers, of 6.x those of product-ei's own probes.
test.each<[Carbon5Product, string, string | undefined, number, string]>([
  ['analytics', '7.1.0', undefined, 1, '9091 9444 7070 7443 7612 7712 9612 9712'],
  ['analytics', '7.1.0', 'portal', 2, '9645 7613 7713 9613 9713'],
  ['analytics', '6.6.0', undefined, 0, '9091 9444 7070 7443 7612 7712 9611 9711'],
  ['analytics', '6.6.0', 'dashboard', 2, '9643 7613 7713 9613 9713'],
  ['analytics', '6.4.0', 'dashboard', 2, '9643 7613 7713 9613 9713'],
  // SP modules/distribution/carbon-home/conf at v4.2.0 and v4.4.0.
  ['sp', '4.2.0', undefined, 0, '9090 9443 7611 7711 9611 9711'],
  ['sp', '4.4.0', 'worker', 0, '9090 9443 7070 7443 7611 7711 9611 9711'],
  ['sp', '4.4.0', 'editor', 3, '9390 9743 7370 7614 7714 9614 9714'],
  ['sp', '4.3.0', 'manager', 1, '9190 9543 7612 7712 9612 9712'],
  ['sp', '4.4.0', 'dashboard', 2, '9643 7613 7713 9613 9713'],
  ['si', '4.3.0', undefined, 0, '9090 9443 7070 7443 7611 7711 9611 9711'],
  ['si', '1.0.0', 'server', 0, '9090 9443 7070 7443 7611 7711 9611 9711'],
])('%s %s, profile %s, is at offset %i on %s', (product, version, profile, offset, ports) => {
  createStandInHome(home, { product, version });
  const found = inspect(product, { ...(profile !== undefined && { profile }) });
  expect([found.configured.value, numbers(found), found.warnings]).toEqual([offset, ports, []]);
  expect(found.configured.source).toBe('deployment.yaml:7');
});

describe('how an offset is passed', () => {
  test.each<[Carbon5Product, string, string]>([
    ['analytics', '7.1.0', 'overlay'],
    ['analytics', '6.5.0', 'overlay'],
    ['analytics', '6.4.0', 'property'],
    ['si', '1.0.0', 'overlay'],
    ['sp', '4.3.0', 'property'],
    ['sp', '4.4.0', 'overlay'],
  ])('to %s %s: by %s', (product, version, kind) => {
    createStandInHome(home, { product, version });
    expect(inspect(product).passing.kind).toBe(kind);
  });

  test('is told by the libraries in the home before its version', () => {
    createStandInHome(home, { product: 'analytics', version: '6.4.0' });
    write('wso2/lib/plugins/org.wso2.carbon.config_2.1.12.jar', '');
    write('wso2/lib/plugins/msf4j-core_2.7.10.jar', '');
    const found = inspect('analytics', { profile: 'dashboard' });
    expect([found.passing.kind, found.ports[0]?.base]).toEqual(['overlay', 9643]);
    write('wso2/lib/plugins/org.wso2.carbon.config_2.1.12.jar', '');
    rmSync(join(home, 'wso2/lib/plugins/msf4j-core_2.7.10.jar'));
    write('wso2/lib/plugins/msf4j-core_2.7.3.jar', '');
    expect(inspect('analytics', { profile: 'dashboard' }).ports[0]?.base).toBe(9641);
  });
});

describe('the home', () => {
  test('of the analytics of an Enterprise Integrator lies within it, and has its version from there', () => {
    const outer = home;
    home = join(outer, 'wso2/analytics');
    createStandInHome(home, { product: 'analytics', version: '6.6.0' });
    rmSync(join(home, 'bin/version.txt'));
    mkdirSync(join(outer, 'bin'));
    writeFileSync(join(outer, 'bin/version.txt'), 'WSO2 Enterprise Integrator v6.5.0\n');
    for (const named of [outer, home]) {
      expect(inspect('analytics', { named })).toMatchObject({ home, version: '6.5.0', row: { since: [6, 5] } });
    }
    home = outer;
  });

  test('of a whole Enterprise Integrator has them as profiles of its own, each in the inner home', () => {
    const inner = join(home, 'wso2/analytics');
    createStandInHome(inner, { product: 'analytics', version: '6.6.0' });
    write('bin/version.txt', 'WSO2 Enterprise Integrator v6.6.0\n');
    write('bin/integrator.sh', '#!/bin/sh\n');
    const found = inspect('ei', { profile: 'analytics-dashboard' });
    expect(found).toMatchObject({ id: 'ei', home: inner, runtimeHome: join(inner, 'wso2/dashboard') });
    expect([found.startScript, found.passing.kind]).toEqual([join(inner, 'wso2/dashboard/bin/carbon.sh'), 'overlay']);
    expect([found.configured.value, numbers(found)]).toEqual([2, '9643 7613 7713 9613 9713']);
    expect(numbers(inspect('ei', { profile: 'analytics-worker' }))).toBe('9091 9444 7070 7443 7612 7712 9611 9711');
    const old = refusal(() => inspect('ei', { profile: 'analytics' }));
    expect([old.code, old.message]).toEqual([
      2,
      expect.stringContaining('has no profile "analytics": one of integrator'),
    ]);
    const missing = refusal(() => inspect('ei', { profile: 'broker' }));
    expect([missing.code, missing.message]).toEqual([
      3,
      `The home ${home} lacks wso2/broker, the folder of the profile broker.`,
    ]);
  });

  test("of API Manager's analytics has that name, and profiles of its own", () => {
    createStandInHome(home, { product: 'analytics', version: '6.6.0' });
    write('bin/version.txt', 'WSO2 API Manager Analytics Server v3.2.0\n');
    const listener = (id: string, port: number, more = ''): string =>
      `    -\n      id: ${id}\n      port: ${port}\n${more}`;
    write(
      'conf/dashboard/deployment.yaml',
      `wso2.carbon:\n  ports:\n    offset: 3\nwso2.transport.http:\n  listenerConfigurations:\n${listener('default', 9089)}${listener('default-https', 9640, '      scheme: https\n')}`,
    );
    const found = inspect('analytics', { profile: 'dashboard' });
    expect(found).toMatchObject({ version: '3.2.0', row: { since: [3, 1] }, warnings: [] });
    expect([found.facts.title, numbers(found)]).toEqual(['WSO2 API Manager Analytics', '9092 9643']);
    expect(refusal(() => inspect('analytics', { profile: 'portal' })).message).toContain('one of worker, dashboard.');
  });

  test('of two runtimes runs each of them once', () => {
    createStandInHome(home, { product: 'analytics', version: '7.1.0' });
    expect(inspect('analytics').runtimeHome).toBe(join(home, 'wso2/server'));
    expect(inspect('analytics', { profile: 'portal' }).runtimeHome).toBe(join(home, 'wso2/portal'));
  });

  test('of the Streaming Integrator is none of EI Analytics', () => {
    createStandInHome(home, { product: 'si', version: '4.2.0' });
    expect(refusal(() => inspect('analytics')).message).toContain('is the home of a WSO2 Streaming Integrator');
  });

  test('whose path the scripts can not carry is refused', () => {
    home = join(dirname(home), 'my home');
    createStandInHome(home, { product: 'si', version: '4.2.0' });
    const { code, message } = refusal(() => inspect('si'));
    expect([code, message]).toEqual([3, expect.stringContaining(`${home} holds a space`)]);
  });

  test('says by which name its server speaks of itself', () => {
    createStandInHome(home, { product: 'si', version: '4.2.0', configuration: 'wso2.carbon:\n  name: My Server\n' });
    expect(inspect('si').facts.readyText).toBe('My Server started in ');
  });

  test.each([
    ['analytics' as const, '7.1.0', 'worker', 'server, portal'],
    ['analytics' as const, '6.6.0', 'portal', 'worker, dashboard'],
  ])('of %s %s has no profile %s', (product, version, profile, others) => {
    createStandInHome(home, { product, version });
    const { code, message } = refusal(() => inspect(product, { profile }));
    expect([code, message]).toEqual([2, expect.stringContaining(`no profile "${profile}": one of ${others}.`)]);
  });

  test('without a deployment.yaml is refused', () => {
    createStandInHome(home, { product: 'si', version: '4.2.0' });
    rmSync(join(home, 'conf/server/deployment.yaml'));
    const { code, message } = refusal(() => inspect('si'));
    expect([code, message]).toEqual([3, `${home}/conf/server/deployment.yaml is missing.`]);
  });
});

describe('what the user lays over the file', () => {
  const MINE =
    'wso2.carbon:\n  ports:\n    offset: 20\nwso2.transport.http:\n  listenerConfigurations:\n  - id: only\n    port: 8000\n';
  const start = (): void => createStandInHome(home, { product: 'si', version: '4.2.0' });

  test.each([
    ['as a file', ['-Dconfig=HOME/mine.yaml'], {}],
    ["as a file in the runtime's folder", ['-Dconfig=mine.yaml'], {}],
    ['in JAVA_OPTS', [], { JAVA_OPTS: '-Xmx1g -Dconfig=mine.yaml' }],
  ])('%s counts, and stays in what we lay over it', (_what, args, env) => {
    start();
    write('mine.yaml', MINE);
    write('wso2/server/mine.yaml', MINE);
    const found = inspect('si', { args, env });
    expect(found.configured).toEqual({ value: 20, source: '-Dconfig' });
    expect(numbers(found)).toBe('8020 7070 7443 7631 7731 9631 9731');
    const { passing } = found;
    if (passing.kind !== 'overlay') throw new Error(passing.kind);
    expect(JSON.parse(passing.textFor(21))).toMatchObject({
      'wso2.carbon': { ports: { offset: 21 } },
      'wso2.transport.http': { listenerConfigurations: [{ id: 'only', port: 8000 }] },
      'siddhi.stores.query.api': { listenerConfigurations: [{ port: 7071 }, { port: 7444 }] },
    });
  });

  test('may be written out', () => {
    start();
    const found = inspect('si', { args: ['-Dconfig={"wso2.carbon":{"ports":{"offset":7}}}'] });
    expect(found.configured.value).toBe(7);
  });

  test('is refused where it is neither a file nor YAML', () => {
    start();
    const { code, message } = refusal(() => inspect('si', { args: ['-Dconfig=/nowhere/mine.yaml'] }));
    expect([code, message]).toEqual([3, expect.stringContaining('-Dconfig=/nowhere/mine.yaml names no file')]);
  });
});

describe('what is laid over the file for one launch', () => {
  const start = (product: 'si' | 'analytics' = 'si', version = '4.2.0'): void =>
    createStandInHome(home, { product, version });
  const set = (key: string, text: string): ConfigurationChange => ({ by: '--set', key, text });
  const overlayAt = ({ passing }: InspectedHome, offset: number): unknown => {
    if (passing.kind !== 'overlay') throw new Error(passing.kind);
    return JSON.parse(passing.textFor(offset));
  };

  test('decides about the ports, and stays in what we lay over it', () => {
    start();
    const changes = [
      set('wso2.carbon.ports.offset', '20'),
      set('wso2.transport.http.listenerConfigurations.0.port', '8000'),
      { by: '/over.yaml', text: 'wso2.carbon:\n  jmx: {enabled: true}\n' },
    ];
    const found = inspect('si', { changes });
    expect(found.configured).toEqual({ value: 20, source: 'deployment.yaml (changed):7' });
    expect(numbers(found)).toBe('8020 9463 7070 7443 7631 7731 9631 9731 9999 11111');
    expect(found.warnings).toEqual([]);
    expect(overlayAt(found, 21)).toMatchObject({
      'wso2.carbon': { ports: { offset: 21 }, jmx: { enabled: true } },
      'wso2.transport.http': { listenerConfigurations: [{ id: 'default', port: 8000 }, { port: 9443 }] },
      'siddhi.stores.query.api': { listenerConfigurations: [{ port: 7071 }, { port: 7444 }] },
    });
  });

  test('beats a file of the user’s own, the rest of which counts', () => {
    start();
    write('mine.yaml', 'wso2.carbon:\n  ports: {offset: 5}\n  tenant: mine\n');
    const found = inspect('si', {
      args: ['-Dconfig=HOME/mine.yaml'],
      changes: [set('wso2.carbon.ports.offset', '20')],
    });
    expect(found.configured.value).toBe(20);
    expect(overlayAt(found, 20)).toMatchObject({ 'wso2.carbon': { ports: { offset: 20 }, tenant: 'mine' } });
  });

  test('is beaten by the variable for the offset, which is said', () => {
    start();
    const changes = [set('wso2.carbon.ports.offset', '20')];
    const found = inspect('si', { changes, env: { WSO2_CARBON__PORTS_OFFSET: '3' } });
    expect(found.configured.value).toBe(3);
    expect(found.warnings).toEqual([
      'WSO2_CARBON__PORTS_OFFSET of the environment beats the wso2.carbon.ports.offset that is laid over deployment.yaml.',
    ]);
  });

  test('may name a variable that is set, and no other one', () => {
    start();
    const changes = [set('wso2.carbon.id', '${env:ID}-${env:RUNTIME_HOME}-${env:OTHER,x}-${sec:alias}')];
    expect(inspect('si', { changes, env: { ID: 'x' } }).warnings).toEqual([]);
    const { code, message } = refusal(() => inspect('si', { changes }));
    expect([code, message]).toEqual([3, 'deployment.yaml (changed), line 3: nothing says what ${env:ID} stands for.']);
  });

  test.each<[product: 'si' | 'analytics', version: string, library: string | undefined, says: string]>([
    ['analytics', '6.4.0', undefined, 'its carbon-config is of an older version'],
    ['analytics', '6.4.0', '2.1.5', 'its carbon-config is 2.1.5'],
    ['si', '4.2.0', '2.1.10', 'its carbon-config is 2.1.10'],
  ])('is refused where %s %s with carbon-config %s takes nothing', (product, version, library, says) => {
    start(product, version);
    if (library !== undefined) write(`wso2/lib/plugins/org.wso2.carbon.config_${library}.jar`, '');
    const { code, message } = refusal(() => inspect(product, { changes: [set('wso2.carbon.id', 'x')] }));
    expect(code).toBe(3);
    expect(message).toContain(
      `/deployment.yaml, which this server does not take: ${says}, and reads -Dconfig= since 2.1.11.`,
    );
  });
});

describe('the environment', () => {
  test('may set the offset, which then is the one of a start without any', () => {
    createStandInHome(home, { product: 'si', version: '4.2.0' });
    expect(inspect('si', { env: { WSO2_CARBON__PORTS_OFFSET: '3' } }).configured).toEqual({
      value: 3,
      source: 'WSO2_CARBON__PORTS_OFFSET',
    });
  });

  test('may not move single listeners', () => {
    createStandInHome(home, { product: 'si', version: '4.2.0' });
    const env = { WSO2_TRANSPORT_HTTP__LISTENERCONFIGURATIONS_0_PORT: '9191' };
    expect(inspect('si', { env }).warnings).toEqual([
      "WSO2_TRANSPORT_HTTP__LISTENERCONFIGURATIONS_0_PORT would move listeners behind the configuration's back: not passed on to the server.",
    ]);
  });

  const placeholder =
    'wso2.carbon:\n  ports:\n    offset: ${sys:portOffset,0}\n  name: ${env:NAME}\nwso2.transport.http:\n  listenerConfigurations:\n  - port: ${env:HTTP_PORT}\n';
  test('fills in placeholders, as do properties', () => {
    createStandInHome(home, { product: 'si', version: '4.2.0', configuration: placeholder });
    const found = inspect('si', { env: { HTTP_PORT: '8100', JAVA_OPTS: '-DportOffset=4' } });
    expect([found.configured.value, found.ports[0]?.base]).toEqual([4, 8100]);
    expect(refusal(() => inspect('si')).message).toBe(
      'deployment.yaml, line 7: nothing says what ${env:HTTP_PORT} stands for.',
    );
  });
});

describe('Siddhi applications', () => {
  const http = (name: string, port: string): string =>
    `@App:name('${name}')\n@source(type = 'http', receiver.url = 'http://0.0.0.0:${port}/${name}')\ndefine stream S (a int);\n`;
  const added = (found: InspectedHome): string[] => found.ports.slice(8).map(inWords);

  test('are read where the runtime deploys them, and open ports at no offset', () => {
    createStandInHome(home, { product: 'si', version: '4.3.0' });
    write('wso2/server/deployment/siddhi-files/A.siddhi', http('A', '${ORDERS_PORT}'));
    write('deployment/siddhi-files/B.siddhi', http('B', '${port}'));
    write('wso2/server/deployment/siddhi-files/B.siddhi.bak', http('C', '8008'));
    write('wso2/server/deployment/B.siddhi', http('D', '8009'));
    const found = inspect('si', { args: ['-Dport=8007'], env: { ORDERS_PORT: '8006' } });
    expect(added(found)).toEqual(['A =8006 A.siddhi:2', 'B =8007 B.siddhi:2']);
    expect(found.warnings).toEqual([]);
  });

  test('have what deployment.yaml says of their extensions', () => {
    createStandInHome(home, { product: 'si', version: '4.3.0' });
    const yaml = join(home, 'conf/server/deployment.yaml');
    const shipped = readFileSync(yaml, 'utf8');
    const extension = 'extension:\n      name: tcp\n      namespace: source\n      properties:\n        port: 9893\n';
    write('wso2/server/deployment/siddhi-files/A.siddhi', "@App:name('A')\n@source(type = 'tcp')\n");
    writeFileSync(yaml, `${shipped}\nsiddhi:\n  extensions:\n  - ${extension}`);
    expect(added(inspect('si'))).toEqual(['A =9893 A.siddhi:2']);
    writeFileSync(yaml, `${shipped}\nextensions:\n  - ${extension}`);
    expect(added(inspect('si'))).toEqual(['A =9893 A.siddhi:2']);
  });

  test('that can not be deployed, or read, are warnings', () => {
    createStandInHome(home, { product: 'si', version: '4.3.0' });
    write('wso2/server/deployment/siddhi-files/A.siddhi', http('A', '${NOBODY}'));
    mkdirSync(join(home, 'wso2/server/deployment/siddhi-files/F.siddhi'));
    const found = inspect('si');
    expect(added(found)).toEqual([]);
    expect(found.warnings.map((warning) => warning.replaceAll(home, 'HOME'))).toEqual([
      expect.stringMatching(
        /^HOME\/wso2\/server\/deployment\/siddhi-files\/F\.siddhi can't be read, so that nobody looks after its ports: /,
      ),
      "A.siddhi, line 2: nothing says what ${NOBODY} stands for: the server can't deploy it.",
    ]);
  });

  test('are moved past by a launch: they are in every offset’s way', () => {
    createStandInHome(home, { product: 'si', version: '4.3.0' });
    write('wso2/server/deployment/siddhi-files/A.siddhi', http('A', '9091'));
    const found = inspect('si');
    expect(clashes(found.ports, 1).map(([first, second]) => [first.name, second.name])).toEqual([['http', 'A']]);
  });
});
