import { closeSync, fstatSync, readSync, statSync, watch } from 'node:fs';
import { systemClock } from './clock.js';
import { openRegular } from './regular.js';

/** Reads a growing file from some position on, block by block. */
export interface Follower {
  /** Bytes handed over so far, with those before `from`; it never goes back, also where the file is cut off. */
  readonly position: number;
  /** Resolves once all that is in the file now has been handed over, or no block was taken for `patienceMs`. */
  caughtUp(patienceMs: number): Promise<void>;
  close(): void;
}

const BLOCK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;
/** A megabyte in one go, then a pause: a server that writes at full speed needs the machine more than we do. */
const BLOCKS_AT_ONCE = 4;
/** A busy file is read this often, so that many small writes cost few wake-ups. */
const BUSY_PAUSE_MS = 10;
/** A quiet file is looked at this often even where the system tells of a change, or where it tells nothing. */
const WATCHED_PAUSE_MS = 10_000;
const UNWATCHED_PAUSE_MS = 2_000;
/** A file that is not there yet is looked for this often. */
const ABSENT_PAUSE_MS = 250;
/** Windows tells of a change only once the writer closes the file: a look at its size has to do. */
const IS_UNWATCHABLE = process.platform === 'win32';
const WINDOWS_PAUSE_MS = 100;

/**
 * @param take gets a buffer that is used again once it returns, or once its promise resolves
 * @param rolls whether somebody may move the file away and begin another one in its place; it need then not be there yet
 */
export function followFile(
  path: string,
  from: number,
  take: (block: Buffer) => void | Promise<void>,
  { rolls = false }: { readonly rolls?: boolean } = {},
): Follower {
  let fd = rolls ? openIfThere(path) : openRegular(path);
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  const closed = new AbortController();
  let position = from;
  /** The position in the file as it is now. */
  let offset = from;
  let isHurried = false;
  let isOver = false;
  /** Pending while a block is being taken. */
  let taking: void | Promise<void>;

  const run = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      if (fd === undefined) {
        await systemClock.sleep(ABSENT_PAUSE_MS, closed.signal);
        fd = openIfThere(path);
        offset = 0;
        continue;
      }
      let count = 0;
      for (let blocks = 0; blocks < BLOCKS_AT_ONCE && !closed.signal.aborted; blocks++) {
        count = readSync(fd, buffer, 0, BLOCK_BYTES, offset);
        if (count > 0) {
          taking = take(buffer.subarray(0, count));
          await taking;
          taking = undefined;
        }
        position += count;
        offset += count;
        if (count < BLOCK_BYTES) break;
      }
      // A file that was cut off is written from its front again.
      if (count === 0 && fstatSync(fd).size < offset) offset = 0;
      else if (count === 0 && rolls && isReplaced(fd, path)) {
        closeSync(fd);
        fd = undefined;
      } else if (count === 0) await untilWritten(path, fd, offset, closed.signal);
      // The pause takes no signal: listening to one for each pause is most of what a busy log would cost.
      else await systemClock.sleep(isHurried ? 0 : BUSY_PAUSE_MS);
    }
  };
  const end = (): void => {
    isOver = true;
    if (fd !== undefined) closeSync(fd);
  };
  // The first block is not read before the caller has the follower in hand.
  setImmediate(() => run().then(end, end)); // a file that can't be read any more has ended for us

  return {
    get position() {
      return position;
    },
    async caughtUp(patienceMs) {
      const sizeNow = (): number => (isOver || fd === undefined ? 0 : fstatSync(fd).size);
      const size = sizeNow();
      isHurried = true;
      for (let left = patienceMs, seen = position; offset < Math.min(size, sizeNow()) && left > 0; ) {
        // A timer would keep the process alive for nothing where the taker is waited for without an end.
        if (taking && patienceMs === Number.POSITIVE_INFINITY) await taking;
        else await systemClock.sleep(5);
        left = position === seen ? left - 5 : patienceMs;
        seen = position;
      }
      isHurried = false;
    },
    close: () => closed.abort(),
  };
}

function openIfThere(path: string): number | undefined {
  try {
    return openRegular(path);
  } catch {
    return undefined;
  }
}

/** Whether another file stands in the place of an open one. */
export function isReplaced(fd: number, path: string): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  const { dev, ino } = fstatSync(fd);
  return now !== undefined && (now.dev !== dev || now.ino !== ino);
}

/**
 * Resolves once a file has another size than this, at the latest after {@link WATCHED_PAUSE_MS}. The watcher lives only
 * while the file is quiet: a busy one would flood us, and slow its writer.
 */
export function untilWritten(path: string, fd: number, position: number, signal: AbortSignal): Promise<void> {
  const written = new AbortController();
  const stopWaiting = (): void => written.abort();
  const watcher = IS_UNWATCHABLE ? undefined : watchQuietly(path, stopWaiting);
  const unwatchedMs = IS_UNWATCHABLE ? WINDOWS_PAUSE_MS : UNWATCHED_PAUSE_MS;
  signal.addEventListener('abort', stopWaiting, { once: true });
  // A change between the last read and the watch would not be told.
  if (fstatSync(fd).size !== position) stopWaiting();
  return systemClock.sleep(watcher ? WATCHED_PAUSE_MS : unwatchedMs, written.signal).finally(() => {
    watcher?.close();
    signal.removeEventListener('abort', stopWaiting);
  });
}

function watchQuietly(path: string, onChange: () => void): import('node:fs').FSWatcher | undefined {
  try {
    return watch(path, onChange).on('error', onChange);
  } catch {
    return undefined; // out of watches: the timer has to do
  }
}

/** The position in bytes at which the last lines of a file begin, and how many of the wanted lines there are. */
export function lastLinesOf(path: string, wanted: number): { readonly from: number; readonly lines: number } {
  const fd = openRegular(path);
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(BLOCK_BYTES);
    let left = wanted;
    if (left === 0) return { from: size, lines: 0 };
    for (let end = size; end > 0; end -= BLOCK_BYTES) {
      const start = Math.max(0, end - BLOCK_BYTES);
      const count = readSync(fd, buffer, 0, end - start, start);
      for (let at = count - 1; at >= 0; at--) {
        // The line feed that ends the file begins no line.
        if (buffer[at] !== LINE_FEED || start + at === size - 1) continue;
        left -= 1;
        if (left === 0) return { from: start + at + 1, lines: wanted };
      }
    }
    // The first line begins without a line feed before it.
    return { from: 0, lines: size === 0 ? 0 : wanted - left + 1 };
  } finally {
    closeSync(fd);
  }
}

/** Hands over a file that nobody writes any more. @param take as that of {@link followFile} */
export async function readThrough(
  path: string,
  from: number,
  take: (block: Buffer) => void | Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const fd = openRegular(path);
  try {
    const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
    for (let offset = from; !signal.aborted; ) {
      const count = readSync(fd, buffer, 0, BLOCK_BYTES, offset);
      if (count === 0) return;
      offset += count;
      await take(buffer.subarray(0, count));
    }
  } finally {
    closeSync(fd);
  }
}

/** The last lines of a file from some position on, read from its last `most` bytes. */
export function readTail(path: string, from: number, most: number): string[] {
  let fd: number;
  try {
    fd = openRegular(path);
  } catch {
    return []; // removed by somebody: the failure that it would explain still has to be told
  }
  try {
    const { size } = fstatSync(fd);
    // A file that was cut off since holds younger text only.
    const start = Math.max(from > size ? 0 : from, size - most);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    readSync(fd, buffer, 0, buffer.length, start);
    return buffer.toString('utf8').split('\n');
  } finally {
    closeSync(fd);
  }
}
