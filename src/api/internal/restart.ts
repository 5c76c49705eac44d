import type { LaunchEvent } from '../../domain/events.js';
import { LaunchError } from '../../domain/failure.js';
import type { LaunchChange } from '../../domain/launch-change.js';
import { errorOf } from '../../domain/protocol.js';
import { askSupervisor, Declined, type Wish } from '../../instance/client.js';
import type { Instance } from '../../instance/list.js';
import { LONGEST_REQUEST } from '../../system/control.js';

export { Declined };

/**
 * Has an instance started again, with changed options where there are some. Resolves once it is ready.
 * @param tell is given what happens from then on
 * @throws LaunchError, a {@link Declined} where its server goes on as it was
 */
export async function restartInstance(
  instance: Instance,
  change: LaunchChange | undefined,
  tell: (event: LaunchEvent) => void,
): Promise<void> {
  let isReady = false;
  const listen = restartListener(tell);
  const hear = (event: LaunchEvent): boolean => {
    isReady = listen(event);
    return isReady;
  };
  const over = await askSupervisor(instance, restartWish(change), { hear });
  if (isReady) return;
  const { name, logFile } = instance;
  throw (over && errorOf(over)) ?? new LaunchError({ kind: 'not-running', name, ended: null, logFile });
}

/** The request for another start. @throws LaunchError `usage` for more than a supervisor reads */
export function restartWish(change: LaunchChange | undefined): Wish {
  if (!change) return 'restart';
  const bytes = Buffer.byteLength(JSON.stringify(change));
  if (bytes < LONGEST_REQUEST - STAMP_BYTES) return { ask: 'relaunch', change };
  throw new LaunchError({
    kind: 'usage',
    what: `The changed options are ${bytes} bytes with the files in them, and a running instance takes no more than ${LONGEST_REQUEST}.`,
    hint: 'Stop it, and launch it with these options.',
  });
}

/** More than a request has besides what it asks for. */
const STAMP_BYTES = 1024;

/**
 * Makes what hears the events from a request for another start on: true once that start is ready.
 * @param tell is given those of the start; what comes before is still of the server that was there
 */
export function restartListener<E extends { readonly event: string }>(
  tell: (event: E) => void = () => {},
): (event: E) => boolean {
  let hasBegun = false;
  return (event) => {
    // A server that was about to be started anyway is not stopped for it.
    hasBegun ||= event.event === 'restarting' || event.event === 'starting';
    if (hasBegun) tell(event);
    return hasBegun && event.event === 'ready';
  };
}
