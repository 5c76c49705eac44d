import { accessSync, constants, lstatSync, mkdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * What keeps a folder from being ours: it, or the link that leads there, is another user's, others may write, or it lies
 * where we may not even look.
 */
export type NotOurs = 'foreign' | 'writable' | 'hidden';

/** Undefined on Windows, whose users have folders of their own and no ids. */
const ourId = (): number | undefined => process.geteuid?.();

const isTrusted = ({ uid }: Stats): boolean => uid === ourId() || uid === 0;

/** Undefined where a folder is ours and nobody else may write to it, where nothing is there, and on Windows. */
export function whyNotOurs(path: string): NotOurs | undefined {
  if (ourId() === undefined) return undefined;
  try {
    return whyOthers(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return 'hidden';
    throw error;
  }
}

function whyOthers(path: string): NotOurs | undefined {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry) return undefined;
  if (entry.isSymbolicLink() && !isTrusted(entry)) return 'foreign';
  const folder = statSync(path, { throwIfNoEntry: false });
  if (!folder) return undefined;
  if (folder.uid !== ourId()) return 'foreign';
  return (folder.mode & 0o022) === 0 ? undefined : 'writable';
}

/** The user whose a path is, where we are root and it is somebody else's; undefined where it is missing. */
export function lentBy(path: string): number | undefined {
  const owner = ourId() === 0 ? statSync(path, { throwIfNoEntry: false }) : undefined;
  return owner && !isOfTheSystem(owner) ? owner.uid : undefined;
}

/**
 * Where another user can put something else on the way to a path: the folder that is his, or anybody's to change, or
 * his link. Undefined where he can nowhere, and on Windows.
 * @throws the system's error where we may not look
 */
export function openToOthers(path: string): string | undefined {
  if (ourId() === undefined) return undefined;
  let place = '/';
  let linksLeft = MOST_LINKS;
  for (const names = namesIn(path); names.length > 0; ) {
    if (canReplaceIn(lstatSync(place))) return place;
    const next = join(place, names.shift() as string);
    const entry = lstatSync(next, { throwIfNoEntry: false });
    if (!entry) return undefined;
    if (!entry.isSymbolicLink()) {
      place = next;
      continue;
    }
    if (!isTrusted(entry)) return next;
    if (linksLeft-- === 0) return undefined;
    const target = readlinkSync(next);
    names.unshift(...namesIn(target));
    if (isAbsolute(target)) place = '/';
  }
  return undefined;
}

/** 40 is where Linux itself gives up on a chain of links. */
const MOST_LINKS = 40;

const namesIn = (path: string): string[] => path.split('/').filter((name) => name !== '');

/** Members of a group are trusted with what they can change: most users' folders belong to a group of their own. */
const canReplaceIn = (folder: Stats): boolean => !isOfTheSystem(folder) || (folder.mode & 0o1002) === 0o002;

/**
 * Makes a folder that only we may enter, in a place that all users share, or takes the one that we made before.
 * @throws where it can't be ours, with the reason
 */
export function makeOwnFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const why = whyNotOursAlone(path);
  if (why !== undefined) throw new Error(why);
}

/**
 * Where a private file lies, or may be put: in the first of these folders that we have made and that holds it, else in
 * the first that we have made or could make. Nothing is made.
 * @throws where none of them can be ours, with the reason for the first
 */
export function ownPlace(folders: readonly string[], name: string): string {
  const ours = folders.filter((folder) => whyNotOursAlone(folder) === undefined);
  const folder = ours.find((one) => lstatSync(join(one, name), { throwIfNoEntry: false })) ?? ours[0];
  if (folder === undefined) throw new Error(whyNotOursAlone(folders[0] as string));
  return join(folder, name);
}

/** Undefined for a folder as {@link makeOwnFolder} makes it, and where nothing hinders it to make one. */
export function whyNotOursAlone(path: string): string | undefined {
  if (ourId() === undefined) return undefined;
  const place = statSync(dirname(path), { throwIfNoEntry: false });
  if (place && (!isOfTheSystem(place) || isForAll(place)))
    return `${dirname(path)} lets others replace what lies there`;
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry) return place && whyUnwritable(dirname(path));
  if (entry.uid !== ourId()) return `${path} belongs to another user`;
  if (!entry.isDirectory()) return `${path} is not a folder`;
  return (entry.mode & 0o077) === 0 ? undefined : `${path} is open to others (chmod go= ${path})`;
}

function whyUnwritable(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Whose `/` is: in a user namespace root has no number of its own. */
const isOfTheSystem = (place: Stats): boolean => isTrusted(place) || place.uid === statSync('/').uid;

/** Whether anybody may remove what others have put there: the sticky bit leaves that to each owner. */
const isForAll = ({ mode }: Stats): boolean => (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
