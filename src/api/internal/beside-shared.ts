import type { LaunchEvent } from '../../domain/events.js';
import { LaunchError } from '../../domain/failure.js';
import { endOf, type LaunchEnd, StopAsked } from '../../domain/launch-end.js';
import { errorOf } from '../../domain/protocol.js';
import type { Text } from '../../domain/text.js';
import { askSupervisor } from '../../instance/client.js';
import { findInstance, type Instance } from '../../instance/list.js';
import { acquireServer, type HeldServer } from '../../launch/acquire.js';
import type { LaunchRequest } from '../../launch/request.js';
import { findReusable, type Reusable } from '../../launch/reuse.js';
import { nodeSystem } from '../../system/index.js';
import { type BesideCommand, runBeside } from './beside.js';

export type { Reusable };

/** The caller's side of a command beside a shared server. */
export interface SharedHooks {
  /** Called with each event of a server that is launched for this. */
  hear(event: LaunchEvent): void;
  warn(text: Text): void;
  /** Called once there is a name. */
  named(name: string): void;
  /** The server to take of those that run; undefined where one is to be launched. @throws LaunchError */
  choose(reusable: Reusable): Instance | undefined;
  /** Fires with a {@link StopAsked}. */
  readonly asked: AbortSignal;
  /** Fires when nobody wants to wait for a graceful stop. */
  readonly insisted: AbortSignal;
  /** The words in the command line of a new supervisor, for people. */
  readonly words: readonly string[];
}

/**
 * Runs the command beside a server that others may use as well. Where none runs it is launched, and goes when the last
 * of them has ended; one that was there before stays.
 * @throws LaunchError
 */
export async function runBesideShared(
  request: LaunchRequest,
  command: BesideCommand,
  hooks: SharedHooks,
): Promise<LaunchEnd> {
  const { asked, insisted, warn } = hooks;
  const serverEnded = new AbortController();
  let held: HeldServer | undefined;
  try {
    held = await hold(request, command, hooks, () => serverEnded.abort());
    const { name, over } = held;
    over.then(
      () => serverEnded.abort(),
      () => serverEnded.abort(),
    );
    const { code } = await runBeside(command, await findInstance(name), serverEnded.signal, {
      asked,
      insisted,
      warn,
    });
    if (serverEnded.signal.aborted) throw await lossOf(held, command);
    held.letGo();
    const error = errorIn(await over);
    if (error) throw error;
    return asked.aborted ? endOf(asked.reason as StopAsked) : { kind: 'work-done', code };
  } catch (error) {
    if (error instanceof StopAsked) return endOf(error);
    throw error;
  } finally {
    held?.letGo();
    held?.close();
  }
}

/** @param crashed called when the server has died, whether or not it is started again */
function hold(
  request: LaunchRequest,
  { file }: BesideCommand,
  { hear, warn, named, choose, asked, insisted, words }: SharedHooks,
  crashed: () => void,
): Promise<HeldServer> {
  let name: string | undefined;
  insisted.addEventListener('abort', () => void insist(name));
  const wanted = {
    request: { ...request, isDetached: true },
    holder: { pid: nodeSystem.pid, label: `exec ${file}` },
    lingerMs: 0,
    find: async () => choose(await findReusable(request)),
    words,
    env: nodeSystem.env,
  };
  return acquireServer(wanted, {
    signal: asked,
    warn,
    named: (its) => {
      name = its;
      named(its);
    },
    hear: (event, isNew) => {
      if (isNew) hear(event);
      // A server that its policy starts again has died all the same, and with it the command's work.
      if (isCrash(event)) crashed();
    },
  });
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
async function insist(name: string | undefined): Promise<void> {
  if (name === undefined) return;
  await askSupervisor(await findInstance(name), 'kill', { hear: () => false }).catch(() => {}); // it has ended
}
