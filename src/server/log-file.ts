import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ColourStripper } from '../domain/log.js';
import { nodeFiles } from '../system/files.js';
import { isReplaced, untilWritten } from '../system/follow.js';
import { nodeMachine } from '../system/machine.js';
import { unusableFor } from '../system/shortage.js';

/** An instance's log: the server writes it through this descriptor, so that no reader can slow it. */
export interface LogFile {
  readonly file: string;
  readonly fd: number;
  /**
   * Begins it anew where somebody has removed it; false where it is there. Only while no server writes it.
   * @throws LaunchError `unusable-state-folder`
   */
  renew(): boolean;
  /** Bytes in it so far. */
  size(): number;
  /** Resolves once its size is another than this, and in any case after some seconds. */
  untilWritten(size: number, signal: AbortSignal): Promise<void>;
  /** Whether its disk takes another block; what a server writes to a full one is lost. */
  hasRoom(): boolean;
  /**
   * Moves all that is in it to `.1`, without colours, and what was there further on; the server goes on writing to
   * the same file.
   */
  cut(): Promise<void>;
  /** Takes out the colours that the server has written, once it writes no more. */
  stripColours(): Promise<void>;
  close(): void;
}

/** As many files are kept, the current one among them. */
export const LOGS_KEPT = 5;
const BLOCK_BYTES = 256 * 1024;
/** Each block waits for its turn on a busy machine: with few of them, a server at full speed gets less far ahead. */
const COPIED_AT_ONCE = 16 * BLOCK_BYTES;
const ESCAPE = 0x1b;

/** A new log of an instance, `file` within the state folder; those before are kept beside it as `.1`, `.2` … */
export function openLog(file: string, folder: string): LogFile {
  const begin = (prepare: () => void): number => {
    try {
      prepare();
      return openSync(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
    } catch (error) {
      throw unusableFor(error, folder);
    }
  };
  let fd = begin(() => {
    moveOn(file);
    renameIfThere(file, `${file}.1`);
  });
  /** Somebody may still be waiting for what is written to them. */
  const removed: number[] = [];
  return {
    file,
    get fd() {
      return fd;
    },
    renew() {
      if (!isReplaced(fd, file) && existsSync(file)) return false;
      removed.push(fd);
      fd = begin(() => nodeFiles.makePrivateFolder(dirname(file)));
      return true;
    },
    size: () => fstatSync(fd).size,
    untilWritten: (size, signal) => untilWritten(file, fd, size, signal),
    // Where the folder was deleted, and not filled, the server's descriptor lives on.
    hasRoom: () => nodeMachine.freeSpace(folder) !== 0,
    cut: () => cutLog(file, fd),
    stripColours: () => stripLog(file, fd),
    close: () => {
      for (const one of [...removed, fd]) closeSync(one);
    },
  };
}

/** The server holds the file open: it is copied and emptied. What it writes in between is lost, which is said. */
async function cutLog(file: string, fd: number): Promise<void> {
  const copied = await copyWithoutColours(fd, `${file}.new`);
  moveOn(file);
  renameSync(`${file}.new`, `${file}.1`);
  const isLosing = fstatSync(fd).size !== copied;
  // By its name: what only appends may not cut, says Windows.
  if (process.platform === 'win32') truncateSync(file);
  else ftruncateSync(fd, 0);
  if (isLosing) writeSync(fd, `--- wso2-launch: the log goes on here; lines may be missing before this one ---\n`);
}

async function stripLog(file: string, fd: number): Promise<void> {
  if (!hasEscapes(fd)) return;
  try {
    await copyWithoutColours(fd, `${file}.new`);
  } catch {
    return; // a full disk: the log stays as the server wrote it
  }
  try {
    renameSync(`${file}.new`, file);
  } catch {
    rmSync(`${file}.new`, { force: true }); // on Windows, where the log is still open, it stays as well
  }
}

/**
 * Copies until it has caught up with the server; one that writes faster than that is left behind.
 * @returns how many bytes of the file it has read
 * @throws where the copy can't be written, of which nothing is then left
 */
async function copyWithoutColours(fd: number, to: string): Promise<number> {
  const { size } = fstatSync(fd);
  // Chased further, a server at full speed would have written many times as much meanwhile.
  const most = size + Math.max(size / 4, BLOCK_BYTES);
  const buffer = Buffer.allocUnsafe(COPIED_AT_ONCE);
  const stripper = new ColourStripper();
  const copy = await open(to, 'w', 0o600);
  try {
    let position = 0;
    for (;;) {
      const count = readSync(fd, buffer, 0, buffer.length, position);
      if (count === 0 || position >= most) break;
      position += count;
      const block = buffer.subarray(0, count);
      // Most blocks have none: as they are they are copied several times as fast.
      const isPlain = stripper.rest() === '' && !block.includes(ESCAPE);
      await copy.writeFile(isPlain ? block : stripper.take(block.toString('latin1')), 'latin1');
    }
    await copy.writeFile(stripper.rest(), 'latin1');
    return position;
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  } finally {
    await copy.close();
  }
}

function hasEscapes(fd: number): boolean {
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  for (let position = 0; ; position += buffer.length) {
    const count = readSync(fd, buffer, 0, buffer.length, position);
    if (count === 0) return false;
    if (buffer.subarray(0, count).includes(ESCAPE)) return true;
  }
}

/** Makes room for another `.1`; the oldest goes. */
function moveOn(file: string): void {
  for (let number = LOGS_KEPT - 2; number >= 1; number--) renameIfThere(`${file}.${number}`, `${file}.${number + 1}`);
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
