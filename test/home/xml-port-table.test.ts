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
import { refusal } from '../support/refusal.js';

// What files of XML make of a home's ports, each row with where the products say so. Repositories: PA wso2/product-apim,
// IS wso2/product-is, EI wso2/product-ei, ESB wso2/product-esb, MB wso2/product-mb, DAS wso2/product-das, BPS
// wso2/product-bps, GREG wso2/product-greg, AS wso2/product-as, IOT wso2/product-iots, CK wso2/carbon-kernel, SYN
// wso2/wso2-synapse, CAC wso2/carbon-analytics-common, CAM wso2/carbon-apimgt, CBM wso2/carbon-business-messaging, AND
// wso2/andes, CIF wso2/carbon-identity-framework.

interface Row extends Omit<ConfiguredHome, 'files'> {
  readonly what: string;
  /** Files by their paths below the folder of carbon.xml, which is there unless it is null. */
  readonly conf?: Readonly<Record<string, string | null>>;
  /** Files by their paths in the home. */
  readonly files?: Readonly<Record<string, string>>;
  readonly ports: readonly string[];
  readonly offset?: string;
  readonly warnings?: readonly string[];
  readonly from: string;
}

const as = (what: string, from: string, more: Omit<Row, 'what' | 'from'>): Row => ({ what, from, ...more });

const SERVLET = ['servlet-https! 9443', 'servlet-http 9763'];
const JMX = ['jmx-registry 9999', 'jmx-server 11111'];
const GATEWAY = ['gateway-http 8280', 'gateway-https 8243'];
const BROKER = ['amqp 5672', 'amqp-ssl 8672'];
const MQTT = ['mqtt 1883', 'mqtt-ssl 8883'];
const RECEIVERS = ['thrift 7611', 'thrift-ssl 7711', 'binary 9611', 'binary-ssl 9711'];

const required = (ports: readonly string[], ...names: string[]): string[] =>
  ports.map((port) => (names.includes(port.split(' ')[0] as string) ? port.replace(' ', '! ') : port));

const APIM110 = [...SERVLET, ...required(GATEWAY, 'gateway-http', 'gateway-https'), 'thrift-auth 10711', ...JMX];
const APIM20 = [...APIM110, ...required(BROKER, 'amqp'), ...RECEIVERS, 'thrift-key-validation 10397'];
const APIM21 = [...APIM20, 'ws 9099'];
const APIM22 = [...APIM21, 'wss 8099'];
const IS = [...SERVLET, 'ldap 10389', 'thrift-auth 10711', ...JMX];
const INTEGRATOR = [...SERVLET, ...required(GATEWAY, 'gateway-http', 'gateway-https'), ...JMX];
const ESB = [...SERVLET, ...GATEWAY, ...JMX];
const SERVER = [...SERVLET, ...JMX];

function but(ports: readonly string[], ...changes: readonly string[]): string[] {
  const nameOf = (port: string): string => (port.split(' ')[0] as string).replace(/^-|!$/g, '');
  const changed = new Set(changes.map(nameOf));
  return [...ports.filter((port) => !changed.has(nameOf(port))), ...changes.filter((port) => !port.startsWith('-'))];
}

const catalina = (...lines: string[]): string =>
  `<Server port="8005">\n<Service name="Catalina">\n${lines.map((line) => `${line}\n`).join('')}</Service></Server>\n`;
const axis2 = (...lines: string[]): string =>
  `<axisconfig name="AxisJava2.0">\n${lines.map((line) => `${line}\n`).join('')}</axisconfig>\n`;
const receiver = (name: string, className: string, port?: string): string =>
  `<transportReceiver name="${name}" class="${className}">${port === undefined ? '' : `<parameter name="port" locked="false">${port}</parameter>`}</transportReceiver>`;
const PASS = 'org.apache.synapse.transport.passthru.PassThroughHttp';
const SERVLETS = 'org.wso2.carbon.core.transports.http.Http';
const brokerXml = (amqp: string, mqtt = '<mqtt enabled="false"/>', more = ''): string =>
  `<broker>\n${more}<transports>\n${amqp}\n${mqtt}\n</transports></broker>\n`;
const jmxXml = (start: string, registry: string, server: string): string =>
  `<JMX xmlns="http://wso2.org/projects/carbon/jmx.xml">\n<StartRMIServer>${start}</StartRMIServer>\n<RMIRegistryPort>${registry}</RMIRegistryPort>\n<RMIServerPort>${server}</RMIServerPort>\n</JMX>\n`;
const withPorts = (ports: string): string =>
  `<Server xmlns="http://wso2.org/projects/carbon/carbon.xml">\n<Ports>\n<Offset>0</Offset>\n${ports}</Ports>\n</Server>\n`;

const esb = { of: 'server 5.0.0', name: 'WSO2 Enterprise Service Bus' } as const;

const shipped: readonly Row[] = [
  ...(
    [
      ['1.10.0', [...APIM110, 'thrift-key-validation =10397'], 'PA v1.10.0 pom.xml, axis2.xml'],
      ['2.0.0', APIM20, 'PA v2.0.0 pom.xml, axis2.xml'],
      ['2.1.0', APIM21, 'PA v2.1.0 WebSocketInboundEndpoint.xml'],
      ['2.2.0', APIM22, 'PA v2.2.0 SecureWebSocketInboundEndpoint.xml'],
      ['2.5.0', APIM22, 'PA v2.5.0'],
      ['2.6.0', APIM22, 'PA v2.6.0'],
    ] as const
  ).map(([version, ports, from]) => as('as shipped', from, { of: `apim ${version}`, ports })),
  ...['5.3.0', '5.4.0', '5.5.0', '5.6.0', '5.7.0', '5.8.0'].map((version) =>
    as('as shipped', 'IS bin.xml, CK v4.4.35 jmx.xml', { of: `is ${version}`, ports: IS }),
  ),
  ...(
    [
      ['WSO2 Enterprise Service Bus', '4.9.0', ESB, 'ESB v4.9.0 axis2.xml'],
      ['WSO2 Enterprise Service Bus', '5.0.0', ESB, 'ESB v5.0.0 axis2.xml'],
      ['WSO2 Message Broker', '3.2.0', [...SERVER, ...BROKER, ...MQTT], 'CBM v3.2.15 broker.xml'],
      ['WSO2 Data Analytics Server', '3.1.0', [...SERVER, ...RECEIVERS], 'CAC v5.1.3 data-bridge-config.xml'],
      ['WSO2 Business Process Server', '3.6.0', SERVER, 'BPS v3.6.0'],
      ['WSO2 Governance Registry', '5.4.0', SERVER, 'GREG v5.4.0'],
      ['WSO2 Application Server', '5.3.0', SERVER, 'AS v5.3.0'],
      ['WSO2 API Manager Analytics Server', '2.2.0', [...SERVER, ...RECEIVERS], 'wso2/analytics-apim v2.2.0'],
      ['WSO2 Storage Server', '1.5.0', SERVER, 'CK v4.4.35'],
    ] as const
  ).map(([name, version, ports, from]) => as(`${name} as shipped`, from, { of: `server ${version}`, name, ports })),
  as('an IoT server, with a script and a folder of its own', 'IOT v3.3.1 iot-server.sh, conf/carbon.xml', {
    of: 'server 3.3.1',
    name: 'WSO2 IoT Server',
    script: 'iot-server',
    conf: { 'carbon.xml': null },
    files: { 'conf/carbon.xml': carbonXml('4') },
    offset: '4 carbon.xml:4',
    ports: [...ESB, ...RECEIVERS, 'thrift-auth 10711'],
  }),
];

/** A profile of EI with its carbon.xml in its own folder. */
const ofEi = (
  version: string,
  profile: string,
  folder: string,
  offset: string,
): Omit<Row, 'what' | 'from' | 'ports'> => ({
  of: `ei ${version}`,
  profile,
  conf: { 'carbon.xml': null },
  files: { [`${folder}conf/carbon.xml`]: carbonXml(offset) },
  offset: `${offset} carbon.xml:4`,
});

const profiles: readonly Row[] = [
  ...['6.0.0', '6.1.1', '6.4.0', '6.6.0'].flatMap((version) => [
    as('the integrator', 'EI distribution/src/conf', { ...ofEi(version, 'integrator', '', '0'), ports: INTEGRATOR }),
    as('the business process server', 'EI distribution/src/business-process/conf', {
      ...ofEi(version, 'business-process', 'wso2/business-process/', '2'),
      ports: SERVER,
    }),
    as('the broker', 'EI distribution/src/broker/conf, CBM broker.xml', {
      ...ofEi(version, 'broker', 'wso2/broker/', '3'),
      ports: [...SERVER, ...required(BROKER, 'amqp'), ...MQTT],
    }),
  ]),
  as('analytics up to 6.3', 'EI v6.1.1 distribution/src/analytics/conf', {
    ...ofEi('6.1.1', 'analytics', 'wso2/analytics/', '1'),
    ports: [...SERVER, ...RECEIVERS],
  }),
  as('deployment.toml where there is one', 'CK v4.5.3 Main.handleConfiguration', {
    ...ofEi('6.6.0', 'integrator', '', '0'),
    files: { 'conf/deployment.toml': '[server]\noffset = 7\n', 'conf/carbon.xml': carbonXml('0') },
    offset: '7 :2',
    ports: INTEGRATOR,
  }),
  as('no deployment.toml in versions that know none', 'CK v4.4.40', {
    ...ofEi('6.5.0', 'integrator', '', '0'),
    files: { 'conf/deployment.toml': '[server]\noffset = 7\n', 'conf/carbon.xml': carbonXml('0') },
    ports: INTEGRATOR,
  }),
  as('MSF4J, which no offset reaches', 'EI v6.1.1 conf/msf4j-transport/netty-transports.yml', {
    of: 'ei 6.1.1',
    profile: 'msf4j',
    conf: { 'carbon.xml': null },
    files: {
      'wso2/msf4j/conf/transports/netty-transports.yml':
        'transportProperties:\n -\n  name: "a"\n  value: 4\nlistenerConfigurations:\n -\n  id: "default"\n  host: "0.0.0.0"\n  port: 9095\n',
    },
    offset: '0',
    ports: ['http! =9095 netty-transports.yml:9'],
  }),
  as('a profile as any server', 'EI v6.6.0 broker/conf/wso2server.sh', {
    of: 'server 6.6.0',
    name: 'WSO2 Enterprise Integrator',
    conf: { 'carbon.xml': null },
    files: {
      'conf/carbon.xml': carbonXml('3'),
      'conf/broker.xml': brokerXml('<amqp enabled="true"><defaultConnection enabled="true" port="5672"/></amqp>'),
    },
    offset: '3 carbon.xml:4',
    ports: [...SERVER, 'amqp 5672 broker.xml:3'],
  }),
];

const connectors: readonly Row[] = [
  as('as they are shipped', 'CK v4.4.35 catalina-server.xml, CarbonTomcat.startConnectors', {
    ...esb,
    conf: {
      'tomcat/catalina-server.xml': catalina(
        '<Connector protocol="org.apache.coyote.http11.Http11NioProtocol"\nport="9763" redirectPort="9443"/>',
        '<Connector port="9443" scheme="https" secure="true" SSLEnabled="true"/>',
      ),
    },
    ports: but(ESB, 'servlet-https! 9443 catalina-server.xml:5', 'servlet-http 9763 catalina-server.xml:3'),
  }),
  as('moved, and a third', 'CK v4.4.35 CarbonTomcat.startConnectors', {
    of: 'apim 2.6.0',
    conf: {
      'tomcat/catalina-server.xml': catalina(
        '<Connector port="9443" scheme="https"/>',
        '<!-- <Connector port="9763"/> -->',
        '<Connector port=" 9553 " scheme="https"/>',
        '<Connector port="8009" protocol="AJP/1.3"/>',
      ),
    },
    ports: but(
      APIM22,
      '-servlet-http',
      'servlet-https! 9443 catalina-server.xml:3',
      'servlet-https-9553 9553 catalina-server.xml:5',
      'servlet-ajp 8009 catalina-server.xml:6',
    ),
  }),
  as('numbers from system properties', 'Tomcat Digester, CarbonTomcat', {
    ...esb,
    conf: {
      'tomcat/catalina-server.xml': catalina(
        '<Connector port="${mine}" scheme="https"/>',
        '<Connector port="9763" scheme="http"/>',
      ),
    },
    args: ['-Dmine=9444', '-Dtomcat.http.port=9800'],
    ports: but(ESB, 'servlet-https! 9444 catalina-server.xml:3', 'servlet-http =9800 -Dtomcat.http.port'),
  }),
  as('optional ones without a number are a warning', 'Tomcat Connector', {
    ...esb,
    conf: {
      'tomcat/catalina-server.xml': catalina(
        '<Connector port="9443" scheme="https"/>',
        '<Connector/>',
        '<Connector port="${nobody.sets.it}" scheme="https"/>',
      ),
    },
    ports: but(ESB, '-servlet-http', 'servlet-https! 9443 catalina-server.xml:3'),
    warnings: [
      'catalina-server.xml, line 4: the port of the connector (servlet-http) has no number, so that nobody looks after its port.',
      'catalina-server.xml, line 5: the port of the connector (servlet-https) is "${nobody.sets.it}", so that nobody looks after its port.',
    ],
  }),
];

const receivers: readonly Row[] = [
  as('moved, and the servlet ones, which open nothing', 'SYN PassThroughHttpListener.init, CK core.transports', {
    ...esb,
    conf: {
      'axis2/axis2.xml': axis2(
        receiver('http', `${PASS}Listener`, '8290'),
        receiver('https', `${PASS}SSLListener`, '8253'),
        receiver('local', 'org.wso2.carbon.core.transports.local.CarbonLocalTransportReceiver'),
      ),
    },
    ports: but(ESB, 'gateway-http 8290 axis2.xml:2', 'gateway-https 8253 axis2.xml:3'),
  }),
  as('one that is commented out is neither there nor required', 'EI v6.6.0 axis2.xml', {
    ...ofEi('6.6.0', 'integrator', '', '0'),
    files: {
      'conf/carbon.xml': carbonXml('0'),
      'conf/axis2/axis2.xml': axis2(
        `<!-- ${receiver('http', `${PASS}Listener`, '8280')} -->`,
        receiver('https', `${PASS}SSLListener`, '8243'),
      ),
    },
    ports: but(INTEGRATOR, '-gateway-http', 'gateway-https! 8243 axis2.xml:3'),
  }),
  as('those of the servlet container', 'CK v4.4.35 axis2.xml', {
    of: 'server 1.5.0',
    conf: {
      'axis2/axis2.xml': axis2(
        receiver('http', `${SERVLETS}TransportListener`, '9763'),
        receiver('https', `${SERVLETS}sTransportListener`, '9443'),
      ),
    },
    ports: SERVER,
  }),
  as('others, which know no offset, and HTTP under another name, which does', 'SYN PassThroughHttpListener.init', {
    ...esb,
    conf: {
      'axis2/axis2.xml': axis2(
        receiver('multi', `${PASS}MultiSSLListener`, '8244'),
        receiver('tcp', 'org.apache.axis2.transport.tcp.TCPTransportListener', '6060'),
        receiver('jms', 'org.apache.axis2.transport.jms.JMSListener'),
        receiver('old', 'org.apache.synapse.transport.nhttp.HttpCoreNIOListener', '8281'),
      ),
    },
    ports: but(SERVER, 'multi 8244 axis2.xml:2', 'tcp =6060 axis2.xml:3', 'old 8281 axis2.xml:5'),
  }),
  as('a cluster', 'CK HazelcastClusteringAgent, Axis2 ClusterBuilder', {
    of: 'server 1.5.0',
    conf: {
      'axis2/axis2.xml': axis2(
        '<clustering class="x" enable="true">\n<parameter name="localMemberPort">4100</parameter></clustering>',
      ),
    },
    ports: [...SERVER, 'clustering.local_member_port =4100 axis2.xml:3'],
  }),
  as('a cluster that is off', 'Axis2 ClusterBuilder', {
    of: 'server 1.5.0',
    conf: {
      'axis2/axis2.xml': axis2(
        '<clustering class="x" enable="false"><parameter name="localMemberPort">4100</parameter></clustering>',
      ),
    },
    ports: SERVER,
  }),
];

const jmx: readonly Row[] = [
  as('by reference to carbon.xml, which the offset moves', 'CK v4.4.35 JMXServerManager.getPort', {
    of: 'server 1.5.0',
    conf: {
      'carbon.xml': withPorts(
        '<JMX><RMIRegistryPort>9998</RMIRegistryPort>\n<RMIServerPort>11110</RMIServerPort></JMX>',
      ),
      'etc/jmx.xml': jmxXml('true', '${Ports.JMX.RMIRegistryPort}', '${Ports.JMX.RMIServerPort}'),
    },
    offset: '0 carbon.xml:3',
    ports: but(SERVER, 'jmx-registry 9998 carbon.xml:4', 'jmx-server 11110 carbon.xml:5'),
  }),
  as('by numbers, which stay where they are', 'CK v4.4.35 JMXServerManager.getPort', {
    of: 'is 5.7.0',
    conf: { 'etc/jmx.xml': jmxXml('true', '9995', '1112') },
    ports: but(IS, 'jmx-registry =9995 jmx.xml:3', 'jmx-server =1112 jmx.xml:4'),
  }),
  as('off', 'CK v4.4.35 JMXServerManager.parseJMXConfigXML', {
    of: 'apim 2.6.0',
    conf: { 'etc/jmx.xml': jmxXml('false', '9999', '11111') },
    ports: but(APIM22, '-jmx-registry', '-jmx-server'),
  }),
  as('by a reference to nothing, which is a warning', 'CK CarbonUtils.getPortFromServerConfig', {
    of: 'server 1.5.0',
    conf: { 'etc/jmx.xml': jmxXml('true', '${Ports.JMX.RMIRegistryPort}', '11111') },
    ports: but(SERVER, '-jmx-registry', 'jmx-server =11111 jmx.xml:4'),
    warnings: [
      'jmx.xml, line 3: the RMIRegistryPort (jmx-registry) is "${Ports.JMX.RMIRegistryPort}", so that nobody looks after its port.',
    ],
  }),
];

const keyValidator = (enabled: string, port: string): string =>
  `<APIManager>\n<APIKeyValidator>\n<EnableThriftServer>${enabled}</EnableThriftServer>\n${port}</APIKeyValidator></APIManager>\n`;

const others: readonly Row[] = [
  as('the key validator off', 'CAM APIKeyMgtServiceComponent.activate', {
    of: 'apim 2.6.0',
    conf: { 'api-manager.xml': keyValidator('false', '<ThriftServerPort>10397</ThriftServerPort>') },
    ports: but(APIM22, '-thrift-key-validation'),
  }),
  as('the key validator without a number, which the offset moves', 'CAM APIKeyMgtServiceComponent.startThriftService', {
    of: 'apim 2.6.0',
    conf: { 'api-manager.xml': keyValidator('true', '<!--ThriftServerPort>10397</ThriftServerPort-->') },
    ports: but(APIM22, 'thrift-key-validation 10397 api-manager.xml:3'),
  }),
  as('the key validator with a number, which stays', 'CAM APIKeyMgtServiceComponent.startThriftService', {
    of: 'apim 2.1.0',
    conf: { 'api-manager.xml': keyValidator('true', '<ThriftServerPort>10398</ThriftServerPort>') },
    ports: but(APIM21, 'thrift-key-validation =10398 api-manager.xml:4'),
  }),
  as('a broker without AMQP, which then is not required', 'AND AndesConfigurationManager', {
    of: 'apim 2.6.0',
    conf: { 'broker.xml': brokerXml('<amqp enabled="false"><defaultConnection port="5672"/></amqp>') },
    ports: but(APIM22, '-amqp', '-amqp-ssl'),
  }),
  as('a broker with TLS alone, and MQTT', 'AND Broker', {
    of: 'server 3.2.0',
    name: 'WSO2 Message Broker',
    conf: {
      'broker.xml': brokerXml(
        '<amqp enabled="true"><defaultConnection enabled="false" port="5672"/><sslConnection enabled="true" port="8673"/></amqp>',
        '<mqtt enabled="true"><defaultConnection enabled="true" port="1884"/><sslConnection enabled="false" port="8883"/></mqtt>',
      ),
    },
    ports: [...SERVER, 'amqp-ssl 8673 broker.xml:3', 'mqtt 1884 broker.xml:4'],
  }),
  as('a broker with both connections off, which opens the plain one', 'AND Broker', {
    of: 'apim 2.6.0',
    conf: {
      'broker.xml': brokerXml(
        '<amqp><defaultConnection enabled="false" port="5672"/><sslConnection enabled="false" port="8672"/></amqp>',
      ),
    },
    ports: but(APIM22, '-amqp-ssl', 'amqp! 5672 broker.xml:3'),
  }),
  ...(['default', 'standalone'] as const).map((mode) =>
    as(`a broker of a cluster, by itself: ${mode}`, 'AND AndesKernelBoot.startThriftServer', {
      of: 'server 3.2.0',
      name: 'WSO2 Message Broker',
      conf: {
        'axis2/axis2.xml': axis2('<clustering enable="true"/>'),
        'broker.xml': brokerXml(
          '<amqp/>',
          '<mqtt enabled="false"/>',
          `<coordination><thriftServerPort>7611</thriftServerPort></coordination><deployment><mode>${mode}</mode></deployment>`,
        ),
      },
      ports: [
        ...SERVER,
        'amqp 5672 broker.xml:3',
        'clustering.local_member_port =5701 axis2.xml:2',
        ...(mode === 'default' ? ['coordination.thriftServerPort 7611 broker.xml:2'] : []),
      ],
    }),
  ),
  as('data receivers moved, one off', 'CAC ThriftDataReceiverConfiguration, BinaryDataReceiverConfiguration', {
    of: 'apim 2.6.0',
    conf: {
      'data-bridge/data-bridge-config.xml':
        '<dataBridgeConfiguration>\n<dataReceiver name="Thrift">\n<config name="tcpPort">7612</config>\n<config name="sslPort">7712</config></dataReceiver>\n<dataReceiver name="Binary"><config name="enable">false</config><config name="tcpPort">9611</config></dataReceiver>\n</dataBridgeConfiguration>\n',
    },
    ports: but(
      APIM22,
      'thrift 7612 data-bridge-config.xml:3',
      'thrift-ssl 7712 data-bridge-config.xml:4',
      '-binary',
      '-binary-ssl',
    ),
  }),
  as('data receivers without a number', 'CAC v5.1.42 BinaryDataReceiverConstants', {
    of: 'server 3.1.0',
    name: 'WSO2 Data Analytics Server',
    conf: {
      'data-bridge/data-bridge-config.xml':
        '<dataBridgeConfiguration><dataReceiver name="Binary"/></dataBridgeConfiguration>',
    },
    ports: [...SERVER, 'binary 9711 data-bridge-config.xml:1', 'binary-ssl 9611 data-bridge-config.xml:1'],
  }),
  as(
    'data receivers that a property switches off',
    'CAC v5.1.42 ThriftDataReceiverDS, BinaryDataReceiverServiceComponent',
    {
      of: 'server 3.1.0',
      name: 'WSO2 Data Analytics Server',
      conf: {
        'data-bridge/data-bridge-config.xml':
          '<dataBridgeConfiguration><dataReceiver name="Binary"/></dataBridgeConfiguration>',
      },
      args: ['-Ddisable.receiver=true'],
      ports: SERVER,
    },
  ),
  as('Thrift authentication moved', 'CIF ThriftAuthenticationServiceComponent', {
    of: 'is 5.8.0',
    conf: {
      'identity/thrift-authentication.xml': '<Server>\n<Port>10712</Port></Server>',
      'thrift-authentication.xml': '<Server><Port>1</Port></Server>',
    },
    ports: but(IS, 'thrift-auth 10712 thrift-authentication.xml:2'),
  }),
  as('no embedded LDAP', 'wso2/carbon-identity LDAPServerConfigurationBuilder', {
    of: 'is 5.3.0',
    conf: {
      'identity/embedded-ldap.xml':
        '<C><EmbeddedLDAP><Property name="enable">false</Property><Property name="port">10389</Property></EmbeddedLDAP></C>',
    },
    ports: but(IS, '-ldap'),
  }),
  as('an embedded LDAP by reference, and Kerberos by TCP', 'wso2/carbon-identity LDAPServerConfigurationBuilder', {
    of: 'is 5.3.0',
    conf: {
      'carbon.xml': withPorts('<EmbeddedLDAP><LDAPServerPort>10390</LDAPServerPort></EmbeddedLDAP>\n'),
      'identity/embedded-ldap.xml':
        '<C>\n<EmbeddedLDAP><Property name="enable">true</Property><Property name="port">${Ports.EmbeddedLDAP.LDAPServerPort}</Property></EmbeddedLDAP>\n<KDCServer><Property name="enabled">true</Property><Property name="protocol">TCP</Property><Property name="port">8001</Property></KDCServer></C>',
    },
    offset: '0 carbon.xml:3',
    ports: but(IS, 'ldap 10390 carbon.xml:4', 'kerberos =8001 embedded-ldap.xml:3'),
  }),
  as('Thrift for entitlement', 'CIF EntitlementServiceComponent.readThriftReceivePort', {
    of: 'is 5.7.0',
    conf: {
      'carbon.xml': withPorts('<ThriftEntitlementReceivePort>10500</ThriftEntitlementReceivePort>\n'),
      'identity/identity.xml':
        '<Server><EntitlementSettings><ThirftBasedEntitlementConfig><EnableThriftService>true</EnableThriftService><ReceivePort>${Ports.ThriftEntitlementReceivePort}</ReceivePort></ThirftBasedEntitlementConfig></EntitlementSettings></Server>',
    },
    offset: '0 carbon.xml:3',
    ports: [...IS, 'thrift-entitlement 10500 carbon.xml:4'],
  }),
  as('high availability of event processing', 'CAC HAConfiguration, CarbonEventManagementService', {
    of: 'server 3.1.0',
    name: 'WSO2 Data Analytics Server',
    conf: {
      'axis2/axis2.xml': axis2('<clustering enable="true"/>'),
      'event-processor.xml':
        '<eventProcessorConfiguration>\n<mode name="HA" enable="true"><nodeType><presenter enable="true"/></nodeType>\n<eventSync><port>11224</port></eventSync>\n<management><port>10005</port></management>\n<presentation><port>11000</port></presentation></mode></eventProcessorConfiguration>',
    },
    ports: [
      ...SERVER,
      ...RECEIVERS,
      'clustering.local_member_port =5701 axis2.xml:2',
      'apim.throttling.event_sync.port 11224 event-processor.xml:3',
      'apim.throttling.event_management.port 10005 event-processor.xml:4',
      'event-processor.presentation.port 11000 event-processor.xml:5',
    ],
  }),
  as('inbound endpoints, which know no offset but for WebSocket', 'PA v2.6.0, MED v4.6.105', {
    of: 'apim 2.6.0',
    files: {
      [`${INBOUND_FOLDER}/ws.xml`]: inbound('WebSocketInboundEndpoint', 'ws', { 'inbound.ws.port': 9199 }),
      [`${INBOUND_FOLDER}/Orders.xml`]: inbound('Orders', 'http', { 'inbound.http.port': 8085 }),
    },
    ports: but(APIM22, 'ws =9199 ws.xml:3', 'Orders =8085 Orders.xml:3'),
  }),
  as('inbound endpoints of an ESB', 'ESB v5.0.0, MED v4.6.6', {
    ...esb,
    files: { [`${INBOUND_FOLDER}/Orders.xml`]: inbound('Orders', 'http', { 'inbound.http.port': 8085 }) },
    ports: [...ESB, 'Orders =8085 Orders.xml:3'],
  }),
];

const troubles: readonly Row[] = [
  as('two offsets', 'CK ServerConfiguration.getFirstProperty', {
    of: 'server 1.5.0',
    conf: { 'carbon.xml': withPorts('<Offset>5</Offset>\n') },
    offset: '0 carbon.xml:3',
    ports: SERVER,
    warnings: [
      'carbon.xml, lines 3 and 4: <Offset> stands there twice. The server takes the first one, 0; keep only one of them.',
    ],
  }),
  as('an offset from a system property', 'CK ServerConfiguration.replaceSystemProperty', {
    of: 'server 1.5.0',
    conf: { 'carbon.xml': carbonXml('${mine}') },
    env: { JAVA_OPTS: '-Dmine=12' },
    offset: '12 carbon.xml:4',
    ports: SERVER,
  }),
  as('a byte order mark', 'StAX', {
    of: 'server 1.5.0',
    conf: { 'carbon.xml': `\ufeff${carbonXml('3')}` },
    offset: '3 carbon.xml:4',
    ports: SERVER,
  }),
  as('a file that is none of those that a start needs', 'CK JMXServerManager.parseJMXConfigXML logs it', {
    of: 'server 1.5.0',
    conf: { 'etc/jmx.xml': '<JMX>\n<StartRMIServer>true\n</JMX>', 'broker.xml': '<brokers/>' },
    ports: but(SERVER, '-jmx-registry', '-jmx-server'),
    warnings: [
      'jmx.xml, line 3, column 7 is not well-formed XML: unexpected close tag. Nobody looks after the ports that it opens.',
      'broker.xml, line 1: the root element is <brokers>, not <broker>. Nobody looks after the ports that it opens.',
    ],
  }),
];

const inConf = ({ conf = {}, files = {}, of }: Pick<Row, 'conf' | 'files' | 'of'>): Record<string, string | null> => ({
  ...(of.startsWith('ei ') ? {} : { 'repository/conf/deployment.toml': null }),
  ...Object.fromEntries(
    Object.entries({ 'carbon.xml': carbonXml('0'), ...conf }).map(([path, text]) => [`repository/conf/${path}`, text]),
  ),
  ...files,
});

describe.each(Object.entries({ shipped, profiles, connectors, receivers, jmx, others, troubles }))(
  '%s',
  (_group, rows) => {
    test.each(rows)(
      '$of: $what ($from)',
      ({ ports, offset = '0 carbon.xml:4', warnings = [], conf, files, ...home }) => {
        const found = inspectConfigured({
          ...home,
          files: inConf({ of: home.of, ...(conf && { conf }), ...(files && { files }) }),
        });
        expect(found.ports.map(inWords).sort()).toEqual([...ports].sort());
        expect(found.warnings).toEqual(warnings);
        const { value, source } = found.configured;
        expect(`${value}${sourceInWords(source)}`).toBe(offset);
      },
    );
  },
);

describe('a start is refused that would need to know', () => {
  test.each<[what: string, conf: Record<string, string>, message: string]>([
    [
      'a required connector without a number',
      { 'tomcat/catalina-server.xml': catalina('<Connector scheme="https"/>') },
      'catalina-server.xml, line 3 (port of the connector): the base port of servlet-https is null, not a number from 1 to 65535.',
    ],
    [
      'a required connector with a reference that nobody knows',
      { 'tomcat/catalina-server.xml': catalina('<Connector scheme="https" port="${x.y}"/>') },
      'catalina-server.xml, line 3 (port of the connector): the base port of servlet-https is "${x.y}", not a number from 1 to 65535.',
    ],
    [
      'a catalina-server.xml that is cut off',
      { 'tomcat/catalina-server.xml': '<Server>\n<Service>\n' },
      'catalina-server.xml, line 3, column 1 is not well-formed XML: unclosed tag: Service.',
    ],
    [
      'an axis2.xml of another kind',
      { 'axis2/axis2.xml': '<axis/>' },
      'axis2.xml, line 1: the root element is <axis>, not <axisconfig>.',
    ],
    [
      'a carbon.xml with an entity of its own',
      { 'carbon.xml': '<!DOCTYPE Server [<!ENTITY o "3">]>\n<Server><Ports><Offset>&o;</Offset></Ports></Server>' },
      'carbon.xml, line 2, column 27 is not well-formed XML: it names an entity that is none of XML itself, and those are not followed.',
    ],
  ])('%s', (_what, conf, message) => {
    const home = { of: 'server 1.5.0', files: inConf({ of: 'server 1.5.0', conf }) } as const;
    expect(refusal(() => inspectConfigured(home))).toMatchObject({ code: 3, message });
  });
});
