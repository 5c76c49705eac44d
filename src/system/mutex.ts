import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { makeShared } from './leases.js';
import { joinLine, type PlaceInLine } from './line.js';
import { tryConnect, tryListen, untilTold } from './local-socket.js';
import { linkOf, openFilesOf } from './open-files.js';

/** Runs one thing at a time among all launchers of this machine (Linux: of this network namespace). */
export interface Mutex {
  /**
   * Resolves to a release function; undefined where somebody has kept it for so long. However many have it one after
   * the other: a crowd of launchers may take longer than one that is suspended. (Only Linux tells them apart.)
   */
  acquire(patienceMs: number, signal: AbortSignal): Promise<(() => void) | undefined>;
  /** Whose it is, as far as the system tells. */
  holder?(): number | undefined;
}

// Released by the kernel with its holder, whatever ends that: no stale lock to tell from a live one.
// Padded to the whole 108 bytes: libuv before 1.49 sends the padding as part of the name, later ones don't.
const abstractSocket = (name: string): string => `\0wso2-launch/${name}/v1`.padEnd(108, '.');
const namedPipe = (name: string): string => `\\\\.\\pipe\\wso2-launch-${name}-v1`;

/**
 * Covers what nobody tells of: a close that was missed, a place behind a suspended launcher. Those who came together
 * would all look in the same moment, time after time, and all but one in vain: each looks at moments of its own.
 */
const lookAgainAfterMs = (): number => 500 + Math.random() * 500;

/** Linux (abstract socket) and Windows (named pipe): whoever listens on `path` has it, and the others stand in line. */
export const socketMutex = (path: string, linePath: string): Mutex => ({
  async acquire(patienceMs, signal) {
    let holding: string | undefined;
    let deadline = performance.now() + patienceMs;
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
        holding ??= inodeOfListener(path);
        const leftMs = Math.min(deadline - performance.now(), lookAgainAfterMs());
        if (leftMs <= 0 || signal.aborted) return undefined;
        place ??= await joinLine(linePath);
        await (place?.isFirst() === false ? place.untilChanged(leftMs, signal) : untilReleased(path, leftMs, signal));
        const nowHolding = inodeOfListener(path);
        if (nowHolding !== holding) deadline = performance.now() + patienceMs;
        holding = nowHolding;
        if (place?.isKept() === false) {
          place = undefined;
          await shortPause();
        }
      }
    } finally {
      if (!letGo) place?.leave();
    }
  },
  holder: () => listenerOn(path),
});

export const mutexFor = (platform: NodeJS.Platform, leaseFolder: string): Mutex => {
  if (platform === 'linux') return socketMutex(abstractSocket('mutex'), abstractSocket('line'));
  if (platform === 'win32') return socketMutex(namedPipe('mutex'), namedPipe('line'));
  return fileMutex(leaseFolder);
};

/** Resolves to what lets go of it; undefined where another one has it. */
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
  const holder = await tryConnect(path);
  // Refused: it was let go just now, or the queue of a suspended holder is full. At once would be in vain, and again.
  if (!holder) return shortPause();
  // The holder's end closes with it, whatever ends that.
  await untilTold(holder, leftMs, signal);
  holder.destroy();
}

/** Of different lengths, so that those who were woken at the same moment don't meet again. */
const shortPause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 24));

/** Who listens on an abstract socket; undefined for another user's process, and where there is no /proc. */
function listenerOn(path: string): number | undefined {
  const inode = inodeOfListener(path);
  const pids = inode === undefined ? [] : readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.map(Number).find((pid) => openFilesOf(pid).some((file) => linkOf(file) === `socket:[${inode}]`));
}

/** One that listens anew has another one. Undefined where nobody listens, and on other systems. */
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
    // Read-only: the file is that of the first user who came.
    const flags = constants.O_RDONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK | O_EXLOCK;
    const deadline = performance.now() + timeoutMs;
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
      if (performance.now() >= deadline || signal.aborted) return undefined;
      await shortPause();
    }
  },
});
