import { expect, test } from '@jest/globals';
import { factsOf, type ProductId } from '../../src/domain/catalogue.js';
import { basePorts, effectivePorts } from '../../src/domain/ports.js';
import { urlsOf } from '../../src/domain/urls.js';

test.each<[ProductId, number, Record<string, string>]>([
  [
    'apim',
    1,
    {
      console: 'https://localhost:9444/carbon',
      publisher: 'https://localhost:9444/publisher',
      devportal: 'https://localhost:9444/devportal',
      admin: 'https://localhost:9444/admin',
      'gateway-http': 'http://localhost:8281',
      'gateway-https': 'https://localhost:8244',
    },
  ],
  ['is', 2, { console: 'https://localhost:9445/console', myaccount: 'https://localhost:9445/myaccount' }],
  [
    'mi',
    10,
    {
      http: 'http://localhost:8290',
      https: 'https://localhost:8253',
      management: 'https://localhost:9164/management',
      health: 'http://localhost:9201/healthz',
    },
  ],
])('the addresses of %s at offset %d, the bare one first', (id, offset, urls) => {
  const facts = factsOf(id);
  const found = urlsOf(facts.urls, effectivePorts(basePorts(facts.versions[0].ports, []), offset));
  expect(Object.entries(found)).toEqual(Object.entries(urls));
});

test('without addresses of its own, a product shows every port that a URL can name', () => {
  const { urls, versions } = factsOf('gateway');
  expect(urls).toBeUndefined();
  expect(urlsOf(urls, effectivePorts(basePorts(versions[0].ports, []), 2))).toEqual({
    'servlet-https': 'https://localhost:9445',
    'servlet-http': 'http://localhost:9765',
    'gateway-http': 'http://localhost:8282',
    'gateway-https': 'https://localhost:8245',
    ws: 'ws://localhost:9101',
    wss: 'wss://localhost:8101',
    'websub-http': 'http://localhost:9023',
    'websub-https': 'https://localhost:8023',
  });
});

test('a listener that moves on by itself has no address', () => {
  const urlsFrom = (base: number): object =>
    urlsOf(undefined, effectivePorts(basePorts([{ name: 'any', base, scheme: 'http', fixed: true }], []), 0));
  expect(urlsFrom(8080)).toEqual({ any: 'http://localhost:8080' });
  expect(urlsFrom(0)).toEqual({});
});

test('an address whose port the server lacks is left out', () => {
  const ports = effectivePorts(basePorts([{ name: 'ws', base: 9099, scheme: 'ws' }], []), 0);
  const facts = [
    { name: 'socket', port: 'ws', path: '/chat' },
    { name: 'console', port: 'servlet-https', path: '/carbon' },
  ];
  expect(urlsOf(facts, ports)).toEqual({ socket: 'ws://localhost:9099/chat' });
});
