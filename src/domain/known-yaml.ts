import { isYamlMap, valueAt, type YamlMap, type YamlPath } from './deployment-yaml.js';
import { suggestion } from './suggestion.js';

/**
 * Keys that a Carbon 5 server knows whether or not its file has them: CK CarbonConfiguration and JMXConfiguration, and
 * the namespaces of the products' own files, all of which are one key each. An empty one may hold anything.
 */
export const KNOWN_YAML: YamlMap = {
  'wso2.carbon': {
    ...{ id: null, name: null, type: null, version: null, tenant: null, hostnameVerificationEnabled: null },
    ports: { offset: null },
    startupResolver: {
      capabilityListenerTimer: { delay: null, period: null },
      pendingCapabilityTimer: { delay: null, period: null },
    },
    jmx: { enabled: null, hostName: null, rmiServerPort: null, rmiRegistryPort: null },
  },
  'wso2.transport.http': { listenerConfigurations: null, senderConfigurations: null, transportProperties: null },
  'siddhi.stores.query.api': { listenerConfigurations: null, transportProperties: null },
  transports: { http: { listenerConfigurations: null } },
  'databridge.config': { dataReceivers: null },
  'deployment.config': { eventSyncServer: { port: null } },
  'wso2.datasources': { dataSources: null },
  ...{ 'wso2.securevault': {}, 'wso2.artifact.deployment': {}, 'wso2.metrics': {}, 'wso2.metrics.jdbc': {} },
  ...{ 'wso2.status.dashboard': {}, 'wso2.business.rules.manager': {}, 'wso2.dashboard.datasearch': {} },
  ...{ 'auth.configs': {}, 'state.persistence': {}, 'cluster.config': {}, 'data.agent.config': {} },
  ...{ 'analytics.solutions': {}, 'service.catalog.configs': {}, 'error.store': {} },
  ...{ siddhi: {}, extensions: {}, refs: {} },
};

/** The warning of a setting that neither a file nor the server's known keys have, with the nearest that they do. */
export function unknownYamlSetting(path: YamlPath, tree: YamlMap, text: string, file: string): string[] {
  const names = path.map(String);
  if (isKnown(path) || isCommentedOut(names.at(-1) as string, text)) return [];
  const near = suggestion(names.join('.'), [...namesIn(tree), ...namesIn(KNOWN_YAML)]);
  return [`${file} has no ${names.join('.')}, and no server is known to read it.${near}`];
}

const isKnown = (path: YamlPath): boolean =>
  valueAt(KNOWN_YAML, path) !== undefined ||
  path.some((_, index) => isEmptyMap(valueAt(KNOWN_YAML, path.slice(0, index + 1))));

const isEmptyMap = (value: unknown): boolean => isYamlMap(value) && Object.keys(value).length === 0;

/** Whether a file has a key in a comment, as the products' own have what is not used. */
const isCommentedOut = (name: string, text: string): boolean =>
  text.split('\n').some((line) => /^\s*#[#\s-]*["']?([^\s:"']+)["']?\s*:/.exec(line)?.[1] === name);

const namesIn = (node: unknown, above = ''): string[] =>
  (Array.isArray(node) ? [...node.entries()] : isYamlMap(node) ? Object.entries(node) : []).flatMap(([step, inner]) => [
    `${above}${step}`,
    ...namesIn(inner, `${above}${step}.`),
  ]);
