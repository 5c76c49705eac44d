import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { type Archive, inArchive } from './archive.js';
import { decodeExact } from './encoding.js';
import { readTail } from './follow.js';
import { makeLinkedFolder, type OwnFile, removeLinkedFolder } from './linked-folder.js';
import { writeNew } from './new-file.js';
import { lentBy, makeOwnFolder, type NotOurs, openToOthers, whyNotOurs } from './own-folder.js';
import { headOf, matchesIn, readRegular } from './regular.js';
import { rewrite } from './rewrite.js';
import { rethrowShortage } from './shortage.js';

/** Reads homes, finds programs and writes our own files. For a question, absence is an answer, never an error. */
export interface Files {
  exists(path: string): boolean;
  isFile(path: string): boolean;
  isFolder(path: string): boolean;
  isExecutable(path: string): boolean;
  isWritable(path: string): boolean;
  /** Size in bytes; 0 where there is no such file. */
  sizeOf(path: string): number;
  /** Time of the last write, in milliseconds since 1970; 0 where there is no such file. */
  writtenAtMs(path: string): number;
  /** The identity of a file or folder; undefined where there is none. */
  identityOf(path: string): FileIdentity | undefined;
  /** The first bytes of a file, a character each; undefined where they can't be read. */
  headOf(path: string, length: number): string | undefined;
  /**
   * The different texts in a file of any kind and length that match a pattern, in their order: see {@link matchesIn}.
   * None where it can't be read.
   */
  matchesIn(path: string, pattern: RegExp): string[];
  /** The system's code (`EACCES`, `EROFS`); undefined where the path may be written to, or is not there. */
  whyUnwritable(path: string): string | undefined;
  /**
   * Undefined where there is no such file.
   * @throws the system's error where it can't be read, or one that says that it is no file, or too long to be one of ours
   */
  readText(path: string): string | undefined;
  /** Reads like {@link readText}. @throws TypeError for bytes that aren't UTF-8 */
  readUtf8(path: string): string | undefined;
  /** Reads like {@link readText}, and keeps every byte: see {@link decodeExact}. */
  readExact(path: string): string | undefined;
  /**
   * Looks into a zip archive, whose entries are read one by one and unpacked nowhere: see {@link inArchive}.
   * @throws the system's error where it can't be read, or one in words that follow on its path
   */
  inArchive<T>(path: string, look: (archive: Archive) => T): T;
  /** The sorted names of a folder's entries; none where it may not be read. */
  filesIn(folder: string): string[];
  realPath(path: string): string;
  /** A script's own idea of its home: links of the script itself resolved, links of folders kept. */
  folderAboveScript(script: string): string;
  /** The path of a program as a shell would find it; undefined where there is none. */
  findProgram(name: string, path: string | undefined): string | undefined;
  /** Makes a folder that only its user may enter. @throws the system's error */
  makePrivateFolder(path: string): void;
  /** Makes a private folder in a place that all users share: see {@link makeOwnFolder}. */
  makeOwnFolder(path: string): void;
  /** Writes a private file as a whole: readers see the old text or the new. @throws the system's error */
  replaceText(path: string, text: string): void;
  /** Writes a private file where there is none yet: as a whole, or not at all. @throws the system's error */
  writeNew(path: string, bytes: Uint8Array): void;
  /** The last lines of a file, of its last `most` bytes; none where it can't be read. The first may be half a one. */
  lastLinesOf(path: string, most: number): string[];
  /** Gives a file another name, in the place of one that may have it. @throws the system's error */
  rename(from: string, to: string): void;
  /** False where a file is still there afterwards. */
  remove(path: string): boolean;
  /** Makes a private folder of links to what is in another: see {@link makeLinkedFolder}. */
  makeLinkedFolder(path: string, folder: string, own: OwnFile): void;
  /** Removes such a folder. False where it is still there afterwards. */
  removeLinkedFolder(path: string): boolean;
  /** Whether a file refuses our writes, or has no write bit at all, which alone would not hinder root. */
  isReadOnly(path: string): boolean;
  /**
   * Changes a file of somebody's, if it still is as {@link readExact} had it: see {@link rewrite}.
   * @throws the system's error, or one that says what was in the way; the file is then as it was
   */
  rewrite(path: string, former: string, text: string): Promise<void>;
  /** The reason why a folder is not ours; undefined where it is, or where nothing is there. */
  whyNotOurs(path: string): NotOurs | undefined;
  /** The place on the way to a path that another user can replace: see {@link openToOthers}. */
  openToOthers(path: string): string | undefined;
  /** Whether a folder is a user's, or others than its owner may write there. */
  isOpenTo(path: string, userId: number): boolean;
  /** The owner of a path, where we are root and the path is another user's; undefined where it is missing. */
  lentBy(path: string): number | undefined;
  /** Whether a folder's owner and mode let another user write there. */
  isWritableFor(path: string, user: Owner): boolean;
  /** Our own user's id, to compare with an owner's; undefined where the system has none. */
  ownId(): number | undefined;
  /** The owner's id; undefined where the system has none or the file is missing. */
  ownerOf(path: string): number | undefined;
}

/** What tells a file from another one, though that may have its path. */
export interface FileIdentity {
  /** Letters, digits and dashes: it may be a file's name. */
  readonly id: string;
  /** In milliseconds since 1970; 0 where the file system does not keep it. */
  readonly bornAtMs: number;
  readonly writtenAtMs: number;
}

/** A file's user and group, or a user with one of his groups. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export const nodeFiles: Files = {
  exists: (path) => statOf(path) !== undefined,
  isWritable: (path) => isAccessible(path, constants.W_OK),
  sizeOf: (path) => statOf(path)?.size ?? 0,
  writtenAtMs: (path) => statOf(path)?.mtimeMs ?? 0,
  identityOf: (path) => {
    try {
      const { ino, birthtimeNs, birthtimeMs, mtimeMs } = statSync(path, { bigint: true });
      return { id: `${ino}-${birthtimeNs}`, bornAtMs: Number(birthtimeMs), writtenAtMs: Number(mtimeMs) };
    } catch {
      return undefined; // not there for us
    }
  },
  headOf: (path, length) => {
    try {
      return headOf(path, length).toString('latin1');
    } catch {
      return undefined;
    }
  },
  matchesIn: (path, pattern) => {
    try {
      return matchesIn(path, pattern);
    } catch {
      return [];
    }
  },
  whyUnwritable: (path) => {
    try {
      accessSync(path, constants.W_OK);
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : code;
    }
  },
  isFile: (path) => statOf(path)?.isFile() === true,
  isFolder: (path) => statOf(path)?.isDirectory() === true,
  isExecutable,
  readText: (path) => orUndefinedIfMissing(() => readRegular(path))?.toString('utf8'),
  readUtf8: (path) => {
    const bytes = orUndefinedIfMissing(() => readRegular(path));
    return bytes && new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  },
  readExact: (path) => {
    const bytes = orUndefinedIfMissing(() => readRegular(path));
    return bytes && decodeExact(bytes);
  },
  inArchive,
  makeLinkedFolder,
  removeLinkedFolder,
  filesIn: (folder) => {
    try {
      return readdirSync(folder).sort();
    } catch (error) {
      rethrowShortage(error);
      return [];
    }
  },
  realPath: (path) => {
    try {
      return resolveAll(path);
    } catch {
      // Only a caller's own path is relative; making it absolute takes a current folder, which may be gone.
      return isAbsolute(path) ? resolve(path) : path;
    }
  },
  folderAboveScript,
  findProgram: (name, path) => {
    if (name.includes('/') || name.includes(sep)) return withEndings(resolve(name)).find(isExecutable);
    const folders = (path ?? '').split(delimiter).filter((folder) => folder !== '');
    return folders.flatMap((folder) => withEndings(join(folder, name))).find(isExecutable);
  },
  makePrivateFolder: (path) => {
    makeFolders(path);
    accessSync(path, constants.W_OK | constants.X_OK);
  },
  makeOwnFolder,
  replaceText: (path, text) => {
    makeFolders(dirname(path));
    rmSync(`${path}.tmp`, { force: true }); // a killed writer's
    writeFileSync(`${path}.tmp`, text, { mode: 0o600, flag: 'wx' }); // never through a link
    renameOver(`${path}.tmp`, path);
  },
  writeNew,
  lastLinesOf: (path, most) => readTail(path, 0, most),
  rename: renameSync,
  remove: (path) => {
    try {
      rmSync(path, { force: true });
      return true;
    } catch {
      return false;
    }
  },
  isReadOnly: (path) => !isAccessible(path, constants.W_OK) || ((statOf(path)?.mode ?? 0) & 0o222) === 0,
  rewrite,
  whyNotOurs,
  openToOthers,
  isOpenTo: (path, userId) => {
    const folder = statOf(path);
    return folder !== undefined && (folder.uid === userId || (folder.mode & 0o022) !== 0);
  },
  lentBy,
  isWritableFor: (path, { uid, gid }) => {
    const folder = statOf(path);
    if (!folder) return false;
    return folder.uid === uid || (folder.mode & 0o002) !== 0 || (folder.gid === gid && (folder.mode & 0o020) !== 0);
  },
  ownId: () => process.getuid?.(),
  ownerOf: (path) => (process.getuid ? statOf(path)?.uid : undefined),
};

/** The paths that a program's name can mean: Windows leaves their endings out. */
const withEndings = (path: string): string[] =>
  process.platform === 'win32'
    ? [...(process.env['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD').split(';').map((ending) => path + ending), path]
    : [path];

function statOf(path: string): import('node:fs').Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined; // missing, a broken link, or behind a folder we may not enter: not there for us
  }
}

/** Makes folders one by one: told to do it at once, Node 20 never returns from a folder below /proc. */
function makeFolders(path: string): void {
  if (statOf(path)?.isDirectory()) return;
  if (dirname(path) !== path) makeFolders(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!statOf(path)?.isDirectory()) throw error; // else another launcher was faster
  }
}

/** Windows has several names of one folder: in any case, and short ones. */
const resolveAll = process.platform === 'win32' ? realpathSync.native : realpathSync;

/** The most tries of a rename that Windows refuses because somebody reads the file. */
const MOST_RENAMES = 50;
const RENAME_PAUSE_MS = 10;

/** Puts a file in another's place. @throws the system's error */
export function renameOver(from: string, to: string): void {
  for (let tries = 1; ; tries++) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      const isRead =
        process.platform === 'win32' && /^(EPERM|EACCES|EBUSY)$/.test((error as NodeJS.ErrnoException).code ?? '');
      if (!isRead || tries === MOST_RENAMES) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RENAME_PAUSE_MS);
    }
  }
}

function isExecutable(path: string): boolean {
  return isAccessible(path, constants.X_OK) && statOf(path)?.isFile() === true;
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function folderAboveScript(script: string): string {
  let path = script;
  // 40 is where Linux itself gives up on a chain of links.
  for (let links = 0; links < 40 && lstatSync(path).isSymbolicLink(); links++) {
    path = resolve(dirname(path), readlinkSync(path));
  }
  return resolve(dirname(path), '..');
}

function orUndefinedIfMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** A path itself, or the nearest folder above it that is there. */
export const nearestExisting = (path: string, files: Pick<Files, 'exists'>): string =>
  files.exists(path) || path === dirname(path) ? path : nearestExisting(dirname(path), files);
