import type { InstanceRecord } from '../domain/instance.js';
import { nodeFiles } from '../system/files.js';
import { lastLinesOf } from '../system/follow.js';
import { LOGS_KEPT } from './log-file.js';

/** A file that lines of a log are in, and where in it they begin. */
export interface LogPart {
  readonly file: string;
  readonly from: number;
}

export interface WantedLines {
  /** How many at the end; undefined: all. */
  readonly tail: number | undefined;
  /** How old at the most, in milliseconds since 1970; older ones may be among them. */
  readonly sinceMs: number | undefined;
}

/**
 * Where the wanted lines of an instance's log are, in their order: what was cut off since its start is beside it, and
 * what is older there is another launch's. The log itself comes last.
 */
export function partsOfLog(
  { logFile, startedAt }: Pick<InstanceRecord, 'logFile' | 'startedAt'>,
  { tail, sinceMs = 0 }: WantedLines,
): readonly LogPart[] {
  const oldestMs = Math.max(Date.parse(startedAt), sinceMs);
  const parts: LogPart[] = [];
  let left = tail ?? Number.POSITIVE_INFINITY;
  for (const file of [logFile, ...cutFrom(logFile, oldestMs)]) {
    if (parts.length > 0 && left <= 0) break;
    const { from, lines } = tail === undefined ? { from: 0, lines: 0 } : lastLinesOf(file, left);
    parts.unshift({ file, from });
    left -= lines;
  }
  return parts;
}

/** From the youngest on, up to the first that was finished before. */
function cutFrom(logFile: string, oldestMs: number): string[] {
  const numbered = Array.from({ length: LOGS_KEPT - 1 }, (_, index) => `${logFile}.${index + 1}`);
  const isYoung = (file: string): boolean => nodeFiles.writtenAtMs(file) >= oldestMs;
  const end = numbered.findIndex((file) => !isYoung(file));
  return end < 0 ? numbered : numbered.slice(0, end);
}
