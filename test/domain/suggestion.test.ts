import { expect, test } from '@jest/globals';
import { suggestion } from '../../src/domain/suggestion.js';

const WORDS = ['apim', 'mi', 'is', 'tm', 'server', 'ps', '--home', '-a'];

test.each([
  ['apimm', ' Did you mean apim?'],
  ['sever', ' Did you mean server?'],
  ['isx', ' Did you mean is?'],
  ['IS', ' Did you mean is?'],
  ['APIM', ' Did you mean apim?'],
  ['--hmoe', ' Did you mean --home?'],
  ['-x', ''],
  ['', ''],
  [' ', ''],
  ['x', ''],
  ['2', ''],
  ['foo', ''],
  ['something-else', ''],
])('of %j', (word, expected) => {
  expect(suggestion(word, WORDS)).toBe(expected);
});

test('of words whose capitals count', () => {
  expect(suggestion('javahome', ['javaHome', 'home'])).toBe(' Did you mean javaHome?');
  expect(suggestion('JAVAHOME', ['javaHome', 'home'])).toBe(' Did you mean javaHome?');
});

test('of words whose own capitals are many', () => {
  expect(suggestion('MgtHostNam', ['MgtHostName', 'HostName'])).toBe(' Did you mean MgtHostName?');
});
