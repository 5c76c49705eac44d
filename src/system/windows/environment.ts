import type { Environment } from '../../domain/command.js';

/** Windows takes names of variables in any case: `Path` is PATH. */
export const withUpperCaseNames = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name.toUpperCase(), value]));
