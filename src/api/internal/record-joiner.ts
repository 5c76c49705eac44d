import { writtenAtMs } from '../../server/log-lines.js';

/** The time for which a record may grow: nothing says which line of a stack trace is its last. */
const GROWING_MS = 200;

/**
 * Hands lines over in whole records, a line with a time and those that go on from it, such as a stack trace:
 * where several logs share a terminal, no line of another comes between.
 */
export class RecordJoiner {
  #held: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly write: (lines: readonly string[]) => void) {}

  take(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const held = [...this.#held, ...lines];
    const start = Math.max(
      0,
      held.findLastIndex((line) => writtenAtMs(line) !== undefined),
    );
    this.#held = held.slice(start);
    if (start > 0) this.write(held.slice(0, start));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.finish(), GROWING_MS).unref();
  }

  finish(): void {
    clearTimeout(this.#timer);
    const held = this.#held;
    this.#held = [];
    if (held.length > 0) this.write(held);
  }
}
