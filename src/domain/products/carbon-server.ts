import type { PortFact, ProductFacts, ServerFacts, VersionRow } from '../facts.js';
import {
  binary,
  broker,
  gatewayTransports,
  mqtt,
  shippedWebSockets,
  thrift,
  websubHttps,
  ws,
  wss,
} from './api-manager.js';
import {
  carbonServer,
  carbonXml,
  carbonXmlOtherwise,
  carbonXmlRules,
  clustering,
  jmxOn,
  literal,
  on,
  osgiConsole,
  parsed,
  propertiesFile,
  propertiesLast,
  servlet,
  thriftAuth,
} from './kernel.js';
import { inboundShift, synapseJmx } from './synapse.js';

// Any other Carbon 4 server: what the kernel opens, and whatever else its own rules and files speak of.

/** Listeners that are there only where the home's own rules or its user speak of the port. */
const ifSet = (facts: readonly PortFact[]): PortFact[] =>
  facts.filter(({ key }) => key !== undefined).map(({ base: _, ...fact }) => fact);

const row = {
  script: 'wso2server',
  jdk: [7],
  ports: [
    ...servlet,
    ...jmxOn,
    ...ifSet([...gatewayTransports, ws, wss, websubHttps, ...broker, ...binary]),
    clustering,
    ...synapseJmx,
    osgiConsole,
  ],
  rules: carbonXmlRules,
  carbonXml,
  carbonXmlOtherwise,
  inbound: { shiftedWhen: parsed(on(inboundShift)), shipped: shippedWebSockets },
} as const satisfies Omit<VersionRow, 'since'>;

const oldest: VersionRow = {
  ...row,
  propertiesFile,
  startsUnrendered: true,
  // MED has known the switch since API Manager 4.0.
  inbound: { shipped: shippedWebSockets },
  since: [0, 0],
};

/** A product of the time of carbon.xml: what it opens where its own files don't say. */
const edition = (title: string, more: readonly PortFact[], script: string = row.script): Partial<ServerFacts> => ({
  title,
  versions: [{ ...oldest, script, ports: [...servlet, ...more, ...jmxOn, osgiConsole].map(literal) }],
});

const receivers = [...thrift, ...binary];

export const anyCarbonServer = {
  ...carbonServer,
  aliases: ['carbon'],
  title: 'WSO2 server',
  names: [],
  goesByKernel: true,
  // The names stand in bin/version.txt. Sources, by repository: product-esb axis2.xml, product-mb and its features'
  // broker.xml, product-das, product-bps, product-greg, product-as, product-iots, each its features and files.
  editions: {
    'WSO2 Enterprise Service Bus': edition('WSO2 Enterprise Service Bus', gatewayTransports),
    'WSO2 Message Broker': edition('WSO2 Message Broker', [...broker, ...mqtt]),
    'WSO2 Data Analytics Server': edition('WSO2 Data Analytics Server', receivers),
    'WSO2 Business Process Server': edition('WSO2 Business Process Server', []),
    'WSO2 Governance Registry': edition('WSO2 Governance Registry', []),
    'WSO2 Application Server': edition('WSO2 Application Server', []),
    'Application Server': edition('WSO2 Application Server', []),
    // wso2/analytics-apim up to 2.5, later of Carbon 5.
    'WSO2 API Manager Analytics Server': edition('WSO2 API Manager Analytics', receivers),
    'WSO2 IoT Server': edition('WSO2 IoT Server', [...gatewayTransports, ...receivers, thriftAuth], 'iot-server'),
  },
  versions: [
    // CK user-mgt.xml of 4.10.3: with the groups and roles of a fresh database that it speaks of, no realm comes up.
    { ...row, ...propertiesLast, since: [4, 10, 3] },
    { ...row, ...propertiesLast, startsUnrendered: true, since: [4, 6, 1] },
    oldest,
  ],
  required: ['servlet-https'],
} as const satisfies ProductFacts;
