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
  ['fatal', 'ERROR {org.wso2.carbon.registry.core.internal.Activator} - Failed to activate Registry Core bundle'],
  ['shutdown', '2026-11-22T03:00:00,000 INFO  CarbonServerManager: Shutdown complete'],
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

const MI_READY = factsOf('mi').readyText;
const GRACEFULLY = 'Gracefully shutting down WSO2 Micro Integrator...';

/** What the server itself says in a layout, with its loggers. */
const layouts: [string, (logger: string, text: string) => string][] = [
  ['of the file', (logger, text) => `TID: [-1234] [] [2026-11-22 03:00:00,000]  INFO {${logger}} - ${text} `],
  ['of the console', (logger, text) => `[2026-11-22 03:00:00,000]  INFO {${logger.split('.').at(-1)}} - ${text}`],
  ['of the console before', (logger, text) => `[2026-11-22 03:00:00,000]  INFO - ${logger.split('.').at(-1)} ${text}`],
  ['with a container', (logger, text) => `[2026]  INFO {${logger}} [ Deployed From Artifact Container: a ] - ${text}`],
  ['of log4j', (logger, text) => `03:00:00.000 [main] INFO  ${logger} - ${text}`],
  ['with brackets', (logger, text) => `2026 INFO [${logger}] (main) ${text}`],
  ['with an inner class', (logger, text) => `INFO {${logger}$3} - ${text}`],
  ['with short packages', (logger, text) => `INFO {o.w.c.${logger.split('.').at(-1)}} - ${text}`],
  ['with cut names', (logger, text) => `INFO {${logger.slice(-14)}} - ${text}`],
];
/** Those that don't tell who writes. */
const silentLayouts: [string, (logger: string, text: string) => string][] = [
  ['with nothing else', (_, text) => text],
  ['without a logger', (_, text) => `[2026-11-22 03:00:00,000]  INFO - ${text}`],
  ['with a thread', (_, text) => `[2026-11-22 03:00:00,000]  INFO {Thread-17} - ${text}`],
  ['with the thread behind', (_, text) => `INFO ${text} [Thread-17]`],
  ['of JSON', (logger, text) => `{"level":"INFO","loggerName":"${logger}","message":"${text}","thread":"main"}`],
];

const OWN = [
  ['shutdown', 'org.wso2.micro.integrator.core.internal.CoreServerInitializer', GRACEFULLY],
  ['shutdown', 'org.wso2.micro.integrator.core.internal.CoreServerInitializer', 'Micro Integrator Shutdown complete'],
  ['shutdown', 'org.wso2.carbon.core.init.CarbonServerManager', 'Gracefully shutting down ${product.name}...'],
  ['shutdown', 'org.wso2.carbon.core.init.CarbonServerManager', 'Shutdown complete'],
  ['shutdown', 'org.wso2.carbon.core.init.CarbonServerManager', 'Halting JVM'],
  ['ready', 'org.wso2.carbon.core.internal.StartupFinalizerServiceComponent', 'WSO2 Carbon started in 58 sec'],
  ['ready', 'org.wso2.micro.integrator.initializer.StartupFinalizer', 'WSO2 Micro Integrator started in 12.60 seconds'],
  ['ready', 'org.wso2.carbon.kernel.internal.CarbonStartupHandler', 'WSO2 Streaming Integrator started in 4.240 sec'],
] as const;

describe.each([...layouts, ...silentLayouts])('in the layout %s', (_, line) => {
  test.each(OWN)('%s is understood: %s says %s', (kind, logger, text) => {
    const readyText = text.includes(' started in ') ? text.slice(0, text.indexOf(' in ') + 4) : READY;
    expect(classifyLine(line(logger, text), readyText)).toBe(kind);
  });
});

describe.each(layouts)("in the layout %s, somebody else's words mean nothing:", (_, line) => {
  const USERS = ['org.apache.synapse.mediators.builtin.LogMediator', 'com.example.orders.OrderService'];
  const WORDS = [GRACEFULLY, 'Shutdown complete', 'Halting JVM', `{api:a} ${GRACEFULLY}`];
  const cases = USERS.flatMap((logger) => WORDS.map((text) => [logger, text] as const));
  test.each(cases)('%s says %s', (logger, text) => {
    expect(classifyLine(line(logger, text), MI_READY)).toBeUndefined();
    expect(classifyLine(line(logger, `CarbonServerManager {CarbonServerManager} - ${text}`), MI_READY)).toBeUndefined();
  });
});

test.each([
  'order 17: Gracefully shutting down the queue',
  'Shutdown complete for order 17',
  'NoShutdown complete',
  '[2026-11-22 03:00:00,000]  INFO - order-service: Gracefully shutting down the queue',
  '[2026-11-22 03:00:00,000]  INFO {LogMediator} - Could not bind to /0.0.0.0:5672',
  '[2026-11-22 03:00:00,000] ERROR - LogMediator Cannot start transports',
  '[2026-11-22 03:00:00,000]  INFO {API_LOGGER.orders} - Address already in use',
  '[2026-11-22 03:00:00,000]  INFO {LogMediator} - WSO2 Carbon started in 3 sec',
  '[2026-11-22 03:00:00,000]  INFO {LogMediator} - [Enter KeyStore and Private Key Password :]',
])('without the form of the server, or by a logger of the user, a line means nothing: %s', (line) => {
  expect(classifyLine(line, READY)).toBeUndefined();
});

describe('a line of the log', () => {
  // product-integrator-mi#3185 and product-ei#5541 come up all the same.
  test.each([
    'Could not resolve module: org.wso2.carbon.capp.monitor [170]',
    'Could not resolve module: org.eclipse.equinox.p2.directorywatcher [155]',
    'Could not resolve module: org.wso2.carbon.ui [132]',
    'Could not resolve module: org.wso2.carbon.roles.mgt.ui [120]',
    'Exception in my.own.Activator.start() of bundle my.own.',
    'Exception in x.Act.start() of bundle org.wso2.carbon.core.custom.',
    '[2026-11-22 03:00:00,000] ERROR {com.acme.iot.Hub} - Cannot start transports of the lab',
    '[2026-11-22 03:00:00,000]  WARN {com.acme.down.Link} - java.net.BindException: Address already in use',
    'com.acme.down [com.acme.iot.Hub] WARN : java.net.BindException: Address already in use',
    '[2026-11-22 03:00:00,000]  INFO {com.acme.pool.Manager} - Shutdown complete',
    '[2026-11-22 03:00:00,000]  INFO {Manager} - Shutdown complete',
    '2026-11-22T03:00:00,000 INFO  Hub: Shutdown complete',
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
      ['sp', 'WSO2 Stream Processor started in '],
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
