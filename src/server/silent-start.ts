import type { ObservedPort } from '../domain/probes.js';
import type { System } from '../system/index.js';
import type { RunningServer } from './start.js';

const LOOK_MS = 500;
/** Ports may be open for 8 s before a server says that it has started: a look each half second, for 15 s. */
const LOOKS = 30;

/** Tells by its ports and by the quiet of its log when a server has started that can't say so. */
export class SilentStart {
  #lookedMs = Number.NEGATIVE_INFINITY;
  #position = Number.NaN;
  /** Looks in a row that found nothing new. They are counted, not timed: time also passes for a suspended process. */
  #quietLooks = 0;
  #startedAtMs: number | undefined;

  constructor(
    private readonly server: Pick<RunningServer, 'log'>,
    private readonly observe: () => Promise<readonly ObservedPort[]>,
    private readonly clock: Pick<System['clock'], 'now'>,
  ) {}

  /** Time at which the server was seen to have started; undefined as long as it has not. */
  async startedAtMs(): Promise<number | undefined> {
    const now = this.clock.now();
    if (this.#startedAtMs === undefined && now - this.#lookedMs >= LOOK_MS) {
      this.#lookedMs = now;
      this.#quietLooks = (await this.#isQuiet()) ? this.#quietLooks + 1 : 0;
      if (this.#quietLooks > LOOKS) this.#startedAtMs = now;
    }
    return this.#startedAtMs;
  }

  async #isQuiet(): Promise<boolean> {
    const { position } = this.server.log;
    const isUnchanged = position === this.#position;
    this.#position = position;
    const required = (await this.observe()).filter((port) => port.required);
    return isUnchanged && required.length > 0 && required.every(({ state }) => state.kind !== 'closed');
  }
}
