import { basename, join, resolve } from 'node:path';
import { APPLICATION_LISTS, applicationName } from '../domain/carbon-application.js';
import { listDeployers } from '../domain/deployer.js';
import type { DeployerFact } from '../domain/facts.js';
import { LaunchError } from '../domain/failure.js';
import { parseXml, type XmlElement, XmlError } from '../domain/xml.js';
import type { Archive } from '../system/archive.js';
import { nodeSystem, type System } from '../system/index.js';
import { rethrowShortage } from '../system/shortage.js';

/** A file that a server can deploy. */
export interface Deployable {
  /** Absolute. */
  readonly path: string;
  /** Its name. */
  readonly file: string;
  /** The path that the server takes it from. */
  readonly target: string;
  readonly deployer: DeployerFact;
  /** The server's own names for what it holds; none where they can't be told. */
  readonly names: readonly string[];
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly writtenAtMs: number;
}

/** A server that files are deployed in. */
export interface DeployingServer {
  readonly title: string;
  /** The folder that it takes for its home. */
  readonly home: string;
  readonly deployers: readonly DeployerFact[];
  /** What its product can deploy, and it has no bundle for. */
  readonly lacking: readonly DeployerFact[];
  /** Whether it deploys nothing while it runs. */
  readonly isSuspended: boolean;
}

type ReadingSystem = Pick<System, 'files'>;

/** Looks at a file that is to be deployed. @throws LaunchError `usage` for one that the server could not deploy */
export function examineDeployable(
  given: string,
  server: DeployingServer,
  system: ReadingSystem = nodeSystem,
): Deployable {
  const { files } = system;
  const path = resolve(given);
  const file = basename(path);
  const taken = server.deployers.filter(({ ending }) => file.endsWith(ending) && file !== ending);
  if (taken.length === 0) throw untaken(given, server);
  if (!files.isFile(path))
    throw refusal(`${given} ${files.exists(path) ? 'is no file' : 'is not there'}.`, NAME_ANOTHER);
  const [size, writtenAtMs] = [files.sizeOf(path), files.writtenAtMs(path)];
  const found = kindOf(path, taken, system);
  if (typeof found === 'string')
    throw refusal(`${given} can't be deployed: ${found}.`, /^E[A-Z]+: /.test(found) ? LOOK_AT : MADE_WHOLE);
  return { path, file, target: targetOf(file, found.deployer, server), ...found, size, writtenAtMs };
}

/**
 * Finds what has been deployed by a file, in a server's folders.
 * @param given the file's name or any path with that name; a path in such a folder means this one
 * @throws LaunchError `usage` where there is none, or it may be one of several
 */
export function findDeployed(given: string, server: DeployingServer, system: ReadingSystem = nodeSystem): Deployable {
  const { files } = system;
  const file = basename(given);
  const taken = server.deployers.filter(({ ending }) => file.endsWith(ending) && file !== ending);
  if (taken.length === 0) throw untaken(given, server);
  const there = taken.filter((deployer) => files.isFile(targetOf(file, deployer, server)));
  const named = there.find((deployer) => targetOf(file, deployer, server) === resolve(given));
  const [deployer = named, ...others] = named ? [named] : there;
  if (!deployer) {
    const places = taken.map(({ folder }) => folder).join(', ');
    throw refusal(`${file} is not deployed: it is not in ${places} of ${server.home}.`, NAME_ANOTHER);
  }
  if (others.length > 0) {
    const paths = there.map((one) => targetOf(file, one, server)).join(', ');
    throw refusal(`${file} is deployed more than once: ${paths}.`, 'Give the path of the one that is meant.');
  }
  const target = targetOf(file, deployer, server);
  const found = kindOf(target, [deployer], system);
  const names = typeof found === 'string' ? [] : found.names;
  return { path: target, file, target, deployer, names, size: files.sizeOf(target), writtenAtMs: 0 };
}

const NAME_ANOTHER = 'Check the name.';
/** A system's error begins with its code. */
const LOOK_AT = 'Look at its access rights.';
const MADE_WHOLE = 'It may have been cut off, or is still being written: build it again. Nothing has been copied.';

const targetOf = (file: string, { folder }: DeployerFact, { home }: DeployingServer): string =>
  join(home, folder, file);

const refusal = (what: string, hint: string): LaunchError => new LaunchError({ kind: 'usage', what, hint });

function untaken(given: string, { title, deployers, lacking }: DeployingServer): LaunchError {
  if (deployers.length === 0)
    return refusal(`${title} deploys nothing from such files.`, 'Its own documentation tells how.');
  const bundle = lacking.find(({ ending }) => given.endsWith(ending))?.bundle;
  const why = bundle === undefined ? '' : `: it has no bundle ${bundle}`;
  return refusal(`${title} can't deploy ${given}${why}.`, `This one takes ${listDeployers(deployers)}.`);
}

/** How a file is deployed; a text, which follows on a colon, where it is nothing of that kind. */
function kindOf(
  path: string,
  taken: readonly DeployerFact[],
  { files }: ReadingSystem,
): Pick<Deployable, 'deployer' | 'names'> | string {
  const [deployer] = taken as [DeployerFact];
  try {
    if (ARCHIVES.has(deployer.ending)) {
      const names = files.inArchive(path, (archive) => namesInArchive(archive, deployer.ending, basename(path)));
      return typeof names === 'string' ? names : { deployer, names };
    }
    const root = parseXml(files.readText(path) ?? '');
    const fitting = taken.find((one) => one.root === root.name);
    if (fitting) return { deployer: fitting, names: [root.attributes['name'] ?? root.attributes['key'] ?? []].flat() };
    return `its root is <${root.name}>, and not ${taken.map((one) => `<${one.root}>`).join(' or ')}`;
  } catch (error) {
    rethrowShortage(error);
    if (error instanceof XmlError && error.kind === 'malformed') return `it is not well-formed (${error.message})`;
    return (error as Error).message;
  }
}

const ARCHIVES = new Set(['.car', '.war', '.aar']);

/** The names that the server will have for an archive's content, a text where it is no archive of that kind. */
function namesInArchive(archive: Archive, ending: string, file: string): readonly string[] | string {
  switch (ending) {
    case '.car': {
      const list = APPLICATION_LISTS.find((name) => archive.entries.some((entry) => entry.name === name));
      if (list === undefined) return 'it has no artifacts.xml';
      return named(textOf(archive, list), (text) => [applicationName(text) ?? stem(file)]);
    }
    case '.aar': {
      const list = archive.entries.find(({ name }) => name.toLowerCase() === 'meta-inf/services.xml')?.name;
      if (list === undefined) return 'it has no META-INF/services.xml';
      return named(textOf(archive, list), (text) => servicesIn(parseXml(text), stem(file)));
    }
    default:
      return [];
  }
}

/** What in it is wrong is for the server to say. */
function named(text: string, read: (text: string) => readonly string[]): readonly string[] {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof XmlError) return [];
    throw error;
  }
}

function textOf(archive: Archive, name: string): string {
  const entry = archive.entries.find((one) => one.name === name);
  return entry === undefined ? '' : archive.read(entry).toString('utf8');
}

/** AX ArchiveReader: a service without a name is called by its file. */
const servicesIn = (root: XmlElement, otherwise: string): string[] =>
  (root.name === 'service' ? [root] : root.children.filter(({ name }) => name === 'service')).map(
    ({ attributes }) => attributes['name'] ?? otherwise,
  );

const stem = (file: string): string => file.slice(0, file.lastIndexOf('.'));
