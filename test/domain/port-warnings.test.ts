import { describe, expect, test } from '@jest/globals';
import { portWarnings } from '../../src/domain/port-warnings.js';
import type { BasePort } from '../../src/domain/ports.js';

const port = (name: string, base: number, more: Partial<BasePort> = {}): BasePort => ({
  name,
  base,
  scheme: 'tcp',
  shifted: true,
  required: false,
  source: 'default',
  ...more,
});
const CLIENTS = { min: 32_768, max: 60_999 };

describe('two listeners on one port', () => {
  const bases = [port('a', 9000), port('b', 8000, { shifted: false, source: 'Orders.xml:3' }), port('c', 7000)];

  test('are told with where they were set', () => {
    expect(portWarnings(bases, -1000, CLIENTS)).toEqual([
      'a and b (Orders.xml:3) both want port 8000: only one of them will open.',
    ]);
    expect(portWarnings(bases, 1000, CLIENTS)).toEqual([
      'b (Orders.xml:3) and c both want port 8000: only one of them will open.',
    ]);
  });

  test('are none where one of them moves on by itself', () => {
    const roving = bases.map((base) => (base.name === 'b' ? { ...base, movesOn: true as const } : base));
    expect(portWarnings(roving, -1000, CLIENTS)).toEqual([]);
  });

  test('are none where all differ', () => {
    expect(portWarnings(bases, 0, CLIENTS)).toEqual([]);
  });
});

describe('ports that outgoing connections may have', () => {
  const advice = (which: string): string =>
    `${which} in the range that this system gives to outgoing connections (32768 to 60999): any program may hold one at the moment the server wants it. A smaller offset avoids that.`;

  test.each<[number[], string[]]>([
    [[32_767, 61_000], []],
    [[32_768], [advice('Port 32768 lies')]],
    [[1, 60_999], [advice('Port 60999 lies')]],
    [[40_002, 40_001], [advice('Ports 40001, 40002 lie')]],
    [[40_004, 40_003, 40_002, 40_001], [advice('Ports 40001, 40002, 40003, 40004 lie')]],
    [[40_004, 40_003, 40_002, 40_001, 40_009], [advice('Ports 40001, 40002, 40003 … 40009 lie')]],
  ])('among %j', (numbers, warnings) => {
    const bases = numbers.map((number) => port(`p${number}`, number));
    expect(portWarnings(bases, 0, CLIENTS)).toEqual(warnings);
  });

  test('are looked for after the offset', () => {
    expect(portWarnings([port('a', 9443)], 30_000, CLIENTS)).toEqual([advice('Port 39443 lies')]);
    expect(portWarnings([port('a', 9443, { shifted: false })], 30_000, CLIENTS)).toEqual([]);
    expect(portWarnings([port('a', 39_443, { shifted: false, movesOn: true })], 0, CLIENTS)).toEqual([]);
  });
});
