import { TAG_VARIABLE } from '../domain/command.js';
import type { InstanceRecord } from '../domain/instance.js';
import { nodeSystem, type System } from '../system/index.js';
import type { LiveLease } from '../system/leases.js';
import { readRecords } from './records.js';

// Instances of another PID namespace, such as a container's, whose state folder is ours as well. Their pids mean others.

type AskingElsewhere = Pick<System, 'control' | 'leases'>;

/** Whether a record's pids are of another namespace; those that version 0.1.0 wrote count as ours. */
export const isElsewhere = (
  { pidNamespace }: Pick<InstanceRecord, 'pidNamespace'>,
  { pidNamespace: ours }: Pick<System['processes'], 'pidNamespace'>,
): boolean => pidNamespace !== undefined && pidNamespace !== ours();

/** Whether supervisor or guard lives: by the witness beside its lease, or by the supervisor's own socket. */
export async function lifeElsewhere(
  { leaseId, leasePlace, socket }: Pick<InstanceRecord, 'leaseId' | 'leasePlace' | 'socket'>,
  { control, leases }: AskingElsewhere = nodeSystem,
): Promise<'alive' | 'over' | 'unknown'> {
  const said = await leases.askWitness(leaseId);
  if (said === 'alive' || (await control.isHeard(socket))) return 'alive';
  // The witness goes with its lease; but other folders, as a container has, may never have had it.
  const isSamePlace = typeof leasePlace === 'string' && leasePlace === leases.place();
  return said === 'dead' || (said === 'missing' && isSamePlace) ? 'over' : 'unknown';
}

/** The running instances of other PID namespaces, as leases: their own may lie in a folder that we don't see. */
export async function leasesElsewhere(
  stateFolder: string,
  system: Pick<System, 'control' | 'files' | 'leases' | 'processes'> = nodeSystem,
): Promise<LiveLease[]> {
  const isRunning = (record: InstanceRecord): boolean =>
    record.status !== 'exited' && record.boot === system.processes.bootId() && isElsewhere(record, system.processes);
  const live: LiveLease[] = [];
  for (const record of readRecords(stateFolder, system).filter(isRunning)) {
    if ((await lifeElsewhere(record, system)) !== 'over') live.push(leaseOf(record, stateFolder, system));
  }
  return live;
}

function leaseOf(record: InstanceRecord, stateFolder: string, { files }: Pick<System, 'files'>): LiveLease {
  const { leaseId: id, name, product, home, runtimeHome = home, offset, boot, supervisor, server } = record;
  return {
    ...{ schemaVersion: 1, id, name, product, home: files.realPath(runtimeHome), offset, ports: [], boot },
    ...{ networkNamespace: null, supervisor, server, stateFolder, isSupervised: true, isElsewhere: true },
    keepsPorts: false,
  };
}

/** The remains of the instance's server, as far as they can be seen: the process that leads it has another pid here. */
export function findLeftElsewhere(
  { leaseId, server }: Pick<InstanceRecord, 'leaseId' | 'server'>,
  { processes }: Pick<System, 'processes'> = nodeSystem,
): Pick<InstanceRecord, 'server'> | undefined {
  const rows = processes.snapshot();
  const tagged = processes.withVariable(rows, TAG_VARIABLE, leaseId, { pid: 0, startTime: '0' });
  const left = rows
    .filter(({ pid, isZombie }) => tagged.has(pid) && !isZombie)
    .sort((a, b) => Number(a.startTime) - Number(b.startTime));
  const leader =
    left.find(({ pid, session, startTime }) => pid === session && startTime === server?.startTime) ?? left[0];
  return leader && { server: { pid: leader.pid, startTime: leader.startTime } };
}
