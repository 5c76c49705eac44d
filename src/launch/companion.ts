import type { LaunchHooks, ReadyInstance } from './hooks.js';

/** The work beside a ready server, such as the command of `exec`: begun once, however often the server restarts. */
export class Companion {
  readonly #serverIsOver = new AbortController();
  readonly #done = new AbortController();
  #work: Promise<number> | undefined;

  constructor(
    private readonly whileReady: LaunchHooks['whileReady'],
    private readonly insisted: AbortSignal,
  ) {}

  get hasStarted(): boolean {
    return this.#work !== undefined;
  }

  /** Fires when the work has ended by itself. */
  get done(): AbortSignal {
    return this.#done.signal;
  }

  start(ready: ReadyInstance): void {
    if (!this.whileReady || this.#work) return;
    this.#work = this.whileReady(ready, this.#serverIsOver.signal, this.insisted);
    void this.#work.catch(() => {}).then(() => this.#done.abort());
  }

  /** The exit code of the work, once it has ended; undefined where there is none. @throws what the work throws */
  result(): Promise<number> | undefined {
    return this.#work;
  }

  /** Asks the work to end, for its server does, and waits for it. */
  async end(): Promise<void> {
    this.#serverIsOver.abort();
    await this.#work?.catch(() => {});
  }
}
