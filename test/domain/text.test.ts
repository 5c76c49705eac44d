import { describe, expect, test } from '@jest/globals';
import { isText, joinTexts, mention, mentioning, type Text, withBareNames } from '../../src/domain/text.js';

const HOME = mention.option('home');

describe('a text', () => {
  test('that mentions nothing is a string', () => {
    expect(mentioning`Offset ${3} of ${'mi'} is free.`).toBe('Offset 3 of mi is free.');
    expect(mentioning``).toBe('');
  });

  test('keeps what it mentions as data, and the words between as one string each', () => {
    const from: Text = mentioning`(from ${HOME})`;
    expect(mentioning`${'/opt'} ${from} is ${'no'} home.`).toEqual(['/opt (from ', HOME, ') is no home.']);
    expect(mentioning`${HOME}${HOME}`).toEqual([HOME, HOME]);
  });

  test('may be of several, with something between', () => {
    expect(joinTexts(['One.', mentioning`Two ${HOME}.`, 'Three.'], ' ')).toEqual(['One. Two ', HOME, '. Three.']);
    expect(joinTexts(['One.', 'Two.'], ' ')).toBe('One. Two.');
    expect(joinTexts([], ' ')).toBe('');
  });

  test.each<[Text, string]>([
    ['It is so.', 'It is so.'],
    [mentioning`Name one with ${mention.option('offset', 3)}.`, 'Name one with offset.'],
    [mentioning`Use ${mention.product('mi')}.`, 'Use mi.'],
    [mentioning`Ask ${mention.command('stop', { words: ['mi'] })}.`, 'Ask stop.'],
    [mentioning`It is ${mention.scriptArguments}.`, 'It is script-arguments.'],
  ])('%j is shown to a debugger as it is: %s', (text, shown) => {
    expect(withBareNames(text)).toBe(shown);
  });
});

describe('what comes from another version', () => {
  test.each<[Text]>([
    ['It is so.'],
    [mentioning`Use ${mention.option('offset', 3)}, ${mention.overview} ${mention.scriptArguments}.`],
    [mentioning`${mention.command('launch', { words: ['mi'], options: [HOME] })} ${mention.command('ps')}`],
    [mentioning`${mention.product('mi')}`],
    [['It has ', { kind: 'option', name: 'later' } as never]],
    [[]],
  ])('is a text where all that it mentions can be worded: %j', (text) => {
    expect(isText(JSON.parse(JSON.stringify(text)))).toBe(true);
  });

  test.each([
    undefined,
    null,
    3,
    {},
    HOME,
    ['One', 2],
    [null],
    [[]],
    [{ kind: 'option' }],
    [{ kind: 'option', name: 3 }],
    [{ kind: 'later', name: 'x' }],
    [{ kind: 'command', name: 'ps', words: 'all' }],
    [{ kind: 'command', name: 'ps', words: [3] }],
    [{ kind: 'command', name: 'ps', options: [3] }],
    [{ kind: 'product' }],
  ])('is none otherwise: %j', (value) => {
    expect(isText(value)).toBe(false);
  });
});
