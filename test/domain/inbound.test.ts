import { describe, expect, test } from '@jest/globals';
import type { PortFact } from '../../src/domain/facts.js';
import { inboundEndpoints, mergeEndpoints } from '../../src/domain/inbound.js';
import type { BasePort } from '../../src/domain/ports.js';
import { declarationsIn } from '../../src/domain/synapse.js';
import { inbound, inWords } from '../support/configured-home.js';

const resolve = (text: string): string | undefined => (text === '$SYSTEM:PORT' ? '8085' : text);
const read = (text: string, httpShifts = false) =>
  inboundEndpoints(declarationsIn(text, 'x.xml'), { httpShifts, resolve });

describe('a listening endpoint', () => {
  test.each<[string, Record<string, string | number>, string, string]>([
    ['http', { 'inbound.http.port': 8085 }, 'A =8085 x.xml:3', 'http'],
    ['https', { 'inbound.http.port': 8085 }, 'A =8085 x.xml:3', 'https'],
    ['ws', { 'inbound.ws.port': 8085 }, 'A =8085 x.xml:3', 'ws'],
    ['wss', { other: 1, 'inbound.ws.port': 8085, 'ws.use.port.offset': 'TRUE' }, 'A 8085 x.xml:4', 'wss'],
    ['httpws', { port: 8085 }, 'A =8085 x.xml:3', 'ws'],
    ['httpswss', { port: 8085 }, 'A =8085 x.xml:3', 'wss'],
    ['hl7', { 'inbound.hl7.Port': 1 }, 'A =1 x.xml:3', 'tcp'],
    ['grpc', { 'inbound.grpc.port': 8886 }, 'A =8886 x.xml:3', 'tcp'],
    ['grpc', { 'inbound.grpc.port': 'x' }, 'A =8888 x.xml:3', 'tcp'],
    ['http', { 'inbound.http.port': '$SYSTEM:PORT' }, 'A =8085 x.xml:3', 'http'],
    ['http', { 'inbound.http.port': ' 65535 ' }, 'A =65535 x.xml:3', 'http'],
    ['http', { 'inbound.http.port': 0 }, 'A ~0 x.xml:3', 'http'],
  ])('of %s with %j', (protocol, parameters, words, scheme) => {
    const { listeners, warnings } = read(inbound('A', protocol, parameters));
    expect(listeners.map(({ port }) => port && [inWords(port), port.scheme])).toEqual([[words, scheme]]);
    expect(warnings).toEqual([]);
  });

  test('of HTTP moves with the offset where that is on, and no other does', () => {
    const all = ['http', 'https', 'httpws', 'httpswss', 'hl7', 'ws'].map((protocol) =>
      inbound(protocol, protocol, { 'inbound.http.port': 1, 'inbound.ws.port': 1, 'inbound.hl7.Port': 1, port: 1 }),
    );
    const { listeners } = read(`<definitions>${all.join('')}</definitions>`, true);
    expect(listeners.filter(({ port }) => port?.shifted).map(({ name }) => name)).toEqual(['http', 'https']);
  });

  test('that is suspended has a name and no port', () => {
    const asleep = inbound('A', 'http', { 'inbound.http.port': 1 }).replace('"false"', '"True"');
    expect(read(asleep)).toEqual({ listeners: [{ name: 'A' }], warnings: [] });
  });
});

test.each(['jms', 'file', 'kafka', 'rabbitmq', '', 'constructor'])('one of %s listens to nothing', (protocol) => {
  expect(read(inbound('A', protocol, { 'inbound.http.port': 1 }))).toEqual({ listeners: [], warnings: [] });
});

test.each(['', 'abc', '-1', '70000', '1.5', '$SYSTEM:port'])('a port of %j is told', (port) => {
  expect(read(inbound('A', 'http', { 'inbound.http.port': port }))).toEqual({
    listeners: [],
    warnings: [
      `x.xml: inbound.http.port of the inbound endpoint A is ${JSON.stringify(port)}, so that nobody looks after its port.`,
    ],
  });
});

describe('an endpoint of a class', () => {
  const of = (className: string, parameters: Record<string, string | number>) =>
    read(inbound('A', '', parameters).replace('protocol=""', `class="${className}"`));
  const words = (...asked: Parameters<typeof of>): unknown[] =>
    of(...asked).listeners.map(({ port }) => port && [inWords(port), port.scheme]);
  const RM = 'org.wso2.carbon.inbound.endpoint.ext.wsrm.InboundRMHttpListener';

  test('listens where its parameters are known', () => {
    expect(words(RM, { 'inbound.cxf.rm.port': 20_940 })).toEqual([['A =20940 x.xml:3', 'http']]);
    expect(words(RM, { 'inbound.cxf.rm.port': 20_940, enableSSL: 'true' })).toEqual([['A =20940 x.xml:3', 'https']]);
    expect(words('org.wso2.carbon.inbound.iso8583.listening.ISO8583MessageConsumer', { port: 5000 })).toEqual([
      ['A =5000 x.xml:3', 'tcp'],
    ]);
  });

  test.each(['org.example.Mine', 'constructor', ''])('of %j is nothing that can be told', (className) => {
    expect(of(className, { port: 5000 })).toEqual({ listeners: [], warnings: [] });
  });
});

describe('endpoints among the ports of a server', () => {
  const FACTS: readonly PortFact[] = [
    { name: 'web', base: 80, scheme: 'http' },
    { name: 'socket', base: 90, scheme: 'ws', key: 'socket.port' },
  ];
  const SHIPPED = { Web: 'web', Socket: 'socket' };
  const port = (name: string, base: number, more: Partial<BasePort> = {}): BasePort => ({
    name,
    base,
    scheme: 'http',
    shifted: true,
    required: true,
    source: 'default',
    ...more,
  });
  const PORTS = [port('web', 80), port('socket', 90)];
  const own = (name: string, base: number) => ({
    name,
    port: port(name, base, { shifted: false, required: false, source: 'x.xml:3' }),
  });
  const merged = (endpoints: Parameters<typeof mergeEndpoints>[1]): string[] =>
    mergeEndpoints(PORTS, endpoints, FACTS, SHIPPED).map(inWords);

  test('are added, each by a name of its own', () => {
    const added = merged([own('A', 1), own('web', 2), own('A', 3), own('', 4), { name: 'asleep' }]);
    expect(added).toEqual([
      'web! 80',
      'socket! 90',
      'A =1 x.xml:3',
      'web-2 =2 x.xml:3',
      'A-3 =3 x.xml:3',
      '-4 =4 x.xml:3',
    ]);
  });

  test('are the port itself where the product ships them and no key sets it', () => {
    expect(merged([own('Web', 81)])).toEqual(['web! =81 x.xml:3', 'socket! 90']);
    expect(merged([own('Web', 80)])).toEqual(['web! =80', 'socket! 90']);
    expect(merged([{ name: 'Web' }])).toEqual(['socket! 90']);
  });

  test('are written anew, and so mean nothing, where a key sets it', () => {
    expect(merged([own('Socket', 91)])).toEqual(['web! 80', 'socket! 90']);
    expect(merged([{ name: 'Socket' }])).toEqual(['web! 80', 'socket! 90']);
  });
});
