import { dirname, isAbsolute, join, resolve } from 'node:path';
import { factsOf, PRODUCT_IDS, type ProductId } from '../domain/catalogue.js';
import type { ProductFacts, RuntimeFacts, VersionRow } from '../domain/facts.js';
import { LaunchError } from '../domain/failure.js';
import {
  editionOf,
  KNOWN_SCRIPTS,
  kernelVersion,
  profilesAt,
  type RecognisedProduct,
  recogniseProducts,
  rowFor,
} from '../domain/product.js';
import { mention, mentioning, type Text } from '../domain/text.js';
import { nodeSystem, type System } from '../system/index.js';
import { readIfPossible } from './config-files.js';
import type { HomeRequest } from './request.js';

/** A home and its product; its configuration has not been read. */
export interface LocatedHome {
  readonly id: ProductId;
  readonly facts: ProductFacts;
  readonly row: VersionRow;
  readonly version: string | null;
  /** The version of its kernel, where the home tells it. */
  readonly kernel?: string;
  /** Whether the facts were checked against this version. */
  readonly isKnown: boolean;
  /** Absolute; the folder that the start script computes for itself. */
  readonly home: string;
  /** The folder that the product was unpacked to: the home, or what it lies in where there are several servers. */
  readonly unpacked: string;
  /** The folder in which only one server may run: the home, or of a home with several runtimes the one's own folder. */
  readonly runtimeHome: string;
  /** Absolute; it need not be there. */
  readonly startScript: string;
  readonly warnings: readonly string[];
  /** The runtime that is meant, of a home of Carbon 5. */
  readonly runtime?: RuntimeFacts;
}

export type HomeReading = Pick<System, 'files' | 'env' | 'currentFolder' | 'host'>;

/** Like {@link locateHome}, but undefined where nobody names a home and there is none round the current folder. */
export function locateHomeIfAny(request: HomeRequest, system: HomeReading = nodeSystem): LocatedHome | undefined {
  const { product, named } = request;
  const found = named ? namedHome(named, product, system) : homeAround(product, system).found;
  return found && describeHome(found, request, system);
}

/** Finds the home and tells its product. @throws LaunchError `unusable-home`, or `usage` for a wrong profile */
export const locateHome = (request: HomeRequest, system: HomeReading = nodeSystem): LocatedHome =>
  describeHome(findHome(request, system), request, system);

function describeHome({ folder, product }: FoundHome, request: HomeRequest, system: HomeReading): LocatedHome {
  const { id, name, version } = product;
  const server = serverIn(carbonHome(folder, id, system), editionOf(factsOf(id), name), {
    version,
    request,
    system,
  });
  const { home, facts, unpacked } = server;
  const kernel = kernelVersion(kernelTextIn(home, system));
  const { row, warning } = rowFor(facts, facts.goesByKernel ? (kernel ?? null) : version, scriptsIn(home, system));
  const runtime = runtimeOf(row, server, request);
  return {
    id,
    facts,
    row,
    version,
    ...(kernel !== undefined && { kernel }),
    isKnown: warning === undefined,
    home,
    unpacked,
    runtimeHome: runtime ? join(home, runtime.folder) : home,
    startScript: join(home, (runtime?.script ?? join('bin', row.script)) + system.host.scriptExtension),
    ...(runtime && { runtime }),
    warnings: warning === undefined ? [] : [warning],
  };
}

/** A server of a home: of a home with several, the one of a profile. */
interface ServerInHome extends ProfileServer {
  /** The folder that it takes for its home. */
  readonly home: string;
  /** The folder with all the servers. */
  readonly unpacked: string;
}

function serverIn(
  folder: string,
  facts: ProductFacts,
  { version, request, system }: { version: string | null; request: HomeRequest; system: HomeReading },
): ServerInHome {
  const inner = Object.entries(profilesAt(facts, version)).find(([, { within }]) => isFolderWithin(folder, within));
  const profile = inner && !request.profile ? { name: inner[0], by: mention.option('home') } : request.profile;
  const server = profileServer(facts, version, profile);
  if (server.within === undefined && !inner) return { ...server, home: folder, unpacked: folder };
  const unpacked = inner ? resolve(folder.slice(0, -(inner[1].within as string).length)) : folder;
  const home = join(unpacked, server.within ?? '.');
  if (system.files.isFolder(home)) return { ...server, home, unpacked };
  throw unusableHome(
    `The home ${folder} lacks ${server.within}, the folder of the profile ${profile?.name}.`,
    mentioning`Unpack the product again, or choose another profile with ${mention.option('profile')}.`,
  );
}

const isFolderWithin = (folder: string, within: string | undefined): boolean =>
  within !== undefined && folder.replaceAll('\\', '/').endsWith(`/${within}`);

/** The server that a profile means. */
interface ProfileServer {
  readonly facts: ProductFacts;
  /** Its folder in the home; absent: the home itself. */
  readonly within?: string | undefined;
  /** The name of its runtime, where its home has several. */
  readonly runtimeName?: string | undefined;
}

/**
 * The server that a profile means, of a product whose homes hold several; of others the product itself.
 * @throws LaunchError `usage` for a profile that this version does not have
 */
export function profileServer(
  facts: ProductFacts,
  version: string | null,
  profile: HomeRequest['profile'],
): ProfileServer {
  if (!facts.servers) return { facts };
  const servers = profilesAt(facts, version);
  const names = Object.keys(servers);
  const name = profile?.name ?? (names[0] as string);
  const server = Object.hasOwn(servers, name) ? servers[name] : undefined;
  if (!server) throw wrongProfile(name, facts, names);
  const { known = server.facts.known } = server;
  const own = { ...facts, ...server.facts, ...(known && { known }) };
  return { facts: own, within: server.within, runtimeName: server.runtime };
}

/**
 * The runtime of a server; undefined for one that is not of Carbon 5.
 * @throws LaunchError `usage` for a wrong profile
 */
export function runtimeOf(
  { carbon5 }: VersionRow,
  { facts, runtimeName }: ProfileServer,
  { profile }: Pick<HomeRequest, 'profile'>,
): RuntimeFacts | undefined {
  if (facts.servers) return runtimeName === undefined ? undefined : carbon5?.profiles[runtimeName];
  const names = Object.keys(carbon5?.profiles ?? {});
  // A profile from a variable does not concern a product without profiles.
  const wanted = carbon5 || (profile && !profile.isGeneral) ? (profile?.name ?? names[0]) : undefined;
  const runtime = wanted === undefined ? undefined : carbon5?.profiles[wanted];
  if (wanted !== undefined && !runtime) throw wrongProfile(wanted, facts, names);
  return runtime;
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

function findHome({ product: wanted, named }: HomeRequest, system: HomeReading): FoundHome {
  if (named) return namedHome(named, wanted, system);
  const { found, other, start } = homeAround(wanted, system);
  if (found) return found;
  const title = wanted ? factsOf(wanted).title : 'WSO2';
  const name = wanted && factsOf(wanted).homeVariable;
  const variable = name ? `, set ${name}` : '';
  throw unusableHome(
    mentioning`No ${title} home was found in ${start} or above it.${other ? mentioning` ${described(other)}` : ''}`,
    mentioning`Name it with ${mention.option('home')}${variable}, or change into it.`,
  );
}

interface HomesAround {
  readonly start: string;
  readonly found?: FoundHome;
  /** The nearest home of another product. */
  readonly other?: FoundHome;
}

/**
 * The home that the current folder is, or lies in.
 * @throws LaunchError `unusable-home` where there is no current folder
 */
function homeAround(wanted: ProductId | undefined, system: HomeReading): HomesAround {
  const start = system.currentFolder();
  if (start === undefined) throw currentFolderIsGone();
  let other: FoundHome | undefined;
  for (let above = start; ; above = dirname(above)) {
    const folder = homeWithin(above, wanted, system);
    const products = productsIn(folder, system);
    const product = chooseProduct(products, wanted);
    if (product) return { start, found: { folder, product } };
    if (products[0]) other ??= { folder, product: products[0] };
    if (above === dirname(above)) return { start, ...(other && { other }) };
  }
}

const currentFolderIsGone = (): LaunchError =>
  unusableHome(
    'The current folder has been deleted.',
    mentioning`Change into a folder that exists, or name one with ${mention.option('home')}.`,
  );

const described = ({ folder, product }: FoundHome): Text =>
  mentioning`${folder} is a ${factsOf(product.id).title} (${mention.product(product.id)}).`;

function namedHome(
  named: NonNullable<HomeRequest['named']>,
  wanted: ProductId | undefined,
  system: HomeReading,
): FoundHome {
  const folder = homeWithin(resolve(system.currentFolder() ?? '/', named.path), wanted, system);
  if (!isAbsolute(named.path) && system.currentFolder() === undefined) throw currentFolderIsGone();
  const said = mentioning`${folder} (from ${named.by})`;
  if (!system.files.isFolder(folder)) {
    throw unusableHome(mentioning`${said} is not a folder.`, 'Name the folder that the product was unpacked to.');
  }
  const [likely, ...others] = productsIn(folder, system);
  if (!likely) {
    throw unusableHome(
      mentioning`${said} is not the home of a product that wso2-launch knows: there is no bin/version.txt of one and no start script.`,
      'Name the folder that holds bin/ and the configuration, not one above or below it.',
    );
  }
  const product = chooseProduct([likely, ...others], wanted);
  if (product) return { folder, product };
  throw unusableHome(
    mentioning`${said} is the home of a ${factsOf(likely.id).title}, not of a ${factsOf(wanted as ProductId).title}.`,
    mentioning`Use ${mention.product(likely.id)}, or name another folder.`,
  );
}

/** A product's home may lie within that of a greater one. */
function homeWithin(folder: string, wanted: ProductId | undefined, { files }: HomeReading): string {
  const within = wanted && factsOf(wanted).within;
  const inner = within && join(folder, within);
  return inner && files.isFolder(inner) ? inner : folder;
}

const chooseProduct = (
  products: readonly RecognisedProduct[],
  wanted: ProductId | undefined,
): RecognisedProduct | undefined => (wanted === undefined ? products[0] : products.find(({ id }) => id === wanted));

function productsIn(folder: string, system: HomeReading): RecognisedProduct[] {
  const versionText = versionTextIn(folder, system);
  const kernelText = kernelTextIn(folder, system);
  return recogniseProducts({
    ...(versionText !== undefined && { versionText }),
    ...(kernelText !== undefined && { kernelText }),
    scripts: scriptsIn(folder, system),
  });
}

const kernelTextIn = (folder: string, system: HomeReading): string | undefined =>
  readIfPossible(join(folder, 'bin/wso2carbon-version.txt'), system);

/** A home within another one's has its version there. */
function versionTextIn(folder: string, system: HomeReading): string | undefined {
  const read = (home: string): string | undefined => readIfPossible(join(home, 'bin/version.txt'), system);
  const outer = FOLDERS_WITHIN.find((within) => isFolderWithin(folder, within));
  return read(folder) ?? (outer && read(folder.slice(0, -outer.length - 1)));
}

const FOLDERS_WITHIN = PRODUCT_IDS.flatMap((id) => {
  const { within, servers = {} } = factsOf(id);
  return [within, ...Object.values(servers).map((profile) => profile.within)].filter((one) => one !== undefined);
});

const scriptsIn = (folder: string, system: HomeReading): string[] =>
  KNOWN_SCRIPTS.filter((script) => system.files.isFile(join(folder, 'bin', script + system.host.scriptExtension)));

/** A start script that is a link runs the home that it leads to, whatever folder we were given. */
function carbonHome(folder: string, id: ProductId, system: HomeReading): string {
  const rows = [factsOf(id), ...Object.values(factsOf(id).editions ?? {})].flatMap(({ versions }) => versions ?? []);
  const script = scriptsIn(folder, system).find((name) => rows.some((row) => row.script === name));
  if (script === undefined) return folder;
  const home = system.files.folderAboveScript(join(folder, 'bin', script + system.host.scriptExtension));
  if (productsIn(home, system).some((product) => product.id === id)) return home;
  throw unusableHome(
    `The start script in ${join(folder, 'bin')} is a link into ${home}, which is no such home.`,
    'Put the script itself there, or name the home that it belongs to.',
  );
}

export const unusableHome = (what: Text, hint: Text): LaunchError =>
  new LaunchError({ kind: 'unusable-home', what, hint });
