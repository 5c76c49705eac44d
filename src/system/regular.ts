import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';

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
