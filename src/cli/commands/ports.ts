import { PRODUCT_IDS, type ProductId, productNamed } from '../../domain/catalogue.js';
import { parseScriptArguments } from '../../domain/command.js';
import { LaunchError } from '../../domain/failure.js';
import { type Inspection, inspectHome, inspectWithoutHome } from '../../home/inspect.js';
import { type Instance, isRunning, listInstances } from '../../instance/list.js';
import { cautionsFor, lookAtPorts, type PortsReport, type PortsSubject, reportPorts } from '../../ports/report.js';
import { nodeSystem } from '../../system/index.js';
import type { Context } from '../main.js';
import { type Options, readOffset, readPlace } from '../options.js';
import { jsonDocument, portsTable } from '../render.js';

export async function runPorts({ options, words, reporter, output }: Context): Promise<number> {
  const { report, warnings } = await look(words[0], options);
  [...warnings, ...cautionsFor(report)].forEach(reporter.warn);
  await output.write(options.isOn('json') ? jsonDocument(report) : portsTable(report));
  return 0;
}

interface Looked {
  readonly report: PortsReport;
  readonly warnings: readonly string[];
}

const NO_ARGUMENTS = parseScriptArguments([]);

/** A live instance of that name wins, unless a home or an offset is asked for. */
async function look(word: string | undefined, options: Options): Promise<Looked> {
  const offset = readOffset(options);
  const product = word === undefined ? undefined : productNamed(word);
  const isAboutHome = options.value('home') !== undefined || offset !== undefined;
  const instance = isAboutHome ? undefined : listInstances().find((one) => one.name === word && isRunning(one));
  // What it was started with, its arguments and environment, is known to its supervisor alone.
  if (instance) return { report: await lookAtPorts(subjectOf(instance)), warnings: [] };
  if (word !== undefined && !product) {
    throw new LaunchError({ kind: 'no-such-instance', name: word, products: PRODUCT_IDS });
  }
  const inspection = inspect(product, options, offset !== undefined);
  return { report: await reportPorts(inspection, offset), warnings: inspection.warnings };
}

const subjectOf = ({ product, version, home, offset, ports }: Instance): PortsSubject => ({
  product,
  version,
  home,
  offset,
  ports,
});

function inspect(product: ProductId | undefined, options: Options, isOffsetPassed: boolean): Inspection {
  const where = readPlace(product, options, nodeSystem.env);
  try {
    return inspectHome({ ...where, script: NO_ARGUMENTS, isOffsetPassed });
  } catch (error) {
    const isAbsent = error instanceof LaunchError && error.failure.kind === 'unusable-home' && !where.named;
    if (product && isAbsent) return inspectWithoutHome(product, where);
    throw error;
  }
}
