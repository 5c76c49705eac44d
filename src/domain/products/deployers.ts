import type { DeployerFact, DeploymentFacts, DeploymentWords } from '../facts.js';

// What the servers of Carbon 4 and the Micro Integrator deploy from files, and what they say of it.
//
// Sources: CK wso2/carbon-kernel ApplicationManager, CappAxis2Deployer and DeploymentInterceptor, whose lines of .aar and
// .car were seen on kernel 4.10.32; MI wso2/micro-integrator CappDeployer (1.2 to 4.4) and DBDeployer; CD
// wso2/carbon-deployment AbstractWebappDeployer, TomcatGenericWebappsDeployer and WebApplication; AX wso2/wso2-axis2
// ServiceDeployer and resource.properties; DSS wso2/carbon-data DBDeployer; SYN wso2/wso2-synapse
// AbstractSynapseArtifactDeployer and the deployers beside it; MED wso2/carbon-mediation, the bundles that use them.

const server = 'repository/deployment/server';
const path = String.raw`.*[\\/]{file}`;

const carbonApplication: DeploymentWords = {
  deployed: ['Successfully Deployed Carbon Application : {name}'],
  undeployed: [
    'Successfully [Uu]ndeployed Carbon Application : {name}',
    `Undeploying Faulty Carbon Application On : ${path}`,
  ],
  faulty: [
    `Error while deploying carbon application ${path}`,
    String.raw`Error occurred while deploying the Carbon application: (?:.*[\\/])?{file}`,
    'No artifacts found to be deployed in this server. Ignoring Carbon Application : {file}',
    'Some dependencies in cApp : {name} were not satisfied',
    `Some dependencies were not satisfied in cApp:.* cApp file: ${path}`,
    'Carbon Application : {name} already exists',
    'Error occurr?ed while trying (?:to )?unDeplo?y  : {name}',
  ],
  begun: {
    by: 'Deploying Carbon Application : {file}',
    faulty: 'Error occurred while deploying Carbon Application',
  },
};

const webapp: DeploymentWords = {
  deployed: [String.raw`Deployed webapp: ${path}\]`],
  undeployed: [String.raw`Undeployed webapp: ${path}\]`, String.raw`Removed faulty webapp ${path}\]`],
  faulty: [
    String.raw`Error while deploying webapp: ${path}\]`,
    `Error occurred while deploying webapp : ${path}`,
    `Error occurred during undeploying webapp: ${path}`,
  ],
};

// AX DeploymentEngine.unDeploy: the removal of a faulty service throws, which ends that round, and is logged below WARN.
const axis2Service: DeploymentWords = {
  deployed: ['Deploying Axis2 service: {name}'],
  undeployed: ['Removing Axis2 Service: {name}'],
  faulty: ['The {file} service, which is not valid'],
  unsaid: ['undeployed'],
};

const synapse: DeploymentWords = {
  deployed: [
    `has been deployed from (?:the http connection )?file : ${path}`,
    `has been updated from the file: ${path}`,
    `has been update from file : ${path}`,
  ],
  undeployed: ["named '{name}' has been undeployed"],
  faulty: [
    `(?:Deployment|Update) of the Synapse Artifact from file : ${path}`,
    `Deployment of synapse artifact failed. Error (?:reading|parsing) ${path}`,
    `Unable to undeploy the artifact from file : ${path}`,
  ],
};

/** A kind of synapse artifacts, by the root element of its files. */
interface SynapseKind {
  readonly folder: string;
  /** The bundle that looks for them while a server of Carbon 4 runs. */
  readonly watchedBy?: string;
}

// SYN MultiXMLConfigurationBuilder; MED, the bundles that add a deployer for the folder. API Manager has few of them.
const SYNAPSE_KINDS: Readonly<Record<string, SynapseKind>> = {
  api: { folder: 'api', watchedBy: 'org.wso2.carbon.rest.api' },
  endpoint: { folder: 'endpoints', watchedBy: 'org.wso2.carbon.endpoint' },
  eventSource: { folder: 'event-sources' },
  import: { folder: 'imports', watchedBy: 'org.wso2.carbon.mediation.library' },
  inboundEndpoint: { folder: 'inbound-endpoints', watchedBy: 'org.wso2.carbon.mediation.initializer' },
  localEntry: { folder: 'local-entries', watchedBy: 'org.wso2.carbon.localentry' },
  messageProcessor: { folder: 'message-processors', watchedBy: 'org.wso2.carbon.message.processor' },
  messageStore: { folder: 'message-stores', watchedBy: 'org.wso2.carbon.message.store' },
  priorityExecutor: { folder: 'priority-executors', watchedBy: 'org.wso2.carbon.priority.executors' },
  proxy: { folder: 'proxy-services', watchedBy: 'org.wso2.carbon.proxyadmin' },
  sequence: { folder: 'sequences', watchedBy: 'org.wso2.carbon.sequences' },
  task: { folder: 'tasks', watchedBy: 'org.wso2.carbon.mediation.startup' },
  template: { folder: 'templates', watchedBy: 'org.wso2.carbon.mediation.templates' },
};

const synapseDeployers = (deployerOf: (kind: SynapseKind, root: string) => Partial<DeployerFact>): DeployerFact[] =>
  Object.entries(SYNAPSE_KINDS).map(([root, kind]) => ({
    ...{ ending: '.xml', root, folder: `${server}/synapse-configs/default/${kind.folder}` },
    ...deployerOf(kind, root),
  }));

const carbonApplications = { ending: '.car', folder: `${server}/carbonapps`, words: carbonApplication };
const dataServices = { ending: '.dbs', root: 'data', folder: `${server}/dataservices` };

/** Whatever a server of Carbon 4 may have the bundles for. */
export const carbonDeployment: DeploymentFacts = {
  deployers: [
    { ...carbonApplications, bundle: 'org.wso2.carbon.application.deployer' },
    {
      ending: '.war',
      folder: `${server}/webapps`,
      bundle: 'org.wso2.carbon.webapp.mgt',
      words: webapp,
    },
    { ending: '.aar', folder: `${server}/axis2services`, words: axis2Service, isRemovedAlone: true },
    { ...dataServices, bundle: 'org.wso2.carbon.dataservices.core', words: axis2Service },
    ...synapseDeployers(({ watchedBy }) => ({
      bundle: 'org.wso2.carbon.mediation.initializer',
      ...(watchedBy !== undefined && { watchedBy, words: synapse }),
    })),
  ],
};

// MI AppDeployerServiceComponent, ServiceBusInitializer and StartupAdminServiceComponent: of synapse artifacts outside of
// a carbon application only these are looked for while it runs.
const whileItRuns = ['inboundEndpoint', 'task'];

/** What the Micro Integrator deploys. Of a data service it logs faults alone. */
export const microIntegratorDeployment: DeploymentFacts = {
  deployers: [
    carbonApplications,
    {
      ...dataServices,
      words: { ...axis2Service, deployed: [], undeployed: [], unsaid: ['deployed', 'undeployed'] },
    },
    ...synapseDeployers((_, root) => (whileItRuns.includes(root) ? { words: synapse } : {})),
  ],
  // MI axis2.xml.j2: `[server] hot_deployment`.
  suspendedBy: { file: 'conf/axis2/axis2.xml', pattern: /<parameter name="hotdeployment"[^>]*>\s*false\s*</ },
};
