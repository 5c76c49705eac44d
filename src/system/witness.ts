import { lstatSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { basename, join } from 'node:path';

/**
 * A socket that a supervisor and its guard hold: as long as it is listened on, one of them lives, also for those who
 * can't see their processes, as in another PID namespace, or where /proc hides other users' (hidepid).
 */
export interface Witness {
  /** The descriptor that the guard inherits. */
  readonly fd: number;
  readonly path: string;
  close(): void;
}

/**
 * Opens a witness; undefined where none can be had: a launcher that can't see our processes has to believe in them
 * then.
 * @param place another way to the folder of `path`, which nobody can put elsewhere
 */
export function openWitness(path: string, place: string): Witness | undefined {
  if (process.platform === 'win32') return undefined;
  // A connection is all that a client wants: it has nothing to say.
  const server = createServer((socket) => socket.on('error', () => {}).destroy());
  server.on('error', () => {});
  // Everybody may ask, and connecting takes the right to write. The mode comes from the umask and not by the path,
  // where another user may have put a link by then: the socket is there when `listen` returns.
  const before = process.umask(0o111);
  try {
    server.listen({ path: join(place, basename(path)), exclusive: true });
  } finally {
    process.umask(before);
  }
  server.unref();
  const fd = descriptorOf(server);
  return fd === undefined ? undefined : { fd, path, close: () => void server.close() };
}

/** The descriptor that a server listens on, which Node tells in no other way. */
function descriptorOf(server: Server): number | undefined {
  const { fd } = (server as unknown as { readonly _handle: { readonly fd?: number } | null })._handle ?? {};
  return fd !== undefined && fd >= 0 ? fd : undefined;
}

/**
 * A witness's testimony: that its holder lives, that nobody does, that there is no witness, or that it can't be heard.
 */
export type Testimony = 'alive' | 'dead' | 'missing' | 'unheard';

/**
 * Asks a witness, which is believed only where it is the socket of the user whose life it tells of.
 * @param ownerId undefined for any user
 */
export function askWitness(path: string, ownerId: number | undefined): Promise<Testimony> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return Promise.resolve('missing');
  if (!stat.isSocket() || (ownerId !== undefined && stat.uid !== ownerId)) return Promise.resolve('dead');
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('alive');
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(ANSWERS[code ?? ''] ?? 'unheard'));
  });
}

const ANSWERS: Readonly<Record<string, Testimony>> = {
  ECONNREFUSED: 'dead',
  ENOENT: 'missing',
  EAGAIN: 'alive', // so many have asked a guard, which never answers, that its queue is full
};
