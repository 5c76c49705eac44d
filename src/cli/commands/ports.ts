import { PRODUCT_IDS, type ProductId, productNamed } from '../../domain/catalogue.js';
import { parseScriptArguments } from '../../domain/command.js';
import { LaunchError } from '../../domain/failure.js';
import type { GivenNumber } from '../../domain/offsets.js';
import { type Inspection, inspectHome, inspectWithoutHome } from '../../inspect.js';
import { cautionsFor, readLeases, reportPorts } from '../../port-report.js';
import type { HomeRequest } from '../../request.js';
import { stateFolder } from '../../state.js';
import { nodeSystem } from '../../system/index.js';
import type { Context } from '../main.js';
import { namedHome, type Options, readOffset } from '../options.js';
import { jsonDocument, portsTable } from '../render.js';

export async function runPorts({ options, words, reporter, output }: Context): Promise<number> {
  const { inspection, offset } = find(words[0], options);
  const report = await reportPorts(inspection, offset);
  [...inspection.warnings, ...cautionsFor(report)].forEach(reporter.warn);
  await output.write(options.isOn('json') ? jsonDocument(report) : portsTable(report));
  return 0;
}

interface Subject {
  readonly inspection: Inspection;
  readonly offset: GivenNumber | undefined;
}

const NO_ARGUMENTS = parseScriptArguments([]);

/** A live instance of that name wins, unless a home or an offset is asked for. */
function find(word: string | undefined, options: Options): Subject {
  const offset = readOffset(options);
  const product = word === undefined ? undefined : productNamed(word);
  const home = options.value('home');
  const folder = stateFolder();
  const lease =
    word === undefined || home || offset !== undefined
      ? undefined
      : readLeases().find((candidate) => candidate.name === word && candidate.stateFolder === folder);
  if (lease) {
    const named = { path: lease.home, by: `instance ${lease.name}` };
    return {
      inspection: inspectHome({ named, script: NO_ARGUMENTS, isOffsetPassed: true }),
      offset: { value: lease.offset, by: 'its lease' },
    };
  }
  if (word !== undefined && !product) {
    throw new LaunchError({ kind: 'no-such-instance', name: word, products: PRODUCT_IDS });
  }
  return { inspection: inspect(product, namedHome(product, options, nodeSystem.env), offset !== undefined), offset };
}

function inspect(product: ProductId | undefined, named: HomeRequest['named'], isOffsetPassed: boolean): Inspection {
  try {
    return inspectHome({ ...(product && { product }), ...(named && { named }), script: NO_ARGUMENTS, isOffsetPassed });
  } catch (error) {
    const isAbsent = error instanceof LaunchError && error.failure.kind === 'unusable-home' && !named;
    if (product && isAbsent) return inspectWithoutHome(product);
    throw error;
  }
}
