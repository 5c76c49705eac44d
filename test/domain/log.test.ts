import { describe, expect, test } from '@jest/globals';
import { factsOf, PRODUCT_IDS } from '../../src/domain/catalogue.js';
import {
  classifyLine,
  type LogEvent,
  portsNamedIn,
  relevantLines,
  stripColours,
  textsToLookFor,
} from '../../src/domain/log.js';

const READY = factsOf('apim').readyText;

const LINES: [LogEvent, string][] = [
  ['ready', '[2026-11-22 03:00:00,000]  INFO - StartupFinalizerServiceComponent WSO2 Carbon started in 58 sec'],
  [
    'graceful-shutdown',
    '[2026-11-22 03:00:00,000]  INFO - CarbonServerManager Gracefully shutting down WSO2 Carbon...',
  ],
  ['password-prompt', '[Enter KeyStore and Private Key Password :]'],
  ['bind-failure', 'java.net.BindException: Address already in use'],
  ['bind-failure', 'WARN - System may be unstable: IOReactor encountered a checked exception : Address already in use'],
  ['bind-failure', 'org.wso2.andes.transport.TransportException: Could not bind to /0.0.0.0:5672'],
  ['bind-failure', 'ERROR - WebsocketEndpointManager Port 9099 is already used by another application'],
  ['bind-failure', 'ERROR - CarbonTomcat LifeCycleException while starting tomcat connector'],
  ['bind-failure', 'ERROR - BinaryDataReceiver Error when creating the server socket'],
  ['bind-failure', 'ERROR - ThriftAuthenticationService Error in starting Thrift Authentication Service'],
  ['bind-failure', 'ERROR - Could not create the RMI local registry'],
  ['bind-failure', 'ERROR - Could not initialize RMI server'],
  ['bind-failure', 'ERROR - HTTPEndpointManager No more connections will be accepted by this transport'],
  ['bind-failure', 'ERROR {MicroservicesRunner} - Error in http server connector'],
  ['bind-failure', 'ERROR {ThriftServerStartupImpl} - Can not create and start Agent Server'],
  ['bind-failure', 'ERROR {BinaryDataReceiver} - Error while starting binary data receiver'],
  ['fatal', 'FATAL - CarbonServerManager WSO2 Carbon initialization Failed'],
  ['fatal', 'ERROR - ConfigParser Error while performing configuration changes'],
  ['fatal', 'ERROR - StartupFinalizer Cannot start transports'],
  ['fatal', 'ERROR - Cannot activate StartupFinalizerServiceComponent'],
];

describe('a line of the log', () => {
  test.each(LINES)('means %s: %s', (kind, line) => {
    expect(classifyLine(line, READY)).toBe(kind);
  });

  const isLookedFor = (line: string): boolean => textsToLookFor(READY).some((text) => line.includes(text));

  test.each(LINES)('that means %s is looked for: %s', (_kind, line) => {
    expect(isLookedFor(line)).toBe(true);
  });

  test.each([
    '',
    'INFO - Pass-through HTTP Listener started on 0.0.0.0:8280',
    'ERROR - something else',
    'started in 3',
  ])('means nothing: %s', (line) => {
    expect(classifyLine(line, READY)).toBeUndefined();
    expect(isLookedFor(line)).toBe(false);
  });

  test.each(PRODUCT_IDS)('says that %s has started, and none with other words', (id) => {
    const { readyText } = factsOf(id);
    const line = `INFO - ${readyText}12.34 sec`;
    expect(classifyLine(line, readyText)).toBe('ready');
    for (const other of PRODUCT_IDS.map((product) => factsOf(product).readyText)) {
      expect(classifyLine(line, other)).toBe(other === readyText ? 'ready' : undefined);
    }
  });

  test('says in words of its own that a server without the name of Carbon has started', () => {
    const words = PRODUCT_IDS.map((id) => [id, factsOf(id).readyText] as const);
    expect(words.filter(([, text]) => text !== READY)).toEqual([
      ['mi', 'WSO2 Micro Integrator started in '],
      ['analytics', 'WSO2 Streaming Integrator started in '],
      ['si', 'WSO2 Streaming Integrator started in '],
    ]);
  });
});

test.each([
  ['\u001b[32mINFO\u001b[0m - ready', 'INFO - ready'],
  ['\u001b[1;31mERROR\u001b[m', 'ERROR'],
  ['WSO2 Carbon \u001b[0;39mstarted in 3', 'WSO2 Carbon started in 3'],
  ['[32m is no colour without its escape', '[32m is no colour without its escape'],
])('%j without colours is %j', (coloured, plain) => {
  expect(stripColours(coloured)).toBe(plain);
});

test.each<[string, number[]]>([
  ['Could not bind to /0.0.0.0:5672', [5672]],
  ['Port 9021 is already used by another application', [9021]],
  ['on port: 8280 and PORT 8243', [8280, 8243]],
  ['bind to [::]:9443', [9443]],
  ['Address already in use', []],
  ['transport 9443, report 8280, 5672', []],
  ['session:123456', []],
])('"%s" names the ports %j', (line, ports) => {
  expect([...portsNamedIn([line])]).toEqual(ports);
});

test('ports that several lines name are named once', () => {
  expect([...portsNamedIn(['port 1000', 'port 2000', ':1000'])]).toEqual([1000, 2000]);
});

describe('the lines that explain a failure', () => {
  const chatter = (from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, index) => `INFO - line ${from + index}`);

  test('are all of a short log, without colours and empty lines', () => {
    expect(relevantLines(['\u001b[31mERROR - a\u001b[0m  ', '', '   ', 'b\r'])).toEqual(['ERROR - a', 'b']);
    expect(relevantLines([])).toEqual([]);
  });

  test('are the last ten, and before them the errors that would have been cut off', () => {
    const lines = [
      'ERROR - the cause',
      ...chatter(1, 30),
      'Caused by: it',
      '\tat a.b(C.java:1) Exception',
      ...chatter(31, 40),
    ];
    expect(relevantLines(lines)).toEqual(['ERROR - the cause', 'Caused by: it', ...chatter(31, 40)]);
  });

  test('are never more than twenty, the latest errors kept', () => {
    const errors = Array.from({ length: 30 }, (_, index) => `WARN - number ${index}`);
    expect(relevantLines([...errors, ...chatter(1, 10)])).toEqual([...errors.slice(-10), ...chatter(1, 10)]);
  });
});
