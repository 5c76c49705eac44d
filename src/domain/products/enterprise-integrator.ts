import type { InboundFacts, PortFact, ProductFacts, ServerFacts, VersionRow } from '../facts.js';
import { binary, broker, gatewayTransports, mqtt, thrift } from './api-manager.js';
import { analytics, msf4j } from './carbon5.js';
import {
  carbonPlacings,
  carbonServer,
  carbonWrites,
  carbonXmlRules,
  clustering,
  jmxOn,
  osgiConsole,
  servlet,
} from './kernel.js';

// Enterprise Integrator 6.0 to 6.6: a home with a server for each profile.
//
// Sources: EI wso2/product-ei, distribution/src at the tags v6.0.0 to v6.6.0: conf and the folder of each profile for
// what they open, scripts for how they start. The scripts in bin/ of all but the integrator loop for ever round those
// below wso2/, which therefore are started themselves.

interface Profile {
  readonly title: string;
  readonly script: string;
  /** `<Offset>` in the carbon.xml that it ships. */
  readonly offset: number;
  readonly ports: readonly PortFact[];
  readonly required: readonly string[];
  /** Equinox's folder, from the profile's own home. */
  readonly osgi: string;
  readonly inbound?: InboundFacts;
}

const carbonProfile = ({ title, script, offset, ports, required, osgi, inbound }: Profile): ServerFacts => {
  const row: Omit<VersionRow, 'since'> = {
    script,
    jdk: [7, 11],
    ports: [...servlet, ...ports, ...jmxOn, clustering, osgiConsole],
    rules: carbonXmlRules,
    carbonXml: 'conf/carbon.xml',
    propertiesFile: 'conf/carbon.properties',
    startsUnrendered: true,
    ...(inbound && { inbound }),
  };
  return {
    ...carbonServer,
    title,
    configFile: 'conf/deployment.toml',
    shippedOffset: offset,
    logging: { ...carbonServer.logging, configFile: 'conf/log4j2.properties' },
    written: { ...carbonWrites, osgi },
    known: [
      [6, 0],
      [6, 6],
    ],
    versions: [
      { ...row, since: [6, 6] },
      { ...row, since: [6, 0], jdk: [7, 8], knowsNoToml: true },
    ],
    required,
  };
};

const integrator = carbonProfile({
  title: 'WSO2 Enterprise Integrator',
  script: 'integrator',
  offset: 0,
  ports: gatewayTransports,
  required: ['servlet-https', 'gateway-http', 'gateway-https'],
  osgi: 'wso2/components/default/configuration',
  inbound: { shipped: {} },
});

const innerProfile = (more: Omit<Profile, 'script'>): ServerFacts => carbonProfile({ ...more, script: 'wso2server' });

const businessProcess = innerProfile({
  title: 'WSO2 EI Business Process',
  offset: 2,
  ports: [],
  required: ['servlet-https'],
  osgi: '../components/business-process-default/configuration',
});

const messageBroker = innerProfile({
  title: 'WSO2 EI Broker',
  offset: 3,
  ports: [...broker, ...mqtt],
  required: ['servlet-https', 'amqp'],
  osgi: '../components/broker-default/configuration',
});

// Up to 6.3 analytics was a Data Analytics Server.
const oldAnalytics = innerProfile({
  title: 'WSO2 EI Analytics',
  offset: 1,
  ports: [...thrift, ...binary],
  required: ['servlet-https'],
  osgi: '../components/analytics-default/configuration',
});

export const enterpriseIntegrator = {
  ...integrator,
  // Its servers share their bundles; each has folders of its own below wso2/, in the kernel's form.
  placings: {
    ...carbonPlacings,
    'wso2/*/repository/database': 'data',
    'wso2/*/repository/logs': 'empty',
    'wso2/*/tmp': 'empty',
    'wso2/*/wso2carbon.pid': 'omit',
    'wso2/*/runtime.pid': 'omit',
    'wso2/*/logs': 'empty',
    'wso2/lib': 'link-unedited',
    'wso2/components/features': 'link',
    'wso2/components/plugins': 'link',
    'wso2/components/*/configuration/org.eclipse.osgi': 'omit',
    'wso2/components/*/configuration/org.eclipse.equinox.simpleconfigurator/bundles.info': 'follow',
    'wso2/analytics/wso2/lib/plugins': 'link',
    'wso2/analytics/wso2/*/configuration/org.eclipse.osgi': 'omit',
  },
  aliases: ['enterprise-integrator'],
  names: ['WSO2 Enterprise Integrator'],
  homeVariable: 'EI_HOME',
  servers: {
    integrator: { facts: integrator },
    'business-process': { within: 'wso2/business-process', facts: businessProcess },
    broker: { within: 'wso2/broker', facts: messageBroker },
    msf4j: {
      within: 'wso2/msf4j',
      known: [
        [6, 1],
        [6, 5],
      ],
      runtime: 'msf4j',
      facts: msf4j,
    },
    analytics: {
      within: 'wso2/analytics',
      known: [
        [6, 0],
        [6, 3],
      ],
      facts: oldAnalytics,
    },
    'analytics-worker': {
      within: 'wso2/analytics',
      known: [
        [6, 4],
        [6, 6],
      ],
      runtime: 'worker',
      facts: analytics,
    },
    'analytics-dashboard': {
      within: 'wso2/analytics',
      known: [
        [6, 4],
        [6, 6],
      ],
      runtime: 'dashboard',
      facts: analytics,
    },
  },
} as const satisfies ProductFacts;
