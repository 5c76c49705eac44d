import { maskedCommand } from '../../domain/secrets.js';
import { type LaunchPlan, planLaunch } from '../../launch/plan.js';
import type { LaunchRequest } from '../../launch/request.js';

export type { LaunchPlan };

/** Finds what a launch would do; nothing is started or kept. @throws LaunchError as the launch would */
export const planOf = (request: LaunchRequest): Promise<LaunchPlan> =>
  planLaunch(request, new AbortController().signal);

export const planDocument = ({ inspection, choice, command, changed, diff, installation }: LaunchPlan): object => ({
  product: inspection.id,
  version: inspection.version,
  home: inspection.home,
  ...(installation !== undefined && { installation }),
  offset: choice.offset,
  command: maskedCommand(command),
  ...(diff !== '' && { changed, diff }),
  ports: choice.ports,
  skipped: choice.skipped,
});
