import type { LaunchEvent } from '../domain/events.js';
import { type Failure, LaunchError } from '../domain/failure.js';
import { isStill } from '../domain/tree.js';
import { adoptServer } from '../server/start.js';
import { stop } from '../server/stop.js';
import { nodeSystem, type System } from '../system/index.js';
import { ANSWER_MS, type Ask, PROTOCOL } from './endpoint.js';
import { clearAway, type Instance, isRunning, listInstances } from './list.js';

/** What a supervisor answers, line by line. */
type Line =
  | { readonly taken: Ask }
  | { readonly event: LaunchEvent }
  | { readonly over: { readonly code: number; readonly failure?: Failure; readonly lastLines?: readonly string[] } }
  | { readonly refused: string; readonly hint: string };

/** How a launch ended, as its supervisor told; undefined where it was cut off. */
export interface Ended {
  readonly code: number;
  readonly error?: LaunchError;
}

type Asking = Pick<System, 'control' | 'http' | 'leases' | 'sockets' | 'spawning'> &
  Parameters<typeof listInstances>[0];

/**
 * Asks a supervisor for something and hears what happens until its launch is over, or until `hear` says that it is
 * enough. Undefined also where it has ended before it could be asked.
 * @throws LaunchError `no-answer`, `refused`
 */
export async function askSupervisor(
  instance: Instance,
  ask: Ask,
  hear: (event: LaunchEvent) => boolean,
  system: Asking = nodeSystem,
): Promise<Ended | undefined> {
  const { clock, control } = system;
  let ended: Ended | undefined;
  let refused: LaunchError | undefined;
  let isEnough: (() => void) | undefined;
  const enough = new Promise<void>((resolve) => {
    isEnough = resolve;
  });
  const take = (raw: object): void => {
    const line = raw as Line;
    if ('refused' in line) refused = new LaunchError({ kind: 'refused', what: line.refused, hint: line.hint });
    if ('event' in line && hear(line.event) === true) isEnough?.();
    if ('over' in line) {
      const { code, failure, lastLines } = line.over;
      ended = { code, ...(failure && { error: new LaunchError(failure, lastLines) }) };
    }
  };
  const request = { protocol: PROTOCOL, ask, at: clock.date() };
  try {
    await Promise.race([control.ask(instance.socket, request, take, ANSWER_MS), enough]);
  } catch (error) {
    // It stops to listen when all is done, as others may have asked as well.
    if (hasEnded(instance, system)) return undefined;
    throw new LaunchError({
      kind: 'no-answer',
      name: instance.name,
      pid: instance.supervisor.pid,
      reason: (error as Error).message,
    });
  }
  if (refused) throw refused;
  return ended;
}

/** By its record: its supervisor may still be busy with its last words. */
const hasEnded = ({ name, leaseId }: Instance, system: Asking): boolean =>
  listInstances(system).some((one) => one.name === name && (one.leaseId !== leaseId || !isRunning(one)));

/** Where an older version has not written down how long. */
const GRACE_MS = 120_000;

/** Stops an instance, by its supervisor where there is one. Resolves once nothing of it is left. @throws LaunchError */
export async function stopInstance(
  instance: Instance,
  insisted: AbortSignal,
  system: Asking = nodeSystem,
): Promise<void> {
  if (instance.status === 'orphaned') return stopOrphan(instance, insisted, system);
  const insist = (): void => void askSupervisor(instance, 'kill', () => false, system).catch(() => {});
  insisted.addEventListener('abort', insist, { once: true });
  const ended = await askSupervisor(instance, 'stop', () => false, system)
    .catch((error: unknown) => {
      if (isSupervised(instance, system)) throw error;
    })
    .finally(() => insisted.removeEventListener('abort', insist));
  await untilSupervisorGone(instance, system);
  if (ended?.error?.exitCode === 7) throw ended.error;
  if (ended) return;
  // It was killed meanwhile, and what it has started may still be there.
  const left = listInstances(system).find(({ leaseId }) => leaseId === instance.leaseId);
  if (left?.status === 'orphaned') await stopOrphan(left, insisted, system);
}

const isSupervised = ({ supervisor }: Instance, { processes }: Pick<System, 'processes'>): boolean =>
  isStill(processes.find(supervisor.pid), supervisor);

/** It removes its lease last of all, a moment after it has answered. */
async function untilSupervisorGone(instance: Instance, system: Asking): Promise<void> {
  const deadlineMs = system.clock.now() + ANSWER_MS;
  while (isSupervised(instance, system) && system.clock.now() < deadlineMs) await system.clock.sleep(10);
}

async function stopOrphan(instance: Instance, insisted: AbortSignal, system: Asking): Promise<void> {
  const { server: leader, home, runtimeHome = home, ports, leaseId: tag } = instance;
  if (leader) {
    const server = adoptServer({ leader, runtimeHome, ports, tag }, system);
    await stop(
      server,
      { graceMs: instance.stopTimeoutMs ?? GRACE_MS, insisted, jvmPid: instance.pid ?? undefined },
      system,
    );
  }
  clearAway(instance, system);
}
