import { Socket } from 'node:net';
import { SUPERVISOR_VARIABLE } from '../../domain/command.js';
import type { LaunchEvent, StopRequest } from '../../domain/events.js';
import { asLaunchError, type Failure, LaunchError } from '../../domain/failure.js';

import { launch } from '../../launch/launch.js';
import type { LaunchRequest } from '../../launch/request.js';
import { settlesWithin } from '../../system/clock.js';
import { nodeSystem } from '../../system/index.js';
import { untilTaken } from '../../system/output.js';
import { type Exit, SUPERVISOR_FD } from '../../system/spawning.js';
import { INTERRUPT_CODES, listenForInterrupts } from '../interrupts.js';
import type { Context } from '../main.js';
import { announce } from './launch.js';

/** What the supervisor in the background says to whoever started it, a JSON line each. */
type Said =
  | { readonly started: { readonly name: string; readonly logFile: string } }
  | { readonly warning: string }
  | { readonly event: LaunchEvent }
  | { readonly over: { readonly code: number; readonly failure?: Failure; readonly lastLines?: readonly string[] } };

/** Whether this process is the supervisor in the background. */
export const isSupervisor = (): boolean => nodeSystem.env[SUPERVISOR_VARIABLE] !== undefined;

/** Starts the same command line once more in the background, and tells what it says until it is ready. */
export async function launchDetached(context: Context): Promise<number> {
  const { reporter } = context;
  const { asked, insisted, stop } = listenForInterrupts();
  const [, program = '', ...args] = process.argv;
  const env = { ...(process.env as Record<string, string>), [SUPERVISOR_VARIABLE]: '1' };
  const supervisor = await nodeSystem.spawning.startSupervisor([program, ...args], env);
  const identity = nodeSystem.processes.find(supervisor.pid);
  const pass = (signal: NodeJS.Signals): void => void (identity && nodeSystem.processes.signal(identity, signal));
  const passAsked = (): void => pass((asked.reason as StopRequest).signal ?? 'SIGTERM');
  if (asked.aborted) passAsked();
  else asked.addEventListener('abort', passAsked);
  insisted.addEventListener('abort', () => pass('SIGTERM'));
  const tell = announce(context, true);
  try {
    for await (const line of supervisor.lines) {
      const said = JSON.parse(line) as Said;
      if ('started' in said) reporter.name = said.started.name;
      if ('warning' in said) reporter.warn(said.warning);
      if ('event' in said) tell(said.event);
      if ('event' in said && said.event.event === 'ready' && !asked.aborted) return 0;
      if ('over' in said) {
        // Whoever hears that a launch is over may look at once for what is left of it.
        await settlesWithin(supervisor.exited, EXIT_PATIENCE_MS);
        const code = overCode(said.over);
        // It has ended as somebody has asked; whoever waits for it has asked for something else.
        if (code === 0) throw new LaunchError({ kind: 'stopped-meanwhile', name: reporter.name });
        return code;
      }
    }
    if (asked.aborted) return (asked.reason as StopRequest).exitCode;
    return codeOfKilled(await supervisor.exited);
  } finally {
    stop();
    supervisor.close();
  }
}

/** For a supervisor that has said its last word; one that is suspended must not keep us. */
const EXIT_PATIENCE_MS = 5_000;

/** The end of a supervisor that could not say anything more. @throws LaunchError unless it was asked to end */
function codeOfKilled({ code, signal }: Exit): number {
  // Before it listened, or before the program was up: nothing has been started.
  const asked = Object.entries(INTERRUPT_CODES).find(([name, number]) => name === signal || number === code);
  if (asked) return asked[1];
  if (signal === null) {
    throw new LaunchError({
      kind: 'internal',
      what: `The supervisor in the background ended without a word, code ${code}.`,
    });
  }
  throw new LaunchError({
    kind: 'internal',
    what: `The supervisor in the background was ended by ${signal}.`,
    hint: 'Its guard stops the server, if there was one already; wso2-launch ps shows what is left.',
  });
}

function overCode({ code, failure, lastLines }: Extract<Said, { over: unknown }>['over']): number {
  if (failure) throw new LaunchError(failure, lastLines);
  return code;
}

/** The other side of it: the launch itself, which goes on when nobody listens any more. */
export async function superviseInBackground(request: LaunchRequest): Promise<number> {
  delete process.env[SUPERVISOR_VARIABLE]; // it was for us alone
  // Not a file's stream: a write that waits for a suspended launcher would hold up even our exit.
  const channel = new Socket({ fd: SUPERVISOR_FD, readable: false, writable: true });
  channel.on('error', () => {}); // whoever started us has heard enough
  const say = (said: Said): void => void channel.write(`${JSON.stringify(said)}\n`);
  const interrupts = listenForInterrupts();
  const finish = (said: Said): Promise<void> => {
    const written = new Promise<void>((resolve) => {
      channel.once('error', () => resolve()).end(`${JSON.stringify(said)}\n`, () => resolve());
    });
    const rest = {
      get taken() {
        return -channel.writableLength;
      },
    };
    return untilTaken(written, [rest]);
  };
  try {
    const code = await launch(request, {
      asked: interrupts.asked,
      insisted: interrupts.insisted,
      warn: (warning) => say({ warning }),
      started: (name, logFile) => {
        say({ started: { name, logFile } });
        process.chdir('/'); // the user's folder is not ours to hold
      },
      report: (event) => say({ event }),
    });
    await finish({ over: { code } });
    return code;
  } catch (error) {
    const expected = asLaunchError(error);
    await finish({ over: { code: expected.exitCode, failure: expected.failure, lastLines: expected.lastLines } });
    return expected.exitCode;
  } finally {
    interrupts.stop();
  }
}
