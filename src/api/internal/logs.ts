import { LaunchError } from '../../domain/failure.js';
import { findInstance, findOnlyRunning, type Instance, isRunning, listInstances } from '../../instance/list.js';
import type { WantedLines } from '../../server/log-parts.js';
import { untilAborted } from '../../system/clock.js';
import { nodeSystem } from '../../system/index.js';
import { readLog, YoungLines } from './log.js';
import { RecordJoiner } from './record-joiner.js';

const LOOK_MS = 500;

/** The instances of these names, or the only one that runs, each of which has a log. @throws LaunchError */
export async function findLogged(names: readonly string[]): Promise<Instance[]> {
  const named = await Promise.all(names.map((name) => findInstance(name)));
  const instances = names.length === 0 ? [await findOnlyRunning()] : distinct(named);
  for (const { name, logFile } of instances) {
    if (!nodeSystem.files.isFile(logFile)) throw new LaunchError({ kind: 'unusable-log', name, file: logFile });
  }
  return instances;
}

/** Two words may mean one: its name, and an alias. */
const distinct = (instances: readonly Instance[]): Instance[] =>
  instances.filter(({ name }, index) => instances.findIndex((one) => one.name === name) === index);

export interface WantedLogs extends WantedLines {
  /** Whether they are read on while one of the instances runs. */
  readonly isFollowed: boolean;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** A reader of one log. */
export interface LogReader {
  /** @param block is used again once the promise resolves */
  take(block: Buffer): Promise<void>;
  /** Hands over a last line that has no end. */
  finish(): Promise<void>;
}

/** Reads the logs of several instances at once, each at the pace of its reader. */
export const readLogs = (
  instances: readonly Instance[],
  wanted: WantedLogs,
  readerOf: (instance: Instance) => LogReader,
): Promise<void> =>
  // A reader that has stopped is waited for: it may go on tomorrow.
  Promise.race([readAll(instances, wanted, readerOf), untilAborted(wanted.signal)]);

async function readAll(
  instances: readonly Instance[],
  { isFollowed, ...wanted }: WantedLogs,
  readerOf: (instance: Instance) => LogReader,
): Promise<void> {
  const over = isFollowed ? untilNoneRuns(instances, wanted.signal) : undefined;
  over?.catch(() => {}); // whoever reads a log on hears of it
  const readers = instances.map(readerOf);
  const take = (index: number) => (block: Buffer) => (readers[index] as LogReader).take(block);
  await Promise.all(instances.map((instance, index) => readLog(instance, { ...wanted, over }, take(index))));
  await Promise.all(readers.map((reader) => reader.finish()));
}

async function untilNoneRuns(instances: readonly Instance[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await isAnyRunning(instances))) await nodeSystem.clock.sleep(LOOK_MS, signal);
}

async function isAnyRunning(instances: readonly Instance[]): Promise<boolean> {
  const now = await listInstances();
  return instances.some(({ leaseId }) => now.some((one) => one.leaseId === leaseId && isRunning(one)));
}

/** Reads a log record by record: where several share a terminal, no line of another comes between. */
export class RecordReader implements LogReader {
  readonly #lines: YoungLines;
  readonly #records: RecordJoiner;
  #written = Promise.resolve();

  /** @param sinceMs the oldest time wanted, in milliseconds since 1970; undefined: all */
  constructor(sinceMs: number | undefined, write: (lines: readonly string[]) => Promise<void>) {
    this.#lines = new YoungLines(sinceMs);
    this.#records = new RecordJoiner((lines) => {
      this.#written = this.#written.then(() => write(lines));
    });
  }

  async take(block: Buffer): Promise<void> {
    this.#records.take(this.#lines.take(block));
    await this.#written;
  }

  finish(): Promise<void> {
    this.#records.take(this.#lines.rest());
    this.#records.finish();
    return this.#written;
  }
}
