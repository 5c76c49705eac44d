import { dirname, join, relative, resolve, sep } from 'node:path';
import { factsOf } from '../domain/catalogue.js';
import { LaunchError } from '../domain/failure.js';
import {
  type FilePlacing,
  isAsPlaced,
  isPatch,
  MARKER_FILE,
  PATCH_FOLDERS,
  type PlacedFile,
  type Placer,
  placerFor,
  updateStep,
} from '../domain/private-home.js';
import { nodeSystem, type System } from '../system/index.js';
import type { TreeEntry } from '../system/trees.js';
import { type LocatedHome, unusableHome } from './locate.js';
import { HOMES_VARIABLE } from './private-homes.js';
import { renderedFiles } from './rendering.js';

/** How far a copy is that takes a while. */
export interface CopyProgress {
  readonly copiedBytes: number;
  readonly totalBytes: number;
}

export type MakingSystem = Pick<System, 'clock' | 'files' | 'machine' | 'trees'>;

/** The side of whoever waits for a home. */
export interface MakingHooks {
  /** Told now and then of a copy of more than {@link WORTH_TELLING} bytes. */
  tell(progress: CopyProgress): void;
  readonly asked: AbortSignal;
}

/** The files of a home, by their paths in it. */
export type PlacedFiles = Readonly<Record<string, PlacedFile>>;

/** A file of the installation on its way into a home. */
interface PlacedEntry {
  /** Its path in the home. */
  readonly path: string;
  /** The file itself: where a link leads out of the installation, another one. */
  readonly from: string;
  readonly placing: FilePlacing;
  readonly entry: TreeEntry;
}

/** The content of an installation, as far as it gets into a private home. */
export interface InstallationLook {
  readonly folders: readonly TreeEntry[];
  readonly files: readonly PlacedEntry[];
  /** Links within the installation, and where they lead, from where they are. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

/**
 * Looks through an installation.
 * @param installation the real path
 * @param home the private home, where it is there already: its own patches count as well
 * @throws LaunchError `unusable-home` for what a private home can't be made from
 */
export function lookThrough(
  located: Pick<LocatedHome, 'id' | 'home' | 'unpacked'>,
  installation: string,
  home: string | undefined,
  system: MakingSystem = nodeSystem,
): InstallationLook {
  const placer = placerOf(located, [installation, ...(home === undefined ? [] : [home])], system);
  const folders: TreeEntry[] = [];
  const files: PlacedEntry[] = [];
  const links: { path: string; target: string }[] = [];
  const isLeftOut = (path: string): boolean => path === MARKER_FILE || placer.isLeftOut(path);
  for (const entry of system.trees.below(installation, isLeftOut)) {
    const { path, kind } = entry;
    const from = join(installation, path);
    if (kind === 'folder') folders.push(entry);
    else if (kind === 'other') throw noFile(from);
    else if (kind === 'link') {
      const target = targetWithin(from, installation, system);
      if (target !== undefined) links.push({ path, target });
      else files.push(behindLink(path, from, system));
    } else {
      const placing = placer.fileAt(path);
      if (placing) files.push({ path, from, placing, entry });
    }
  }
  return { folders, files, links };
}

function placerOf(
  { id, home, unpacked }: Pick<LocatedHome, 'id' | 'home' | 'unpacked'>,
  roots: readonly string[],
  system: MakingSystem,
): Placer {
  const inner = relative(unpacked, home).replaceAll('\\', '/');
  const rendered = renderedFiles(home, system).map((path) =>
    [inner, path.replaceAll('\\', '/')].filter(Boolean).join('/'),
  );
  const patches = roots.flatMap((root) => PATCH_FOLDERS.map((folder) => join(root, folder)));
  const isPatched = patches.some((folder) => system.files.filesIn(folder).some(isPatch));
  return placerFor({ placings: factsOf(id).placings, rendered: new Set(rendered), isPatched });
}

const noFile = (path: string): LaunchError =>
  unusableHome(`${path} is neither a file nor a folder: no private home can have it.`, 'Remove it.');

/** Where a link leads, from where it is; undefined where it leads out of the installation. */
function targetWithin(link: string, installation: string, { files, trees }: MakingSystem): string | undefined {
  const target = resolve(dirname(link), trees.targetOf(link));
  const isWithin = (path: string): boolean => path === installation || path.startsWith(installation + sep);
  const real = files.exists(link) ? files.realPath(link) : target;
  return isWithin(target) && isWithin(real) ? relative(dirname(link), target) : undefined;
}

/** The file behind a link that leads out of the installation: through the link itself a server would write there. */
function behindLink(path: string, link: string, { files, trees }: MakingSystem): PlacedEntry {
  const from = files.realPath(link);
  const entry = files.isFile(link) ? trees.look(from) : undefined;
  if (entry?.kind === 'file') return { path, from, placing: 'copy', entry };
  throw unusableHome(
    `${link} leads out of the installation, to ${trees.targetOf(link)}: what a server writes there would not be the private home's own.`,
    'Put the folder itself in its place, or take the link away.',
  );
}

/**
 * Makes an empty folder the private home of what was seen.
 * @throws LaunchError `unusable-home`, `shortage`, the signal's reason; the folder is gone again then
 */
export async function makeTree(
  { folders, files, links }: InstallationLook,
  to: string,
  hooks: MakingHooks,
  system: MakingSystem = nodeSystem,
): Promise<PlacedFiles> {
  const { trees } = system;
  try {
    for (const { path } of folders) trees.makeFolder(join(to, path));
    const copying = new Copying(files, dirname(to), hooks, system);
    for (const file of files) await copying.place(file, join(to, file.path));
    for (const { path, target } of links) trees.makeLink(target, join(to, path));
    for (const folder of [...folders].reverse()) trees.finishFolder(join(to, folder.path), folder);
    return Object.fromEntries([...files.map(placedFile), ...links.map(placedLink)]);
  } catch (error) {
    trees.removeTree(to);
    throw inWords(error, dirname(to));
  }
}

const placedFile = ({ path, placing, entry }: PlacedEntry): [string, PlacedFile] => [
  path,
  { placing, size: entry.size, writtenAtMs: entry.writtenAtMs, inode: entry.inode },
];

/** A link is the home's own from then on. */
const placedLink = ({ path }: { readonly path: string }): [string, PlacedFile] => [
  path,
  { placing: 'data', size: 0, writtenAtMs: 0, inode: 0 },
];

/** A copy below this size is done before anybody could read of it. */
export const WORTH_TELLING = 64 * 2 ** 20;

/** How long the work goes on before whoever wants to end it is heard, in milliseconds. */
const TURN_MS = 50;
const TELL_EVERY_MS = 500;

/** Links and copies, file by file. */
class Copying {
  #copiedBytes = 0;
  #toCopyBytes: number;
  #hasLinked = true;
  #turnMs: number;
  #toldMs: number;

  constructor(
    private readonly files: readonly PlacedEntry[],
    private readonly folder: string,
    private readonly hooks: MakingHooks,
    private readonly system: MakingSystem,
  ) {
    this.#toCopyBytes = bytesOf(files.filter(({ placing }) => placing !== 'link'));
    this.#turnMs = system.clock.now();
    this.#toldMs = this.#turnMs;
    checkSpace(this.#toCopyBytes, folder, system);
  }

  /** Puts a file into a place where nothing is yet. */
  async place({ placing, from, entry }: PlacedEntry, to: string): Promise<void> {
    const { trees } = this.system;
    if (placing !== 'link' || !trees.link(from, to, entry)) {
      if (placing === 'link') this.#noteUnlinked();
      trees.copy(from, to, entry);
      this.#copiedBytes += entry.size;
    }
    if (this.system.clock.now() - this.#turnMs >= TURN_MS) await this.#giveTurn();
  }

  /** Where one file can't be linked, mostly none can: there has to be room for all of them. */
  #noteUnlinked(): void {
    if (!this.#hasLinked) return;
    this.#hasLinked = false;
    const more = bytesOf(this.files.filter(({ placing }) => placing === 'link'));
    checkSpace(more, this.folder, this.system);
    this.#toCopyBytes += more;
  }

  async #giveTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.hooks.asked.throwIfAborted();
    this.#turnMs = this.system.clock.now();
    if (this.#toCopyBytes < WORTH_TELLING || this.#turnMs - this.#toldMs < TELL_EVERY_MS) return;
    this.#toldMs = this.#turnMs;
    this.hooks.tell({ copiedBytes: this.#copiedBytes, totalBytes: this.#toCopyBytes });
  }
}

const bytesOf = (files: readonly PlacedEntry[]): number => files.reduce((sum, { entry }) => sum + entry.size, 0);

const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** @throws LaunchError `shortage` */
function checkSpace(neededBytes: number, folder: string, { machine }: MakingSystem): void {
  const free = machine.freeSpace(folder);
  if (free !== undefined && free < neededBytes)
    throw noRoom(folder, `${mib(neededBytes)} are needed and ${mib(free)} free`);
}

const noRoom = (folder: string, reason: string): LaunchError =>
  new LaunchError({
    kind: 'shortage',
    what: `There is no room for a private home in ${folder}: ${reason}.`,
    hint: `Make room there, or name a folder elsewhere in ${HOMES_VARIABLE}: on the installation's file system a home takes next to none.`,
  });

/** A system's error as what it means for a home that is made. */
function inWords(error: unknown, folder: string): unknown {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof LaunchError || code === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return noRoom(folder, message);
  if (!/^(?:EACCES|EPERM|EROFS|ENOENT|ELOOP|EIO|ENAMETOOLONG|EEXIST|ENOTDIR)$/.test(code)) return error;
  return unusableHome(
    `The private home can't be made: ${message}.`,
    'Its user has to be allowed to read all of the installation, which must not be changed meanwhile.',
  );
}

/** What an update has done. */
export interface Update {
  readonly files: PlacedFiles;
  /** Whether anything is other than it was. */
  readonly hasChanged: boolean;
  readonly updated: readonly string[];
  /** The files that were changed in the installation, and in the home as well: they are the home's still. */
  readonly kept: readonly string[];
}

/**
 * Brings a home up to date with its installation, file by file; cut off, the next one does the rest.
 * @param placed the files as they were placed
 * @param staging an empty folder beside the home
 * @throws LaunchError `unusable-home`, `shortage`, the signal's reason
 */
export async function updateTree(
  { files }: InstallationLook,
  { home, placed, staging }: { readonly home: string; readonly placed: PlacedFiles; readonly staging: string },
  hooks: MakingHooks,
  system: MakingSystem = nodeSystem,
): Promise<Update> {
  const wanted = new Map(files.filter(({ placing }) => placing !== 'data').map((file) => [file.path, file]));
  const changed = [...wanted.values()].filter((file) => !isAsPlaced(placed[file.path], placedFile(file)[1]));
  const gone = Object.keys(placed).filter((path) => placed[path]?.placing !== 'data' && !wanted.has(path));
  const updated: string[] = [];
  const kept: string[] = [];
  const { trees } = system;
  try {
    const copying = new Copying(changed, dirname(home), hooks, system);
    const device = files[0]?.entry.device;
    for (const path of [...changed.map((file) => file.path), ...gone]) {
      const file = wanted.get(path);
      const target = join(home, path);
      const folder = wholeFolder(home, dirname(path), trees);
      const own = folder === 'elsewhere' ? undefined : trees.look(target);
      const ownFile = own && { ...own, inode: own.device === device ? own.inode : 0 };
      const step =
        folder === 'elsewhere' || (own && own.kind !== 'file')
          ? 'keep'
          : updateStep({ placed: placed[path], wanted: file && placedFile(file)[1], own: ownFile });
      if (step === 'keep') kept.push(path);
      if (step === 'place' || step === 'remove') updated.push(path);
      if (step === 'remove') trees.removeFile(target);
      if (step === 'place' && file) {
        const draft = join(staging, 'draft');
        await copying.place(file, draft);
        makeFolders(home, dirname(path), trees);
        trees.rename(draft, target);
      }
    }
  } catch (error) {
    throw inWords(error, dirname(home));
  }
  const data = Object.entries(placed).filter(([, { placing }]) => placing === 'data');
  return {
    files: Object.fromEntries([...[...wanted.values()].map(placedFile), ...data]),
    hasChanged: changed.length > 0 || gone.length > 0,
    updated,
    kept,
  };
}

/** Whether a folder of a home is there, all of it itself and no link: what lies behind one is not the home's. */
function wholeFolder(home: string, folder: string, trees: System['trees']): 'there' | 'missing' | 'elsewhere' {
  let path = home;
  for (const name of namesIn(folder)) {
    path = join(path, name);
    const found = trees.look(path);
    if (!found) return 'missing';
    if (found.kind !== 'folder') return 'elsewhere';
  }
  return 'there';
}

function makeFolders(home: string, folder: string, trees: System['trees']): void {
  let path = home;
  for (const name of namesIn(folder)) {
    path = join(path, name);
    if (!trees.look(path)) trees.makeFolder(path);
  }
}

const namesIn = (folder: string): string[] => folder.split('/').filter((name) => name !== '.' && name !== '');
