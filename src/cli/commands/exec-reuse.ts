import type { LaunchEvent } from '../../domain/events.js';
import { LaunchError } from '../../domain/failure.js';
import { endOf, exitCodeOf, StopAsked } from '../../domain/launch-end.js';
import { errorOf } from '../../domain/protocol.js';
import { askSupervisor } from '../../instance/client.js';
import { findInstance, type Instance } from '../../instance/list.js';
import { acquireServer, type HeldServer } from '../../launch/acquire.js';
import type { LaunchRequest } from '../../launch/request.js';
import { findReusable } from '../../launch/reuse.js';
import { nodeSystem } from '../../system/index.js';
import { listenForInterrupts } from '../../system/interrupts.js';
import type { Context } from '../main.js';
import { type BesideCommand, runBeside } from './beside.js';
import { announce } from './launch.js';

/**
 * Runs the command beside a server that others may use as well. Where none runs it is launched, and goes when the last
 * of them has ended; one that was there before stays.
 */
export async function runBesideShared(
  request: LaunchRequest,
  command: BesideCommand,
  context: Context,
): Promise<number> {
  const { reporter } = context;
  const { asked, insisted, stop } = listenForInterrupts();
  const tell = announce(context);
  const serverEnded = new AbortController();
  insisted.addEventListener('abort', () => void insist(reporter.name));
  let held: HeldServer | undefined;
  const wanted = {
    request: { ...request, isDetached: true },
    holder: { pid: nodeSystem.pid, label: `exec ${command.file}` },
    lingerMs: 0,
    find: () => find(request),
    words: process.argv.slice(2),
    env: nodeSystem.env,
  };
  try {
    held = await acquireServer(wanted, {
      signal: asked,
      warn: reporter.warn,
      named: (name) => {
        reporter.name = name;
      },
      hear: (event, isNew) => {
        if (isNew) tell(event);
        // A server that its policy starts again has died all the same, and with it the command's work.
        if (isCrash(event)) serverEnded.abort();
      },
    });
    const { name, over } = held;
    over.then(
      () => serverEnded.abort(),
      () => serverEnded.abort(),
    );
    const { code } = await runBeside(command, await findInstance(name), serverEnded.signal, { asked, insisted });
    if (serverEnded.signal.aborted) throw await lossOf(held, command);
    held.letGo();
    const error = errorIn(await over);
    if (error) throw error;
    return asked.aborted ? exitCodeOf(endOf(asked.reason as StopAsked)) : code;
  } catch (error) {
    if (error instanceof StopAsked) return exitCodeOf(endOf(error));
    throw error;
  } finally {
    held?.letGo();
    held?.close();
    stop();
  }
}

const isCrash = (event: LaunchEvent): boolean => event.event === 'restarting' && event.reason === 'crashed';

const errorIn = (over: Awaited<HeldServer['over']>): LaunchError | undefined => over && errorOf(over);

/** Why the server went away under the command: who has launched it tells how. */
async function lossOf({ name, isNew, over, letGo }: HeldServer, { file }: BesideCommand): Promise<LaunchError> {
  letGo();
  const error = isNew ? errorIn(await over.catch(() => undefined)) : undefined;
  const { logFile } = await findInstance(name);
  return error ?? new LaunchError({ kind: 'crashed', how: `${name} ended while ${file} was running`, logFile });
}

/** Has the server killed, for nobody wants to wait for a graceful stop any more. */
async function insist(name: string | null): Promise<void> {
  if (name === null) return;
  await askSupervisor(await findInstance(name), 'kill', { hear: () => false }).catch(() => {}); // it has ended
}

/** @throws LaunchError `usage` where it is not clear what is meant */
async function find(request: LaunchRequest): Promise<Instance | undefined> {
  const reusable = await findReusable(request);
  switch (reusable.kind) {
    case 'one':
      return reusable.instance;
    case 'none':
      if (reusable.canLaunch) return undefined;
      throw new LaunchError({
        kind: 'usage',
        what: `No ${request.product} is running that could be reused.`,
        hint: 'Name a home with --home, or change into it: then it is launched.',
      });
    case 'several':
      throw new LaunchError({
        kind: 'usage',
        what: `--reuse has to be told which: ${reusable.names.join(', ')} are running.`,
        hint: 'Name one with --name, or its home with --home.',
      });
  }
}
