import { lstatSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { basename, join } from 'node:path';

/**
 * A socket that a supervisor and its guard hold: as long as it is listened on, one of them lives, also for those who
 * can't see their processes, as in another PID namespace, or where /proc hides other users' (hidepid).
 */
export interface Witness {
  /** For the guard to inherit. */
  readonly fd: number;
  readonly path: string;
  close(): void;
}

/**
 * Undefined where none can be had: whoever can't see our processes has to believe in them then.
 * @param place another way to the folder of `path`, which nobody can put elsewhere
 */
export function openWitness(path: string, place: string): Witness | undefined {
  if (process.platform === 'win32') return undefined;
  // Nobody has anything to say there.
  const server = createServer((socket) => socket.on('error', () => {}).destroy());
  server.on('error', () => {});
  // Everybody may ask, and it takes the right to write for that. Not by the mode of a path, where another user may
  // have put a link by then: the socket is there when `listen` returns.
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

/** Node tells it of what it listens on in no other way. */
function descriptorOf(server: Server): number | undefined {
  const { fd } = (server as unknown as { readonly _handle: { readonly fd?: number } | null })._handle ?? {};
  return fd !== undefined && fd >= 0 ? fd : undefined;
}

/** What a witness tells: that somebody lives, that nobody does, that there is none, or nothing that can be heard. */
export type Testimony = 'alive' | 'dead' | 'missing' | 'unheard';

/** Believed only where it is the user's whose life it tells of. @param ownerId undefined for whomever */
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
