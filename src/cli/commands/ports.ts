import { type PortsLook, portsAt, portsOf } from '../../api/ports.js';
import { PRODUCT_IDS, productNamed } from '../../domain/catalogue.js';
import { LaunchError } from '../../domain/failure.js';
import { isRunning, listInstances } from '../../instance/list.js';
import { nodeSystem } from '../../system/index.js';
import type { Context } from '../main.js';
import { type Options, readOffset, readPlace } from '../options.js';
import { jsonDocument, portsTable } from '../render.js';

export async function runPorts({ options, words, reporter, output }: Context): Promise<number> {
  const { report, warnings } = await look(words[0], options);
  warnings.forEach(reporter.warn);
  await output.write(options.isOn('json') ? jsonDocument(report) : portsTable(report));
  return 0;
}

/** Looks at a live instance of that name, unless a home or an offset is asked for. */
async function look(word: string | undefined, options: Options): Promise<PortsLook> {
  const offset = readOffset(options);
  const product = word === undefined ? undefined : productNamed(word);
  const isAboutHome = options.value('home') !== undefined || offset !== undefined;
  const instances = isAboutHome ? [] : await listInstances();
  const instance = instances.find((one) => one.name === word && isRunning(one));
  if (instance) return portsOf(instance);
  if (word !== undefined && !product) {
    throw new LaunchError({ kind: 'no-such-instance', name: word, products: PRODUCT_IDS });
  }
  return portsAt(readPlace(product, options, nodeSystem.env), offset);
}
