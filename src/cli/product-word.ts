import { factsOf, PRODUCT_IDS, type ProductId, productNamed } from '../domain/catalogue.js';
import { LaunchError } from '../domain/failure.js';
import { suggestion } from '../domain/suggestion.js';

const NAMES = PRODUCT_IDS.flatMap((id) => [id, ...factsOf(id).aliases]);

/** The product that a word of the command line means. @throws LaunchError `usage`, with the products and the hint */
export function readProduct(word: string, hint?: string): ProductId {
  const product = productNamed(word);
  if (product) return product;
  const what = `"${word}" is no product: one of ${PRODUCT_IDS.join(', ')}.${suggestion(word, NAMES)}`;
  throw new LaunchError({ kind: 'usage', what, ...(hint !== undefined && { hint }) });
}
