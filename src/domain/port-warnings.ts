import type { OffsetRange } from './offsets.js';
import { type BasePort, type Clash, clashes, type EffectivePort, effectivePorts, settledPorts } from './ports.js';

/** Ports that a system hands out to outgoing connections, both ends included. */
export type ClientPorts = OffsetRange;

/** Warnings of what may go wrong with these ports though all of them are free. */
export const portWarnings = (bases: readonly BasePort[], offset: number, clientPorts: ClientPorts): string[] => [
  ...clashWarnings(bases, offset),
  ...clientPortWarnings(bases, offset, clientPorts),
];

/** Listeners of one server that want the same port. */
export const clashWarnings = (bases: readonly BasePort[], offset: number): string[] =>
  clashes(bases, offset).map((clash) => `${clashText(clash)}: only one of them will open.`);

export const clashText = ([first, second]: Clash): string =>
  `${described(first)} and ${described(second)} both want port ${first.number}`;

/** Ports that any program may hold for a moment. */
export function clientPortWarnings(bases: readonly BasePort[], offset: number, clientPorts: ClientPorts): string[] {
  const ports = effectivePorts(settledPorts(bases), offset);
  const lendable = ports.filter(({ number }) => number >= clientPorts.min && number <= clientPorts.max);
  if (lendable.length === 0) return [];
  const numbers = lendable.map(({ number }) => number);
  const which = numbers.length === 1 ? `Port ${numbers[0]} lies` : `Ports ${listed(numbers)} lie`;
  const range = `${clientPorts.min} to ${clientPorts.max}`;
  return [
    `${which} in the range that this system gives to outgoing connections (${range}): any program may hold one at the moment the server wants it. A smaller offset avoids that.`,
  ];
}

const described = ({ name, source }: EffectivePort): string => (source === 'default' ? name : `${name} (${source})`);

const listed = (numbers: readonly number[]): string => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length <= 4 ? sorted.join(', ') : `${sorted.slice(0, 3).join(', ')} … ${sorted.at(-1)}`;
};
