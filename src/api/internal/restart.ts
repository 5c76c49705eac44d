import type { LaunchEvent } from '../../domain/events.js';
import { LaunchError } from '../../domain/failure.js';
import { errorOf } from '../../domain/protocol.js';
import { askSupervisor } from '../../instance/client.js';
import type { Instance } from '../../instance/list.js';

/**
 * Has an instance started again. Resolves once it is ready.
 * @param tell is given what happens from then on
 * @throws LaunchError
 */
export async function restartInstance(instance: Instance, tell: (event: LaunchEvent) => void): Promise<void> {
  let isReady = false;
  const listen = restartListener(tell);
  const hear = (event: LaunchEvent): boolean => {
    isReady = listen(event);
    return isReady;
  };
  const over = await askSupervisor(instance, 'restart', { hear });
  if (isReady) return;
  const { name, logFile } = instance;
  throw (over && errorOf(over)) ?? new LaunchError({ kind: 'not-running', name, ended: null, logFile });
}

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
