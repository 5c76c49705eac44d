import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats, statSync } from 'node:fs';

/** People write the files that we read, or we do: none is longer. */
const LONGEST_BYTES = 16 * 2 ** 20;

/**
 * Reads a file, without waiting for whoever may write to a pipe, and without touching a device.
 * @throws the system's error, or one that says that it is no file, or too long to be one of ours
 */
export function readRegular(path: string): Buffer {
  const fd = openRegular(path);
  try {
    const { size } = fstatSync(fd);
    if (size > LONGEST_BYTES) throw new Error(`it has ${size} bytes, and no more than ${LONGEST_BYTES} are read`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Opens a file for reading. @throws the system's error, or one that says that it is no file */
export function openRegular(path: string): number {
  if (!isPlain(statSync(path))) throw new Error(NO_FILE);
  // The path may lead to another file since.
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  if (isPlain(fstatSync(fd))) return fd;
  closeSync(fd);
  throw new Error(NO_FILE);
}

const NO_FILE = 'it is no file';

/** A folder is told by the system's own error as soon as it is read. */
const isPlain = (stats: Stats): boolean => stats.isFile() || stats.isDirectory();

/** The first bytes of a file. @throws the system's error, or one that says that it is no file */
export function headOf(path: string, length: number): Buffer {
  const fd = openRegular(path);
  try {
    const block = Buffer.alloc(length);
    return block.subarray(0, readSync(fd, block, 0, length, 0));
  } finally {
    closeSync(fd);
  }
}

const BLOCK_BYTES = 2 ** 20;
/** A match may lie across two blocks; none is longer. */
const LONGEST_MATCH = 1024;
/** The most that is looked at of one file. */
const MOST_BYTES = 2 ** 26;

/**
 * The different texts in a file that match a pattern, bytes taken as characters; of the first 64 MiB.
 * @throws the system's error, or one that says that it is no file
 */
export function matchesIn(path: string, pattern: RegExp): string[] {
  const all = new RegExp(pattern.source, 'g');
  const fd = openRegular(path);
  try {
    const found = new Set<string>();
    const block = Buffer.alloc(BLOCK_BYTES);
    let rest = '';
    for (let at = 0; at < MOST_BYTES; ) {
      const read = readSync(fd, block, 0, BLOCK_BYTES, at);
      if (read === 0) break;
      at += read;
      const text = rest + block.toString('latin1', 0, read);
      for (const [match] of text.matchAll(all)) found.add(match);
      rest = text.slice(-LONGEST_MATCH);
    }
    return [...found];
  } finally {
    closeSync(fd);
  }
}
