import { expect, test } from '@jest/globals';
import { NO_RULES } from '../../src/domain/configuration.js';
import { unknownSetting } from '../../src/domain/unknown-settings.js';

const rules = {
  ...NO_RULES,
  mappings: { 'short.name': ['long.name', 'other.name'] },
  defaults: { 'server.hostname': 'localhost' },
};
const templates = [
  '<HostName>{{server.hostname}}</HostName><Port>{{transport.https.properties.port}}</Port>',
  '{% for key, value in system.parameter.items() %}{{key}}{% endfor %}',
  '{% for one in apim.gateway.environment %}{{one.name}}{% endfor %}',
];

test.each([
  ['short.name'],
  ['other.name'],
  ['server.hostname'],
  ['transport.https.properties.port'],
  ["system.parameter.'a.b'"],
  ['apim.gateway.environment.name'],
])('%s is known', (key) => {
  expect(unknownSetting(key, { rules, templates })).toBeUndefined();
});

test.each([
  ['server.hostnam', ' Did you mean server.hostname?'],
  ['transport.https.properties.prot', ' Did you mean transport.https.properties.port?'],
  ['short.nam', ' Did you mean short.name?'],
  ['something.else.entirely', ''],
  ['apim.gateway.environments.name', ' Did you mean apim.gateway.environment?'],
])('%s is not', (key, near) => {
  const known = `Nothing in this product's rules and templates knows the setting ${key}: it has no effect.`;
  expect(unknownSetting(key, { rules, templates })).toBe(known + near);
});

test('without templates nobody can tell', () => {
  expect(unknownSetting('server.hostnam', { rules, templates: [] })).toBeUndefined();
});
