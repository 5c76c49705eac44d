import { NO_RULES, type Rules } from '../configuration.js';
import type { BootFacts, Condition, PortFact, Switch, WrittenFacts } from '../facts.js';
import type { Placings } from '../private-home.js';
import { carbonDeployment } from './deployers.js';

// Facts that all Carbon 4 servers have in common.
//
// Sources, by repository: PA wso2/product-apim, CK wso2/carbon-kernel, IS wso2/product-is, MI wso2/micro-integrator,
// SYN wso2/wso2-synapse, MED wso2/carbon-mediation, AND wso2/andes, CAC wso2/carbon-analytics-common.

export const on = (key: string): Switch => ({ key, otherwise: true });
export const off = (key: string): Switch => ({ key, otherwise: false });
/** A switch that the product's Java code reads, where templates only hand it on. */
export const parsed = (one: Switch): Switch => ({ ...one, reads: 'java' });

/** A listener that opens only where more is on as well. */
export const plus = (fact: PortFact, ...more: Condition[]): PortFact => ({
  ...fact,
  openWhen: [...(fact.openWhen ?? []), ...more],
});

/** A listener of versions whose template lacks the key: the base stands in a file that no key reaches. */
export const literal = ({ key: _, openWhen: __, ...fact }: PortFact): PortFact => fact;

// Base ports have not changed between 2.6 and 4.7. CK CarbonTomcat.startConnectors adds the offset to them, and none
// to the two system properties.
export const servletHttps = {
  name: 'servlet-https',
  base: 9443,
  scheme: 'https',
  key: 'transport.https.properties.port',
  isReadAsIs: true, // Tomcat's IntrospectionUtils.setProperty
  property: 'tomcat.https.port',
} as const satisfies PortFact;
export const servletHttp = {
  name: 'servlet-http',
  base: 9763,
  scheme: 'http',
  key: 'transport.http.properties.port',
  isReadAsIs: true,
  property: 'tomcat.http.port',
} as const satisfies PortFact;
// No kernel's catalina-server.xml.j2 can switch a connector off; some products' own one can.
export const servlet = [servletHttps, servletHttp];

// CK jmx.xml, by way of getPortFromServerConfig.
const jmx = (start: Switch): PortFact[] => {
  const port = { scheme: 'tcp', isReadAsIs: true, openWhen: [start] } as const;
  return [
    { ...port, name: 'jmx-registry', base: 9999, key: 'monitoring.jmx.rmi_registry_port' },
    { ...port, name: 'jmx-server', base: 11111, key: 'monitoring.jmx.rmi_server_port' },
  ];
};
export const jmxOn = jmx(parsed(on('monitoring.jmx.rmi_server_start'))); // CK and PA default.json
export const jmxOff = jmx(parsed(off('monitoring.jmx.rmi_server_start'))); // IS default.json, since 5.10

// Missing on the products' own port page, and no key switches it off: wso2/product-is#8365.
export const thriftAuth = { name: 'thrift-auth', base: 10711, scheme: 'tls' } as const satisfies PortFact;

// Hazelcast's own port: the kernel's offset does not reach it. CK HazelcastClusteringAgent and the membership schemes set
// its port alone, so that its auto-increment stays on: it takes the first free one of a hundred.
export const clustering = {
  name: 'clustering.local_member_port',
  base: 4000,
  scheme: 'tcp',
  fixed: true,
  movesOn: true,
  key: 'clustering.local_member_port',
  openWhen: [{ ...off('clustering.membership_scheme'), reads: 'defined' }], // CK axis2.xml.j2
} as const satisfies PortFact;

// CK server.util.Utils.getArgs.
export const osgiConsole = { name: 'osgiConsole', scheme: 'tcp', property: 'osgiConsole' } as const satisfies PortFact;

const deploymentToml = 'repository/conf/deployment.toml';
/** Up to kernel 4.4 there is no deployment.toml: this file holds the offset itself. */
export const carbonXml = 'repository/conf/carbon.xml';
/** The folder of the configuration of servers that call no folder `repository`: EI wso2/product-ei `integrator.sh`. */
export const carbonXmlOtherwise = ['conf/carbon.xml'];
export const carbonXmlRules: Rules = {
  ...NO_RULES,
  mappings: { 'Ports.Offset': 'server.offset', HostName: 'server.hostname' },
};
// CK org.wso2.carbon.server.Main.addSystemProperties: after the configuration and the arguments since kernel 4.6.1.
// Until then CK org.wso2.carbon.bootstrap.Bootstrap: before both, so that the file is read as the last start left it.
export const propertiesFile = 'repository/conf/carbon.properties';
export const propertiesLast = { propertiesFile, propertiesAreReadLast: true } as const;

const logsUnwritten = 'its own log files miss what it says';

// Each path was made unwritable alone, on kernels 4.5.1, 4.8.1 and 4.10.32 started before and not: the rest of what
// they write makes no difference.
export const carbonWrites = {
  osgi: 'repository/components/default/configuration',
  needsDatabases: true,
  wanted: {
    tmp: 'it is not emptied, and holds nothing new',
    'wso2carbon.pid': "the start script's own stop and restart don't find it",
    'repository/database': 'H2 can make no files beside its databases',
    'repository/logs': logsUnwritten,
    'repository/logs/wso2carbon.log': logsUnwritten,
    'repository/logs/audit.log': logsUnwritten,
    'repository/logs/patches.log': logsUnwritten,
    'repository/logs/tm.out': logsUnwritten,
    'repository/components/dropins': 'what is dropped in is not made into bundles',
    'repository/components/default': 'it complains of its null.ini',
    'repository/components/patches': 'no patch is applied',
    'repository/resources/conf/.metadata': 'it renders its configuration at each start',
    'repository/deployment/server': 'nothing can be deployed in it',
    'lib/tomcat/work': 'the pages of its console can not be made',
  },
} as const satisfies WrittenFacts;

// Two homes of kernel 4.10.32 that were made so ran side by side, and left their installation as it was. What the launcher
// writes into existing files, by CK DefaultBundleCreator (dropins), EclipseIniRewriter and DropinsBundleDeployer (default),
// is copied; `lib/tomcat` is Tomcat's work folder.
export const carbonPlacings = {
  bin: 'link-unedited',
  dbscripts: 'link',
  lib: 'link-unedited',
  'lib/tomcat': 'copy',
  modules: 'link',
  samples: 'link',
  'repository/components/features': 'link',
  'repository/components/plugins': 'link',
  // Equinox makes them anew: `osgi.clean` of launch.ini.
  'repository/components/*/configuration/*.log': 'omit',
  'repository/components/*/configuration/org.eclipse.core.runtime': 'omit',
  'repository/components/*/configuration/org.eclipse.equinox.app': 'omit',
  'repository/components/*/configuration/org.eclipse.osgi': 'omit',
  'repository/components/*/configuration/org.eclipse.equinox.simpleconfigurator/bundles.info': 'follow',
  'repository/components/*/null.ini': 'made',
  'repository/components/*/eclipse.ini': 'made',
  'repository/components/dropins/*_1.0.0.jar': 'made', // from components/lib and extensions
  'repository/components/patches/.metadata': 'made',
  'repository/resources/conf/.metadata': 'made',
  'repository/deployment/server/jaggeryapps': 'link-unedited',
  'repository/deployment/server/webapps': 'link-unedited',
  // What users change of a portal's looks.
  'repository/deployment/server/*apps/*/override': 'copy',
  'repository/deployment/server/*apps/*/site/public/theme': 'copy',
  'repository/database': 'data',
  'repository/data': 'data',
  'repository/tenants': 'data',
  solr: 'data',
  'repository/logs': 'empty',
  tmp: 'empty',
  backup: 'omit',
  'password-tmp': 'omit',
  'wso2carbon.pid': 'omit',
} as const satisfies Placings;

// CK CappDeployer's ApplicationManager; MI CappDeployer says the same.
export const carbonApplications: BootFacts['artifacts'] = [
  {
    begins: /Deploying Carbon Application : (\S+?)(?:\.car)?(?:\s|\.\.\.|$)/,
    deployed: /Successfully Deployed Carbon Application : ([^\s{]+)/,
  },
];

// A boot of kernel 4.10.32; CK CarbonCoreActivator, CarbonServerManager and HttpTransportListener; SYN
// PassThroughListeningIOReactorManager. The webapps' line: CK TomcatGenericWebappsDeployer.
const carbonBoot: BootFacts = {
  phases: [
    { phase: 'bundles', text: 'Starting WSO2 Carbon...' },
    { phase: 'artifacts', text: 'Repository       : ' },
    { phase: 'listeners', text: ' Listener started on ' },
    { phase: 'listeners', text: 'HTTP port        : ' },
  ],
  artifacts: [...carbonApplications, { deployed: /Deployed webapp: \S*StandardContext\[([^\]]*)\]/ }],
};

export const carbonConsole = { name: 'console', port: 'servlet-https', path: '/carbon' } as const;

/** The facts that all products built on the kernel share. */
export const carbonServer = {
  configFile: deploymentToml,
  defaultOffset: 0, // CK carbon.xml.j2
  readyText: 'WSO2 Carbon started in ', // CK StartupFinalizerServiceComponent
  boot: carbonBoot,
  deployment: carbonDeployment,
  logging: {
    configFile: 'repository/conf/log4j2.properties',
    readyLogger: 'org.wso2.carbon.core.internal.StartupFinalizerServiceComponent',
    folders: { 'carbon.home': '.' },
  },
  requiredInProfile: ['servlet-https'],
  opensByXml: true,
  written: carbonWrites,
  placings: carbonPlacings,
  health: { port: 'servlet-http', path: '/services/Version', otherwiseTls: 'servlet-https' },
  urlKeys: {},
  birth: { urls: [carbonConsole] },
} as const;
