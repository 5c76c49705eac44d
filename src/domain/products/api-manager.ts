import type { Rules } from '../configuration.js';
import type { BirthFacts, InboundFacts, PortFact, ProductFacts, UrlMeaning, VersionRow } from '../facts.js';
import {
  carbonConsole,
  carbonServer,
  carbonXml,
  carbonXmlRules,
  clustering,
  jmxOn,
  literal,
  off,
  on,
  osgiConsole,
  parsed,
  plus,
  propertiesFile,
  propertiesLast,
  servlet,
  servletHttp,
  servletHttps,
  thriftAuth,
} from './kernel.js';
import { debuggerPort, inboundShift, synapseJmx, unitTest } from './synapse.js';

// API Manager 1.10 to 4.7, and the distributions that it has been divided into since 4.5.
//
// Sources, by repository: PA wso2/product-apim, CK wso2/carbon-kernel, IS wso2/product-is, MI wso2/micro-integrator,
// SYN wso2/wso2-synapse, MED wso2/carbon-mediation, AND wso2/andes, CAC wso2/carbon-analytics-common.

const synapse = [debuggerPort('command'), debuggerPort('event'), unitTest, ...synapseJmx];

// SYN PassThroughHttpListener.init adds the offset.
export const gatewayTransports = [
  {
    name: 'gateway-http',
    base: 8280,
    scheme: 'http',
    key: 'transport.passthru_http.listener.parameters.port',
    openWhen: [on('transport.passthru_http.listener.enable')],
  },
  {
    name: 'gateway-https',
    base: 8243,
    scheme: 'https',
    key: 'transport.passthru_https.listener.parameters.port',
    openWhen: [on('transport.passthru_https.listener.enable')],
  },
] as const satisfies readonly PortFact[];

// MED InboundWebsocketListener; the shipped endpoints have `ws.use.port.offset` set.
export const ws = { name: 'ws', base: 9099, scheme: 'ws', key: 'apim.ws.port' } as const satisfies PortFact;
export const wss = { name: 'wss', base: 8099, scheme: 'wss', key: 'apim.wss.port' } as const satisfies PortFact;
const websubHttp = {
  name: 'websub-http',
  base: 9021,
  scheme: 'http',
  shiftedWhen: parsed(on(inboundShift)),
} as const satisfies PortFact;
export const websubHttps = {
  name: 'websub-https',
  base: 8021,
  scheme: 'https',
  key: 'apim.webhooks.https.port',
  shiftedWhen: parsed(on(inboundShift)),
} as const satisfies PortFact;

// AND AndesConfigurationManager.readPortValue; Broker leaves 5672 out only where TLS alone is wanted.
const amqpOn = parsed(on('broker.transport.amqp.enabled'));
const amqpTls = parsed(on('broker.transport.amqp.ssl_connection.enabled'));
export const broker = [
  {
    name: 'amqp',
    base: 5672,
    scheme: 'tcp',
    key: 'broker.transport.amqp.default_connection.port',
    openWhen: [amqpOn, { anyOf: [parsed(on('broker.transport.amqp.default_connection.enabled')), { not: amqpTls }] }],
  },
  {
    name: 'amqp-ssl',
    base: 8672,
    scheme: 'tls',
    key: 'broker.transport.amqp.ssl_connection.port',
    openWhen: [amqpOn, amqpTls],
  },
] as const satisfies readonly PortFact[];

/** Off in API Manager: PA modules/distribution/product/pom.xml of 2.x, and no key opens it since. */
export const mqtt = [
  { name: 'mqtt', base: 1883, scheme: 'tcp' },
  { name: 'mqtt-ssl', base: 8883, scheme: 'tls' },
] as const satisfies readonly PortFact[];

// CAC BinaryDataReceiverConfiguration, and BinaryDataReceiverServiceComponent for the property.
const binaryOn = [
  parsed(on('transport.binary.receiver.enable')),
  { not: parsed({ property: 'disable.receiver', otherwise: false }) },
];
export const binary = [
  { name: 'binary', base: 9611, scheme: 'tcp', key: 'transport.binary.receiver.tcpPort', openWhen: binaryOn },
  { name: 'binary-ssl', base: 9711, scheme: 'tls', key: 'transport.binary.receiver.sslPort', openWhen: binaryOn },
] as const satisfies readonly PortFact[];

// Open in 2.6; from 3.0 on the template has it switched off as a literal, whatever the keys say.
export const thrift = [
  { name: 'thrift', base: 7611, scheme: 'tcp' },
  { name: 'thrift-ssl', base: 7711, scheme: 'tls' },
] as const satisfies readonly PortFact[];

// api-manager.xml of 2.6 has EnableThriftServer on, later ones off. CAM wso2/carbon-apimgt APIKeyMgtServiceComponent adds
// the offset only where no file says the number.
export const keyValidation = { name: 'thrift-key-validation', base: 10397, scheme: 'tcp' } as const satisfies PortFact;

// CAC HAConfiguration and HAManager, which nothing starts any more from API-M 4.2 (CAC 5.3.5) on: opened only by two
// nodes that keep each other's state, the second port (CarbonEventManagementService) only once they form a cluster.
const highAvailability = parsed(off('event_processor.enable_ha_mode'));
export const eventSync = [
  {
    name: 'apim.throttling.event_sync.port',
    base: 11224,
    scheme: 'tcp',
    key: 'event_processor.event_sync.port',
    openWhen: [highAvailability],
  },
  {
    name: 'apim.throttling.event_management.port',
    base: 10005,
    scheme: 'tcp',
    key: 'event_processor.event_management.port',
    openWhen: [highAvailability, off('clustering.membership_scheme')],
  },
] as const satisfies readonly PortFact[];

const traffic = [...broker, ...binary, thriftAuth, ...jmxOn, clustering, osgiConsole];
const trafficUpTo41 = [...traffic, ...eventSync];

// Sources of the rendered keys: PA, the templates of each tag (`axis2.xml.j2`, `catalina-server.xml.j2`, the inbound
// endpoints, `broker.xml.j2`), and CAC data-bridge-config.xml.j2.
const gatewaySince41 = [...gatewayTransports, ws, wss, websubHttp, websubHttps];
const gatewaySince46 = [
  ...gatewayTransports,
  plus(ws, on('apim.ws.enable')),
  plus(wss, on('apim.wss.enable')),
  websubHttp,
  plus(websubHttps, on('apim.webhooks.https.enable')),
];
const servletSince47 = [servletHttps, plus(servletHttp, on('transport.http.enable'))];

const ports47 = [...servletSince47, ...gatewaySince46, ...traffic, ...synapse];
const ports46 = [...servlet, ...gatewaySince46, ...traffic, ...synapse];
const ports42 = [...servlet, ...gatewaySince41, ...traffic, ...synapse];
const ports41 = [...servlet, ...gatewaySince41, ...trafficUpTo41, ...synapse];
const gateway40 = [...gatewayTransports, literal(ws), wss, websubHttp, websubHttps];
const ports40 = [...servlet, ...gateway40, ...trafficUpTo41, ...synapse];
const ports32 = [...servlet, ...gatewayTransports, literal(ws), wss, ...trafficUpTo41, ...synapse];
const ports31 = [
  ...servlet,
  ...gatewayTransports.map(({ openWhen: _, ...fact }) => fact),
  literal(ws),
  wss,
  ...trafficUpTo41,
  ...synapse,
];
const ports30 = [
  ...servlet,
  // default.json has a table under the key's parent here, which is put over whatever the user sets.
  ...gatewayTransports.map(literal),
  literal(ws),
  literal(wss),
  ...broker.map(literal),
  ...binary,
  thriftAuth,
  ...jmxOn,
  osgiConsole,
];
const ports26 = [
  ...[...servlet, ...gatewayTransports, ws, wss, ...broker, ...binary, ...thrift, thriftAuth, ...jmxOn].map(literal),
  keyValidation,
  osgiConsole,
];

// PA conf/synapse-configs of each tag: the endpoints came with 2.1 and 2.2.
const ports21 = ports26.filter(({ name }) => name !== 'wss');
const ports20 = ports21.filter(({ name }) => name !== 'ws');
// PA modules/p2-profile/product/pom.xml of 1.10: neither the broker's features nor those of the receivers.
const ports110: readonly PortFact[] = [
  ...[...servlet, ...gatewayTransports, thriftAuth, ...jmxOn].map(literal),
  { ...keyValidation, fixed: true },
  { name: 'amqp', scheme: 'tcp' },
  osgiConsole,
];

const apimRules: Rules = {
  mappings: {
    'transport.http.listener.port': 'transport.passthru_http.listener.parameters.port',
    'transport.http.listener.secured_port': 'transport.passthru_https.listener.parameters.port',
    'transport.receiver.tcp_port': ['transport.thrift.receiver.tcpPort', 'transport.binary.receiver.tcpPort'],
    'transport.receiver.ssl_port': ['transport.thrift.receiver.sslPort', 'transport.binary.receiver.sslPort'],
    'apim.throttling.event_sync.port': 'event_processor.event_sync.port',
    'apim.throttling.event_management.port': 'event_processor.event_management.port',
  },
  inference: {
    'transport.receiver.type': { thrift: { 'transport.binary.receiver.enable': false } },
    'server.mode': { ha: { 'event_processor.enable_ha_mode': true } },
    'server.enable_traffic_management': {
      false: { 'transport.binary.receiver.enable': false, 'broker.transport.amqp.enabled': false },
    },
  },
  defaults: {},
};

export const shippedWebSockets = { WebSocketInboundEndpoint: 'ws', SecureWebSocketEP: 'wss' };
// MED has known the switch since API-M 4.0.
const inbound3: InboundFacts = { shipped: shippedWebSockets };
const inbound4: InboundFacts = {
  shiftedWhen: parsed(on(inboundShift)),
  shipped: { ...shippedWebSockets, WebhookServer: 'websub-http', SecureWebhookServer: 'websub-https' },
};

const apim3 = { script: 'wso2server', jdk: [7, 11], rules: apimRules, propertiesFile, inbound: inbound3 } as const;
const apim2 = { ...apim3, jdk: [7, 8], rules: carbonXmlRules, carbonXml, knowsNoToml: true } as const;
const apim4 = { script: 'api-manager', rules: apimRules, ...propertiesLast, inbound: inbound4 } as const;

/** The distributions that API-M has been divided into since 4.5. */
const distribution = {
  ...carbonServer,
  known: [
    [4, 5],
    [4, 7],
  ],
  // PA pom.xml, carbon.kernel.version at each tag.
  kernels: { '4.9.28': [4, 5], '4.9.33': [4, 6], '4.11.18': [4, 7] },
} as const;

// PA deployment.toml and deployment-templates of each distribution: the URLs that stand there as literals, most of them
// in comments.
const gatewayUrls = (of?: UrlMeaning['of']): Record<string, UrlMeaning> => {
  const meaning = (port: string): UrlMeaning => ({ port, ...(of && { of }) });
  return {
    'apim.gateway.environment.service_url': meaning('servlet-https'),
    'apim.gateway.environment.http_endpoint': meaning('gateway-http'),
    'apim.gateway.environment.https_endpoint': meaning('gateway-https'),
    'apim.gateway.environment.ws_endpoint': meaning('ws'),
    'apim.gateway.environment.wss_endpoint': meaning('wss'),
    'apim.gateway.environment.websub_event_receiver_http_endpoint': meaning('websub-http'),
    'apim.gateway.environment.websub_event_receiver_https_endpoint': meaning('websub-https'),
  };
};
const controlPlanes = ['control-plane', 'apim'];
const eventHubUrls = {
  'apim.event_hub.service_url': { port: 'servlet-https', of: [controlPlanes] },
  'apim.event_hub.event_listening_endpoints': { port: 'amqp', of: [controlPlanes] },
} satisfies Record<string, UrlMeaning>;
// A control plane decides about throttling itself where there is no traffic manager.
const throttlingUrls = (of: UrlMeaning['of'] & {}): Record<string, UrlMeaning> => ({
  'apim.throttling.throttle_decision_endpoints': { port: 'amqp', of },
  'apim.throttling.url_group.traffic_manager_urls': { port: 'binary', of },
  'apim.throttling.url_group.traffic_manager_auth_urls': { port: 'binary-ssl', of },
});

/** The news of API-M 4.7, see PA `api-manager.sh` of that tag. */
const since47 = { since: [4, 7], jdk: [21, 25], writesEncryptionKey: true } as const;

const withoutGateway = (script: string): [VersionRow, VersionRow] => {
  const row = { script, rules: apimRules, ...propertiesLast };
  return [
    { ...row, ...since47, ports: [...servletSince47, ...traffic] },
    { ...row, since: [4, 5], jdk: [11, 21], ports: [...servlet, ...traffic] },
  ];
};

// The portals register themselves at the first login of all, and keep the callbacks of then: wso2/product-apim#6792,
// #6976, docs-apim troubleshooting-invalid-callback-error.md.
const callback = (portal: string) =>
  ({ name: `${portal}'s callback`, port: 'servlet-https', path: `/${portal}/services/auth/callback/login` }) as const;
const portals: BirthFacts = {
  database: /AM_DB/,
  urls: [
    carbonConsole,
    { ...callback('publisher'), since: [3, 0] },
    { ...callback('devportal'), since: [3, 0] },
    { ...callback('admin'), since: [4, 0] },
  ],
  written: /https:\/\/[\w.-]{1,255}:(\d{1,5})\/(?:publisher|devportal|admin)\/services\/auth\/callback\/login/,
};

export const apiManager = {
  ...distribution,
  birth: portals,
  aliases: ['api-manager'],
  title: 'WSO2 API Manager',
  names: ['WSO2 API Manager'],
  homeVariable: 'APIM_HOME',
  known: [
    [1, 10],
    [4, 7],
  ],
  // JDK ranges: the check in each version's own start script, which mostly only warns and goes on.
  versions: [
    { ...apim4, ...since47, ports: ports47 },
    { ...apim4, since: [4, 6], jdk: [11, 21], ports: ports46 },
    { ...apim4, since: [4, 3], jdk: [11, 21], ports: ports42 },
    { ...apim4, since: [4, 2], jdk: [11, 17], ports: ports42 },
    { ...apim4, since: [4, 1], jdk: [7, 11], ports: ports41 },
    { ...apim4, since: [4, 0], jdk: [7, 11], ports: ports40 },
    { ...apim3, since: [3, 2], ports: ports32 },
    { ...apim3, since: [3, 1], ports: ports31 },
    { ...apim3, since: [3, 0], ports: ports30 },
    { ...apim2, since: [2, 2], ports: ports26 },
    { ...apim2, since: [2, 1], ports: ports21 },
    { ...apim2, since: [2, 0], ports: ports20 },
    { ...apim2, since: [1, 10], ports: ports110 },
  ],
  required: ['servlet-https', 'gateway-http', 'gateway-https', 'amqp'],
  urls: [
    { name: 'console', port: 'servlet-https', path: '/carbon' },
    { name: 'publisher', port: 'servlet-https', path: '/publisher' },
    { name: 'devportal', port: 'servlet-https', path: '/devportal' },
    { name: 'admin', port: 'servlet-https', path: '/admin' },
    { name: 'gateway-http', port: 'gateway-http', path: '' },
    { name: 'gateway-https', port: 'gateway-https', path: '' },
  ],
  urlKeys: gatewayUrls(),
  kernels: {
    '4.4.35': [2, 6],
    '4.5.1': [3, 0],
    '4.6.0': [3, 2],
    '4.6.2': [4, 0],
    '4.6.3': [4, 1],
    '4.8.1': [4, 2],
    '4.9.26': [4, 3],
    '4.9.27': [4, 4],
    ...distribution.kernels,
  },
} as const satisfies ProductFacts;

export const controlPlane = {
  ...distribution,
  birth: portals,
  aliases: ['acp'],
  title: 'WSO2 API Control Plane',
  names: ['WSO2 API Control Plane'],
  versions: withoutGateway('api-cp'),
  required: ['servlet-https'],
  urlKeys: { ...gatewayUrls([['gateway']]), ...throttlingUrls([['traffic-manager']]) },
} as const satisfies ProductFacts;

export const gateway = {
  ...distribution,
  aliases: ['universal-gateway'],
  title: 'WSO2 Universal Gateway',
  names: ['WSO2 Universal Gateway'],
  versions: [
    { ...apim4, ...since47, script: 'gateway', ports: ports47 },
    { ...apim4, script: 'gateway', since: [4, 6], jdk: [11, 21], ports: ports46 },
    { ...apim4, script: 'gateway', since: [4, 5], jdk: [11, 21], ports: ports42 },
  ],
  required: ['servlet-https', 'gateway-http', 'gateway-https', 'amqp'],
  urlKeys: {
    'apim.key_manager.service_url': { port: 'servlet-https', of: [['key-manager'], controlPlanes] },
    ...eventHubUrls,
    ...throttlingUrls([['traffic-manager'], controlPlanes]),
  },
} as const satisfies ProductFacts;

export const trafficManager = {
  ...distribution,
  aliases: ['tm'],
  title: 'WSO2 Traffic Manager',
  names: ['WSO2 Traffic Manager'],
  versions: withoutGateway('traffic-manager'),
  required: ['servlet-https'],
  urlKeys: eventHubUrls,
} as const satisfies ProductFacts;

export const keyManager = {
  ...distribution,
  aliases: ['km'],
  title: 'WSO2 Key Manager',
  names: ['WSO2 API Control Plane'], // it has no distribution of its own
  versions: withoutGateway('key-manager'),
  required: ['servlet-https'],
  urlKeys: {
    'event_listener.properties.notification_endpoint': { port: 'servlet-https', of: [controlPlanes] },
    ...eventHubUrls,
  },
} as const satisfies ProductFacts;
