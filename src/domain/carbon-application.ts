import { elementsNamed, parseXml, type XmlElement } from './xml.js';

// MI CappDeployer, ApplicationConfiguration and AppDeployerUtils, and the deployer of carbon-deployment for Carbon 4: an
// archive has a list of its artifacts, and for each a folder with an artifact.xml that says what it is and which file
// holds it.

/** The lists of a carbon application's artifacts: the first that is there counts. */
export const APPLICATION_LISTS = ['metadata.xml', 'artifacts.xml'] as const;

/** The artifacts that a carbon application deploys, as `NAME VERSION`. @throws XmlError */
export function deployedArtifacts(list: string): ReadonlySet<string> {
  const application = elementsNamed('artifact', parseXml(list)).find(isApplication);
  const parts = application?.children.filter(({ name }) => name === 'dependency') ?? [];
  return new Set(parts.map(({ attributes }) => identity(attributes['artifact'], attributes['version'])));
}

/** The name by which servers log an application, of its list of artifacts; undefined where it has none. @throws XmlError */
export function applicationName(list: string): string | undefined {
  const { name, version } = elementsNamed('artifact', parseXml(list)).find(isApplication)?.attributes ?? {};
  return name === undefined || version === undefined ? name : `${name}_${version}`;
}

const isApplication = ({ attributes }: XmlElement): boolean => attributes['type'] === 'carbon/application';

const identity = (name: string | undefined, version: string | undefined): string => `${name} ${version}`;

/** An artifact of the mediation engine that may listen. */
export interface DeployedArtifact {
  /** `NAME VERSION`. */
  readonly identity: string;
  /** The file that holds it, in the folder of its artifact.xml. */
  readonly file: string;
}

/** The artifact that an artifact.xml describes; undefined for one that listens to nothing. @throws XmlError */
export function listeningArtifact(text: string): DeployedArtifact | undefined {
  if (!/synapse\/(?:proxy-service|inbound-endpoint)/.test(text)) return undefined; // most need no parser
  const { attributes, children } = parseXml(text);
  const file = children.find(({ name }) => name === 'file')?.text;
  if (file === undefined || !LISTENING_TYPES.has(attributes['type'] ?? '')) return undefined;
  return { identity: identity(attributes['name'], attributes['version']), file };
}

const LISTENING_TYPES = new Set(['synapse/proxy-service', 'synapse/inbound-endpoint']);

/** Whether a path in an archive leads out of the folder that it is unpacked to. */
export const leadsOut = (name: string): boolean => /^(?:[\\/]|[A-Za-z]:)|(?:^|[\\/])\.\.(?:[\\/]|$)/.test(name);
