import { LaunchError } from '../domain/failure.js';
import { forgetEnded, instancesDocument, lookAtInstances } from './internal/instances.js';
import { checkForms, FORMS } from './options.js';
import { withPublicErrors } from './public-error.js';
import type { Instance, InstancesOptions } from './types.js';

const INSTANCES_FORMS = { all: FORMS.switch, prune: FORMS.switch, keepLogs: FORMS.switch };

/**
 * The instances of this user, those that run; with `all` also the last ended one of each name, and the servers that
 * were started by hand.
 * @throws LaunchError
 */
export const instances = async (options: InstancesOptions = {}): Promise<Instance[]> =>
  withPublicErrors(async () => {
    const { all = false, prune = false, keepLogs = false } = checkForms(options, INSTANCES_FORMS);
    if (prune && !all) throw new LaunchError({ kind: 'usage', what: 'prune goes with all.' });
    if (keepLogs && !prune) throw new LaunchError({ kind: 'usage', what: 'keepLogs goes with prune.' });
    if (prune) await forgetEnded(keepLogs);
    return instancesDocument(await lookAtInstances(all));
  });
