import { factsOf, type ProductId } from '../../domain/catalogue.js';
import { LaunchError } from '../../domain/failure.js';
import { formatDuration } from '../../domain/numbers.js';
import type { WaitedFor } from '../../domain/waited-for.js';
import { untilSupervisorGone } from '../../instance/client.js';
import { findOnlyRunning, findRunning, type Instance, instanceNamed, listInstances } from '../../instance/list.js';
import { lookAtPorts } from '../../ports/report.js';
import { whyUnhealthy } from '../../server/ready.js';
import { adoptServer } from '../../server/start.js';
import { nodeSystem, type System } from '../../system/index.js';

export interface WaitRequest {
  /** Absent: the only instance that runs. */
  readonly name: string | undefined;
  readonly wanted: WaitedFor;
  /** Absent: as long as it takes. */
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
}

const LOOK_MS = 200;

/**
 * Waits until an instance is as it is wanted, and resolves to it; undefined where it is down because there is none.
 * @throws LaunchError `wait-timed-out`; `unknown-instance`, `none-running`, `not-running` or `orphaned` where it can't
 * come to that any more; or the signal's reason
 */
export async function waitFor(request: WaitRequest, system: System = nodeSystem): Promise<Instance | undefined> {
  const { wanted, timeoutMs, signal } = request;
  const deadlineMs = timeoutMs === undefined ? Number.POSITIVE_INFINITY : system.clock.now() + timeoutMs;
  const first = await findWaitedFor(request, system);
  for (let instance = first; instance; instance = await look(instance, system)) {
    signal.throwIfAborted();
    const missing = await whatIsMissing(instance, wanted, signal, system);
    signal.throwIfAborted();
    if (missing === undefined) return instance;
    const leftMs = deadlineMs - system.clock.now();
    if (leftMs <= 0) throw inVain(instance, missing, request);
    await system.clock.sleep(Math.min(LOOK_MS, leftMs), signal);
  }
  return first;
}

/** Undefined where nobody is there who could be waited for to be down. */
async function findWaitedFor({ name, wanted }: WaitRequest, system: System): Promise<Instance | undefined> {
  if (wanted !== 'down') return name === undefined ? findOnlyRunning(system) : findRunning(name, system);
  if (name !== undefined) return instanceNamed(await listInstances(system), name);
  return findOnlyRunning(system).catch((error: unknown) => {
    if (error instanceof LaunchError && error.failure.kind === 'none-running') return undefined;
    throw error;
  });
}

/** The same instance by now: another one may have got its name, and then this one has ended. */
async function look({ leaseId, ...known }: Instance, system: System): Promise<Instance> {
  const now = (await listInstances(system)).find((one) => one.leaseId === leaseId);
  return now ?? { ...known, leaseId, status: 'exited', pid: null };
}

/** The condition that an instance does not meet yet; undefined where it is as it is wanted. */
async function whatIsMissing(
  instance: Instance,
  wanted: WaitedFor,
  signal: AbortSignal,
  system: System,
): Promise<string | undefined> {
  const { name, status, logFile } = instance;
  if (wanted === 'down') {
    if (status !== 'exited') return `it is ${status}`;
    // Its lease goes last of all: whoever waits for its end may want to launch it again.
    if (!instance.isElsewhere) await untilSupervisorGone(instance, system);
    return undefined;
  }
  switch (status) {
    case 'exited':
      throw new LaunchError({ kind: 'not-running', name, ended: instance.exit?.at ?? null, logFile });
    case 'orphaned':
      throw new LaunchError({ kind: 'orphaned', name });
    case 'ready':
      return wanted === 'ready' ? undefined : illnessOf(instance, signal, system);
    case 'unhealthy':
      return `it is unhealthy (${(await illnessOf(instance, signal, system)) ?? 'which its supervisor looks at again'})`;
    default:
      return `it is ${status}${await closedPorts(instance, system)}`;
  }
}

/** The reason why a server that was ready is not well right now; undefined also where it can't be looked at from here. */
async function illnessOf(instance: Instance, signal: AbortSignal, system: System): Promise<string | undefined> {
  const server = instance.isElsewhere ? undefined : adoptServer(instance, system);
  return server && whyUnhealthy(server, factsOf(instance.product as ProductId).health, signal, system);
}

/** The required ports that a starting server has not opened; they are looked at, never touched. */
async function closedPorts(instance: Instance, system: System): Promise<string> {
  const { ports } = await lookAtPorts(instance, system);
  const closed = ports.filter(({ required, state }) => required && state !== 'taken');
  const list = closed.map(({ name, number }) => `${number} (${name})`).join(', ');
  return list && `, and has not opened ${list}`;
}

const inVain = ({ name, logFile }: Instance, missing: string, { wanted, timeoutMs = 0 }: WaitRequest): LaunchError =>
  new LaunchError({ kind: 'wait-timed-out', name, wanted, missing, timeout: formatDuration(timeoutMs), logFile });
