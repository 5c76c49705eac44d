import { isDeepStrictEqual } from 'node:util';
import { LaunchError } from '../api/error.js';
import type { AcquireOptions, Product } from '../api/types.js';
import type { ServerSpec, ServerSpecs } from './types.js';

/** The key under which a project's configuration of Vitest hands the servers to its setup. */
export const SPECS = 'wso2-launch/servers';

/** @throws LaunchError `usage` for what is lost on the way to the process that launches the servers */
export function checkSpecs(specs: ServerSpecs): void {
  if (!isObject(specs)) throw usage(`The servers are ${shown(specs)}, not an object with one for each name.`);
  for (const [name, spec] of Object.entries(specs)) {
    if (!isObject(spec)) throw usage(`The server ${name} is ${shown(spec)}, not an object of options.`);
    for (const [option, value] of Object.entries(spec)) {
      if (value !== undefined && !isJson(value)) throw usage(`${option} of ${name} is nothing that JSON can hold.`);
    }
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);

function isJson(value: unknown): boolean {
  const text = JSON.stringify(value);
  return text !== undefined && isDeepStrictEqual(JSON.parse(text), value);
}

/**
 * The product and options to launch for a spec. A name that is the product's is left to the launch, which numbers it
 * where it is taken.
 */
export function wishOf(
  name: string,
  { product, ...options }: ServerSpec,
): { product: Product; options: AcquireOptions } {
  if (product === undefined || product === name) return { product: name as Product, options };
  return { product, options: { name, ...options } };
}

const usage = (message: string): LaunchError =>
  new LaunchError({
    code: 2,
    failure: 'usage',
    message,
    hint: 'docs/test-runners.md shows what servers are given as.',
    lastLines: [],
  });
