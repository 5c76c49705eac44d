import type { LaunchEvent } from './events.js';
import { LaunchError, type TakenPort } from './failure.js';
import type { LaunchEnd } from './launch-end.js';
import { type EndedHow, NO_RESTARTS, nextRestart, type RestartPolicy, type Restarts } from './restarts.js';

/** The end of one start of a server; nothing of it runs any more. */
export type RunEnd =
  | { readonly kind: 'over'; readonly end: LaunchEnd }
  /** Ports were lost to another program, between choosing and binding. */
  | { readonly kind: 'lost'; readonly lost: readonly TakenPort[]; readonly lastLines: readonly string[] }
  /** A restart was asked for. */
  | { readonly kind: 'again' }
  /** The server ended by itself. */
  | {
      readonly kind: 'ended';
      readonly how: EndedHow;
      /** 0 where it never was. */
      readonly readyForMs: number;
      readonly error?: LaunchError;
    };

/** The state of a launch between one start and the next. */
export interface Progress {
  readonly offset: number;
  /** Starts in a row that have lost ports, this one among them. */
  readonly tries: number;
  readonly restarts: Restarts;
  /** Ports that were lost: even where nobody is seen on them any more, they are not ours. */
  readonly avoid: ReadonlySet<number>;
}

export const beginning = (offset: number): Progress => ({
  offset,
  tries: 1,
  restarts: NO_RESTARTS,
  avoid: new Set(),
});

/** The rules of a launch: whether it may still change its offset, and when its server is started again. */
export interface Policy {
  /** Whether it may take any offset. */
  readonly isFree: boolean;
  readonly restart: RestartPolicy;
  /** Whether the work beside the server has begun: it was told the ports. */
  readonly isWorkBegun: boolean;
}

/** The next step of a launch. */
export type Order =
  | { readonly kind: 'finish'; readonly end: LaunchEnd }
  | { readonly kind: 'fail'; readonly error: LaunchError }
  /** Choose another offset, and start there. */
  | { readonly kind: 'move' }
  /** Start again at the same offset, after a pause where there is one; `mayMove`: at another one where it is taken. */
  | { readonly kind: 'repeat'; readonly mayMove: boolean; readonly pause?: Pause };

export type Pause = Omit<Extract<LaunchEvent, { event: 'restarting' }>, 'event'>;

/** The number of other offsets that are tried after the first one was lost. */
const MORE_TRIES = 3;

/** The step that follows the end of one start. */
export function next(
  progress: Progress,
  end: RunEnd,
  policy: Policy,
): { readonly progress: Progress; readonly order: Order } {
  const stay = (order: Order): { progress: Progress; order: Order } => ({ progress, order });
  const mayMove = policy.isFree && !policy.isWorkBegun;
  switch (end.kind) {
    case 'over':
      return stay({ kind: 'finish', end: end.end });
    case 'lost': {
      const { offset, tries, avoid } = progress;
      const { lost, lastLines } = end;
      if (!mayMove || tries > MORE_TRIES) {
        const error = new LaunchError({ kind: 'ports-lost', offset, lost, tries }, lastLines);
        return stay({ kind: 'fail', error });
      }
      const avoided = new Set([...avoid, ...lost.map(({ number }) => number)]);
      return { progress: { ...progress, tries: tries + 1, avoid: avoided }, order: { kind: 'move' } };
    }
    case 'again':
      return { progress: { ...progress, tries: 1 }, order: { kind: 'repeat', mayMove } };
    case 'ended': {
      const again = nextRestart(policy.restart, progress.restarts, end.how, end.readyForMs);
      if (!again) return stay(lastOf(end));
      const { restarts, delayMs } = again;
      const reason = end.how === 'failed' ? 'crashed' : 'from-inside';
      const pause = { attempt: restarts.inARow, delayMs, reason } as const;
      return { progress: { ...progress, tries: 1, restarts }, order: { kind: 'repeat', mayMove, pause } };
    }
  }
}

const lastOf = ({ error }: Extract<RunEnd, { kind: 'ended' }>): Order =>
  error ? { kind: 'fail', error } : { kind: 'finish', end: { kind: 'stopped', reason: 'from-inside' } };
