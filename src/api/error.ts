import type { FailureReport, TakenPort } from './types.js';

/** A launch, or a question about one, that has failed. */
export class LaunchError extends Error implements FailureReport {
  // Node shows an error that nobody catches by the name of its class, which minifying shortens.
  static override readonly name = 'LaunchError';
  override readonly name = 'LaunchError';
  readonly code: number;
  readonly failure: string;
  readonly hint: string;
  readonly lastLines: readonly string[];
  // Declared only: as a field that is undefined each error would show them.
  declare readonly taken?: readonly TakenPort[];
  declare readonly lost?: readonly TakenPort[];

  constructor({ code, failure, message, hint, lastLines, taken, lost }: FailureReport, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.failure = failure;
    this.hint = hint;
    this.lastLines = lastLines;
    if (taken) this.taken = taken;
    if (lost) this.lost = lost;
  }
}
