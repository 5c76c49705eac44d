import { describe, expect, test } from '@jest/globals';
import {
  fillPlaceholders,
  hasPlaceholder,
  merge,
  offsetOf,
  overlayFor,
  type RuntimeSettings,
  runtimePorts,
} from '../../src/domain/carbon5.js';
import type { YamlMap } from '../../src/domain/deployment-yaml.js';
import { refusal } from '../support/refusal.js';

const LISTENERS = [
  { id: 'default', host: '0.0.0.0', port: 9090 },
  { id: 'msf4j-https', port: '9443', scheme: 'https' },
];
const STORE = [
  { id: 'default', port: 7070 },
  { id: 'msf4j-https', port: 7443, scheme: 'https' },
];
const receiver = (type: string, properties: object): object => ({ dataReceiver: { type, properties } });
const RECEIVERS = [
  receiver('Thrift', { tcpPort: '7611', sslPort: '7711' }),
  receiver('Binary', { tcpPort: '9611', sslPort: '9711' }),
];
const WHOLE: YamlMap = {
  'wso2.carbon': { ports: { offset: 1 } },
  'wso2.transport.http': { listenerConfigurations: LISTENERS },
  'siddhi.stores.query.api': { listenerConfigurations: STORE },
  'databridge.config': { dataReceivers: RECEIVERS },
};

const settings = (tree: YamlMap, more: Partial<RuntimeSettings> = {}): RuntimeSettings => ({
  tree,
  sourceOf: (path) => path.join('/'),
  resolve: (value) => value,
  movesHttp: true,
  takesOverlay: true,
  hasThrift: true,
  ...more,
});

const shown = (tree: YamlMap, fileOffset: number, more: Partial<RuntimeSettings> = {}): string[] =>
  runtimePorts(settings(tree, more), fileOffset).map(
    ({ name, base, shifted, movesOn, required }) =>
      `${name} ${base}${movesOn ? ' moves on' : shifted ? '' : ' fixed'}${required ? ' required' : ''}`,
  );

const MOVED = ['thrift 7611', 'thrift-ssl 7711', 'binary 9611', 'binary-ssl 9711'];

describe('the ports of a runtime', () => {
  test('are those of its file; one that the server does not move counts from where it is', () => {
    expect(shown(WHOLE, 1)).toEqual([
      'http 9090 required',
      'https 9443 required',
      'store-http 7069',
      'store-https 7442',
      ...MOVED,
    ]);
  });

  test('are all counted so where the server moves no HTTP listener', () => {
    expect(shown(WHOLE, 1, { movesHttp: false }).slice(0, 2)).toEqual(['http 9089 required', 'https 9442 required']);
  });

  test('stay where the file has them where nothing can be laid over it', () => {
    expect(shown(WHOLE, 1, { movesHttp: false, takesOverlay: false })).toEqual([
      'http 9090 fixed required',
      'https 9443 fixed required',
      'store-http 7070 fixed',
      'store-https 7443 fixed',
      ...MOVED,
    ]);
  });

  test.each<[string, YamlMap, string[]]>([
    ['without a transport: one plain listener', {}, ['http 9090 required']],
    ['with an empty one: the same', { 'wso2.transport.http': null }, ['http 9090 required']],
    ['with an empty list: none', { 'wso2.transport.http': { listenerConfigurations: [] } }, []],
    [
      'of the newer name: it alone',
      { ...WHOLE, transports: { http: { listenerConfigurations: [{ id: 'x', port: 1234 }] } } },
      ['http 1234 required', 'store-http 7069', 'store-https 7442', ...MOVED],
    ],
    [
      'with more of a kind: the others by their id',
      {
        'wso2.transport.http': { listenerConfigurations: [...LISTENERS, { id: 'third', port: 9999 }, { port: 9998 }] },
      },
      ['http 9090 required', 'https 9443 required', 'wso2.transport.http.third 9999', 'wso2.transport.http.3 9998'],
    ],
    [
      'with receivers that name no port: thrift as ever, binary the other way round',
      {
        ...{ 'wso2.transport.http': { listenerConfigurations: [] } },
        'databridge.config': { dataReceivers: [receiver('THRIFT', {}), receiver('binary', {}), receiver('other', {})] },
      },
      ['thrift 7611', 'thrift-ssl 7711', 'binary 9711', 'binary-ssl 9611'],
    ],
    [
      'with JMX and another node beside it',
      {
        'wso2.transport.http': { listenerConfigurations: [] },
        'wso2.carbon': { jmx: { enabled: true, rmiServerPort: 11112 } },
        'deployment.config': { eventSyncServer: { port: 9893 } },
      },
      ['deployment.config.eventSyncServer.port 9892', 'jmx-registry 9998', 'jmx-server 11111'],
    ],
    [
      'with a port 0 that the server does not move: any free one',
      {
        'wso2.transport.http': { listenerConfigurations: [] },
        'wso2.carbon': { jmx: { enabled: true, rmiRegistryPort: 9999, rmiServerPort: '0' } },
      },
      ['jmx-registry 9998', 'jmx-server 0 moves on'],
    ],
  ])('%s', (_what, tree, expected) => {
    expect(shown(tree, 1)).toEqual(expected);
  });

  test('have no Thrift where it is switched off', () => {
    expect(shown(WHOLE, 1, { hasThrift: false }).join()).not.toContain('thrift');
  });

  test('say where they were set', () => {
    const [first, , , , thrift] = runtimePorts(settings(WHOLE), 1);
    expect(first?.source).toBe('wso2.transport.http/listenerConfigurations/0/port');
    expect(thrift?.source).toBe('databridge.config/dataReceivers/0/dataReceiver/properties/tcpPort');
    expect(runtimePorts(settings({}), 0)[0]?.source).toBe('default');
  });

  test.each([0, 70000, 'abc', true])('are refused where one is %j', (port) => {
    const tree = { 'wso2.transport.http': { listenerConfigurations: [{ id: 'default', port }] } };
    const { code, message } = refusal(() => shown(tree, 0));
    expect([code, message]).toEqual([3, expect.stringContaining(`the base port of http is ${JSON.stringify(port)}`)]);
  });
});

describe('the offset of a runtime', () => {
  const offset = (value: unknown, variable?: string) =>
    offsetOf(settings({ 'wso2.carbon': { ports: { offset: value } } }), variable);

  test.each<[unknown, string | undefined, number, string]>([
    [1, undefined, 1, 'wso2.carbon/ports/offset'],
    ['5', undefined, 5, 'wso2.carbon/ports/offset'],
    [-3, undefined, -3, 'wso2.carbon/ports/offset'],
    [null, undefined, 0, 'default'],
    [undefined, undefined, 0, 'default'],
    [1, '7', 7, 'WSO2_CARBON__PORTS_OFFSET'],
  ])('written as %j, with %j in the environment, is %i', (value, variable, number, source) => {
    expect(offset(value, variable)).toEqual({ value: number, source });
  });

  test.each([1.5, 'abc', '', true, [1]])('is refused where it is %j', (value) => {
    const { code, message } = refusal(() => offset(value));
    expect([code, message]).toEqual([
      3,
      `wso2.carbon/ports/offset: the offset is ${JSON.stringify(value)}, not an integer.`,
    ]);
  });
});

describe('what is laid over a file', () => {
  test('has the offset, and whole lists of the listeners that the server does not move', () => {
    expect(overlayFor(settings(WHOLE), 1, 4, {})).toEqual({
      'wso2.carbon': { ports: { offset: 4 } },
      'siddhi.stores.query.api': {
        listenerConfigurations: [
          { id: 'default', port: 7073 },
          { id: 'msf4j-https', port: 7446, scheme: 'https' },
        ],
      },
    });
    expect(overlayFor(settings(WHOLE, { movesHttp: false }), 1, 0, {})['wso2.transport.http']).toEqual({
      listenerConfigurations: [
        { id: 'default', host: '0.0.0.0', port: 9089 },
        { id: 'msf4j-https', port: 9442, scheme: 'https' },
      ],
    });
  });

  test('keeps what the user lays over it, and leaves the file’s own tree alone', () => {
    const given = { 'wso2.carbon': { id: 'mine', ports: { offset: 9 } }, other: { a: [1] } };
    const before = JSON.stringify(WHOLE);
    expect(overlayFor(settings(merge(WHOLE, given)), 9, 2, given)).toMatchObject({
      'wso2.carbon': { id: 'mine', ports: { offset: 2 } },
      other: { a: [1] },
      'siddhi.stores.query.api': { listenerConfigurations: [{ port: 7063 }, { port: 7436 }] },
    });
    expect([JSON.stringify(WHOLE), given['wso2.carbon'].ports.offset]).toEqual([before, 9]);
  });

  test('brings ports to where the choice has them, whatever the offset', () => {
    const tree = { ...WHOLE, 'wso2.carbon': { jmx: { enabled: 'true' }, ports: { offset: 1 } } };
    for (const movesHttp of [true, false]) {
      for (const offset of [-5, 0, 1, 300]) {
        const mine = settings(tree, { movesHttp });
        const moved = merge(tree, overlayFor(mine, 1, offset, {}));
        const numbers = (ports: ReturnType<typeof runtimePorts>, by: number) => ports.map(({ base }) => base + by);
        expect(numbers(runtimePorts(settings(moved, { movesHttp }), offset), offset)).toEqual(
          numbers(runtimePorts(mine, 1), offset),
        );
      }
    }
  });
});

test('mappings are laid over one another deeply, lists as a whole', () => {
  expect(merge({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] }, d: { e: 1 } })).toEqual({
    a: { b: 1, c: [3] },
    d: { e: 1 },
  });
});

test.each([
  ['${sys:portOffset,0}', '0'],
  ['${sys:set,0}', 'property'],
  ['${env:SET}/${set}', 'variable/property'],
  ['${SET,9}', 'variable'],
  ['${env:NOTHING,}', ''],
  ['${env:NOTHING}', '${env:NOTHING}'],
  ['${sec:alias,x}', 'x'],
  ['plain', 'plain'],
])('%s is filled in as %s', (text, expected) => {
  const values = {
    property: (name: string) => (name === 'set' ? 'property' : undefined),
    variable: (name: string) => (name === 'SET' ? 'variable' : undefined),
  };
  expect(fillPlaceholders(text, values)).toBe(expected);
  expect(hasPlaceholder(expected)).toBe(expected === text && text !== 'plain');
});
