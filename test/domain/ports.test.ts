import { describe, expect, test } from '@jest/globals';
import { factsOf, type ProductId } from '../../src/domain/catalogue.js';
import type { PortFact } from '../../src/domain/facts.js';
import {
  basePorts,
  clashes,
  effectivePorts,
  extraPorts,
  isAvoidable,
  legalOffsets,
  type PortSettings,
} from '../../src/domain/ports.js';
import { rowFor } from '../../src/domain/product.js';
import { propertiesInOptions } from '../../src/domain/properties.js';
import { flatten } from '../../src/domain/toml.js';
import { inWords } from '../support/configured-home.js';
import { refusal } from '../support/refusal.js';

const portsOf = (id: ProductId, version: string) => basePorts(rowFor(factsOf(id), version, []).row.ports, []);

const numbersOf = (id: ProductId, version: string, offset: number): Record<string, number> =>
  Object.fromEntries(effectivePorts(portsOf(id, version), offset).map(({ name, number }) => [name, number]));

describe('the ports are those that the products document', () => {
  test.each<[ProductId, string, number, Record<string, number>]>([
    ['mi', '4.4.0', 3, { http: 8283, https: 8246, management: 9157, internal: 9194 }],
    ['mi', '4.4.0', 10, { http: 8290, https: 8253, management: 9164, internal: 9201 }],
    ['mi', '4.4.0', 0, { http: 8280, https: 8243, management: 9154, internal: 9191 }],
    ['mi', '4.4.0', -10, { http: 8270, https: 8233, management: 9144, internal: 9181 }],
    ['apim', '4.5.0', 1, { 'servlet-http': 9764, 'servlet-https': 9444, 'gateway-http': 8281, 'websub-https': 8022 }],
    ['apim', '3.2.0', 1, { 'servlet-http': 9764, 'jmx-server': 11112, 'thrift-auth': 10712 }],
  ])('%s %s at offset %d', (id, version, offset, numbers) => {
    expect(numbersOf(id, version, offset)).toMatchObject(numbers);
  });

  test.each<[ProductId, string, number]>([
    ['apim', '4.7.0', 15],
    ['apim', '4.0.0', 15],
    ['apim', '3.2.0', 13],
    ['apim', '2.6.0', 16],
    ['gateway', '4.7.0', 15],
    ['control-plane', '4.7.0', 9],
    ['traffic-manager', '4.7.0', 9],
    ['key-manager', '4.7.0', 9],
    ['is', '5.11.0', 4],
    ['is', '7.1.0', 3],
    ['server', '1.0.0', 4],
    ['mi', '4.4.0', 4],
  ])('%s %s opens %d', (id, version, count) => {
    expect(portsOf(id, version)).toHaveLength(count);
  });

  test('API Manager 3.2 has all but the two websub ports', () => {
    const names = (version: string): string[] => portsOf('apim', version).map(({ name }) => name);
    expect(names('4.0.0').filter((name) => !names('3.2.0').includes(name))).toEqual(['websub-http', 'websub-https']);
  });
});

/** Settings as they come from a file and from options, without any rules. */
function settingsOf(text: string, options = ''): PortSettings {
  const leaves = flatten(text, 'deployment.toml');
  return {
    setting: (key) => {
      const leaf = leaves.findLast((candidate) => (candidate.element ?? candidate.key) === key);
      return leaf && { value: leaf.value, leaf };
    },
    properties: propertiesInOptions(options.split(' ')),
    file: 'deployment.toml',
  };
}

const FACTS: readonly PortFact[] = [
  { name: 'main', base: 9000, scheme: 'https', key: 'main.port', property: 'main.absolute' },
  { name: 'side', base: 8000, scheme: 'tcp' },
  { name: 'still', base: 12_000, scheme: 'http', fixed: true, key: 'still.port' },
];

const wordsOf = (facts: readonly PortFact[], text: string, options = ''): string[] =>
  basePorts(facts, [], settingsOf(text, options)).map(inWords);

test('a base that the configuration sets still gets the offset, and tells where it was set', () => {
  const bases = basePorts(FACTS, ['main'], settingsOf('\nmain.port = 7000\n'));
  expect(effectivePorts(bases, 5)).toEqual([
    {
      name: 'main',
      base: 7000,
      number: 7005,
      scheme: 'https',
      shifted: true,
      required: true,
      source: 'deployment.toml:2',
    },
    { name: 'side', base: 8000, number: 8005, scheme: 'tcp', shifted: true, required: false, source: 'default' },
    { name: 'still', base: 12_000, number: 12_000, scheme: 'http', shifted: false, required: false, source: 'default' },
  ]);
});

describe('a listener that moves on by itself', () => {
  const facts: readonly PortFact[] = [
    { name: 'main', base: 9000, scheme: 'https' },
    { name: 'roving', base: 9001, scheme: 'tcp', fixed: true, movesOn: true },
  ];

  test('says so, and its number is its base at every offset', () => {
    expect(effectivePorts(basePorts(facts, ['main', 'roving']), 1).at(1)).toEqual({
      name: 'roving',
      base: 9001,
      number: 9001,
      scheme: 'tcp',
      shifted: false,
      movesOn: true,
      required: false,
      source: 'default',
    });
  });

  test('meets no other of its server', () => {
    expect(clashes(basePorts(facts, []), 1)).toEqual([]);
    expect(
      clashes(
        basePorts(
          facts.map(({ movesOn: _, ...fact }) => fact),
          [],
        ),
        1,
      ),
    ).toHaveLength(1);
  });
});

describe('a base', () => {
  test.each<[string, string, string]>([
    ['', '', 'main 9000'],
    ['main.port = 7000', '', 'main 7000 :1'],
    ['main.port = "7000"', '', 'main 7000 :1'],
    ['main.port = " 7000 "', '', 'main 7000 :1'],
    ['main.port = 7000', '-Dmain.absolute=7001', 'main =7001 -Dmain.absolute'],
    ['side.port = 7000', '-Dside.absolute=7001', 'main 9000'],
  ])('with %j and %j', (text, options, words) => {
    expect(wordsOf(FACTS.slice(0, 1), text, options)).toEqual([words]);
  });

  test('with blanks round it is none where the server reads it as it stands', () => {
    const [fact] = FACTS;
    const facts = [{ ...(fact as PortFact), isReadAsIs: true } as const];
    expect(wordsOf(facts, 'main.port = "7000"')).toEqual(['main 7000 :1']);
    expect(refusal(() => wordsOf(facts, 'main.port = " 7000 "')).message).toBe(
      'deployment.toml, line 1 (main.port): the base port of main is " 7000 ", not a number from 1 to 65535.',
    );
  });

  test.each<[string, string, string]>([
    ['main.port = 0', '', 'deployment.toml, line 1 (main.port): the base port of main is 0'],
    ['\nmain.port = "x"', '', 'deployment.toml, line 2 (main.port): the base port of main is "x"'],
    ['main.port = false', '', 'deployment.toml, line 1 (main.port): the base port of main is false'],
    ['main.port = 1.5', '', 'deployment.toml, line 1 (main.port): the base port of main is 1.5'],
    ['main.port = [1]', '', 'deployment.toml, line 1 (main.port): the base port of main is [1]'],
  ])('with %j is refused', (text, options, what) => {
    expect(refusal(() => wordsOf(FACTS, text, options))).toEqual({
      code: 3,
      message: `${what}, not a number from 1 to 65535.`,
      hint: 'The server would start without that listener, or not at all; mend the number.',
    });
  });

  test.each([
    ['-Dmain.absolute=70000', '"70000"'],
    ['-Dmain.absolute', '"true"'],
  ])('with the argument %s is wrong usage', (options, value) => {
    expect(refusal(() => wordsOf(FACTS, '', options))).toEqual({
      code: 2,
      message: `-Dmain.absolute: the base port of main is ${value}, not a number from 1 to 65535.`,
      hint: 'Give it a number, or leave it out.',
    });
  });

  test('of the rules is refused in their name', () => {
    const settings = { ...settingsOf(''), setting: () => ({ value: 'x' }) };
    expect(refusal(() => basePorts(FACTS, [], settings)).message).toBe(
      'The product\'s own rules (main.port): the base port of main is "x", not a number from 1 to 65535.',
    );
  });

  test('that nothing has makes no listener, and `true` is none', () => {
    const console: PortFact = { name: 'console', scheme: 'tcp', property: 'console', key: 'console.port' };
    expect(wordsOf([console], '')).toEqual([]);
    expect(wordsOf([console], '', '-Dconsole')).toEqual([]);
    expect(wordsOf([console], '', '-Dconsole=7000')).toEqual(['console =7000 -Dconsole']);
    expect(wordsOf([console], 'console.port = 7000')).toEqual(['console 7000 :1']);
  });
});

describe('a listener', () => {
  const on = { key: 'on', otherwise: true };
  const off = { key: 'off', otherwise: false };
  const word = { property: 'word', otherwise: false };
  const isOpen = (openWhen: PortFact['openWhen'], text: string, options = ''): boolean =>
    wordsOf([{ name: 'a', base: 1, scheme: 'tcp', ...(openWhen && { openWhen }) }], text, options).length > 0;

  test.each<[PortFact['openWhen'], string, string, boolean]>([
    [undefined, '', '', true],
    [[on], '', '', true],
    [[on], 'on = false', '', false],
    [[on], 'on = "False"', '', false],
    [[on], 'on = 0', '', false],
    [[on], 'on = "0"', '', true],
    [[on], 'on = ""', '', false],
    [[on], 'on = "no"', '', true],
    [[off], '', '', false],
    [[off], 'off = true', '', true],
    [[off], 'off = "wka"', '', true],
    [[word], '', '', false],
    [[word], 'word = true', '', false],
    [[word], '', '-Dword', true],
    [[word], '', '-Dword=false', false],
    [[on, off], 'off = true', '', true],
    [[on, off], '', '', false],
    [[{ not: on }], '', '', false],
    [[{ not: on }], 'on = false', '', true],
    [[{ anyOf: [off, { not: on }] }], '', '', false],
    [[{ anyOf: [off, { not: on }] }], 'on = false', '', true],
    [[{ anyOf: [off, { not: on }] }], 'off = 1', '', true],
    [[{ allOf: [off, on] }], 'off = 1', '', true],
    [[{ allOf: [off, on] }], 'on = 1', '', false],
    [[{ ...on, reads: 'java' }], '', '', true],
    [[{ ...on, reads: 'java' }], 'on = "True"', '', true],
    [[{ ...on, reads: 'java' }], 'on = "yes"', '', false],
    [[{ ...on, reads: 'java' }], 'on = 1', '', false],
    [[{ ...word, reads: 'java' }], '', '-Dword=1', false],
    [[{ ...on, reads: 'same' }], '', '', true],
    [[{ ...on, reads: 'same' }], 'on = true', '', true],
    [[{ ...on, reads: 'same' }], 'on = "true"', '', false],
    [[{ key: 'words', lists: 'b', otherwise: 'a b' }], '', '', true],
    [[{ key: 'words', lists: 'b', otherwise: 'a b' }], 'words = "a bb"', '', false],
    [[{ key: 'words', lists: 'b', otherwise: 'a' }], 'words = "b a"', '', true],
  ])('that opens with %j, given %j and %j: %s', (openWhen, text, options, open) => {
    expect(isOpen(openWhen, text, options)).toBe(open);
  });

  test('that is closed may have any base', () => {
    const fact: PortFact = { name: 'a', base: 1, scheme: 'tcp', key: 'a', openWhen: [on] };
    expect(wordsOf([fact], 'a = "x"\non = false\n')).toEqual([]);
  });

  test('may move only while a switch is on', () => {
    const fact: PortFact = { name: 'a', base: 1, scheme: 'tcp', shiftedWhen: on };
    expect(wordsOf([fact], '')).toEqual(['a 1']);
    expect(wordsOf([fact], 'on = false')).toEqual(['a =1']);
    expect(wordsOf([{ ...fact, fixed: true }], '')).toEqual(['a =1']);
  });
});

describe('listeners that a file adds', () => {
  const read = (text: string) =>
    extraPorts(
      flatten(text, 'deployment.toml'),
      [
        { key: /^extra\.\w+\.port$/, scheme: 'https' },
        { key: /^list\.port$/, scheme: 'tcp', fixed: true },
      ],
      settingsOf(text),
    );

  test('are called by their keys, and by their places in a list', () => {
    const text = '[extra.a]\nport = 1\n[extra.b]\nport = "2"\nports = 3\n[[list]]\nport = 4\n[[list]]\nport = 5\n';
    expect(read(text).map(inWords)).toEqual([
      'extra.a.port 1 :2',
      'extra.b.port 2 :4',
      'list[0].port =4 :7',
      'list[1].port =5 :9',
    ]);
    expect(read(text).map(({ scheme, required }) => [scheme, required])).toEqual([
      ['https', false],
      ['https', false],
      ['tcp', false],
      ['tcp', false],
    ]);
  });

  test('are refused where their port is none', () => {
    expect(refusal(() => read('[[list]]\nport = true\n')).message).toBe(
      'deployment.toml, line 2 (list.port): the base port of list[0].port is true, not a number from 1 to 65535.',
    );
  });
});

test('only the named ports are required, where they open', () => {
  const bases = basePorts(FACTS, ['side', 'other']);
  expect(bases.filter(({ required }) => required).map(({ name }) => name)).toEqual(['side']);
});

test.each<[ProductId, string, number, number]>([
  ['apim', '4.5.0', -5671, 54_424],
  ['apim', '3.2.0', -5671, 54_424],
  ['is', '7.1.0', -9442, 54_824],
  ['mi', '4.4.0', -8242, 56_344],
])('%s %s takes offsets from %d to %d', (id, version, min, max) => {
  const bases = portsOf(id, version);
  expect(legalOffsets(bases)).toEqual({ min, max });
  const numbersAt = (offset: number): number[] => effectivePorts(bases, offset).map(({ number }) => number);
  expect(Math.min(...numbersAt(min))).toBe(1);
  expect(Math.max(...numbersAt(max))).toBe(65_535);
});

test('a port that stays where it is does not narrow the range', () => {
  expect(legalOffsets(basePorts(FACTS, []))).toEqual({ min: -7999, max: 56_535 });
});

test('a server that shifts nothing takes any offset', () => {
  expect(legalOffsets(basePorts(FACTS.slice(2), []))).toEqual({ min: -65_535, max: 65_535 });
});

test('listeners clash where they want one port, avoidably where only one of them moves', () => {
  const bases = basePorts(FACTS, []);
  const found = (offset: number, ports = bases) =>
    clashes(ports, offset).map((clash) => [...clash.map(({ name }) => name), isAvoidable(clash)]);
  expect(found(0)).toEqual([]);
  expect(found(3000)).toEqual([['main', 'still', true]]);
  expect(found(4000)).toEqual([['side', 'still', true]]);
  expect(found(1, basePorts(FACTS, [], settingsOf('main.port = 8000')))).toEqual([['main', 'side', false]]);
});
