import { connect, createServer, type Server, type Socket } from 'node:net';

// Abstract sockets (Linux) and named pipes (Windows): names that nothing is left of when their process ends.

/** The longest wait for a busy named pipe; an abstract socket answers at once. */
const ANSWER_MS = 200;

/** Listens on a path; undefined where another process listens there. */
export function tryListen(path: string, onConnection: (socket: Socket) => void): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => onConnection(socket.on('error', () => {})));
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ path, exclusive: true }, () => resolve(server));
  });
}

/** Connects; undefined where nobody listens, a suspended listener's queue is full, or the path is another user's. */
export function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(undefined); // libuv waits for a busy pipe in a thread of its own, and tells of the end only after that
    }, ANSWER_MS);
    socket.on('error', () => {});
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

/** Resolves when the other end says something or is gone, when the time is over, or on `signal`. */
export function untilTold(socket: Socket, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed || signal.aborted) return resolve();
    const timer = setTimeout(done, timeoutMs);
    socket.once('data', done).once('close', done);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      socket.off('data', done).off('close', done);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
