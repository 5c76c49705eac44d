import type { ForeignServer } from '../instance/foreign.js';
import { type Instance as Found, isLive, isRunning, listInstances } from '../instance/list.js';
import { nodeSystem } from '../system/index.js';
import { checkForms, FORMS } from './options.js';
import { withPublicErrors } from './public-error.js';
import type { Instance, InstancesOptions } from './types.js';

/** The resources that a JVM takes; null where they can't be known. */
export type Usage = Pick<Instance, 'cpuPercent' | 'memoryBytes'>;

/**
 * The instances of this user, those that run; with `all` also the last ended one of each name, and the servers that
 * were started by hand.
 * @throws LaunchError
 */
export const instances = async (options: InstancesOptions = {}): Promise<Instance[]> =>
  withPublicErrors(async () => {
    checkForms(options, { all: FORMS.switch });
    const all = await listInstances();
    const shown = options.all ? all : all.filter(isRunning);
    const foreign = options.all ? (await import('../instance/foreign.js')).listForeign(all) : [];
    return [...shown.map(instanceDocument), ...foreign.map(foreignDocument)];
  });

export function instanceDocument(instance: Found): Instance {
  const { name, product, version, home, offset, status, pid, supervisor, ports, urls } = instance;
  const { startedAt, readyAt, restarts, logFile, holders = [] } = instance;
  const supervisorPid = isLive(instance) ? supervisor.pid : null;
  const fixed = { name, product, version, home, offset, status, pid, supervisorPid, ports, urls };
  return { ...fixed, startedAt, readyAt, restarts, logFile, holders, ...usageOf(instance) };
}

export function foreignDocument(server: ForeignServer): Instance {
  const { pid, kernel: _, ...known } = server;
  const own = { name: null, status: 'foreign', pid, supervisorPid: null } as const;
  const never = { startedAt: null, readyAt: null, restarts: 0, logFile: null, holders: [] };
  return { ...known, ...own, ...never, ...usageOfProcess(pid) };
}

const UNKNOWN: Usage = { cpuPercent: null, memoryBytes: null };

export const usageOfProcess = (pid: number): Usage => nodeSystem.processes.usageOf(pid) ?? UNKNOWN;

export const usageOf = ({ pid, status, isElsewhere }: Pick<Found, 'pid' | 'status' | 'isElsewhere'>): Usage =>
  pid === null || status === 'exited' || isElsewhere ? UNKNOWN : usageOfProcess(pid);
