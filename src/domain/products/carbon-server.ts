import type { PortFact, ProductFacts, VersionRow } from '../facts.js';
import { binary, broker, gatewayTransports, shippedWebSockets, websubHttps, ws, wss } from './api-manager.js';
import {
  carbonServer,
  carbonXml,
  carbonXmlRules,
  clustering,
  jmxOn,
  on,
  osgiConsole,
  parsed,
  propertiesFile,
  propertiesLast,
  servlet,
} from './kernel.js';
import { inboundShift, synapseJmx } from './synapse.js';

// Any other Carbon 4 server: what the kernel opens, and whatever else its own rules speak of.

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
  inbound: { shiftedWhen: parsed(on(inboundShift)), shipped: shippedWebSockets },
} as const satisfies Omit<VersionRow, 'since'>;

export const anyCarbonServer = {
  ...carbonServer,
  aliases: ['carbon'],
  title: 'WSO2 server',
  names: [],
  goesByKernel: true,
  versions: [
    // CK user-mgt.xml of 4.10.3: with the groups and roles of a fresh database that it speaks of, no realm comes up.
    { ...row, ...propertiesLast, since: [4, 10, 3] },
    { ...row, ...propertiesLast, startsUnrendered: true, since: [4, 6, 1] },
    { ...row, propertiesFile, startsUnrendered: true, since: [0, 0] },
  ],
  required: ['servlet-https'],
} as const satisfies ProductFacts;
