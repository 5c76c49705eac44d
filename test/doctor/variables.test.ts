import { expect, test } from '@jest/globals';
import { judgeVariables } from '../../src/doctor/variables.js';
import { inWords } from '../support/findings.js';

test.each<[env: Record<string, string>, words: string]>([
  [{ PATH: '/bin', PORTS: '1' }, 'ok leaking-variables'],
  [{ CMD: '' }, 'ok leaking-variables'],
  [{ CARBON_HOME: '/am' }, 'ok leaking-variables'],
  [
    { CARBON_HOME: '/old', PORT: '3000', CMD: 'a b' },
    "warning leaking-variables: The environment has CARBON_HOME=/old, CMD='a b', PORT=3000. → unset CARBON_HOME CMD PORT",
  ],
])('what scripts take from the environment: %j', (env, words) => {
  expect(inWords(judgeVariables(env, '/am'))).toBe(words);
});
