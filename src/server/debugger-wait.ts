import type { System } from '../system/index.js';
import { isHeldBy } from '../system/sockets.js';
import type { RunningServer } from './start.js';

const LOOK_MS = 1_000;

/** Tells which debuggers a JVM waits for: it listens for each until that one has come. */
export class DebuggerWait {
  #lookedMs = Number.NEGATIVE_INFINITY;
  #awaited: readonly number[] = [];
  #isOver = false;

  /** @param tell is given the ports of those that are waited for, whenever they change */
  constructor(
    private readonly server: Pick<RunningServer, 'tree'>,
    private readonly ports: readonly number[],
    private readonly tell: (awaited: readonly number[]) => void,
    private readonly system: Pick<System, 'clock' | 'sockets'>,
  ) {}

  /** Whether those that were waited for have come. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Looks where a look is due, without touching a port. */
  async look(): Promise<void> {
    const nowMs = this.system.clock.now();
    if (this.#isOver || nowMs - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = nowMs;
    const awaited = await this.#listening();
    if (String(awaited) === String(this.#awaited)) return;
    this.#isOver = awaited.length === 0;
    this.#awaited = awaited;
    this.tell(awaited);
  }

  async #listening(): Promise<number[]> {
    const pids = this.server.tree().map(({ pid }) => pid);
    const sockets = await this.system.sockets.listeners(new Set(this.ports), pids);
    const own = sockets.filter((socket) => socket.isUntold || isHeldBy(socket, pids)).map(({ port }) => port);
    return this.ports.filter((port) => own.includes(port));
  }
}
