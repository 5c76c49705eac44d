import { expect, test } from '@jest/globals';
import { judgeConfiguration } from '../../src/doctor/configuration.js';
import { inWords } from '../support/findings.js';

test.each<[what: string, warnings: readonly string[], words: readonly string[]]>([
  ['a configuration without warnings', [], ['ok configuration']],
  [
    'two warnings of the configuration',
    ['One.', 'Two.'],
    [
      'warning configuration: One. → Mend it in the file that is named.',
      'warning configuration: Two. → Mend it in the file that is named.',
    ],
  ],
])('%s', (_what, warnings, words) => {
  expect(judgeConfiguration(warnings).map(inWords)).toEqual(words);
});
