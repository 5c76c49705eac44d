import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';

/** An entry of a folder as it is itself: of a link, the link. */
export interface TreeEntry {
  /** From the folder that was asked for, with slashes. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  readonly writtenAtMs: number;
  readonly inode: number;
  readonly device: number;
  /** The number of its names. */
  readonly names: number;
  readonly mode: number;
}

/** Makes, looks at and removes folders as wholes. Nothing follows a link. */
export interface Trees {
  /**
   * Every entry below a folder, a folder before what is in it.
   * @param isLeftOut where it is true nothing below is looked at, nor told of
   * @throws the system's error
   */
  below(folder: string, isLeftOut?: (path: string) => boolean): Generator<TreeEntry>;
  /** Undefined where nothing is there. @throws the system's other errors */
  look(path: string): TreeEntry | undefined;
  /** The path that a link leads to, as it stands there. @throws the system's error */
  targetOf(link: string): string;
  /**
   * Gives a file a second name. False where the system has none for it: on another file system, without the right to it,
   * or with too many names already.
   * @throws the system's other errors, or an error where it is not this file any more
   */
  link(from: string, to: string, entry: TreeEntry): boolean;
  /**
   * Copies a file's content, mode and time into a new one; the file system's own clone of it where there is one.
   * @throws the system's error, or one that says that it has changed meanwhile
   */
  copy(from: string, to: string, entry: TreeEntry): void;
  makeLink(target: string, path: string): void;
  /** Makes a folder, the one above it being there. @throws the system's error */
  makeFolder(path: string): void;
  /** Gives a folder its mode and its time, once nothing more is put into it. @throws the system's error */
  finishFolder(path: string, entry: Pick<TreeEntry, 'mode' | 'writtenAtMs'>): void;
  /** Puts something under another name, which a folder may not have yet. @throws the system's error */
  rename(from: string, to: string): void;
  /** @throws the system's error, unless it is gone */
  removeFile(path: string): void;
  /** Removes a folder with all that is in it. @throws the system's error, unless it is gone */
  removeTree(path: string): void;
  /** Removes a folder that is empty, and leaves any other. */
  removeIfEmpty(path: string): void;
  /** Sets the time of a file's last write to now. */
  touch(path: string): void;
}

export const nodeTrees: Trees = {
  below: (folder, isLeftOut = () => false) => entriesBelow(folder, '', isLeftOut),
  look: (path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats && entryOf('', stats);
  },
  targetOf: (link) => readlinkSync(link),
  link,
  copy,
  makeLink: (target, path) => symlinkSync(target, path),
  makeFolder: (path) => mkdirSync(path, { mode: 0o700 }),
  finishFolder: (path, { mode, writtenAtMs }) => {
    chmodSync(path, (mode & 0o777) | 0o700); // its own user has to be able to remove it
    utimesSync(path, writtenAtMs / 1000, writtenAtMs / 1000);
  },
  rename: renameSync,
  removeFile: (path) => rmSync(path, { force: true }),
  removeTree: (path) => {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      // Another command may have removed it at the same time.
      if (lstatSync(path, { throwIfNoEntry: false })) throw error;
    }
  },
  removeIfEmpty: (path) => {
    try {
      rmdirSync(path);
    } catch {
      // it is gone, or somebody's files are in it
    }
  },
  touch: (path) => {
    const now = Date.now() / 1000;
    utimesSync(path, now, now);
  },
};

function* entriesBelow(root: string, folder: string, isLeftOut: (path: string) => boolean): Generator<TreeEntry> {
  for (const name of readdirSync(join(root, folder)).sort()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (isLeftOut(path)) continue;
    const entry = entryOf(path, lstatSync(join(root, path)));
    yield entry;
    if (entry.kind === 'folder') yield* entriesBelow(root, path, isLeftOut);
  }
}

function entryOf(path: string, stats: Stats): TreeEntry {
  const { size, mtimeMs: writtenAtMs, ino: inode, dev: device, nlink: names, mode } = stats;
  return { path, kind: kindOf(stats), size, writtenAtMs, inode, device, names, mode };
}

function kindOf(stats: Stats): TreeEntry['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  return stats.isSymbolicLink() ? 'link' : 'other';
}

/** The system's words for having no second name to give. */
const HAS_NO_LINK = /^(?:EXDEV|EPERM|EACCES|EMLINK|ENOTSUP|EOPNOTSUPP|ENOSYS|EINVAL)$/;

function link(from: string, to: string, { inode }: TreeEntry): boolean {
  try {
    linkSync(from, to);
  } catch (error) {
    if (HAS_NO_LINK.test((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
  const made = lstatSync(to);
  if (made.isFile() && made.ino === inode) return true;
  unlinkSync(to);
  throw changedMeanwhile(from);
}

const changedMeanwhile = (path: string): Error => new Error(`${path} has been changed meanwhile`);

function copy(from: string, to: string, entry: TreeEntry): void {
  const source = openSync(from, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  let isBegun = false;
  try {
    checkIsStill(source, from, entry);
    isBegun = !lstatSync(to, { throwIfNoEntry: false });
    copyFileSync(pathOf(source, from), to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // The copy has the file's mode already, but none of the bits that would give it its user's rights.
    const mode = (entry.mode & 0o777) | 0o600;
    if ((entry.mode & 0o7777) !== mode) chmodSync(to, mode);
    utimesSync(to, entry.writtenAtMs / 1000, entry.writtenAtMs / 1000);
    checkIsStill(source, from, entry);
  } catch (error) {
    if (isBegun) rmSync(to, { force: true });
    throw error;
  } finally {
    closeSync(source);
  }
}

/** Looks at the open file: at its path another one may lie by now. */
function checkIsStill(fd: number, path: string, { inode, size, writtenAtMs }: TreeEntry): void {
  const now = fstatSync(fd);
  if (!now.isFile() || now.ino !== inode || now.size !== size || now.mtimeMs !== writtenAtMs)
    throw changedMeanwhile(path);
}

/** A path of the open file itself, where the system has one. Node clones by paths alone. */
const pathOf = (fd: number, path: string): string => (process.platform === 'linux' ? `/proc/self/fd/${fd}` : path);
