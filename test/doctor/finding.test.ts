import { expect, test } from '@jest/globals';
import { hasErrors, kind, unchecked, withoutConfiguration } from '../../src/doctor/finding.js';
import { LaunchError } from '../../src/domain/failure.js';
import { inWords } from '../support/findings.js';

const MOON = kind('moon', 'Ships want a tide.');

test('a finding has its reason, and what is well needs no mending', () => {
  expect(MOON.fine('It is there.')).toEqual({
    id: 'moon',
    level: 'ok',
    what: 'It is there.',
    why: 'Ships want a tide.',
    mend: null,
  });
  expect(MOON.warning('It is new.', 'Wait.')).toEqual({
    id: 'moon',
    level: 'warning',
    what: 'It is new.',
    why: 'Ships want a tide.',
    mend: 'Wait.',
  });
});

test('a finding may have a reason of its own', () => {
  expect(MOON.error('It is gone.', 'Look for it.', 'Nobody knows.')).toMatchObject({
    level: 'error',
    why: 'Nobody knows.',
  });
});

test('a refusal of a launch is an error with its own words', () => {
  const error = new LaunchError({ kind: 'unusable-jdk', what: 'No JDK.', hint: 'Name one.' });
  expect(inWords(MOON.failed(error))).toBe('error moon: No JDK. → Name one.');
});

test('each text is a warning, and none is well', () => {
  expect(MOON.each([], 'It is full.', 'Wait.').map(inWords)).toEqual(['ok moon']);
  expect(MOON.each(['One.', 'Two.'], 'It is full.', 'Wait.').map(inWords)).toEqual([
    'warning moon: One. → Wait.',
    'warning moon: Two. → Wait.',
  ]);
});

test.each([
  [unchecked('the moon', 'It is cloudy'), 'It is cloudy. → Look at it yourself.'],
  [unchecked('the moon', 'It is cloudy.', 'Wait.'), 'It is cloudy. → Wait.'],
  [withoutConfiguration('the moon'), 'The configuration is unusable. → Mend the configuration, and look again.'],
])('a check that could not be made is a warning: %#', (found, words) => {
  expect(inWords(found)).toBe(`warning unchecked: Not checked: the moon. ${words}`);
});

test('only errors count as such', () => {
  const warned = unchecked('the moon', 'It is cloudy.');
  expect(hasErrors([warned, MOON.fine('')])).toBe(false);
  expect(hasErrors([warned, MOON.error('It is gone.', null)])).toBe(true);
});
