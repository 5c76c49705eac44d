import type { InstanceRecord } from '../../domain/instance.js';
import { LineSplitter, writtenAtMs } from '../../server/log-lines.js';
import { partsOfLog, type WantedLines } from '../../server/log-parts.js';
import { untilAborted } from '../../system/clock.js';
import { followFile, readThrough } from '../../system/follow.js';

export interface WantedLog extends WantedLines {
  /** Ends it early. */
  readonly signal: AbortSignal;
  /** Settles once nothing more is written: until then the log is followed. Absent: it is read as it is. */
  readonly over?: Promise<unknown> | undefined;
}

/**
 * Hands over the wanted part of a log, older lines among it, block by block.
 * @param take gets a buffer that is used again once its promise resolves
 */
export async function readLog(
  log: Pick<InstanceRecord, 'logFile' | 'startedAt'>,
  { signal, over, ...lines }: WantedLog,
  take: (block: Buffer) => Promise<void>,
): Promise<void> {
  const parts = partsOfLog(log, lines);
  const last = parts.at(-1);
  for (const { file, from } of parts.slice(0, -1)) await readThrough(file, from, take, signal);
  if (!last || signal.aborted) return;
  const follower = followFile(last.file, last.from, take);
  const leave = (): void => follower.close();
  signal.addEventListener('abort', leave, { once: true });
  try {
    if (over) await Promise.race([over, untilAborted(signal)]);
    if (!signal.aborted) await follower.caughtUp(Number.POSITIVE_INFINITY);
  } finally {
    follower.close();
    signal.removeEventListener('abort', leave);
  }
}

/** Makes lines of a log's blocks, from the first that is young enough on. */
export class YoungLines {
  readonly #splitter = new LineSplitter();
  readonly #decoder = new TextDecoder();
  #isYoung: boolean;

  /** @param sinceMs the oldest time, in milliseconds since 1970; undefined: all lines are young enough */
  constructor(private readonly sinceMs: number | undefined) {
    this.#isYoung = sinceMs === undefined;
  }

  /** The lines that a block completes, without their ends. */
  take = (block: Buffer): string[] => this.#young(this.#splitter.take(this.#decoder.decode(block, { stream: true })));

  /** The text that was left without an end. */
  rest = (): string[] => this.#young(this.#splitter.rest());

  #young(lines: readonly string[]): string[] {
    const { sinceMs } = this;
    return lines.filter((line) => {
      // A line without a time belongs to the one above it.
      const atMs = writtenAtMs(line);
      if (sinceMs !== undefined && atMs !== undefined) this.#isYoung = atMs >= sinceMs;
      return this.#isYoung;
    });
  }
}
