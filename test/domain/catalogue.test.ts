import { describe, expect, test } from '@jest/globals';
import { factsOf, PRODUCT_IDS, type ProductId, productNamed } from '../../src/domain/catalogue.js';
import { compareVersions } from '../../src/domain/version.js';

test.each([
  ['apim', 'apim'],
  ['api-manager', 'apim'],
  ['mi', 'mi'],
  ['micro-integrator', 'mi'],
])('%s on the command line means %s', (word, id) => {
  expect(productNamed(word)).toBe(id);
});

test.each(['', 'APIM', 'tomcat', 'apim ', 'wso2server', '__proto__', 'constructor'])('"%s" is no product', (word) => {
  expect(productNamed(word)).toBeUndefined();
});

test('the names and base ports are those of the contract', () => {
  const namesOf = (id: ProductId): Record<string, number> =>
    Object.fromEntries(factsOf(id).versions.flatMap(({ ports }) => ports.map(({ name, base }) => [name, base])));

  expect(namesOf('apim')).toEqual({
    'servlet-https': 9443,
    'servlet-http': 9763,
    'gateway-http': 8280,
    'gateway-https': 8243,
    ws: 9099,
    wss: 8099,
    'websub-http': 9021,
    'websub-https': 8021,
    amqp: 5672,
    'amqp-ssl': 8672,
    binary: 9611,
    'binary-ssl': 9711,
    'thrift-auth': 10711,
    'jmx-registry': 9999,
    'jmx-server': 11111,
  });
  expect(namesOf('mi')).toEqual({ http: 8280, https: 8243, management: 9154, internal: 9191 });
});

test.each<[ProductId, string[]]>([
  ['apim', ['servlet-https', 'gateway-http', 'gateway-https', 'amqp']],
  ['mi', ['http', 'https', 'management', 'internal']],
])('%s needs %j', (id, names) => {
  for (const { ports } of factsOf(id).versions) {
    expect(ports.filter(({ required }) => required).map(({ name }) => name)).toEqual(names);
  }
});

test.each<[ProductId, string[]]>([
  ['apim', ['console', 'publisher', 'devportal', 'admin', 'gateway-http', 'gateway-https']],
  ['mi', ['http', 'https', 'management', 'health']],
])('%s shows the addresses %j', (id, names) => {
  expect(factsOf(id).urls.map(({ name }) => name)).toEqual(names);
});

test.each<[ProductId, number]>([
  ['apim', 0],
  ['mi', 10],
])('%s uses offset %d when it is told none', (id, offset) => {
  expect(factsOf(id).defaultOffset).toBe(offset);
});

describe.each(PRODUCT_IDS)('the rows of %s', (id) => {
  const facts = factsOf(id);

  test('go from the newest to the oldest version', () => {
    const since = facts.versions.map((row) => row.since);
    expect([...since].sort((a, b) => compareVersions(b, a))).toEqual(since);
  });

  test('have each port name and each base once', () => {
    for (const { ports } of facts.versions) {
      expect(new Set(ports.map(({ name }) => name)).size).toBe(ports.length);
      expect(new Set(ports.map(({ base }) => base)).size).toBe(ports.length);
    }
  });

  test('have every port that an address, the health check or a configured URL speaks of', () => {
    const { health, requiredInProfile = [] } = facts;
    const everywhere = [...facts.urls.map(({ port }) => port), health.port, ...requiredInProfile];
    for (const { ports } of facts.versions) {
      expect(ports.map(({ name }) => name)).toEqual(expect.arrayContaining(everywhere));
    }
    const newest = facts.versions[0].ports.map(({ name }) => name);
    expect(newest).toEqual(expect.arrayContaining(Object.values(facts.urlKeys)));
  });
});
