import type { Carbon5Facts, PortFact, ProductFacts, RuntimeFacts, VersionRow } from '../facts.js';

// EI Analytics 7.x, the analytics profile of Enterprise Integrator 6.4 to 6.6, and Streaming Integrator: Carbon 5.
//
// Sources, by repository: EI wso2/product-ei, DEI wso2/docker-ei (the files of EI Analytics 7.1), SI
// wso2/streaming-integrator, MSF wso2/msf4j, CC wso2/carbon-config, CK wso2/carbon-kernel. The listeners are read from
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
} as const;

export const analytics = {
  ...carbon5,
  aliases: ['ei-analytics'],
  title: 'WSO2 EI Analytics',
  names: ['WSO2 EI Analytics', 'WSO2 Enterprise Integrator Analytics', 'WSO2 Enterprise Integrator'],
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
