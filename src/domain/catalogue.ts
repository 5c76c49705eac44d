import type { Version } from './version.js';

/**
 * What is known about the products: facts, no logic. Adding a product adds rows here.
 *
 * Sources, by repository: PA wso2/product-apim, CK wso2/carbon-kernel, MI wso2/micro-integrator,
 * SYN wso2/wso2-synapse, MED wso2/carbon-mediation, AND wso2/andes, CAC wso2/carbon-analytics-common.
 */

export type Scheme = 'http' | 'https' | 'ws' | 'wss' | 'tcp' | 'tls';

/** One port as the product ships it: the number before any offset. */
export interface PortFact {
  readonly name: string;
  readonly base: number;
  readonly scheme: Scheme;
  /** Absent: the port moves with the offset. `true`: it never does. */
  readonly fixed?: true;
  /** The server is of no use without it; the others may be switched off. */
  readonly required?: true;
  /** The keys of deployment.toml that set the base, the one that wins first. */
  readonly keys?: readonly string[];
}

/** An address worth showing: a port's URL plus a path. */
export interface UrlFact {
  readonly name: string;
  readonly port: string;
  readonly path: string;
}

/** Asked over plain HTTP on 127.0.0.1, and only once the server says that it has started. */
export interface HealthFact {
  readonly port: string;
  readonly path: string;
  /** Where `port` is closed by configuration: a TLS connection to this port instead. */
  readonly otherwiseTls?: string;
}

/** What changes between versions. A row holds from `since` on, until a newer row takes over. */
export interface VersionRow {
  readonly since: Version;
  /** The start script in `bin/`, without `.sh` or `.bat`. */
  readonly script: string;
  /** Oldest and newest Java feature release that the start script accepts. */
  readonly jdk: readonly [oldest: number, newest: number];
  readonly ports: readonly PortFact[];
  /** A file of system properties that is read after the arguments, and beats them. */
  readonly propertiesFile?: string;
}

export interface ProductFacts {
  readonly aliases: readonly string[];
  readonly title: string;
  /** NAME in `bin/version.txt` (`NAME vVERSION`). */
  readonly names: readonly string[];
  readonly homeVariable: string;
  readonly configFile: string;
  /** The offset of a server that is told none. */
  readonly defaultOffset: number;
  /** The log says this once start-up is over, whether or not every port could be bound. */
  readonly readyText: string;
  /** Versions that the rows were checked against, both included. */
  readonly known: readonly [oldest: Version, newest: Version];
  /** Newest first. */
  readonly versions: readonly [VersionRow, ...VersionRow[]];
  /** The first one is what a bare `url NAME` prints. */
  readonly urls: readonly UrlFact[];
  readonly health: HealthFact;
  /** With `-Dprofile=` some listeners stay closed: only these are then required. */
  readonly requiredInProfile?: readonly string[];
  /** Keys of deployment.toml that hold a URL with a literal port, and the port that it means. */
  readonly urlKeys: Readonly<Record<string, string>>;
  /** Kernel versions (`bin/wso2carbon-version.txt`) by product version, for homes without `version.txt`. */
  readonly kernels?: Readonly<Record<string, Version>>;
}

// Base ports have not changed between 2.6 and 4.7. Shifting: CK CarbonTomcat.startConnectors (servlet),
// SYN PassThroughHttpListener.init (gateway), MED InboundWebsocketListener and InboundHttpListener,
// AND AndesConfigurationManager.readPortValue, CAC BinaryDataReceiverConfiguration and
// ThriftAuthenticationServiceComponent, CK jmx.xml via getPortFromServerConfig.
const apim3Ports = [
  { name: 'servlet-https', base: 9443, scheme: 'https', required: true, keys: ['transport.https.properties.port'] },
  { name: 'servlet-http', base: 9763, scheme: 'http', keys: ['transport.http.properties.port'] },
  {
    name: 'gateway-http',
    base: 8280,
    scheme: 'http',
    required: true,
    keys: ['transport.passthru_http.listener.parameters.port', 'transport.http.listener.port'],
  },
  {
    name: 'gateway-https',
    base: 8243,
    scheme: 'https',
    required: true,
    keys: ['transport.passthru_https.listener.parameters.port', 'transport.http.listener.secured_port'],
  },
  { name: 'ws', base: 9099, scheme: 'ws', keys: ['apim.ws.port'] },
  { name: 'wss', base: 8099, scheme: 'wss', keys: ['apim.wss.port'] },
  {
    name: 'amqp',
    base: 5672,
    scheme: 'tcp',
    required: true,
    keys: ['broker.transport.amqp.default_connection.port'],
  },
  { name: 'amqp-ssl', base: 8672, scheme: 'tls', keys: ['broker.transport.amqp.ssl_connection.port'] },
  {
    name: 'binary',
    base: 9611,
    scheme: 'tcp',
    keys: ['transport.binary.receiver.tcpPort', 'transport.receiver.tcp_port'],
  },
  {
    name: 'binary-ssl',
    base: 9711,
    scheme: 'tls',
    keys: ['transport.binary.receiver.sslPort', 'transport.receiver.ssl_port'],
  },
  // Missing on the products' own port page and can't be switched off: wso2/product-is#8365.
  { name: 'thrift-auth', base: 10711, scheme: 'tls' },
  { name: 'jmx-registry', base: 9999, scheme: 'tcp', keys: ['monitoring.jmx.rmi_registry_port'] },
  { name: 'jmx-server', base: 11111, scheme: 'tcp', keys: ['monitoring.jmx.rmi_server_port'] },
] as const satisfies readonly PortFact[];

// PA synapse-configs/default/inbound-endpoints/WebhookServer.xml and SecureWebhookServer.xml, since 4.0.
const websubPorts = [
  { name: 'websub-http', base: 9021, scheme: 'http' },
  { name: 'websub-https', base: 8021, scheme: 'https', keys: ['apim.webhooks.https.port'] },
] as const satisfies readonly PortFact[];

const apim4Ports = [...apim3Ports.slice(0, 6), ...websubPorts, ...apim3Ports.slice(6)] as const;

// MI distribution/src/resources/config-tool/default.json lines 76, 121, 125; the internal APIs bind in
// InboundEndpoint HTTPEndpointManager. Nothing in MI starts a JMX connector, whatever carbon.xml says.
const miPorts = [
  {
    name: 'http',
    base: 8280,
    scheme: 'http',
    required: true,
    keys: ['transport.http.listener.port', 'transport.http.listener.parameter.port'],
  },
  {
    name: 'https',
    base: 8243,
    scheme: 'https',
    required: true,
    keys: ['transport.http.listener.secured_port', 'transport.https.listener.parameter.port'],
  },
  {
    name: 'management',
    base: 9154,
    scheme: 'https',
    required: true,
    keys: ['mediation.internal_https_api_port', "synapse_properties.'internal.https.api.port'"],
  },
  {
    name: 'internal',
    base: 9191,
    scheme: 'http',
    required: true,
    keys: ['mediation.internal_http_api_port', "synapse_properties.'internal.http.api.port'"],
  },
] as const satisfies readonly PortFact[];

// CK org.wso2.carbon.server.Main.addSystemProperties: read after the arguments since kernel 4.6.2.
const propertiesFile = 'repository/conf/carbon.properties';

export const PRODUCTS = {
  apim: {
    aliases: ['api-manager'],
    title: 'WSO2 API Manager',
    names: ['WSO2 API Manager'],
    homeVariable: 'APIM_HOME',
    configFile: 'repository/conf/deployment.toml',
    defaultOffset: 0, // CK carbon.xml.j2: server.offset, default 0
    readyText: 'WSO2 Carbon started in ', // CK StartupFinalizerServiceComponent
    known: [
      [3, 2],
      [4, 7],
    ],
    // JDK ranges: the check in each version's own start script, which only warns and goes on.
    versions: [
      { since: [4, 7], script: 'api-manager', jdk: [21, 25], ports: apim4Ports, propertiesFile },
      { since: [4, 3], script: 'api-manager', jdk: [11, 21], ports: apim4Ports, propertiesFile },
      { since: [4, 2], script: 'api-manager', jdk: [11, 17], ports: apim4Ports, propertiesFile },
      { since: [4, 0], script: 'api-manager', jdk: [7, 11], ports: apim4Ports, propertiesFile },
      { since: [3, 2], script: 'wso2server', jdk: [7, 11], ports: apim3Ports },
    ],
    urls: [
      { name: 'console', port: 'servlet-https', path: '/carbon' },
      { name: 'publisher', port: 'servlet-https', path: '/publisher' },
      { name: 'devportal', port: 'servlet-https', path: '/devportal' },
      { name: 'admin', port: 'servlet-https', path: '/admin' },
      { name: 'gateway-http', port: 'gateway-http', path: '' },
      { name: 'gateway-https', port: 'gateway-https', path: '' },
    ],
    health: { port: 'servlet-http', path: '/services/Version', otherwiseTls: 'servlet-https' },
    requiredInProfile: ['servlet-https'],
    urlKeys: {
      ws_endpoint: 'ws',
      wss_endpoint: 'wss',
      websub_event_receiver_http_endpoint: 'websub-http',
      websub_event_receiver_https_endpoint: 'websub-https',
    },
    // PA pom.xml, carbon.kernel.version at each tag.
    kernels: {
      '4.6.0': [3, 2],
      '4.6.2': [4, 0],
      '4.6.3': [4, 1],
      '4.8.1': [4, 2],
      '4.9.26': [4, 3],
      '4.9.27': [4, 4],
      '4.9.28': [4, 5],
      '4.9.33': [4, 6],
      '4.11.18': [4, 7],
    },
  },
  mi: {
    aliases: ['micro-integrator'],
    title: 'WSO2 Micro Integrator',
    names: ['WSO2 Micro Integrator'],
    homeVariable: 'MI_HOME',
    configFile: 'conf/deployment.toml',
    defaultOffset: 10, // MI carbon.xml.j2 line 130; -DportOffset replaces it, Activator.java line 122
    readyText: 'WSO2 Micro Integrator started in ',
    known: [
      [1, 2],
      [4, 6],
    ],
    versions: [
      { since: [4, 6], script: 'micro-integrator', jdk: [21, 25], ports: miPorts },
      { since: [4, 4], script: 'micro-integrator', jdk: [11, 21], ports: miPorts },
      { since: [4, 2], script: 'micro-integrator', jdk: [11, 17], ports: miPorts },
      { since: [1, 2], script: 'micro-integrator', jdk: [7, 11], ports: miPorts },
    ],
    urls: [
      { name: 'http', port: 'http', path: '' },
      { name: 'https', port: 'https', path: '' },
      { name: 'management', port: 'management', path: '/management' },
      { name: 'health', port: 'internal', path: '/healthz' },
    ],
    health: { port: 'internal', path: '/healthz' },
    urlKeys: {},
  },
} as const satisfies Record<string, ProductFacts>;

export type ProductId = keyof typeof PRODUCTS;

export const PRODUCT_IDS = Object.keys(PRODUCTS) as readonly ProductId[];

/** The facts of one product, seen as every other product's. */
export const factsOf = (id: ProductId): ProductFacts => PRODUCTS[id];

/** The product that a word on the command line means: its id or an alias. */
export function productNamed(word: string): ProductId | undefined {
  return PRODUCT_IDS.find((id) => id === word || factsOf(id).aliases.includes(word));
}
