import { dirname } from 'node:path';
import { ColourStripper } from '../domain/log.js';
import { nodeFiles } from '../system/files.js';
import { type CopyFilter, type GrowingFile, openGrowing } from '../system/growing-file.js';
import { nodeMachine } from '../system/machine.js';
import { unusableFor } from '../system/shortage.js';

/**
 * Begins the log anew where somebody has removed it; false where it is there. Call it only while no server writes.
 * @throws LaunchError `unusable-state-folder`
 */
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
  /**
   * Moves the log's lines to `.1`, without colours, and earlier parts further on; the server goes on writing to the
   * same file.
   */
  untilWritten(size: number, signal: AbortSignal): Promise<void>;
  /** Whether its disk takes another block; what a server writes to a full one is lost. */
  hasRoom(): boolean;
  /**
   * Moves all that is in it to `.1`, without colours, and what was there further on; the server goes on writing to
   * the same file.
   */
  cut(): Promise<void>;
  /** Adds a line of ours, which can be told from those of the server. A full disk loses it. */
  mark(text: string): void;
  /** Takes out the colours that the server has written, once it writes no more. */
  stripColours(): Promise<void>;
  close(): void;
}

/** The number of files kept, the current one among them. */
export const LOGS_KEPT = 5;
const ESCAPE = 0x1b;

/**
 * Opens a new log of an instance, `file` within the state folder; those before are kept beside it as `.1`, `.2` …
 * @throws LaunchError `unusable-state-folder`
 */
export function openLog(file: string, folder: string): LogFile {
  const begin = (prepare: () => void): GrowingFile => {
    try {
      prepare();
      return openGrowing(file);
    } catch (error) {
      throw unusableFor(error, folder);
    }
  };
  let current = begin(() => {
    moveOn(file);
    renameIfThere(file, `${file}.1`);
  });
  /** Logs that were removed: a reader may still be waiting for what is written to them. */
  const removed: GrowingFile[] = [];
  return {
    file,
    get fd() {
      return current.fd;
    },
    renew() {
      if (current.isInPlace()) return false;
      removed.push(current);
      current = begin(() => nodeFiles.makePrivateFolder(dirname(file)));
      return true;
    },
    size: () => current.size(),
    untilWritten: (size, signal) => current.untilWritten(size, signal),
    // A folder that was deleted, and not filled, leaves the server's descriptor alive.
    hasRoom: () => nodeMachine.freeSpace(folder) !== 0,
    cut: () => cutLog(file, current),
    mark: (text) => {
      try {
        current.append(markLine(text));
      } catch {
        // lost
      }
    },
    stripColours: () => stripLog(file, current),
    close: () => {
      for (const one of [...removed, current]) one.close();
    },
  };
}

/**
 * Cuts the log by copying and emptying it, for the server holds it open. Lines written in between are lost, which is
 * said.
 */
async function cutLog(file: string, log: GrowingFile): Promise<void> {
  const copied = await log.copyTo(`${file}.new`, withoutColours());
  moveOn(file);
  nodeFiles.rename(`${file}.new`, `${file}.1`);
  const isLosing = log.size() !== copied;
  log.empty();
  if (isLosing) log.append(markLine('the log goes on here; lines may be missing before this one'));
}

const markLine = (text: string): string => `--- wso2-launch: ${text} ---\n`;

async function stripLog(file: string, log: GrowingFile): Promise<void> {
  if (!log.includes(ESCAPE)) return;
  try {
    await log.copyTo(`${file}.new`, withoutColours());
  } catch {
    return; // a full disk: the log stays as the server wrote it
  }
  try {
    nodeFiles.rename(`${file}.new`, file);
  } catch {
    nodeFiles.remove(`${file}.new`); // the log stays on Windows, where it is still open
  }
}

function withoutColours(): CopyFilter {
  const stripper = new ColourStripper();
  return {
    // Most blocks have no colours.
    isNeededFor: (block) => stripper.rest() !== '' || block.includes(ESCAPE),
    take: (text) => stripper.take(text),
    rest: () => stripper.rest(),
  };
}

/** Makes room for another `.1`; the oldest goes. */
function moveOn(file: string): void {
  for (let number = LOGS_KEPT - 2; number >= 1; number--) renameIfThere(`${file}.${number}`, `${file}.${number + 1}`);
}

function renameIfThere(from: string, to: string): void {
  try {
    nodeFiles.rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
