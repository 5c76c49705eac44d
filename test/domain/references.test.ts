import { describe, expect, test } from '@jest/globals';
import { configure, NO_RULES, type Rules } from '../../src/domain/configuration.js';
import { type Meaning, resolveReferences, UNKNOWN } from '../../src/domain/references.js';
import { flatten } from '../../src/domain/toml.js';
import { refusal } from '../support/refusal.js';

interface Around {
  readonly variables?: Readonly<Record<string, Meaning>>;
  readonly properties?: Readonly<Record<string, Meaning>>;
  readonly rules?: Partial<Rules>;
  readonly quotes?: boolean;
}

function resolverFor(text: string, { variables = {}, properties = {}, rules = {}, quotes = true }: Around = {}) {
  const leaves = flatten(text, 'deployment.toml');
  const { settings } = configure(leaves, { ...NO_RULES, ...rules });
  const surroundings = {
    variable: (name: string) => variables[name],
    property: (name: string) => properties[name],
    quotesVariables: () => quotes,
  };
  return resolveReferences(leaves, settings, surroundings, 'deployment.toml');
}

const valueAt = (key: string, text: string, around?: Around): unknown => resolverFor(text, around)(key)?.value;

describe('a value', () => {
  const around: Around = {
    variables: { HOST: 'here', EMPTY: '', ODD: "$& $1 $' $ref{b}", LATER: UNKNOWN },
    properties: { port: '80', later: UNKNOWN },
  };

  test.each<[string, unknown]>([
    ['"plain"', 'plain'],
    ['1', 1],
    ['"$env{HOST}"', 'here'],
    ['"$env{EMPTY}"', ''],
    ['"http://$env{HOST}:$sys{port}/$env{HOST}"', 'http://here:80/here'],
    ['"$ref{b}"', '9080'],
    ['"$ref{n}"', '7'],
    ['"<$ref{b}$ref{n}$ref{b}>"', '<908079080>'],
    ['"$ref{chain}"', 'here/80'],
    ['"$ref{on}"', true],
    ['"is $ref{on}"', true],
    ['"$ref{list}"', ['x', '9080']],
    ['["$env{HOST}", "1", "$ref{b}"]', ['here', '1', '9080']],
    ['"$ref{odd}"', "$& $1 $'"],
    ['"$env{ODD}"', "$& $1 $' 9080"],
    ['"$env{LATER}-$sys{later}"', '$env{LATER}-$sys{later}'],
    ['"${env} $ref $env {x}"', '${env} $ref $env {x}'],
  ])('%s is %j', (written, value) => {
    const rest =
      '\nb = "9080"\nn = 7\non = true\nlist = ["x", "$ref{b}"]\nodd = "$& $1 $\'"\nchain = "$ref{end}/80"\nend = "$env{HOST}"\n';
    expect(valueAt('a', `a = ${written}${rest}`, around)).toEqual(value);
  });

  test.each([1, -1])('is found at the end of a chain of 20,000 others, in whichever order they stand', (order) => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `k${index} = "$ref{k${index + 1}}"\n`);
    const text = (order > 0 ? lines : lines.reverse()).concat('k20000 = "far"\n').join('');
    expect(valueAt('k0', text)).toBe('far');
  });

  test('that nobody set is none', () => {
    expect(resolverFor('a = 1\n')('b')).toBeUndefined();
  });

  test('comes from the line that it stands on, or else from the one that it refers to', () => {
    const defaults = { far: '$ref{a}', near: '$ref{far}', fixed: '$ref{own}', own: 1 };
    const resolve = resolverFor('\na = "$env{X}"\nb = "$ref{a}"\n', { variables: { X: '1' }, rules: { defaults } });
    const lines = ['a', 'b', 'far', 'near', 'fixed'].map((key) => [key, resolve(key)?.value, resolve(key)?.leaf?.line]);
    expect(lines).toEqual([
      ['a', '1', 2],
      ['b', '1', 3],
      ['far', '1', 2],
      ['near', '1', 2],
      ['fixed', '1', undefined],
    ]);
  });

  test('in a table of a list has its variables, and its $ref{} as it is', () => {
    const resolve = resolverFor('[[list]]\na = "$env{X}$sys{x}$ref{b}"\n', {
      variables: { X: '1' },
      properties: { x: '2' },
    });
    expect(resolve('list[0].a')?.value).toBe('12$ref{b}');
  });
});

describe('a reference of the file that leads nowhere is refused, whether or not anybody asks for it', () => {
  const nowhere = (line: number, key: string, why: string) => ({
    code: 3,
    message: `deployment.toml, line ${line} (${key}): ${why}.`,
    hint: 'The server would end with this file; mend that line, or set what it refers to.',
  });

  test.each<[string, string, string]>([
    ['"$env{GONE}"', 'a', 'it refers to the environment variable GONE, which is not set'],
    ['"x$sys{gone}"', 'a', 'it refers to the system property gone, which is not set'],
    ['"$sys{empty}"', 'a', 'it refers to the system property empty, which is not set'],
    ['["b", "$env{GONE}"]', 'a', 'it refers to the environment variable GONE, which is not set'],
    ['[{ b = "$env{GONE}" }]', 'a.b', 'it refers to the environment variable GONE, which is not set'],
    ['{ b = "$env{GONE}" }', 'a.b', 'it refers to the environment variable GONE, which is not set'],
    ['"$ref{b}"', 'a', '$ref{b} refers to a key that neither the file nor the product sets'],
    ['["$ref{b}"]', 'a', '$ref{b} refers to a key that neither the file nor the product sets'],
    ['"$ref{a}"', 'a', '$ref{a} leads back to itself'],
    ['"$secret{b}"', 'a', '$secret{b} stands in no [secrets]'],
  ])('%s', (written, key, why) => {
    const around = { properties: { empty: '' } };
    expect(refusal(() => resolverFor(`\na = ${written}\n`, around))).toEqual(nowhere(2, key, why));
  });

  test('a circle, on the line where it closes', () => {
    const text = 'a = "$ref{b}"\nb = "$ref{c}"\nc = "$ref{b}"\n';
    expect(refusal(() => resolverFor(text))).toEqual(nowhere(3, 'c', '$ref{b} leads back to itself'));
  });

  test('what doubles a text again and again', () => {
    const lines = Array.from({ length: 40 }, (_, index) => `k${index} = "$ref{k${index + 1}}$ref{k${index + 1}}"\n`);
    const why = '$ref{k21} makes it longer than 1048576 characters';
    expect(refusal(() => resolverFor(`${lines.join('')}k40 = "xx"\n`))).toEqual(nowhere(21, 'k20', why));
  });

  test('in a table of a list', () => {
    const why = 'it refers to the environment variable GONE, which is not set';
    expect(refusal(() => resolverFor('[[a]]\nb = "$env{GONE}"\n'))).toEqual(nowhere(2, 'a.b', why));
  });

  test('by what a setting of the file implies', () => {
    const rules = { inference: { type: { far: { url: '$ref{host}' } } } };
    const why = '$ref{host} refers to a key that neither the file nor the product sets';
    expect(refusal(() => resolverFor('type = "far"\n', { rules }))).toEqual(nowhere(1, 'type', why));
  });
});

describe('a reference of the rules that leads nowhere stays as it is', () => {
  test.each(['$env{GONE}', '$sys{gone}', '$ref{gone}', '$ref{a}', '$secret{gone}', '$ref{b}'])('%s', (value) => {
    expect(valueAt('a', 'c = 1\n', { rules: { defaults: { a: value, b: '$ref{a}' } } })).toEqual(
      value === '$ref{b}' ? '$ref{a}' : value,
    );
  });
});

test('a secret in plain text is refused, unless the start is to encrypt it', () => {
  const text = 'a = "$secret{b}"\n[secrets]\nb = "[x]"\n';
  const why = '$secret{b} is written in plain text, which needs -DencryptSecrets once';
  expect(refusal(() => resolverFor(text)).message).toBe(`deployment.toml, line 1 (a): ${why}.`);
  expect(valueAt('a', text, { properties: { encryptSecrets: 'true' } })).toBe('$secret{b}');
});

// As config-mapper 1.0.22 itself has decided.
test('behind a secret that is well, by the order of a HashMap, none is looked at', () => {
  const text = (first: string, second: string) =>
    `${first} = "$secret{b}"\n${second} = "$secret{gone}"\n[secrets]\nb = "x"\n`;
  expect(valueAt('c', text('a', 'c'))).toBe('$secret{gone}');
  expect(refusal(() => valueAt('a', text('c', 'a'))).message).toBe(
    'deployment.toml, line 2 (a): $secret{gone} stands in no [secrets].',
  );
});

describe('a value with a $ or a backslash', () => {
  const odd = { ODD: 'a\\b$0', BAD: 'a$1' };
  const around = (quotes: boolean): Around => ({ variables: odd, properties: odd, quotes });

  test.each<[boolean, string, string]>([
    [true, '$env{ODD}', 'a\\b$0'],
    [false, '$env{ODD}', 'ab$env{ODD}'],
    [true, '$sys{ODD}', 'ab$sys{ODD}'],
    [true, '$env{BAD}', 'a$1'],
  ])('where variables are quoted is %s: %s is %s', (quotes, text, value) => {
    expect(valueAt('a', `a = "${text}"\n`, around(quotes))).toBe(value);
  });

  test.each<[boolean, string, string]>([
    [false, '$env{BAD}', 'the environment variable BAD'],
    [true, '$sys{BAD}', 'the system property BAD'],
  ])('where variables are quoted is %s: %s is refused', (quotes, text, what) => {
    expect(refusal(() => valueAt('a', `a = "${text}"\n`, around(quotes))).message).toBe(
      `deployment.toml, line 1 (a): it refers to ${what}, whose value has a $ or a backslash that the server stumbles over.`,
    );
  });
});

test.each<[string, unknown]>([
  ['a = [["$env{GONE}"]]\n', [['$env{GONE}']]],
  ['a = "$ref{list}"\n[[list]]\nb = 1\n', []],
])('nothing is looked for in a list within a list, and a list of tables is there to refer to: %j', (text, value) => {
  expect(valueAt('a', text)).toEqual(value);
});

test.each([
  'a = "$secret{b}"\n[secrets]\nb = "x"\n',
  'a = "$secret{b.c}"\n[secrets]\n"b.c" = ""\n',
  'a = "$secret{b}"\n[runtime_secrets]\nb = "x"\n',
  'a = "$secret{b}"\n[runtime_secrets]\nenable = "TRUE"\n',
  'a = "$secret{b}"\n[secrets]\nenable = "true"\n',
  'a = "$secret{b}"\n[runtime_secrets]\nenable = "true"\n',
])('a secret is known in %j', (text) => {
  expect(valueAt('a', text)).toMatch(/^\$secret\{b/);
});
