import { INTERRUPT_CODES, type Interrupt, StopAsked } from '../domain/launch-end.js';
import { ancestorsInSession, isStill, type ProcessRow } from '../domain/tree.js';
import { wasStartedIgnoringHangup } from './hangup.js';
import { nodeSystem, type System } from './index.js';

/** The signals that may end a launch from outside. */
export interface Interrupts {
  /** Fires with a {@link StopAsked} on the first signal, or when nobody above us is left. */
  readonly asked: AbortSignal;
  /** Fires on a second signal. */
  readonly insisted: AbortSignal;
  stop(): void;
}

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** A second signal within this time is the same one twice: npm and terminals send doubles. */
const DOUBLE_MS = 1_000;
const ANCESTORS_TICK_MS = 1_000;

/** Ends us with the signal's number: until a command that has something to stop listens for itself, and after it. */
export function leaveOnInterrupts(): void {
  for (const signal of SIGNALS) process.on(signal, leave);
}

function leave(signal: Interrupt): void {
  if (signal !== 'SIGHUP' || !wasStartedIgnoringHangup(nodeSystem.env)) process.exit(INTERRUPT_CODES[signal]);
}

export function listenForInterrupts(system: System = nodeSystem): Interrupts {
  const asked = new AbortController();
  const insisted = new AbortController();
  let firstMs: number | undefined;

  const interrupt = (signal: Interrupt): void => {
    const now = system.clock.now();
    if (firstMs === undefined) {
      firstMs = now;
      asked.abort(new StopAsked('signal', signal));
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
        asked.abort(new StopAsked('parent-gone'));
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
    if (!hasLostParent && ancestors.every((row) => mayLive(row, processes))) return;
    clearInterval(timer);
    gone();
  }, ANCESTORS_TICK_MS).unref();
  return timer;
}

/**
 * Whether a process may live: nobody can be looked for where no more files may be opened, and nobody is known to be
 * gone.
 */
function mayLive(row: ProcessRow, { find }: Pick<System['processes'], 'find'>): boolean {
  try {
    return isStill(find(row.pid), row);
  } catch {
    return true;
  }
}
