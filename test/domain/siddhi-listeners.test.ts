import { describe, expect, test } from '@jest/globals';
import { siddhiListeners } from '../../src/domain/siddhi-listeners.js';
import { inWords } from '../support/configured-home.js';

const NOTHING = { meaningOf: () => undefined, extensions: [], refs: [] };

const app = (body: string, name = 'App') => ({
  name,
  text: `@App:name('${name}')\n${body}\ndefine stream S (a int);\n`,
});

function found(
  files: readonly ReturnType<typeof app>[],
  around: Partial<Parameters<typeof siddhiListeners>[1]> = {},
): unknown[] {
  const { listeners, warnings } = siddhiListeners(files, { ...NOTHING, ...around });
  return [...listeners.map(({ port }) => port && `${inWords(port)} ${port.scheme}`), ...warnings];
}

describe('what listens, and where', () => {
  test.each<[string, string, string]>([
    // siddhi-io-http HttpSource, HttpServiceSource, HttpWebSubSource, SSEServerSink
    ['http', "@source(type='http', receiver.url='http://0.0.0.0:8006/a', @map(type='json'))", '=8006 http'],
    ['https', "@SOURCE(type='http', receiver.url='https://localhost:8007/a')", '=8007 https'],
    ['http by itself', "@source(type='http')", '=8280 http'],
    ['http-service', "@source(type='http-service', receiver.url='http://[::1]:8008/a', source.id='s')", '=8008 http'],
    ['http-request', "@source(type='http-request', receiver.url='http://h:8009')", '=8009 http'],
    ['websubhub', "@source(type='websubhub', receiver.url='http://h:8010/x')", '=8010 http'],
    ['sse-server', "@sink(type='sse-server', server.url='http://h:8011/x')", '=8011 http'],
    // siddhi-io-grpc ServiceConfigs
    ['grpc', "@source(type='grpc', receiver.url='grpc://localhost:8888/o.E/consume')", '=8888 tcp'],
    ['grpc-service', "@source(type='grpc-service', receiver.url='grpc://localhost:8889/o.E/p')", '=8889 tcp'],
    // siddhi-io-tcp Constant.DEFAULT_PORT
    ['tcp', "@source(type='tcp', context='c', port='1')", '=9892 tcp'],
    // siddhi-io-websocket
    ['websocket-server', "@source(type='websocket-server', host='localhost', port='8025')", '=8025 ws'],
    ['a secured one', "@sink(type='websocket-server', host='h', port='9025', tls.enabled='TRUE')", '=9025 wss'],
    // siddhi-io-hl7 Hl7Source
    ['hl7', "@source(type='hl7', port='1080', hl7.encoding='er7')", '=1080 tcp'],
    ['hl7 on TLS', "@source(type='hl7', port='1081', tls.enabled='true')", '=1081 tls'],
    ['any port', "@source(type='hl7', port='0')", '~0 tcp'],
    // siddhi-io-prometheus PrometheusSink
    ['prometheus', "@sink(type='prometheus', metric.type='counter')", '=9080 http'],
    [
      'prometheus elsewhere',
      "@sink(type='prometheus', server.url='http://localhost:9081', publish.mode='Server')",
      '=9081 http',
    ],
  ])('%s', (_what, body, port) => {
    const [where, scheme] = port.split(' ');
    expect(found([app(body)])).toEqual([`App ${where} App.siddhi:2 ${scheme}`]);
  });

  test.each([
    "@sink(type='http', publisher.url='http://localhost:8006/a')",
    "@source(type='kafka', bootstrap.servers='localhost:9092')",
    "@source(type='sse', event.source.url='http://localhost:8010')",
    "@source(type='mqtt', url='tcp://localhost:1883')",
    "@source(type='websocket', url='ws://localhost:8025')",
    "@sink(type='tcp', url='tcp://localhost:9892/a')",
    "@sink(type='prometheus', publish.mode='pushgateway', push.url='http://localhost:9091')",
    "@store(type='rdbms', jdbc.url='jdbc:mysql://localhost:3306/x')",
    "@source(type='constructor')",
    "@sink(port='1')",
    '@source',
    "-- @source(type='http')",
  ])('not %s', (body) => {
    expect(found([app(body)])).toEqual([]);
  });

  test('sources of one kind on one port share it, also those of different applications', () => {
    const http = (path: string): string => `@source(type='http', receiver.url='http://h:8006/${path}')`;
    expect(found([app(`${http('a')}\n${http('b')}`), app(http('c'), 'Other')])).toEqual([
      'App =8006 App.siddhi:2 http',
    ]);
  });
});

describe('what deployment.yaml adds', () => {
  const extension = (namespace: string, name: string, properties: object) => ({
    extension: { namespace, name, properties },
  });
  const extensions = [
    extension('sink', 'http', { defaultHttpPort: '1' }),
    extension('source', 'http', { defaultScheme: 'https', defaultHttpsPort: 8443 }),
    extension('source', 'tcp', { port: 9893 }),
    extension('sink', 'prometheus', { serverURL: 'http://localhost:9082' }),
    'junk',
    { other: {} },
  ];

  test.each([
    ["@source(type='http')", 'App =8443 App.siddhi:2 https'],
    ["@source(type='tcp')", 'App =9893 App.siddhi:2 tcp'],
    ["@sink(type='prometheus')", 'App =9082 App.siddhi:2 http'],
  ])('the options of extensions: %s', (body, port) => {
    expect(found([app(body)], { extensions })).toEqual([port]);
  });

  test('shared definitions, each of whose options the application may replace', () => {
    const refs = [{ ref: { name: 'in', type: 'hl7', properties: { port: '1080', 'tls.enabled': 'true' } } }];
    expect(found([app("@source(ref='in')")], { refs })).toEqual(['App =1080 App.siddhi:2 tls']);
    expect(found([app("@source(ref='in', port='1081')")], { refs })).toEqual(['App =1081 App.siddhi:2 tls']);
    expect(found([app("@source(ref='out')")], { refs })).toEqual([]);
  });

  test('and variables fill in', () => {
    const body = "@source(type='http', receiver.url='http://0.0.0.0:${PORT}/a')";
    expect(found([app(body)], { meaningOf: (name) => (name === 'PORT' ? '8012' : undefined) })).toEqual([
      'App =8012 App.siddhi:2 http',
    ]);
  });
});

describe('what can not be told is a warning', () => {
  test.each([
    ["@source(type='http', receiver.url='http://localhost/a')", 'the http source says "http://localhost/a"'],
    ["@source(type='hl7')", 'the hl7 source says ""'],
    ["@source(type='grpc', receiver.url='grpc://h:70000/a/b')", 'the grpc source says "grpc://h:70000/a/b"'],
  ])('%s', (body, what) => {
    expect(found([app(body)])).toEqual([`App.siddhi, line 2: ${what}, so that nobody looks after its port.`]);
  });

  test('a variable that nothing says, by which the server deploys nothing of it', () => {
    expect(found([app("@source(type='tcp')\n-- ${GONE}")])).toEqual([
      "App.siddhi, line 3: nothing says what ${GONE} stands for: the server can't deploy it.",
    ]);
  });

  test.each([
    [{ ...app("@source(type='tcp')"), name: 'Other' }, 'Other.siddhi names the application App'],
    [{ name: 'None', text: "@source(type='tcp')" }, 'None.siddhi names no application'],
  ])('an application whose name is not its file’s', (file, what) => {
    expect(found([file])).toEqual([`${what}: the server can't deploy it.`]);
  });
});
