import { factsOf, PRODUCT_IDS, type ProductId } from './catalogue.js';
import type { ProductFacts, VersionRow } from './facts.js';
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
  /**
   * The version in `bin/version.txt` (`4.5.0`), or the one that the home's kernel belongs to; null where nothing tells.
   */
  readonly version: string | null;
}

/** Every start script that any row of the catalogue names. */
export const KNOWN_SCRIPTS: readonly string[] = [
  ...new Set(PRODUCT_IDS.flatMap((id) => factsOf(id).versions.map((row) => row.script))),
];

/**
 * The products that these files can be started as, the most likely first: by the name in version.txt, else by a start
 * script of their own. `wso2server` starts many products: there the kernel tells which, and any Carbon server comes
 * last.
 */
export function recogniseProducts(files: HomeFiles): RecognisedProduct[] {
  const [, name, told = null] = /^(.*?)\s+v(\S+)/.exec(files.versionText ?? '') ?? [];
  // A bare kernel has the placeholders of its build in version.txt.
  const version = told?.includes('${') ? null : told;
  const named = PRODUCT_IDS.filter((id) => name !== undefined && factsOf(id).names.includes(name));
  // Two products may share a distribution, each with its own script.
  const startable = named.filter((id) => ownScripts(id).some((script) => files.scripts.includes(script)));
  if (named.length > 0) return (startable.length > 0 ? startable : named.slice(0, 1)).map((id) => ({ id, version }));

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

const ownScripts = (id: ProductId): string[] => factsOf(id).versions.map(({ script }) => script);

function versionOfKernel(facts: ProductFacts, kernelText: string | undefined): string | null {
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
export function rowFor(facts: ProductFacts, version: string | null, scripts: readonly string[]): ChosenRow {
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

const isKnown = ({ known }: ProductFacts, version: Version): boolean =>
  known === undefined || (compareVersions(version, known[0]) >= 0 && compareVersions(version, known[1]) <= 0);

const ruleOf = (row: VersionRow): string => `the rules of ${row.since.join('.')} are used`;

function unknownVersion(facts: ProductFacts, version: string, row: VersionRow): string {
  const [oldest, newest] = (facts.known ?? []).map((known) => known.join('.'));
  return `${facts.title} ${version} is not one of the known versions (${oldest} to ${newest}); ${ruleOf(row)}.`;
}
