import { variablePrefix } from './domain/command.js';
import { type Holder, LaunchError, type TakenPort } from './domain/failure.js';
import { formatDuration } from './domain/numbers.js';
import { type BasePort, type EffectivePort, effectivePorts, legalOffsets } from './domain/ports.js';
import { findHolders, holderOfLease } from './holders.js';
import { checkHomeIsIdle } from './idle-home.js';
import type { InspectedHome } from './inspect.js';
import type { LaunchRequest } from './request.js';
import { nodeSystem, type System } from './system/index.js';
import type { Lease, LiveLease } from './system/leases.js';

/** An offset that was passed over, with the first of its ports that somebody has. */
export interface SkippedOffset {
  readonly offset: number;
  readonly port: { readonly name: string; readonly number: number };
  readonly by: Holder | null;
}

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
  readonly request: Pick<LaunchRequest, 'offset' | 'name'>;
  readonly stateFolder: string;
  /** Our lease: it is renewed, and does not stand in its own way. */
  readonly leaseId: string;
  /** Ports that were lost although nobody can be seen on them. */
  readonly avoid: ReadonlySet<number>;
  /** The name that the first try was given. */
  readonly keepName?: string;
}

type Choosing = Pick<System, 'clock' | 'files' | 'leases' | 'mutex' | 'pid' | 'processes' | 'sockets'>;

const MUTEX_TIMEOUT_MS = 30_000;

/**
 * Chooses the offset and writes the lease that keeps it, while no other launcher chooses.
 * @throws LaunchError `home-runs`, `name-taken`, `ports-taken`, `no-free-offset`, `usage`; nothing is left then
 */
export async function reserve(
  options: ReserveOptions,
  signal: AbortSignal,
  system: Choosing = nodeSystem,
): Promise<Choice> {
  return alone(signal, system, async (leases) => {
    const choice = await choose(options, leases, system);
    const warning = attempt(() => system.leases.write(options.leaseId, leaseFor(options, choice, system)));
    return { ...choice, warnings: [...choice.warnings, ...warning] };
  });
}

/** The same choice for a dry run: no lease is left. */
export async function preview(
  options: ReserveOptions,
  signal: AbortSignal,
  system: Choosing = nodeSystem,
): Promise<Choice> {
  return alone(signal, system, (leases) => choose(options, leases, system));
}

async function alone<T>(
  signal: AbortSignal,
  { mutex, leases }: Choosing,
  work: (readLeases: () => { live: LiveLease[]; warnings: string[] }) => Promise<T>,
): Promise<T> {
  const release = await mutex.acquire(MUTEX_TIMEOUT_MS, signal);
  try {
    signal.throwIfAborted();
    if (!release) throw new LaunchError({ kind: 'choosing-blocked', waited: formatDuration(MUTEX_TIMEOUT_MS) });
    return await work(() => {
      let live: LiveLease[] = [];
      const warnings = attempt(() => {
        live = leases.readLive();
      });
      return { live, warnings };
    });
  } finally {
    release?.();
  }
}

function attempt(work: () => void): string[] {
  try {
    work();
    return [];
  } catch (error) {
    return [
      `Port promises can't be exchanged with other launchers (${(error as Error).message}): ports are only probed.`,
    ];
  }
}

async function choose(
  { inspection, request, stateFolder, leaseId, avoid, keepName }: ReserveOptions,
  readLeases: () => { live: LiveLease[]; warnings: string[] },
  system: Choosing,
): Promise<Choice> {
  const { live, warnings } = readLeases();
  const leases = live.filter(({ id }) => id !== leaseId);
  checkHomeIsIdle(inspection.home, leases, system);
  const name =
    keepName ??
    chooseName(
      inspection,
      request.name,
      leases.filter((lease) => lease.stateFolder === stateFolder),
    );
  const ports = new PortsInUse(inspection.ports, leases, avoid, system);
  const { offset, skipped } = await chooseOffset(inspection, request, ports);
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
function chooseName({ id, home }: InspectedHome, wanted: string | undefined, others: readonly LiveLease[]): string {
  const holderOf = (name: string): LiveLease | undefined =>
    others.find((lease) => variablePrefix(lease.name) === variablePrefix(name));
  if (wanted !== undefined) {
    const holder = holderOf(wanted);
    if (holder) throw new LaunchError({ kind: 'name-taken', name: wanted, home: holder.home || home });
    return wanted;
  }
  for (let number = 1; ; number++) {
    const name = number === 1 ? id : `${id}-${number}`;
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
  ports: PortsInUse,
): Promise<ChosenOffset> {
  const legal = legalOffsets(bases);
  const checkRange = (offset: number, what: string): number => {
    if (offset >= legal.min && offset <= legal.max) return offset;
    throw outOfRange(offset, what, legal, configured.source);
  };
  if (choice.kind === 'auto') {
    const min = choice.min === undefined ? checkRange(configured.value, '') : checkRange(choice.min, '--min-offset');
    const max = choice.max === undefined ? legal.max : checkRange(choice.max, '--max-offset');
    if (min > max) {
      throw new LaunchError({
        kind: 'usage',
        what: `No offset lies between the smallest (${min}) and the largest allowed (${max}).`,
      });
    }
    const { offset, skipped } = await ports.firstFree(min, max);
    if (offset !== undefined) return { offset, skipped: await ports.named(skipped) };
    throw new LaunchError({
      kind: 'no-free-offset',
      min,
      max,
      taken: (await ports.named(skipped.slice(-3))).map(takenOf),
    });
  }

  const offset = choice.kind === 'fixed' ? checkRange(choice.offset, '--offset') : checkRange(configured.value, '');
  const taken = await ports.taken(offset);
  if (taken.length === 0) return { offset, skipped: [] };
  const { offset: free } = await ports.firstFree(Math.max(legal.min, configured.value), legal.max);
  throw new LaunchError({ kind: 'ports-taken', offset, taken, free: free ?? null });
}

const takenOf = ({ port, by }: SkippedOffset): TakenPort => ({ ...port, by });

/** `what` is the option that asked for it; empty where the configuration did. */
function outOfRange(offset: number, what: string, legal: { min: number; max: number }, source: string): LaunchError {
  const range = `its ports allow offsets from ${legal.min} to ${legal.max}`;
  return what === ''
    ? new LaunchError({
        kind: 'unusable-configuration',
        what: `The configured offset ${offset} (${source}) is out of range: ${range}.`,
        hint: 'Mend it in the configuration, or start with --offset or --min-offset.',
      })
    : new LaunchError({ kind: 'usage', what: `${what} ${offset} is out of range: ${range}.` });
}

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
