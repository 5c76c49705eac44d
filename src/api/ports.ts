import { mention } from '../domain/text.js';
import { findRunning } from '../instance/list.js';
import { SCHEMA_VERSION } from './events.js';
import { type PortsLook, portsAt, portsOf } from './internal/ports.js';
import { checkHome, checkProduct, FORMS, placeOf } from './options.js';
import { withPublicErrors } from './public-error.js';
import type { PortReport, PortsOptions } from './types.js';

/**
 * Every port of a product or an instance, and who has it; nothing is started or kept.
 * @throws LaunchError
 */
export const ports = async (options: PortsOptions = {}): Promise<PortReport> =>
  withPublicErrors(async () => {
    const given = checkHome(options, { product: FORMS.text, offset: FORMS.integer, name: FORMS.text });
    return { schemaVersion: SCHEMA_VERSION, ...(await look(given)).report };
  });

async function look({ name, offset, ...options }: PortsOptions): Promise<PortsLook> {
  if (name !== undefined) return portsOf(await findRunning(name));
  const product = options.product === undefined ? undefined : checkProduct(options.product);
  return portsAt(
    placeOf(product, options),
    offset === undefined ? undefined : { value: offset, by: mention.option('offset') },
  );
}
