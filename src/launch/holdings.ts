import { TAG_VARIABLE } from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import { renderedMark } from '../home/rendering.js';
import { type Endpoint, type EndpointOptions, type Outcome, openEndpoint } from '../instance/endpoint.js';
import type { Choice } from '../ports/reserve.js';
import { keepGuard } from '../server/guard.js';
import { type LogFile, openLog } from '../server/log-file.js';
import { keepLogSmall } from '../server/rotate.js';
import { type CopyOwner, copyFile, removeGenerated } from '../state/configuration-copy.js';
import { logFileOf } from '../state/folder.js';
import { settlesWithin } from '../system/clock.js';
import type { System } from '../system/index.js';
import type { Guard } from '../system/spawning.js';
import { mayHaveCopy } from './follow-offset.js';
import type { LaunchHooks } from './hooks.js';
import type { PreparedLaunch } from './plan.js';
import { recordFor } from './record.js';

const DISK_FULL = 'its disk is full, so that nobody could read in a log that the server has started';

/** Far less than a server writes until it is ready, with a stack trace or two. */
const SHORTEST_LOG = 256 * 1024;

/**
 * Refuses a limit on file sizes that would cut a log: later lines are lost, the ready line too.
 * @throws LaunchError `shortage`
 */
export function checkLogLength({ machine }: Pick<System, 'machine'>): void {
  const limit = machine.fileSizeLimit();
  if (limit === undefined || limit >= SHORTEST_LOG) return;
  throw new LaunchError({
    kind: 'shortage',
    what: `No file may be longer than ${limit} bytes here: nobody could read in a log that the server has started.`,
    hint: 'Raise the limit with ulimit -f.',
  });
}

/** The time for which a guard kills what has not ended when it was asked, and then some. */
const GUARD_KILLS_MS = 12_000;

/** The things that a launch has on this machine besides its server: given back at its end, or left to the guard. */
export class Holdings {
  readonly #over = new AbortController();
  #keepingLogSmall: Promise<void> | undefined;
  #log: LogFile | undefined;
  #session: Endpoint | undefined;
  #guard: Guard | undefined;
  #copy: CopyOwner | undefined;

  constructor(
    private options: PreparedLaunch,
    private readonly hooks: LaunchHooks,
    private readonly system: System,
  ) {}

  /** The log of a name that was just chosen. @throws LaunchError `unusable-state-folder` */
  openLog({ name }: Choice): LogFile {
    const { inspection, stateFolder: folder } = this.options;
    this.#copy = { name, home: inspection.home };
    this.#log = openLog(logFileOf(folder, name), folder);
    if (!this.#log.hasRoom()) throw new LaunchError({ kind: 'unusable-state-folder', folder, reason: DISK_FULL });
    return this.#log;
  }

  /** Opens the launch to others, who see it from now on, and may ask something of it. */
  async openEndpoint(choice: Choice, log: LogFile, plan: EndpointOptions['plan']): Promise<Endpoint> {
    const { warn, sharing } = this.hooks;
    const record = recordFor(this.options, choice, log, this.system);
    const options = { folder: this.options.stateFolder, record, warn, plan, sharing };
    this.#session = await openEndpoint(options, this.system);
    return this.#session;
  }

  /** Posts the guard: the launch may be killed from now on, and its server is stopped all the same. */
  async postGuard(choice: Choice): Promise<Guard> {
    const { inspection, leaseId, request, stateFolder: folder } = this.options;
    const { leases, control } = this.system;
    const guarding = {
      tag: leaseId,
      tagVariable: TAG_VARIABLE,
      stopTimeoutMs: request.stopTimeoutMs,
      leaseFile: leases.fileOf(leaseId),
      socket: control.addressOf(leaseId, folder),
      witness: leases.witness(leaseId),
      // The copy goes last: while it is there, the mark may have to go.
      needed: mayHaveCopy(inspection, request)
        ? [renderedMark(inspection.home), copyFile(choice, folder, this.system)]
        : [],
    };
    this.#guard = await keepGuard(guarding, this.system);
    return this.#guard;
  }

  /** Goes on with changed options, while nothing of the server runs: whoever guards the next one knows them. */
  async change(options: PreparedLaunch, choice: Choice): Promise<Guard> {
    this.options = options;
    const former = this.#guard;
    const guard = await this.postGuard(choice);
    await former?.release();
    return guard;
  }

  keepLogSmall(log: LogFile): void {
    this.#keepingLogSmall = keepLogSmall(log, this.#over.signal, this.hooks.warn, this.system);
  }

  /** Gives everything back: nothing of the server runs any more. */
  async clearUp(outcome: Outcome): Promise<void> {
    await this.#letGoOfLog();
    await this.#log?.stripColours();
    this.#removeGenerated();
    this.#session?.close(outcome, false);
    this.system.leases.remove(this.options.leaseId);
    await this.#guard?.release();
    this.#log?.close();
  }

  /** Leaves the server, of which something may still run, to the guard, which then clears up. */
  async leaveToGuard(outcome: Outcome): Promise<void> {
    await this.#letGoOfLog();
    this.#guard?.abandon();
    // A server that has survived our own stop is not worth another wait; any other is gone when its guard is.
    if (this.#guard && outcome.error?.failure.kind !== 'survived-stop') {
      await settlesWithin(this.#guard.ended, this.options.request.stopTimeoutMs + GUARD_KILLS_MS);
    }
    this.#session?.close(outcome, true);
    this.#log?.close();
  }

  /** Lets go of the log while the name is still ours: the next instance of that name writes the same log. */
  async #letGoOfLog(): Promise<void> {
    this.#over.abort();
    await this.#keepingLogSmall;
  }

  #removeGenerated(): void {
    const copy = this.#copy;
    const folder = this.options.stateFolder;
    if (!copy || removeGenerated(copy, folder, this.system)) return;
    const file = copyFile(copy, folder, this.system);
    this.hooks.warn(`${file} can't be removed: delete it, and ${renderedMark(copy.home)} before it.`);
  }
}
