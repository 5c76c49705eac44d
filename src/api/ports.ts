import type { ProductId } from '../domain/catalogue.js';
import { parseScriptArguments } from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import type { GivenNumber } from '../domain/offsets.js';
import { mention } from '../domain/text.js';
import { type Inspection, inspectHome, inspectWithoutHome } from '../home/inspect.js';
import type { HomeRequest } from '../home/request.js';
import { findRunning, type Instance } from '../instance/list.js';
import { cautionsFor, lookAtPorts, type PortsReport, type PortsSubject, reportPorts } from '../ports/report.js';
import { SCHEMA_VERSION } from './events.js';
import { checkHome, checkProduct, FORMS, placeOf } from './options.js';
import { withPublicErrors } from './public-error.js';
import type { PortReport, PortsOptions } from './types.js';

/**
 * Every port of a product or an instance, and who has it; nothing is started or kept.
 * @throws LaunchError
 */
export const ports = async (options: PortsOptions = {}): Promise<PortReport> =>
  withPublicErrors(async () => {
    checkHome(options, { product: FORMS.text, offset: FORMS.integer, name: FORMS.text });
    const { name, offset } = options;
    if (name !== undefined) return documentOf((await portsOf(await findRunning(name))).report);
    const product = options.product === undefined ? undefined : checkProduct(options.product);
    const given = offset === undefined ? undefined : { value: offset, by: mention.option('offset') };
    return documentOf((await portsAt(placeOf(product, options), given)).report);
  });

const documentOf = (report: PortsReport): PortReport => ({ schemaVersion: SCHEMA_VERSION, ...report });

/** A look at ports, and what a person should know besides. */
export interface PortsLook {
  readonly report: PortsReport;
  readonly warnings: readonly string[];
}

/** The ports of an instance. Only its supervisor knows what it was started with: its arguments and environment. */
export async function portsOf(instance: Instance): Promise<PortsLook> {
  const report = await lookAtPorts(subjectOf(instance));
  return { report, warnings: cautionsFor(report) };
}

/** The ports of a home, or of the newest known version where there is none. */
export async function portsAt(
  place: Pick<HomeRequest, 'product' | 'named' | 'profile'>,
  offset: GivenNumber | undefined,
): Promise<PortsLook> {
  const inspection = inspect(place.product, place, offset !== undefined);
  const report = await reportPorts(inspection, offset);
  return { report, warnings: [...inspection.warnings, ...cautionsFor(report)] };
}

const subjectOf = ({ product, version, home, offset, ports }: Instance): PortsSubject => ({
  product,
  version,
  home,
  offset,
  ports,
});

const NO_ARGUMENTS = parseScriptArguments([]);

function inspect(
  product: ProductId | undefined,
  place: Pick<HomeRequest, 'product' | 'named' | 'profile'>,
  isOffsetPassed: boolean,
): Inspection {
  try {
    return inspectHome({ ...place, script: NO_ARGUMENTS, isOffsetPassed });
  } catch (error) {
    const isAbsent = error instanceof LaunchError && error.failure.kind === 'unusable-home' && !place.named;
    if (product && isAbsent) return inspectWithoutHome(product, place);
    throw error;
  }
}
