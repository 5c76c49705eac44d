import { variablePrefix } from './domain/command.js';
import { LaunchError, type TakenPort } from './domain/failure.js';
import { formatDuration } from './domain/numbers.js';
import type { OffsetRange, SkippedOffset } from './domain/offsets.js';
import { type BasePort, type EffectivePort, effectivePorts, legalOffsets } from './domain/ports.js';
import { findHolders, holderOfLease } from './holders.js';
import { checkHomeIsIdle } from './idle-home.js';
import type { InspectedHome } from './inspect.js';
import type { LaunchRequest } from './request.js';
import { nodeSystem, type System } from './system/index.js';
import type { Lease, LiveLease } from './system/leases.js';

/** The chosen name, offset and ports. */
export interface Choice {
  readonly name: string;
  readonly offset: number;
  /** Whether the script is told the offset; otherwise its own configuration says the same. */
  readonly isPassed: boolean;
  readonly ports: readonly EffectivePort[];
  readonly skipped: readonly SkippedOffset[];
  readonly warnings: readonly string[];
}

export interface ReserveOptions {
  readonly inspection: InspectedHome;
  readonly request: Pick<LaunchRequest, 'offset' | 'name' | 'baseName'>;
  /** What `request.offset` means for this home. */
  readonly range: OffsetRange;
  readonly stateFolder: string;
  /** Our lease: it is renewed, and does not stand in its own way. */
  readonly leaseId: string;
  /** Ports that were lost before: nobody may be seen on them any more, and they are still not ours. */
  readonly avoid: ReadonlySet<number>;
  /** The name that the first try was given. */
  readonly keepName?: string;
}

type Choosing = Pick<System, 'clock' | 'files' | 'leases' | 'mutex' | 'pid' | 'processes' | 'sockets'>;

const MUTEX_TIMEOUT_MS = 30_000;

/**
 * Chooses the offset and writes the lease that keeps it, while no other launcher chooses.
 * @throws LaunchError `home-runs`, `name-taken`, `ports-taken`, `no-free-offset`; nothing is left then
 */
export async function reserve(
  options: ReserveOptions,
  signal: AbortSignal,
  system: Choosing = nodeSystem,
): Promise<Choice> {
  return alone(signal, system, async (known) => {
    const choice = await choose(options, known, system);
    const warning = attempt(() => system.leases.write(options.leaseId, leaseFor(options, choice, system)));
    return { ...choice, warnings: [...new Set([...choice.warnings, ...warning])] };
  });
}

/** The same choice for a dry run: no lease is left. */
export async function preview(
  options: ReserveOptions,
  signal: AbortSignal,
  system: Choosing = nodeSystem,
): Promise<Choice> {
  return alone(signal, system, (known) => choose(options, known, system));
}

async function alone<T>(
  signal: AbortSignal,
  { mutex, leases }: Choosing,
  work: (known: KnownLeases) => Promise<T>,
): Promise<T> {
  const release = await mutex.acquire(MUTEX_TIMEOUT_MS, signal);
  try {
    signal.throwIfAborted();
    if (!release) throw new LaunchError({ kind: 'choosing-blocked', waited: formatDuration(MUTEX_TIMEOUT_MS) });
    return await work(readLeases(leases));
  } finally {
    release?.();
  }
}

interface KnownLeases {
  readonly live: readonly LiveLease[];
  readonly warnings: readonly string[];
}

function readLeases(leases: System['leases']): KnownLeases {
  let live: LiveLease[] = [];
  const warnings = attempt(() => {
    live = leases.readLive();
  });
  return { live, warnings };
}

function attempt(work: () => void): string[] {
  try {
    work();
    return [];
  } catch (error) {
    return [
      `The lease folder can't be used (${(error as Error).message}): another wso2-launch that starts now could choose the same ports.`,
    ];
  }
}

async function choose(
  { inspection, request, range, stateFolder, leaseId, avoid, keepName }: ReserveOptions,
  { live, warnings }: KnownLeases,
  system: Choosing,
): Promise<Choice> {
  const leases = live.filter(({ id }) => id !== leaseId);
  checkHomeIsIdle(inspection.home, leases, system);
  const name =
    keepName ??
    chooseName(
      request.baseName ?? inspection.id,
      request.name,
      leases.filter((lease) => lease.stateFolder === stateFolder),
    );
  const ports = new PortsInUse(inspection.ports, leases, avoid, system);
  const { offset, skipped } = await chooseOffset(inspection, request, range, ports);
  return {
    name,
    offset,
    isPassed: request.offset.kind !== 'configured',
    ports: effectivePorts(inspection.ports, offset),
    skipped,
    warnings: [...inspection.warnings, ...warnings],
  };
}

// ---------- The name ----------

/** Names whose variables would be the same (`a-1`, `a.1`) can't live side by side either. */
function chooseName(base: string, wanted: string | undefined, others: readonly LiveLease[]): string {
  const holderOf = (name: string): LiveLease | undefined =>
    others.find((lease) => variablePrefix(lease.name) === variablePrefix(name));
  if (wanted !== undefined) {
    const holder = holderOf(wanted);
    if (holder) throw new LaunchError({ kind: 'name-taken', name: wanted, by: holder.name, home: holder.home });
    return wanted;
  }
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!holderOf(name)) return name;
  }
}

// ---------- The offset ----------

interface ChosenOffset {
  readonly offset: number;
  readonly skipped: readonly SkippedOffset[];
}

async function chooseOffset(
  { ports: bases, configured }: InspectedHome,
  { offset: choice }: Pick<LaunchRequest, 'offset'>,
  { min, max }: OffsetRange,
  ports: PortsInUse,
): Promise<ChosenOffset> {
  if (choice.kind === 'auto') {
    const { offset, skipped } = await ports.firstFree(min, max);
    if (offset !== undefined) return { offset, skipped: await ports.named(skipped) };
    const taken = (await ports.named(skipped.slice(-3))).map(takenOf);
    throw new LaunchError({ kind: 'no-free-offset', min, max, taken });
  }
  const taken = await ports.taken(min);
  if (taken.length === 0) return { offset: min, skipped: [] };
  const legal = legalOffsets(bases);
  const isLegal = configured.value >= legal.min && configured.value <= legal.max;
  const { offset: free } = await ports.firstFree(isLegal ? configured.value : legal.min, legal.max);
  throw new LaunchError({ kind: 'ports-taken', offset: min, taken, free: free ?? null });
}

const takenOf = ({ port, by }: SkippedOffset): TakenPort => ({ ...port, by });

/** An offset passed over, before anybody has been named. */
interface Passed {
  readonly offset: number;
  readonly port: EffectivePort;
}

/** Which ports can't be had: promised to others, lost before, or found bound. */
class PortsInUse {
  readonly #leaseOf = new Map<number, LiveLease>();
  readonly #known: Set<number>;
  /** The port that stopped the last offset comes first: it mostly stops the next one as well. */
  #bases: readonly BasePort[];

  constructor(
    bases: readonly BasePort[],
    readonly leases: readonly LiveLease[],
    avoid: ReadonlySet<number>,
    readonly system: Choosing,
  ) {
    this.#bases = bases;
    this.#known = new Set(avoid);
    for (const lease of leases) {
      if (lease.sharesPorts) for (const port of lease.ports) this.#leaseOf.set(port, lease);
    }
  }

  /** The smallest offset at which nothing collides. */
  async firstFree(min: number, max: number): Promise<{ offset?: number; skipped: Passed[] }> {
    const skipped: Passed[] = [];
    for (let offset = min; offset <= max; offset++) {
      const port = await this.#firstTaken(effectivePorts(this.#bases, offset));
      if (!port) return { offset, skipped };
      skipped.push({ offset, port });
      this.#bases = [...this.#bases].sort((a, b) => Number(b.name === port.name) - Number(a.name === port.name));
      if (!port.shifted) break; // no offset moves it out of the way
    }
    return { skipped };
  }

  async #firstTaken(ports: readonly EffectivePort[]): Promise<EffectivePort | undefined> {
    const known = ports.find(({ number }) => this.#leaseOf.has(number) || this.#known.has(number));
    if (known) return known;
    const busy = await this.system.sockets.firstBusy([...new Set(ports.map(({ number }) => number))]);
    if (busy === undefined) return undefined;
    this.#known.add(busy);
    return ports.find(({ number }) => number === busy);
  }

  /** Every port that stands in the way of one offset. */
  async taken(offset: number): Promise<TakenPort[]> {
    const passed: Passed[] = [];
    for (const port of effectivePorts(this.#bases, offset)) {
      if (await this.#firstTaken([port])) passed.push({ offset, port });
    }
    return (await this.named(passed)).map(takenOf);
  }

  async named(passed: readonly Passed[]): Promise<SkippedOffset[]> {
    const unpromised = passed.map(({ port }) => port.number).filter((number) => !this.#leaseOf.has(number));
    const holders = await findHolders(unpromised, this.leases, this.system);
    return passed.map(({ offset, port: { name, number } }) => {
      const lease = this.#leaseOf.get(number);
      const by = lease ? holderOfLease(lease, this.system) : (holders.get(number) ?? null);
      return { offset, port: { name, number }, by };
    });
  }
}

// ---------- The lease ----------

function leaseFor({ inspection, stateFolder }: ReserveOptions, choice: Choice, system: Choosing): Lease {
  const { pid, processes, files } = system;
  const self = processes.find(pid);
  return {
    schemaVersion: 1,
    name: choice.name,
    product: inspection.id,
    home: files.realPath(inspection.home),
    offset: choice.offset,
    ports: choice.ports.map(({ number }) => number),
    boot: processes.bootId(),
    networkNamespace: processes.networkNamespace(),
    supervisor: { pid, startTime: self?.startTime ?? '' },
    server: null,
    stateFolder,
  };
}
