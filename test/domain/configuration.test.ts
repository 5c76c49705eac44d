import { describe, expect, test } from '@jest/globals';
import { configure, NO_RULES, type Rules } from '../../src/domain/configuration.js';
import { flatten } from '../../src/domain/toml.js';

const read = (text: string, rules: Partial<Rules> = {}) =>
  configure(flatten(text, 'deployment.toml'), { ...NO_RULES, ...rules });

/** Every setting with the line that it comes from, if any. */
const settingsOf = (text: string, rules: Partial<Rules> = {}): Record<string, [unknown, number?]> =>
  Object.fromEntries(
    [...read(text, rules).settings].map(([key, { value, leaf }]) => [key, leaf ? [value, leaf.line] : [value]]),
  );

test('without rules the settings are the leaves', () => {
  expect(settingsOf('a = 1\n[b]\nc = [2]\n')).toEqual({ a: [1, 1], 'b.c': [[2], 3] });
  expect(settingsOf('')).toEqual({});
});

// As a HashMap of JDK 25 has walked them.
test('settings come in the order in which the products walk them', () => {
  const defaults = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`d${index}`, index]));
  const keys = [...read('zeta = 1\nb.c = 2\n[[list]]\na = 3\n', { defaults }).settings.keys()];
  expect(keys.join(' ')).toBe(
    'zeta d10 d12 d11 d14 d13 d16 d15 d18 d17 list[0].a d0 d1 d19 d2 d3 d4 d5 d6 d7 d8 d9 b.c',
  );
});

test('a default gives way to a list of tables', () => {
  expect(settingsOf('[[a]]\nb = 1\n', { defaults: { a: 'x', c: 'y' } })).toEqual({ 'a[0].b': [1, 2], c: ['y'] });
});

describe('names', () => {
  const mappings = { short: 'long.name', both: ['one', 'two'] };

  test('are mapped, and the short one is gone', () => {
    expect(settingsOf('short = 1\nother = 2\n', { mappings })).toEqual({ 'long.name': [1, 1], other: [2, 2] });
  });

  test('may be mapped to several', () => {
    expect(settingsOf('both = 1\n', { mappings })).toEqual({ one: [1, 1], two: [1, 1] });
  });

  test('within a list of tables are no names of the rules', () => {
    const text = '[[short]]\na = 1\n[[b]]\nshort = 2\n';
    const rules = {
      mappings: { ...mappings, 'short.a': 'x', 'b.short': 'y' },
      inference: { 'b.short': { 2: { z: 3 } } },
    };
    expect(settingsOf(text, rules)).toEqual({ 'short[0].a': [1, 2], 'b[0].short': [2, 4] });
  });

  test.each(['constructor', '__proto__', 'toString'])('may be %s', (name) => {
    expect([...read(`${name} = 1\n`, { mappings, inference: {} }).settings.keys()]).toEqual([name]);
  });
});

describe('two names of one setting', () => {
  const mappings = { short: 'long', many: ['long', 'wide'] };
  const found = (text: string) =>
    read(text, { mappings }).contradictions.map(({ key, overruled, winner }) => [key, overruled.line, winner.line]);

  // As config-mapper 1.1 itself has decided.
  test('contradict each other where their values differ, and the one that a HashMap has last holds', () => {
    expect(found('short = 1\nlong = 2\n')).toEqual([['long', 1, 2]]);
    expect(found('long = 2\nshort = 1\n')).toEqual([['long', 2, 1]]);
    expect(found('short = 1\nlong = 2\nmany = 3\n')).toEqual([
      ['long', 1, 3],
      ['long', 3, 2],
    ]);
    expect(settingsOf('long = 2\nshort = 1\n', { mappings })).toEqual({ long: [2, 1] });
  });

  test.each([
    'short = 1\nlong = "1"\n',
    'short = [1, 2]\nlong = [1, 2]\n',
    'short = true\nlong = "true"\n',
    'many = 1\n',
  ])('do not in %j', (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('inference', () => {
  const inference = {
    mode: { ha: { sync: true }, true: { from: 'truth' }, '3': { from: 'number' }, '[1, 2]': { from: 'list' } },
  };

  test.each<[string, Record<string, unknown>]>([
    ['"ha"', { sync: [true, 1] }],
    ['"HA"', {}],
    ['true', { from: ['truth', 1] }],
    ['"true"', { from: ['truth', 1] }],
    ['3', { from: ['number', 1] }],
    ['"3"', { from: ['number', 1] }],
    ['[1, 2]', { from: ['list', 1] }],
  ])('goes by the text of %s', (value, implied) => {
    const { mode: _, ...others } = settingsOf(`mode = ${value}\n`, { inference });
    expect(others).toEqual(implied);
  });

  test('sees the name after mapping', () => {
    expect(settingsOf('m = "ha"\n', { inference, mappings: { m: 'mode' } })).toMatchObject({ sync: [true, 1] });
  });

  test('gives way to the user, above or below, and goes before defaults', () => {
    const rules = { inference, defaults: { sync: 'default', other: 'default' } };
    expect(settingsOf('mode = "ha"\nsync = false\n', rules)).toMatchObject({ sync: [false, 2], other: ['default'] });
    expect(settingsOf('sync = false\nmode = "ha"\n', rules)).toMatchObject({ sync: [false, 1] });
    expect(settingsOf('mode = "ha"\n', rules)).toMatchObject({ sync: [true, 1] });
  });

  test('is not started by defaults', () => {
    expect(settingsOf('', { inference, defaults: { mode: 'ha' } })).toEqual({ mode: ['ha'] });
  });

  test('of two keys that imply the same, the one that a HashMap has last holds', () => {
    const rules = { inference: { a: { 1: { c: 'a' } }, b: { 1: { c: 'b' } } } };
    expect(settingsOf('a = 1\nb = 1\n', rules)).toMatchObject({ c: ['b', 2] });
    expect(settingsOf('b = 1\na = 1\n', rules)).toMatchObject({ c: ['b', 1] });
  });

  describe('by a pattern', () => {
    const pattern = {
      'db.$1.type': { h2: { 'db.$1.url': 'jdbc:$1:$2', 'db.$1.ok': true } },
      '$1.to.$2': { x: { '$2.$1': '$1$2' } },
      'db.main.type': { h2: { exact: 1 } },
    };

    test('fills its words in, those that it has', () => {
      expect(settingsOf('db.a.type = "h2"\n', { inference: pattern })).toMatchObject({
        'db.a.url': ['jdbc:a:$2', 1],
        'db.a.ok': [true, 1],
      });
      expect(settingsOf('a.to.b = "x"\n', { inference: pattern })).toMatchObject({ 'b.a': ['ab', 1] });
    });

    test('gives way to the very name', () => {
      const found = settingsOf('db.main.type = "h2"\n', { inference: pattern });
      expect(found).toEqual({ 'db.main.type': ['h2', 1], exact: [1, 1] });
    });

    test.each(['db.a.b.type', 'db."a b".type', 'xdb.a.type', 'db.a.types', 'db.a-b.type'])('does not fit %s', (key) => {
      expect(Object.keys(settingsOf(`${key} = "h2"\n`, { inference: pattern }))).toHaveLength(1);
    });
  });

  test('goes on from text to text, the first link holding over all others', () => {
    const rules = {
      inference: {
        a: { 1: { b: '2', x: 'a', y: 'a' } },
        b: { 2: { c: '3', x: 'b', z: 'b', y: 'b' } },
        c: { 3: { x: 'c', z: 'c', end: 'c' } },
      },
    };
    expect(settingsOf('a = 1\n', rules)).toMatchObject({ x: ['a', 1], y: ['a', 1], z: ['c', 1], end: ['c', 1] });
  });

  test('ends at a number, and where it bites its tail', () => {
    expect(settingsOf('a = 1\n', { inference: { a: { 1: { b: 2 } }, b: { 2: { c: 3 } } } })).not.toHaveProperty('c');
    const circle = { a: { x: { b: 'y' } }, b: { y: { a: 'x', c: 1 } } };
    expect(settingsOf('a = "x"\n', { inference: circle })).toEqual({ a: ['x', 1], b: ['y', 1], c: [1, 1] });
  });
});
