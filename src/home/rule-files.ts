import { join } from 'node:path';
import type { Rules } from '../domain/configuration.js';
import { LaunchError } from '../domain/failure.js';
import { JsonError, parseJson } from '../domain/json.js';
import { type Reading, RULES_FOLDER, readConfigured } from './config-files.js';

/**
 * Each of the home's own rule files, or what the catalogue knows in its place.
 * @throws LaunchError `unusable-configuration`
 */
export function readRules(home: string, known: Rules, system: Reading): Rules {
  const read = <T extends object>(name: string): T | undefined => readRuleFile(join(home, RULES_FOLDER, name), system);
  return {
    mappings: read('key-mappings.json') ?? known.mappings,
    inference: read('infer.json') ?? known.inference,
    defaults: read('default.json') ?? known.defaults,
    checks: { units: read('unit-resolve.json') ?? {}, validations: read('validator.json') ?? {} },
  };
}

function readRuleFile<T extends object>(path: string, system: Reading): T | undefined {
  const text = readConfigured(path, system);
  if (text === undefined) return undefined;
  const unusable = (problem: string): LaunchError =>
    new LaunchError({
      kind: 'unusable-configuration',
      what: `${path}${problem}.`,
      hint: 'It is a part of the product, which would end with it; unpack that file again.',
    });
  let rules: unknown;
  try {
    rules = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw unusable(`, line ${error.line}, column ${error.column} is not valid JSON: ${error.reason}`);
  }
  if (typeof rules === 'object' && rules !== null && !Array.isArray(rules)) return rules as T;
  throw unusable(' holds no JSON object');
}
