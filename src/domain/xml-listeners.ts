import { carbonXmlValue } from './carbon-xml.js';
import type { PortFact, Scheme } from './facts.js';
import { binary, broker, eventSync, gatewayTransports, keyValidation, mqtt, thrift } from './products/api-manager.js';
import { ldap } from './products/identity-server.js';
import { clustering, jmxOn, servletHttp, servletHttps, thriftAuth } from './products/kernel.js';
import { childrenNamed, elementsNamed, type XmlElement } from './xml.js';

// The files of XML that open ports, and lie beside carbon.xml where that is the configuration itself. Sources, by
// repository: CK wso2/carbon-kernel, SYN wso2/wso2-synapse, CAC wso2/carbon-analytics-common, CAM wso2/carbon-apimgt,
// CBM wso2/carbon-business-messaging, AND wso2/andes, CIF wso2/carbon-identity-framework.

/** A listener without its number, which a file has. */
export type XmlListenerFact = Pick<PortFact, 'name' | 'scheme' | 'fixed' | 'property'>;

/** A listener as a file of XML has it. */
export interface XmlListener {
  readonly fact: XmlListenerFact;
  /** The base port as it stands there; undefined where the file says none. */
  readonly value: string | undefined;
  /** The element, attribute or parameter that holds it, for messages. */
  readonly key: string;
  readonly line: number;
  /** Present where the number stands in carbon.xml, to which the file refers. */
  readonly isInCarbonXml?: true;
}

/** The things that a file is read by, besides its own text. */
export interface XmlSurroundings {
  /** The root of carbon.xml; undefined where that file is missing. */
  readonly carbon: XmlElement | undefined;
  /** Whether axis2.xml makes the server one of a cluster. */
  readonly isClustered: boolean;
  /** Whether `-Ddisable.receiver=true` is given. */
  readonly hasReceivers: boolean;
}

export interface XmlFile {
  /** Its places below the folder of carbon.xml, of which the first counts where it is. */
  readonly paths: readonly [string, ...string[]];
  /** The name of its root element; absent: any will do. */
  readonly root?: string;
  /** The ports that it decides about: where it is there, what the product ships says nothing of them. */
  readonly decides: readonly string[];
  /** Present where the server does not start without being able to read it. */
  readonly isNeeded?: true;
  read(root: XmlElement, surroundings: XmlSurroundings): readonly XmlListener[];
}

const namesOf = (facts: readonly XmlListenerFact[]): string[] => facts.map(({ name }) => name);

/** The facts of a listener whose switches and base are its file's own affair. */
const bare = ({ base: _, key: __, openWhen: ___, shiftedWhen: ____, ...fact }: PortFact): XmlListenerFact => fact;

const isTrue = (text: string | undefined): boolean => text?.trim().toLowerCase() === 'true';

/** A switch that is on where nothing is said. */
const isOnUnlessSaid = (text: string | undefined): boolean => text === undefined || isTrue(text);

// --- tomcat/catalina-server.xml: CK CarbonTomcat.startConnectors adds the offset to every connector.

const connectors: XmlFile = {
  paths: ['tomcat/catalina-server.xml'],
  root: 'Server',
  decides: namesOf([servletHttps, servletHttp]),
  isNeeded: true,
  read: (root) =>
    elementsNamed('Connector', root).map(({ attributes, line }): XmlListener => {
      const fact = connectorFact(attributes);
      return { fact, value: attributes['port'], key: 'port of the connector', line };
    }),
};

// Tomcat's Connector: its scheme is http where nothing is said, whatever else makes it one with TLS.
function connectorFact({ scheme = 'http', protocol = '' }: Readonly<Record<string, string>>): XmlListenerFact {
  if (/ajp/i.test(protocol)) return { name: 'servlet-ajp', scheme: 'tcp', property: `tomcat.${scheme}.port` };
  return bare(scheme === 'https' ? servletHttps : servletHttp);
}

// --- axis2/axis2.xml: the transport receivers, and the cluster.

const receivers: XmlFile = {
  paths: ['axis2/axis2.xml'],
  root: 'axisconfig',
  decides: [...namesOf([...gatewayTransports, clustering])],
  isNeeded: true,
  read: (root) => [
    ...childrenNamed('transportReceiver', root).flatMap(receiver),
    ...childrenNamed('clustering', root).filter(isClusterOn).map(member),
  ],
};

/** SYN PassThroughHttpListener.init, HttpCoreNIOListener: these add the offset. */
const MOVES = /^org\.apache\.synapse\.transport\.(?:passthru\.PassThroughHttp|nhttp\.HttpCoreNIO)\w*Listener$/;
/** CK core.transports: these hand on what the servlet container takes. */
const OPENS_NOTHING = /^org\.wso2\.carbon\.core\.transports\./;

function receiver(element: XmlElement): XmlListener[] {
  const { name = '', class: className = '' } = element.attributes;
  if (OPENS_NOTHING.test(className)) return [];
  const moves = MOVES.test(className);
  const port = parameterNamed(/^(?:port|transport\.hl7\.Port)$/, element);
  // One without a port takes it from its services, or asks others for messages; those of Synapse end without one.
  if (!port && !moves) return [];
  const usual = moves ? gatewayTransports.find((fact) => fact.scheme === name) : undefined;
  const secured: Scheme = /SSL/.test(className) ? 'https' : 'http';
  const fact: XmlListenerFact = usual
    ? bare(usual)
    : { name, scheme: moves ? secured : 'tcp', ...(!moves && { fixed: true }) };
  return [{ fact, value: port?.text, key: `port of the receiver ${name}`, line: (port ?? element).line }];
}

const parameterNamed = (pattern: RegExp, element: XmlElement): XmlElement | undefined =>
  childrenNamed('parameter', element).find(({ attributes }) => pattern.test(attributes['name'] ?? ''));

// Axis2 ClusterBuilder: on where nothing is said.
const isClusterOn = ({ attributes }: XmlElement): boolean => isOnUnlessSaid(attributes['enable']);

/** Whether an axis2.xml makes its server one of a cluster. */
export const isClustered = (axis2: XmlElement): boolean => childrenNamed('clustering', axis2).some(isClusterOn);

function member(element: XmlElement): XmlListener {
  const port = parameterNamed(/^localMemberPort$/, element);
  // Hazelcast's own number.
  return { fact: bare(clustering), value: port?.text ?? '5701', key: 'localMemberPort', line: (port ?? element).line };
}

// --- etc/jmx.xml: CK JMXServerManager. A number of its own is absolute; one from carbon.xml takes the offset.

const jmx: XmlFile = {
  paths: ['etc/jmx.xml'],
  root: 'JMX',
  decides: namesOf(jmxOn),
  read: (root, surroundings) => {
    const [start] = elementsNamed('StartRMIServer', root);
    if (!start || (start.text !== '' && !isTrue(start.text))) return [];
    return [
      ...referring(jmxOn[0] as PortFact, 'RMIRegistryPort', root, surroundings),
      ...referring(jmxOn[1] as PortFact, 'RMIServerPort', root, surroundings),
    ];
  },
};

/** A listener whose element has a number, which no offset moves, or refers to carbon.xml: `${Ports.JMX.RMIServerPort}`. */
function referring(fact: PortFact, name: string, root: XmlElement, surroundings: XmlSurroundings): XmlListener[] {
  const [element] = elementsNamed(name, root);
  return element ? [referringElement(fact, name, element, surroundings)] : [];
}

// CK CarbonUtils.getPortFromServerConfig.
function referringElement(
  fact: PortFact,
  key: string,
  { text, line }: XmlElement,
  { carbon }: XmlSurroundings,
): XmlListener {
  const path = /\$\{([^}]*)\}/.exec(text)?.[1];
  if (path === undefined) return { fact: { ...bare(fact), fixed: true }, value: text, key, line };
  const found = carbon && carbonXmlValue(path, carbon);
  if (!found) return { fact: bare(fact), value: text, key, line };
  return { fact: bare(fact), value: found.text, key: path, line: found.line, isInCarbonXml: true };
}

// --- api-manager.xml: CAM APIKeyMgtServiceComponent.startThriftService. A number there is absolute.

const apiManager: XmlFile = {
  paths: ['api-manager.xml'],
  root: 'APIManager',
  decides: [keyValidation.name],
  read: (root) =>
    childrenNamed('APIKeyValidator', root).flatMap((validator): XmlListener[] => {
      const [enabled] = childrenNamed('EnableThriftServer', validator);
      if (!isTrue(enabled?.text)) return [];
      const [port] = childrenNamed('ThriftServerPort', validator);
      const fact = bare(keyValidation);
      const line = (port ?? (enabled as XmlElement)).line;
      if (port) return [{ fact: { ...fact, fixed: true }, value: port.text, key: 'ThriftServerPort', line }];
      return [{ fact, value: String(keyValidation.base), key: 'ThriftServerPort', line }];
    }),
};

// --- broker.xml: AND AndesConfigurationManager.readPortValue adds the offset; CBM features/andes has the file.

// AND AndesKernelBoot.startThriftServer: only in a cluster.
const slots: XmlListenerFact = { name: 'coordination.thriftServerPort', scheme: 'tcp' };

const messageBroker: XmlFile = {
  paths: ['broker.xml'],
  root: 'broker',
  decides: namesOf([...broker, ...mqtt, slots]),
  read: (root, surroundings) => {
    const transports = childrenNamed('transports', root)[0];
    const of = (name: string, facts: readonly PortFact[]): XmlListener[] =>
      transports ? childrenNamed(name, transports).flatMap((element) => brokerTransport(element, facts)) : [];
    return [...of('amqp', broker), ...of('mqtt', mqtt), ...coordination(root, surroundings)];
  },
};

function brokerTransport(element: XmlElement, facts: readonly PortFact[]): XmlListener[] {
  if (!isOnUnlessSaid(element.attributes['enabled'])) return [];
  const connection = (name: string): XmlElement | undefined => childrenNamed(name, element)[0];
  const [plain, secured] = [connection('defaultConnection'), connection('sslConnection')];
  const isOn = (one: XmlElement | undefined): boolean => one !== undefined && isOnUnlessSaid(one.attributes['enabled']);
  // The broker leaves the plain one out only where TLS alone is wanted.
  const isPlain = isOn(plain) || !isOn(secured);
  const [plainFact, securedFact] = facts as readonly [PortFact, PortFact];
  const listener = (fact: PortFact, { attributes, line }: XmlElement): XmlListener => ({
    fact: bare(fact),
    value: attributes['port'] ?? String(fact.base),
    key: `port of ${element.name}`,
    line,
  });
  return [
    ...(isPlain ? [listener(plainFact, plain ?? element)] : []),
    ...(secured && isOn(secured) ? [listener(securedFact, secured)] : []),
  ];
}

function coordination(root: XmlElement, { isClustered }: XmlSurroundings): XmlListener[] {
  const isAlone = elementsNamed('deployment', root).some((one) => childrenNamed('mode', one)[0]?.text === 'standalone');
  const [port] = elementsNamed('thriftServerPort', root);
  if (!isClustered || isAlone || !port) return [];
  return [{ fact: slots, value: port.text, key: 'thriftServerPort', line: port.line }];
}

// --- data-bridge/data-bridge-config.xml: CAC ThriftDataReceiverConfiguration and BinaryDataReceiverConfiguration add
// the offset; without a number the binary pair comes the other way round.

const dataBridge: XmlFile = {
  paths: ['data-bridge/data-bridge-config.xml'],
  root: 'dataBridgeConfiguration',
  decides: namesOf([...thrift, ...binary]),
  read: (root, { hasReceivers }) => {
    if (!hasReceivers) return [];
    const named = (name: string): XmlElement[] =>
      childrenNamed('dataReceiver', root).filter(({ attributes }) => attributes['name'] === name);
    return [
      ...named('Thrift').flatMap((one) => dataReceiver(one, [thrift[0], '7611'], [thrift[1], '7711'])),
      ...childrenNamed('thriftDataReceiver', root).flatMap(oldReceiver),
      ...named('Binary').flatMap((one) => dataReceiver(one, [binary[0], '9711'], [binary[1], '9611'])),
    ];
  },
};

type ReceiverPort = readonly [fact: PortFact, otherwise: string];

function dataReceiver(element: XmlElement, plain: ReceiverPort, secured: ReceiverPort): XmlListener[] {
  const config = (name: string): XmlElement | undefined =>
    childrenNamed('config', element).find(({ attributes }) => attributes['name'] === name);
  if (!isOnUnlessSaid(config('enable')?.text)) return [];
  const listener = (name: string, [fact, otherwise]: ReceiverPort): XmlListener => {
    const found = config(name);
    return { fact: bare(fact), value: found?.text ?? otherwise, key: name, line: (found ?? element).line };
  };
  return [listener('tcpPort', plain), listener('sslPort', secured)];
}

// The form of the data bridge of the first CEP and BAM servers on this kernel.
function oldReceiver(element: XmlElement): XmlListener[] {
  const of = (name: string, fact: PortFact): XmlListener[] =>
    childrenNamed(name, element).map(({ text, line }) => ({ fact: bare(fact), value: text, key: name, line }));
  return [...of('port', thrift[0]), ...of('securePort', thrift[1])];
}

// --- identity/*.xml, which older products have without that folder.

// CIF ThriftAuthenticationServiceComponent adds the offset, and has no switch.
const thriftAuthentication: XmlFile = {
  paths: ['identity/thrift-authentication.xml', 'thrift-authentication.xml'],
  root: 'Server',
  decides: [thriftAuth.name],
  read: (root) =>
    elementsNamed('Port', root)
      .slice(0, 1)
      .map(({ text, line }) => ({ fact: bare(thriftAuth), value: text, key: 'Port', line })),
};

const kerberos = { name: 'kerberos', base: 8000, scheme: 'tcp' } as const satisfies PortFact;

// wso2/carbon-identity LDAPServerConfigurationBuilder: Kerberos starts only beside LDAP, and by UDP where nothing is said.
const embeddedLdap: XmlFile = {
  paths: ['identity/embedded-ldap.xml', 'embedded-ldap.xml'],
  decides: namesOf([ldap, kerberos]),
  read: (root, surroundings) => {
    const property = (section: string, name: string): XmlElement | undefined =>
      childrenNamed(section, root)
        .flatMap((one) => childrenNamed('Property', one))
        .find(({ attributes }) => attributes['name'] === name);
    if (property('EmbeddedLDAP', 'enable')?.text !== 'true') return [];
    const listener = (fact: PortFact, section: string): XmlListener[] => {
      const port = property(section, 'port');
      return port ? [referringElement(fact, `port of ${section}`, port, surroundings)] : [];
    };
    const isTcp = property('KDCServer', 'protocol')?.text.toUpperCase() === 'TCP';
    const hasKerberos = isTcp && isTrue(property('KDCServer', 'enabled')?.text);
    return [...listener(ldap, 'EmbeddedLDAP'), ...(hasKerberos ? listener(kerberos, 'KDCServer') : [])];
  },
};

const entitlement = { name: 'thrift-entitlement', scheme: 'tls' } as const satisfies PortFact;

// CIF EntitlementServiceComponent.startThriftEntitlementService; the name is misspelt there.
const identity: XmlFile = {
  paths: ['identity/identity.xml', 'identity.xml'],
  root: 'Server',
  decides: [entitlement.name],
  read: (root, surroundings) =>
    elementsNamed('ThirftBasedEntitlementConfig', root)
      .filter((config) => isTrue(childrenNamed('EnableThriftService', config)[0]?.text))
      .flatMap((config) => referring(entitlement, 'ReceivePort', config, surroundings)),
};

// --- event-processor.xml: CAC HAConfiguration adds the offset, and HAManager opens the second port in a cluster.

const presentation: XmlListenerFact = { name: 'event-processor.presentation.port', scheme: 'tcp' };

const eventProcessor: XmlFile = {
  paths: ['event-processor.xml'],
  root: 'eventProcessorConfiguration',
  decides: namesOf([...eventSync, presentation]),
  read: (root, { isClustered }) =>
    childrenNamed('mode', root)
      .filter(({ attributes }) => attributes['name'] === 'HA' && isTrue(attributes['enable']))
      .flatMap((mode) => {
        const of = (name: string, fact: XmlListenerFact): XmlListener[] =>
          childrenNamed(name, mode).flatMap((section) =>
            childrenNamed('port', section).map(({ text, line }) => ({
              fact,
              value: text,
              key: `port of ${name}`,
              line,
            })),
          );
        const presents = elementsNamed('presenter', mode).some(({ attributes }) => isTrue(attributes['enable']));
        return [
          ...of('eventSync', bare(eventSync[0])),
          ...(isClustered ? of('management', bare(eventSync[1])) : []),
          ...(presents ? of('presentation', presentation) : []),
        ];
      }),
};

/** Every file beside carbon.xml that opens ports. */
export const XML_FILES: readonly XmlFile[] = [
  connectors,
  receivers,
  jmx,
  apiManager,
  messageBroker,
  dataBridge,
  thriftAuthentication,
  embeddedLdap,
  identity,
  eventProcessor,
];

/** The file by which {@link isClustered} tells. */
export const CLUSTER_FILE = receivers;

/** The files that a home may open ports by in templates of its own; the cluster has a switch, which the catalogue knows. */
export const TEMPLATE_FILES: readonly XmlFile[] = [
  connectors,
  {
    ...receivers,
    decides: namesOf(gatewayTransports),
    read: (root) => childrenNamed('transportReceiver', root).flatMap(receiver),
  },
];
