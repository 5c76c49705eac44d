import { describe, expect, test } from '@jest/globals';
import { factsOf } from '../../src/domain/catalogue.js';
import { type BasePort, basePorts, effectivePorts } from '../../src/domain/ports.js';
import { literalUrls, staleUrls } from '../../src/domain/stale-urls.js';
import { flatten } from '../../src/domain/toml.js';

const { urlKeys, versions, required } = factsOf('apim');
const PORTS = basePorts(versions[0].ports, required);

const literal = (text: string) => literalUrls(flatten(text, 'deployment.toml'), 'deployment.toml', urlKeys);
const staleAt = (offset: number, text: string, ports: readonly BasePort[] = PORTS) =>
  staleUrls(literal(text), effectivePorts(ports, offset));

const ENVIRONMENTS = `[[apim.gateway.environment]]
name = "Default"
http_endpoint = "http://localhost:\${http.nio.port}"
ws_endpoint = "ws://localhost:9099"
wss_endpoint = "wss://127.0.0.1:8099/chat"
websub_event_receiver_http_endpoint = "http://localhost:9021"
websub_event_receiver_https_endpoint = "https://[::1]:8021"

[[apim.gateway.environment]]
name = "Other"
ws_endpoint = "ws://localhost:9199"
wss_endpoint = "wss://gateway.example.com:8099"
websub_event_receiver_http_endpoint = "http://localhost"
`;

describe('URLs with a port written out', () => {
  test('are stale where the offset moves their port, with the line and what they should be', () => {
    const found = staleAt(3, ENVIRONMENTS).map(({ key, source, value, shouldBe }) => [source, key, value, shouldBe]);
    const environment = 'apim.gateway.environment';
    expect(found).toEqual([
      ['deployment.toml:4', `${environment}.ws_endpoint`, 'ws://localhost:9099', 'ws://localhost:9102'],
      ['deployment.toml:5', `${environment}.wss_endpoint`, 'wss://127.0.0.1:8099/chat', 'wss://127.0.0.1:8102/chat'],
      [
        'deployment.toml:6',
        `${environment}.websub_event_receiver_http_endpoint`,
        'http://localhost:9021',
        'http://localhost:9024',
      ],
      [
        'deployment.toml:7',
        `${environment}.websub_event_receiver_https_endpoint`,
        'https://[::1]:8021',
        'https://[::1]:8024',
      ],
    ]);
  });

  test('are right at offset 0', () => {
    expect(staleAt(0, ENVIRONMENTS)).toEqual([]);
  });

  test('follow a base that the same file sets', () => {
    const text = 'ws_endpoint = "ws://localhost:9200"\n';
    const ports = PORTS.map((port) => (port.name === 'ws' ? { ...port, base: 9200 } : port));
    expect(staleAt(1, text, ports).map(({ shouldBe }) => shouldBe)).toEqual(['ws://localhost:9201']);
  });

  test('of a port that is closed or stays are left alone', () => {
    const text = 'ws_endpoint = "ws://localhost:9099"\n';
    expect(staleAt(1, text, [])).toEqual([]);
    const fixed = PORTS.map((port) => (port.name === 'ws' ? { ...port, shifted: false } : port));
    expect(staleAt(1, text, fixed)).toEqual([]);
  });
});

test.each([
  'ws_endpoint = "ws://example.com:9099"',
  'ws_endpoint = "ws://localhost"',
  'ws_endpoint = "ws://localhost:90990x"',
  'ws_endpoint = 9099',
  'ws_endpoint = ["ws://localhost:9099"]',
  'ws_endpoints = "ws://localhost:9099"',
  'constructor = "ws://localhost:9099"',
])('%s is no such URL', (line) => {
  expect(literal(line)).toEqual([]);
});
