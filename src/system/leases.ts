import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { isInstanceName, isLeaseId } from '../domain/names.js';
import type { ProcessIdentity } from '../domain/tree.js';
import { type Owner, renameOver } from './files.js';
import { LeaseLives } from './lease-life.js';
import type { Processes } from './processes.js';
import { rethrowShortage } from './shortage.js';
import { StrangersClaims } from './strangers-claims.js';
import { askWitness, openWitness, type Testimony, type Witness } from './witness.js';

/**
 * A promise, seen by every launcher of the machine, that some ports belong to one instance. A lease names ports, not
 * offsets alone: two products at different offsets can want the same port.
 */
export interface Lease {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly product: string;
  /** The home's real path. */
  readonly home: string;
  readonly offset: number;
  readonly ports: readonly number[];
  readonly boot: string | null;
  readonly networkNamespace: string | null;
  /** The namespace of the pids; absent: written by version 0.1.0. */
  readonly pidNamespace?: string | null;
  /** Whether a socket beside the lease tells that its supervisor or guard lives, see {@link Witness}. */
  readonly isWitnessed?: boolean;
  readonly supervisor: ProcessIdentity;
  /** The start script's session; null until it is spawned. */
  readonly server: ProcessIdentity | null;
  readonly stateFolder: string;
}

export interface LiveLease extends Lease {
  readonly id: string;
  /**
   * False: only the home is taken. The ports are those of another network namespace, or another user's server has had
   * its time to bind them: what it holds is found bound.
   */
  readonly keepsPorts: boolean;
  /** Present where the pids are those of another PID namespace: here they are nobody's, or another process's. */
  readonly isElsewhere?: true;
  /** The owner where that is another user but root; his lease keeps from us no more than he could take without one. */
  readonly stranger?: Owner;
  /** False: the supervisor is gone, and the server has outlived it. */
  readonly isSupervised: boolean;
}

export interface Leases {
  /**
   * All leases that hold; the dead ones of ours are cleared away.
   * @throws Error where the folder can't be used
   */
  readLive(): Promise<LiveLease[]>;
  /** The witness beside a lease of ours, made where there is none yet; undefined where none can be had. */
  witness(id: string): Witness | undefined;
  /** The testimony of the witness beside a lease of our user's. */
  askWitness(id: string): Promise<Testimony>;
  /** An identity of the folder, by which two launchers tell whether they see the same; null where there is none. */
  place(): string | null;
  /** Writes or replaces a lease as a whole. @throws Error where the folder can't be used */
  write(id: string, lease: Lease): void;
  /** Changes a part of a lease that we wrote, and writes it again where its file is gone. @throws as `write` does */
  update(id: string, changes: Partial<Lease>): void;
  /** Takes a lease back for now: its witness stays, for there may be another one. */
  withdraw(id: string): void;
  remove(id: string): void;
  /** The path of a lease's file, for the guard to remove. */
  fileOf(id: string): string;
}

/** A new id: unique, not secret; loading `node:crypto` for it would cost 5 ms. */
export const newLeaseId = (): string =>
  `${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

/** The one folder for all users of the machine: os.tmpdir() differs between them on macOS and under systemd. */
export const leaseFolder = (platform: NodeJS.Platform, env: Readonly<Record<string, string | undefined>>): string =>
  platform === 'win32' ? join(env['PROGRAMDATA'] ?? 'C:\\ProgramData', 'wso2-launch') : '/tmp/wso2-launch';

const FORGOTTEN_MS = 60_000;

export function fileLeases(folder: string, processes: Processes): Leases {
  const fileOf = (id: string): string => {
    if (!isLeaseId(id)) throw new Error(`${JSON.stringify(id)} is no id of a lease`); // nobody would read its file
    return join(folder, `${id}.json`);
  };
  const socketOf = (id: string): string => fileOf(id).replace(/json$/, 'sock');
  const witnesses = new Map<string, Witness>();
  // Our own leases as written last, whatever has become of their files since.
  const ours = new Map<string, Lease>();
  const write = (id: string, lease: Lease): void => {
    ours.set(id, lease);
    const name = basename(fileOf(id));
    makeShared(folder);
    const finish = (fd: number): void => showGroup(fd, lease.home);
    within(folder, (place) => replaceFile(join(place, name), JSON.stringify(lease), finish));
  };
  return {
    fileOf,
    async readLive() {
      const names = isFolder(folder) ? readdirSync(folder) : [];
      const lives = new LeaseLives(processes);
      const claims = new StrangersClaims();
      const liveIn = async (name: string, id: string): Promise<LiveLease | undefined> => {
        const lease = readLease(join(folder, name));
        if (!lease) return undefined;
        const life = await lives.of(id, lease, socketOf(id));
        if (life === 'over' && isOursToClear(lease, processes)) removeQuietly(join(folder, name));
        if (typeof life !== 'object') return undefined;
        return claims.judge({ id, ...describeLease(lease, processes), ...life }, lease.writtenAtMs);
      };
      for (const name of names) {
        const id = idIn(name, '.json.tmp');
        if (id) await liveIn(name, id); // whole, and its writer dead: it goes at once
        if (id) removeIfForgotten(join(folder, name));
      }
      const live: LiveLease[] = [];
      for (const name of names) {
        const id = idIn(name, '.json');
        const lease = id && (await liveIn(name, id));
        if (lease) live.push(lease);
      }
      for (const name of names) {
        const id = idIn(name, '.sock');
        if (id && !existsSync(fileOf(id))) await removeIfDead(join(folder, name));
      }
      return live;
    },
    witness(id) {
      if (process.platform === 'win32') return undefined;
      try {
        const known = witnesses.get(id);
        if (known) return known;
        makeShared(folder);
        within(folder, (place) => {
          const witness = openWitness(socketOf(id), place);
          if (witness) witnesses.set(id, witness);
        });
      } catch {
        // no lease can be written there either, which is warned of
      }
      return witnesses.get(id);
    },
    askWitness: (id) => askWitness(socketOf(id), process.geteuid?.()),
    place: () => {
      const stat = lstatSync(folder, { throwIfNoEntry: false });
      return stat ? `${stat.dev}:${stat.ino}` : null;
    },
    write,
    update: (id, changes) => write(id, { ...(ours.get(id) as Lease), ...changes }),
    withdraw: (id) => removeQuietly(fileOf(id)),
    remove: (id) => {
      for (const file of [socketOf(id), fileOf(id)]) removeQuietly(file);
      witnesses.get(id)?.close();
      witnesses.delete(id);
    },
  };
}

/**
 * Whether a dead lease is ours to remove. Version 0.1.0 did not name the PID namespace: its leases of another network
 * are left to launchers that can judge them.
 */
const isOursToClear = ({ content, owner }: FoundLease, processes: Processes): boolean =>
  isOwn(owner.uid) && (content.pidNamespace !== undefined || content.networkNamespace === processes.networkNamespace());

function describeLease(
  { content, owner }: FoundLease,
  processes: Processes,
): Lease & Pick<LiveLease, 'keepsPorts' | 'stranger'> {
  const keepsPorts = content.networkNamespace === processes.networkNamespace();
  return { ...content, keepsPorts, ...(isStranger(owner) && { stranger: owner }) };
}

/** Removes the witness of a lease that is gone, or was never written. */
async function removeIfDead(socket: string): Promise<void> {
  const stat = lstatSync(socket, { throwIfNoEntry: false });
  if (stat?.isSocket() && isOwn(stat.uid) && (await askWitness(socket, stat.uid)) === 'dead') removeQuietly(socket);
}

/**
 * The id in a file's name; undefined for any other name, whose file is neither read nor removed: the folder's owner may
 * name a dead lease of ours anything, and put a link to another folder in its place.
 */
function idIn(name: string, ending: '.json' | '.json.tmp' | '.sock'): string | undefined {
  const id = name.slice(0, -ending.length);
  return name.endsWith(ending) && isLeaseId(id) ? id : undefined;
}

/**
 * Whether a folder is there.
 * @throws Error for a file, or a link: through it we would clear up in another user's folder
 */
function isFolder(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat && !stat.isDirectory()) throw new Error(`${path} is not a folder`);
  return stat !== undefined;
}

/**
 * Makes the folder in which every user writes and nobody removes another's file: mode 1777, past any umask.
 * @throws the system's error where it can't be made, or an Error where it is no folder, or lets everybody remove what
 * others have written
 */
export function makeShared(folder: string): void {
  const isNew = !isFolder(folder) && isMade(folder);
  const mode = lstatSync(folder).mode & 0o7777;
  const isForAll = (mode & 0o022) !== 0 && (mode & 0o1000) === 0;
  if (process.geteuid && (isNew || isForAll)) changeOwnMode(folder, isNew ? 0o1777 : mode | 0o1000);
}

/**
 * Makes the folder; false where another launcher was faster. Parents are made only where one is missing, so that Node
 * names the true obstacle.
 */
function isMade(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return mkdirSync(folder, { recursive: true }) !== undefined;
    if (code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Changes the mode by a descriptor: at the path another user may meanwhile have put a link.
 * @throws Error where the folder is not ours to change, or the system's error
 */
function changeOwnMode(folder: string, mode: number): void {
  const { uid } = lstatSync(folder);
  const ourId = process.geteuid?.();
  if (uid !== ourId && ourId !== 0) {
    throw new Error(
      `${folder} lets every user remove what others have written (user ${uid} mends it: chmod +t ${folder})`,
    );
  }
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if (fstatSync(fd).uid === uid) fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

/** Linux: opens a folder as a mere place, which takes no right to read it. */
const O_PATH = 0o10000000;

/**
 * Works in a folder by its descriptor (Linux): its owner may at any moment put a link to another in its place.
 * @throws the system's error, for a link as well
 */
function within(folder: string, work: (place: string) => void): void {
  if (process.platform !== 'linux') {
    work(folder);
    return;
  }
  const fd = openSync(folder, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const place = `/proc/self/fd/${fd}`;
  try {
    work(place);
  } catch (error) {
    const { message } = error as Error;
    throw Object.assign(error as Error, { message: message.replaceAll(place, folder) });
  } finally {
    closeSync(fd);
  }
}

/** Replaces a file: readers see the old text or the new one, never half of it. */
function replaceFile(file: string, text: string, finish: (fd: number) => void): void {
  const draft = `${file}.tmp`;
  try {
    removeQuietly(draft); // a killed writer's
    writeDraft(draft, text, finish);
    renameOver(draft, file);
  } catch (error) {
    removeQuietly(draft);
    throw error;
  }
}

/**
 * Writes the draft by its descriptor alone: the folder's owner may at any moment lay a link to a file of ours in its
 * place.
 */
function writeDraft(draft: string, text: string, finish: (fd: number) => void): void {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const fd = openSync(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  try {
    writeFileSync(fd, text);
    if (process.geteuid) fchmodSync(fd, 0o644); // readable for every user, past any umask
    finish(fd);
  } finally {
    closeSync(fd);
  }
}

/** Gives the lease the group that shares the home: other users' launchers see by it that we are of that group. */
function showGroup(fd: number, home: string): void {
  if (!process.geteuid) return;
  try {
    const { gid, mode } = statSync(home);
    if ((mode & 0o020) !== 0 && gid !== fstatSync(fd).gid) fchownSync(fd, -1, gid);
  } catch {
    // we are not of that group, or the home is gone
  }
}

const isStranger = ({ uid }: Owner): boolean => !isOwn(uid) && uid !== 0;

/** Whether a file is ours. Windows keeps another user's file from being removed, and tells no ids. */
const isOwn = (ownerId: number): boolean => process.geteuid === undefined || process.geteuid() === ownerId;

/** Removes what a launcher that was killed while writing has left; a write takes milliseconds. */
function removeIfForgotten(file: string): void {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat && isOwn(stat.uid) && Date.now() - stat.mtimeMs > FORGOTTEN_MS) removeQuietly(file);
}

/** Longer than any lease. */
const block = Buffer.allocUnsafe(64 * 1024);

/** A lease as it was read. */
export interface FoundLease {
  readonly content: Lease;
  readonly owner: Owner;
  /** Time of the file's last change (ctime), which no owner can set. */
  readonly writtenAtMs: number;
}

/** The lease in a file; undefined for a link, a torn or a foreign file, which may be another user's mischief. */
function readLease(file: string): FoundLease | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    // A single read tears what is longer than a lease, and can't be held by what has no end.
    const length = readSync(fd, block);
    const content: unknown = JSON.parse(block.toString('utf8', 0, length));
    if (!isLease(content)) return undefined;
    const { uid, gid, ctimeMs } = fstatSync(fd);
    return { content, owner: { uid, gid }, writtenAtMs: ctimeMs };
  } catch (error) {
    rethrowShortage(error);
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function isLease(value: unknown): value is Lease {
  const lease = value as Partial<Lease> | null;
  return (
    lease?.schemaVersion === 1 &&
    typeof lease.name === 'string' &&
    isInstanceName(lease.name) && // a name goes to the terminals of all users
    typeof lease.product === 'string' &&
    typeof lease.home === 'string' &&
    typeof lease.stateFolder === 'string' &&
    Number.isInteger(lease.offset) &&
    Array.isArray(lease.ports) &&
    lease.ports.every((port) => Number.isInteger(port)) &&
    isIdentity(lease.supervisor) &&
    (lease.server === null || isIdentity(lease.server))
  );
}

const isIdentity = (value: unknown): value is ProcessIdentity => {
  const identity = value as Partial<ProcessIdentity> | null | undefined;
  // 0 is the session of the kernel's own threads.
  return Number.isInteger(identity?.pid) && identity?.pid !== 0 && typeof identity?.startTime === 'string';
};

function removeQuietly(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // another launcher was faster, or the file is another user's: it holds nothing either way
  }
}
