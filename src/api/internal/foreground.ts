import type { LaunchEnd } from '../../domain/launch-end.js';
import type { LaunchHooks } from '../../launch/hooks.js';
import { launch } from '../../launch/launch.js';
import type { LaunchRequest } from '../../launch/request.js';

export type { LaunchHooks };

/**
 * Launches a server that belongs to this process. Resolves once nothing is left running.
 * @param output is told of the log, where what the server writes is to be copied
 * @throws LaunchError once nothing is left running
 */
export const launchInForeground = (
  request: LaunchRequest,
  hooks: LaunchHooks,
  output?: { follow(logFile: string): void },
): Promise<LaunchEnd> =>
  launch(request, {
    ...hooks,
    started(name, logFile) {
      hooks.started?.(name, logFile);
      output?.follow(logFile);
    },
  });
