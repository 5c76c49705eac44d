import { constants, fstatSync, openSync, type Stats, statSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';
import { systemClock } from './clock.js';

/** Somewhere to write to. A reader that is gone ends it quietly; one that stops only makes it wait. */
export interface Sink {
  /** Resolves once the bytes are handed over. Writes keep their order if each is awaited. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Why nothing can be written any more: mostly that nobody reads, see {@link isReaderGone}. */
  readonly fault: NodeJS.ErrnoException | undefined;
}

/** Whether it is the reader that has left, by closing a pipe (`EOF` on Windows) or a terminal: that is its right. */
export const isReaderGone = ({ code = '' }: NodeJS.ErrnoException, fd: 1 | 2): boolean =>
  ['EPIPE', 'ECONNRESET', 'EOF'].includes(code) || (code === 'EIO' && kindOf(fd)?.isCharacterDevice() === true);

export const standardOutput = (): Sink => sinkFor(1, () => process.stdout);

export const standardError = (): Sink => sinkFor(2, () => process.stderr);

/** Whether a descriptor is a terminal. Most are not, and to ask Node costs as much as to open a stream. */
export function isTerminal(fd: 1 | 2): boolean {
  const kind = kindOf(fd);
  return kind?.isCharacterDevice() === true && kind.rdev !== NOTHING?.rdev && isatty(fd);
}

/** How many bytes a socket is trusted to take: that it has room can't be seen, and to wait for it would stop us. */
const FIRST_WORDS = 4 * 1024;

/** A stream of Node's takes 10 ms to open, a fifth of a short command: that is left until there is no other way. */
function sinkFor(fd: 1 | 2, stream: () => NodeJS.WriteStream): Sink {
  const kind = kindOf(fd);
  if (kind?.isSocket()) return directSink(fd, FIRST_WORDS, stream);
  const isScreen = isTerminal(fd);
  if (kind?.isFIFO() || isScreen) {
    const own = reopen(fd);
    if (own === undefined) return streamSink(stream());
    // Node writes to a terminal with blocking calls, so that Ctrl-S would stop us as a whole.
    return isScreen ? terminalSink(own) : directSink(own, Number.POSITIVE_INFINITY, stream);
  }
  return directSink(fd, Number.POSITIVE_INFINITY, stream); // a file, or nothing at all
}

function kindOf(file: number | string): Stats | undefined {
  try {
    return typeof file === 'number' ? fstatSync(file) : statSync(file);
  } catch {
    return undefined; // closed, or not there
  }
}

const NOTHING = kindOf(devNull);

/** A description of our own, so that the other users of a terminal or a pipe keep their blocking mode. */
function reopen(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined; // no /proc, or another user's terminal (su)
  }
}

function terminalSink(fd: number): Sink {
  let fault: Error | undefined;
  return {
    get fault() {
      return fault;
    },
    async write(bytes) {
      let rest = writeNow(fd, bytes);
      while (!(rest instanceof Error) && rest.length > 0) {
        await systemClock.sleep(20);
        rest = writeNow(fd, rest);
      }
      if (rest instanceof Error) fault = rest;
    },
  };
}

/** Writes without a stream until something does not fit; from then on with it, which waits for room. */
function directSink(fd: number, room: number, stream: () => NodeJS.WriteStream): Sink {
  let left = room;
  let fault: Error | undefined;
  let slow: Sink | undefined;
  return {
    get fault() {
      return slow ? slow.fault : fault;
    },
    async write(bytes) {
      if (fault) return;
      left -= bytes.length;
      const rest = slow || left < 0 ? bytes : writeNow(fd, bytes);
      if (rest instanceof Error) fault = rest;
      else if (rest.length > 0) {
        slow ??= streamSink(stream());
        await slow.write(rest);
      }
    },
  };
}

/** What did not fit, or why nothing can be written. */
function writeNow(fd: number, bytes: Uint8Array | string): Uint8Array | Error {
  let rest = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return error as Error;
  }
  return rest;
}

function streamSink(stream: NodeJS.WriteStream): Sink {
  let fault: Error | undefined;
  stream.on('error', (error) => {
    fault = error;
  });
  return {
    get fault() {
      return fault;
    },
    write: (bytes) =>
      new Promise((resolve) => {
        if (fault) resolve();
        else stream.write(bytes, () => resolve());
      }),
  };
}
