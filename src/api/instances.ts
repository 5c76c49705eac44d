import { instancesDocument, lookAtInstances } from './internal/instances.js';
import { checkForms, FORMS } from './options.js';
import { withPublicErrors } from './public-error.js';
import type { Instance, InstancesOptions } from './types.js';

/**
 * The instances of this user, those that run; with `all` also the last ended one of each name, and the servers that
 * were started by hand.
 * @throws LaunchError
 */
export const instances = async (options: InstancesOptions = {}): Promise<Instance[]> =>
  withPublicErrors(async () => {
    const { all = false } = checkForms(options, { all: FORMS.switch });
    return instancesDocument(await lookAtInstances(all));
  });
