import { WAITED_FOR } from '../domain/waited-for.js';
import { instanceDocument, seen } from './internal/instances.js';
import { waitFor } from './internal/wait.js';
import { checkForms, FORMS } from './options.js';
import { withPublicErrors } from './public-error.js';
import type { Instance, WaitOptions } from './types.js';

const WAIT_FORMS = {
  name: FORMS.text,
  for: {
    is: (value: unknown) => WAITED_FOR.some((one) => one === value),
    what: `one of ${WAITED_FOR.map((one) => `'${one}'`).join(', ')}`,
  },
  timeoutMs: FORMS.time,
  signal: FORMS.signal,
};

/**
 * Waits until an instance, whoever has launched it, is ready, healthy or down.
 * @returns null where it is down because there is none
 * @throws LaunchError, or the signal's reason
 */
export async function wait(options: WaitOptions = {}): Promise<Instance | null> {
  const given = await withPublicErrors(() => checkForms(options, WAIT_FORMS));
  const { name, for: wanted = 'ready', timeoutMs, signal = new AbortController().signal } = given;
  signal.throwIfAborted();
  return withPublicErrors(async () => {
    const instance = await waitFor({ name, wanted, timeoutMs, signal });
    return instance ? instanceDocument(seen(instance)) : null;
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}
