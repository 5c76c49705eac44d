import type { LaunchEvent } from '../domain/events.js';
import { LaunchError } from '../domain/failure.js';
import {
  ANSWER_MS,
  errorOf,
  type Over,
  parseAnswer,
  type Refusal,
  type Request,
  requestLine,
} from '../domain/protocol.js';
import { isStill } from '../domain/tree.js';
import { adoptServer } from '../server/start.js';
import { stop } from '../server/stop.js';
import { nodeSystem, type System } from '../system/index.js';
import { lifeElsewhere } from './elsewhere.js';
import { clearAway, type Instance, isRunning, listInstances } from './list.js';

type Asking = Pick<System, 'control' | 'http' | 'leases' | 'sockets' | 'spawning'> &
  Parameters<typeof listInstances>[0];

/** A request to a supervisor, before it is given a time. */
export type Wish =
  | Exclude<Request, { ask: 'hold' | 'relaunch' }>['ask']
  | Omit<Extract<Request, { ask: 'hold' }>, 'upMs' | 'at'>
  | Omit<Extract<Request, { ask: 'relaunch' }>, 'upMs' | 'at'>;

/** Callbacks for a supervisor's answer, and signals to it. */
export interface Hearing {
  /** True where nothing more is to be heard. */
  hear(event: LaunchEvent): boolean | undefined;
  /** Called once the supervisor has taken the request. */
  taken?(): void;
  /** Fires when whoever holds the server lets go of it. */
  readonly letGo?: AbortSignal;
  /** Fires when nothing more is to be heard. */
  readonly enough?: AbortSignal;
  /** Fires when what is heard is no reason any more for this process to live. */
  readonly unref?: AbortSignal;
}

/**
 * Asks a supervisor for something and hears what happens until its launch is over, or until that is enough.
 * Undefined also where it has ended before it could be asked, and where it was killed.
 * @throws LaunchError `no-answer`, `refused`, or a {@link Declined}
 */
export async function askSupervisor(
  instance: Instance,
  wish: Wish,
  { hear, taken, letGo, enough, unref }: Hearing,
  system: Asking = nodeSystem,
): Promise<Over | undefined> {
  const { clock, control } = system;
  const heard = new AbortController();
  let over: Over | undefined;
  let declined: Over | undefined;
  let refusal: Refusal | undefined;
  const take = (line: object): void => {
    const answer = parseAnswer(line);
    if (!answer) return;
    if ('taken' in answer) taken?.();
    if ('refused' in answer) refusal = answer;
    if ('over' in answer) over = answer.over;
    if ('declined' in answer) ({ declined } = answer);
    if ('event' in answer && hear(answer.event) === true) heard.abort();
  };
  const askedAt = { upMs: clock.uptime(), at: clock.date() };
  const request = { ...(typeof wish === 'string' ? { ask: wish } : wish), ...askedAt };
  const options = {
    timeoutMs: ANSWER_MS,
    enough: enough ? AbortSignal.any([heard.signal, enough]) : heard.signal,
    ...(letGo && { lastWord: letGo }),
    ...(unref && { unref }),
  };
  try {
    await control.ask(instance.socket, requestLine(request), take, options);
  } catch (error) {
    if (isCutOff(error)) await untilSupervisorGone(instance, system);
    // A supervisor stops to listen when all is done, as others may have asked as well.
    if ((await hasEnded(instance, system)) || !(await isSupervised(instance, system))) return undefined;
    throw new LaunchError({
      kind: 'no-answer',
      name: instance.name,
      ...(!instance.isElsewhere && { pid: instance.supervisor.pid }),
      reason: (error as Error).message,
    });
  }
  if (refusal) throw new Refused(refusal);
  if (declined?.failure) throw new Declined(declined.failure, declined.lastLines);
  return over;
}

/** The refusal of a supervisor. */
export class Refused extends LaunchError {
  /** True where the instance is ending: a caller that waits for its end may launch it again. */
  readonly isStopping: boolean;

  constructor({ refused, hint, isStopping }: Refusal) {
    super({ kind: 'refused', what: refused, hint });
    this.isStopping = isStopping === true;
  }
}

/** The failure of a request: the launch that it was made to goes on as it was. */
export class Declined extends LaunchError {}

/** A supervisor that is killed drops who asks it a moment before it is gone itself. */
const isCutOff = (error: unknown): boolean => /^(ECONNRESET|EPIPE)$/.test((error as NodeJS.ErrnoException).code ?? '');

/** Whether an instance has ended by its record: its supervisor may still be busy with its last words. */
const hasEnded = async ({ name, leaseId }: Instance, system: Asking): Promise<boolean> =>
  (await listInstances(system)).some((one) => one.name === name && (one.leaseId !== leaseId || !isRunning(one)));

/** Everything up to the end of the launch. */
const ALL: Hearing = { hear: () => false };

/** The grace for an instance of an older version, which has not written down its own. */
const GRACE_MS = 120_000;

/**
 * Stops an instance, by its supervisor where there is one. Resolves once nothing of it is left.
 * @throws LaunchError `survived-stop`, `no-answer`, `refused`
 */
export async function stopInstance(
  instance: Instance,
  insisted: AbortSignal,
  system: Asking = nodeSystem,
): Promise<void> {
  if (instance.status === 'orphaned') return stopOrphan(instance, insisted, system);
  const insist = (): void => void askSupervisor(instance, 'kill', ALL, system).catch(() => {});
  insisted.addEventListener('abort', insist, { once: true });
  const over = await askSupervisor(instance, 'stop', ALL, system)
    .catch(async (error: unknown) => {
      if (await isSupervised(instance, system)) throw error;
    })
    .finally(() => insisted.removeEventListener('abort', insist));
  await untilSupervisorGone(instance, system);
  if (over?.failure?.kind === 'survived-stop') throw errorOf(over);
  // The supervisor was killed meanwhile, or could not stop the server, whose processes may still be there.
  const left = (await listInstances(system)).find(({ leaseId }) => leaseId === instance.leaseId);
  if (left?.status === 'orphaned') await stopOrphan(left, insisted, system);
}

/** Whether the supervisor lives; in another PID namespace only what it says of itself can be known. */
const isSupervised = async (instance: Instance, system: Asking): Promise<boolean> =>
  instance.isElsewhere
    ? (await lifeElsewhere(instance, system)) !== 'over'
    : isStill(system.processes.find(instance.supervisor.pid), instance.supervisor);

/** Waits for the supervisor's end: it removes its lease last of all, a moment after it has answered. */
export async function untilSupervisorGone(instance: Instance, system: Asking = nodeSystem): Promise<void> {
  const deadlineMs = system.clock.now() + ANSWER_MS;
  while ((await isSupervised(instance, system)) && system.clock.now() < deadlineMs) await system.clock.sleep(10);
}

async function stopOrphan(instance: Instance, insisted: AbortSignal, system: Asking): Promise<void> {
  const server = adoptServer(instance, system);
  const options = { graceMs: instance.stopTimeoutMs ?? GRACE_MS, insisted, jvmPid: instance.pid ?? undefined };
  if (server) await stop(server, options, system);
  clearAway(instance, system);
}
