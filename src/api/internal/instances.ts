import { dirname } from 'node:path';
import { usualBootMs } from '../../domain/boot.js';
import type { ForeignServer } from '../../instance/foreign.js';
import {
  findInstance,
  findOnlyRunning,
  findRunning,
  type Instance,
  instanceNamed,
  isLive,
  isRunning,
  listInstances,
} from '../../instance/list.js';
import { lostLinesText } from '../../server/rotate.js';
import { stateFolder } from '../../state/folder.js';
import { nodeSystem } from '../../system/index.js';
import type { Instance as InstanceDocument } from '../types.js';

export { type Instance, isRunning };

/** The folder that has the records of instances, where no variable names another one. */
export const usualStateFolder = (): string =>
  stateFolder({ ...nodeSystem, env: { ...nodeSystem.env, WSO2_LAUNCH_STATE_DIR: undefined } });

/** The resources that a JVM takes; null where they can't be known. */
export type Usage = Pick<InstanceDocument, 'cpuPercent' | 'memoryBytes'>;

export interface SeenInstance {
  readonly instance: Instance;
  readonly usage: Usage;
}

/** A server that was started by hand. */
export interface SeenForeign {
  readonly server: ForeignServer;
  readonly usage: Usage;
}

/** A look at the instances of this user. */
export interface InstancesLook {
  readonly instances: readonly SeenInstance[];
  readonly foreign: readonly SeenForeign[];
}

/** The instances that run; with `isAll` also those that have ended, and the servers that were started by hand. */
export async function lookAtInstances(isAll: boolean): Promise<InstancesLook> {
  const all = await listInstances();
  const shown = isAll ? all : all.filter(isRunning);
  return { instances: shown.map(seen), foreign: isAll ? await findForeign(all) : [] };
}

/** Forgets the instances that have ended: their names. @throws LaunchError */
export async function forgetEnded(keepsLogs: boolean): Promise<string[]> {
  const { pruneInstances } = await import('../../instance/prune.js');
  return pruneInstances(keepsLogs);
}

/** A look at the instance of a name, or at the only one that runs. @throws LaunchError */
export const lookAtInstance = async (name: string | undefined): Promise<SeenInstance> =>
  seen(name === undefined ? await findOnlyRunning() : await findInstance(name));

/**
 * The running instance of a name, or the only one that runs.
 * @throws LaunchError `unknown-instance`, `not-running`, `none-running`, `several-running`
 */
export const findMeant = (name: string | undefined): Promise<Instance> =>
  name === undefined ? findOnlyRunning() : findRunning(name);

/** Something of a running instance, by its name; undefined where none was named. */
export interface PartMeant {
  readonly instance: Instance;
  readonly part: string | undefined;
}

/**
 * What up to two words mean: an instance and something of it. One word alone is the name of a running instance, else
 * something that the only one has.
 * @throws LaunchError `unknown-instance`, `not-running`, `none-running`, `several-running`
 */
export async function findPartMeant(
  [first, second]: readonly string[],
  has: (instance: Instance, part: string) => boolean,
): Promise<PartMeant> {
  if (first === undefined || second !== undefined) return { instance: await findMeant(first), part: second };
  const running = (await listInstances()).filter(isRunning);
  const [only] = running;
  const isPart = only && running.length === 1 && !instanceNamed(running, first) && has(only, first);
  return isPart ? { instance: only, part: first } : { instance: await findRunning(first), part: undefined };
}

/** An instance, and what it takes right now. */
export const seen = (instance: Instance): SeenInstance => ({ instance, usage: usageOf(instance) });

/** The search for foreign servers is loaded only when it is wanted: it reads homes, with all that this takes. */
async function findForeign(instances: readonly Instance[]): Promise<SeenForeign[]> {
  const { listForeign } = await import('../../instance/foreign.js');
  return listForeign(instances).map((server) => ({ server, usage: usageOfProcess(server.pid) }));
}

const UNKNOWN: Usage = { cpuPercent: null, memoryBytes: null };

const usageOfProcess = (pid: number): Usage => nodeSystem.processes.usageOf(pid) ?? UNKNOWN;

const usageOf = ({ pid, status, isElsewhere }: Instance): Usage =>
  pid === null || status === 'exited' || isElsewhere ? UNKNOWN : usageOfProcess(pid);

/** Warnings of logs that lose what is written to them: supervisors in the background are heard by nobody. */
export function lostLinesOf(instances: readonly SeenInstance[]): string[] {
  const files = instances.flatMap(({ instance }) => (isRunning(instance) ? [instance.logFile] : []));
  // All logs of a state folder lie in one folder.
  const isFull = files[0] !== undefined && nodeSystem.machine.freeSpace(dirname(files[0])) === 0;
  return isFull ? files.map(lostLinesText) : [];
}

export const instancesDocument = ({ instances, foreign }: InstancesLook): InstanceDocument[] => [
  ...instances.map(instanceDocument),
  ...foreign.map(foreignDocument),
];

export function instanceDocument({ instance, usage }: SeenInstance): InstanceDocument {
  const { name, product, version, home, installation = null, offset, status, pid, supervisor, ports, urls } = instance;
  const { startedAt, readyAt, restarts, logFile, holders = [], awaits = [] } = instance;
  const supervisorPid = isLive(instance) ? supervisor.pid : null;
  const fixed = { name, product, version, home, installation, offset, status, pid, supervisorPid, ports, urls };
  const waits = awaits.length > 0 && { awaits };
  return { ...fixed, startedAt, readyAt, restarts, logFile, holders, ...waits, ...usage };
}

/** What `status` says of an instance: with where the time of its last boot went, null where its log did not tell. */
export const statusDocument = ({ instance, usage }: SeenInstance) => ({
  ...instanceDocument({ instance, usage }),
  boot: instance.bootReport ? { ...instance.bootReport, usualMs: usualBootMs(instance.bootTimes) ?? null } : null,
});

function foreignDocument({ server, usage }: SeenForeign): InstanceDocument {
  const { pid, kernel: _, ...known } = server;
  const own = { name: null, status: 'foreign', pid, supervisorPid: null, installation: null } as const;
  const never = { startedAt: null, readyAt: null, restarts: 0, logFile: null, holders: [] };
  return { ...known, ...own, ...never, ...usage };
}
