import { describe, expect, test } from '@jest/globals';
import { factsOf, type ProductId } from '../../src/domain/catalogue.js';
import { applyEdits } from '../../src/domain/edits.js';
import { type BasePort, basePorts, effectivePorts } from '../../src/domain/ports.js';
import {
  changeText,
  editsOf,
  literalUrls,
  type OtherServer,
  staleUrls,
  undecided,
} from '../../src/domain/stale-urls.js';
import { readToml } from '../../src/domain/toml.js';

const basesOf = (id: ProductId): BasePort[] => basePorts(factsOf(id).versions[0].ports, []);
const PORTS = basesOf('apim');

const literal = (text: string, id: ProductId = 'apim') =>
  literalUrls(readToml(text, 'deployment.toml').strings, 'deployment.toml', factsOf(id).urlKeys);

const staleAt = (offset: number, text: string, ports: readonly BasePort[] = PORTS) =>
  staleUrls(literal(text), effectivePorts(ports, offset), []);

/** The text with its URLs at an offset. */
const followed = (offset: number, text: string): string => applyEdits(text, editsOf(staleAt(offset, text)));

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
    expect(staleAt(3, ENVIRONMENTS).map(changeText)).toEqual([
      'deployment.toml:4 ws_endpoint: ws://localhost:9099 → ws://localhost:9102',
      'deployment.toml:5 wss_endpoint: wss://127.0.0.1:8099/chat → wss://127.0.0.1:8102/chat',
      'deployment.toml:6 websub_event_receiver_http_endpoint: http://localhost:9021 → http://localhost:9024',
      'deployment.toml:7 websub_event_receiver_https_endpoint: https://[::1]:8021 → https://[::1]:8024',
    ]);
  });

  test('are right at offset 0', () => {
    expect(staleAt(0, ENVIRONMENTS)).toEqual([]);
  });

  const WS = '[[apim.gateway.environment]]\nws_endpoint = "ws://localhost:9099"\n';

  test('follow a base that the same file sets', () => {
    const ports = PORTS.map((port) => (port.name === 'ws' ? { ...port, base: 9200 } : port));
    expect(staleAt(1, WS.replace('9099', '9200'), ports).map(({ shouldBe }) => shouldBe)).toEqual([9201]);
    expect(staleAt(1, WS, ports)).toEqual([]);
  });

  test('of a port that is closed or stays are left alone', () => {
    expect(staleAt(1, WS, [])).toEqual([]);
    const fixed = PORTS.map((port) => (port.name === 'ws' ? { ...port, shifted: false } : port));
    expect(staleAt(1, WS, fixed)).toEqual([]);
  });

  test("are this server's own where they name it as the file does", () => {
    const named = '[server]\nhostname = "api.example.com"\n[[apim.gateway.environment]]\n';
    const urls = 'ws_endpoint = "ws://api.example.com:9099"\nwss_endpoint = "wss://apiXexample.com:8099"\n';
    expect(staleAt(1, named + urls).map(({ value }) => value)).toEqual(['ws://api.example.com:9099']);
    expect(staleAt(1, `[[apim.gateway.environment]]\n${urls}`)).toEqual([]);
  });
});

describe('nothing but the digits of a port changes', () => {
  test.each<[what: string, before: string, after: string]>([
    [
      'line ends of Windows, tabs and comments',
      '[[apim.gateway.environment]] # é\r\n\tws_endpoint\t=  "ws://localhost:9099"  # ws://localhost:9099\r\n',
      '[[apim.gateway.environment]] # é\r\n\tws_endpoint\t=  "ws://localhost:9109"  # ws://localhost:9099\r\n',
    ],
    [
      'no line end at the end',
      "[[apim.gateway.environment]]\nws_endpoint = 'ws://localhost:9099'",
      "[[apim.gateway.environment]]\nws_endpoint = 'ws://localhost:9109'",
    ],
    [
      'three quotes',
      '[[apim.gateway.environment]]\nws_endpoint = """ws://localhost:9099"""\nwss_endpoint = \'\'\'wss://localhost:8099\'\'\'\n',
      '[[apim.gateway.environment]]\nws_endpoint = """ws://localhost:9109"""\nwss_endpoint = \'\'\'wss://localhost:8109\'\'\'\n',
    ],
    [
      'tables in one line',
      'apim.gateway.environment = [{name = "😀", ws_endpoint = "ws://localhost:9099"}, {"ws_endpoint" = "ws://localhost:9099/"}]\n',
      'apim.gateway.environment = [{name = "😀", ws_endpoint = "ws://localhost:9109"}, {"ws_endpoint" = "ws://localhost:9109/"}]\n',
    ],
    [
      'numbers with more or fewer digits',
      '[apim.ws]\nport = 9999\n[[apim.gateway.environment]]\nws_endpoint = "ws://localhost:9999"\n',
      '[apim.ws]\nport = 9999\n[[apim.gateway.environment]]\nws_endpoint = "ws://localhost:10009"\n',
    ],
  ])('%s', (what, before, after) => {
    const base = what.startsWith('numbers') ? 9999 : 9099;
    const ports = PORTS.map((port) => (port.name === 'ws' ? { ...port, base } : port));
    expect(applyEdits(before, editsOf(staleAt(10, before, ports)))).toBe(after);
  });

  test.each([
    '# [[apim.gateway.environment]]\n# ws_endpoint = "ws://localhost:9099"\n',
    '[[apim.gateway.environment]]\ndescription = """\nws_endpoint = "ws://localhost:9099"\n"""\n',
    '[[apim.gateway.environment]]\nws_endpoint = "ws:\\u002f/localhost:9099"\n',
    '[[apim.gateway.environment]]\nws_endpoint = """\nws://localhost:9099"""\n',
    '[[apim.gateway.environment.more]]\nws_endpoint = "ws://localhost:9099"\n',
    '[other]\nws_endpoint = "ws://localhost:9099"\n',
  ])('and nothing at all in %j', (text) => {
    expect(followed(10, text)).toBe(text);
  });
});

test.each([
  'ws_endpoint = "ws://example.com:9099"',
  'ws_endpoint = "ws://localhost"',
  'ws_endpoint = "ws://localhost:90990x"',
  'ws_endpoint = "ws://localhost:9099?x"',
  'ws_endpoint = "ws://user@localhost:9099"',
  'ws_endpoint = 9099',
  'ws_endpoint = ""',
  'ws_endpoints = "ws://localhost:9099"',
  'constructor = "ws://localhost:9099"',
])('%s is no such URL', (line) => {
  expect(literal(`[[apim.gateway.environment]]\n${line}\n`)).toEqual([]);
});

describe('a URL that means another server', () => {
  const live = (product: ProductId, offset: number, name: string = product): OtherServer => ({
    name,
    product,
    ports: effectivePorts(basesOf(product), offset),
  });
  const look = (id: ProductId, text: string, servers: readonly OtherServer[]) => {
    const urls = literal(text, id);
    // Its own offset says nothing about others.
    const stale = staleUrls(urls, effectivePorts(basesOf(id), 77), servers);
    return { changes: stale.map(changeText), undecided: undecided(urls, servers) };
  };

  const CATALOG = '[[service_catalog]]\napim_host = "https://localhost:9443"\n';
  const CATALOG_5 = 'deployment.toml:2 apim_host: https://localhost:9443 → https://localhost:9448';

  test.each<[what: string, servers: readonly OtherServer[]]>([
    ['an API Manager', [live('apim', 5)]],
    ['a control plane', [live('control-plane', 5), live('gateway', 6), live('mi', 7)]],
  ])('follows the only one that runs: %s', (_what, servers) => {
    expect(look('mi', CATALOG, servers)).toEqual({ changes: [CATALOG_5], undecided: [] });
  });

  test('is right where that one has no offset', () => {
    expect(look('mi', CATALOG, [live('apim', 0)])).toEqual({ changes: [], undecided: [] });
  });

  test('is left alone where none runs, and that is said', () => {
    expect(look('mi', CATALOG, [live('gateway', 5)])).toEqual({
      changes: [],
      undecided: [
        'Left as it is, for no WSO2 API Manager or WSO2 API Control Plane of ours runs: deployment.toml:2 apim_host: https://localhost:9443.',
      ],
    });
  });

  test('is left alone where several run, and that is said with their names', () => {
    expect(look('mi', CATALOG, [live('apim', 5), live('control-plane', 6, 'cp')])).toEqual({
      changes: [],
      undecided: [
        'Left as it is, for several run that it could mean (apim, cp): deployment.toml:2 apim_host: https://localhost:9443.',
      ],
    });
  });

  test.each(['https://localhost:9444', 'https://apim.example.com:9443'])('is left alone without a word: %s', (url) => {
    for (const servers of [[], [live('apim', 5)], [live('apim', 5), live('apim', 6, 'b')]]) {
      const found = look('mi', CATALOG.replace('https://localhost:9443', url), servers);
      expect(found).toEqual({ changes: [], undecided: [] });
    }
  });

  test('of a control plane is its gateway', () => {
    const text = `[[apim.gateway.environment]]
service_url = "https://localhost:9443/services/"
ws_endpoint = "ws://localhost:9099"
http_endpoint = "http://localhost:8280"
https_endpoint = "https://localhost:8243"
`;
    const { changes } = look('control-plane', text, [live('gateway', 2), live('control-plane', 77)]);
    expect(changes.map((change) => change.split(' → ')[1])).toEqual([
      'https://localhost:9445/services/',
      'ws://localhost:9101',
      'http://localhost:8282',
      'https://localhost:8245',
    ]);
    const alone = look('control-plane', text, [live('control-plane', 77)]);
    expect(alone.changes).toEqual([]);
    expect(alone.undecided).toEqual([
      expect.stringMatching(/^Left as it is, for no WSO2 Universal Gateway of ours runs: .*:2 service_url.*; .*:5 /),
    ]);
  });

  test('of a gateway is the control plane, and a traffic manager where there is one', () => {
    const text = `[apim.event_hub]
service_url = "https://localhost:9443/services/"
event_listening_endpoints = ["tcp://localhost:5672", "tcp://other.example.com:5672",
  # "tcp://localhost:5672"
  'tcp://localhost:5672']
[apim.throttling]
throttle_decision_endpoints = ["tcp://localhost:5672"]
[[apim.throttling.url_group]]
traffic_manager_urls = ["tcp://localhost:9611"]
traffic_manager_auth_urls = ["ssl://localhost:9711"]
`;
    const numbers = (servers: readonly OtherServer[]): string[] =>
      look('gateway', text, servers).changes.map((change) => change.replace(/^.*?:(\d+) .*:(\d+)(\/.*)?$/, '$1 $2'));
    const cp = live('control-plane', 1);
    expect(numbers([cp])).toEqual(['2 9444', '3 5673', '5 5673', '7 5673', '9 9612', '10 9712']);
    expect(numbers([cp, live('traffic-manager', 2)]).slice(3)).toEqual(['7 5674', '9 9613', '10 9713']);
  });

  test('of a key manager is the control plane', () => {
    const text =
      '[event_listener.properties]\nnotification_endpoint = "https://localhost:9443/internal/data/v1/notify"\n';
    expect(look('key-manager', text, [live('control-plane', 3)]).changes).toEqual([
      expect.stringContaining('→ https://localhost:9446/internal'),
    ]);
  });
});
