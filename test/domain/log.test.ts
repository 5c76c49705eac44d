import { describe, expect, test } from '@jest/globals';
import { factsOf, PRODUCT_IDS } from '../../src/domain/catalogue.js';
import {
  classifyLine,
  connectorPort,
  type LogEvent,
  portsNamedIn,
  saysInUse,
  signalIn,
  stripColours,
  textsToLookFor,
} from '../../src/domain/log.js';

const READY = factsOf('apim').readyText;

const LINES: [LogEvent, string][] = [
  ['ready', '[2026-11-22 03:00:00,000]  INFO - StartupFinalizerServiceComponent WSO2 Carbon started in 58 sec'],
  ['shutdown', '[2026-11-22 03:00:00,000]  INFO - CarbonServerManager Gracefully shutting down WSO2 Carbon...'],
  ['shutdown', '[2026-11-22 3:00:00,000]  INFO {org.wso2.carbon.core.init.CarbonServerManager} - Shutdown complete '],
  ['shutdown', '[2026-11-22 3:00:00,000]  INFO {org.wso2.carbon.core.init.CarbonServerManager} - Halting JVM '],
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
  ['fatal', 'ERROR {org.wso2.carbon.user.core.internal.Activator} - Cannot start User Manager Core bundle'],
  ['fatal', 'ERROR {LifecycleBase} - Failed to start component [Connector["https-jsse-nio-9443"]]'],
  ['fatal', 'ERROR {Events.Framework} - BundleException: Could not resolve module: org.wso2.carbon.core [102]'],
  ['fatal', 'ERROR {Events.Framework} - BundleException: Could not resolve module: org.wso2.carbon.user.core [13]'],
  ['fatal', 'ERROR {Events.Framework} - BundleException: Could not resolve module: org.wso2.carbon.server.admin [125]'],
  [
    'fatal',
    'FrameworkEvent ERROR BundleException: Exception in org.wso2.carbon.core.internal.CarbonCoreActivator.start() of bundle org.wso2.carbon.core.',
  ],
  [
    'fatal',
    'FATAL {org.wso2.carbon.tomcat.internal.TomcatBundleActivator} - Error while starting server Java heap space',
  ],
  ['fatal', 'FATAL - TomcatBundleActivator Error while starting server'],
  ['fatal', 'ERROR {StandardContext} - Context [/] startup failed due to previous errors'],
];

describe('a line of the log', () => {
  // product-integrator-mi#3185 and product-ei#5541 come up all the same.
  test.each([
    'Could not resolve module: org.wso2.carbon.capp.monitor [170]',
    'Could not resolve module: org.eclipse.equinox.p2.directorywatcher [155]',
    'Could not resolve module: org.wso2.carbon.ui [132]',
    'Could not resolve module: org.wso2.carbon.roles.mgt.ui [120]',
    'Exception in my.own.Activator.start() of bundle my.own.',
    'Context [/my-app] startup failed due to previous errors',
  ])('is not fatal where servers come up that say it: %s', (line) => {
    expect(classifyLine(line, READY)).toBeUndefined();
  });

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

test.each([
  ['java.net.BindException: Address already in use', true],
  ['java.rmi.server.ExportException: Port already in use: 9999; nested exception is:', true],
  ['ERROR - WebsocketEndpointManager Port 9099 is already used by another application', true],
  ['ERROR - Could not initialize RMI server', false],
  ['ERROR - BinaryDataReceiver Error when creating the server socket', false],
])('"%s" says that a port was in use: %s', (line, isSaid) => {
  expect(saysInUse(['INFO - fine', line])).toBe(isSaid);
});

test.each([
  ['Failed to start component [Connector["https-jsse-nio-9443"]]', 9443],
  ['Failed to start component [Connector[HTTP/1.1-9763]]', 9763],
  ['Failed to start component [Connector["https-jsse-nio-127.0.0.1-9443"]]', 9443],
  ['Failed to start component [StandardService[Catalina]]', undefined],
])('the connector of "%s" has port %s', (line, port) => {
  expect(connectorPort(line)).toBe(port);
  expect([...portsNamedIn([line])]).toEqual(port === undefined ? [] : [port]);
});

test.each([
  ['Killed', 'SIGKILL'],
  ['/opt/is/bin/wso2server.sh: line 380: 12345 Killed                  $JAVACMD -Xms256m', 'SIGKILL'],
  ['Segmentation fault (core dumped)', 'SIGSEGV'],
  ['Aborted (core dumped)', 'SIGABRT'],
  ['[2026-11-22 03:00:00,000]  INFO - Killed by somebody', undefined],
  ['Killed: 3 sessions', undefined],
])('"%s" at the end of a log tells of %s', (line, signal) => {
  expect(signalIn(['INFO - fine', line, ''])).toBe(signal);
  expect(signalIn([line, ...Array<string>(10).fill('INFO - later')])).toBeUndefined();
});
