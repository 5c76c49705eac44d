import { type BootReport, withBoot } from './boot.js';
import { factsOf, type ProductId } from './catalogue.js';
import type { LaunchEvent } from './events.js';
import { isInstanceName, isLeaseId } from './names.js';
import { type EffectivePort, effectivePorts } from './ports.js';
import type { ProcessIdentity } from './tree.js';
import { urlsOf } from './urls.js';

/** The state of an instance, in the words of `ps`. */
export type Status = 'starting' | 'ready' | 'unhealthy' | 'restarting' | 'stopping' | 'exited' | 'orphaned';

/** A process that uses a server, and what it calls itself. */
export interface Holder {
  readonly pid: number;
  readonly label: string;
}

export interface ListedHolder extends Holder {
  /** ISO 8601. */
  readonly since: string;
}

/** The record that a supervisor writes of its instance; `ps` and its like read it, whatever version wrote it. */
export interface InstanceRecord {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly product: string;
  readonly version: string | null;
  readonly kernel?: string;
  readonly home: string;
  /** The folder in which only one server may run, where that is not the home. */
  readonly runtimeHome?: string;
  /** The folder that a private home was made from; absent: the home is no private one. */
  readonly installation?: string;
  readonly offset: number;
  /** Never `orphaned`: that is what others find when the supervisor is gone. */
  readonly status: Exclude<Status, 'orphaned'>;
  /** The JVM's pid, while the server is ready. */
  readonly pid: number | null;
  readonly ports: readonly EffectivePort[];
  readonly urls: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly readyAt: string | null;
  readonly restarts: number;
  /** The times of the home's last boots, in milliseconds; versions before remember none. */
  readonly bootTimes?: readonly number[];
  /** Whom a starting server waits for before it goes on; empty where it may yet, or has waited. Absent: for nobody. */
  readonly awaits?: readonly string[];
  /** Where the time of the last boot went. */
  readonly bootReport?: BootReport;
  readonly logFile: string;
  readonly isDetached: boolean;
  /** The processes that use it for as long as their connections live; versions before know none. */
  readonly holders?: readonly ListedHolder[];
  /** The JDK that its server was started with last; versions before don't say. */
  readonly javaHome?: string;
  /** The key of its launch: whoever asks for the same may use it. See {@link sharingKey}. */
  readonly key?: string;
  /** The time that a graceful stop may take; older versions don't say. */
  readonly stopTimeoutMs?: number;
  /** The lease's id, which is also the tag of its processes. */
  readonly leaseId: string;
  readonly boot: string | null;
  /** The namespace of these pids; version 0.1.0 does not say. */
  readonly pidNamespace?: string | null;
  /** The folder of its lease, to tell whether others see the same one. */
  readonly leasePlace?: string | null;
  readonly supervisor: ProcessIdentity;
  /** The start script, leader of the session that the server lives in; null until there is one. */
  readonly server: ProcessIdentity | null;
  /** The socket on which the supervisor listens. */
  readonly socket: string;
  /** The end of the launch, once it has ended. */
  readonly exit?: { readonly code: number; readonly failure?: string; readonly at: string };
}

/** The record after an event; `server` is the process that a `starting` speaks of. */
export function recordAfter(
  record: InstanceRecord,
  event: LaunchEvent,
  at: string,
  server: ProcessIdentity | null = record.server,
): InstanceRecord {
  // Whoever waited for somebody does so until it is ready or over.
  const { awaits: _, ...former } = record;
  switch (event.event) {
    case 'copying':
    case 'planned':
      return record;
    case 'starting':
      return { ...former, status: 'starting', ...moved(record, event.offset), server, pid: null, ...jdkOf(event) };
    case 'retrying':
      return { ...former, status: 'starting', ...moved(record, event.nextOffset), pid: null };
    case 'ready':
      return {
        ...former,
        status: 'ready',
        offset: event.offset,
        pid: event.pid,
        ports: event.ports,
        urls: event.urls,
        readyAt: at,
        ...afterBoot(record, event),
      };
    case 'unhealthy':
      return { ...record, status: 'unhealthy' };
    case 'restarting':
      return { ...former, status: 'restarting', restarts: record.restarts + 1, pid: null };
    case 'stopping':
      return { ...former, status: 'stopping' };
    case 'stopped':
      return { ...record, pid: null };
  }
}

const jdkOf = ({ command }: Extract<LaunchEvent, { event: 'starting' }>): Pick<InstanceRecord, 'javaHome'> => {
  const javaHome = command.env.set['JAVA_HOME'];
  return javaHome === undefined ? {} : { javaHome };
};

/**
 * What a boot leaves behind; a server that is well again has not booted. How long one has waited for a debugger says
 * nothing of the next.
 */
function afterBoot(
  { status, bootTimes, awaits }: InstanceRecord,
  { boot: bootReport, durationMs }: Extract<LaunchEvent, { event: 'ready' }>,
): Pick<InstanceRecord, 'bootTimes' | 'bootReport'> {
  if (status === 'unhealthy') return {};
  return { ...(!awaits && { bootTimes: withBoot(bootTimes, durationMs) }), ...(bootReport && { bootReport }) };
}

/** Ports at another offset; `ready` brings them again, as they were found. */
function moved(record: InstanceRecord, offset: number): Pick<InstanceRecord, 'offset' | 'ports' | 'urls'> {
  const ports = effectivePorts(record.ports, offset);
  return { offset, ports, urls: urlsOf(factsOf(record.product as ProductId).urls, ports) };
}

/** Whether a file's content is a record that this version can read: each field has the form that it is written in. */
export function isRecord(value: unknown): value is InstanceRecord {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(FORMS).every(([key, hasForm]) => hasForm((value as Record<string, unknown>)[key]));
}

type FieldForm = (value: unknown) => boolean;

const isText: FieldForm = (value) => typeof value === 'string';
const isCount: FieldForm = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPid: FieldForm = (value) => Number.isSafeInteger(value) && (value as number) > 0; // others mean whole groups
const orNull =
  (form: FieldForm): FieldForm =>
  (value) =>
    value === null || form(value);
const orNothing =
  (form: FieldForm): FieldForm =>
  (value) =>
    value === undefined || form(value);
const isWord: FieldForm = (value) => isText(value) && /^[a-z][a-z-]*$/.test(value as string);
/** Whether a path is absolute on a POSIX system or on Windows, and has no `..` in it. */
export const isAbsolutePath: FieldForm = (value) =>
  isText(value) && /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(value as string) && !/(^|[\\/])\.\.([\\/]|$)/.test(value as string);

const isIdentity: FieldForm = (value) => {
  const identity = value as Partial<ProcessIdentity> | null | undefined;
  return isPid(identity?.pid) && isText(identity?.startTime);
};

const isPort: FieldForm = (value) => {
  const port = value as Partial<EffectivePort> | null;
  return isText(port?.name) && isCount(port?.number) && (port?.number as number) <= 65_535;
};

const areUrls: FieldForm = (value) => typeof value === 'object' && value !== null && Object.values(value).every(isText);

const isExit: FieldForm = (value) => {
  const exit = value as InstanceRecord['exit'] | null;
  return isCount(exit?.code) && isText(exit?.at) && orNothing(isText)(exit?.failure);
};

const isBootReport: FieldForm = (value) => {
  const { durationMs, phases, gaps, artifacts } = (value ?? {}) as Partial<Record<keyof BootReport, unknown>>;
  const isListOf = (list: unknown, key: string): boolean =>
    Array.isArray(list) && list.every((one) => isText(one?.[key]) && Number.isFinite(one?.durationMs));
  return (
    Number.isFinite(durationMs) && isListOf(phases, 'phase') && isListOf(gaps, 'after') && isListOf(artifacts, 'name')
  );
};

/** The longest label, in characters: it is written down, and shown in a table. */
export const LONGEST_LABEL = 200;

export function isHolder(value: unknown): value is Holder {
  const { pid, label } = (value ?? {}) as Partial<Holder>;
  return isPid(pid) && isText(label) && (label as string).length <= LONGEST_LABEL;
}

const areHolders: FieldForm = (value) =>
  Array.isArray(value) && value.every((one) => isHolder(one) && isText((one as Partial<ListedHolder>).since));

const FORMS: Readonly<Record<keyof InstanceRecord, FieldForm>> = {
  schemaVersion: (value) => value === 1,
  name: (value) => isText(value) && isInstanceName(value as string),
  product: isWord,
  version: orNull(isText),
  kernel: orNothing(isText),
  home: isAbsolutePath,
  runtimeHome: orNothing(isAbsolutePath),
  installation: orNothing(isAbsolutePath),
  offset: Number.isSafeInteger,
  status: isWord, // later versions may know others
  pid: orNull(isPid),
  ports: (value) => Array.isArray(value) && value.every(isPort),
  urls: areUrls,
  startedAt: isText,
  readyAt: orNull(isText),
  restarts: isCount,
  bootTimes: orNothing((value) => Array.isArray(value) && value.every(isCount)),
  awaits: orNothing((value) => Array.isArray(value) && value.every(isText)),
  bootReport: orNothing(isBootReport),
  logFile: isText,
  isDetached: (value) => typeof value === 'boolean',
  holders: orNothing(areHolders),
  javaHome: orNothing(isAbsolutePath),
  key: orNothing(isText),
  stopTimeoutMs: orNothing(isCount),
  leaseId: (value) => isText(value) && isLeaseId(value as string),
  boot: orNull(isText),
  pidNamespace: orNothing(orNull(isText)),
  leasePlace: orNothing(orNull(isText)),
  supervisor: isIdentity,
  server: orNull(isIdentity),
  socket: isText,
  exit: orNothing(isExit),
};
