import { factsOf, PRODUCT_IDS, type ProductId } from './catalogue.js';
import type { ProductFacts, ProfileFacts, ServerFacts, VersionRow } from './facts.js';
import { compareVersions, parseVersion, type Version } from './version.js';

/** The files of a folder that tell which product it is. */
export interface HomeFiles {
  /** Text of `bin/version.txt`, where there is one. */
  readonly versionText?: string;
  /** Text of `bin/wso2carbon-version.txt`, where there is one. */
  readonly kernelText?: string;
  /** Start scripts found in `bin/`, without `.sh` or `.bat`. */
  readonly scripts: readonly string[];
}

export interface RecognisedProduct {
  readonly id: ProductId;
  /** NAME in `bin/version.txt`, where that is one of the product's. */
  readonly name?: string;
  /**
   * The version in `bin/version.txt` (`4.5.0`), or the one that the home's kernel belongs to; null where nothing tells.
   */
  readonly version: string | null;
}

/** Every start script that any row of the catalogue names. */
export const KNOWN_SCRIPTS: readonly string[] = [...new Set(PRODUCT_IDS.flatMap(ownScripts))];

/**
 * The products that these files can be started as, the most likely first: by the name in version.txt, else by a start
 * script of their own. `wso2server` starts many products: there the kernel tells which, and any Carbon server comes
 * last.
 */
export function recogniseProducts(files: HomeFiles): RecognisedProduct[] {
  const [, name, told = null] = /^(.*?)\s+v(\S+)/.exec(files.versionText ?? '') ?? [];
  // A bare kernel has the placeholders of its build in version.txt.
  const version = told?.includes('${') ? null : told;
  const named = name === undefined ? [] : productsCalled(name, version);
  // Two products may share a distribution, each with its own script.
  const startable = named.filter((id) => ownScripts(id).some((script) => files.scripts.includes(script)));
  if (name !== undefined && named.length > 0) {
    const likely = startable.length > 0 ? startable : named.slice(0, 1);
    return [...likely, ...anyServerIn(likely, files)].map((id) => ({ id, name, version }));
  }

  const byScript = PRODUCT_IDS.filter((id) =>
    ownScripts(id).some((script) => script !== SHARED_SCRIPT && files.scripts.includes(script)),
  );
  if (byScript.length > 0) {
    return byScript.map((id) => ({ id, version: version ?? versionOfKernel(factsOf(id), files.kernelText) }));
  }
  if (!files.scripts.includes(SHARED_SCRIPT)) return [];
  const byKernel = PRODUCT_IDS.flatMap((id): RecognisedProduct[] => {
    const fromKernel = name === undefined ? versionOfKernel(factsOf(id), files.kernelText) : null;
    if (fromKernel === null || rowFor(factsOf(id), fromKernel, []).row.script !== SHARED_SCRIPT) return [];
    return [{ id, version: fromKernel }];
  });
  return [...byKernel, { id: 'server', version }];
}

const SHARED_SCRIPT = 'wso2server';

/** The products with this NAME, of several those that know the version: what is built on one may carry its name. */
function productsCalled(name: string, version: string | null): ProductId[] {
  const called = PRODUCT_IDS.filter((id) => {
    const { names, editions = {} } = factsOf(id);
    return names.includes(name) || Object.hasOwn(editions, name);
  });
  const parsed = parseVersion(version ?? '');
  const knowing = called.filter((id) => parsed !== undefined && isKnown(editionOf(factsOf(id), name), parsed));
  return knowing.length > 0 ? knowing : called;
}

/** The profiles of a home that holds several servers can be started as any Carbon server too. */
const anyServerIn = (likely: readonly ProductId[], { scripts }: HomeFiles): ProductId[] =>
  likely.some((id) => factsOf(id).servers) && scripts.includes(SHARED_SCRIPT) ? ['server'] : [];

function ownScripts(id: ProductId): string[] {
  const { versions, editions = {}, servers = {} } = factsOf(id);
  // A runtime of Carbon 5 in a greater home is a product of its own.
  const profiles = Object.values(servers).flatMap(({ facts }) => facts.versions.filter(({ carbon5 }) => !carbon5));
  const rows = [...versions, ...Object.values(editions).flatMap((facts) => facts.versions ?? []), ...profiles];
  return [...new Set(rows.map(({ script }) => script))];
}

/** The facts of the product that goes by a NAME of `bin/version.txt`. */
export const editionOf = (facts: ProductFacts, name: string | undefined): ProductFacts =>
  name !== undefined && facts.editions && Object.hasOwn(facts.editions, name)
    ? { ...facts, ...facts.editions[name] }
    : facts;

/** The names of all profiles that a product has, or ever had; none where its homes never hold more than one server. */
export function profileNames({ servers = {}, versions }: ProductFacts): string[] {
  const runtimes = versions.flatMap(({ carbon5 }) => Object.keys(carbon5?.profiles ?? {}));
  const names = [...new Set([...Object.keys(servers), ...runtimes])];
  return names.length > 1 ? names : [];
}

/** The profiles of a product's home of several servers, at a version; all that it ever had without one. */
export function profilesAt(
  { servers = {} }: ProductFacts,
  version: string | null,
): Readonly<Record<string, ProfileFacts>> {
  const parsed = parseVersion(version ?? '');
  const isThere = (profile: ProfileFacts): boolean => parsed === undefined || isKnown(profile, parsed);
  return Object.fromEntries(Object.entries(servers).filter(([, profile]) => isThere(profile)));
}

/**
 * Whether a folder in which only one server may run is that of a profile; undefined for a name that is none of the
 * product's.
 */
export function isFolderOf(profile: string, folder: string, facts: ProductFacts): boolean | undefined {
  const ends = (within: string): boolean => folder.replaceAll('\\', '/').endsWith(`/${within}`);
  const folders = profileFolders(facts);
  if (!Object.hasOwn(folders, profile)) return undefined;
  // The server of the home itself lies in none of the others' folders.
  const own = (folders[profile] as readonly string[]).filter((one) => one !== '');
  return own.length > 0
    ? own.some(ends)
    : !Object.values(folders)
        .flat()
        .some((one) => one !== '' && ends(one));
}

/** The folders of each profile, in a product's home; empty for the home itself. */
function profileFolders({ versions, editions = {}, servers = {} }: ProductFacts): Readonly<Record<string, string[]>> {
  const rows = [...versions, ...Object.values(editions).flatMap((facts) => facts.versions ?? [])];
  const runtimes = rows.flatMap(({ carbon5 }) => Object.entries(carbon5?.profiles ?? {}));
  const found = [
    ...runtimes.map(([name, { folder }]) => [name, folder] as const),
    ...Object.entries(servers).flatMap(([name, server]) => serverFolders(server).map((one) => [name, one] as const)),
  ];
  const of = (wanted: string): string[] => found.flatMap(([name, folder]) => (name === wanted ? [folder] : []));
  return Object.fromEntries(found.map(([name]) => [name, of(name)]));
}

function serverFolders({ within = '', runtime, facts }: ProfileFacts): string[] {
  if (runtime === undefined) return [within];
  const folders = facts.versions.flatMap(({ carbon5 }) => carbon5?.profiles[runtime]?.folder ?? []);
  return folders.map((folder) => (folder === '.' ? within : `${within}/${folder}`));
}

function versionOfKernel(facts: ServerFacts, kernelText: string | undefined): string | null {
  const kernel = /v(\d+\.\d+\.\d+)/.exec(kernelText ?? '')?.[1];
  const version = kernel === undefined ? undefined : facts.kernels?.[kernel];
  return version ? version.join('.') : null;
}

/** The kernel's version in `bin/wso2carbon-version.txt` (`4.10.32`); undefined where nothing tells. */
export const kernelVersion = (kernelText: string | undefined): string | undefined =>
  /\bv(\d\S*)/.exec(kernelText ?? '')?.[1];

/** The words after a product's name, for people: ` 4.5.0`, `, kernel 4.10.32`, or nothing where neither is known. */
export const versionWords = ({ version, kernel }: { version: string | null; kernel?: string | undefined }): string =>
  version === null ? (kernel === undefined ? '' : `, kernel ${kernel}`) : ` ${version}`;

export interface ChosenRow {
  readonly row: VersionRow;
  /** Why the row may not fit this version exactly. */
  readonly warning?: string;
}

/**
 * The row that holds for a version: the nearest older one, else the oldest.
 * Without a version it is the newest row whose start script is there.
 */
export function rowFor(facts: ServerFacts, version: string | null, scripts: readonly string[]): ChosenRow {
  const parsed = version === null ? undefined : parseVersion(version);
  if (!parsed && !facts.known) return { row: facts.versions[0] };
  if (!parsed) {
    const row = facts.versions.find((candidate) => scripts.includes(candidate.script)) ?? facts.versions[0];
    return { row, warning: `The version of this ${facts.title} can't be told; ${ruleOf(row)}.` };
  }
  const row =
    facts.versions.find((candidate) => compareVersions(parsed, candidate.since) >= 0) ??
    (facts.versions[facts.versions.length - 1] as VersionRow);
  return isKnown(facts, parsed) ? { row } : { row, warning: unknownVersion(facts, version as string, row) };
}

const isKnown = ({ known }: Pick<ProfileFacts, 'known'>, version: Version): boolean =>
  known === undefined || (compareVersions(version, known[0]) >= 0 && compareVersions(version, known[1]) <= 0);

const ruleOf = (row: VersionRow): string => `the rules of ${row.since.join('.')} are used`;

function unknownVersion(facts: ServerFacts, version: string, row: VersionRow): string {
  const [oldest, newest] = (facts.known ?? []).map((known) => known.join('.'));
  return `${facts.title} ${version} is not one of the known versions (${oldest} to ${newest}); ${ruleOf(row)}.`;
}
