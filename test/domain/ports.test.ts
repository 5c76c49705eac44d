import { describe, expect, test } from '@jest/globals';
import { factsOf, type PortFact, type ProductId } from '../../src/domain/catalogue.js';
import { basePorts, effectivePorts, legalOffsets } from '../../src/domain/ports.js';
import { rowFor } from '../../src/domain/product.js';

const portsOf = (id: ProductId, version: string) => basePorts(rowFor(factsOf(id), version, []).row.ports, new Map());

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
    ['mi', '4.4.0', 4],
  ])('%s %s opens %d', (id, version, count) => {
    expect(portsOf(id, version)).toHaveLength(count);
  });

  test('API Manager 3.2 has all but the two websub ports', () => {
    const names = (version: string): string[] => portsOf('apim', version).map(({ name }) => name);
    expect(names('4.0.0').filter((name) => !names('3.2.0').includes(name))).toEqual(['websub-http', 'websub-https']);
  });
});

const FACTS: readonly PortFact[] = [
  { name: 'main', base: 9000, scheme: 'https', required: true },
  { name: 'side', base: 8000, scheme: 'tcp' },
  { name: 'still', base: 12_000, scheme: 'http', fixed: true },
];

test('a base that the configuration sets still gets the offset, and tells where it was set', () => {
  const bases = basePorts(FACTS, new Map([['main', { base: 7000, source: 'deployment.toml:12' }]]));
  expect(effectivePorts(bases, 5)).toEqual([
    {
      name: 'main',
      base: 7000,
      number: 7005,
      scheme: 'https',
      shifted: true,
      required: true,
      source: 'deployment.toml:12',
    },
    { name: 'side', base: 8000, number: 8005, scheme: 'tcp', shifted: true, required: false, source: 'default' },
    { name: 'still', base: 12_000, number: 12_000, scheme: 'http', shifted: false, required: false, source: 'default' },
  ]);
});

test('in a profile only the named ports are required', () => {
  const bases = basePorts(FACTS, new Map(), ['side']);
  expect(bases.filter(({ required }) => required).map(({ name }) => name)).toEqual(['side']);
});

test.each<[ProductId, string, number, number]>([
  ['apim', '4.5.0', -5671, 54_424],
  ['apim', '3.2.0', -5671, 54_424],
  ['mi', '4.4.0', -8242, 56_344],
])('%s %s takes offsets from %d to %d', (id, version, min, max) => {
  const bases = portsOf(id, version);
  expect(legalOffsets(bases)).toEqual({ min, max });
  const numbersAt = (offset: number): number[] => effectivePorts(bases, offset).map(({ number }) => number);
  expect(Math.min(...numbersAt(min))).toBe(1);
  expect(Math.max(...numbersAt(max))).toBe(65_535);
});

test('a port that stays where it is does not narrow the range', () => {
  expect(legalOffsets(basePorts(FACTS, new Map()))).toEqual({ min: -7999, max: 56_535 });
});
