import { NO_RULES } from '../configuration.js';
import type { Condition, PortFact, ProductFacts, Switch } from '../facts.js';
import { microIntegratorDeployment } from './deployers.js';
import { carbonApplications, off, on, osgiConsole, parsed } from './kernel.js';
import { debuggerPort, inboundShift, synapseJmx, unitTest } from './synapse.js';

// Micro Integrator 1.2 to 4.6: no Carbon kernel of its own, but the same rules. MI wso2/micro-integrator.

/** An API of the server's own, and the protocols that it is served by. */
interface InternalApi {
  /** The switch that the start script turns on, or leaves to the user. */
  readonly switch: Switch;
  /** Absent: the template has the protocols as a literal. */
  readonly key?: string;
  readonly protocols: string;
}

// MI internal-apis.xml.j2, default.json, micro-integrator.sh (`-Denable…=true`) and ConfigurationLoader.
const internalApi = (name: string, key: string | undefined, protocols = 'http', otherwise = true): InternalApi => ({
  switch: parsed({ property: `enable${name}`, otherwise }),
  ...(key !== undefined && { key: `${key}.protocols` }),
  protocols,
});
const managementApi = internalApi('ManagementApi', 'management_api', 'https http');
const prometheusApi = internalApi('PrometheusApi', 'prometheus_api', 'http', false);
const readinessProbe = internalApi('ReadinessProbe', 'readiness_probe');
const livenessProbe = internalApi('LivenessProbe', 'liveness_probe');
const apis40 = [managementApi, prometheusApi, internalApi('ReadinessProbe', undefined)];
const apis41 = [managementApi, prometheusApi, readinessProbe];
const apis42 = [...apis41, livenessProbe];

/** MI HTTPEndpointManager and EndpointListenerLoader: a listener opens for what is served by its protocol. */
const serves = (protocol: string, apis: readonly InternalApi[]): Condition => ({
  anyOf: apis.flatMap(({ switch: isOn, key, protocols }): Condition[] => {
    if (key !== undefined) return [{ allOf: [isOn, { key, lists: protocol, otherwise: protocols }] }];
    return protocols === protocol ? [isOn] : [];
  }),
});

// MI PassThroughHttpListener and ConfigurationLoader; the internal pair in HTTPEndpointManager. Nothing in MI starts
// a JMX connector, whatever carbon.xml says.
const internalOn = parsed(on("synapse_properties.'internal.http.api.enabled'"));
const portsWith = (apis: readonly InternalApi[]): PortFact[] => [
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
    openWhen: [internalOn, serves('https', apis)],
  },
  {
    name: 'internal',
    base: 9191,
    scheme: 'http',
    key: "synapse_properties.'internal.http.api.port'",
    openWhen: [internalOn, serves('http', apis)],
  },
  // Axis2's own TCP listener, which knows of no offset, and without a port of the user's listens nowhere (TCPEndpoint).
  {
    name: 'transport.tcp.listener.port',
    scheme: 'tcp',
    fixed: true,
    key: "transport.tcp.listener.parameter.'transport.tcp.port'",
    openWhen: [off('transport.tcp.listener.enable')],
  },
  debuggerPort('command', 9005),
  debuggerPort('event', 9006),
  unitTest,
  ...synapseJmx,
  osgiConsole,
];

// MI axis2.xml.j2; HL7 comes as a custom listener.
const transports = { tcp: off('transport.tcp.listener.enable'), fix: off('transport.fix.listener.enable') };

const mi = {
  script: 'micro-integrator',
  ports: portsWith(apis42),
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
  // axis2.xml.j2 renders any class here: HL7, TCP and what users write know of no offset. SYN PassThroughHttpListener,
  // from which the others of its package inherit, and ListenerContextBuilder of nhttp add it.
  extras: [
    {
      key: /^custom_transport\.listener\.parameter\..*(?:(?<![A-Za-z])port|Port)'?$/,
      scheme: 'tcp',
      fixed: true,
      unusedBy: /\bHL7TransportListener$/, // HL7Endpoint takes a service's port alone
      movedBy: /^org\.apache\.synapse\.transport\.(?:passthru\.PassThroughHttp|nhttp\.HttpCoreNIO)\w*Listener$/,
    },
  ],
  inbound: { shiftedWhen: parsed(off(inboundShift)), shipped: {}, transports },
} as const;

export const microIntegrator = {
  aliases: ['micro-integrator'],
  title: 'WSO2 Micro Integrator',
  names: ['WSO2 Micro Integrator'],
  homeVariable: 'MI_HOME',
  configFile: 'conf/deployment.toml',
  defaultOffset: 10, // MI carbon.xml.j2 line 130; -DportOffset replaces it, Activator.java line 122
  readyText: 'WSO2 Micro Integrator started in ',
  // The configuration is applied before the framework starts; the boot of product-integrator-mi#3657.
  boot: {
    phases: [
      { phase: 'bundles', text: 'Applying configurations with deployment configurations' },
      { phase: 'bundles', text: 'Starting WSO2 Micro Integrator' }, // MI CarbonCoreActivator
      { phase: 'artifacts', text: 'Deploying Carbon Application : ' },
      { phase: 'listeners', text: ' Listener started on ' },
    ],
    artifacts: carbonApplications,
  },
  deployment: microIntegratorDeployment,
  logging: {
    configFile: 'conf/log4j2.properties',
    readyLogger: 'org.wso2.micro.integrator.initializer.StartupFinalizer', // MI StartupFinalizer
    folders: { 'carbon.home': '.', 'logfiles.home': 'repository/logs' }, // MI micro-integrator.sh
  },
  known: [
    [1, 2],
    [4, 6],
  ],
  versions: [
    { ...mi, since: [4, 6], jdk: [21, 25] },
    { ...mi, since: [4, 4], jdk: [11, 21] },
    { ...mi, since: [4, 2], jdk: [11, 17] },
    { ...mi, since: [4, 1], jdk: [7, 11], ports: portsWith(apis41) },
    { ...mi, since: [4, 0], jdk: [7, 11], ports: portsWith(apis40) },
    { ...mi, since: [1, 2], jdk: [7, 11], ports: portsWith(apis40), inbound: { shipped: {}, transports } },
  ],
  required: ['http', 'https', 'internal', 'management'],
  urls: [
    { name: 'http', port: 'http', path: '' },
    { name: 'https', port: 'https', path: '' },
    { name: 'management', port: 'management', path: '/management' },
    { name: 'health', port: 'internal', path: '/healthz' },
  ],
  health: { port: 'internal', path: '/healthz', otherwiseTls: 'management' },
  // The kernel's own, in other folders. MI micro-integrator.sh, `-Dcarbon.…dir.path`.
  written: {
    osgi: 'wso2/components/default/configuration',
    wanted: {
      tmp: 'it is not emptied, and carbon applications can not be unpacked',
      'wso2carbon.pid': "the start script's own stop and restart don't find it",
      'repository/database': 'H2 can make no files beside its databases',
      'repository/logs': 'its own log files miss what it says',
      'repository/deployment/server': 'nothing can be deployed in it',
      'repository/resources/conf/.metadata': 'it renders its configuration at each start',
    },
  },
  placings: {
    bin: 'link-unedited',
    dbscripts: 'link',
    lib: 'link-unedited',
    samples: 'link',
    'wso2/lib': 'link-unedited',
    'wso2/components/features': 'link',
    'wso2/components/plugins': 'link',
    'wso2/components/*/configuration/org.eclipse.osgi': 'omit',
    'wso2/components/*/configuration/org.eclipse.equinox.simpleconfigurator/bundles.info': 'follow',
    'repository/resources/conf/.metadata': 'made',
    registry: 'data', // a folder of files, which mediators write: MI MicroIntegratorRegistry
    'repository/database': 'data',
    'repository/logs': 'empty',
    tmp: 'empty',
    backup: 'omit',
    'password-tmp': 'omit',
    'wso2carbon.pid': 'omit',
    '.icp_runtime_id': 'omit',
  },
  management: { https: 'management', http: 'internal' },
  // MI ServiceCatalogUtils. The dashboard and ICP, which others name, know of no offset.
  urlKeys: { 'service_catalog.apim_host': { port: 'servlet-https', of: [['control-plane', 'apim']] } },
  // MI 4.6 ICPHeartBeatComponent: `[server] offset`, else 10.
  agent: { title: 'Integration Control Plane agent', key: 'icp_config.enabled' },
} as const satisfies ProductFacts;
