import {
  type AwaitedArtifact,
  type DeploymentAction,
  DeploymentLog,
  type DeploymentVerdict,
  SILENCE_MS,
} from '../../domain/deployment.js';
import type { Clock } from '../../system/clock.js';

/** How a server is, as far as it matters to whoever waits for its word. */
export type Liveness = 'up' | 'not-up' | 'ended';

/** The end of the wait for one artifact; `unsaid` where the server says nothing of those ends, and has had its time. */
export interface Told<Artifact extends AwaitedArtifact> {
  readonly artifact: Artifact;
  readonly verdict: DeploymentVerdict | { readonly kind: 'unsaid' };
  readonly durationMs: number;
}

/** Why the wait is over. */
export type WaitEnd = 'all-told' | 'server-ended' | 'time-over';

interface Awaiting<Artifact extends AwaitedArtifact> {
  readonly artifacts: readonly Artifact[];
  readonly action: DeploymentAction;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Begins to hand over whole records of the log. */
  follow(take: (lines: readonly string[]) => void): FollowedLog;
  look(): Promise<Liveness>;
  /** Told as soon as it is known. */
  tell(told: Told<Artifact>): void;
}

export interface FollowedLog {
  /** Resolves once all that is written has been handed over. */
  caughtUp(): Promise<void>;
  close(): void;
}

const LOOK_MS = 200;

/** Waits until a server has said of each artifact how it took it. @throws the signal's reason */
export async function untilTold<Artifact extends AwaitedArtifact>(
  { artifacts, action, timeoutMs, signal, follow, look, tell }: Awaiting<Artifact>,
  { clock }: { readonly clock: Pick<Clock, 'now' | 'sleep'> },
): Promise<WaitEnd> {
  const beganMs = clock.now();
  const log = new DeploymentLog(artifacts, action);
  const followed = follow((lines) => log.take(lines));
  const left = new Set(artifacts);
  let upSinceMs: number | undefined;
  const settle = (): void => {
    const isSilent = upSinceMs !== undefined && clock.now() - upSinceMs >= SILENCE_MS;
    for (const artifact of left) {
      const verdict = log.verdictOn(artifact) ?? (isSilent && mayBeUnsaid(artifact, action) ? UNSAID : undefined);
      if (verdict === undefined) continue;
      left.delete(artifact);
      tell({ artifact, verdict, durationMs: clock.now() - beganMs });
    }
  };
  try {
    for (;;) {
      const liveness = await look();
      signal.throwIfAborted();
      upSinceMs = liveness === 'up' ? (upSinceMs ?? clock.now()) : undefined;
      const isOver = liveness === 'ended' || clock.now() - beganMs >= timeoutMs;
      if (isOver) await followed.caughtUp();
      settle();
      if (left.size === 0) return 'all-told';
      if (isOver) return liveness === 'ended' ? 'server-ended' : 'time-over';
      await clock.sleep(Math.min(LOOK_MS, beganMs + timeoutMs - clock.now()), signal);
    }
  } finally {
    followed.close();
  }
}

const UNSAID = { kind: 'unsaid' } as const;

const mayBeUnsaid = ({ words }: AwaitedArtifact, action: DeploymentAction): boolean =>
  words.unsaid?.includes(action === 'deploy' ? 'deployed' : 'undeployed') === true;
