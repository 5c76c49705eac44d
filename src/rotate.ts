import type { LogFile } from './log-file.js';
import { nodeSystem, type System } from './system/index.js';

const LARGE_BYTES = 20 * 1024 ** 2;
/** A server that never pauses is cut off in the middle. */
const TOO_LARGE_BYTES = 4 * LARGE_BYTES;
const LOOK_MS = 10_000;

/**
 * Keeps an instance's log from growing for ever: it is cut in a quiet moment, where nothing can be lost.
 * Resolves, with nothing half done, soon after the signal.
 */
export async function keepLogSmall(
  log: Pick<LogFile, 'file' | 'size' | 'hasRoom' | 'cut'>,
  signal: AbortSignal,
  warn: (text: string) => void,
  { clock }: Pick<System, 'clock'> = nodeSystem,
): Promise<void> {
  let before = 0;
  const told = new Set<string>();
  const warnOnce = (text: string): void => {
    if (!told.has(text)) warn(text);
    told.add(text);
  };
  for (; !signal.aborted; await clock.sleep(LOOK_MS, signal)) {
    if (!log.hasRoom()) warnOnce(lostLinesText(log.file));
    const size = log.size();
    const isQuiet = size === before;
    before = size;
    if (size < LARGE_BYTES || (!isQuiet && size < TOO_LARGE_BYTES)) continue;
    try {
      await log.cut();
    } catch (error) {
      // Tried again: a disk that is full now may have room later.
      warnOnce(`The log can't be cut (${(error as Error).message}): it grows on until it can be.`);
    }
  }
}

export const lostLinesText = (file: string): string =>
  `The disk of ${file} is full: what the server writes is lost until there is room.`;
