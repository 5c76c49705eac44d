import type { Holder, ListedHolder } from '../domain/instance.js';
import type { Clock } from '../system/clock.js';

interface Use extends ListedHolder {
  readonly lingerMs: number;
}

/** The holders of a server that is stopped when nobody uses it any more. */
export class Sharing {
  readonly #uses = new Set<Use>();
  readonly #unused = new AbortController();
  #waiting = new AbortController();
  #changed = (): void => {};

  constructor(private readonly clock: Clock) {}

  /** Fires once the last holder has let go, and no other has come for as long as it wanted the server to be kept. */
  get unused(): AbortSignal {
    return this.#unused.signal;
  }

  get holders(): readonly ListedHolder[] {
    return [...this.#uses].map(({ pid, label, since }) => ({ pid, label, since }));
  }

  whenChanged(listener: () => void): void {
    this.#changed = listener;
  }

  /** @returns what lets go again */
  hold(holder: Holder, lingerMs: number): () => void {
    const use: Use = { ...holder, since: new Date(this.clock.date()).toISOString(), lingerMs };
    this.#waiting.abort();
    this.#uses.add(use);
    this.#changed();
    return () => {
      if (!this.#uses.delete(use)) return;
      this.#changed();
      if (this.#uses.size === 0) void this.#wait(use.lingerMs);
    };
  }

  async #wait(lingerMs: number): Promise<void> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    if (lingerMs > 0) await this.clock.sleep(lingerMs, waiting.signal);
    if (!waiting.signal.aborted) this.#unused.abort();
  }
}
