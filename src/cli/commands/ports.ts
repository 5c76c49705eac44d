import { portsMeant } from '../../api/internal/ports.js';
import type { Context } from '../main.js';
import { readOffset, readPlace } from '../options.js';
import { portsTable } from '../render.js';
import type { View } from '../view.js';

export async function runPorts({ options, words, reporter }: Context): Promise<View> {
  const { report, warnings } = await portsMeant({
    word: words[0],
    offset: readOffset(options),
    isHomeNamed: options.value('home') !== undefined,
    placeOf: (product) => readPlace(product, options),
  });
  warnings.forEach(reporter.warn);
  return { data: report, text: () => portsTable(report) };
}
