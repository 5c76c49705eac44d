import { judgeJdks } from '../../api/internal/jdks.js';
import type { Context } from '../main.js';
import { readPlace } from '../options.js';
import { readProduct } from '../product-word.js';
import { jdksTable } from '../render.js';
import type { View } from '../view.js';

export async function runJdks({ options, words }: Context): Promise<View> {
  const product = words[0] === undefined ? undefined : readProduct(words[0]);
  const jdks = await judgeJdks(readPlace(product, options), new AbortController().signal);
  return { data: { jdks }, text: () => jdksTable(jdks) };
}
