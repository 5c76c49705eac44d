import { type Environment, leakingVariables, quoted } from '../domain/command.js';
import { shownValue } from '../domain/secrets.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';

const LEAKING_VARIABLES = kind(
  'leaking-variables',
  'A start script takes them for its own. wso2-launch clears them for its servers; a start by hand does not.',
);

export const variables: Check<'leaking-variables'> = {
  about: 'the environment',
  look: ({ located, system }) => [judgeVariables(system.env, located.home)],
};

export function judgeVariables(env: Environment, home: string): Finding<'leaking-variables'> {
  // A script would compute the same CARBON_HOME for itself.
  const found = leakingVariables(env).filter(({ name, value }) => !(name === 'CARBON_HOME' && value === home));
  if (found.length === 0)
    return LEAKING_VARIABLES.fine('No variable is set that a start script would take for its own.');
  const set = found.map(({ name, value }) => `${name}=${quoted(shownValue(name, value))}`).join(', ');
  return LEAKING_VARIABLES.warning(`The environment has ${set}.`, `unset ${found.map(({ name }) => name).join(' ')}`);
}
