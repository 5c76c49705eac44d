import { isAbsolutePath } from './instance.js';
import { isInstanceName } from './names.js';

// A private home is made from an installation for one instance. What no server writes is the installation's own file
// under a second name; everything else is a copy, so that the installation stays as it is.

/**
 * What a path of the installation, and everything below it, becomes in a private home.
 *
 * - `link`: a second name of the very file; `link-unedited`: the same but for {@link EDITED} ones, which are copied
 * - `copy`; `made`: a copy of what each start makes anew, where a change means nothing; `follow`: a copy that each start
 *   completes, where that of the installation always counts; `data`: a copy that belongs to the home from then on
 * - `empty`: a folder without its content; `omit`: nothing
 */
export type Placing = FilePlacing | 'link-unedited' | 'empty' | 'omit';

/**
 * Placings by paths in the installation, where `*` stands for any part of a name. The one with the most names that fits
 * counts; else it is `copy`.
 */
export type Placings = Readonly<Record<string, Placing>>;

/** What is to be known of an installation beside its product. */
export interface PlacingFacts {
  readonly placings: Placings;
  /** The files that a start renders, which it does by writing into the file that is there. */
  readonly rendered: ReadonlySet<string>;
  /** Whether a start may apply patches, which it does by writing into the jars that are there. */
  readonly isPatched: boolean;
}

/** The way in which one file gets into a private home. */
export type FilePlacing = 'link' | 'copy' | 'made' | 'follow' | 'data';

/** The answers about the paths of one installation. */
export interface Placer {
  /** The placing of a file; undefined where it is not there at all. */
  fileAt(path: string): FilePlacing | undefined;
  /** Whether neither a path nor anything below it gets into the home. */
  isLeftOut(path: string): boolean;
}

export function placerFor({ placings, rendered, isPatched }: PlacingFacts): Placer {
  const rows = Object.entries(placings).map(([at, placing]) => ({ pattern: at.split('/').map(nameTest), placing }));
  const placingOf = (path: string): Placing => placingIn(rows, path.split('/'));
  return {
    isLeftOut: (path) => {
      const cut = path.lastIndexOf('/');
      return placingOf(path) === 'omit' || (cut > 0 && placingOf(path.slice(0, cut)) === 'empty');
    },
    fileAt: (path) => {
      const placing = placingOf(path);
      if (placing === 'omit' || placing === 'empty') return undefined;
      if (rendered.has(path)) return 'made';
      if (placing !== 'link' && placing !== 'link-unedited') return placing;
      const isWritten = isPatched && path.endsWith('.jar');
      return !isWritten && (placing === 'link' || !EDITED.test(path)) ? 'link' : 'copy';
    },
  };
}

interface PlacingRow {
  readonly pattern: readonly ((name: string) => boolean)[];
  readonly placing: Placing;
}

/** The placing of the longest pattern that a path begins with. */
function placingIn(rows: readonly PlacingRow[], names: readonly string[]): Placing {
  let longest = 0;
  let found: Placing = 'copy';
  for (const { pattern, placing } of rows) {
    if (pattern.length <= longest || pattern.length > names.length) continue;
    if (!pattern.every((fits, index) => fits(names[index] as string))) continue;
    longest = pattern.length;
    found = placing;
  }
  return found;
}

/** Whether a name fits a part of a pattern. */
function nameTest(part: string): (name: string) => boolean {
  const [before = '', after] = part.split('*');
  if (after === undefined) return (name) => name === part;
  return (name) => name.length >= part.length - 1 && name.startsWith(before) && name.endsWith(after);
}

/**
 * Kinds of files that people, and some servers, change in place: an editor writes into a file that has a second name. So
 * are taken those that are of no kind.
 */
const EDITED =
  /(?:^|\/)[^./]+$|\.(?:xml|json|properties|toml|ya?ml|conf|cfg|ini|policy|jspx?|jag|sh|bat|cmd|jks|p12|car|siddhi|xsd|wsdl|j2)$/i;

/** The folders in which patches lie that a start applies: CK PatchInstaller. */
export const PATCH_FOLDERS = ['repository/components/patches', 'wso2/components/patches'];

/** Whether a folder in there is one of a patch. `patch0000` is the backup that the first patch makes. */
export const isPatch = (name: string): boolean => /^patch\d+$/.test(name) && name !== 'patch0000';

/** Whether a file is an H2 database, which can't be copied while its server runs. */
export const isDatabase = (path: string): boolean => /\.(?:mv|h2)\.db$/i.test(path);

/** A file as it was in the installation when it was placed. */
export interface PlacedFile {
  readonly placing: FilePlacing;
  readonly size: number;
  readonly writtenAtMs: number;
  readonly inode: number;
}

/** What is written beside a private home, and tells that it is one. */
export interface HomeMarker {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly product: string;
  readonly version: string | null;
  /** The real path of the folder that it was made from. */
  readonly installation: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** By paths in the home, with slashes. */
  readonly files: Readonly<Record<string, PlacedFile>>;
}

/** The name of the marker's file in the home. */
export const MARKER_FILE = '.wso2-launch-home.json';

/** A marker as it is written: a file in few characters, for there are thousands. */
export const markerText = ({ files, ...marker }: HomeMarker): string =>
  `${JSON.stringify({
    ...marker,
    files: Object.fromEntries(
      Object.entries(files).map(([path, { placing, size, writtenAtMs, inode }]) => [
        path,
        [placing, size, writtenAtMs, inode],
      ]),
    ),
  })}\n`;

/** The marker that a value is; undefined where a field has not its form, as in what others have written. */
export function markerIn(value: unknown): HomeMarker | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { schemaVersion, name, product, version, installation, madeAt, files } = value as Record<string, unknown>;
  if (schemaVersion !== 1 || typeof name !== 'string' || !isInstanceName(name)) return undefined;
  if (typeof product !== 'string' || !isAbsolutePath(installation) || typeof madeAt !== 'string') return undefined;
  if (typeof files !== 'object' || files === null || (version !== null && typeof version !== 'string'))
    return undefined;
  const placed = Object.entries(files).map(([path, one]) => [path, placedIn(one)] as const);
  if (placed.some(([path, one]) => !isWithin(path) || !one)) return undefined;
  const read = Object.fromEntries(placed) as Record<string, PlacedFile>;
  return { schemaVersion, name, product, version, installation: installation as string, madeAt, files: read };
}

function placedIn(value: unknown): PlacedFile | undefined {
  if (!Array.isArray(value)) return undefined;
  const [placing, size, writtenAtMs, inode] = value;
  if (!FILE_PLACINGS.includes(placing) || ![size, writtenAtMs, inode].every(Number.isFinite)) return undefined;
  return { placing, size, writtenAtMs, inode };
}

const FILE_PLACINGS: readonly unknown[] = ['link', 'copy', 'made', 'follow', 'data'] satisfies FilePlacing[];

/** Whether a path leads to something in the home. */
const isWithin = (path: string): boolean =>
  path !== '' && !path.includes('\\') && path.split('/').every((name) => name !== '' && name !== '.' && name !== '..');

/** A file as it is now. `inode`: on the installation's file system, else 0. */
export interface FileState {
  readonly size: number;
  readonly writtenAtMs: number;
  readonly inode: number;
}

/** What has to be done with a file of a home whose installation has changed. */
export type UpdateStep = 'none' | 'place' | 'remove' | 'keep' | 'keep-made';

/** One file, as the home was made from it (`placed`), as the installation has it now, and as the home has it. */
export interface FileChange {
  readonly placed: PlacedFile | undefined;
  readonly wanted: PlacedFile | undefined;
  readonly own: FileState | undefined;
}

/**
 * The step by which a file gets up to date; `keep` where the home's own file was changed as well, and `keep-made` where that
 * means nothing.
 */
export function updateStep({ placed, wanted, own }: FileChange): UpdateStep {
  if (placed?.placing === 'data' || wanted?.placing === 'data') return 'none';
  // A second name of the file that was replaced shows nothing of the one in its place, however alike they look.
  const isOldLink = placed?.placing === 'link' && own?.inode === placed.inode && wanted?.inode !== placed.inode;
  if (!isOldLink && isPlacedAs(own, wanted)) return 'none';
  if (wanted && isAsPlaced(placed, wanted)) return 'none';
  if (wanted?.placing === 'follow') return 'place';
  const isUntouched = placed === undefined ? own === undefined : isPlacedAs(own, placed);
  if (!wanted && own === undefined) return 'none';
  if (isUntouched) return wanted ? 'place' : 'remove';
  return (wanted ?? placed)?.placing === 'made' ? 'keep-made' : 'keep';
}

/** Whether a file has to be looked at no further: it is placed as it was, and as it is wanted. */
export const isAsPlaced = (placed: PlacedFile | undefined, wanted: PlacedFile): boolean =>
  placed !== undefined && placed.placing === wanted.placing && isSameFile(placed, wanted);

/** Whether the installation's file is the one that was placed. Of links another file of the same looks counts as new. */
const isSameFile = (placed: PlacedFile, wanted: PlacedFile): boolean =>
  hasSameContent(placed, wanted) && (placed.placing !== 'link' || placed.inode === wanted.inode);

/** Whether a home's file is what this placing makes of the installation's. */
function isPlacedAs(own: FileState | undefined, placed: PlacedFile | undefined): boolean {
  if (own === undefined || placed === undefined) return own === placed;
  if (placed.placing === 'link' && own.inode === placed.inode) return true;
  // A copy, or a link where none could be had, has the time of what it was copied from; a link is nothing for `copy`.
  return own.inode !== placed.inode && hasSameContent(own, placed);
}

/** Times are set by way of floating seconds, which lose what is below a millisecond. */
const hasSameContent = (one: FileState, other: FileState): boolean =>
  one.size === other.size && Math.abs(one.writtenAtMs - other.writtenAtMs) < 2;
