import { describe, expect, test } from '@jest/globals';
import {
  propertiesInFile,
  propertiesInOptions,
  readLast,
  type SystemProperties,
  variablesInFile,
} from '../../src/domain/properties.js';

const plain = (properties: SystemProperties): Record<string, string[]> =>
  Object.fromEntries([...properties].map(([name, { value, source }]) => [name, [value, source]]));

describe('the properties among options', () => {
  test.each<[string, Record<string, string[]>]>([
    ['-Da=b', { a: ['b', '-Da'] }],
    ['-Da', { a: ['true', '-Da'] }],
    ['-Da=', { a: ['', '-Da'] }],
    ['-Da=b=c', { a: ['b=c', '-Da'] }],
    ['-Da.b-c=-3 -Dx=y', { 'a.b-c': ['-3', '-Da.b-c'], x: ['y', '-Dx'] }],
    ['-Da=1 -Da=2', { a: ['2', '-Da'] }],
    ['-Xss1m --Da=b -d=e Da=b -D -D=x', {}],
  ])('of "%s"', (options, properties) => {
    expect(plain(propertiesInOptions(options.split(' ')))).toEqual(properties);
  });

  test('tell the source that they are said to have', () => {
    expect(plain(propertiesInOptions(['-Da=b', ''], 'JAVA_OPTS'))).toEqual({ a: ['b', 'JAVA_OPTS'] });
  });
});

describe('the properties in a file', () => {
  test.each<[string, Record<string, string[]>]>([
    ['a=3', { a: ['3', 'x:1'] }],
    ['a = 3', { a: ['3', 'x:1'] }],
    ['  a: -3  ', { a: ['-3', 'x:1'] }],
    ['a 3', { a: ['3', 'x:1'] }],
    ['a=', { a: ['', 'x:1'] }],
    ['a', { a: ['', 'x:1'] }],
    ['a.b=c=d e', { 'a.b': ['c=d e', 'x:1'] }],
    ['a=b\r\nc=3\r\nd=e\r\n', { a: ['b', 'x:1'], c: ['3', 'x:2'], d: ['e', 'x:3'] }],
    ['a=3\n#a=4\n\na=5\n', { a: ['5', 'x:4'] }],
    ['#a=3\n! b=3\n', {}],
    ['', {}],
  ])('of %j', (text, properties) => {
    expect(plain(propertiesInFile(text, 'x'))).toEqual(properties);
  });
});

test('properties that are read last beat arguments', () => {
  expect([...readLast(propertiesInFile('a=3', 'x'))]).toEqual([
    ['a', { value: '3', source: 'x:1', beatsArguments: true }],
  ]);
});

test.each<[string, Record<string, string>]>([
  ['A=1\nB_2=x y \r\n', { A: '1', B_2: 'x y' }],
  ['A="1 2"\nB=\'3\'\nC="4\n', { A: '1 2', B: '3', C: '"4' }],
  ['A=1=2\n', { A: '1=2' }],
  ['A=1\nA=2\n', { A: '2' }],
  ['#A=1\n2A=1\nA\nA-B=1\n', {}],
])('the variables in %j', (text, variables) => {
  expect(Object.fromEntries(variablesInFile(text))).toEqual(variables);
});
