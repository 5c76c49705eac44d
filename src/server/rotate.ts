import { nodeSystem, type System } from '../system/index.js';
import type { LogFile } from './log-file.js';

const LARGE_BYTES = 20 * 1024 ** 2;
/** A server that never pauses is cut off in the middle. */
const TOO_LARGE_BYTES = 4 * LARGE_BYTES;
const QUIET_MS = 10_000;
/** Bounds of the pause between looks at a growing log: the nearer its limit at its pace, the shorter. */
const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

type KeptLog = Pick<LogFile, 'file' | 'size' | 'untilWritten' | 'hasRoom' | 'cut'>;

/**
 * Keeps an instance's log from growing for ever: it is cut in a quiet moment, where nothing can be lost.
 * Resolves, with nothing half done, soon after the signal.
 */
export async function keepLogSmall(
  log: KeptLog,
  signal: AbortSignal,
  warn: (text: string) => void,
  { clock }: Pick<System, 'clock'> = nodeSystem,
): Promise<void> {
  const told = new Set<string>();
  const warnOnce = (text: string): void => {
    if (!told.has(text)) warn(text);
    told.add(text);
  };
  let growth: Growth = { size: 0, atMs: clock.now(), bytesPerMs: 0, quietSinceMs: clock.now() };
  let roomDueMs = clock.now();
  let cutDueMs = clock.now();
  while (!signal.aborted) {
    growth = grownTo(log.size(), clock.now(), growth);
    const { size, atMs } = growth;
    if (atMs >= roomDueMs) {
      if (!log.hasRoom()) warnOnce(lostLinesText(log.file));
      roomDueMs = atMs + QUIET_MS;
    }
    if (isToBeCut(growth) && atMs >= cutDueMs) {
      try {
        await log.cut();
        continue;
      } catch (error) {
        // The cut is tried again: a disk that is full now may have room later.
        warnOnce(`The log can't be cut (${(error as Error).message}): it grows on until it can be.`);
        cutDueMs = atMs + QUIET_MS;
      }
    }
    if (growth.bytesPerMs === 0) await log.untilWritten(size, signal);
    else await clock.sleep(pauseMs(growth), signal);
  }
}

/** The result of one look at a log, compared with the one before. */
interface Growth {
  readonly size: number;
  readonly atMs: number;
  /** 0 where it did not grow, or was cut. */
  readonly bytesPerMs: number;
  readonly quietSinceMs: number;
}

function grownTo(size: number, atMs: number, before: Growth): Growth {
  const grown = size - before.size;
  if (grown === 0) return { ...before, atMs, bytesPerMs: 0 };
  return { size, atMs, bytesPerMs: Math.max(0, grown) / Math.max(1, atMs - before.atMs), quietSinceMs: atMs };
}

const isToBeCut = ({ size, atMs, quietSinceMs }: Growth): boolean =>
  size >= TOO_LARGE_BYTES || (size >= LARGE_BYTES && atMs - quietSinceMs >= QUIET_MS);

/** Half of the time in which the log would be too large. */
function pauseMs({ size, bytesPerMs }: Growth): number {
  const half = (TOO_LARGE_BYTES - size) / bytesPerMs / 2;
  return half > 0 ? Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, half)) : LONGEST_PAUSE_MS;
}

export const lostLinesText = (file: string): string =>
  `The disk of ${file} is full: what the server writes is lost until there is room.`;
