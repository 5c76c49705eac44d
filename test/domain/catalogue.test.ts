import { describe, expect, test } from '@jest/globals';
import { factsOf, PRODUCT_IDS, type ProductId, productNamed } from '../../src/domain/catalogue.js';
import type { Condition, PortFact } from '../../src/domain/facts.js';
import { basePorts } from '../../src/domain/ports.js';
import { compareVersions } from '../../src/domain/version.js';

test.each([
  ['apim', 'apim'],
  ['api-manager', 'apim'],
  ['control-plane', 'control-plane'],
  ['acp', 'control-plane'],
  ['gateway', 'gateway'],
  ['universal-gateway', 'gateway'],
  ['traffic-manager', 'traffic-manager'],
  ['tm', 'traffic-manager'],
  ['key-manager', 'key-manager'],
  ['km', 'key-manager'],
  ['mi', 'mi'],
  ['micro-integrator', 'mi'],
  ['is', 'is'],
  ['identity-server', 'is'],
  ['server', 'server'],
  ['carbon', 'server'],
  ['ei', 'ei'],
  ['enterprise-integrator', 'ei'],
  ['sp', 'sp'],
  ['stream-processor', 'sp'],
])('%s on the command line means %s', (word, id) => {
  expect(productNamed(word)).toBe(id);
});

test.each(['', 'APIM', 'tomcat', 'apim ', 'wso2server', 'api-cp', '__proto__', 'constructor'])(
  '"%s" is no product',
  (word) => {
    expect(productNamed(word)).toBeUndefined();
  },
);

test('no word means two products', () => {
  const words = PRODUCT_IDS.flatMap((id) => [id, ...factsOf(id).aliases]);
  expect(new Set(words).size).toBe(words.length);
});

describe('the names and base ports are those of the contract', () => {
  const SERVLET = { 'servlet-https': 9443, 'servlet-http': 9763 };
  const JMX = { 'jmx-registry': 9999, 'jmx-server': 11111 };
  const TRAFFIC = {
    ...{ amqp: 5672, 'amqp-ssl': 8672, binary: 9611, 'binary-ssl': 9711, 'thrift-auth': 10711 },
    ...JMX,
  };
  const GATEWAY = {
    ...{ 'gateway-http': 8280, 'gateway-https': 8243, ws: 9099, wss: 8099 },
    ...{ 'websub-http': 9021, 'websub-https': 8021 },
  };

  test.each<[ProductId, Record<string, number>]>([
    ['apim', { ...SERVLET, ...GATEWAY, ...TRAFFIC, thrift: 7611, 'thrift-ssl': 7711, 'thrift-key-validation': 10397 }],
    ['gateway', { ...SERVLET, ...GATEWAY, ...TRAFFIC }],
    ['control-plane', { ...SERVLET, ...TRAFFIC }],
    ['traffic-manager', { ...SERVLET, ...TRAFFIC }],
    ['key-manager', { ...SERVLET, ...TRAFFIC }],
    ['mi', { http: 8280, https: 8243, management: 9154, internal: 9191 }],
    ['is', { ...SERVLET, 'thrift-auth': 10711, ldap: 10389, ...JMX }],
    ['server', { ...SERVLET, ...JMX }],
  ])('of %s', (id, ports) => {
    const { versions, required } = factsOf(id);
    const all = versions.flatMap((row) => basePorts(row.ports, required).map(({ name, base }) => [name, base]));
    expect(Object.fromEntries(all)).toEqual(ports);
  });
});

test.each<[ProductId, string[]]>([
  ['apim', ['servlet-https', 'gateway-http', 'gateway-https', 'amqp']],
  ['gateway', ['servlet-https', 'gateway-http', 'gateway-https', 'amqp']],
  ['control-plane', ['servlet-https']],
  ['traffic-manager', ['servlet-https']],
  ['key-manager', ['servlet-https']],
  ['mi', ['http', 'https', 'internal', 'management']],
  ['is', ['servlet-https']],
  ['server', ['servlet-https']],
  ['ei', ['servlet-https', 'gateway-http', 'gateway-https']],
])('%s needs %j', (id, names) => {
  const { required, versions } = factsOf(id);
  expect(required).toEqual(names);
  for (const { ports, since } of versions) {
    const found = basePorts(ports, required).filter((port) => port.required);
    const isWithoutBroker = id === 'apim' && since.join('.') === '1.10';
    const some = names.filter((name) => name !== 'amqp' || !isWithoutBroker);
    expect(found.map(({ name }) => name).sort()).toEqual([...some].sort());
  }
});

test.each<[ProductId, string[] | undefined]>([
  ['apim', ['console', 'publisher', 'devportal', 'admin', 'gateway-http', 'gateway-https']],
  ['mi', ['http', 'https', 'management', 'health']],
  ['is', ['console', 'myaccount']],
  ['gateway', undefined],
  ['control-plane', undefined],
  ['server', undefined],
])('%s shows the addresses %j', (id, names) => {
  expect(factsOf(id).urls?.map(({ name }) => name)).toEqual(names);
});

test.each(PRODUCT_IDS)('%s uses its own offset when it is told none', (id) => {
  expect(factsOf(id).defaultOffset).toBe({ mi: 10, analytics: 1 }[id as string] ?? 0);
});

test.each<[ProductId, string | undefined]>([
  ['apim', 'APIM_HOME'],
  ['mi', 'MI_HOME'],
  ['is', 'IS_HOME'],
  ['gateway', undefined],
  ['server', undefined],
  ['analytics', 'EI_ANALYTICS_HOME'],
  ['si', 'SI_HOME'],
  ['ei', 'EI_HOME'],
  ['sp', 'SP_HOME'],
])('the home of %s may be told by %s', (id, variable) => {
  expect(factsOf(id).homeVariable).toBe(variable);
});

describe.each(PRODUCT_IDS)('the rows of %s', (id) => {
  const facts = factsOf(id);

  test('go from the newest to the oldest version, all of them known', () => {
    const since = facts.versions.map((row) => row.since);
    expect([...since].sort((a, b) => compareVersions(b, a))).toEqual(since);
    const [oldest, newest] = facts.known ?? [since.at(-1), since[0]];
    expect(since.at(-1)).toEqual(oldest);
    expect(compareVersions(newest as [number, number], since[0] as [number, number])).toBeGreaterThanOrEqual(0);
  });

  test('have each port name and each base once', () => {
    for (const { ports } of facts.versions) {
      expect(new Set(ports.map(({ name }) => name)).size).toBe(ports.length);
      const bases = ports.flatMap(({ base }) => base ?? []);
      expect(new Set(bases).size).toBe(bases.length);
    }
  });

  test('have every port that an address, the health check or a configured URL speaks of', () => {
    const { health, requiredInProfile = [], required } = facts;
    const asked = 'port' in health ? [health.port] : health.connectTo;
    const everywhere = [...(facts.urls ?? []).map(({ port }) => port), ...asked, ...requiredInProfile, ...required];
    for (const { ports } of facts.versions) {
      expect(ports.map(({ name }) => name)).toEqual(expect.arrayContaining(everywhere));
    }
    for (const { port, of = [[id]] } of Object.values(facts.urlKeys)) {
      const owners = of.flat() as ProductId[];
      expect(PRODUCT_IDS).toEqual(expect.arrayContaining(owners));
      for (const owner of owners) expect(factsOf(owner).versions[0].ports.map(({ name }) => name)).toContain(port);
    }
  });

  test('have a range of Java releases', () => {
    for (const { jdk } of facts.versions) expect(jdk[0]).toBeLessThanOrEqual(jdk[1] ?? jdk[0]);
  });

  test('speak of no key that their own mapping renames', () => {
    const keysOf = (condition: Condition): string[] => {
      if ('not' in condition) return keysOf(condition.not);
      if ('anyOf' in condition) return condition.anyOf.flatMap(keysOf);
      return 'key' in condition ? [condition.key] : [];
    };
    const keysIn = ({ key, openWhen = [], shiftedWhen }: PortFact): string[] => [
      ...(key === undefined ? [] : [key]),
      ...openWhen.flatMap(keysOf),
      ...(shiftedWhen ? keysOf(shiftedWhen) : []),
    ];
    for (const { ports, rules } of facts.versions) {
      expect(ports.flatMap(keysIn).filter((key) => Object.hasOwn(rules.mappings, key))).toEqual([]);
    }
  });
});
