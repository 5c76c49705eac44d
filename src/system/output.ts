import { constants, fstatSync, openSync, type Stats, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { systemClock } from './clock.js';

/** Somewhere to write to. A reader that is gone ends it quietly; one that stops only makes it wait. */
export interface Sink {
  /** Resolves once the bytes are handed over. Writes keep their order if each is awaited. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Nobody reads any more. */
  readonly isClosed: boolean;
}

/** How many milliseconds a terminal that is full is left alone. */
const PAUSE_MS = 20;

export const standardOutput = (): Sink => sinkFor(1, () => process.stdout);

export const standardError = (): Sink => sinkFor(2, () => process.stderr);

/** Whether a descriptor is a terminal. Most are not, and to ask Node costs as much as to open a stream. */
export const isTerminal = (fd: 1 | 2): boolean => kindOf(fd)?.isCharacterDevice() === true && isatty(fd);

/** A stream of Node's costs 10 ms, a fifth of a short command, and is opened only where nothing else will do. */
function sinkFor(fd: 1 | 2, stream: () => NodeJS.WriteStream): Sink {
  const kind = kindOf(fd);
  if (kind?.isFile()) return descriptorSink(fd, () => systemClock.sleep(PAUSE_MS));
  // Node writes to a terminal with blocking calls, so that Ctrl-S would stop us as a whole.
  const own = isTerminal(fd) || kind?.isFIFO() ? reopen(fd) : undefined;
  if (own === undefined) return streamSink(stream());
  if (!kind?.isFIFO()) return descriptorSink(own, () => systemClock.sleep(PAUSE_MS));
  // A pipe that is full once will be again, and a stream is told when it no longer is.
  let slow: Sink | undefined;
  const fast = descriptorSink(own, () => {
    slow = streamSink(stream());
    return slow;
  });
  return {
    get isClosed() {
      return (slow ?? fast).isClosed;
    },
    write: (bytes) => (slow ?? fast).write(bytes),
  };
}

const kindOf = (fd: number): Stats | undefined => {
  try {
    return fstatSync(fd);
  } catch {
    return undefined; // closed
  }
};

/** @param whenFull waits until there is room, or names who takes the rest */
function descriptorSink(fd: number, whenFull: () => Promise<void> | Sink): Sink {
  let isClosed = false;
  return {
    get isClosed() {
      return isClosed;
    },
    async write(bytes) {
      let rest = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
      while (rest.length > 0 && !isClosed) {
        try {
          rest = rest.subarray(writeSync(fd, rest));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
            isClosed = true; // EIO: the terminal is gone; EPIPE: the reader
            return;
          }
          const successor = whenFull();
          if ('write' in successor) return successor.write(rest);
          await successor;
        }
      }
    },
  };
}

/** A description of our own, so that the other users of a terminal or a pipe keep their blocking mode. */
function reopen(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined; // no /proc, or another user's terminal (su)
  }
}

function streamSink(stream: NodeJS.WriteStream): Sink {
  let isClosed = false;
  stream.on('error', () => {
    isClosed = true;
  });
  return {
    get isClosed() {
      return isClosed;
    },
    write: (bytes) =>
      new Promise((resolve) => {
        if (isClosed) resolve();
        else stream.write(bytes, () => resolve());
      }),
  };
}
