import type { LaunchEvent } from '../domain/events.js';
import { LaunchError } from '../domain/failure.js';
import type { Holder } from '../domain/instance.js';
import { formatDuration } from '../domain/numbers.js';
import { errorOf, type Over, type Started } from '../domain/protocol.js';
import type { Text } from '../domain/text.js';
import { askSupervisor, Refused, untilSupervisorGone } from '../instance/client.js';
import { findInstance, type Instance, isRunning, listInstances } from '../instance/list.js';
import { untilAborted } from '../system/clock.js';
import { nodeSystem } from '../system/index.js';
import { cutOff, hearSupervisor, startInBackground } from './background.js';
import type { LaunchRequest } from './request.js';

/** A request for a server that others may use as well. */
export interface AcquireRequest {
  readonly request: LaunchRequest;
  readonly holder: Holder;
  /** Time for which the server is kept when this is the last one to let go, in milliseconds. */
  readonly lingerMs: number;
  /** The live instance that may be used; undefined where there is none. @throws LaunchError where it is another one */
  find(): Promise<Instance | undefined>;
  /** The words in the command line of a new supervisor, for people. */
  readonly words: readonly string[];
  /** The environment of a new supervisor. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `NODE_OPTIONS` that a new supervisor hands on to its server, and is not told itself. */
  readonly nodeOptions?: string | undefined;
}

export interface AcquireHooks {
  /** Called with each event of the server, from the first that is heard of it on. */
  hear(event: LaunchEvent, isNew: boolean): void;
  warn(text: Text): void;
  /** Called once there is a name. */
  named(name: string): void;
  /** Called with one that was there before, first of all. */
  found?(instance: Instance): void;
  /** Fires when the server is not wanted any more before it is ready. */
  readonly signal: AbortSignal;
}

/** A ready server, held by an open connection to its supervisor. */
export interface HeldServer {
  readonly name: string;
  /** Whether it was launched for this. */
  readonly isNew: boolean;
  /**
   * Settles once its launch is over; with undefined where that was cut off.
   * @throws LaunchError `no-answer`, `refused`, or `internal` where its supervisor ends before the server is ready
   */
  readonly over: Promise<Over | undefined>;
  /** Lets go of it: the last one to do so has it stopped. */
  letGo(): void;
  /** Holds it from now on for as long as this process lives, which it is no reason for. */
  unref(): void;
  /** Hears nothing more. */
  close(): void;
}

/** Hears what happens to a server until its launch is over, or until there is enough. */
type Listen = (
  hear: (event: LaunchEvent) => void,
  signals: { readonly letGo: AbortSignal; readonly enough: AbortSignal; readonly unref: AbortSignal },
) => Promise<Over | undefined>;

/** A connection by which a server is held, and what is heard of it. */
class Link implements HeldServer {
  readonly #letGo = new AbortController();
  readonly #enough = new AbortController();
  readonly #unref = new AbortController();
  readonly #settled = new AbortController();
  readonly over: Promise<Over | undefined>;
  isReady = false;
  /** Whether the supervisor of one that was there before has agreed. */
  isTaken = false;

  constructor(
    public name: string,
    readonly isNew: boolean,
    listen: Listen,
    hear: AcquireHooks['hear'],
  ) {
    const settle = (): void => this.#settled.abort();
    const take = (event: LaunchEvent): void => {
      this.isReady ||= event.event === 'ready';
      hear(event, isNew);
      if (this.isReady) settle();
    };
    this.over = listen(take, {
      letGo: this.#letGo.signal,
      enough: this.#enough.signal,
      unref: this.#unref.signal,
    });
    this.over.then(settle, settle);
  }

  /** Fires when it is ready, and when it is over. */
  get settled(): AbortSignal {
    return this.#settled.signal;
  }

  letGo = (): void => this.#letGo.abort();

  unref = (): void => this.#unref.abort();

  close = (): void => this.#enough.abort();
}

const TICK_MS = 50;
/** The longest time from a launch's lease to its record. */
const APPEARS_WITHIN_MS = 5_000;

/**
 * Holds a server, which is launched where it does not run yet: by one of those who come at once.
 * @throws LaunchError, or the signal's reason
 */
export async function acquireServer(wanted: AcquireRequest, hooks: AcquireHooks): Promise<HeldServer> {
  let deadlineMs: number | undefined;
  for (;;) {
    hooks.signal.throwIfAborted();
    const live = await wanted.find();
    let link: Link | undefined;
    try {
      link = live ? holdRunning(live, wanted, hooks) : await begin(wanted, hooks);
      return await untilReady(link, wanted, hooks);
    } catch (error) {
      if (live && isEnding(error, link)) {
        await untilGone(live, hooks.signal);
        continue;
      }
      deadlineMs ??= nodeSystem.clock.now() + APPEARS_WITHIN_MS;
      // Another launcher was faster, and may not have written its record yet.
      if (!hasLostRace(error) || nodeSystem.clock.now() > deadlineMs) throw error;
      await untilFound(wanted, deadlineMs, hooks.signal);
    }
  }
}

/** Whether an instance was being stopped, or had ended, a moment before it could be held. */
function isEnding(error: unknown, link: Link | undefined): boolean {
  if (error instanceof Refused) return error.isStopping;
  return error instanceof LaunchError && error.failure.kind === 'not-running' && link?.isTaken === false;
}

const hasLostRace = (error: unknown): boolean =>
  error instanceof LaunchError && error.failure.kind === 'home-runs' && error.failure.instance !== undefined;

async function untilFound({ find }: AcquireRequest, deadlineMs: number, signal: AbortSignal): Promise<void> {
  const { clock } = nodeSystem;
  while (!(await find()) && clock.now() < deadlineMs && !signal.aborted) await clock.sleep(TICK_MS, signal);
}

/** Resolves once nothing of an instance runs any more. */
async function untilGone({ name, leaseId }: Instance, signal: AbortSignal): Promise<void> {
  const isThere = async (): Promise<boolean> =>
    (await listInstances()).some((one) => one.name === name && one.leaseId === leaseId && isRunning(one));
  while (!signal.aborted && (await isThere())) await nodeSystem.clock.sleep(TICK_MS, signal);
}

/** @throws LaunchError where the server does not become ready, which is let go of then; or the signal's reason */
async function untilReady(link: Link, { request }: AcquireRequest, { signal }: AcquireHooks): Promise<HeldServer> {
  try {
    // A new server is given up by its own supervisor.
    if (link.isNew) await untilAborted(AbortSignal.any([link.settled, signal]));
    else await nodeSystem.clock.sleep(request.readyTimeoutMs, AbortSignal.any([link.settled, signal]));
    signal.throwIfAborted();
    if (link.isReady) return link;
    if (!link.settled.aborted) throw await notReady(link.name, request.readyTimeoutMs);
    throw await endedEarly(link, await link.over);
  } catch (error) {
    link.letGo();
    // A server that nobody else wants is gone before its failure is told.
    if (link.isNew) await link.over.catch(() => {});
    link.close();
    throw error;
  }
}

async function notReady(name: string, patienceMs: number): Promise<LaunchError> {
  const { status, logFile } = await findInstance(name);
  return new LaunchError({ kind: 'not-ready', name, status, timeout: formatDuration(patienceMs), logFile });
}

async function endedEarly({ name, isNew }: Link, over: Over | undefined): Promise<LaunchError> {
  const error = over && errorOf(over);
  if (error) return error;
  if (isNew) return new LaunchError({ kind: 'stopped-meanwhile', name });
  const { logFile } = await findInstance(name);
  return new LaunchError({ kind: 'not-running', name, ended: null, logFile });
}

function holdRunning(instance: Instance, { holder, lingerMs }: AcquireRequest, hooks: AcquireHooks): Link {
  hooks.named(instance.name);
  hooks.found?.(instance);
  const listen: Listen = async (hear, signals) => {
    const wish = { ask: 'hold', holder, lingerMs } as const;
    const over = await askSupervisor(instance, wish, {
      ...signals,
      hear: (event) => void hear(event),
      taken: () => {
        link.isTaken = true;
      },
    });
    // A client that hears that a launch is over may look at once for what is left of it.
    if (over) await untilSupervisorGone(instance);
    return over;
  };
  const link = new Link(instance.name, false, listen, hooks.hear);
  return link;
}

/** Launches it in the background, where it goes on for as long as others use it. */
async function begin(wanted: AcquireRequest, hooks: AcquireHooks): Promise<Link> {
  const { request, holder, lingerMs, words, env, nodeOptions } = wanted;
  const job = { request, use: { holder, lingerMs }, ...(nodeOptions !== undefined && { nodeOptions }) };
  const supervisor = await startInBackground(job, words, env);
  let link: Link | undefined;
  const started = ({ name }: Started): void => {
    if (link) link.name = name;
    hooks.named(name);
  };
  const listen: Listen = async (hear, { letGo, enough, unref }) => {
    letGo.addEventListener('abort', supervisor.letGo, { once: true });
    enough.addEventListener('abort', supervisor.close, { once: true });
    unref.addEventListener('abort', supervisor.unref, { once: true });
    const over = await hearSupervisor(supervisor, { hear, started, warn: hooks.warn });
    // A holder that has let go of a server that others still wait for hears nothing more of it.
    const isCutOff = !over && !link?.isReady && !enough.aborted && !letGo.aborted;
    const exit = isCutOff ? await supervisor.exited : undefined;
    supervisor.close();
    if (exit) throw cutOff(exit);
    return over;
  };
  link = new Link(request.name ?? '', true, listen, hooks.hear);
  return link;
}
