import type { StopRequest } from '../domain/events.js';
import { ancestorsInSession, isStill } from '../domain/tree.js';

import { wasStartedIgnoringHangup } from '../system/hangup.js';
import { nodeSystem, type System } from '../system/index.js';

/** What may end a launch from outside. */
export interface Interrupts {
  /** Fires with a {@link StopRequest} on the first signal, or when nobody above us is left. */
  readonly asked: AbortSignal;
  /** Fires on a second signal. */
  readonly insisted: AbortSignal;
  stop(): void;
}

export const INTERRUPT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** A second signal within this time is the same one twice: npm and terminals send doubles. */
const DOUBLE_MS = 1_000;
const ANCESTORS_TICK_MS = 1_000;

/** Ends us with the signal's number: until a command that has something to stop listens for itself, and after it. */
export function leaveOnInterrupts(): void {
  for (const signal of SIGNALS) process.on(signal, leave);
}

function leave(signal: keyof typeof INTERRUPT_CODES): void {
  if (signal !== 'SIGHUP' || !wasStartedIgnoringHangup(nodeSystem.env)) process.exit(INTERRUPT_CODES[signal]);
}

export function listenForInterrupts(system: System = nodeSystem): Interrupts {
  const asked = new AbortController();
  const insisted = new AbortController();
  let firstMs: number | undefined;

  const interrupt = (signal: keyof typeof INTERRUPT_CODES): void => {
    const now = system.clock.now();
    if (firstMs === undefined) {
      firstMs = now;
      const request: StopRequest = { reason: 'signal', exitCode: INTERRUPT_CODES[signal], signal };
      asked.abort(request);
    } else if (now - firstMs >= DOUBLE_MS) {
      insisted.abort();
    }
  };
  const ignoresHangup = wasStartedIgnoringHangup(system.env);
  for (const signal of SIGNALS) {
    process.on(signal, signal === 'SIGHUP' && ignoresHangup ? () => {} : interrupt);
    process.off(signal, leave);
  }

  const timer = ignoresHangup
    ? undefined
    : watchAncestors(system, () => {
        firstMs ??= system.clock.now();
        // Like a hang-up: whoever would read the answer is gone.
        const request: StopRequest = { reason: 'parent-gone', exitCode: INTERRUPT_CODES.SIGHUP };
        asked.abort(request);
      });

  return { asked: asked.signal, insisted: insisted.signal, stop: () => clearInterval(timer) };
}

/**
 * npm passes no SIGTERM on, and the shell between it and us survives it: we look for ourselves.
 * Undefined where nobody is above us.
 */
function watchAncestors({ processes, pid, parentPid }: System, gone: () => void): NodeJS.Timeout | undefined {
  const self = processes.find(pid);
  if (!self || self.pid === self.session) return undefined;
  const hasLostParent = self.parent !== parentPid;
  const ancestors = ancestorsInSession(self, processes.find);
  if (!hasLostParent && ancestors.length === 0) return undefined;

  const timer = setInterval(() => {
    if (!hasLostParent && ancestors.every((row) => isStill(processes.find(row.pid), row))) return;
    clearInterval(timer);
    gone();
  }, ANCESTORS_TICK_MS).unref();
  return timer;
}
