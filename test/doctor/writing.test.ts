import { expect, test } from '@jest/globals';
import { judgeWriting, type Writing } from '../../src/doctor/writing.js';
import { LaunchError } from '../../src/domain/failure.js';
import { inWords } from '../support/findings.js';

const REFUSED = new LaunchError({ kind: 'unusable-home', what: 'No lock can be written.', hint: 'chmod u+w' });
const LACKING = [{ path: '/am/repository/logs', code: 'EACCES', without: 'its logs' }];
const refused = 'error unwritable-files: No lock can be written. → chmod u+w';
const lacking = 'warning unwritable-files: In /am this user may not write repository/logs (its logs). → Make it yours.';

test.each<[what: string, found: Pick<Writing, 'refused' | 'lacking'>, words: readonly string[]]>([
  ['that can be written', { refused: undefined, lacking: [] }, ['ok unwritable-files']],
  ['without which there is no start', { refused: REFUSED, lacking: [] }, [refused]],
  ['that the server would miss', { refused: undefined, lacking: LACKING }, [lacking]],
  ['of both kinds', { refused: REFUSED, lacking: LACKING }, [refused, lacking]],
])('files %s', (_what, found, words) => {
  expect(judgeWriting({ home: '/am', mend: 'Make it yours.', ...found }).map(inWords)).toEqual(words);
});
