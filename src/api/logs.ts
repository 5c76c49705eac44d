import { LaunchError } from '../domain/failure.js';
import { stripColours } from '../domain/log.js';
import { LineSplitter, writtenAtMs } from '../server/log-lines.js';
import { type LogPart, partsOfLog } from '../server/log-parts.js';
import { untilAborted } from '../system/clock.js';
import { followFile, readThrough } from '../system/follow.js';
import { publicError } from './public-error.js';
import type { LogOptions } from './types.js';

/** The log of a server, which is written while it is read. */
export interface LogSubject {
  readonly name: string;
  readonly logFile: string;
  /** ISO 8601; what is older is another launch's. */
  readonly startedAt: string;
  readonly over: Promise<unknown>;
}

/** The lines of a log, without colours, at the pace of whoever takes them. @throws LaunchError `unusable-log` */
export async function* logLines(log: LogSubject, options: LogOptions): AsyncGenerator<string> {
  try {
    yield* readLines(log, options);
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw publicError(isGone ? new LaunchError({ kind: 'unusable-log', name: log.name, file: log.logFile }) : error);
  }
}

async function* readLines(
  { over, ...log }: LogSubject,
  { tail, since, follow = false, signal }: LogOptions,
): AsyncGenerator<string> {
  const sinceMs = typeof since === 'number' ? Date.now() - since : since?.getTime();
  const left = new AbortController();
  const closed = signal ? AbortSignal.any([left.signal, signal]) : left.signal;
  const lines = new LineBuffer();
  const leave = (): void => lines.end();
  closed.addEventListener('abort', leave, { once: true });
  const take = (block: Buffer): Promise<void> => lines.take(block);
  const reading = read(partsOfLog(log, { tail, sinceMs }), take, closed, follow ? over : undefined);
  reading.then(leave, leave);
  let isYoung = sinceMs === undefined;
  try {
    for await (const line of lines) {
      // A line without a time belongs to the one above it.
      const atMs = writtenAtMs(line);
      if (sinceMs !== undefined && atMs !== undefined) isYoung = atMs >= sinceMs;
      if (isYoung) yield stripColours(line);
    }
    if (!closed.aborted) await reading;
  } finally {
    left.abort();
  }
}

/** @param over where it is given, what is written until then is read as well */
async function read(
  parts: readonly LogPart[],
  take: (block: Buffer) => Promise<void>,
  signal: AbortSignal,
  over: Promise<unknown> | undefined,
): Promise<void> {
  const last = parts.at(-1);
  for (const { file, from } of over ? parts.slice(0, -1) : parts) await readThrough(file, from, take, signal);
  if (!over || !last || signal.aborted) return;
  const follower = followFile(last.file, last.from, take);
  const leave = (): void => follower.close();
  signal.addEventListener('abort', leave, { once: true });
  await Promise.race([over, untilAborted(signal)]);
  if (!signal.aborted) await follower.caughtUp(Number.POSITIVE_INFINITY);
  follower.close();
}

/** Lines that wait for whoever takes them; what comes next waits for that. */
class LineBuffer implements AsyncIterable<string> {
  readonly #splitter = new LineSplitter();
  readonly #decoder = new TextDecoder();
  #lines: string[] = [];
  #isOver = false;
  #taken = (): void => {};
  #wake = (): void => {};

  /** Resolves once all of it is taken. */
  take(block: Buffer): Promise<void> {
    this.#lines = this.#splitter.take(this.#decoder.decode(block, { stream: true }));
    return new Promise((resolve) => {
      if (this.#lines.length === 0 || this.#isOver) return resolve();
      this.#taken = resolve;
      this.#wake();
    });
  }

  end(): void {
    this.#isOver = true;
    this.#taken();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      for (const line of this.#lines.splice(0)) yield line;
      this.#taken();
      if (this.#lines.length > 0) continue;
      if (this.#isOver) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    yield* this.#splitter.rest();
  }
}
