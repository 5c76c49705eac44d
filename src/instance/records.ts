import { join } from 'node:path';
import type { LaunchEvent } from '../domain/events.js';
import { type InstanceRecord, isRecord, type ListedHolder, recordAfter } from '../domain/instance.js';
import type { ProcessIdentity } from '../domain/tree.js';
import { logFileOf } from '../state/folder.js';
import { nodeSystem, type System } from '../system/index.js';

const FOLDER = 'instances';

const fileOf = (folder: string, name: string): string => join(folder, FOLDER, `${name}.json`);

/** Keeps the record of one instance on disk; a disk that refuses it never costs the server. */
export class RecordKeeper {
  #record: InstanceRecord;

  constructor(
    private readonly folder: string,
    record: InstanceRecord,
    private readonly warn: (text: string) => void,
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

  /** Who uses it has changed. */
  noteHolders(holders: readonly ListedHolder[]): void {
    this.#record = { ...this.#record, holders };
    this.#write();
  }

  /** The last word: how the launch ended. */
  close(code: number, failure?: string): void {
    const exit = { code, ...(failure !== undefined && { failure }), at: this.#now() };
    this.#record = { ...this.#record, status: 'exited', pid: null, holders: [], exit };
    this.#write();
  }

  #now = (): string => new Date(this.system.clock.date()).toISOString();

  #identityOf(pid: number): ProcessIdentity | null {
    const row = this.system.processes.find(pid);
    return row ? { pid: row.pid, startTime: row.startTime } : null;
  }

  #write(): void {
    try {
      this.system.files.replaceText(fileOf(this.folder, this.#record.name), `${JSON.stringify(this.#record)}\n`);
    } catch (error) {
      this.warn(`What this instance does can't be written down (${(error as Error).message}): ps will not show it.`);
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
  return files.filesIn(join(folder, FOLDER)).flatMap((name) => {
    const record = name.endsWith('.json') ? readRecord(join(folder, FOLDER, name), files) : undefined;
    if (!record || `${record.name}.json` !== name) return [];
    return [{ ...record, logFile: logFileOf(folder, record.name), socket: control.addressOf(record.leaseId, folder) }];
  });
}

function readRecord(path: string, files: System['files']): InstanceRecord | undefined {
  try {
    const value: unknown = JSON.parse(files.readText(path) ?? 'null');
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
