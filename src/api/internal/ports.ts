import { PRODUCT_IDS, type ProductId, productNamed } from '../../domain/catalogue.js';
import { parseScriptArguments } from '../../domain/command.js';
import { LaunchError } from '../../domain/failure.js';
import type { GivenNumber } from '../../domain/offsets.js';
import { type Inspection, inspectHome, inspectWithoutHome } from '../../home/inspect.js';
import { type Instance, instanceNamed, isRunning, listInstances } from '../../instance/list.js';
import { cautionsFor, lookAtPorts, type PortsReport, type PortsSubject, reportPorts } from '../../ports/report.js';
import type { HomePlace } from './request.js';

export type { PortsReport };

/** A look at ports, and what a person should know besides. */
export interface PortsLook {
  readonly report: PortsReport;
  readonly warnings: readonly string[];
}

/** The ports that are asked for, of an instance or of a home. */
export interface PortsQuestion {
  /** The name of an instance or of a product; absent: whatever product the home holds. */
  readonly word: string | undefined;
  readonly offset: GivenNumber | undefined;
  /** Whether a home is asked for, whatever runs. */
  readonly isHomeNamed: boolean;
  placeOf(product: ProductId | undefined): HomePlace;
}

/**
 * The ports of a live instance of that name, unless a home or an offset is asked for; else those of a home, or without
 * any of the only instance that runs.
 * @throws LaunchError `no-such-instance`, or what a home can't be used for
 */
export async function portsMeant({ word, offset, isHomeNamed, placeOf }: PortsQuestion): Promise<PortsLook> {
  const product = word === undefined ? undefined : productNamed(word);
  const running = isHomeNamed || offset !== undefined ? [] : (await listInstances()).filter(isRunning);
  const instance = word === undefined ? undefined : instanceNamed(running, word);
  if (instance) return portsOf(instance);
  if (word !== undefined && !product) {
    throw new LaunchError({ kind: 'no-such-instance', name: word, products: PRODUCT_IDS });
  }
  try {
    return await portsAt(placeOf(product), offset);
  } catch (error) {
    const [only] = running;
    if (word === undefined && only && running.length === 1 && isHomeAbsent(error)) return portsOf(only);
    throw error;
  }
}

/** The ports of an instance. Only its supervisor knows what it was started with: its arguments and environment. */
export async function portsOf(instance: Instance): Promise<PortsLook> {
  const report = await lookAtPorts(subjectOf(instance));
  return { report, warnings: cautionsFor(report) };
}

/** The ports of a home, or of the newest known version where there is none. */
export async function portsAt(place: HomePlace, offset: GivenNumber | undefined): Promise<PortsLook> {
  const inspection = inspect(place, offset !== undefined);
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

function inspect(place: HomePlace, isOffsetPassed: boolean): Inspection {
  try {
    return inspectHome({ ...place, script: NO_ARGUMENTS, isOffsetPassed, onlyLooks: true });
  } catch (error) {
    if (place.product && !place.named && isHomeAbsent(error)) return inspectWithoutHome(place.product, place);
    throw error;
  }
}

const isHomeAbsent = (error: unknown): boolean =>
  error instanceof LaunchError && error.failure.kind === 'unusable-home';
