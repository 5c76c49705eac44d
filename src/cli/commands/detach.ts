import { LaunchError } from '../../domain/failure.js';
import { endOf, exitCodeOf, INTERRUPT_CODES, type StopAsked } from '../../domain/launch-end.js';
import { errorOf } from '../../domain/protocol.js';
import { cutOff, hearSupervisor, startInBackground } from '../../launch/background.js';
import type { LaunchRequest } from '../../launch/request.js';
import { nodeSystem } from '../../system/index.js';
import { listenForInterrupts } from '../../system/interrupts.js';
import type { Exit } from '../../system/spawning.js';
import type { Context } from '../main.js';
import { announce } from './launch.js';

/** Launches a server in the background, and tells what happens until it is ready: its exit code. */
export async function launchDetached(request: LaunchRequest, context: Context): Promise<number> {
  const { reporter } = context;
  const { asked, insisted, stop } = listenForInterrupts();
  const supervisor = await startInBackground({ request }, process.argv.slice(2), nodeSystem.env);
  const passAsked = (): void => supervisor.kill((asked.reason as StopAsked).signal ?? 'SIGTERM');
  if (asked.aborted) passAsked();
  else asked.addEventListener('abort', passAsked);
  insisted.addEventListener('abort', () => supervisor.kill('SIGTERM'));
  const tell = announce(context, true);
  let isReady = false;
  try {
    const over = await hearSupervisor(supervisor, {
      started: ({ name }) => {
        reporter.name = name;
      },
      warn: reporter.warn,
      hear: (event) => {
        tell(event);
        isReady ||= event.event === 'ready' && !asked.aborted;
        if (isReady) supervisor.close();
      },
    });
    if (isReady) return 0;
    const error = over && errorOf(over);
    if (error) throw error;
    // The launch has ended as somebody else has asked; this command was asked for something else.
    if (over?.code === 0) throw new LaunchError({ kind: 'stopped-meanwhile', name: reporter.name });
    if (over) return over.code;
    return asked.aborted ? exitCodeOf(endOf(asked.reason as StopAsked)) : codeOfKilled(await supervisor.exited);
  } finally {
    stop();
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
