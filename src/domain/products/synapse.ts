import type { Condition, PortFact } from '../facts.js';

// The mediation engine of API Manager and Micro Integrator. SYN wso2/wso2-synapse, MED wso2/carbon-mediation.

// MI ServiceBusInitializer, MED likewise: absolute, and the start waits until a debugger connects. Only MI has bases.
export const debuggerPort = (channel: string, base?: number): PortFact => ({
  name: `synapse.debugger.port.${channel}`,
  ...(base !== undefined && { base }),
  scheme: 'tcp',
  fixed: true,
  key: `synapse_properties.'synapse.debugger.port.${channel}'`,
  openWhen: [{ property: 'esb.debug', otherwise: false }],
});

// SYN JmxAdapter: absolute, and with 0 the registry takes the first free port of a hundred. Nothing opens without it.
const jmxOn = {
  not: { key: "synapse_properties.'synapse.jmx.jndiPort'", lists: '-1', otherwise: '-1' },
} as const satisfies Condition;
const jmxPort = (name: string): PortFact => ({
  name: `synapse.jmx.${name}`,
  scheme: 'tcp',
  fixed: true,
  key: `synapse_properties.'synapse.jmx.${name}'`,
  openWhen: [jmxOn],
});
export const synapseJmx: readonly PortFact[] = [{ ...jmxPort('jndiPort'), searchesFrom: 1099 }, jmxPort('rmiPort')];

// SYN unittest TCPServer.
export const unitTest = {
  name: 'synapseTestPort',
  base: 9008,
  scheme: 'tcp',
  property: 'synapseTestPort',
  fixed: true,
  openWhen: [{ property: 'synapseTest', otherwise: false }],
} as const satisfies PortFact;

/** Whether HTTP inbound endpoints add the offset. MED InboundHttpListener, MI likewise. */
export const inboundShift = "synapse_properties.'inbound.port.offset.enable'";
