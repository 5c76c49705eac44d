import { dirname, isAbsolute, join, resolve } from 'node:path';
import { readConfiguration } from './configuration.js';
import { factsOf, PRODUCT_IDS, type ProductId } from './domain/catalogue.js';
import { type Environment, hasShellSpecials, type OffsetPassing } from './domain/command.js';
import type { Carbon5Facts, ProductFacts, RuntimeFacts, VersionRow } from './domain/facts.js';
import { LaunchError } from './domain/failure.js';
import { javaFeature, versionInOutput, versionInRelease } from './domain/jdk.js';
import type { ConfiguredOffset } from './domain/offsets.js';
import { type BasePort, basePorts } from './domain/ports.js';
import { KNOWN_SCRIPTS, type RecognisedProduct, recogniseProducts, rowFor } from './domain/product.js';
import type { LiteralUrl } from './domain/stale-urls.js';
import type { HomeRequest, LaunchRequest } from './request.js';
import { readRuntimeConfiguration } from './runtime-configuration.js';
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
  /** The deployment.toml that the server reads, whether or not it is there; undefined where it reads none. */
  readonly toml: string | undefined;
  /** The offset that the server uses if nothing is passed, and where it comes from. */
  readonly configured: ConfiguredOffset;
  readonly warnings: readonly string[];
}

export interface InspectedHome extends Inspection {
  readonly home: string;
  /** What runs once: the home, or of a home with several runtimes the one's own folder. */
  readonly runtimeHome: string;
  /** Absolute; it need not be there. */
  readonly startScript: string;
  /** How the server is told its offset. */
  readonly passing: OffsetPassing;
}

/** A home whose configuration has not been read. */
export interface LocatedHome
  extends Pick<
    InspectedHome,
    'id' | 'facts' | 'row' | 'version' | 'isKnown' | 'home' | 'runtimeHome' | 'startScript' | 'warnings'
  > {
  /** That is meant, of a home of Carbon 5. */
  readonly runtime?: RuntimeFacts;
}

type Reading = Pick<System, 'files' | 'env' | 'currentFolder' | 'platform'>;

/**
 * Finds the home and reads what matters of it. Nothing is started or changed.
 * @throws LaunchError `unusable-home` or `unusable-configuration`
 */
export const inspectHome = (request: HomeRequest, system: Reading = nodeSystem): InspectedHome =>
  inspectLocated(locateHome(request, system), request, system);

/**
 * The newest known version of a product with nothing configured: for looking without a home.
 * @throws LaunchError `usage` for a wrong profile
 */
export function inspectWithoutHome(id: ProductId, request: Pick<HomeRequest, 'profile'> = {}): Inspection {
  const facts = factsOf(id);
  const row = facts.versions[0];
  const runtime = runtimeFor(row, facts, request);
  return {
    id,
    facts,
    row,
    version: facts.known?.[1].join('.') ?? null,
    isKnown: true,
    home: null,
    ports: basePorts(runtime?.ports ?? row.ports, facts.required),
    urls: [],
    toml: undefined,
    configured: { value: runtime?.defaultOffset ?? facts.defaultOffset, source: 'default' },
    warnings: [],
  };
}

/** Finds the home and tells its product. @throws LaunchError `unusable-home`, or `usage` for a wrong profile */
export function locateHome(request: HomeRequest, system: Reading = nodeSystem): LocatedHome {
  const { folder, product } = findHome(request, system);
  const { id, version } = product;
  const home = carbonHome(folder, id, system);
  const facts = factsOf(id);
  const { row, warning } = rowFor(facts, version, scriptsIn(home, system));
  const runtime = runtimeFor(row, facts, request);
  return {
    id,
    facts,
    row,
    version,
    isKnown: warning === undefined,
    home,
    runtimeHome: runtime ? join(home, runtime.folder) : home,
    startScript: join(home, (runtime?.script ?? join('bin', row.script)) + extensionOf(system)),
    ...(runtime && { runtime }),
    warnings: warning === undefined ? [] : [warning],
  };
}

function runtimeFor(
  { carbon5 }: VersionRow,
  facts: ProductFacts,
  { profile }: Pick<HomeRequest, 'profile'>,
): RuntimeFacts | undefined {
  const names = Object.keys(carbon5?.profiles ?? {});
  // A variable is meant for whom it concerns.
  const wanted = carbon5 || profile?.by === '--profile' ? (profile?.name ?? names[0]) : undefined;
  const runtime = wanted === undefined ? undefined : carbon5?.profiles[wanted];
  if (wanted !== undefined && !runtime) throw wrongProfile(wanted, facts, names);
  return runtime;
}

/** Reads what matters of a home that was found. @throws LaunchError `unusable-configuration` or `unusable-home` */
export function inspectLocated(
  { runtime, ...located }: LocatedHome,
  request: HomeRequest,
  system: Reading = nodeSystem,
): InspectedHome {
  const { carbon5 } = located.row;
  const read =
    carbon5 && runtime
      ? inspectRuntimeOf(carbon5, runtime, located, request, system)
      : inspectServer(located, request, system);
  return { ...located, ...read, warnings: [...located.warnings, ...read.warnings] };
}

type Read = Pick<InspectedHome, 'facts' | 'passing' | 'ports' | 'urls' | 'toml' | 'configured' | 'warnings'>;

/** A home of Carbon 4, which holds one server. */
function inspectServer(located: LocatedHome, request: HomeRequest, system: Reading): Read {
  const { ports, urls, toml, offset, warnings } = readConfiguration({ ...request, ...located }, system);
  return { facts: located.facts, passing: { kind: 'argument' }, ports, urls, toml, configured: offset, warnings };
}

/** One runtime of a home of Carbon 5. */
function inspectRuntimeOf(
  carbon5: Carbon5Facts,
  runtime: RuntimeFacts,
  { facts, home, row }: LocatedHome,
  { script }: HomeRequest,
  system: Reading,
): Read {
  if (hasShellSpecials(home)) {
    throw unusableHome(
      `The home's path ${home} holds a space or a glob character, which the start scripts of ${facts.title} can't carry.`,
      'Move it to a path without these characters, or name it by a link that has none.',
    );
  }
  const found = readRuntimeConfiguration({ home, row, carbon5, runtime, script }, system);
  const { name, overlayFor } = found;
  return {
    facts: { ...facts, ...(name !== undefined && { readyText: `${name} started in ` }) },
    passing: overlayFor ? { kind: 'overlay', textFor: overlayFor } : { kind: 'property' },
    ports: found.ports,
    urls: found.urls,
    toml: found.toml,
    configured: found.offset,
    warnings: found.warnings,
  };
}

function wrongProfile(profile: string, { title }: ProductFacts, names: readonly string[]): LaunchError {
  const what =
    names.length === 0
      ? `${title} has no profiles.`
      : `This ${title} has no profile ${JSON.stringify(profile)}: one of ${names.join(', ')}.`;
  return new LaunchError({ kind: 'usage', what });
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
  for (let above = start; ; above = dirname(above)) {
    const folder = homeWithin(above, wanted, system);
    const products = productsIn(folder, system);
    const product = chooseProduct(products, wanted);
    if (product) return { folder, product };
    if (products[0]) other ??= { folder, product: products[0] };
    if (above === dirname(above)) break;
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
  const folder = homeWithin(resolve(system.currentFolder() ?? '/', named.path), wanted, system);
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

/** A product's home may lie within that of a greater one. */
function homeWithin(folder: string, wanted: ProductId | undefined, { files }: Reading): string {
  const within = wanted && factsOf(wanted).within;
  const inner = within && join(folder, within);
  return inner && files.isFolder(inner) ? inner : folder;
}

const chooseProduct = (
  products: readonly RecognisedProduct[],
  wanted: ProductId | undefined,
): RecognisedProduct | undefined => (wanted === undefined ? products[0] : products.find(({ id }) => id === wanted));

function productsIn(folder: string, system: Reading): RecognisedProduct[] {
  const versionText = versionTextIn(folder, system);
  const kernelText = readQuietly(join(folder, 'bin/wso2carbon-version.txt'), system);
  return recogniseProducts({
    ...(versionText !== undefined && { versionText }),
    ...(kernelText !== undefined && { kernelText }),
    scripts: scriptsIn(folder, system),
  });
}

/** A home within another one's has its version there. */
function versionTextIn(folder: string, system: Reading): string | undefined {
  const read = (home: string): string | undefined => readQuietly(join(home, 'bin/version.txt'), system);
  const outer = PRODUCT_IDS.flatMap((id) => factsOf(id).within ?? []).find((within) => folder.endsWith(`/${within}`));
  return read(folder) ?? (outer && read(folder.slice(0, -outer.length - 1)));
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
  const jdk = await inspectJdk(inspection, request, signal, system);
  signal.throwIfAborted();
  return { script, ...jdk };
}

/** The start script that a launch would run. @throws LaunchError `unusable-script` */
export function findScript(
  { startScript: script, facts, version }: Pick<InspectedHome, 'startScript' | 'facts' | 'version'>,
  system: Reading = nodeSystem,
): string {
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

/** The JDK that a launch would use. @throws LaunchError `unusable-jdk` */
export async function inspectJdk(
  inspection: JdkSubject,
  request: Pick<LaunchRequest, 'javaHome'>,
  signal: AbortSignal,
  system: Reading & Pick<System, 'spawning'> = nodeSystem,
): Promise<Omit<Runtime, 'script'>> {
  const javaHome = findJavaHome(request, system);
  const warning = await checkJdk(inspection, javaHome, signal, system);
  return { javaHome, warnings: warning ? [warning] : [] };
}

type JdkSubject = Pick<InspectedHome, 'facts' | 'row' | 'version' | 'isKnown'>;

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
  { facts, row, version, isKnown }: JdkSubject,
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
