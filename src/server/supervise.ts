import type { ProcessRow } from '../domain/tree.js';
import { isSame, isStill } from '../domain/tree.js';
import { nodeSystem, type System } from '../system/index.js';
import { describeEnd, endingSignal, type RunningServer } from './start.js';

/** The event that ended a quiet time of a ready server. */
export type Change =
  /** The signal fired: somebody wants it stopped. */
  | { readonly kind: 'asked' }
  /** Another JVM has taken over, as after a restart from the console; its lines come after `since`. */
  | { readonly kind: 'restarted'; readonly since: number; readonly startedAt: number }
  | { readonly kind: 'shut-down' }
  | { readonly kind: 'crashed'; readonly how: string };

/** The health of a ready server, looked at from time to time. */
export interface HealthWatch {
  /**
   * The longest time that a server which shuts down by itself may take: one that ends later ends for another reason.
   */
  readonly graceMs: number;
  /** Resolves to the reason why the server is not well; undefined where it is. */
  look(signal: AbortSignal): Promise<string | undefined>;
  /** Called on each change, with what {@link look} said, and whether the server has said that it shuts down. */
  changed(reason: string | undefined, isShuttingDown: boolean): void;
}

type Supervising = Pick<System, 'clock' | 'processes'>;

/** The script's end is told at once; only a JVM that is followed by another is seen this late. */
const TICK_MS = 1_500;
const HEALTH_EVERY_MS = 10_000;
/** A single bad look may be a busy moment of the server's: the next one follows at once. */
const BAD_LOOKS = 2;
const SUCCESSION_TICK_MS = 25;
/** The longest time that the script may take to start the next JVM, or to end. */
const SUCCESSION_MS = 10_000;

/** The JVM that is watched, and since when. */
export interface Watched {
  readonly jvm: ProcessRow;
  /** The log's position at which this JVM's own lines begin. */
  readonly startedAt: number;
  /** Fires when somebody wants it stopped. */
  readonly signal: AbortSignal;
}

/** Watches a ready server until something happens to it. */
export async function untilChange(
  server: RunningServer,
  { jvm, startedAt, signal }: Watched,
  health: HealthWatch,
  system: Supervising = nodeSystem,
): Promise<Change> {
  const watch = new Health(health, system.clock.now());
  const wake = AbortSignal.any([signal, server.ended]);
  let aliveAt = server.log.position;
  for (;;) {
    const position = server.log.position;
    if (signal.aborted) return { kind: 'asked' };
    if (server.exit) return howItEnded(server, startedAt, health, system);
    if (!isStill(system.processes.find(jvm.pid), jvm)) {
      // Lines written since the JVM was last seen alive may be its successor's.
      return await succession(
        server,
        { gone: jvm, startedAt, since: aliveAt, graceMs: health.graceMs, signal },
        system,
      );
    }
    aliveAt = position;
    await watch.lookIfDue(system.clock, isShuttingDown(server, startedAt, health, system), wake);
    await system.clock.sleep(TICK_MS, wake);
  }
}

/** Whether the server shuts down: a line of its log that is older than a shutdown takes did not come true. */
function isShuttingDown(
  { log }: RunningServer,
  startedAt: number,
  { graceMs }: Pick<HealthWatch, 'graceMs'>,
  { clock }: Pick<Supervising, 'clock'>,
): boolean {
  const { shutdownAtMs } = log.since(startedAt);
  return shutdownAtMs !== undefined && clock.now() - shutdownAtMs <= graceMs;
}

class Health {
  #lookedMs: number;
  #badLooks = 0;
  #told: 'well' | 'unhealthy' | 'stopping' = 'well';

  constructor(
    private readonly watch: HealthWatch,
    nowMs: number,
  ) {
    this.#lookedMs = nowMs;
  }

  /** A server that shuts down is looked at each time: what its log says may be somebody else's words. */
  async lookIfDue(
    { now }: Pick<Supervising['clock'], 'now'>,
    isShuttingDown: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const isInDoubt = isShuttingDown || (this.#badLooks > 0 && this.#told === 'well');
    if (signal.aborted || (!isInDoubt && now() - this.#lookedMs < HEALTH_EVERY_MS)) return;
    const reason = await this.watch.look(signal);
    this.#lookedMs = now();
    if (signal.aborted) return;
    this.#badLooks = reason === undefined ? 0 : this.#badLooks + 1;
    const isSure = this.#told !== 'well' || isShuttingDown || this.#badLooks >= BAD_LOOKS;
    const bad = isShuttingDown ? 'stopping' : 'unhealthy';
    const found = reason !== undefined && isSure ? bad : 'well';
    if (found === this.#told) return;
    this.#told = found;
    this.watch.changed(reason, isShuttingDown);
  }
}

interface Succession extends Pick<Watched, 'startedAt' | 'signal'>, Pick<HealthWatch, 'graceMs'> {
  readonly gone: ProcessRow;
  /** The log's position behind which its successor's lines are. */
  readonly since: number;
}

/** The script runs on without its JVM: it starts the next one after exit code 121, and else ends in a moment. */
async function succession(
  server: RunningServer,
  { gone, startedAt, since, graceMs, signal }: Succession,
  { clock }: Pick<Supervising, 'clock'>,
): Promise<Change> {
  const wake = AbortSignal.any([signal, server.ended]);
  const deadlineMs = clock.now() + SUCCESSION_MS;
  while (clock.now() < deadlineMs) {
    if (signal.aborted) return { kind: 'asked' };
    if (server.exit) return howItEnded(server, startedAt, { graceMs }, { clock });
    const next = server.jvm();
    if (next && !isSame(next, gone)) {
      await server.log.caughtUp();
      return { kind: 'restarted', since, startedAt: server.log.position };
    }
    await clock.sleep(SUCCESSION_TICK_MS, wake);
  }
  return {
    kind: 'crashed',
    how: `its JVM (pid ${gone.pid}) is gone, and its script neither ended nor started another`,
  };
}

/** The script's exit code is 0 whatever the JVM's was: only the log tells a shutdown from a crash. */
async function howItEnded(...ended: Parameters<typeof isShuttingDown>): Promise<Change> {
  const [server] = ended;
  await server.log.caughtUp();
  // The log's words on a shutdown may be anybody's; only the shell says that a signal has ended the JVM.
  const signal = endingSignal(server.log);
  if (signal === undefined && isShuttingDown(...ended)) return { kind: 'shut-down' };
  return { kind: 'crashed', how: describeEnd(server) };
}
