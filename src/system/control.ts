import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { noAnswer } from './clock.js';
import { makeOwnFolder, ownPlace, whyNotOursAlone } from './own-folder.js';
import { askWitness } from './witness.js';

/** The way to a supervisor from outside: a socket, a request in one JSON line, JSON lines as the answer. */
export interface Control {
  /**
   * The short path at which a private file of this name lies, or may be put.
   * @throws Error where no folder there can be ours
   */
  placeFor(name: string): string;
  /** The address of a supervisor by its id, listened on or not. Only {@link listen} and {@link ask} check its owner. */
  addressOf(id: string, stateFolder: string): string;
  /** Whether somebody listens at an address, though he may not answer. */
  isHeard(address: string): Promise<boolean>;
  /** Clears away what a supervisor that was killed has left at its address. */
  forget(address: string): void;
  /** @throws where the socket's folder can't be ours, or somebody listens there */
  listen(address: string, answer: (request: object, client: Client) => void): Promise<Listening>;
  /**
   * Sends a request; resolves once the answer has ended, by whichever side, and nothing of it is open any more.
   * @throws where the socket's folder is not ours, or nobody takes the request in time
   */
  ask(address: string, request: object, take: (line: object) => void, options: AskOptions): Promise<void>;
}

export interface AskOptions {
  /** The longest wait for the first line of the answer; later lines may take their time. */
  readonly timeoutMs: number;
  /** Fires when nothing more is to be heard. */
  readonly enough?: AbortSignal;
  /** Fires when whoever asks has said its last word, and still wants to hear the answer's end. */
  readonly lastWord?: AbortSignal;
  /** Fires when the connection is no reason any more for this process to live. */
  readonly unref?: AbortSignal;
}

/** The sender of a request, for as long as it listens. */
export interface Client {
  readonly isGone: boolean;
  /** Calls back once it has said its last word, or is gone, however it went; at once where that is so. */
  whenDone(listener: () => void): void;
  say(line: object): void;
  end(): void;
}

export interface Listening {
  close(): void;
}

/**
 * More than any request takes, files of configuration in it too; a client that sends more without an end is none of
 * ours.
 */
export const LONGEST_REQUEST = 1024 * 1024;

/** The number of folder names that are tried where other users have taken some. */
const NAMES = 9;

/**
 * Candidates for the sockets' folder. Short, for a socket's path is cut off at some 100 bytes without a word; private,
 * for a supervisor obeys whoever connects.
 */
const sharedFolders = (place: string): string[] => {
  const name = join(place, `wso2-launch-${process.geteuid?.() ?? 0}`);
  return [name, ...Array.from({ length: NAMES - 1 }, (_, index) => `${name}-${index + 2}`)];
};

const LONGEST_ADDRESS = 100;

/** `place`: the folder that all users share, which must have a short path on every system but Windows. */
export const socketControl = (platform: NodeJS.Platform, place = '/tmp'): Control => ({
  placeFor: (name) => ownPlace(platform === 'win32' ? [join(tmpdir(), 'wso2-launch')] : sharedFolders(place), name),
  addressOf: (id, stateFolder) => {
    if (platform === 'win32') return `\\\\.\\pipe\\wso2-launch-${id}`;
    const name = `${id}.sock`;
    const folders = [...sharedFolders(place), join(stateFolder, 'sockets')];
    try {
      return ownPlace(
        folders.filter((folder) => Buffer.byteLength(join(folder, name)) <= LONGEST_ADDRESS),
        name,
      );
    } catch {
      return join(folders[0] as string, name); // an address at which nobody will listen, nor ask
    }
  },
  isHeard: async (address) =>
    platform !== 'win32' &&
    whyNotOursAlone(dirname(address)) === undefined &&
    (await askWitness(address, process.geteuid?.())) === 'alive',
  forget: (address) => removeSocket(address, platform),
  listen: (address, answer) =>
    new Promise((resolve, reject) => {
      if (platform !== 'win32') makeOwnFolder(dirname(address));
      // A client that has said its last word may still want to hear the answer.
      const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket, answer));
      server.once('error', reject);
      server.listen(address, () => {
        server.unref();
        const close = (): void => {
          server.close();
          removeSocket(address, platform);
        };
        resolve({ close });
      });
    }),
  ask: (address, request, take, { timeoutMs, enough, lastWord, unref }) =>
    new Promise((resolve, reject) => {
      const why = platform === 'win32' ? undefined : whyNotOursAlone(dirname(address));
      if (why !== undefined) throw new Error(why);
      const socket = connect(address);
      const timer = setTimeout(() => socket.destroy(new Error(noAnswer(timeoutMs))), timeoutMs);
      const leave = (): void => void socket.destroy();
      const finish = (): void => void socket.end();
      const release = (): void => void socket.unref();
      socket.once('error', reject).once('close', () => {
        clearTimeout(timer);
        enough?.removeEventListener('abort', leave);
        lastWord?.removeEventListener('abort', finish);
        unref?.removeEventListener('abort', release);
        resolve();
      });
      socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`));
      if (enough?.aborted) leave();
      else enough?.addEventListener('abort', leave, { once: true });
      if (lastWord?.aborted) finish();
      else lastWord?.addEventListener('abort', finish, { once: true });
      if (unref?.aborted) release();
      else unref?.addEventListener('abort', release, { once: true });
      linesOf(socket, (line) => {
        clearTimeout(timer);
        take(line);
      });
    }),
});

function serve(socket: Socket, answer: (request: object, client: Client) => void): void {
  socket.on('error', () => {}); // the client has gone, which the socket's close tells
  // A client that says its last word without a request wants nothing; an answer ends when it has been given.
  socket.once('end', () => {
    if (!isAnswered) socket.end();
  });
  const client: Client = {
    get isGone() {
      return socket.destroyed;
    },
    whenDone: (listener) => {
      if (socket.readableEnded || socket.destroyed) listener();
      else socket.once('end', listener).once('close', listener);
    },
    say: (line) => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(line)}\n`);
    },
    end: () => socket.end(),
  };
  let isAnswered = false;
  linesOf(socket, (request) => {
    if (!isAnswered) answer(request, client);
    isAnswered = true;
  });
}

function linesOf(socket: Socket, take: (line: object) => void): void {
  let received = 0;
  socket.on('data', (block) => {
    received += block.length;
    if (received > LONGEST_REQUEST && socket.bytesWritten === 0) socket.destroy();
  });
  const lines = createInterface({ input: socket }).on('line', (line) => {
    const value = parse(line);
    if (value) take(value);
  });
  lines.on('error', () => {}); // the socket's error, told once more
}

function parse(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // cut off, or not of ours
  }
}

/** A pipe of Windows goes with its last process. */
function removeSocket(address: string, platform: NodeJS.Platform): void {
  if (platform !== 'win32' && whyNotOursAlone(dirname(address)) === undefined) rmSync(address, { force: true });
}
