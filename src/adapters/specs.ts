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

/**
 * @throws LaunchError `usage` for a configuration to which nothing can be added: of a function and of a promise, which
 * runners take as well, all that the user has configured would be lost
 */
export function checkConfiguration(config: unknown): void {
  if (config === undefined || config === null || (isObject(config) && !isPromise(config))) return;
  throw usage(`The configuration is ${shown(config)}, not an object.`, 'Give it what that returns, or resolves to.');
}

const isPromise = (value: unknown): boolean => typeof (value as PromiseLike<unknown>).then === 'function';

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (isObject(value) && isPromise(value)) return 'a promise';
  return JSON.stringify(value) ?? String(value);
}

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

const usage = (message: string, hint = 'docs/test-runners.md shows what servers are given as.'): LaunchError =>
  new LaunchError({ code: 2, failure: 'usage', message, hint, lastLines: [] });
