import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { connect, createServer } from 'node:net';

/** Runs one thing at a time among all launchers of this machine (Linux: of this network namespace). */
export interface Mutex {
  /** Resolves to a release function; undefined where it could not be had in time. */
  acquire(timeoutMs: number, signal: AbortSignal): Promise<(() => void) | undefined>;
}

// Released by the kernel with its holder, whatever ends that: no stale lock to tell from a live one.
// Padded to the whole 108 bytes: libuv before 1.49 sends the padding as part of the name, later ones don't.
const ABSTRACT_SOCKET = '\0wso2-launch/mutex/v1'.padEnd(108, '.');
const NAMED_PIPE = '\\\\.\\pipe\\wso2-launch-mutex-v1';

/** Linux (abstract socket) and Windows (named pipe). */
export const socketMutex = (path: string): Mutex => ({
  async acquire(timeoutMs, signal) {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const release = await tryListen(path);
      if (release) return release;
      const left = deadline - performance.now();
      if (left <= 0 || signal.aborted) return undefined;
      await untilReleased(path, Math.min(left, 1 + Math.random() * 24), signal);
    }
  },
});

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

/** The holder's end of the connection closes when it lets go or dies; the timer covers a missed close. */
function untilReleased(path: string, waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const timer = setTimeout(done, waitMs);
    signal.addEventListener('abort', done, { once: true });
    socket.once('close', done).on('error', () => {});
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      socket.destroy();
      resolve();
    }
  });
}

/** macOS: the lock is taken by opening the file and goes with its descriptor. Not yet run there. */
const fileMutex = (folder: string): Mutex => ({
  async acquire(timeoutMs, signal) {
    const O_EXLOCK = 0x20;
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | O_EXLOCK;
    const deadline = performance.now() + timeoutMs;
    mkdirSync(folder, { recursive: true });
    for (;;) {
      try {
        const fd = openSync(`${folder}/mutex`, flags, 0o666);
        return () => closeSync(fd);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
      if (performance.now() >= deadline || signal.aborted) return undefined;
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 24));
    }
  },
});
