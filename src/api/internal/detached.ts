import type { LaunchEvent } from '../../domain/events.js';
import { LaunchError } from '../../domain/failure.js';
import { endOf, exitCodeOf, INTERRUPT_CODES, type StopAsked } from '../../domain/launch-end.js';
import { errorOf, type Over } from '../../domain/protocol.js';
import type { Text } from '../../domain/text.js';
import { cutOff, hearSupervisor, startInBackground } from '../../launch/background.js';
import type { LaunchRequest } from '../../launch/request.js';
import { nodeSystem } from '../../system/index.js';
import type { Exit } from '../../system/spawning.js';

/** The caller's side of a launch in the background. */
export interface DetachedHooks {
  hear(event: LaunchEvent): void;
  warn(text: Text): void;
  /** Called once there is a name. */
  named(name: string): void;
  /** Fires with a {@link StopAsked} when the launch is not wanted any more before it is ready. */
  readonly asked: AbortSignal;
  /** Fires when nobody wants to wait for a graceful stop. */
  readonly insisted: AbortSignal;
  /** The words in the command line of the supervisor, for people. */
  readonly words: readonly string[];
}

/**
 * Launches a server in the background. Resolves once it is ready, where it goes on by itself, or once the launch is
 * over.
 * @throws LaunchError
 */
export async function launchDetached(
  request: LaunchRequest,
  { hear, warn, named, asked, insisted, words }: DetachedHooks,
): Promise<Over> {
  const supervisor = await startInBackground({ request }, words, nodeSystem.env);
  const passAsked = (): void => supervisor.kill((asked.reason as StopAsked).signal ?? 'SIGTERM');
  if (asked.aborted) passAsked();
  else asked.addEventListener('abort', passAsked);
  insisted.addEventListener('abort', () => supervisor.kill('SIGTERM'));
  let name: string | null = null;
  let isReady = false;
  /** Whether it was a job that has ended by itself. */
  let isDone = false;
  try {
    const over = await hearSupervisor(supervisor, {
      started: (started) => {
        ({ name } = started);
        named(name);
      },
      warn,
      hear: (event) => {
        hear(event);
        isDone ||= request.once === true && event.event === 'stopped' && event.reason === 'from-inside';
        isReady ||= event.event === 'ready' && !asked.aborted;
        if (isReady) supervisor.close();
      },
    });
    if (isReady) return { code: 0 };
    const error = over && errorOf(over);
    if (error) throw error;
    if (isDone && over) return over;
    // The launch has ended as somebody else has asked; this caller has asked for something else.
    if (over?.code === 0) throw new LaunchError({ kind: 'stopped-meanwhile', name });
    if (over) return over;
    return {
      code: asked.aborted ? exitCodeOf(endOf(asked.reason as StopAsked)) : codeOfKilled(await supervisor.exited),
    };
  } finally {
    supervisor.close();
  }
}

/** The exit code for a supervisor that was killed. @throws LaunchError `internal` unless it was asked to end */
function codeOfKilled(exit: Exit): number {
  // A supervisor that a signal ends by itself did not listen yet: nothing has been started.
  const asked = Object.entries(INTERRUPT_CODES).find(([name, number]) => name === exit.signal || number === exit.code);
  if (asked) return asked[1];
  throw cutOff(exit);
}
