import { LaunchError } from '../domain/failure.js';
import { stripColours } from '../domain/log.js';
import { readLog, YoungLines } from './internal/log.js';
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
  const lines = new LineBuffer(new YoungLines(sinceMs));
  const leave = (): void => lines.end();
  closed.addEventListener('abort', leave, { once: true });
  const wanted = { tail, sinceMs, signal: closed, over: follow ? over : undefined };
  const reading = readLog(log, wanted, (block) => lines.take(block));
  reading.then(leave, leave);
  try {
    for await (const line of lines) yield stripColours(line);
    if (!closed.aborted) await reading;
  } finally {
    left.abort();
  }
}

/** Lines that wait for whoever takes them; what comes next waits for that. */
class LineBuffer implements AsyncIterable<string> {
  #lines: string[] = [];
  #isOver = false;
  #taken = (): void => {};
  #wake = (): void => {};

  constructor(private readonly source: YoungLines) {}

  /** Resolves once all of it is taken. */
  take(block: Buffer): Promise<void> {
    this.#lines = this.source.take(block);
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
    yield* this.source.rest();
  }
}
