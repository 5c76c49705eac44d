import { closeSync, constants, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { monotonicMs } from './clock.js';
import { makeShared } from './leases.js';
import { joinLine, type PlaceInLine } from './line.js';
import { tryConnect, tryListen, untilTold } from './local-socket.js';
import { linkOf, openFilesOf } from './open-files.js';

/** Runs one thing at a time among all launchers of this machine (Linux: of this network namespace). */
export interface Mutex {
  /**
   * Takes the mutex, and resolves to its release.
   *
   * Undefined where one process has kept it for `patienceMs`, or another user's processes for a good deal less. Our own
   * may pass it on for longer: a crowd of launchers may take longer than one that is suspended. Only Linux tells
   * processes of ours from others.
   */
  acquire(patienceMs: number, signal: AbortSignal): Promise<(() => void) | undefined>;
  /** The pid of our process that has the mutex; undefined where none has, and where the system doesn't tell. */
  holder?(): number | undefined;
  /**
   * Resolves once the present holder lets go, or is not worth waiting for: what it has looked up under the mutex is old
   * by then.
   */
  untilPassed?(signal: AbortSignal): Promise<void>;
}

// The kernel releases the address with its holder, whatever ends that: no stale lock to tell from a live one. Names are
// padded to the whole 108 bytes: libuv before 1.49 sends the padding as part of the name, later ones don't.
const abstractSocket = (name: string): string => `\0wso2-launch/${name}/v1`.padEnd(108, '.');
const namedPipe = (name: string): string => `\\\\.\\pipe\\wso2-launch-${name}-v1`;

/**
 * A pause before the next look, which covers what nobody tells of: a close that was missed, a place behind a suspended
 * launcher. Each waiter looks at moments of its own: launchers that came together would all look at once, time after
 * time, and all but one in vain.
 */
const lookAgainAfterMs = (): number => 500 + Math.random() * 500;

/**
 * A mutex for Linux (abstract socket) and Windows (named pipe): its holder listens on `path`, and the others stand in
 * line.
 * @param strangersMs how long another user's process may keep it; a launcher has it for some milliseconds
 */
export function socketMutex(path: string, linePath: string, strangersMs = 5_000): Mutex {
  /** The socket of a holder on which we have given up, and which may have the mutex still. */
  let kept: string | undefined;
  return {
    async acquire(patienceMs, signal) {
      let patience: Patience | undefined;
      let place: PlaceInLine | undefined;
      let letGo: (() => void) | undefined;
      try {
        for (;;) {
          letGo = await tryTake(path);
          if (letGo) {
            return () => {
              letGo?.();
              place?.leave();
            };
          }
          patience ??= new Patience(path, patienceMs, strangersMs);
          const leftMs = Math.min(patience.leftMs(), lookAgainAfterMs());
          if (leftMs <= 0 || signal.aborted) {
            kept = patience.keptBy;
            return undefined;
          }
          place ??= await joinLine(linePath);
          await (place?.isFirst() === false ? place.untilChanged(leftMs, signal) : untilReleased(path, leftMs, signal));
          if (place?.isKept() === false) {
            place = undefined;
            await shortPause();
          }
        }
      } finally {
        if (!letGo) place?.leave();
      }
    },
    holder: () => ourListenerOn(inodeOfListener(path)),
    async untilPassed(signal) {
      const holding = inodeOfListener(path);
      const deadline = monotonicMs() + strangersMs;
      while (holding !== undefined && holding !== kept && holding === inodeOfListener(path)) {
        if (monotonicMs() >= deadline || signal.aborted) return;
        await shortPause();
      }
    },
  };
}

/** The time that a waiter goes on waiting, by who has the mutex meanwhile. */
class Patience {
  #holding: string | undefined;
  #heldSinceMs = monotonicMs();
  #oursAtMs = this.#heldSinceMs;
  #lookAtMs: number;

  constructor(
    private readonly path: string,
    private readonly patienceMs: number,
    private readonly strangersMs: number,
  ) {
    this.#lookAtMs = this.#heldSinceMs + strangersMs;
    this.#holding = inodeOfListener(path);
  }

  /** The holder that has had the mutex for longer than any launcher does. */
  get keptBy(): string | undefined {
    return monotonicMs() - this.#heldSinceMs >= this.strangersMs ? this.#holding : undefined;
  }

  leftMs(): number {
    const nowMs = monotonicMs();
    const holding = inodeOfListener(this.path);
    if (holding !== this.#holding) this.#heldSinceMs = nowMs;
    this.#holding = holding;
    return this.#areStrangers(nowMs) ? 0 : this.#heldSinceMs + this.patienceMs - nowMs;
  }

  /** Whether strangers have kept the mutex for long, or passed it to each other; finding its owner takes a while. */
  #areStrangers(nowMs: number): boolean {
    const isKept = nowMs - this.#heldSinceMs >= this.strangersMs;
    const isPassed = nowMs - this.#oursAtMs >= this.strangersMs * PASSED;
    if (this.#holding === undefined || nowMs < this.#lookAtMs || !(isKept || isPassed)) return false;
    this.#lookAtMs = nowMs + this.strangersMs;
    if (ourListenerOn(this.#holding) !== undefined) {
      this.#oursAtMs = nowMs;
      return false;
    }
    // A holder that has let go meanwhile may have been one of ours.
    const isSure = inodeOfListener(this.path) === this.#holding;
    return isSure || nowMs - this.#oursAtMs >= this.strangersMs * PASSED_UNSEEN;
  }
}

/** The time that several strangers may have the mutex one after the other, in multiples of a single one's. */
const PASSED = 4;
/** The same time where the strangers are too fast to be seen. */
const PASSED_UNSEEN = 12;

export const mutexFor = (platform: NodeJS.Platform, leaseFolder: string): Mutex => {
  if (platform === 'linux') return socketMutex(abstractSocket('mutex'), abstractSocket('line'));
  if (platform === 'win32') return socketMutex(namedPipe('mutex'), namedPipe('line'));
  return fileMutex(leaseFolder);
};

/** Takes the mutex, and resolves to its release; undefined where another process has it. */
async function tryTake(path: string): Promise<(() => void) | undefined> {
  const waiting = new Set<Socket>();
  const server = await tryListen(path, (socket) => {
    waiting.add(socket.once('close', () => waiting.delete(socket)));
  });
  return (
    server &&
    (() => {
      server.close();
      for (const socket of waiting) socket.destroy();
    })
  );
}

/** Resolves when it is time to try again: the holder has let go or died, or could not be asked. */
async function untilReleased(path: string, leftMs: number, signal: AbortSignal): Promise<void> {
  const connectingMs = monotonicMs();
  const holder = await tryConnect(path);
  // The holder's end closes with it, whatever ends that.
  if (holder) await untilTold(holder, leftMs, signal);
  holder?.destroy();
  // A refused connection: the holder let go just now, or is suspended with a full queue. Trying at once would be in
  // vain, again and again; so it would be where the holder hangs up on us.
  if (!holder || monotonicMs() - connectingMs < SHORTEST_TURN_MS) await shortPause();
}

const SHORTEST_TURN_MS = 5;

/** A pause of random length, so that launchers woken at the same moment don't meet again. */
const shortPause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 24));

/** The process of ours that has a listening socket; undefined where none has, and where there is no /proc. */
function ourListenerOn(inode: string | undefined): number | undefined {
  const pids = inode === undefined ? [] : readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids
    .map(Number)
    .find((pid) => isOurs(pid) && openFilesOf(pid).some((file) => linkOf(file) === `socket:[${inode}]`));
}

const isOurs = (pid: number): boolean =>
  lstatSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.geteuid?.();

/**
 * The inode of the socket that listens on a path, new for each listener; undefined where nobody listens, and on other
 * systems.
 */
function inodeOfListener(path: string): string | undefined {
  const name = path.replace('\0', '@');
  try {
    // `0000000042518407: 00000002 00000000 00010000 0001 01 1150 @name`: connections to it lack the flag.
    const rows = readFileSync('/proc/net/unix', 'latin1').split('\n');
    return rows.map((row) => row.split(/\s+/)).find((row) => row[3] === '00010000' && row[7] === name)?.[6];
  } catch {
    return undefined; // not on Linux
  }
}

/** macOS: the lock is taken by opening the file and goes with its descriptor. Not yet run there. */
export const fileMutex = (folder: string, open: typeof openSync = openSync): Mutex => ({
  async acquire(timeoutMs, signal) {
    const O_EXLOCK = 0x20;
    // The file is opened read-only: it belongs to the first user who came.
    const flags = constants.O_RDONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK | O_EXLOCK;
    const deadline = monotonicMs() + timeoutMs;
    try {
      makeShared(folder);
    } catch {
      return () => {}; // no lease can be written there either, which is warned of
    }
    for (;;) {
      try {
        const fd = open(`${folder}/mutex`, flags, 0o666);
        return () => closeSync(fd);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
      if (monotonicMs() >= deadline || signal.aborted) return undefined;
      await shortPause();
    }
  },
});
