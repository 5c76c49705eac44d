import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { makeShared } from './leases.js';
import { linkOf, openFilesOf } from './open-files.js';

/** Runs one thing at a time among all launchers of this machine (Linux: of this network namespace). */
export interface Mutex {
  /** Resolves to a release function; undefined where it could not be had in time. */
  acquire(timeoutMs: number, signal: AbortSignal): Promise<(() => void) | undefined>;
  /** Whose it is, as far as the system tells. */
  holder?(): number | undefined;
}

// Released by the kernel with its holder, whatever ends that: no stale lock to tell from a live one.
// Padded to the whole 108 bytes: libuv before 1.49 sends the padding as part of the name, later ones don't.
const ABSTRACT_SOCKET = '\0wso2-launch/mutex/v1'.padEnd(108, '.');
const NAMED_PIPE = '\\\\.\\pipe\\wso2-launch-mutex-v1';

/** Linux (abstract socket) and Windows (named pipe). */
export const socketMutex = (path: string): Mutex => ({
  async acquire(timeoutMs, signal) {
    const deadline = performance.now() + timeoutMs;
    for (let tries = 0; ; tries++) {
      const release = await tryListen(path);
      if (release) return release;
      const left = deadline - performance.now();
      if (left <= 0 || signal.aborted) return undefined;
      await untilReleased(path, left, pauseAfter(tries), signal);
    }
  },
  holder: () => listenerOn(path),
});

/** In a crowd, all who tried again at once would keep the processor from the one that gets in. */
const pauseAfter = (tries: number): number => Math.random() * Math.min(100, 4 * 2 ** tries);

export const mutexFor = (platform: NodeJS.Platform, leaseFolder: string): Mutex => {
  if (platform === 'linux') return socketMutex(ABSTRACT_SOCKET);
  if (platform === 'win32') return socketMutex(NAMED_PIPE);
  return fileMutex(leaseFolder);
};

function tryListen(path: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<import('node:net').Socket>();
    const server = createServer((socket) => {
      waiting.add(socket.on('error', () => {}).on('close', () => waiting.delete(socket)));
    });
    const release = (): void => {
      server.close();
      for (const socket of waiting) socket.destroy();
    };
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ path, exclusive: true }, () => resolve(release));
  });
}

/** Resolves when it is time to try again: the holder has let go or died, or could not be asked. */
function untilReleased(path: string, leftMs: number, pauseMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path);
    // Refused: it was let go just now, or the queue of a suspended holder is full. At once would be in vain, and again.
    let timer = setTimeout(done, Math.min(leftMs, 1 + Math.random() * 24));
    socket.on('error', () => {});
    socket.once('connect', () => {
      // The holder's end closes with it, whatever ends that; the timer covers a missed close.
      socket.once('close', () => {
        clearTimeout(timer);
        timer = setTimeout(done, Math.min(leftMs, pauseMs));
      });
      clearTimeout(timer);
      timer = setTimeout(done, Math.min(leftMs, 1000));
    });
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      socket.destroy();
      resolve();
    }
  });
}

/** Who listens on an abstract socket; undefined for another user's process, and where there is no /proc. */
function listenerOn(path: string): number | undefined {
  const inode = inodeOfListener(path.replace('\0', '@'));
  const pids = inode === undefined ? [] : readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.map(Number).find((pid) => openFilesOf(pid).some((file) => linkOf(file) === `socket:[${inode}]`));
}

// `0000000042518407: 00000002 00000000 00010000 0001 01 1150 @name`: connections to it have its name, and no such flag.
function inodeOfListener(name: string): string | undefined {
  try {
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
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 24));
    }
  },
});
