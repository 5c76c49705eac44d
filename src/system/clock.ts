import { uptime } from 'node:os';

/** Time, as the stages see it; a test drives its own. */
export interface Clock {
  /** Milliseconds of a clock that is never set back. */
  now(): number;
  /** Wall time in milliseconds since 1970; somebody may set it. */
  date(): number;
  /** Milliseconds since this machine was started: the same for all processes, and never set. */
  uptime(): number;
  /** Ends early, without an error, when the signal fires. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Whether a promise is settled within this time; what it brings is for whoever awaits it. */
export async function settlesWithin(
  promise: Promise<unknown>,
  ms: number,
  { sleep }: Pick<Clock, 'sleep'> = systemClock,
): Promise<boolean> {
  const settled = new AbortController();
  const settle = (): void => settled.abort();
  promise.then(settle, settle);
  await sleep(ms, settled.signal);
  return settled.signal.aborted;
}

/** Resolves once a signal has fired. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/**
 * A signal that fires with another one, or after a time. Node 20 collects a time-out that nobody but `AbortSignal.any`
 * knows, which then never fires: it keeps one that somebody listens to.
 */
export function withinTime(signal: AbortSignal, ms: number): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  const either = AbortSignal.any([signal, timeout]);
  timeout.addEventListener('abort', () => void either.aborted, { once: true });
  return either;
}

/** The reason given for a question that nobody answered in time. */
export const noAnswer = (withinMs: number): string => `no answer in ${withinMs / 1000} s`;

/** Whether an error comes from an `AbortSignal.timeout`: Node itself says only that an operation was aborted. */
export function isTimeout(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as Partial<Error>;
  return name === 'TimeoutError' || (cause !== undefined && isTimeout(cause));
}

/** Milliseconds of a clock that is never set back; that of `performance` would have ten modules of Node loaded. */
export const monotonicMs = (): number => process.uptime() * 1_000;

export const systemClock: Clock = {
  now: monotonicMs,
  date: () => Date.now(),
  uptime: () => uptime() * 1000,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
    }),
};
