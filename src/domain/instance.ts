import { factsOf, type ProductId } from './catalogue.js';
import type { LaunchEvent } from './events.js';
import { type EffectivePort, effectivePorts } from './ports.js';
import type { ProcessIdentity } from './tree.js';
import { urlsOf } from './urls.js';

/** What an instance is doing, in the words of `ps`. */
export type Status = 'starting' | 'ready' | 'unhealthy' | 'restarting' | 'stopping' | 'exited' | 'orphaned';

/** What its supervisor writes down of an instance; `ps` and its like read it, whatever version wrote it. */
export interface InstanceRecord {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly product: string;
  readonly version: string | null;
  readonly kernel?: string;
  readonly home: string;
  /** What runs once, where that is not the home. */
  readonly runtimeHome?: string;
  readonly offset: number;
  /** Never `orphaned`: that is what others find when the supervisor is gone. */
  readonly status: Exclude<Status, 'orphaned'>;
  /** The JVM's, while it is ready. */
  readonly pid: number | null;
  readonly ports: readonly EffectivePort[];
  readonly urls: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly readyAt: string | null;
  readonly restarts: number;
  readonly logFile: string;
  readonly isDetached: boolean;
  /** How long a graceful stop may take; older versions don't say. */
  readonly stopTimeoutMs?: number;
  /** The lease's id, which is also the tag of its processes. */
  readonly leaseId: string;
  readonly boot: string | null;
  readonly supervisor: ProcessIdentity;
  /** The start script, leader of the session that the server lives in; null until there is one. */
  readonly server: ProcessIdentity | null;
  /** Where the supervisor listens. */
  readonly socket: string;
  /** How the launch ended, once it has. */
  readonly exit?: { readonly code: number; readonly failure?: string; readonly at: string };
}

/** The record after an event; `server` is the process that a `starting` speaks of. */
export function recordAfter(
  record: InstanceRecord,
  event: LaunchEvent,
  at: string,
  server: ProcessIdentity | null = record.server,
): InstanceRecord {
  switch (event.event) {
    case 'planned':
      return record;
    case 'starting':
      return { ...record, status: 'starting', ...moved(record, event.offset), server, pid: null };
    case 'retrying':
      return { ...record, status: 'starting', ...moved(record, event.nextOffset), pid: null };
    case 'ready':
      return {
        ...record,
        status: 'ready',
        offset: event.offset,
        pid: event.pid,
        ports: event.ports,
        urls: event.urls,
        readyAt: at,
      };
    case 'unhealthy':
      return { ...record, status: 'unhealthy' };
    case 'restarting':
      return { ...record, status: 'restarting', restarts: record.restarts + 1, pid: null };
    case 'stopping':
      return { ...record, status: 'stopping' };
    case 'stopped':
      return { ...record, pid: null };
  }
}

/** Ports at another offset; `ready` brings them again, as they were found. */
function moved(record: InstanceRecord, offset: number): Pick<InstanceRecord, 'offset' | 'ports' | 'urls'> {
  const ports = effectivePorts(record.ports, offset);
  return { offset, ports, urls: urlsOf(factsOf(record.product as ProductId).urls, ports) };
}

/** Whether a file's content is a record that this version can read. */
export function isRecord(value: unknown): value is InstanceRecord {
  const record = value as Partial<InstanceRecord> | null;
  return (
    typeof record === 'object' &&
    record !== null &&
    record.schemaVersion === 1 &&
    ['name', 'product', 'home', 'status', 'startedAt', 'logFile', 'leaseId', 'socket'].every(
      (key) => typeof record[key as keyof InstanceRecord] === 'string',
    ) &&
    Number.isInteger(record.offset) &&
    Array.isArray(record.ports) &&
    record.ports.every((port) => typeof port?.name === 'string' && Number.isInteger(port.number)) &&
    typeof record.urls === 'object' &&
    record.urls !== null &&
    isIdentity(record.supervisor) &&
    (record.server === null || isIdentity(record.server))
  );
}

const isIdentity = (value: unknown): boolean => {
  const identity = value as Partial<ProcessIdentity> | null | undefined;
  return Number.isInteger(identity?.pid) && typeof identity?.startTime === 'string';
};
