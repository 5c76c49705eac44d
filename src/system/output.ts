import { constants, fstatSync, openSync, type Stats, statSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';
import { type Clock, settlesWithin, systemClock } from './clock.js';

/** A destination of our output. A reader that is gone ends it quietly; one that stops only makes it wait. */
export interface Sink {
  /** Resolves once the bytes are handed over. Writes keep their order if each is awaited. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Bytes that were taken from us so far: they grow for as long as somebody reads. */
  readonly taken: number;
  /** The error that ends all writing, mostly because nobody reads: see {@link isReaderGone}. */
  readonly fault: NodeJS.ErrnoException | undefined;
}

/**
 * Readers have come seconds late on a busy machine. A reader that takes nothing for this long is suspended, as a
 * terminal is after Ctrl-S, and may never go on.
 */
const READER_PATIENCE_MS = 30_000;
const READER_TICK_MS = 100;

/**
 * Resolves once this is written, or once readers have taken nothing of these sinks for half a minute.
 * @param givenUp ends it early
 */
export async function untilTaken(
  written: Promise<unknown>,
  sinks: readonly Pick<Sink, 'taken'>[],
  givenUp?: AbortSignal,
  clock: Pick<Clock, 'sleep'> = systemClock,
): Promise<void> {
  const takenSoFar = (): number => sinks.reduce((sum, { taken }) => sum + taken, 0);
  let seen = takenSoFar();
  let leftMs = READER_PATIENCE_MS;
  // Time is counted in our own looks: while we are suspended, or get no processor, nobody could take anything.
  while (leftMs > 0 && !givenUp?.aborted && !(await settlesWithin(written, READER_TICK_MS, clock))) {
    leftMs = takenSoFar() > seen ? READER_PATIENCE_MS : leftMs - READER_TICK_MS;
    seen = takenSoFar();
  }
}

/**
 * Whether an error means that the reader has left, by closing a pipe (`EOF` on Windows) or a terminal: that is its
 * right.
 */
export const isReaderGone = ({ code = '' }: NodeJS.ErrnoException, fd: 1 | 2): boolean =>
  ['EPIPE', 'ECONNRESET', 'EOF'].includes(code) || (code === 'EIO' && kindOf(fd)?.isCharacterDevice() === true);

export const standardOutput = (): Sink => sinkFor(1, () => process.stdout);

export const standardError = (): Sink => sinkFor(2, () => process.stderr);

/** Whether a descriptor is a terminal. Most are not, and asking Node costs as much as opening a stream. */
export function isTerminal(fd: 1 | 2): boolean {
  const kind = kindOf(fd);
  return kind?.isCharacterDevice() === true && kind.rdev !== NOTHING?.rdev && isatty(fd);
}

/** Bytes that a socket is trusted to take: its room can't be seen, and waiting for it would stop us. */
const FIRST_WORDS = 4 * 1024;

/**
 * The sink of a descriptor. Opening a stream of Node's takes 10 ms, a fifth of a short command: it is put off until
 * there is no other way.
 */
function sinkFor(fd: 1 | 2, stream: () => NodeJS.WriteStream): Sink {
  const kind = kindOf(fd);
  if (kind && process.platform === 'win32' && (kind.mode & constants.S_IFMT) === S_IFIFO) return pipeSink(stream());
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

/** The type bits of a pipe. Windows lacks the constant in Node, and its `isFIFO` says no to every pipe. */
const S_IFIFO = 0o010_000;

/** Windows: Node makes its pipes blocking, so that a reader that stops would stop us as a whole. */
function pipeSink(stream: NodeJS.WriteStream): Sink {
  const { _handle } = stream as { _handle?: { setBlocking?(isBlocking: boolean): void } };
  _handle?.setBlocking?.(false);
  return streamSink(stream);
}

function kindOf(file: number | string): Stats | undefined {
  try {
    return typeof file === 'number' ? fstatSync(file) : statSync(file);
  } catch {
    return undefined; // closed, or not there
  }
}

const NOTHING = kindOf(devNull);

/** Opens a description of our own, so that the other users of a terminal or a pipe keep their blocking mode. */
function reopen(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined; // no /proc, or another user's terminal (su)
  }
}

function terminalSink(fd: number): Sink {
  let fault: Error | undefined;
  let taken = 0;
  return {
    get fault() {
      return fault;
    },
    get taken() {
      return taken;
    },
    async write(bytes) {
      let rest = bytesOf(bytes);
      for (;;) {
        const left = writeNow(fd, rest);
        if (left instanceof Error) fault = left;
        if (left instanceof Error) return;
        taken += rest.length - left.length;
        if (left.length === 0) return;
        rest = left;
        await systemClock.sleep(20);
      }
    },
  };
}

/** Writes without a stream until something does not fit, then through the stream, which waits for room. */
function directSink(fd: number, room: number, stream: () => NodeJS.WriteStream): Sink {
  let left = room;
  let fault: Error | undefined;
  let taken = 0;
  let slow: Sink | undefined;
  return {
    get fault() {
      return slow ? slow.fault : fault;
    },
    get taken() {
      return taken + (slow?.taken ?? 0);
    },
    async write(text) {
      if (fault) return;
      const bytes = bytesOf(text);
      left -= bytes.length;
      const rest = slow || left < 0 ? bytes : writeNow(fd, bytes);
      if (rest instanceof Error) {
        fault = rest;
        return;
      }
      taken += bytes.length - rest.length;
      if (rest.length > 0) {
        slow ??= streamSink(stream());
        await slow.write(rest);
      }
    },
  };
}

const bytesOf = (text: Uint8Array | string): Uint8Array => (typeof text === 'string' ? Buffer.from(text) : text);

/** The bytes that did not fit, or the error that ends all writing. */
function writeNow(fd: number, bytes: Uint8Array): Uint8Array | Error {
  let rest = bytes;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return error as Error;
  }
  return rest;
}

/** A stream tells only that a whole piece is taken: small pieces show that a slow reader reads. */
const PIECE_BYTES = 16 * 1024;

function streamSink(stream: NodeJS.WriteStream): Sink {
  let fault: Error | undefined;
  let taken = 0;
  stream.on('error', (error) => {
    fault = error;
  });
  const writePiece = (piece: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      stream.write(piece, (error) => {
        if (!error) taken += piece.length;
        resolve();
      });
    });
  return {
    get fault() {
      return fault;
    },
    get taken() {
      return taken;
    },
    async write(text) {
      const bytes = bytesOf(text);
      let written = Promise.resolve();
      // All pieces are written at once, so that nobody else's words come between.
      for (let at = 0; at < bytes.length && !fault; at += PIECE_BYTES) {
        written = writePiece(bytes.subarray(at, at + PIECE_BYTES));
      }
      await written;
    },
  };
}
