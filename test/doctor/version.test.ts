import { expect, test } from '@jest/globals';
import { judgeVersion } from '../../src/doctor/version.js';
import { inWords } from '../support/findings.js';

test.each<[what: string, product: string, warnings: readonly string[], words: readonly string[]]>([
  ['a known version', 'Micro Integrator 4.4.0', [], ['ok version']],
  [
    'an unknown version',
    'Micro Integrator 9.0',
    ['It is 9.0.'],
    ['warning version: It is 9.0. → Compare the ports with those of wso2-launch ports.'],
  ],
])('%s', (_what, product, warnings, words) => {
  expect(judgeVersion(product, warnings).map(inWords)).toEqual(words);
});
