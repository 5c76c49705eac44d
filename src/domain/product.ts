import { factsOf, PRODUCT_IDS, type ProductFacts, type ProductId, type VersionRow } from './catalogue.js';
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
  /** As `bin/version.txt` has it (`4.5.0`), or the one its kernel belongs to; null where nothing tells. */
  readonly version: string | null;
}

/** Every start script that any row of the catalogue names. */
export const KNOWN_SCRIPTS: readonly string[] = [
  ...new Set(PRODUCT_IDS.flatMap((id) => factsOf(id).versions.map((row) => row.script))),
];

/**
 * The product that these files belong to: by its name in version.txt, else by a start script of its own.
 * `wso2server` starts many products, so that script alone needs the kernel to be one of the product's.
 */
export function recogniseProduct(files: HomeFiles): RecognisedProduct | undefined {
  const named = /^(.*?)\s+v(\S+)/.exec(files.versionText ?? '');
  const byName = PRODUCT_IDS.find((id) => named && factsOf(id).names.includes(named[1] as string));
  if (byName && named) return { id: byName, version: named[2] as string };

  for (const id of PRODUCT_IDS) {
    const facts = factsOf(id);
    const own = facts.versions.find((row) => row.script !== 'wso2server' && files.scripts.includes(row.script));
    const fromKernel = versionOfKernel(facts, files.kernelText);
    if (own) return { id, version: named?.[2] ?? fromKernel };
    if (!named && fromKernel && files.scripts.includes('wso2server')) return { id, version: fromKernel };
  }
  return undefined;
}

function versionOfKernel(facts: ProductFacts, kernelText: string | undefined): string | null {
  const kernel = /v(\d+\.\d+\.\d+)/.exec(kernelText ?? '')?.[1];
  const version = kernel === undefined ? undefined : facts.kernels?.[kernel];
  return version ? version.join('.') : null;
}

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
  if (!parsed) {
    const row = facts.versions.find((candidate) => scripts.includes(candidate.script)) ?? facts.versions[0];
    return { row, warning: `The version of this ${facts.title} can't be told; ${ruleOf(row)}.` };
  }
  const row =
    facts.versions.find((candidate) => compareVersions(parsed, candidate.since) >= 0) ??
    (facts.versions[facts.versions.length - 1] as VersionRow);
  return isKnown(facts, parsed) ? { row } : { row, warning: unknownVersion(facts, version as string, row) };
}

const isKnown = ({ known: [oldest, newest] }: ProductFacts, version: Version): boolean =>
  compareVersions(version, oldest) >= 0 && compareVersions(version, newest) <= 0;

const ruleOf = (row: VersionRow): string => `the rules of ${row.since.join('.')} are used`;

function unknownVersion(facts: ProductFacts, version: string, row: VersionRow): string {
  const [oldest, newest] = facts.known.map((known) => known.join('.'));
  return `${facts.title} ${version} is not one of the known versions (${oldest} to ${newest}); ${ruleOf(row)}.`;
}
