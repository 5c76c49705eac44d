import { NO_RULES } from '../configuration.js';
import type { PortFact, ProductFacts } from '../facts.js';
import { off, on, osgiConsole } from './kernel.js';
import { debuggerPort, inboundShift, unitTest } from './synapse.js';

// Micro Integrator 1.2 to 4.6: no Carbon kernel of its own, but the same rules. MI wso2/micro-integrator.

// MI PassThroughHttpListener and ConfigurationLoader; the internal pair in HTTPEndpointManager. Nothing in MI starts
// a JMX connector, whatever carbon.xml says.
const internalOn = on("synapse_properties.'internal.http.api.enabled'");
const miPorts = [
  {
    name: 'http',
    base: 8280,
    scheme: 'http',
    key: 'transport.http.listener.parameter.port',
    openWhen: [on('transport.http.listener.enable')],
  },
  {
    name: 'https',
    base: 8243,
    scheme: 'https',
    key: 'transport.https.listener.parameter.port',
    openWhen: [on('transport.http.listener.secured_enable')],
  },
  {
    name: 'management',
    base: 9154,
    scheme: 'https',
    key: "synapse_properties.'internal.https.api.port'",
    openWhen: [internalOn],
  },
  {
    name: 'internal',
    base: 9191,
    scheme: 'http',
    key: "synapse_properties.'internal.http.api.port'",
    openWhen: [internalOn],
  },
  // Axis2's own TCP listener, which knows of no offset.
  {
    name: 'transport.tcp.listener.port',
    base: 8000,
    scheme: 'tcp',
    fixed: true,
    key: "transport.tcp.listener.parameter.'transport.tcp.port'",
    openWhen: [off('transport.tcp.listener.enable')],
  },
  debuggerPort('command', 9005),
  debuggerPort('event', 9006),
  unitTest,
  osgiConsole,
] as const satisfies readonly PortFact[];

const mi = {
  script: 'micro-integrator',
  ports: miPorts,
  rules: {
    ...NO_RULES,
    mappings: {
      'transport.http.listener.port': 'transport.http.listener.parameter.port',
      'transport.http.listener.secured_port': 'transport.https.listener.parameter.port',
      'transport.tcp.listener.port': "transport.tcp.listener.parameter.'transport.tcp.port'",
      'mediation.internal_http_api_enable': "synapse_properties.'internal.http.api.enabled'",
      'mediation.internal_http_api_port': "synapse_properties.'internal.http.api.port'",
      'mediation.internal_https_api_port': "synapse_properties.'internal.https.api.port'",
      'mediation.inbound.port_offset_enable': inboundShift,
      'mediation.synapse.command_debugger_port': "synapse_properties.'synapse.debugger.port.command'",
      'mediation.synapse.event_debugger_port': "synapse_properties.'synapse.debugger.port.event'",
    },
  },
  propertiesFile: 'conf/carbon.properties', // MI Bootstrap.addSystemProperties, before the arguments
  // axis2.xml.j2 renders any class here: HL7, TCP and what users write. None of them knows of an offset.
  extras: [
    {
      key: /^custom_transport\.listener\.parameter\..*(?:(?<![A-Za-z])port|Port)'?$/,
      scheme: 'tcp',
      fixed: true,
    },
  ],
  inbound: { shiftedWhen: off(inboundShift), shipped: {} },
} as const;

export const microIntegrator = {
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
    { ...mi, since: [4, 6], jdk: [21, 25] },
    { ...mi, since: [4, 4], jdk: [11, 21] },
    { ...mi, since: [4, 2], jdk: [11, 17] },
    { ...mi, since: [4, 0], jdk: [7, 11] },
    { ...mi, since: [1, 2], jdk: [7, 11], inbound: { shipped: {} } },
  ],
  required: ['http', 'https', 'internal', 'management'],
  urls: [
    { name: 'http', port: 'http', path: '' },
    { name: 'https', port: 'https', path: '' },
    { name: 'management', port: 'management', path: '/management' },
    { name: 'health', port: 'internal', path: '/healthz' },
  ],
  health: { port: 'internal', path: '/healthz' },
  management: { https: 'management', http: 'internal' },
  // MI ServiceCatalogUtils. The dashboard and ICP, which others name, know of no offset.
  urlKeys: { 'service_catalog.apim_host': { port: 'servlet-https', of: [['control-plane', 'apim']] } },
  // MI 4.6 ICPHeartBeatComponent: `[server] offset`, else 10.
  agent: { title: 'Integration Control Plane agent', key: 'icp_config.enabled' },
} as const satisfies ProductFacts;
