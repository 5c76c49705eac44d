import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { factsOf } from '../src/domain/catalogue.js';
import { basePorts, effectivePorts } from '../src/domain/ports.js';
import { BLOCKS, type Block, HIGHEST_OF_TESTS, MADE_UP_PORTS } from './support/offsets.js';

// Test files run at once. What keeps them off each other's ports is looked at here, without a server.

const END_TO_END = 'test/e2e';

const SOURCES = readdirSync(END_TO_END)
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => [file.replace('.test.ts', ''), readFileSync(`${END_TO_END}/${file}`, 'utf8')] as const);

/** The ports of every server that a block is for, counted as the program counts them. */
const portsOf = ({ products, first, count }: Block): number[] =>
  products
    .flatMap((product) => factsOf(product).versions)
    .flatMap((row) => [row.ports, ...Object.values(row.carbon5?.profiles ?? {}).map(({ ports }) => ports)])
    .map((ports) => basePorts(ports, []).filter(({ shifted }) => shifted))
    .flatMap((ports) => Array.from({ length: count }, (_, index) => effectivePorts(ports, first + index)))
    .flatMap((ports) => ports.map(({ number }) => number));

/** Who has a port, by its number. */
const owners = new Map<number, Set<string>>();
for (const block of BLOCKS) {
  for (const port of [...block.ports, ...portsOf(block)]) owners.set(port, new Set(owners.get(port)).add(block.name));
}

test.each(BLOCKS)('$name: the ports of its servers are its own', (block) => {
  const ports = [...block.ports, ...portsOf(block)];
  expect(ports.filter((port) => owners.get(port)?.size !== 1)).toEqual([]);
  const { min, max } = MADE_UP_PORTS;
  expect(ports.filter((port) => port > HIGHEST_OF_TESTS || (port >= min && port <= max))).toEqual([]);
});

describe('a file that starts servers', () => {
  test.each(SOURCES)('%s asks for no offsets but its own, and for no more of them', (name, source) => {
    const asked = [...source.matchAll(/minOffsetOf\('(.+?)'\)/g)].map((match) => match[1] as string);
    expect(asked.filter((other) => other !== name)).toEqual([]);
    expect(/\bMIN = [\d_]+|-offset', '(?!99999|60000|40000)\d{3,}'/.exec(source)?.[0]).toBeUndefined();
    const { count = 0 } = BLOCKS.find((block) => block.name === name) ?? {};
    const steps = [...source.matchAll(/\bMIN \+ (\d+)/g)].map((match) => Number(match[1]));
    expect(steps.filter((step) => step >= count)).toEqual([]);
  });

  test('is there for each name', () => {
    const asking = SOURCES.filter(([, source]) => source.includes('minOffsetOf(')).map(([name]) => name);
    const given = ['a server that is told no offset', 'scripts/stress/faults'];
    expect([...asking, ...given].sort()).toEqual(BLOCKS.map(({ name }) => name).sort());
  });
});
