import { dirname, join } from 'node:path';
import type { LaunchEvent } from '../domain/events.js';
import { LaunchError } from '../domain/failure.js';
import { type InstanceRecord, isRecord, recordAfter } from '../domain/instance.js';
import { parseJson } from '../domain/json.js';
import { mention, mentioning, type Text } from '../domain/text.js';
import type { ProcessIdentity } from '../domain/tree.js';
import { logFileOf } from '../state/folder.js';
import { nodeSystem, type System } from '../system/index.js';
import { rethrowShortage } from '../system/shortage.js';

const FOLDER = 'instances';

/** The path of an instance's record. */
export const recordFileOf = (folder: string, name: string): string => join(folder, FOLDER, `${name}.json`);

const TRY_AGAIN_MS = 1_000;

/** Keeps the record of one instance on disk; a disk that refuses it never costs the server. */
export class RecordKeeper {
  #record: InstanceRecord;
  #isWritten = true;
  readonly #closed = new AbortController();

  constructor(
    private readonly folder: string,
    record: InstanceRecord,
    private readonly warn: (text: Text) => void,
    private readonly system: Pick<System, 'clock' | 'files' | 'processes'> = nodeSystem,
  ) {
    this.#record = record;
    this.#write();
  }

  note(event: LaunchEvent): void {
    const server = event.event === 'starting' ? this.#identityOf(event.pid) : undefined;
    this.#record = recordAfter(this.#record, event, this.#now(), server);
    this.#write();
  }

  /** Notes what is another thing from now on. */
  change(changed: Partial<InstanceRecord>): void {
    this.#record = { ...this.#record, ...changed };
    this.#write();
  }

  /** Notes whom the server waits for from now on. */
  noteAwaited(awaits: readonly string[]): void {
    this.#record = { ...this.#record, awaits };
    this.#write();
  }

  /** The last word: how the launch ended. What has outlived it is found by the record, so that `exited` would hide it. */
  close({ code, failure }: { readonly code: number; readonly failure: string | undefined }, isServerUp: boolean): void {
    const exit = { code, ...(failure !== undefined && { failure }), at: this.#now() };
    const { awaits: _, ...record } = this.#record;
    this.#record = {
      ...record,
      holders: [],
      exit,
      ...(isServerUp ? { status: 'stopping' } : { status: 'exited', pid: null }),
    };
    this.#closed.abort();
    this.#write();
  }

  #now = (): string => new Date(this.system.clock.date()).toISOString();

  #identityOf(pid: number): ProcessIdentity | null {
    const row = this.system.processes.find(pid);
    return row ? { pid: row.pid, startTime: row.startTime } : null;
  }

  #write(): void {
    const wasWritten = this.#isWritten;
    try {
      this.system.files.replaceText(recordFileOf(this.folder, this.#record.name), `${JSON.stringify(this.#record)}\n`);
      this.#isWritten = true;
    } catch (error) {
      this.#isWritten = false;
      if (!wasWritten) return;
      const { message } = error as Error;
      this.warn(
        mentioning`What this instance does can't be written down (${message}): ${mention.command('ps', { isShort: true })} will not show it.`,
      );
      void this.#tryAgain();
    }
  }

  /** A disk recovers, and the next event may be days away: until then nobody could find or stop the instance. */
  async #tryAgain(): Promise<void> {
    while (!this.#isWritten && !this.#closed.signal.aborted) {
      await this.system.clock.sleep(TRY_AGAIN_MS, this.#closed.signal);
      if (!this.#isWritten && !this.#closed.signal.aborted) this.#write();
    }
  }
}

/**
 * Every record in a state folder; torn and foreign files say nothing. Where its log and its socket are is not believed,
 * but told by its name and the id of its lease.
 */
export function readRecords(
  folder: string,
  { control, files }: Pick<System, 'control' | 'files'> = nodeSystem,
): InstanceRecord[] {
  return files
    .filesIn(join(folder, FOLDER))
    .flatMap((name) =>
      name.endsWith('.json') ? (readRecordOf(folder, name.slice(0, -'.json'.length), { control, files }) ?? []) : [],
    );
}

/** The record of one instance, read as {@link readRecords} does; undefined where there is none. */
export function readRecordOf(
  folder: string,
  name: string,
  { control, files }: Pick<System, 'control' | 'files'> = nodeSystem,
): InstanceRecord | undefined {
  const record = readRecord(recordFileOf(folder, name), files);
  if (record?.name !== name) return undefined;
  return { ...record, logFile: logFileOf(folder, name), socket: control.addressOf(record.leaseId, folder) };
}

function readRecord(path: string, files: System['files']): InstanceRecord | undefined {
  try {
    const value = parseJson(files.readText(path) ?? 'null');
    return isRecord(value) ? value : undefined;
  } catch (error) {
    rethrowShortage(error);
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw unreadable(path);
    return undefined;
  }
}

/**
 * The failure for a record that may not be read, written by root, say: passing over it would mean that nothing runs.
 */
const unreadable = (path: string): LaunchError =>
  new LaunchError({
    kind: 'unusable-state-folder',
    folder: dirname(dirname(path)),
    reason: `${path} may not be read`,
    hint: `Another user has written it: stop what it tells of as that user, then remove it.`,
  });
