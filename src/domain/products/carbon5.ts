import type { Carbon5Facts, PortFact, ProductFacts, RuntimeFacts, ServerFacts, VersionRow } from '../facts.js';

// EI Analytics 7.x, the analytics and msf4j profiles of Enterprise Integrator, API Manager Analytics 2.6 to 3.2, Stream
// Processor 4.x and Streaming Integrator: Carbon 5.
//
// Sources, by repository: EI wso2/product-ei, DEI wso2/docker-ei (the files of EI Analytics 7.1), SI
// wso2/streaming-integrator, SP wso2/product-sp, APA wso2/analytics-apim, MSF wso2/msf4j, CC wso2/carbon-config, CK
// wso2/carbon-kernel. The listeners are read from
// a home's own deployment.yaml; what stands here is what is shipped.

const http = (base: number): PortFact => ({ name: 'http', base, scheme: 'http' });
const https = (base: number): PortFact => ({ name: 'https', base, scheme: 'https' });
// The query API never adds the offset (MSF MicroservicesRunner): the overlay does, counted from the file's own offset.
const store = (plain: number, secured: number): readonly PortFact[] => [
  { name: 'store-http', base: plain, scheme: 'http' },
  { name: 'store-https', base: secured, scheme: 'https' },
];
const receivers = (thrift: number): readonly PortFact[] => [
  { name: 'thrift', base: thrift, scheme: 'tcp' },
  { name: 'thrift-ssl', base: thrift + 100, scheme: 'tls' },
  { name: 'binary', base: 9611, scheme: 'tcp' },
  { name: 'binary-ssl', base: 9711, scheme: 'tls' },
];

const runtime = (profile: string, script: string, defaultOffset: number, ports: readonly PortFact[]): RuntimeFacts => ({
  script,
  folder: `wso2/${profile}`,
  configFile: `conf/${profile}/deployment.yaml`,
  defaultOffset,
  ports,
});

// SI modules/distribution/carbon-home/conf/server/deployment.yaml.
const streaming = {
  server: runtime('server', 'bin/server', 0, [http(9090), https(9443), ...store(7070, 7443), ...receivers(7611)]),
};

// DEI docker-compose/ei-analytics/resources.
const analytics7 = {
  server: runtime('server', 'bin/server', 1, [http(9090), https(9443), ...store(7069, 7442), ...receivers(7611)]),
  portal: runtime('portal', 'bin/portal', 2, [https(9643), ...receivers(7611)]),
};

// EI p2-profile/analytics-profile/carbon-home/conf: HTTP stays where the file has it. The scripts in bin/ of the
// Enterprise Integrator loop for ever round these.
const carbonScript = (profile: string): string => `wso2/${profile}/bin/carbon`;
const analytics6 = {
  worker: runtime('worker', carbonScript('worker'), 0, [
    http(9091),
    https(9444),
    ...store(7070, 7443),
    ...receivers(7612),
  ]),
  dashboard: runtime('dashboard', carbonScript('dashboard'), 2, [https(9641), ...receivers(7611)]),
};

// SP modules/distribution/carbon-home/conf at v4.0.0 to v4.4.0; the query API came with 4.3.
const processor = (hasStore: boolean): Carbon5Facts['profiles'] => {
  const stores = (...facts: PortFact[]): PortFact[] => (hasStore ? facts : []);
  return {
    worker: runtime('worker', 'bin/worker', 0, [
      ...[http(9090), https(9443)],
      ...stores(...store(7070, 7443)),
      ...receivers(7611),
    ]),
    editor: runtime('editor', 'bin/editor', 3, [
      ...[http(9387), https(9740)],
      ...stores({ name: 'store-http', base: 7367, scheme: 'http' }),
      ...receivers(7611),
    ]),
    manager: runtime('manager', 'bin/manager', 1, [http(9189), https(9542), ...receivers(7611)]),
    dashboard: runtime('dashboard', 'bin/dashboard', 2, [https(9641), ...receivers(7611)]),
  };
};

// APA carbon-home/conf at v2.6.0, v3.0.0, v3.1.0 and v3.2.0; up to 3.0 the files have HTTP ports with the offset in them.
const apimWorker = runtime('worker', 'bin/worker', 1, [
  ...[http(9090), https(9443)],
  ...store(7070, 7443),
  ...receivers(7611),
]);
const apimAnalytics = {
  worker: apimWorker,
  dashboard: runtime('dashboard', 'bin/dashboard', 3, [http(9089), https(9640), ...receivers(7611)]),
};
const apimAnalytics3 = {
  worker: apimWorker,
  dashboard: runtime('dashboard', 'bin/dashboard', 3, [https(9640), ...receivers(7611)]),
};
const apimAnalytics2 = {
  ...apimAnalytics3,
  manager: runtime('manager', 'bin/manager', 2, [http(9188), https(9541), ...receivers(7611)]),
};

const row = (
  since: VersionRow['since'],
  script: string,
  newestJdk: number,
  carbon5: Carbon5Facts,
): VersionRow & { readonly carbon5: Carbon5Facts } => ({
  since,
  script,
  jdk: [8, newestJdk],
  ports: Object.values(carbon5.profiles)[0]?.ports ?? [],
  rules: { mappings: {}, inference: {}, defaults: {} },
  carbon5,
});

const carbon5 = {
  required: ['http', 'https'],
  health: { connectTo: ['http', 'https'] },
  // Equinox is the kernel's own; what else a runtime writes was not tried on one.
  // CK's launcher and tools write into lib/ and into each runtime's folder, and read the bundles of wso2/lib alone.
  placings: {
    samples: 'link',
    'wso2/lib': 'link-unedited',
    'wso2/lib/plugins': 'link',
    'wso2/*/configuration/org.eclipse.osgi': 'omit',
    'wso2/*/configuration/org.eclipse.equinox.simpleconfigurator/bundles.info': 'follow',
    'wso2/*/database': 'data',
    'wso2/*/logs': 'empty',
    'wso2/*/runtime.pid': 'omit',
    tmp: 'empty',
  },
  written: {
    osgi: 'configuration',
    wanted: {
      'runtime.pid': "the start script's own stop and restart don't find it",
      database: 'H2 can keep nothing there',
      logs: 'its own log files miss what it says',
      tmp: 'it holds nothing new',
    },
  },
  urlKeys: {},
  // The boot of product-integrator-si#148.
  boot: {
    phases: [
      { phase: 'bundles', text: 'All required capabilities are available' },
      { phase: 'listeners', text: ' Interface starting on host ' },
    ],
    artifacts: [{ deployed: /Siddhi App (\S+) deployed successfully/ }],
  },
} as const;

const apimVersions: ServerFacts['versions'] = [
  row([3, 1], 'worker', 11, { profiles: apimAnalytics, movesHttp: true, takesOverlay: true }),
  row([3, 0], 'worker', 11, { profiles: apimAnalytics3, movesHttp: false, takesOverlay: true }),
  row([2, 6], 'worker', 8, { profiles: apimAnalytics2, movesHttp: false, takesOverlay: false }),
];

export const analytics = {
  ...carbon5,
  aliases: ['ei-analytics'],
  title: 'WSO2 EI Analytics',
  // The last one stands in the analytics profile of EI, which is built on it.
  names: [
    'WSO2 EI Analytics',
    'WSO2 Enterprise Integrator Analytics',
    'WSO2 Enterprise Integrator',
    'WSO2 Stream Processor',
  ],
  editions: {
    'WSO2 API Manager Analytics Server': {
      title: 'WSO2 API Manager Analytics',
      known: [
        [2, 6],
        [3, 2],
      ],
      versions: apimVersions,
    },
  },
  homeVariable: 'EI_ANALYTICS_HOME',
  within: 'wso2/analytics',
  configFile: 'conf/server/deployment.yaml',
  defaultOffset: 1,
  readyText: 'WSO2 Streaming Integrator started in ',
  known: [
    [6, 4],
    [7, 1],
  ],
  versions: [
    row([7, 0], 'portal', 11, { profiles: analytics7, movesHttp: true, takesOverlay: true }),
    row([6, 5], 'worker', 11, { profiles: analytics6, movesHttp: false, takesOverlay: true }),
    row([6, 4], 'worker', 11, { profiles: analytics6, movesHttp: false, takesOverlay: false }),
  ],
} as const satisfies ProductFacts;

export const streamProcessor = {
  ...carbon5,
  aliases: ['stream-processor'],
  title: 'WSO2 Stream Processor',
  names: ['WSO2 Stream Processor'],
  homeVariable: 'SP_HOME',
  configFile: 'conf/worker/deployment.yaml',
  defaultOffset: 0,
  readyText: 'WSO2 Stream Processor started in ',
  known: [
    [4, 0],
    [4, 4],
  ],
  // Worker, manager and dashboard are the analytics profile of EI as well: the editor tells this home.
  versions: [
    row([4, 4], 'editor', 8, { profiles: processor(true), movesHttp: false, takesOverlay: true }),
    row([4, 3], 'editor', 8, { profiles: processor(true), movesHttp: false, takesOverlay: false }),
    row([4, 0], 'editor', 8, { profiles: processor(false), movesHttp: false, takesOverlay: false }),
  ],
} as const satisfies ProductFacts;

const microservices: RuntimeFacts = {
  script: 'bin/carbon',
  folder: '.',
  configFile: 'conf/transports/netty-transports.yml',
  isFlat: true,
  defaultOffset: 0,
  ports: [{ name: 'http', base: 9090, scheme: 'http', fixed: true }],
};

/** The msf4j profile of Enterprise Integrator 6.1 to 6.5, on kernel 5.1: no offset reaches it. */
export const msf4j = {
  ...carbon5,
  title: 'WSO2 EI MSF4J',
  configFile: microservices.configFile,
  defaultOffset: 0,
  readyText: 'WSO2 Carbon started in ', // CK v5.1.0 CarbonStartupHandler
  known: [
    [6, 1],
    [6, 5],
  ],
  versions: [row([6, 1], 'carbon', 8, { profiles: { msf4j: microservices }, movesHttp: false, takesOverlay: false })],
} as const satisfies ServerFacts;

export const streamingIntegrator = {
  ...carbon5,
  aliases: ['streaming-integrator'],
  title: 'WSO2 Streaming Integrator',
  names: ['WSO2 Streaming Integrator'],
  homeVariable: 'SI_HOME',
  configFile: 'conf/server/deployment.yaml',
  defaultOffset: 0,
  readyText: 'WSO2 Streaming Integrator started in ',
  known: [
    [1, 0],
    [4, 3],
  ],
  versions: [
    row([4, 0], 'server', 17, { profiles: streaming, movesHttp: true, takesOverlay: true }),
    row([1, 1], 'server', 11, { profiles: streaming, movesHttp: true, takesOverlay: true }),
    row([1, 0], 'server', 11, { profiles: streaming, movesHttp: false, takesOverlay: true }),
  ],
} as const satisfies ProductFacts;
