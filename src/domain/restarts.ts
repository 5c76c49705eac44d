/** The cases in which a server that has ended is started again. */
export const RESTART_WHENS = ['never', 'on-failure', 'always'] as const;

export interface RestartPolicy {
  readonly when: (typeof RESTART_WHENS)[number];
  /** The most restarts in a row, with no quiet time between them. */
  readonly most: number;
}

export const NEVER_RESTART: RestartPolicy = { when: 'never', most: 5 };

/** The end of a server, as far as it decides about another start. */
export type EndedHow = 'failed' | 'shut-down';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
/** A server that was ready for so long has begun anew: what happened before is forgotten. */
const QUIET_MS = 60_000;

/** The restarts of one launch so far. */
export interface Restarts {
  readonly inARow: number;
}

export const NO_RESTARTS: Restarts = { inARow: 0 };

/**
 * The next restart and the pause before it, twice as long each time; undefined where there is none.
 * @param readyForMs how long the server was ready; 0 where it never was
 */
export function nextRestart(
  policy: RestartPolicy,
  { inARow }: Restarts,
  end: EndedHow,
  readyForMs: number,
): { readonly restarts: Restarts; readonly delayMs: number } | undefined {
  const applies = policy.when === 'always' || (policy.when === 'on-failure' && end === 'failed');
  const before = readyForMs >= QUIET_MS ? 0 : inARow;
  if (!applies || before >= policy.most) return undefined;
  return {
    restarts: { inARow: before + 1 },
    delayMs: Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** before),
  };
}
