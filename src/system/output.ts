import { constants, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { systemClock } from './clock.js';

/** Somewhere to write to. A reader that is gone ends it quietly; one that stops only makes it wait. */
export interface Sink {
  /** Resolves once the bytes are handed over. Writes keep their order if each is awaited. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Nobody reads any more. */
  readonly isClosed: boolean;
}

/** Node writes to a terminal with blocking calls, so that Ctrl-S would stop us as a whole. */
export const standardOutput = (): Sink => (isatty(1) && terminalSink(1)) || streamSink(process.stdout);

export const standardError = (): Sink => (isatty(2) && terminalSink(2)) || streamSink(process.stderr);

function terminalSink(fd: number): Sink | undefined {
  const own = reopen(fd);
  if (own === undefined) return undefined;
  let isClosed = false;
  return {
    get isClosed() {
      return isClosed;
    },
    async write(bytes) {
      let rest = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
      while (rest.length > 0 && !isClosed) {
        try {
          rest = rest.subarray(writeSync(own, rest));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'EAGAIN') await systemClock.sleep(20);
          else isClosed = true; // EIO: the terminal is gone
        }
      }
    },
  };
}

/** A description of our own, so that the terminal's other users keep their blocking mode. */
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
