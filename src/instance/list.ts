import { productNamed } from '../domain/catalogue.js';
import { LaunchError } from '../domain/failure.js';
import type { InstanceRecord, Status } from '../domain/instance.js';
import { isStill } from '../domain/tree.js';
import { adoptServer } from '../server/start.js';
import { removeGenerated } from '../state/configuration-copy.js';
import { checkOwn, stateFolder } from '../state/folder.js';
import { nodeSystem, type System } from '../system/index.js';
import { findLeftElsewhere, isElsewhere, lifeElsewhere } from './elsewhere.js';
import { readRecords } from './records.js';

/** An instance as it is now, not as its supervisor last wrote. */
export interface Instance extends Omit<InstanceRecord, 'status'> {
  readonly status: Status;
  /**
   * Present where the pids are those of another PID namespace, as of a container: nobody here may be signalled by them.
   */
  readonly isElsewhere?: true;
}

export const isRunning = ({ status }: Pick<Instance, 'status'>): boolean => status !== 'exited';

/** Whether an instance runs, and has a supervisor that can be asked. */
export const isLive = (instance: Pick<Instance, 'status'>): boolean =>
  isRunning(instance) && instance.status !== 'orphaned';

type ListingSystem = Pick<System, 'clock' | 'control' | 'files' | 'leases' | 'processes'> &
  Parameters<typeof stateFolder>[0];
type Left = Pick<InstanceRecord, 'name' | 'home' | 'leaseId' | 'socket'>;

/**
 * Every instance of this state folder, the running ones and the last exited of each name.
 * Files left by instances that were killed, guard and all, are cleared away.
 * @throws LaunchError `unusable-state-folder` where it is another user's, or no folder
 */
export async function listInstances(system: ListingSystem = nodeSystem): Promise<Instance[]> {
  const folder = stateFolder(system);
  checkOwn(folder, system); // a folder that can't be read would look empty
  const records = [...readRecords(folder, system)].sort((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(records.map((record) => lookAt(record, system)));
}

async function lookAt(record: InstanceRecord, system: ListingSystem): Promise<Instance> {
  const { processes } = system;
  if (record.status === 'exited') return record;
  const isThisBoot = record.boot === processes.bootId();
  if (isThisBoot && isElsewhere(record, processes)) return lookElsewhere(record, system);
  const isSupervised = isThisBoot && isStill(processes.find(record.supervisor.pid), record.supervisor);
  if (isSupervised && !isClearedUp(record, system)) return record;
  const left = isThisBoot ? (adoptServer(record, system)?.tree() ?? []) : [];
  const pid = left.some((row) => row.pid === record.pid) ? record.pid : null;
  if (left.length > 0) return { ...record, status: 'orphaned', pid };
  clearAway(record, system);
  return { ...record, status: 'exited', pid: null };
}

/**
 * Whether a guard has stopped an instance and cleared up, though its supervisor's process goes on: as that of a thread
 * does which was ended, a test runner's worker say. A supervisor has its lease and its socket to the end.
 */
const isClearedUp = (record: InstanceRecord, system: ListingSystem): boolean =>
  !system.files.exists(system.leases.fileOf(record.leaseId)) &&
  !system.files.exists(record.socket) &&
  !adoptServer(record, system)?.tree().length;

/** An instance elsewhere as it was written, unless it is known to be over: what can't be seen is not dead. */
async function lookElsewhere(record: InstanceRecord, system: ListingSystem): Promise<Instance> {
  const life = await lifeElsewhere(record, system);
  if (life === 'alive') return { ...record, isElsewhere: true };
  const left = findLeftElsewhere(record, system);
  const seesAll = system.processes.seesAllPids();
  if (life === 'unknown' && (left || !seesAll)) return { ...record, isElsewhere: true };
  if (left) return { ...record, ...left, status: 'orphaned', pid: null };
  if (seesAll) clearAway(record, system);
  return { ...record, isElsewhere: true, status: 'exited', pid: null };
}

/** Clears away an ended instance's files, as nobody else does once supervisor and guard are gone. */
export function clearAway(left: Left, system: ListingSystem): void {
  const folder = stateFolder(system);
  // The name may have been given away meanwhile, and what lies there is another instance's.
  const isStillLast = readRecords(folder, system).some(({ leaseId }) => leaseId === left.leaseId);
  if (isStillLast) removeGenerated(left, folder, system);
  system.control.forget(left.socket);
  system.leases.remove(left.leaseId);
}

/** The instance of a name. @throws LaunchError `unknown-instance`, `unusable-state-folder` */
export async function findInstance(name: string, system: ListingSystem = nodeSystem): Promise<Instance> {
  const all = await listInstances(system);
  const found = instanceNamed(all, name);
  if (found) return found;
  throw new LaunchError({ kind: 'unknown-instance', name, known: all.filter(isRunning).map((one) => one.name) });
}

/** The running instance of a name. @throws LaunchError `unknown-instance`, `not-running`, `unusable-state-folder` */
export async function findRunning(name: string, system: ListingSystem = nodeSystem): Promise<Instance> {
  const found = await findInstance(name, system);
  if (isRunning(found)) return found;
  throw new LaunchError({ kind: 'not-running', name, ended: found.exit?.at ?? null, logFile: found.logFile });
}

/** The only instance that runs. @throws LaunchError `none-running`, `several-running`, `unusable-state-folder` */
export async function findOnlyRunning(system: ListingSystem = nodeSystem): Promise<Instance> {
  const running = (await listInstances(system)).filter(isRunning);
  const [only] = running;
  if (!only) throw new LaunchError({ kind: 'none-running' });
  if (running.length > 1) throw new LaunchError({ kind: 'several-running', names: running.map(({ name }) => name) });
  return only;
}

/** The instance that a word means: its name or, where no instance has that, an alias of the product it is named after. */
export const instanceNamed = (instances: readonly Instance[], word: string): Instance | undefined =>
  instances.find(({ name }) => name === word) ?? instances.find(({ name }) => name === productNamed(word));
