import { resolve } from 'node:path';
import { LaunchError } from '../domain/failure.js';
import type { LaunchChange } from '../domain/launch-change.js';
import { settledPorts } from '../domain/ports.js';
import { mention } from '../domain/text.js';
import type { InspectedHome } from '../home/inspect.js';
import { inspectToolchain } from '../home/toolchain.js';
import { type Choice, reserve } from '../ports/reserve.js';
import type { System } from '../system/index.js';
import { withBirthWarning } from './birth.js';
import { changedRequest } from './changed-request.js';
import { inspectRequest } from './plan.js';
import { type LaunchRequest, withVariables } from './request.js';
import type { Launching } from './run.js';
import { sharingKey } from './sharing-key.js';

/** The next start of a launch with changed options: everything is checked, and its ports are leased. */
export interface Relaunch extends Pick<Launching, 'request' | 'inspection' | 'runtime' | 'options' | 'system'> {
  readonly choice: Choice;
}

/** A launch at the start that it has come to. */
export interface CurrentStart {
  readonly launching: Launching;
  readonly choice: Choice;
}

/** Plans changed starts, one after another, while the server goes on. */
export class Relaunches {
  #planned: Relaunch | undefined;
  #standing: CurrentStart | undefined;
  #lastTurn: Promise<unknown>;
  #begin: () => void = () => {};
  readonly #over = new AbortController();

  /** @param base the machine, without the variables of any request */
  constructor(private readonly base: System) {
    this.#lastTurn = new Promise<void>((begin) => {
      this.#begin = begin;
    });
  }

  /** Says what a change would be made to from now on. */
  stand(standing: CurrentStart): void {
    this.#standing = standing;
    this.#begin();
  }

  /** Ends all planning, before anything of the launch is given back. */
  end(): void {
    this.#over.abort();
  }

  get isPlanned(): boolean {
    return this.#planned !== undefined;
  }

  /** The ports that are promised to the next start. */
  get ports(): readonly number[] {
    return this.#planned ? settledPorts(this.#planned.choice.ports).map(({ number }) => number) : [];
  }

  /** The next start, if one was planned, which is done with it. */
  take(): Relaunch | undefined {
    const planned = this.#planned;
    this.#planned = undefined;
    return planned;
  }

  /**
   * Plans the next start, and leases its ports beside those of the server that runs.
   * @throws LaunchError where it can't be; nothing has changed then. `stopped-meanwhile` where the launch ends first
   */
  plan(change: LaunchChange): Promise<void> {
    const turn = this.#lastTurn.then(() => this.#plan(change));
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }

  async #plan(change: LaunchChange): Promise<void> {
    const { launching, choice } = this.#standing as CurrentStart;
    const signal = AbortSignal.any([launching.hooks.asked, this.#over.signal]);
    const stopped = new LaunchError({ kind: 'stopped-meanwhile', name: choice.name, byWhomever: true });
    if (signal.aborted) throw stopped;
    // Another change may wait for its start: this one is made to that.
    const request = changedRequest(this.#planned?.request ?? launching.request, change);
    const planned = await planBeside({ launching, choice }, { request, change, signal }, this.base).catch(
      (error: unknown) => {
        throw signal.aborted ? stopped : error;
      },
    );
    this.#planned = planned;
    // Nobody may take it for what it was launched as.
    launching.session.note({ key: sharingKey(planned.request) });
  }
}

interface Changed {
  readonly request: LaunchRequest;
  readonly change: LaunchChange;
  readonly signal: AbortSignal;
}

async function planBeside({ launching, choice }: CurrentStart, changed: Changed, base: System): Promise<Relaunch> {
  const { companion, options: former, standing } = launching;
  const { change, signal } = changed;
  const system = withVariables(base, changed.request);
  const { inspection, options: fresh } = inspectRequest(changed.request, system);
  const { request } = fresh;
  const options = { ...fresh, leaseId: former.leaseId, keeps: former.keeps };
  const runtime = await inspectToolchain(inspection, request, signal, system);
  const succeeds = {
    ports: settledPorts(choice.ports).map(({ number }) => number),
    pids: () => standing.server?.tree().map(({ pid }) => pid) ?? [],
  };
  const beside = { ...options, keepName: choice.name, succeeds };
  const stays = request.offset.kind === 'auto' && !change.offset;
  const range = stays ? { min: choice.offset, max: choice.offset } : options.range;
  const chosen = await reserve({ ...beside, range }, signal, system).catch((error: unknown) => {
    // A command beside the server was told its offset.
    if (!stays || companion.hasStarted || !isTaken(error)) throw error;
    return reserve(beside, signal, system);
  });
  return { request, inspection, runtime, options, system, choice: withBirthWarning(options, chosen, system) };
}

/** Whether an error says that an offset can't be had, and nothing worse. */
export const isTaken = (error: unknown): boolean =>
  error instanceof LaunchError && ['ports-taken', 'no-free-offset'].includes(error.failure.kind);

/** A request that means the same wherever its process works later, and whatever product it was to find. */
export function pinned(
  request: LaunchRequest,
  { id, home }: Pick<InspectedHome, 'id' | 'home'>,
  { currentFolder }: Pick<System, 'currentFolder'>,
): LaunchRequest {
  const { javaHome } = request;
  return {
    ...request,
    product: id,
    named: { path: home, by: mention.option('home') },
    ...(javaHome && { javaHome: { ...javaHome, path: resolve(currentFolder() ?? '/', javaHome.path) } }),
  };
}
