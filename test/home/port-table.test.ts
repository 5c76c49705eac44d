import { describe, expect, test } from '@jest/globals';
import {
  type ConfiguredHome,
  carbonXml,
  INBOUND_FOLDER,
  inbound,
  inspectConfigured,
  inWords,
  sourceInWords,
} from '../support/configured-home.js';

// What a home's files make of its ports, each row with where the products say so. Repositories: PA wso2/product-apim,
// CK wso2/carbon-kernel, IS wso2/product-is, MI wso2/micro-integrator, CM wso2/config-mapper, SYN wso2/wso2-synapse,
// MED wso2/carbon-mediation, AND wso2/andes, CAC wso2/carbon-analytics-common.

interface Row extends ConfiguredHome {
  readonly what: string;
  /** All ports, in any order, in the words of `inWords`. */
  readonly ports: readonly string[];
  /** The offset of a server that is told none, `3 carbon.properties:1`; absent: the product's own. */
  readonly offset?: string;
  readonly warnings?: readonly string[];
  /** Where the products say so. */
  readonly from: string;
}

const SERVLET = ['servlet-https! 9443', 'servlet-http 9763'];
const JMX = ['jmx-registry 9999', 'jmx-server 11111'];
const TRAFFIC = ['amqp 5672', 'amqp-ssl 8672', 'binary 9611', 'binary-ssl 9711', 'thrift-auth 10711', ...JMX];

/** A list of ports with some changed or added, and those with a minus before their name left out. */
function but(ports: readonly string[], ...changes: readonly string[]): string[] {
  const nameOf = (port: string): string => (port.split(' ')[0] as string).replace(/^-|!$/g, '');
  const changed = new Set(changes.map(nameOf));
  return [...ports.filter((port) => !changed.has(nameOf(port))), ...changes.filter((port) => !port.startsWith('-'))];
}

const APIM3 = [
  ...SERVLET,
  ...['gateway-http! 8280', 'gateway-https! 8243', 'ws 9099', 'wss 8099'],
  ...but(TRAFFIC, 'amqp! 5672'),
];
const APIM26 = but(APIM3, 'thrift 7611', 'thrift-ssl 7711', 'thrift-key-validation 10397');
const APIM4 = but(APIM3, 'websub-http 9021', 'websub-https 8021');
const WITHOUT_GATEWAY = [...SERVLET, ...TRAFFIC];
const MI = ['http! 8280', 'https! 8243', 'management! 9154', 'internal! 9191'];
const IS = [...SERVLET, 'thrift-auth 10711'];
const IS5 = but(IS, 'ldap 10389');
const SERVER = [...SERVLET, ...JMX];

const as = (what: string, from: string, more: Omit<Row, 'what' | 'from'>): Row => ({ what, from, ...more });

const shipped: readonly Row[] = [
  ...(['2.6.0'] as const).map((version) =>
    as('as shipped', 'PA conf/carbon.xml, conf/broker.xml, conf/data-bridge/data-bridge-config.xml', {
      of: `apim ${version}`,
      files: { 'repository/conf/carbon.xml': carbonXml('0') },
      offset: '0 carbon.xml:4',
      ports: APIM26,
    }),
  ),
  ...['3.0.0', '3.1.0', '3.2.0'].map((version) =>
    as('as shipped', 'PA default.json, templates of axis2.xml and the inbound endpoints', {
      of: `apim ${version}`,
      ports: APIM3,
    }),
  ),
  ...['4.0.0', '4.1.0', '4.2.0', '4.3.0', '4.4.0', '4.5.0', '4.6.0', '4.7.0'].map((version) =>
    as('as shipped', 'PA default.json, WebhookServer.xml, SecureWebhookServer.xml', {
      of: `apim ${version}`,
      ports: APIM4,
    }),
  ),
  ...['4.5.0', '4.6.0', '4.7.0'].map((version) =>
    as('as shipped', 'PA gateway/…/default.json', { of: `gateway ${version}`, ports: APIM4 }),
  ),
  ...(['control-plane', 'traffic-manager', 'key-manager'] as const).flatMap((product) =>
    ['4.5.0', '4.7.0'].map((version) =>
      as('as shipped', `PA axis2.xml.j2 without passthrough listeners`, {
        of: `${product} ${version}`,
        ports: WITHOUT_GATEWAY,
      }),
    ),
  ),
  ...['1.2.0', '4.0.0', '4.2.0', '4.4.0', '4.6.0'].map((version) =>
    as('as shipped', 'MI default.json lines 76, 121, 125; carbon.xml.j2 line 130', { of: `mi ${version}`, ports: MI }),
  ),
  ...['5.10.0', '5.11.0'].map((version) =>
    as('as shipped', 'IS default.json (JMX off), embedded-ldap.xml.j2 (Kerberos off)', {
      of: `is ${version}`,
      ports: IS5,
    }),
  ),
  ...['6.0.0', '7.1.0', '7.3.0'].map((version) =>
    as('as shipped', 'IS default.json, without an embedded LDAP', { of: `is ${version}`, ports: IS }),
  ),
  as('as shipped', 'CK default.json', { of: 'server 1.0.0', ports: SERVER }),
];

const keys: readonly Row[] = [
  ...[
    ['transport.https.properties.port', '9444', 'servlet-https! 9444 :1'],
    ['transport.http.properties.port', '"9764"', 'servlet-http 9764 :1'],
    ['transport.http.listener.port', '8281', 'gateway-http! 8281 :1'],
    ['transport.passthru_http.listener.parameters.port', '"8281"', 'gateway-http! 8281 :1'],
    ['transport.http.listener.secured_port', '"8244"', 'gateway-https! 8244 :1'],
    ['transport.passthru_https.listener.parameters.port', '8244', 'gateway-https! 8244 :1'],
    ['apim.ws.port', '9098', 'ws 9098 :1'],
    ['apim.wss.port', '" 8098 "', 'wss 8098 :1'],
    ['apim.webhooks.https.port', '8020', 'websub-https 8020 :1'],
    ['broker.transport.amqp.default_connection.port', '"5671"', 'amqp! 5671 :1'],
    ['broker.transport.amqp.ssl_connection.port', '8671', 'amqp-ssl 8671 :1'],
    ['transport.receiver.tcp_port', '9610', 'binary 9610 :1'],
    ['transport.binary.receiver.tcpPort', '9610', 'binary 9610 :1'],
    ['transport.receiver.ssl_port', '"9710"', 'binary-ssl 9710 :1'],
    ['transport.binary.receiver.sslPort', '9710', 'binary-ssl 9710 :1'],
    ['monitoring.jmx.rmi_registry_port', '1', 'jmx-registry 1 :1'],
    ['monitoring.jmx.rmi_server_port', '65535', 'jmx-server 65535 :1'],
    ['transport.\'https\'.properties."port"', '0x24E4', 'servlet-https! 9444 :1'],
  ].map(([key, value, port]) =>
    as(`${key} = ${value}`, 'PA key-mappings.json, default.json', {
      of: 'apim 4.7.0',
      toml: `${key} = ${value}\n`,
      ports: but(APIM4, port as string),
    }),
  ),
  ...[
    ['transport.http.listener.port', '1', 'http! 1 :1'],
    ['transport.http.listener.parameter.port', '"8290"', 'http! 8290 :1'],
    ['transport.http.listener.secured_port', '8244', 'https! 8244 :1'],
    ['transport.https.listener.parameter.port', '8244', 'https! 8244 :1'],
    ['mediation.internal_http_api_port', '"9192"', 'internal! 9192 :1'],
    ["synapse_properties.'internal.http.api.port'", '9192', 'internal! 9192 :1'],
    ['mediation.internal_https_api_port', '9155', 'management! 9155 :1'],
    ["synapse_properties.'internal.https.api.port'", '9155', 'management! 9155 :1'],
  ].map(([key, value, port]) =>
    as(`${key} = ${value}`, 'MI key-mappings.json lines 83 to 147', {
      of: 'mi 4.4.0',
      toml: `${key} = ${value}\n`,
      ports: but(MI, port as string),
    }),
  ),
  as('the same in a table, with its line', 'CM TomlParser', {
    of: 'apim 4.7.0',
    toml: '# a comment\n[transport.http]\nlistener = { port = 8281, secured_port = "8244" }\n',
    ports: but(APIM4, 'gateway-http! 8281 :3', 'gateway-https! 8244 :3'),
  }),
  as('keys that other products or nobody knows', 'CM KeyMapper', {
    of: 'apim 4.7.0',
    toml: 'constructor = 1\n[mediation]\ninternal_http_api_port = 1\n[transport.https]\nport = 2\n',
    ports: APIM4,
  }),
  as('its own listeners by Micro Integrator names', 'PA key-mappings.json', {
    of: 'apim 4.7.0',
    toml: '[transport.http.listener.parameter]\nport = 8281\n',
    ports: APIM4,
  }),
];

const versions: readonly Row[] = [
  ...(
    [
      ['apim 3.0.0', '[transport.http.listener]\nport = 8281\n', APIM3, 'PA v3.0.0 default.json, a table over it'],
      ['apim 3.1.0', '[transport.http.listener]\nport = 8281\n', but(APIM3, 'gateway-http! 8281 :2'), 'PA v3.1.0'],
      ['apim 3.1.0', 'transport.passthru_http.listener.enable = false\n', APIM3, 'PA v3.1.0 axis2.xml.j2'],
      [
        'apim 3.2.0',
        'transport.passthru_http.listener.enable = false\n',
        but(APIM3, '-gateway-http'),
        'PA v3.2.0 axis2.xml.j2',
      ],
      ['apim 3.0.0', '[apim.wss]\nport = 8098\n', APIM3, 'PA v3.0.0 SecureWebSocketEP.xml'],
      ['apim 3.1.0', '[apim.wss]\nport = 8098\n', but(APIM3, 'wss 8098 :2'), 'PA v3.1.0 SecureWebSocketEP.xml.j2'],
      ['apim 4.0.0', '[apim.ws]\nport = 9098\n', APIM4, 'PA v4.0.0 WebSocketInboundEndpoint.xml'],
      ['apim 4.1.0', '[apim.ws]\nport = 9098\n', but(APIM4, 'ws 9098 :2'), 'PA v4.1.0 WebSocketInboundEndpoint.xml.j2'],
      ['apim 4.5.0', 'apim.ws.enable = false\n', APIM4, 'PA v4.5.0 WebSocketInboundEndpoint.xml.j2'],
      ['apim 4.6.0', 'apim.ws.enable = false\n', but(APIM4, '-ws'), 'PA v4.6.0 WebSocketInboundEndpoint.xml.j2'],
      ['gateway 4.6.0', 'apim.wss.enable = "false"\n', but(APIM4, '-wss'), 'PA v4.6.0 SecureWebSocketEP.xml.j2'],
      [
        'gateway 4.7.0',
        'apim.webhooks.https.enable = false\n',
        but(APIM4, '-websub-https'),
        'PA v4.6.0 SecureWebhookServer.xml.j2',
      ],
      ['apim 4.6.0', 'transport.http.enable = false\n', APIM4, 'PA v4.6.0 catalina-server.xml.j2'],
      [
        'apim 4.7.0',
        'transport.http.enable = false\n',
        but(APIM4, '-servlet-http'),
        'PA v4.7.0 catalina-server.xml.j2',
      ],
      [
        'control-plane 4.7.0',
        'transport.http.enable = false\n',
        but(WITHOUT_GATEWAY, '-servlet-http'),
        'PA v4.7.0 catalina-server.xml.j2',
      ],
      ['traffic-manager 4.5.0', '[transport.http.listener]\nport = 8281\n', WITHOUT_GATEWAY, 'PA axis2.xml.j2'],
      ['is 5.10.0', 'transport.http.enabled = false\n', IS5, 'IS v5.10.0 catalina-server.xml.j2'],
      ['is 5.11.0', 'transport.http.enabled = false\n', but(IS5, '-servlet-http'), 'IS v5.11.0 catalina-server.xml.j2'],
      ['is 5.10.0', 'embedded_ldap.enable = false\n', IS5, 'IS v5.10.0 embedded-ldap.xml.j2'],
      ['is 5.11.0', 'embedded_ldap.enable = false\n', but(IS5, '-ldap'), 'IS v5.11.0 embedded-ldap.xml.j2'],
      ['is 7.1.0', 'transport.https.properties.port = 9444\n', but(IS, 'servlet-https! 9444 :1'), 'CK default.json'],
      ['is 7.1.0', 'monitoring.jmx.rmi_server_start = true\n', [...IS, ...JMX], 'IS default.json'],
    ] as const
  ).map(([of, toml, ports, from]) =>
    as(toml.replaceAll('\n', ' '), from, {
      of,
      files: { 'repository/conf/deployment.toml': toml },
      ports,
    }),
  ),
];

const switches: readonly Row[] = [
  ...['false', '"false"', '"FALSE"', '0', '""'].map((value) =>
    as(`JMX is off by ${value}`, 'CK jmx.xml.j2', {
      of: 'apim 4.7.0',
      toml: `[monitoring.jmx]\nrmi_server_start = ${value}\n`,
      ports: but(APIM4, '-jmx-registry', '-jmx-server'),
    }),
  ),
  as('no broker', 'AND broker.xml.j2', {
    of: 'apim 4.7.0',
    toml: 'broker.transport.amqp.enabled = false\n',
    ports: but(APIM4, '-amqp', '-amqp-ssl'),
  }),
  as('a broker with TLS alone', 'AND Broker', {
    of: 'apim 4.7.0',
    toml: 'broker.transport.amqp.default_connection.enabled = false\n',
    ports: but(APIM4, '-amqp'),
  }),
  as('a broker without TLS', 'AND Broker', {
    of: 'apim 4.7.0',
    toml: 'broker.transport.amqp.ssl_connection.enabled = false\n',
    ports: but(APIM4, '-amqp-ssl'),
  }),
  as('a broker with both connections off, which opens the plain one', 'AND Broker', {
    of: 'apim 4.7.0',
    toml: '[broker.transport.amqp]\ndefault_connection.enabled = false\nssl_connection.enabled = false\n',
    ports: but(APIM4, '-amqp-ssl'),
  }),
  as('MQTT, which no key switches on', 'PA broker.xml.j2', {
    of: 'apim 4.7.0',
    toml: '[broker.transport.mqtt]\nenabled = true\nssl_connection.port = 8884\n',
    ports: APIM4,
  }),
  as('a cluster, whose port no offset moves and the server itself does', 'CK HazelcastClusteringAgent', {
    of: 'apim 4.7.0',
    toml: '[clustering]\nmembership_scheme = "wka"\n',
    ports: but(APIM4, 'clustering.local_member_port ~4000'),
  }),
  as('a cluster with a port of its own', 'CK axis2.xml.j2', {
    of: 'is 7.1.0',
    toml: '[clustering]\nmembership_scheme = "kubernetes"\nlocal_member_port = "4100"\n',
    ports: but(IS, 'clustering.local_member_port ~4100 :3'),
  }),
  as('a cluster on any free port', 'CK HazelcastClusteringAgent', {
    of: 'is 7.1.0',
    toml: '[clustering]\nmembership_scheme = "wka"\nlocal_member_port = 0\n',
    ports: but(IS, 'clustering.local_member_port ~0 :3'),
  }),
  as("Synapse's own JMX, on the first free port from 1099 on", 'SYN JmxAdapter', {
    of: 'mi 4.4.0',
    toml: `[synapse_properties]\n'synapse.jmx.jndiPort' = 0\n`,
    ports: but(MI, 'synapse.jmx.jndiPort ~1099 :2'),
  }),
  as("Synapse's own JMX, on ports of its user's", 'SYN JmxAdapter', {
    of: 'apim 4.2.0',
    toml: `[synapse_properties]\n'synapse.jmx.jndiPort' = "1100"\n'synapse.jmx.rmiPort' = 1101\n`,
    ports: but(APIM4, 'synapse.jmx.jndiPort =1100 :2', 'synapse.jmx.rmiPort =1101 :3'),
  }),
  as("Synapse's own JMX, switched off", 'SYN Axis2SynapseController.startJmxAdapter', {
    of: 'mi 4.4.0',
    toml: `[synapse_properties]\n'synapse.jmx.jndiPort' = -1\n'synapse.jmx.rmiPort' = 1101\n`,
    ports: MI,
  }),
  as("a port of Synapse's JMX server without its registry", 'SYN Axis2SynapseController.startJmxAdapter', {
    of: 'mi 4.4.0',
    toml: `[synapse_properties]\n'synapse.jmx.rmiPort' = 1101\n`,
    ports: MI,
  }),
  as('a cluster of whatever kind', 'CK axis2.xml.j2: it is defined', {
    of: 'is 7.1.0',
    toml: '[clustering]\nmembership_scheme = false\n',
    ports: but(IS, 'clustering.local_member_port ~4000'),
  }),
  as('connectors that are off, one by a text that says true', 'IS v7.1.0 catalina-server.xml.j2 lines 43 and 56', {
    of: 'is 7.1.0',
    toml: '[transport.http]\nenabled = "true"\n[transport.https]\nenabled = false\n',
    ports: but(IS, '-servlet-http', '-servlet-https'),
  }),
  as('a connector whose text comes from the environment', 'IS v5.11.0 catalina-server.xml.j2', {
    of: 'is 5.11.0',
    toml: '[transport.http]\nenabled = "$env{ON}"\n[transport.https]\nenabled = true\n',
    env: { ON: 'true' },
    ports: but(IS5, '-servlet-http'),
  }),
  as('a cluster port without a cluster', 'CK axis2.xml.j2', {
    of: 'is 7.1.0',
    toml: '[clustering]\nlocal_member_port = 4100\n',
    ports: IS,
  }),
  as('no passthrough listeners', 'PA axis2.xml.j2', {
    of: 'apim 4.7.0',
    toml: 'transport.passthru_http.listener.enable = false\ntransport.passthru_https.listener.enable = false\n',
    ports: but(APIM4, '-gateway-http', '-gateway-https'),
  }),
  as('no listener but the internal ones', 'MI axis2.xml.j2', {
    of: 'mi 4.4.0',
    toml: '[transport.http.listener]\nenable = false\nsecured_enable = false\n',
    ports: but(MI, '-http', '-https'),
  }),
  as('no internal API', 'MI ConfigurationLoader', {
    of: 'mi 4.4.0',
    toml: '[mediation]\ninternal_http_api_enable = false\n',
    ports: but(MI, '-management', '-internal'),
  }),
  as('a listener that is off may have nonsense for a port', 'CK jmx.xml.j2', {
    of: 'is 7.1.0',
    toml: '[monitoring.jmx]\nrmi_server_port = "none"\n',
    ports: IS,
  }),
];

const inference: readonly Row[] = [
  as('no traffic management', 'PA infer.json line 135', {
    of: 'gateway 4.7.0',
    toml: '[server]\nenable_traffic_management = false\n',
    ports: but(APIM4, '-amqp', '-amqp-ssl', '-binary', '-binary-ssl'),
  }),
  as('no traffic management, as text', 'CM ValueInferrer compares text', {
    of: 'control-plane 4.7.0',
    toml: '[server]\nenable_traffic_management = "false"\n',
    ports: but(WITHOUT_GATEWAY, '-amqp', '-amqp-ssl', '-binary', '-binary-ssl'),
  }),
  as('what the user sets beats what is inferred', 'CM ValueInferrer', {
    of: 'apim 4.7.0',
    toml: '[broker.transport.amqp]\nenabled = true\n[server]\nenable_traffic_management = false\n',
    ports: but(APIM4, '-binary', '-binary-ssl'),
  }),
  as('the thrift receiver, which opens nothing', 'PA infer.json line 102, CAC data-bridge-config.xml.j2', {
    of: 'apim 4.7.0',
    toml: '[transport.receiver]\ntype = "thrift"\n',
    ports: but(APIM4, '-binary', '-binary-ssl'),
  }),
  as('high availability', 'PA v4.1.0 infer.json, CAC v5.2.41 HAConfiguration', {
    of: 'apim 4.1.0',
    toml: '[server]\nmode = "ha"\n[apim.throttling.event_sync]\nport = 11225\n',
    ports: but(APIM4, 'apim.throttling.event_sync.port 11225 :4'),
  }),
  as('high availability in a cluster', 'CAC v5.2.41 CarbonEventManagementService.init', {
    of: 'apim 4.0.0',
    toml: '[server]\nmode = "ha"\n[clustering]\nmembership_scheme = "wka"\n',
    ports: but(
      APIM4,
      'apim.throttling.event_sync.port 11224',
      'apim.throttling.event_management.port 10005',
      'clustering.local_member_port ~4000',
    ),
  }),
  as('high availability, which starts nothing any more', 'CAC v5.3.5, without HAManager', {
    of: 'apim 4.2.0',
    toml: '[server]\nmode = "ha"\n',
    ports: APIM4,
  }),
  as('receivers that a system property switches off', 'CAC v5.4.9 BinaryDataReceiverServiceComponent', {
    of: 'apim 4.7.0',
    toml: "[system.parameter]\n'disable.receiver' = true\n",
    ports: but(APIM4, '-binary', '-binary-ssl'),
  }),
  as('switches that Java reads, for which yes is no', 'AND AndesConfigurationManager, CAC, CK JMXServerManager', {
    of: 'apim 4.7.0',
    toml: '[broker.transport.amqp]\nenabled = "yes"\n[transport.binary.receiver]\nenable = 1\n[monitoring.jmx]\nrmi_server_start = "on"\n',
    ports: but(APIM4, '-amqp', '-amqp-ssl', '-binary', '-binary-ssl', '-jmx-registry', '-jmx-server'),
  }),
  as('a switch that a template reads, for which the text 0 is yes', 'PA axis2.xml.j2, Jinjava ObjectTruthValue', {
    of: 'apim 4.7.0',
    toml: '[transport.passthru_http]\nlistener.enable = "0"\n[transport.passthru_https]\nlistener.enable = 0\n',
    ports: but(APIM4, '-gateway-https'),
  }),
  as('the management API by HTTP alone', 'MI v4.4.0 internal-apis.xml.j2, HTTPEndpointManager line 73', {
    of: 'mi 4.4.0',
    toml: '[management_api]\nprotocols = "http"\n',
    ports: but(MI, '-management'),
  }),
  as('everything by HTTPS alone', 'MI v4.4.0 internal-apis.xml.j2, EndpointListenerLoader line 109', {
    of: 'mi 4.4.0',
    toml: '[management_api]\nprotocols = "https"\n[readiness_probe]\nprotocols = "https"\n[liveness_probe]\nprotocols = "https"\n',
    ports: but(MI, '-internal'),
  }),
  as('the management API by HTTPS alone, beside a probe', 'MI v4.1.0 internal-apis.xml.j2', {
    of: 'mi 4.1.0',
    toml: '[management_api]\nprotocols = "https"\n',
    ports: MI,
  }),
  as('a probe whose protocol no key reaches', 'MI v4.0.0 internal-apis.xml.j2 line 57', {
    of: 'mi 4.0.0',
    toml: '[management_api]\nprotocols = "https"\n[readiness_probe]\nprotocols = "https"\n',
    ports: MI,
  }),
  as('the management API switched off', 'MI v4.4.0 ConfigurationLoader line 128', {
    of: 'mi 4.4.0',
    args: ['-DenableManagementApi=false'],
    ports: but(MI, '-management'),
  }),
  as('Prometheus by HTTPS, in place of the management API', 'MI v4.4.0 ConfigurationLoader line 128', {
    of: 'mi 4.4.0',
    toml: '[prometheus_api]\nprotocols = "http https"\n',
    args: ['-DenableManagementApi=false', '-DenablePrometheusApi=true'],
    ports: MI,
  }),
  as('a single node', 'PA infer.json line 93', {
    of: 'apim 4.7.0',
    toml: '[server]\nmode = "single"\n',
    ports: APIM4,
  }),
  as('a pattern hands its words on', 'CM ValueInferrer.replaceReferences', {
    of: 'apim 4.7.0',
    rules: {
      infer: {
        'connector.$1.kind': { far: { 'transport.$1.properties.port': '$ref{connector.$1.port}' } },
      },
    },
    toml: '[connector.http]\nkind = "far"\nport = 9080\n[connector.https]\nkind = "near"\nport = 9081\n',
    ports: but(APIM4, 'servlet-http 9080 :2'),
  }),
  as('a pattern stands for one word', 'CM ValueInferrer.getMatchedKey', {
    of: 'apim 4.7.0',
    rules: { infer: { 'connector.$1.kind': { far: { 'transport.http.properties.port': 9080 } } } },
    toml: '[connector.a.b]\nkind = "far"\n[connector.c-d]\nkind = "far"\n',
    ports: APIM4,
  }),
  as('a rule of the very name goes before a pattern', 'CM ValueInferrer.getMatchedKey', {
    of: 'apim 4.7.0',
    rules: {
      infer: {
        'connector.$1.kind': { far: { 'transport.http.properties.port': 9080 } },
        'connector.http.kind': { far: { 'transport.http.properties.port': 9081 } },
      },
    },
    toml: '[connector.http]\nkind = "far"\n',
    ports: but(APIM4, 'servlet-http 9081 :2'),
  }),
  as('a chain goes on over text', 'CM ValueInferrer.getRecursiveInferredValues', {
    of: 'apim 4.7.0',
    rules: {
      infer: {
        size: { small: { 'size.web': 'one' } },
        'size.web': { one: { 'size.http': 'less' } },
        'size.http': { less: { 'transport.http.properties.port': '9080' } },
      },
    },
    toml: 'other = 1\nsize = "small"\n',
    ports: but(APIM4, 'servlet-http 9080 :2'),
  }),
  as('a chain ends at a truth value', 'CM ValueInferrer.getRecursiveInferredValues', {
    of: 'apim 4.7.0',
    rules: {
      infer: {
        size: { small: { 'size.web': true } },
        'size.web': { true: { 'transport.http.properties.port': '9080' } },
      },
    },
    toml: 'size = "small"\n',
    ports: APIM4,
  }),
  as('in a chain the first link holds over the others, and those over the ones before', 'CM ValueInferrer', {
    of: 'apim 4.7.0',
    rules: {
      infer: {
        size: { small: { 'size.web': 'one', 'transport.https.properties.port': 1001 } },
        'size.web': {
          one: { 'size.http': 'less', 'transport.https.properties.port': 1002, 'transport.http.properties.port': 1002 },
        },
        'size.http': { less: { 'transport.http.properties.port': 1003 } },
      },
    },
    toml: 'size = "small"\n',
    ports: but(APIM4, 'servlet-https! 1001 :1', 'servlet-http 1003 :1'),
  }),
  as('a chain that bites its tail ends', 'CM ValueInferrer', {
    of: 'apim 4.7.0',
    rules: { infer: { a: { x: { b: 'y' } }, b: { y: { a: 'x', 'apim.ws.port': 9098 } } } },
    toml: 'a = "x"\n',
    ports: but(APIM4, 'ws 9098 :1'),
  }),
];

const references: readonly Row[] = [
  as('a variable', 'CM ReferenceResolver', {
    of: 'apim 4.7.0',
    toml: '[transport.http.listener]\nport = "$env{GATEWAY}"\n',
    env: { GATEWAY: '8290' },
    ports: but(APIM4, 'gateway-http! 8290 :2'),
  }),
  as('variables inside a longer text', 'CM ReferenceResolver', {
    of: 'mi 4.4.0',
    toml: '[transport.http.listener]\nport = "8$env{TENS}$env{ONES}"\n',
    env: { TENS: '29', ONES: '1' },
    ports: but(MI, 'http! 8291 :2'),
  }),
  as('a variable from a file that the script reads, before the environment', 'MI micro-integrator.sh', {
    of: 'mi 4.4.0',
    toml: '[transport.http.listener]\nport = "$env{PLAIN}"\nsecured_port = "$env{TLS}"\n',
    files: { 'conf/my.env': '# ports\nPLAIN="8290"\nOTHER=1\n' },
    args: ['--env-file=conf/my.env'],
    env: { PLAIN: '1', TLS: '8253' },
    ports: but(MI, 'http! 8290 :2', 'https! 8253 :3'),
  }),
  as('an argument', 'CK Main.processCmdLineArgs', {
    of: 'apim 4.7.0',
    toml: '[transport.https.properties]\nport = "$sys{console}"\n',
    args: ['-Dconsole=9500', '-Dconsole=9501'],
    env: { JAVA_OPTS: '-Dconsole=1' },
    ports: but(APIM4, 'servlet-https! 9501 :2'),
  }),
  as('an option in JAVA_OPTS', 'PA api-manager.sh', {
    of: 'apim 4.7.0',
    toml: '[transport.https.properties]\nport = "9$sys{hundreds}01"\n',
    env: { JAVA_OPTS: '-Xss1m  -Dhundreds=5' },
    ports: but(APIM4, 'servlet-https! 9501 :2'),
  }),
  as('a property of carbon.properties where that is read first', 'CK v4.6.0 Bootstrap', {
    of: 'apim 3.2.0',
    toml: '[transport.https.properties]\nport = "$sys{console}"\n',
    files: { 'repository/conf/carbon.properties': 'console=9500\n' },
    ports: but(APIM3, 'servlet-https! 9500 :2'),
  }),
  as('another key', 'CM ReferenceResolver', {
    of: 'apim 4.7.0',
    toml: '[web]\nplain = 9080\nsecure = "9081"\n[transport]\nhttp.properties.port = "$ref{web.plain}"\nhttps.properties.port = "$ref{web.secure}"\n',
    ports: but(APIM4, 'servlet-http 9080 :5', 'servlet-https! 9081 :6'),
  }),
  as('a chain of keys, in part of a text, to a variable', 'CM ReferenceResolver', {
    of: 'apim 4.7.0',
    toml: 'transport.http.properties.port = "90$ref{web.tens}$ref{web.ones}"\n[web]\ntens = "$ref{web.of}"\nof = "$env{TENS}"\nones = 1\n',
    env: { TENS: '8' },
    ports: but(APIM4, 'servlet-http 9081 :1'),
  }),
  as('a key by its mapped name', 'CM KeyMapper, before ReferenceResolver', {
    of: 'apim 4.7.0',
    toml: '[transport.http]\nlistener.port = 829\nproperties.port = "$ref{transport.passthru_http.listener.parameters.port}1"\n',
    ports: but(APIM4, 'gateway-http! 829 :2', 'servlet-http 8291 :3'),
  }),
  as('a key that default.json sets', 'CM DefaultParser, before ReferenceResolver', {
    of: 'apim 4.7.0',
    rules: { default: { 'transport.https.properties.port': '9443', 'web.port': '9080' } },
    toml: '[transport.http.properties]\nport = "$ref{web.port}"\n',
    ports: but(APIM4, 'servlet-http 9080 :2'),
  }),
  as('a key, from default.json', 'CM ReferenceResolver', {
    of: 'apim 4.7.0',
    rules: { default: { 'transport.http.properties.port': '$ref{web.port}' } },
    toml: '[web]\nport = 9080\n',
    ports: but(APIM4, 'servlet-http 9080 :2'),
  }),
  as('a truth value takes the place of the text', 'CM ReferenceResolver.resolvePropertyPlaceholders', {
    of: 'apim 4.7.0',
    toml: '[monitoring.jmx]\nrmi_server_start = "$ref{web.on}"\n[web]\non = false\n',
    ports: but(APIM4, '-jmx-registry', '-jmx-server'),
  }),
  as('the home', 'PA api-manager.sh', {
    of: 'apim 4.7.0',
    toml: 'key = "$env{CARBON_HOME}"\n',
    env: { CARBON_HOME: '/other' },
    ports: APIM4,
  }),
  as('what only the script, the JVM or the launch sets', 'PA api-manager.sh; CK Main', {
    of: 'apim 4.7.0',
    toml: '[server]\nhome = "$sys{carbon.home}/$sys{user.dir}/$env{JAVA_HOME}"\noffset = "$sys{portOffset}"\n',
    files: { 'bin/api-manager.sh': '#!/bin/sh\n$JAVACMD -Dcarbon.home="$CARBON_HOME" $*\n' },
    isOffsetPassed: true,
    ports: APIM4,
  }),
];

const rules: readonly Row[] = [
  as('default.json moves bases and closes listeners', 'CM DefaultParser', {
    of: 'apim 4.7.0',
    rules: {
      default: {
        'transport.https.properties.port': '9444',
        'transport.passthru_http.listener.enable': false,
        'monitoring.jmx.rmi_server_start': 'false',
      },
    },
    ports: but(APIM4, 'servlet-https! 9444', '-gateway-http', '-jmx-registry', '-jmx-server'),
  }),
  as('the user beats default.json', 'CM DefaultParser', {
    of: 'apim 4.7.0',
    rules: { default: { 'transport.https.properties.port': '9444' } },
    toml: 'transport.https.properties.port = 9445\n',
    ports: but(APIM4, 'servlet-https! 9445 :1'),
  }),
  as('with a default.json alone, keys are still mapped and inferred', 'PA key-mappings.json, infer.json', {
    of: 'apim 4.7.0',
    rules: { default: { 'apim.ws.port': '9098' } },
    toml: '[transport.http.listener]\nport = 8281\n[transport.receiver]\ntype = "thrift"\n',
    ports: but(APIM4, 'ws 9098', 'gateway-http! 8281 :2', '-binary', '-binary-ssl'),
  }),
  as('with a key-mappings.json alone, its names hold and no others', 'CM KeyMapper', {
    of: 'apim 4.7.0',
    rules: { 'key-mappings': { 'gw.port': 'transport.passthru_http.listener.parameters.port' } },
    toml: '[gw]\nport = 8281\n[transport.http.listener]\nsecured_port = 8244\n[transport.receiver]\ntype = "thrift"\n',
    ports: but(APIM4, 'gateway-http! 8281 :2', '-binary', '-binary-ssl'),
  }),
  as('with an infer.json alone, keys are still mapped', 'CM ValueInferrer', {
    of: 'apim 4.7.0',
    rules: { infer: { 'server.mode': { small: { 'monitoring.jmx.rmi_server_start': false } } } },
    toml: '[server]\nmode = "small"\n[transport.receiver]\ntype = "thrift"\ntcp_port = 9610\n',
    ports: but(APIM4, '-jmx-registry', '-jmx-server', 'binary 9610 :5'),
  }),
  as('a mapping may name several keys', 'CM KeyMapper', {
    of: 'apim 4.7.0',
    rules: { 'key-mappings': { 'web.on': ['transport.http.enable', 'monitoring.jmx.rmi_server_start'] } },
    toml: '[web]\non = false\n',
    ports: but(APIM4, '-servlet-http', '-jmx-registry', '-jmx-server'),
  }),
  as('a rule does not reach into a list of tables', 'CM KeyMapper', {
    of: 'apim 4.7.0',
    toml: '[[transport.http.listener]]\nport = 8281\n',
    ports: APIM4,
  }),
  as('any Carbon server by the rules of its home', 'CM DefaultParser', {
    of: 'server 1.0.0',
    rules: {
      'key-mappings': { 'transport.http.listener.port': 'transport.passthru_http.listener.parameters.port' },
      infer: {},
      default: { 'transport.passthru_http.listener.parameters.port': '8280', 'apim.wss.port': '8099' },
    },
    toml: '[transport.http.listener]\nport = 8281\n[server]\noffset = 3\n',
    offset: '3 :4',
    ports: but(SERVER, 'gateway-http 8281 :2', 'wss 8099'),
  }),
];

const twoNames = (lines: string, names: string, value: string): string =>
  `deployment.toml, lines ${lines}: ${names} are two names of one setting with different values. The server takes that of line ${lines.split(' and ')[1]} (${value}), whichever comes first; keep only one of them.`;

const SIX_KEYS = `[server]
hostname = "localhost"
node_ip = "127.0.0.1"
[super_admin]
username = "admin"
password = "admin"
[transport.http.listener]
port = 8281
[transport.passthru_http.listener.parameters]
port = 8282
`;
const NAMES = ['transport.http.listener.port', 'transport.passthru_http.listener.parameters.port'] as const;

// Each as CM 1.1 itself decides, run on the same file: the one that its HashMap has last.
const contradictions: readonly Row[] = [
  as('the long name after the short one', 'CM KeyMapper', {
    of: 'apim 4.7.0',
    toml: '[transport.http.listener]\nport = 8281\n[transport.passthru_http.listener.parameters]\nport = "8282"\n',
    ports: but(APIM4, 'gateway-http! 8281 :2'),
    warnings: [
      twoNames('4 and 2', 'transport.passthru_http.listener.parameters.port and transport.http.listener.port', '8281'),
    ],
  }),
  as('the short name after the long one', 'CM KeyMapper', {
    of: 'apim 4.7.0',
    toml: '[transport.passthru_http.listener.parameters]\nport = 8282\n[transport.http.listener]\nport = 8281\n',
    ports: but(APIM4, 'gateway-http! 8281 :4'),
    warnings: [
      twoNames('2 and 4', 'transport.passthru_http.listener.parameters.port and transport.http.listener.port', '8281'),
    ],
  }),
  as('one name of several that are set at once', 'CM KeyMapper', {
    of: 'apim 4.7.0',
    toml: '[transport]\nreceiver.tcp_port = 9610\nbinary.receiver.tcpPort = 9609\n',
    ports: but(APIM4, 'binary 9609 :3'),
    warnings: [twoNames('2 and 3', 'transport.receiver.tcp_port and transport.binary.receiver.tcpPort', '9609')],
  }),
  as('both names with one value, once as text', 'CM KeyMapper', {
    of: 'mi 4.4.0',
    toml: '[transport.http.listener]\nport = 8281\nparameter.port = "8281"\n',
    ports: but(MI, 'http! 8281 :2'),
  }),
  as('a reference to nowhere that is overruled', 'CM KeyMapper', {
    of: 'mi 4.4.0',
    toml: '[transport.http.listener]\nport = "8281"\nparameter.port = "$env{NOWHERE}"\n',
    ports: but(MI, 'http! 8281 :2'),
    warnings: [
      twoNames('3 and 2', 'transport.http.listener.parameter.port and transport.http.listener.port', '"8281"'),
    ],
  }),
  as('six keys, before JDK 19', 'JDK 17 HashMap.putMapEntries', {
    of: 'apim 4.2.0',
    toml: SIX_KEYS,
    ports: but(APIM4, 'gateway-http! 8282 :10'),
    warnings: [twoNames('8 and 10', NAMES.join(' and '), '8282')],
  }),
  as('six keys, since JDK 19', 'JDK 25 HashMap.putMapEntries', {
    of: 'apim 4.7.0',
    toml: SIX_KEYS,
    ports: but(APIM4, 'gateway-http! 8281 :8'),
    warnings: [twoNames('10 and 8', NAMES.toReversed().join(' and '), '8281')],
  }),
  as('six keys, on either', 'JDK 17 and 25 HashMap.putMapEntries', {
    of: 'apim 4.5.0',
    toml: SIX_KEYS,
    ports: but(APIM4, 'gateway-http! 8281 :8'),
    warnings: [
      twoNames('10 and 8', NAMES.toReversed().join(' and '), '8281').replace(
        'comes first;',
        'comes first, but on a JDK before 19 the other;',
      ),
    ],
  }),
  as('a type that is said to open what no traffic management closes', 'CM ValueInferrer', {
    of: 'apim 4.7.0',
    rules: {
      infer: {
        'transport.receiver.type': { binary: { 'transport.binary.receiver.enable': true } },
        'server.enable_traffic_management': { false: { 'transport.binary.receiver.enable': false } },
      },
    },
    toml: '[transport.receiver]\ntype = "binary"\n[server]\nenable_traffic_management = false\n',
    ports: APIM4,
  }),
];

const files: readonly Row[] = [
  as('another file', 'CK Main.handleConfiguration, LauncherConstants', {
    of: 'apim 4.7.0',
    toml: 'transport.https.properties.port = 1\n',
    files: { 'my/other.toml': '\ntransport.https.properties.port = 9444\n[server]\noffset = 4\n' },
    args: ['-Ddeployment.config.file.path=HOME/my/other.toml'],
    offset: '4 other.toml:4',
    ports: but(APIM4, 'servlet-https! 9444 other.toml:2'),
  }),
  as('another file that JAVA_OPTS name', 'CK Main.handleConfiguration', {
    of: 'apim 4.7.0',
    files: { 'my/other.toml': '[server]\noffset = 4\n' },
    env: { JAVA_OPTS: '-Ddeployment.config.file.path=my/other.toml' },
    offset: '4 other.toml:2',
    ports: APIM4,
  }),
  as('no file', 'CK Main.handleConfiguration warns only', {
    of: 'apim 4.7.0',
    files: { 'repository/conf/deployment.toml': null },
    ports: APIM4,
    warnings: [
      'HOME/repository/conf/deployment.toml is missing: the server starts with what was rendered from it before, whose ports and offset are read here.',
    ],
  }),
  as('no file, where a start has rendered one before', 'CM ConfigParser.parse renders nothing; kernel 4.10.32', {
    of: 'apim 4.7.0',
    files: {
      'repository/conf/deployment.toml': null,
      'repository/conf/carbon.xml': carbonXml('5'),
      'repository/conf/carbon.properties': 'tomcat.http.port=9600\n',
      'repository/resources/conf/templates/repository/conf/carbon.properties.j2': '{{ system.parameter }}\n',
      'repository/resources/conf/templates/repository/conf/carbon.xml.j2': '<Server/>',
    },
    offset: '5 carbon.xml:4',
    ports: but(APIM4, 'servlet-http =9600 carbon.properties:1'),
    warnings: [
      'HOME/repository/conf/deployment.toml is missing: the server starts with what was rendered from it before, whose ports and offset are read here.',
    ],
  }),
  as('no file, and ports that a start has rendered', 'CM ConfigParser.parse renders nothing', {
    of: 'is 7.1.0',
    files: {
      'repository/conf/deployment.toml': null,
      'repository/conf/carbon.xml': carbonXml('0'),
      'repository/conf/tomcat/catalina-server.xml':
        '<Server>\n<Service><Connector port="9444" scheme="https"/></Service></Server>',
      'repository/resources/conf/templates/repository/conf/carbon.xml.j2': '<Server/>',
    },
    offset: '0 carbon.xml:4',
    ports: but(IS, 'servlet-https! 9444 catalina-server.xml:2', '-servlet-http'),
    warnings: [
      'HOME/repository/conf/deployment.toml is missing: the server starts with what was rendered from it before, whose ports and offset are read here.',
    ],
  }),
  as('no file, nor any that was rendered from it', 'CM ConfigParser.parse', {
    of: 'mi 4.4.0',
    files: {
      'conf/deployment.toml': null,
      'repository/resources/conf/templates/conf/axis2/axis2.xml.j2': '<axisconfig/>',
    },
    ports: MI,
    warnings: [
      'HOME/conf/deployment.toml is missing, and nothing was ever rendered from it: the server does not start.',
    ],
  }),
  as('no file, where the kernel ships all that it needs', 'kernel 4.8.1, which starts', {
    of: 'server 1.0.0',
    files: {
      'bin/wso2carbon-version.txt': 'WSO2 Carbon Framework v4.8.1\n',
      'repository/conf/deployment.toml': null,
      'repository/conf/carbon.xml': carbonXml('2'),
      'repository/resources/conf/templates/repository/conf/hazelcast.properties.j2': '#',
    },
    offset: '2 carbon.xml:4',
    ports: SERVER,
    warnings: [
      'HOME/repository/conf/deployment.toml is missing: the server starts with the files that it was unpacked with, whose ports and offset are read here.',
    ],
  }),
  as('no file in a server that has none', 'CK v4.4.35', {
    of: 'server 1.0.0',
    files: { 'repository/conf/deployment.toml': null, 'repository/conf/carbon.xml': carbonXml('2') },
    offset: '2 carbon.xml:4',
    ports: SERVER,
  }),
  as('an offset in carbon.xml', 'CK v4.4.35 CarbonBaseActivator', {
    of: 'apim 2.6.0',
    files: { 'repository/conf/carbon.xml': carbonXml(' 5 ') },
    offset: '5 carbon.xml:4',
    ports: APIM26,
  }),
  as('a deployment.toml that lies there says nothing', 'PA v2.6.0, which knows no such file', {
    of: 'apim 2.6.0',
    files: {
      'repository/conf/carbon.xml': carbonXml('5'),
      'repository/conf/deployment.toml': '[server]\noffset = 9\n[transport.http.listener]\nport = 8281\n',
    },
    offset: '5 carbon.xml:4',
    ports: APIM26,
  }),
  as('a carbon.xml without an offset, whatever lies deeper', 'CK v4.4.35 CarbonBaseActivator', {
    of: 'apim 2.6.0',
    files: {
      'repository/conf/carbon.xml': '<Server><Ports><JMX><Offset>3</Offset></JMX></Ports><Offset>4</Offset></Server>',
    },
    ports: APIM26,
  }),
  as('an offset in carbon.xml, where there is nothing else', 'CK CarbonBaseActivator', {
    of: 'server 1.0.0',
    files: { 'repository/conf/deployment.toml': null, 'repository/conf/carbon.xml': carbonXml('5') },
    offset: '5 carbon.xml:4',
    ports: SERVER,
  }),
  as('an offset in a carbon.xml beside rules that know no such name', 'CK CarbonBaseActivator', {
    of: 'server 1.0.0',
    rules: { 'key-mappings': {}, default: { 'transport.https.properties.port': '9444' } },
    files: { 'repository/conf/deployment.toml': null, 'repository/conf/carbon.xml': carbonXml('5') },
    offset: '5 carbon.xml:4',
    ports: but(SERVER, 'servlet-https! 9444'),
  }),
];

const TEMPLATES = 'repository/resources/conf/templates';
const CATALINA = `${TEMPLATES}/repository/conf/tomcat/catalina-server.xml.j2`;
const CONNECTORS = {
  default: {
    'transport.http.properties.port': 9763,
    'transport.http.properties.scheme': 'http',
    'transport.https.properties.port': 9443,
    'transport.https.properties.scheme': 'https',
    'transport.passthru_http.listener.parameters.port': 8280,
    'transport.passthru_https.listener.parameters.port': 8243,
    'transport.passthru_http.listener.enable': true,
    'transport.passthru_https.listener.enable': true,
  },
};
const connector = (name: string): string =>
  `<Connector protocol="x"\n{% for key,value in ${name}.properties.items() %}\n  {{key}}="{{value}}"\n{% endfor %}\n/>\n`;
const [HTTP, HTTPS] = [connector('transport.http'), connector('transport.https')];
const catalina = (...parts: readonly string[]): Record<string, string> => ({
  [CATALINA]: `<?xml version='1.0'?>\n<Server>\n<Service>\n${parts.join('')}</Service>\n</Server>\n`,
});
const receiver = (
  name: string,
  port: string,
  className = 'org.apache.synapse.transport.passthru.PassThroughHttpListener',
): string =>
  `<transportReceiver name="${name}" class="${className}">\n<parameter name="port">${port}</parameter>\n</transportReceiver>\n`;
const PASSTHRU = (name: string): string => `{{transport.passthru_${name}.listener.parameters.port}}`;
const axis2 = (folder: string, ...parts: readonly string[]): Record<string, string> => ({
  [`${TEMPLATES}/${folder}/axis2/axis2.xml.j2`]: `<axisconfig name="x">\n${parts.join('')}</axisconfig>\n`,
});

const templates: readonly Row[] = [
  ...(
    [
      ['as it is shipped', catalina(HTTP, HTTPS), {}],
      [
        'with a further connector',
        catalina('<Connector port="9800" scheme="http"/>\n', HTTP, HTTPS),
        { ports: [...IS, 'servlet-http-9800 9800 catalina-server.xml.j2:4'] },
      ],
      [
        'with a further one that speaks AJP',
        catalina('<Connector protocol="AJP/1.3" port="8009"/>\n', HTTP, HTTPS),
        { ports: [...IS, 'servlet-ajp 8009 catalina-server.xml.j2:4'] },
      ],
      ['without HTTP', catalina(HTTPS), { ports: but(IS, '-servlet-http') }],
      [
        'with HTTP commented out',
        catalina(`<!-- ${HTTP} -->`, `{# ${HTTP} #}`, HTTPS),
        { ports: but(IS, '-servlet-http') },
      ],
      [
        'with HTTP behind a switch',
        catalina('{% if my.http %}\n', HTTP, '{% endif %}\n', HTTPS),
        { ports: but(IS, '-servlet-http') },
      ],
      [
        'with that switch on',
        catalina('{% if my.http %}\n', HTTP, '{% endif %}\n', HTTPS),
        { toml: '[my]\nhttp = true\n' },
      ],
      [
        'with HTTP at a number of its own',
        catalina('\n<Connector port="9800"/>', HTTPS),
        { ports: but(IS, 'servlet-http 9800 catalina-server.xml.j2:5') },
      ],
      [
        'whose switch the product does not have in that version',
        catalina(HTTP, HTTPS),
        { toml: '[transport.http]\nenabled = false\n', ports: but(IS, 'servlet-http 9763 catalina-server.xml.j2:4') },
      ],
      [
        'with a number from the configuration',
        catalina(HTTP, HTTPS),
        { toml: '[transport.http.properties]\nport = 9764\n', ports: but(IS, 'servlet-http 9764 :2') },
      ],
      [
        'with a number from a property',
        catalina(HTTP, HTTPS),
        { args: ['-Dtomcat.http.port=9800'], ports: but(IS, 'servlet-http =9800 -Dtomcat.http.port') },
      ],
      [
        'that is no XML',
        catalina('{# a\n\n comment #}\n<Connector', HTTPS),
        {
          warnings: [
            expect.stringMatching(
              /^catalina-server\.xml\.j2, line 7, column \d+ is not well-formed XML.*as shipped\.$/,
            ),
          ],
        },
      ],
      [
        'that is beyond us',
        catalina('{% if a.b() %}\n', HTTP, '{% endif %}\n'),
        {
          warnings: [
            'catalina-server.xml.j2, line 4: {% if a.b() %} is more than is understood here. Its ports are taken to be those of the product as shipped.',
          ],
        },
      ],
      [
        'with a connector that has no number',
        catalina('<Connector/>\n', HTTP, HTTPS),
        {
          warnings: [
            'catalina-server.xml.j2, line 4: the port of the connector (servlet-http) has no number, so that nobody looks after its port.',
          ],
        },
      ],
      [
        'with connectors of names that anything may have',
        catalina('{% for one in custom_transport %}\n', connector('one'), '{% endfor %}\n', HTTP, HTTPS),
        {
          toml: '[custom_transport.my-own.properties]\nport = 9600\n[custom_transport."a b".properties]\nport = 9601\nscheme = "https"\n',
          ports: [
            ...IS,
            'custom_transport.my-own.properties.port 9600 :2',
            "custom_transport.'a b'.properties.port 9601 :4",
          ],
        },
      ],
    ] as const
  ).map(([what, files, more]) =>
    as(`a catalina-server.xml.j2 ${what}`, 'CK CarbonTomcat', {
      of: 'is 7.1.0',
      rules: CONNECTORS,
      files,
      ports: IS,
      ...more,
    } as Omit<Row, 'what' | 'from'>),
  ),
  as('an axis2.xml.j2 with a receiver moved, one removed and two added', 'SYN PassThroughHttpListener', {
    of: 'apim 4.7.0',
    rules: CONNECTORS,
    files: axis2(
      'repository/conf',
      receiver('http', '8290'),
      receiver('more', '8300'),
      receiver('tcp', '7000', 'org.x.Y'),
    ),
    ports: but(
      APIM4,
      '-gateway-https',
      'gateway-http! 8290 axis2.xml.j2:3',
      'more 8300 axis2.xml.j2:6',
      'tcp =7000 axis2.xml.j2:9',
    ),
  }),
  as('an axis2.xml.j2 as it is shipped', 'PA axis2.xml.j2', {
    of: 'apim 4.7.0',
    rules: CONNECTORS,
    files: axis2('repository/conf', receiver('http', PASSTHRU('http')), receiver('https', PASSTHRU('https'))),
    ports: APIM4,
  }),
  ...(
    [
      ["{{server.offset | default('0')}}", '3 :2'],
      ['5', '5 carbon.xml.j2:3'],
      ['{{my.offset}}', '7 carbon.xml.j2:3'],
    ] as const
  ).map(([written, offset]) =>
    as(`a carbon.xml.j2 with the offset ${written}`, 'CK carbon.xml.j2', {
      of: 'is 7.1.0',
      rules: CONNECTORS,
      toml: '[server]\noffset = 3\n[my]\noffset = 7\n',
      files: {
        [`${TEMPLATES}/repository/conf/carbon.xml.j2`]: `<Server>\n<!-- <Offset>1</Offset> -->\n<Ports><Offset>${written}</Offset></Ports>\n</Server>\n`,
      },
      offset,
      ports: IS,
    }),
  ),
];

const offsets: readonly Row[] = [
  ...[
    ['offset = 3', '3 :2'],
    ['hostname = "x"\noffset = "3"', '3 :3'],
    ['offset = "-5"', '-5 :2'],
    ['offset = "+3"', '3 :2'],
    ['offset = +3', '3 :2'],
    ['offset = 0x10', '16 :2'],
    ['offset = "007"', '7 :2'],
    ['offset = 0', '0 :2'],
    ['offset = "$env{OFFSET}"', '7 :2'],
    ['"offset" = 3', '3 :2'],
    ['# offset = 3', '10'],
    ['[server.more]\noffset = 3', '10'],
  ].map(([line, offset]) =>
    as(`[server] ${line}`.replace('\n', ' '), 'MI carbon.xml.j2 line 130', {
      of: 'mi 4.4.0',
      toml: `[server]\n${line}\n`,
      env: { OFFSET: '7' },
      offset: offset as string,
      ports: MI,
    }),
  ),
  as('an offset of default.json', 'CM DefaultParser', {
    of: 'apim 4.7.0',
    rules: { default: { 'server.offset': '3' } },
    offset: '3',
    ports: APIM4,
  }),
  as('portOffset in JAVA_OPTS beats the configuration', 'CK CarbonBaseActivator', {
    of: 'apim 4.7.0',
    toml: '[server]\noffset = 3\n',
    env: { JAVA_OPTS: '-DportOffset=4 -DportOffset=5' },
    offset: '5 JAVA_OPTS',
    ports: APIM4,
  }),
  as('JAVA_OPTS are left out with --debug', 'PA api-manager.sh, MI micro-integrator.sh', {
    of: 'apim 4.7.0',
    toml: '[server]\noffset = 3\n',
    args: ['--debug', '5005'],
    env: { JAVA_OPTS: '-DportOffset=4 -Dtomcat.https.port=9500' },
    offset: '3 :2',
    ports: but(APIM4, 'debug =5005 --debug'),
  }),
  as('portOffset in a carbon.properties that is read last', 'CK Main.addSystemProperties', {
    of: 'apim 4.0.0',
    files: { 'repository/conf/carbon.properties': '# one\nportOffset = 6\n' },
    env: { JAVA_OPTS: '-DportOffset=4' },
    offset: '6 carbon.properties:2, whatever is passed',
    ports: APIM4,
  }),
  as('portOffset in a carbon.properties that is read first', 'CK v4.6.0 Bootstrap', {
    of: 'apim 3.2.0',
    files: { 'repository/conf/carbon.properties': 'portOffset:6\n' },
    env: { JAVA_OPTS: '-DportOffset=4' },
    offset: '6 carbon.properties:1',
    ports: APIM3,
  }),
  ...(['4.5.1', '4.6.0'] as const).map((kernel) =>
    as(`portOffset in the carbon.properties of kernel ${kernel}`, 'CK Bootstrap, kernel 4.5.1', {
      of: 'server 1.0.0',
      files: {
        'bin/wso2carbon-version.txt': `WSO2 Carbon Framework v${kernel}\n`,
        'repository/conf/carbon.properties': 'portOffset=3\ntomcat.https.port=9555\n',
        'repository/resources/conf/templates/repository/conf/carbon.properties.j2': '{{ system.parameter }}\n',
      },
      env: { JAVA_OPTS: '-DportOffset=9' },
      offset: '3 carbon.properties:1',
      ports: but(SERVER, 'servlet-https! =9555 carbon.properties:2'),
    }),
  ),
  ...(['4.6.1', '4.10.32'] as const).map((kernel) =>
    as(`portOffset in a carbon.properties that kernel ${kernel} writes anew`, 'CK Main, kernels 4.6.3 and 4.10.32', {
      of: 'server 1.0.0',
      files: {
        'bin/wso2carbon-version.txt': `WSO2 Carbon Framework v${kernel}\n`,
        'repository/conf/carbon.properties': 'portOffset=3\ntomcat.https.port=9555\n',
        'repository/resources/conf/templates/repository/conf/carbon.properties.j2': '{{ system.parameter }}\n',
      },
      env: { JAVA_OPTS: '-DportOffset=9' },
      offset: '9 JAVA_OPTS',
      ports: SERVER,
    }),
  ),
  as('portOffset in the carbon.properties of kernel 4.6.0', 'IS v5.10.0 pom.xml, CK v4.6.0 Bootstrap', {
    of: 'is 5.10.0',
    files: { 'repository/conf/carbon.properties': 'portOffset=3\n' },
    offset: '3 carbon.properties:1',
    ports: IS5,
  }),
  as('portOffset in a carbon.properties that is read first', 'MI Bootstrap.addSystemProperties', {
    of: 'mi 4.4.0',
    files: { 'conf/carbon.properties': 'portOffset 6\n' },
    offset: '6 carbon.properties:1',
    ports: MI,
  }),
  as('portOffset among the system parameters', 'CK carbon.properties.j2', {
    of: 'apim 4.7.0',
    toml: "[system.parameter]\n'portOffset' = 6\n",
    offset: '6 :2, whatever is passed',
    ports: APIM4,
  }),
];

const properties: readonly Row[] = [
  as('absolute servlet ports', 'CK CarbonTomcat', {
    of: 'apim 4.7.0',
    toml: 'transport.https.properties.port = 9444\n',
    args: ['-Dtomcat.https.port=9500', '-Dtomcat.http.port=9800'],
    ports: but(APIM4, 'servlet-https! =9500 -Dtomcat.https.port', 'servlet-http =9800 -Dtomcat.http.port'),
  }),
  as('absolute servlet ports in JAVA_OPTS, one overruled', 'CK CarbonTomcat', {
    of: 'is 7.1.0',
    args: ['-Dtomcat.https.port=9501'],
    env: { JAVA_OPTS: '-Dtomcat.https.port=9500 -Dtomcat.http.port=9800' },
    ports: but(IS, 'servlet-https! =9501 -Dtomcat.https.port', 'servlet-http =9800 JAVA_OPTS'),
  }),
  ...(
    [
      ['-DportOffset=2', 'beats the configuration', { offset: '2 wso2server.sh:2', ports: IS }],
      ['$JAVA_OPTS -DportOffset=2', 'beats JAVA_OPTS before it', { offset: '2 wso2server.sh:2', ports: IS }],
      ['-DportOffset=2 $JAVA_OPTS', 'is beaten by JAVA_OPTS behind it', { offset: '9 JAVA_OPTS', ports: IS }],
      [
        '-Dtomcat.http.port=9800 -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005',
        'opens its ports',
        {
          offset: '1 :2',
          ports: but(IS, 'servlet-http =9800 wso2server.sh:2', 'debug =5005 wso2server.sh:2'),
        },
      ],
      [
        '-Dcom.sun.management.jmxremote.port=9010 -Dcom.sun.management.jmxremote.rmi.port=9011',
        'opens JMX',
        {
          offset: '1 :2',
          ports: [...IS, 'jmxremote =9010 wso2server.sh:2', 'jmxremote-rmi =9011 wso2server.sh:2'],
        },
      ],
      [
        '-DportOffset=$(cat offset)',
        'that only the shell knows is a warning',
        {
          offset: '1 :2',
          ports: IS,
          warnings: [
            'wso2server.sh, line 2: -DportOffset is set by what only the running script knows: it is not counted here.',
          ],
        },
      ],
    ] as const
  ).map(([options, what, more]) =>
    as(`the start script’s own ${options} ${what}`, 'CK wso2server.sh', {
      of: 'is 7.1.0',
      files: {
        'bin/wso2server.sh': `#!/bin/sh\nexec "$JAVA_HOME/bin/java" ${options} -Dcarbon.home="$CARBON_HOME" org.wso2.carbon.bootstrap.Bootstrap $*\n`,
      },
      toml: '[server]\noffset = 1\n',
      env: { JAVA_OPTS: '-DportOffset=9' },
      ...more,
    }),
  ),
  as('a variable that the start script exports', 'CK wso2server.sh', {
    of: 'is 7.1.0',
    files: { 'bin/wso2server.sh': '#!/bin/sh\nexport NODE_IP=127.0.0.1 HTTP=9800\nexport MORE=$(hostname)\n' },
    toml: '[server]\nnode_ip = "$env{NODE_IP}$env{MORE}"\n[transport.http.properties]\nport = "$env{HTTP}"\n',
    ports: but(IS, 'servlet-http 9800 :4'),
  }),
  as('an absolute port of a connector that is off', 'PA v4.7.0 catalina-server.xml.j2', {
    of: 'apim 4.7.0',
    toml: 'transport.http.enable = false\n',
    args: ['-Dtomcat.http.port=9800'],
    ports: but(APIM4, '-servlet-http'),
  }),
  as('carbon.properties after the arguments', 'CK Main.addSystemProperties', {
    of: 'apim 4.7.0',
    files: { 'repository/conf/carbon.properties': 'a=b\ntomcat.http.port=9600\n' },
    args: ['-Dtomcat.http.port=9700'],
    ports: but(APIM4, 'servlet-http =9600 carbon.properties:2'),
  }),
  as('carbon.properties before the arguments', 'CK v4.6.0 Bootstrap', {
    of: 'apim 3.2.0',
    files: { 'repository/conf/carbon.properties': 'tomcat.http.port=9600\ntomcat.https.port=9601' },
    args: ['-Dtomcat.http.port=9700'],
    ports: but(APIM3, 'servlet-http =9700 -Dtomcat.http.port', 'servlet-https! =9601 carbon.properties:2'),
  }),
  as('system parameters, after the arguments', 'CK carbon.properties.j2', {
    of: 'is 7.1.0',
    toml: '[system.parameter]\n"tomcat.http.port" = 9600\n',
    args: ['-Dtomcat.http.port=9700'],
    ports: but(IS, 'servlet-http =9600 :2'),
  }),
  as('system parameters, which the arguments of old kernels still beat', 'CK v4.6.0 Bootstrap', {
    of: 'apim 3.2.0',
    toml: '[system.parameter]\n"tomcat.http.port" = 9600\n',
    ports: APIM3,
  }),
  as('a carbon.properties that the start writes anew', 'CK carbon.properties.j2', {
    of: 'is 7.1.0',
    files: {
      'repository/conf/carbon.properties': 'tomcat.http.port=9600\n',
      'repository/resources/conf/templates/repository/conf/carbon.properties.j2': '{{ system.parameter }}\n',
    },
    toml: '[system.parameter]\n"tomcat.https.port" = "9$ref{web.tail}"\n[web]\ntail = 501\n',
    ports: but(IS, 'servlet-https! =9501 :2'),
  }),
  as('a profile requires little', 'PA, -Dprofile=', {
    of: 'apim 4.4.0',
    args: ['-Dprofile=gateway-worker'],
    ports: APIM4.map((port) => (port.startsWith('servlet-https') ? port : port.replace('!', ''))),
  }),
  as('a debugger', 'PA api-manager.sh', {
    of: 'apim 4.7.0',
    args: ['--debug', '5005'],
    ports: but(APIM4, 'debug =5005 --debug'),
  }),
  as('an OSGi console on a port', 'CK server.util.Utils.getArgs', {
    of: 'apim 4.7.0',
    args: ['-DosgiConsole=19444'],
    ports: but(APIM4, 'osgiConsole =19444 -DosgiConsole'),
  }),
  as('an OSGi console on standard input', 'CK server.util.Utils.getArgs', {
    of: 'mi 4.4.0',
    args: ['-DosgiConsole'],
    ports: MI,
  }),
  as("Synapse's debugger", 'MI ServiceBusInitializer, SYN SynapseDebugInterface', {
    of: 'mi 4.4.0',
    args: ['-Desb.debug=true'],
    ports: but(MI, 'synapse.debugger.port.command =9005', 'synapse.debugger.port.event =9006'),
  }),
  as("Synapse's debugger on other ports", 'MI key-mappings.json line 83', {
    of: 'mi 4.4.0',
    toml: '[mediation.synapse]\ncommand_debugger_port = 9105\n[synapse_properties]\n"synapse.debugger.port.event" = "9106"\n',
    args: ['-Desb.debug=true'],
    ports: but(MI, 'synapse.debugger.port.command =9105 :2', 'synapse.debugger.port.event =9106 :4'),
  }),
  as("Synapse's debugger off", 'MI ServiceBusInitializer', {
    of: 'mi 4.4.0',
    toml: '[mediation.synapse]\ncommand_debugger_port = 9105\n',
    args: ['-Desb.debug=false'],
    ports: MI,
  }),
  as("Synapse's debugger, which has ports only where they are set", 'MED ServiceBusInitializer', {
    of: 'apim 4.7.0',
    toml: '[synapse_properties]\n"synapse.debugger.port.command" = 9005\n',
    args: ['-Desb.debug=true'],
    ports: but(APIM4, 'synapse.debugger.port.command =9005 :2'),
  }),
  as('the unit test agent', 'SYN unittest TCPServer', {
    of: 'mi 4.4.0',
    args: ['-DsynapseTest'],
    ports: but(MI, 'synapseTestPort =9008'),
  }),
  as('the unit test agent on another port', 'SYN unittest TCPServer', {
    of: 'mi 4.4.0',
    args: ['-DsynapseTest=true', '-DsynapseTestPort=9108'],
    ports: but(MI, 'synapseTestPort =9108 -DsynapseTestPort'),
  }),
  as('the port of a unit test agent that is off', 'SYN unittest TCPServer', {
    of: 'mi 4.4.0',
    args: ['-DsynapseTestPort=9108'],
    ports: MI,
  }),
];

const endpoint = (name: string, text: string): Record<string, string> => ({ [`${INBOUND_FOLDER}/${name}`]: text });
const orders = endpoint('Orders.xml', inbound('Orders', 'http', { 'inbound.http.port': 8085 }));

const endpoints: readonly Row[] = [
  as('an HTTP endpoint stays where it is', 'MI InboundHttpListener line 51, default.json line 81', {
    of: 'mi 4.4.0',
    files: orders,
    ports: but(MI, 'Orders =8085 Orders.xml:3'),
  }),
  as('an HTTP endpoint moves with the offset where that is on', 'MI InboundHttpListener line 51', {
    of: 'mi 4.0.0',
    toml: '[mediation]\ninbound.port_offset_enable = true\n',
    files: orders,
    ports: but(MI, 'Orders 8085 Orders.xml:3'),
  }),
  as('an HTTPS endpoint as well', 'MI InboundHttpsListener line 44', {
    of: 'mi 4.4.0',
    toml: '[synapse_properties]\n"inbound.port.offset.enable" = "true"\n',
    files: endpoint('Orders.xml', inbound('Orders', 'https', { a: 'b', 'inbound.http.port': ' 8086 ' })),
    ports: but(MI, 'Orders 8086 Orders.xml:4'),
  }),
  as('an HTTP endpoint knows no offset before 4.0', 'MI v1.2.0 InboundHttpListener', {
    of: 'mi 1.2.0',
    toml: '[mediation]\ninbound.port_offset_enable = true\n',
    files: orders,
    ports: but(MI, 'Orders =8085 Orders.xml:3'),
  }),
  as('an HTTP endpoint moves with the offset', 'PA default.json line 174, MED InboundHttpListener', {
    of: 'apim 4.7.0',
    files: orders,
    ports: but(APIM4, 'Orders 8085 Orders.xml:3'),
  }),
  as('HTTP endpoints, the shipped ones among them, stay where that is off', 'MED InboundHttpListener', {
    of: 'apim 4.0.0',
    toml: '[synapse_properties]\n"inbound.port.offset.enable" = false\n',
    files: orders,
    ports: but(APIM4, 'Orders =8085 Orders.xml:3', 'websub-http =9021', 'websub-https =8021'),
  }),
  as('an HTTP endpoint knows no offset before 4.0', 'MED v4.7.61 InboundHttpListener', {
    of: 'apim 3.2.0',
    files: orders,
    ports: but(APIM3, 'Orders =8085 Orders.xml:3'),
  }),
  as('a WebSocket endpoint moves where it says so itself', 'MI InboundWebsocketListener line 69', {
    of: 'mi 4.4.0',
    files: {
      ...endpoint('A.xml', inbound('A', 'ws', { 'inbound.ws.port': 9091, 'ws.use.port.offset': 'true' })),
      ...endpoint('B.xml', inbound('B', 'wss', { 'inbound.ws.port': 9092, 'ws.use.port.offset': 'false' })),
      ...endpoint('C.xml', inbound('C', 'wss', { 'inbound.ws.port': 9093 })),
    },
    ports: but(MI, 'A 9091 A.xml:3', 'B =9092 B.xml:3', 'C =9093 C.xml:3'),
  }),
  as('HL7 knows no offset', 'MI HL7 listener', {
    of: 'mi 4.4.0',
    toml: '[mediation]\ninbound.port_offset_enable = true\n',
    files: endpoint('Lab.xml', inbound('Lab', 'hl7', { 'inbound.hl7.Port': 20_000 })),
    ports: but(MI, 'Lab =20000 Lab.xml:3'),
  }),
  as('endpoints that open nothing', 'MI InboundEndpoint', {
    of: 'mi 4.4.0',
    files: {
      ...endpoint('Asleep.xml', (orders[`${INBOUND_FOLDER}/Orders.xml`] as string).replace('"false"', '"true"')),
      ...endpoint('Queue.xml', inbound('Queue', 'jms', { 'inbound.http.port': 1 })),
      ...endpoint('Orders.xml.bak', 'no XML'),
    },
    ports: MI,
  }),
  as('prefixes mean nothing', 'SYN InboundEndpointFactory', {
    of: 'mi 4.4.0',
    files: endpoint(
      'Orders.xml',
      '<s:inboundEndpoint xmlns:s="http://ws.apache.org/ns/synapse" name="Orders" protocol="http">\n<s:parameters><s:parameter name="inbound.http.port"><![CDATA[8085]]></s:parameter></s:parameters></s:inboundEndpoint>',
    ),
    ports: but(MI, 'Orders =8085 Orders.xml:2'),
  }),
  as('several in the main file, two of one name', 'SYN SynapseXMLConfigurationFactory', {
    of: 'mi 4.4.0',
    files: {
      'repository/deployment/server/synapse-configs/default/synapse.xml': `<definitions>\n${[
        inbound('http', 'http', { 'inbound.http.port': 8085 }),
        inbound('B', 'http', { 'inbound.http.port': 8086 }),
        inbound('B', 'http', { 'inbound.http.port': 8087 }),
      ].join('')}</definitions>`,
    },
    ports: but(MI, 'http-8085 =8085 synapse.xml:4', 'B =8086 synapse.xml:9', 'B-8087 =8087 synapse.xml:14'),
  }),
  as('a broken file is a warning', 'MI InboundEndpointDeployer logs it', {
    of: 'mi 4.4.0',
    files: { ...orders, ...endpoint('Broken.xml', '<inboundEndpoint name="x">\n  </parameters>\n') },
    ports: but(MI, 'Orders =8085 Orders.xml:3'),
    warnings: ["Broken.xml, line 2, column 16: unexpected close tag: the server can't deploy this inbound endpoint."],
  }),
  as('a port that is no number is a warning', 'MI InboundHttpListener', {
    of: 'mi 4.4.0',
    files: {
      ...endpoint('A.xml', inbound('A', 'http', { 'inbound.http.port': '$SYSTEM:orders' })),
      ...endpoint('B.xml', inbound('B', 'hl7', {})),
      ...endpoint('C.xml', inbound('C', 'ws', { 'inbound.ws.port': 70_000 })),
    },
    ports: MI,
    warnings: [
      'A.xml: inbound.http.port of the inbound endpoint A is "$SYSTEM:orders", so that nobody looks after its port.',
      'B.xml: inbound.hl7.Port of the inbound endpoint B is "", so that nobody looks after its port.',
      'C.xml: inbound.ws.port of the inbound endpoint C is "70000", so that nobody looks after its port.',
    ],
  }),
  as('a shipped endpoint, edited where no key sets its port', 'PA v4.0.0 WebSocketInboundEndpoint.xml', {
    of: 'apim 4.0.0',
    files: {
      ...endpoint('ws.xml', inbound('WebSocketInboundEndpoint', 'ws', { 'inbound.ws.port': 9199 })),
      ...endpoint('hook.xml', inbound('WebhookServer', 'http', { 'inbound.http.port': 9121 })),
    },
    ports: but(APIM4, 'ws =9199 ws.xml:3', 'websub-http 9121 hook.xml:3'),
  }),
  as('a shipped endpoint, as it is', 'PA v4.0.0 WebSocketInboundEndpoint.xml', {
    of: 'apim 4.0.0',
    files: endpoint(
      'ws.xml',
      inbound('WebSocketInboundEndpoint', 'ws', { 'inbound.ws.port': 9099, 'ws.use.port.offset': 'true' }),
    ),
    ports: APIM4,
  }),
  as('a shipped endpoint, suspended', 'PA v4.7.0 WebhookServer.xml', {
    of: 'apim 4.7.0',
    files: endpoint(
      'hook.xml',
      inbound('WebhookServer', 'http', { 'inbound.http.port': 9021 }).replace('"false"', '"true"'),
    ),
    ports: but(APIM4, '-websub-http'),
  }),
  as('shipped endpoints that the start writes anew', 'PA v4.7.0 WebSocketInboundEndpoint.xml.j2', {
    of: 'apim 4.7.0',
    toml: 'apim.ws.enable = false\n',
    files: {
      ...endpoint('ws.xml', inbound('WebSocketInboundEndpoint', 'ws', { 'inbound.ws.port': 9199 })),
      ...endpoint('wss.xml', inbound('SecureWebSocketEP', 'wss', { 'inbound.ws.port': 8199 })),
    },
    ports: but(APIM4, '-ws'),
  }),
  as('endpoints of a product without an engine for them', 'PA axis2.xml.j2', {
    of: 'control-plane 4.7.0',
    files: orders,
    ports: WITHOUT_GATEWAY,
  }),
];

const PROXIES = 'repository/deployment/server/synapse-configs/default/proxy-services';

/** A proxy service as it lies in a home, its parameters in the second line and after. */
const proxy = (attributes: string, parameters: Record<string, string | number>) => ({
  [`${PROXIES}/P.xml`]: `<proxy xmlns="http://ws.apache.org/ns/synapse" name="P" ${attributes}><target><inSequence><respond/></inSequence></target>${Object.entries(
    parameters,
  )
    .map(([name, value]) => `\n<parameter name="${name}">${value}</parameter>`)
    .join('')}</proxy>`,
});

const HL7_LISTENER = `[[custom_transport.listener]]
class = "org.wso2.micro.integrator.business.messaging.hl7.transport.HL7TransportListener"
protocol = "hl7"
`;
const TCP_LISTENER = '[transport.tcp]\nlistener.enable = true\n';
const hl7Port = { 'transport.hl7.Port': 9292 };
const axis2Xml = (receivers: string): string => `<axisconfig name="AxisJava2.0">${receivers}</axisconfig>`;

const proxies: readonly Row[] = [
  as('HL7, at the port of each service', 'MI HL7Endpoint.loadConfiguration', {
    of: 'mi 4.3.0',
    toml: HL7_LISTENER,
    files: proxy('transports="hl7"', hl7Port),
    ports: but(MI, 'P =9292 P.xml:2'),
  }),
  as('TCP, at the port of each service', 'axis2-transports TCPEndpoint.loadConfiguration', {
    of: 'mi 4.3.0',
    toml: TCP_LISTENER,
    files: proxy('transports="http, tcp"', { 'transport.tcp.port': ' 6789 ' }),
    ports: but(MI, 'P =6789 P.xml:2'),
  }),
  as('a service without a word of its transports, which is on all', 'SYN ProxyServiceFactory', {
    of: 'mi 4.3.0',
    toml: HL7_LISTENER,
    files: proxy('startOnLoad="TRUE"', { other: 1, ...hl7Port }),
    ports: but(MI, 'P =9292 P.xml:3'),
  }),
  as('a service on all transports, of which two open ports', 'SYN ProxyServiceFactory', {
    of: 'mi 4.3.0',
    toml: `${HL7_LISTENER}${TCP_LISTENER}`,
    files: proxy('transports="all"', { ...hl7Port, 'transport.tcp.port': 6789 }),
    ports: but(MI, 'P =9292 P.xml:2', 'P-6789 =6789 P.xml:3'),
  }),
  as('a transport that another name stands for', 'MI axis2.xml.j2 line 379', {
    of: 'mi 4.3.0',
    toml: HL7_LISTENER.replace('"hl7"', '"mllp"'),
    files: proxy('transports="mllp"', hl7Port),
    ports: but(MI, 'P =9292 P.xml:2'),
  }),
  as('a transport of another class by the same name', 'MI axis2.xml.j2 line 379', {
    of: 'mi 4.3.0',
    toml: HL7_LISTENER.replace('HL7TransportListener', 'Mine'),
    files: proxy('transports="hl7"', hl7Port),
    ports: MI,
  }),
  as('a transport that is off', 'MI axis2.xml.j2', {
    of: 'mi 4.3.0',
    files: proxy('transports="hl7 tcp"', { ...hl7Port, 'transport.tcp.port': 6789 }),
    ports: MI,
  }),
  as('services on other transports, stopped ones, and those without a port', 'MI HL7Endpoint, SYN ProxyService', {
    of: 'mi 4.3.0',
    toml: HL7_LISTENER,
    files: {
      ...proxy('transports="http https"', hl7Port),
      [`${PROXIES}/Q.xml`]: proxy('startOnLoad="false"', hl7Port)[`${PROXIES}/P.xml`] as string,
      [`${PROXIES}/R.xml`]: proxy('transports="hl7"', { 'transport.hl7.AutoAck': 'true' })[
        `${PROXIES}/P.xml`
      ] as string,
    },
    ports: MI,
  }),
  as('UDP and what only connects', 'axis2-transports UDP Endpoint', {
    of: 'mi 4.3.0',
    toml: '[transport.udp]\nlistener.enable = true\n',
    files: proxy('', { 'transport.udp.port': 9999, 'mqtt.connection.port': 1883 }),
    ports: MI,
  }),
  as('a port by reference, and any free port', 'SYN ResolverFactory', {
    of: 'mi 4.3.0',
    toml: `${HL7_LISTENER}${TCP_LISTENER}`,
    env: { HL7: '9293' },
    files: proxy('', { 'transport.hl7.Port': '$SYSTEM:HL7', 'transport.tcp.port': 0 }),
    ports: but(MI, 'P =9293 P.xml:2', 'P-0 ~0 P.xml:3'),
  }),
  as('a port by a reference to the file of properties', 'SYN FilePropertyLoader', {
    of: 'mi 4.3.0',
    toml: HL7_LISTENER,
    files: { ...proxy('', { 'transport.hl7.Port': '$FILE:lab' }), 'conf/file.properties': 'lab = 9294\n' },
    ports: but(MI, 'P =9294 P.xml:2'),
  }),
  as('a port that is none', 'MI HL7Endpoint', {
    of: 'mi 4.3.0',
    toml: HL7_LISTENER,
    files: proxy('', { 'transport.hl7.Port': '$SYSTEM:HL7' }),
    ports: MI,
    warnings: [
      'P.xml: transport.hl7.Port of the proxy service P is "$SYSTEM:HL7", so that nobody looks after its port.',
    ],
  }),
  as('FIX, whose acceptors stand in a file', 'SYN FIXSessionFactory', {
    of: 'mi 4.3.0',
    toml: '[transport.fix]\nlistener.enable = true\n',
    files: {
      ...proxy('transports="fix"', { 'transport.fix.AcceptorConfigURL': 'file:conf/fix.cfg' }),
      'conf/fix.cfg': '[default]\nSocketAcceptPort=9876\n[session]\n socketAcceptPort = 9877\n',
    },
    ports: but(MI, 'P =9876 P.xml:2', 'P-9877 =9877 P.xml:2'),
  }),
  as('FIX, whose file is elsewhere', 'SYN FIXSessionFactory', {
    of: 'mi 4.3.0',
    toml: '[transport.fix]\nlistener.enable = true\n',
    files: proxy('transports="fix"', { 'transport.fix.AcceptorConfigURL': 'http://localhost/fix.cfg' }),
    ports: MI,
    warnings: [
      'P.xml: transport.fix.AcceptorConfigURL of the proxy service P is "http://localhost/fix.cfg", so that nobody looks after its port.',
    ],
  }),
  as('a file that is not well-formed', 'MI ProxyServiceDeployer logs it', {
    of: 'mi 4.3.0',
    toml: HL7_LISTENER,
    files: { [`${PROXIES}/P.xml`]: '<proxy>\n<parameter name="transport.hl7.Port">9292</parameter>\n' },
    ports: MI,
    warnings: ["P.xml, line 3, column 1: unclosed tag: proxy: the server can't deploy this proxy service."],
  }),
  as('another product, whose axis2.xml has the transport', 'CK CarbonAxisConfigurator', {
    of: 'server 6.6.0',
    files: {
      ...proxy('transports="hl7"', hl7Port),
      'repository/conf/axis2/axis2.xml': axis2Xml('<transportReceiver name="hl7" class="a.b.HL7TransportListener"/>'),
    },
    ports: but(SERVER, 'P =9292 P.xml:2'),
  }),
  as('another product, whose axis2.xml has it in a comment', 'CK CarbonAxisConfigurator', {
    of: 'server 6.6.0',
    files: {
      ...proxy('transports="hl7"', hl7Port),
      'repository/conf/axis2/axis2.xml': axis2Xml(
        '<!--<transportReceiver name="hl7" class="a.HL7TransportListener"/>-->',
      ),
    },
    ports: SERVER,
  }),
  as('another product, of whose transports nothing is known', 'CK CarbonAxisConfigurator', {
    of: 'server 6.6.0',
    files: proxy('transports="hl7"', hl7Port),
    ports: but(SERVER, 'P =9292 P.xml:2'),
  }),
];

const listeners: readonly Row[] = [
  as('listeners of any class, which know no offset', 'MI axis2.xml.j2 line 378', {
    of: 'mi 4.4.0',
    toml: `[[custom_transport.listener]]
protocol = "hl7"
parameter.'transport.hl7.Port' = 9292
[[custom_transport.listener]]
protocol = "iso8583"
parameter.port = "$env{ISO}"
parameter.transport = "none"
`,
    env: { ISO: '8081' },
    ports: but(
      MI,
      "custom_transport.listener[0].parameter.'transport.hl7.Port' =9292 :3",
      'custom_transport.listener[1].parameter.port =8081 :6',
    ),
  }),
  as('the same list in one line', 'MI axis2.xml.j2 line 378', {
    of: 'mi 4.4.0',
    toml: 'custom_transport.listener = [{ protocol = "hl7", parameter = { port = 9000 } }]\n',
    ports: but(MI, 'custom_transport.listener[0].parameter.port =9000 :1'),
  }),
  as('HTTP under a name of its own, which moves', 'SYN PassThroughHttpListener line 159, of which it is one', {
    of: 'mi 4.4.0',
    toml: `[transport.http]
listener.secured_enable = false
[[custom_transport.listener]]
class = "org.apache.synapse.transport.passthru.PassThroughHttpMultiSSLListener"
protocol = "https"
parameter.port = 8243
[[custom_transport.listener]]
class = "org.apache.synapse.transport.nhttp.HttpCoreNIOListener"
protocol = "other"
parameter.port = 8444
[[custom_transport.listener]]
class = "org.example.Listener"
protocol = "third"
parameter.port = 8555
`,
    ports: but(
      MI,
      '-https',
      'custom_transport.listener[0].parameter.port 8243 :6',
      'custom_transport.listener[1].parameter.port 8444 :10',
      'custom_transport.listener[2].parameter.port =8555 :14',
    ),
  }),
  as('HL7 itself, which opens a port for services alone', 'MI HL7Endpoint.loadConfiguration', {
    of: 'mi 4.4.0',
    toml: `${HL7_LISTENER}parameter.'transport.hl7.Port' = 9292\n`,
    files: proxy('transports="hl7"', { 'transport.hl7.Port': 9293 }),
    ports: but(MI, 'P =9293 P.xml:2'),
  }),
  as('TCP without a port, which listens nowhere', 'MI v4.4.0 default.json, axis2-transports TCPEndpoint line 105', {
    of: 'mi 4.4.0',
    toml: '[transport.tcp]\nlistener.enable = true\n',
    ports: MI,
  }),
  as('TCP, which knows no offset', 'MI v4.6.0 axis2.xml.j2 line 441', {
    of: 'mi 4.6.0',
    toml: '[transport.tcp]\nlistener.enable = true\nlistener.port = 8290\n',
    ports: but(MI, 'transport.tcp.listener.port =8290 :3'),
  }),
  as('a debugger and JMX among the options of the JVM', 'JDK jdwp, jmxremote', {
    of: 'mi 4.4.0',
    env: {
      JAVA_OPTS: '-agentlib:jdwp=transport=dt_socket,server=y,address=*:5005 -Dcom.sun.management.jmxremote.port=9010',
    },
    ports: but(MI, 'debug =5005 JAVA_OPTS', 'jmxremote =9010 JAVA_OPTS'),
  }),
  as('JMX with two ports, and a debugger that listens by itself', 'JDK jdwp, jmxremote.rmi.port', {
    of: 'mi 4.4.0',
    env: {
      JAVA_OPTS:
        '-Xrunjdwp:address=5005,transport=dt_socket -Dcom.sun.management.jmxremote.port=9009 -Dcom.sun.management.jmxremote.rmi.port=9011 -Dcom.sun.management.jmxremote.port=9010',
    },
    ports: but(MI, 'jmxremote =9010 JAVA_OPTS', 'jmxremote-rmi =9011 JAVA_OPTS'),
  }),
  as('options that the JVM reads by itself', 'JDK JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS', {
    of: 'mi 4.4.0',
    env: {
      JAVA_TOOL_OPTIONS: '-Dcom.sun.management.jmxremote.port=9010 -Dcom.sun.management.jmxremote.rmi.port=9010',
      JDK_JAVA_OPTIONS: '-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=localhost:5005',
    },
    ports: but(MI, 'jmxremote =9010 JAVA_TOOL_OPTIONS', 'debug =5005 JDK_JAVA_OPTIONS'),
  }),
  as('options that overrule one another, and two listeners on one port', 'JDK jdwp, jmxremote', {
    of: 'mi 4.4.0',
    env: {
      JAVA_TOOL_OPTIONS: '-Dcom.sun.management.jmxremote.port=9010',
      JAVA_OPTS: '-agentlib:jdwp=server=y,address=5005 -Dcom.sun.management.jmxremote.port=5005',
    },
    ports: but(MI, 'debug =5005 JAVA_OPTS', 'jmxremote =5005 JAVA_OPTS'),
  }),
  as('senders listen to nothing', 'MI axis2.xml.j2 line 687', {
    of: 'mi 4.4.0',
    toml: '[[custom_transport.sender]]\nparameter.proxy_port = 9000\nparameter.port = 9001\n',
    ports: MI,
  }),
  as('connectors of its own', 'IS catalina-server.xml.j2', {
    of: 'is 7.1.0',
    toml: '[custom_transport.mtls.properties]\nport = "$ref{mtls.port}"\n[mtls]\nport = 9553\n',
    ports: but(IS, 'custom_transport.mtls.properties.port 9553 :2'),
  }),
  as('connectors of its own, in versions that have none', 'IS v5.11.0 catalina-server.xml.j2', {
    of: 'is 5.11.0',
    toml: '[custom_transport.mtls.properties]\nport = 9553\n',
    ports: IS5,
  }),
];

describe.each(
  Object.entries({
    shipped,
    keys,
    versions,
    switches,
    inference,
    references,
    rules,
    contradictions,
    files,
    templates,
    offsets,
    properties,
    endpoints,
    proxies,
    listeners,
  }),
)('%s', (_group, rows) => {
  test.each(rows)('$of: $what ($from)', ({ ports, offset, warnings = [], ...home }) => {
    const found = inspectConfigured(home);
    expect(found.ports.map(inWords).sort()).toEqual([...ports].sort());
    expect(found.warnings).toEqual(warnings);
    const { value, source, beatsArguments } = found.configured;
    const isStubborn = beatsArguments ? ', whatever is passed' : '';
    expect(`${value}${sourceInWords(source)}${isStubborn}`).toBe(offset ?? (home.of.startsWith('mi ') ? '10' : '0'));
  });
});
