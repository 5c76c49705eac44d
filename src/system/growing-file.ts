import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { isReplaced, untilWritten } from './follow.js';

/** A file that another process appends to by the descriptor that we have opened: a server's log. */
export interface GrowingFile {
  readonly fd: number;
  /** Bytes in it so far. */
  size(): number;
  /** False where somebody has removed it, or put another one in its place. */
  isInPlace(): boolean;
  /** Resolves as {@link untilWritten} of `follow.ts` does. */
  untilWritten(size: number, signal: AbortSignal): Promise<void>;
  append(text: string): void;
  /** Removes all contents; other writers go on at the front. */
  empty(): void;
  includes(byte: number): boolean;
  /**
   * Copies it through a filter until it has caught up with its writer; one that writes faster than that is left behind.
   * @returns how many bytes of the file it has read
   * @throws the system's error where the copy can't be written, of which nothing is then left
   */
  copyTo(path: string, filter: CopyFilter): Promise<number>;
  close(): void;
}

/** A filter for the text that goes into a copy. */
export interface CopyFilter {
  /** False for a block that goes through as it is, which is several times as fast. */
  isNeededFor(block: Uint8Array): boolean;
  /** The text to write, in Latin-1, for this text and what was kept back before it. */
  take(text: string): string;
  /** The text that is still kept back at the end. */
  rest(): string;
}

const BLOCK_BYTES = 256 * 1024;
/**
 * Bytes a block. Each block waits for its turn on a busy machine: with few of them, a server at full speed gets less
 * far ahead.
 */
export const COPIED_AT_ONCE = 16 * BLOCK_BYTES;

/** Opens a file that others append to, and makes it, private to its user, where it is not there. @throws the system's error */
export function openGrowing(path: string): GrowingFile {
  const fd = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
  return {
    fd,
    size: () => fstatSync(fd).size,
    isInPlace: () => !isReplaced(fd, path) && existsSync(path),
    untilWritten: (size, signal) => untilWritten(path, fd, size, signal),
    append: (text) => void writeSync(fd, text),
    // Windows lets no descriptor that only appends cut the file: its name has to do.
    empty: () => (process.platform === 'win32' ? truncateSync(path) : ftruncateSync(fd, 0)),
    includes: (byte) => hasByte(fd, byte),
    copyTo: (to, filter) => copyThrough(fd, to, filter),
    close: () => closeSync(fd),
  };
}

function hasByte(fd: number, byte: number): boolean {
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  for (let position = 0; ; position += buffer.length) {
    const count = readSync(fd, buffer, 0, buffer.length, position);
    if (count === 0) return false;
    if (buffer.subarray(0, count).includes(byte)) return true;
  }
}

async function copyThrough(fd: number, to: string, filter: CopyFilter): Promise<number> {
  const { size } = fstatSync(fd);
  // Copying further than this would never end behind a server at full speed, which meanwhile writes many times as much.
  const most = size + Math.max(size / 4, BLOCK_BYTES);
  const buffer = Buffer.allocUnsafe(COPIED_AT_ONCE);
  const copy = await open(to, 'w', 0o600);
  try {
    let position = 0;
    for (;;) {
      const count = readSync(fd, buffer, 0, buffer.length, position);
      if (count === 0 || position >= most) break;
      position += count;
      const block = buffer.subarray(0, count);
      await copy.writeFile(filter.isNeededFor(block) ? filter.take(block.toString('latin1')) : block, 'latin1');
    }
    await copy.writeFile(filter.rest(), 'latin1');
    return position;
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  } finally {
    await copy.close();
  }
}
