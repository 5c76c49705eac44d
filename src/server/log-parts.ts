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
  /** The number of lines at the end; undefined: all. */
  readonly tail: number | undefined;
  /** The oldest time wanted, in milliseconds since 1970; older lines may be among them. */
  readonly sinceMs: number | undefined;
}

/**
 * The places of the wanted lines of an instance's log, in their order. Parts cut off since its start lie beside it;
 * older ones are another launch's. The log itself comes last.
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

/** The cut-off parts, youngest first, up to the first that was finished before that time. */
function cutFrom(logFile: string, oldestMs: number): string[] {
  const numbered = Array.from({ length: LOGS_KEPT - 1 }, (_, index) => `${logFile}.${index + 1}`);
  const isYoung = (file: string): boolean => nodeFiles.writtenAtMs(file) >= oldestMs;
  const end = numbered.findIndex((file) => !isYoung(file));
  return end < 0 ? numbered : numbered.slice(0, end);
}
