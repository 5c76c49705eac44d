import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readConfiguration } from './configuration.js';
import { factsOf, type ProductId } from './domain/catalogue.js';
import { type Environment, hasShellSpecials } from './domain/command.js';
import type { ProductFacts, VersionRow } from './domain/facts.js';
import { LaunchError } from './domain/failure.js';
import { javaFeature, versionInOutput, versionInRelease } from './domain/jdk.js';
import type { ConfiguredOffset } from './domain/offsets.js';
import { type BasePort, basePorts } from './domain/ports.js';
import { KNOWN_SCRIPTS, type RecognisedProduct, recogniseProducts, rowFor } from './domain/product.js';
import type { LiteralUrl } from './domain/stale-urls.js';
import type { HomeRequest, LaunchRequest } from './request.js';
import { nodeSystem, type System } from './system/index.js';

/** What a home says about its server, before any offset is chosen. */
export interface Inspection {
  readonly id: ProductId;
  readonly facts: ProductFacts;
  readonly row: VersionRow;
  readonly version: string | null;
  /** Whether the facts were checked against this version. */
  readonly isKnown: boolean;
  /** Absolute; the folder that the start script computes for itself. Null without any home. */
  readonly home: string | null;
  readonly ports: readonly BasePort[];
  /** URLs of the configuration that name a port as a literal. */
  readonly urls: readonly LiteralUrl[];
  /** The offset that the server uses if nothing is passed, and where it comes from. */
  readonly configured: ConfiguredOffset;
  readonly warnings: readonly string[];
}

export type InspectedHome = Inspection & { readonly home: string };

type Reading = Pick<System, 'files' | 'env' | 'currentFolder' | 'platform'>;

/**
 * Finds the home and reads what matters of it. Nothing is started or changed.
 * @throws LaunchError `unusable-home` or `unusable-configuration`
 */
export const inspectHome = (request: HomeRequest, system: Reading = nodeSystem): InspectedHome =>
  inspectLocated(locateHome(request, system), request, system);

/** A home, its product, and the facts about its version. */
export interface LocatedHome extends Pick<InspectedHome, 'id' | 'facts' | 'row' | 'version' | 'isKnown' | 'home'> {
  /** The start script's path; it need not be there. */
  readonly startScript: string;
  readonly warnings: readonly string[];
}

/** Finds the home, and reads none of its configuration. @throws LaunchError `unusable-home` */
export function locateHome(request: HomeRequest, system: Reading = nodeSystem): LocatedHome {
  const { folder, product } = findHome(request, system);
  const home = carbonHome(folder, product.id, system);
  const facts = factsOf(product.id);
  const { row, warning } = rowFor(facts, product.version, scriptsIn(home, system));
  return {
    id: product.id,
    facts,
    row,
    version: product.version,
    isKnown: warning === undefined,
    home,
    startScript: startScriptIn(home, row, system),
    warnings: warning ? [warning] : [],
  };
}

/** The newest known version of a product with nothing configured: for looking without a home. */
export function inspectWithoutHome(id: ProductId): Inspection {
  const facts = factsOf(id);
  const row = facts.versions[0];
  return {
    id,
    facts,
    row,
    version: facts.known?.[1].join('.') ?? null,
    isKnown: true,
    home: null,
    ports: basePorts(row.ports, facts.required),
    urls: [],
    configured: { value: facts.defaultOffset, source: 'default' },
    warnings: [],
  };
}

/** Reads what matters of a home that has been found. @throws LaunchError `unusable-configuration` */
export function inspectLocated(
  { startScript, warnings, ...located }: LocatedHome,
  request: HomeRequest,
  system: Reading = nodeSystem,
): InspectedHome {
  const { home, facts, row } = located;
  const found = readConfiguration({ ...request, home, facts, row, startScript }, system);
  return {
    ...located,
    ports: found.ports,
    urls: found.urls,
    configured: found.offset,
    warnings: [...warnings, ...found.warnings],
  };
}

interface FoundHome {
  readonly folder: string;
  readonly product: RecognisedProduct;
}

function findHome({ product: wanted, named }: HomeRequest, system: Reading): FoundHome {
  if (named) return namedHome(named, wanted, system);

  const start = system.currentFolder();
  if (start === undefined) {
    throw currentFolderIsGone();
  }
  let other: FoundHome | undefined;
  for (let folder = start; ; folder = dirname(folder)) {
    const products = productsIn(folder, system);
    const product = chooseProduct(products, wanted);
    if (product) return { folder, product };
    if (products[0]) other ??= { folder, product: products[0] };
    if (folder === dirname(folder)) break;
  }
  const title = wanted ? factsOf(wanted).title : 'WSO2';
  const name = wanted && factsOf(wanted).homeVariable;
  const variable = name ? `, set ${name}` : '';
  throw unusableHome(
    `No ${title} home was found in ${start} or above it.${other ? ` ${described(other)}` : ''}`,
    `Name it with --home${variable}, or change into it.`,
  );
}

const currentFolderIsGone = (): LaunchError =>
  unusableHome('The current folder has been deleted.', 'Change into a folder that exists, or name one with --home.');

const described = ({ folder, product }: FoundHome): string =>
  `${folder} is a ${factsOf(product.id).title} (wso2-launch ${product.id}).`;

function namedHome(named: { path: string; by: string }, wanted: ProductId | undefined, system: Reading): FoundHome {
  const folder = resolve(system.currentFolder() ?? '/', named.path);
  if (!isAbsolute(named.path) && system.currentFolder() === undefined) throw currentFolderIsGone();
  const said = `${folder} (from ${named.by})`;
  if (!system.files.isFolder(folder)) {
    throw unusableHome(`${said} is not a folder.`, 'Name the folder that the product was unpacked to.');
  }
  const [likely, ...others] = productsIn(folder, system);
  if (!likely) {
    throw unusableHome(
      `${said} is not the home of a product that wso2-launch knows: there is no bin/version.txt of one and no start script.`,
      'Name the folder that holds bin/ and the configuration, not one above or below it.',
    );
  }
  const product = chooseProduct([likely, ...others], wanted);
  if (product) return { folder, product };
  throw unusableHome(
    `${said} is the home of a ${factsOf(likely.id).title}, not of a ${factsOf(wanted as ProductId).title}.`,
    `Use wso2-launch ${likely.id}, or name another folder.`,
  );
}

const chooseProduct = (
  products: readonly RecognisedProduct[],
  wanted: ProductId | undefined,
): RecognisedProduct | undefined => (wanted === undefined ? products[0] : products.find(({ id }) => id === wanted));

function productsIn(folder: string, system: Reading): RecognisedProduct[] {
  const versionText = readQuietly(join(folder, 'bin/version.txt'), system);
  const kernelText = readQuietly(join(folder, 'bin/wso2carbon-version.txt'), system);
  return recogniseProducts({
    ...(versionText !== undefined && { versionText }),
    ...(kernelText !== undefined && { kernelText }),
    scripts: scriptsIn(folder, system),
  });
}

function readQuietly(path: string, { files }: Pick<System, 'files'>): string | undefined {
  try {
    return files.readText(path);
  } catch {
    return undefined; // unreadable tells as little as missing; the start script may still tell
  }
}

const extensionOf = ({ platform }: Reading): string => (platform === 'win32' ? '.bat' : '.sh');

const scriptsIn = (folder: string, system: Reading): string[] =>
  KNOWN_SCRIPTS.filter((script) => system.files.isFile(join(folder, 'bin', script + extensionOf(system))));

const startScriptIn = (home: string, { script }: VersionRow, system: Reading): string =>
  join(home, 'bin', script + extensionOf(system));

/** A start script that is a link runs the home that it leads to, whatever folder we were given. */
function carbonHome(folder: string, id: ProductId, system: Reading): string {
  const script = scriptsIn(folder, system).find((name) => factsOf(id).versions.some((row) => row.script === name));
  if (script === undefined) return folder;
  const home = system.files.folderAboveScript(join(folder, 'bin', script + extensionOf(system)));
  if (productsIn(home, system).some((product) => product.id === id)) return home;
  throw unusableHome(
    `The start script in ${join(folder, 'bin')} is a link into ${home}, which is no such home.`,
    'Put the script itself there, or name the home that it belongs to.',
  );
}

const unusableHome = (what: string, hint: string): LaunchError =>
  new LaunchError({ kind: 'unusable-home', what, hint });

/** The script and the JDK that a launch would use. */
export interface Runtime {
  readonly script: string;
  readonly javaHome: string;
  readonly warnings: readonly string[];
}

/**
 * Checks what a start needs besides the home.
 * @throws LaunchError `unusable-script` or `unusable-jdk`, or the signal's reason
 */
export async function inspectRuntime(
  inspection: InspectedHome,
  request: Pick<LaunchRequest, 'javaHome'>,
  signal: AbortSignal,
  system: Reading & Pick<System, 'spawning'> = nodeSystem,
): Promise<Runtime> {
  const script = findScript(inspection, system);
  const javaHome = findJavaHome(request, system);
  const warning = await checkJdk(inspection, javaHome, signal, system);
  signal.throwIfAborted();
  return { script, javaHome, warnings: warning ? [warning] : [] };
}

function findScript({ home, row, facts, version }: InspectedHome, system: Reading): string {
  const script = startScriptIn(home, row, system);
  const unusable = (what: string, hint: string): LaunchError =>
    new LaunchError({ kind: 'unusable-script', what, hint });
  if (!system.files.isFile(script)) {
    throw unusable(
      `${script} is missing: it is the start script of ${facts.title} ${version ?? ''}`.trimEnd().concat('.'),
      'Unpack the product again, or name another home.',
    );
  }
  if (!system.files.isExecutable(script)) {
    throw unusable(`${script} has no run bit.`, `Run: chmod +x '${script}'`);
  }
  return script;
}

const unusableJdk = (what: string, hint: string): LaunchError => new LaunchError({ kind: 'unusable-jdk', what, hint });

function findJavaHome({ javaHome }: Pick<LaunchRequest, 'javaHome'>, system: Reading): string {
  const found = javaHome ?? fromEnvironment(system.env) ?? fromPath(system);
  if (!found) {
    throw unusableJdk(
      'No JDK was found: JAVA_HOME is not set, and no java is on PATH.',
      'Name one with --java-home, or set JAVA_HOME.',
    );
  }
  const path = resolve(system.currentFolder() ?? '/', found.path);
  const java = join(path, 'bin', system.platform === 'win32' ? 'java.exe' : 'java');
  if (!system.files.isExecutable(java)) {
    throw unusableJdk(
      `${path} (from ${found.by}) is not a JDK: it has no program bin/java.`,
      'Name the folder that holds bin/java.',
    );
  }
  if (system.platform !== 'win32' && hasShellSpecials(path)) {
    throw unusableJdk(
      `The JDK's path ${path} holds a space or a glob character, which the start scripts can't carry: they call it unquoted.`,
      'Make a link to it with a plain name, and give that with --java-home.',
    );
  }
  return path;
}

const fromEnvironment = (env: Environment): { path: string; by: string } | undefined =>
  env['JAVA_HOME'] ? { path: env['JAVA_HOME'], by: 'JAVA_HOME' } : undefined;

function fromPath({ files, env }: Reading): { path: string; by: string } | undefined {
  const java = files.findProgram('java', env['PATH']);
  return java === undefined ? undefined : { path: dirname(dirname(files.realPath(java))), by: `${java} on PATH` };
}

const JAVA_VERSION_TIMEOUT_MS = 10_000;

async function checkJdk(
  { facts, row, version, isKnown }: InspectedHome,
  javaHome: string,
  signal: AbortSignal,
  { files, spawning }: Pick<System, 'files' | 'spawning'>,
): Promise<string | undefined> {
  const release = versionInRelease(readQuietly(join(javaHome, 'release'), { files }) ?? '');
  // A JVM costs 40 to 130 ms; the file beside it tells the same.
  const printed = (): Promise<string | undefined> =>
    spawning.outputOf(join(javaHome, 'bin/java'), ['-version'], JAVA_VERSION_TIMEOUT_MS, signal);
  const found = release ?? versionInOutput((await printed()) ?? '');
  const feature = found === undefined ? undefined : javaFeature(found);
  const [oldest, newest] = row.jdk;
  const range = `${facts.title}${version === null ? '' : ` ${version}`} runs on JDK ${oldest} ${newest === undefined ? 'or later' : `to ${newest}`}`;
  if (feature === undefined) return `The version of the JDK in ${javaHome} can't be told; ${range}.`;
  if (feature >= oldest && feature <= (newest ?? feature)) return undefined;
  if (!isKnown) return `${javaHome} is JDK ${found}; as far as is known, ${range}.`;
  throw unusableJdk(`${javaHome} is JDK ${found}, but ${range}.`, 'Name a fitting one with --java-home or JAVA_HOME.');
}
