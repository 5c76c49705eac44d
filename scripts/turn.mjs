// One at a time among the processes of this machine, by a lock that the kernel releases with its holder.
import { closeSync, constants, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const LOOK_MS = 200;

/**
 * Resolves, once no other process has the turn of this name, to what gives it back; the process's end does so too.
 * Where somebody has it, `waiting` is said on standard error, once. Linux: of this network namespace.
 */
export async function takeTurn(name, waiting) {
  for (let looks = 0; ; looks++) {
    const giveBack = process.platform === 'darwin' ? tryFile(name) : await trySocket(name);
    if (giveBack) return giveBack;
    if (looks === 0) console.error(waiting);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** An abstract socket, or a named pipe on Windows: whoever listens has it. */
function trySocket(name) {
  // Padded to the whole 108 bytes: libuv before 1.49 sends the padding as part of the name, later ones don't.
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `\0${name}`.padEnd(108, '.');
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen({ path, exclusive: true }, () => resolve(() => server.close()));
    server.once('listening', () => server.unref());
  });
}

/** macOS: the lock is taken by opening the file and goes with its descriptor. Not yet run there. */
function tryFile(name) {
  const O_EXLOCK = 0x20;
  const flags = constants.O_RDONLY | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK | O_EXLOCK;
  try {
    // Not the user's own temporary folder: the turn is everybody's.
    const fd = openSync(join('/tmp', `${name}.lock`), flags, 0o666);
    return () => closeSync(fd);
  } catch (error) {
    if (error.code === 'EAGAIN') return undefined;
    throw error;
  }
}
