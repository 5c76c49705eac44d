import type { PortHolder } from '../domain/failure.js';
import { brokerWarnings } from '../domain/message-broker.js';
import { type GivenNumber, type OffsetChoice, offsetRange } from '../domain/offsets.js';
import { portWarnings } from '../domain/port-warnings.js';
import { type EffectivePort, effectivePorts } from '../domain/ports.js';
import type { Inspection } from '../home/inspect.js';
import { nodeSystem, type System } from '../system/index.js';
import type { LiveLease } from '../system/leases.js';
import { findHolders, holderOfLease } from './holders.js';

export type PortUse = 'free' | 'taken' | 'leased';

/** The ports of a server at one offset. */
export interface PortsSubject {
  readonly product: string;
  readonly version: string | null;
  readonly home: string | null;
  readonly offset: number;
  readonly ports: readonly EffectivePort[];
}

/** Every port of a product at one offset, and who has it. */
export interface PortsReport extends PortsSubject {
  readonly ports: readonly (EffectivePort & { readonly state: PortUse; readonly by: PortHolder | null })[];
}

/** Warnings of what may go wrong with these ports though they are free. */
export const cautionsFor = (
  { ports, offset }: PortsReport,
  { sockets }: Pick<System, 'sockets'> = nodeSystem,
): string[] => [...portWarnings(ports, offset, sockets.clientPorts()), ...brokerWarnings(ports)];

/**
 * Looks at every port of a product; nothing is started or kept.
 * @param given absent: the offset that the server would use by itself
 * @throws LaunchError where the offset is out of range: `usage` or `unusable-configuration`
 */
export async function reportPorts(
  inspection: Inspection,
  given?: GivenNumber,
  system: Pick<System, 'leases' | 'processes' | 'sockets'> = nodeSystem,
): Promise<PortsReport> {
  const choice: OffsetChoice = given ? { kind: 'fixed', offset: given } : { kind: 'configured' };
  // A home that a launch would refuse for the arguments' sake can still be looked at.
  const { beatsArguments: _, ...configured } = inspection.configured;
  const { min: offset } = offsetRange(choice, configured, inspection.ports);
  const ports = effectivePorts(inspection.ports, offset);
  const { id: product, version, home } = inspection;
  return lookAtPorts({ product, version, home, offset, ports }, system);
}

/** The ports of a server whose offset is settled, and who has them. */
export async function lookAtPorts(
  { ports, ...subject }: PortsSubject,
  system: Pick<System, 'leases' | 'processes' | 'sockets'> = nodeSystem,
): Promise<PortsReport> {
  const leases = await readLeases(system);
  const leaseOf = (port: number): LiveLease | undefined =>
    leases.find((lease) => lease.keepsPorts && lease.ports.includes(port));
  const busy = await busyAmong(ports, (port) => leaseOf(port) !== undefined, system);
  const holders = await findHolders(busy, leases, system);
  return {
    ...subject,
    ports: ports.map((port) => {
      if (busy.has(port.number)) return { ...port, state: 'taken', by: holders.get(port.number) ?? null };
      const lease = leaseOf(port.number);
      return lease
        ? { ...port, state: 'leased', by: holderOfLease(lease, system) }
        : { ...port, state: 'free', by: null };
    }),
  };
}

/** Leases, where they can be read: a look at ports is useful without them. */
export async function readLeases({ leases }: Pick<System, 'leases'> = nodeSystem): Promise<LiveLease[]> {
  try {
    return await leases.readLive();
  } catch {
    return [];
  }
}

/** A promised port is only looked at: to bind it, even for a moment, could cost a starting server its own bind. */
async function busyAmong(
  ports: readonly EffectivePort[],
  isPromised: (port: number) => boolean,
  { sockets }: Pick<System, 'sockets'>,
): Promise<Set<number>> {
  const numbers = ports.map(({ number }) => number);
  const listening = await sockets.listeners(new Set(numbers.filter(isPromised)), []);
  const busy = new Set(listening.map(({ port }) => port));
  for (const number of numbers) {
    if (!isPromised(number) && (await sockets.firstBusy([number])) !== undefined) busy.add(number);
  }
  return busy;
}
