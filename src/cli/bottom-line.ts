import type { Words } from '../domain/words.js';

// ECMA-48: to the line's front, and all of it erased; a line that is too long is cut at the terminal's edge.
const CLEARED = '\r\u001b[2K';
const UNWRAPPED = '\u001b[?7l';
const WRAPPED = '\u001b[?7h';

/** A line that stays below everything else that is written to a terminal. */
export class BottomLine {
  #line: Words | undefined;
  #isShown = false;
  /** Whether somebody else's line has not ended yet, which nothing may be written behind. */
  #isInLine = false;

  /** @param put hands text over to the terminal, in the order of its calls */
  constructor(private readonly put: (text: string) => void) {}

  /** @param line undefined: none any more */
  show(line: Words | undefined): void {
    const cleared = this.#cleared();
    this.#line = line;
    this.#put(cleared + this.#drawn());
  }

  /** Writes a line of our own above it. */
  say(line: Words): void {
    const cleared = this.#cleared();
    this.#put(`${cleared}${line}\n${this.#drawn()}`);
  }

  /** Has something else written above it. @param endsLine whether that ends with a line end */
  async above(write: () => Promise<void>, endsLine: boolean): Promise<void> {
    this.#put(this.#cleared());
    this.#isInLine = true;
    await write();
    this.#isInLine = !endsLine;
    this.#put(this.#drawn());
  }

  #put(text: string): void {
    if (text !== '') this.put(text);
  }

  #cleared(): string {
    const wasShown = this.#isShown;
    this.#isShown = false;
    return wasShown ? CLEARED : '';
  }

  #drawn(): string {
    this.#isShown = this.#line !== undefined && !this.#isInLine;
    return this.#isShown ? `${UNWRAPPED}${this.#line}${WRAPPED}` : '';
  }
}
