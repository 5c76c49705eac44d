import type { ProductFacts } from './facts.js';
import { apiManager, controlPlane, gateway, keyManager, trafficManager } from './products/api-manager.js';
import { anyCarbonServer } from './products/carbon-server.js';
import { analytics, streamingIntegrator, streamProcessor } from './products/carbon5.js';
import { enterpriseIntegrator } from './products/enterprise-integrator.js';
import { identityServer } from './products/identity-server.js';
import { microIntegrator } from './products/micro-integrator.js';

/** The facts of every product; a new product is a row here. */
export const PRODUCTS = {
  apim: apiManager,
  'control-plane': controlPlane,
  gateway,
  'traffic-manager': trafficManager,
  'key-manager': keyManager,
  mi: microIntegrator,
  is: identityServer,
  server: anyCarbonServer,
  ei: enterpriseIntegrator,
  sp: streamProcessor,
  // Analytics comes before the Streaming Integrator, which it is built on: both have a script of the same name.
  analytics,
  si: streamingIntegrator,
} as const satisfies Record<string, ProductFacts>;

export type ProductId = keyof typeof PRODUCTS;

export const PRODUCT_IDS = Object.keys(PRODUCTS) as readonly ProductId[];

/** The facts of one product, by the type that all products share. */
export const factsOf = (id: ProductId): ProductFacts => PRODUCTS[id];

/** The product that a word on the command line means: its id or an alias. */
export function productNamed(word: string): ProductId | undefined {
  return PRODUCT_IDS.find((id) => id === word || factsOf(id).aliases.includes(word));
}
