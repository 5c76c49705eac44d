import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { noAnswer } from './clock.js';

/** The way to a supervisor from outside: a socket, a request in one JSON line, JSON lines as the answer. */
export interface Control {
  /** Private to the user, and short. */
  readonly folder: string;
  /** Where the supervisor of this id listens. */
  addressOf(id: string): string;
  /** Clears away what a supervisor that was killed has left at its address. */
  forget(address: string): void;
  /** @throws where the socket's folder can't be used, or somebody listens there */
  listen(address: string, answer: (request: object, client: Client) => void): Promise<Listening>;
  /**
   * Sends a request; resolves once the answer has ended, by whichever side.
   * @throws where nobody takes the request within `timeoutMs`; what comes later may take its time
   */
  ask(address: string, request: object, take: (line: object) => void, timeoutMs: number): Promise<void>;
}

/** Who asked, for as long as it listens. */
export interface Client {
  readonly isGone: boolean;
  say(line: object): void;
  end(): void;
}

export interface Listening {
  close(): void;
}

/** Longer than any request; a client that sends more without an end is none of ours. */
const LONGEST_REQUEST = 64 * 1024;

/** Short, for a socket's path is cut off at some 100 bytes without a word; private, for it obeys whoever connects. */
const socketFolder = (): string => `/tmp/wso2-launch-${process.getuid?.() ?? 0}`;

export const socketControl = (platform: NodeJS.Platform): Control => ({
  folder: platform === 'win32' ? join(tmpdir(), 'wso2-launch') : socketFolder(),
  addressOf: (id) => (platform === 'win32' ? `\\\\.\\pipe\\wso2-launch-${id}` : join(socketFolder(), `${id}.sock`)),
  forget: (address) => removeSocket(address, platform),
  listen: (address, answer) =>
    new Promise((resolve, reject) => {
      if (platform !== 'win32') makePrivate(socketFolder());
      const server = createServer((socket) => serve(socket, answer));
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
  ask: (address, request, take, timeoutMs) =>
    new Promise((resolve, reject) => {
      const socket = connect(address);
      const timer = setTimeout(() => socket.destroy(new Error(noAnswer(timeoutMs))), timeoutMs);
      socket.once('error', reject).once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`));
      linesOf(socket, (line) => {
        clearTimeout(timer);
        take(line);
      });
    }),
});

function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const { uid } = lstatSync(folder);
  if (!lstatSync(folder).isDirectory() || uid !== process.getuid?.()) throw new Error(`${folder} is not ours`);
  chmodSync(folder, 0o700);
}

function serve(socket: Socket, answer: (request: object, client: Client) => void): void {
  socket.on('error', () => {}); // it has gone, which its close tells
  const client: Client = {
    get isGone() {
      return socket.destroyed;
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
  lines.on('error', () => {}); // the socket's, told once more
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
  if (platform !== 'win32') rmSync(address, { force: true });
}
