import type { StopReason } from './events.js';
import type { JobEnd } from './job.js';

export type Interrupt = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** The exit codes of a program that a signal has interrupted. */
export const INTERRUPT_CODES: Readonly<Record<Interrupt, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** A wish that a launch end: an abort signal fires with it, and whatever waits throws it. */
export class StopAsked extends Error {
  constructor(
    readonly reason: StopReason,
    readonly signal?: Interrupt,
  ) {
    super(`asked to stop: ${signal ?? reason}`);
  }
}

/** The end of a launch that did not fail. */
export type LaunchEnd =
  | { readonly kind: 'stopped'; readonly reason: StopReason; readonly signal?: Interrupt | undefined }
  /** The work beside the server has ended by itself, with a code of its own. */
  | { readonly kind: 'work-done'; readonly code: number }
  /** The server was a job, and has ended by itself. */
  | ({ readonly kind: 'job-done' } & JobEnd);

export const endOf = ({ reason, signal }: StopAsked): LaunchEnd => ({ kind: 'stopped', reason, signal });

/** The exit code of a command line whose launch ended so. */
export function exitCodeOf(end: LaunchEnd): number {
  if (end.kind !== 'stopped') return end.code;
  if (end.signal) return INTERRUPT_CODES[end.signal];
  // A parent's end is like a hang-up: whoever would read the answer is gone.
  return end.reason === 'parent-gone' ? INTERRUPT_CODES.SIGHUP : 0;
}
