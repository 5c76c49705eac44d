import { accessSync, constants, lstatSync, mkdirSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * The reason why a folder is not ours: the folder, or the link that leads there, is another user's (`foreign`), others
 * may write to it (`writable`), or we may not even look where it lies (`hidden`).
 */
export type NotOurs = 'foreign' | 'writable' | 'hidden';

/** Our own user's id; undefined on Windows, whose users have folders of their own and no ids. */
const ourId = (): number | undefined => process.geteuid?.();

const isTrusted = ({ uid }: Stats): boolean => uid === ourId() || uid === 0;

/**
 * The reason why a folder is not ours; undefined where it is and nobody else may write to it, where nothing is there,
 * and on Windows.
 */
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

/** The owner of a path, where we are root and the path is another user's; undefined where it is missing. */
export function lentBy(path: string): number | undefined {
  const owner = ourId() === 0 ? statSync(path, { throwIfNoEntry: false }) : undefined;
  return owner && !isOfTheSystem(owner) ? owner.uid : undefined;
}

/**
 * The first place on the way to a path that another user can replace: a folder that is his, or anybody's to change, or
 * his link. Undefined where there is none, and on Windows.
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
 * @throws Error where it can't be ours, with the reason, or the system's error
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
 * The path of a private file: in the first of our folders that holds it, else in the first that is ours or could be.
 * Nothing is made.
 * @throws Error where no folder can be ours, with the reason for the first
 */
export function ownPlace(folders: readonly string[], name: string): string {
  const ours = folders.filter((folder) => whyNotOursAlone(folder) === undefined);
  const folder = ours.find((one) => lstatSync(join(one, name), { throwIfNoEntry: false })) ?? ours[0];
  if (folder === undefined) throw new Error(whyNotOursAlone(folders[0] as string));
  return join(folder, name);
}

/** The reason why {@link makeOwnFolder} can't make or take a folder; undefined where nothing hinders it. */
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

/** Whether a place is ours, root's or that of the owner of `/`: in a user namespace root has no number of its own. */
const isOfTheSystem = (place: Stats): boolean => isTrusted(place) || place.uid === statSync('/').uid;

/** Whether anybody may remove what others have put in a folder: the sticky bit leaves that to each owner. */
const isForAll = ({ mode }: Stats): boolean => (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
