import { variablePrefix } from '../domain/command.js';
import type { ConfigurationChange } from '../domain/configuration-change.js';
import { LaunchError, type PortHolder, type PortName, type TakenPort } from '../domain/failure.js';
import { DEBUG_PORT } from '../domain/jvm.js';
import { brokerWarnings } from '../domain/message-broker.js';
import { formatDuration } from '../domain/numbers.js';
import type { OffsetChoice, OffsetRange, SkippedOffset } from '../domain/offsets.js';
import { clashText, portWarnings } from '../domain/port-warnings.js';
import {
  type BasePort,
  clashes,
  type EffectivePort,
  effectivePorts,
  HIGHEST_PORT,
  isAvoidable,
  legalOffsets,
  settledPorts,
} from '../domain/ports.js';
import type { Text } from '../domain/text.js';
import type { ProcessRow } from '../domain/tree.js';
import type { InspectedHome } from '../home/inspect.js';
import { nodeSystem, type System } from '../system/index.js';
import type { Lease, LiveLease } from '../system/leases.js';
import { isHeldBy } from '../system/sockets.js';
import { findHolders, holderOfLease } from './holders.js';
import { checkHomeIsIdle, findServerOf, TWO_HOMES } from './idle-home.js';

/** The chosen name, offset and ports. */
export interface Choice {
  readonly name: string;
  readonly offset: number;
  /** Whether the script is told the offset; otherwise its own configuration says the same. */
  readonly isPassed: boolean;
  readonly ports: readonly EffectivePort[];
  readonly skipped: readonly SkippedOffset[];
  readonly warnings: readonly Text[];
}

/** A request for an offset and a name. */
export interface ChoiceRequest {
  readonly offset: OffsetChoice;
  readonly name?: string;
  /** Present where the offset is the one at which the home's database was first started, and no other will do. */
  readonly isStuck?: true;
  /** The word that the name is made from where none is given; absent: the product. */
  readonly baseName?: string;
  /** What is laid over the home's configuration, ports maybe. */
  readonly changes?: readonly ConfigurationChange[];
}

export interface ReserveOptions {
  readonly inspection: InspectedHome;
  readonly request: ChoiceRequest;
  /** The range that `request.offset` means for this home. */
  readonly range: OffsetRange;
  readonly stateFolder: string;
  /** Our lease: it is renewed, and does not stand in its own way. */
  readonly leaseId: string;
  /** Finds the leases of servers in other PID namespaces, as in containers, which may lie where we don't see them. */
  readonly elsewhere?: () => Promise<readonly LiveLease[]>;
  /** Ports that were lost before: even where nobody is seen on them any more, they are not ours. */
  readonly avoid: ReadonlySet<number>;
  /** The name that the first try was given. */
  readonly keepName?: string;
  /** The ports that our lease is to keep besides. */
  readonly keeps?: (() => readonly number[]) | undefined;
  /** Present where a server of ours still runs, which goes on until the one that is chosen for takes over. */
  readonly succeeds?: Predecessor;
}

/** A server of ours, whose home, name and ports its successor may have. */
export interface Predecessor {
  readonly ports: readonly number[];
  /** Its living processes. */
  pids(): readonly number[];
}

export type Choosing = Pick<
  System,
  'clock' | 'control' | 'files' | 'leases' | 'mutex' | 'pid' | 'processes' | 'sockets'
>;

const MUTEX_TIMEOUT_MS = 30_000;

/**
 * Chooses the offset and writes the lease that keeps it, while no other launcher chooses.
 * @throws LaunchError `home-runs`, `name-taken`, `ports-taken`, `no-free-offset`, `choosing-blocked`, or the signal's
 *   reason; nothing is left then
 */
export async function reserve(
  options: ReserveOptions,
  signal: AbortSignal,
  system: Choosing = nodeSystem,
): Promise<Choice> {
  const { leaseId, succeeds } = options;
  const server = succeeds ? undefined : findServerOf(options.inspection.runtimeHome, system);
  const chooseAndLease = async (): Promise<Chosen> => {
    const known = await readLeases(options, system);
    const made = await choose(options, known, server, system);
    // Nothing may be leased any more for a launch that is over.
    if (succeeds) signal.throwIfAborted();
    try {
      if (succeeds) system.leases.update(leaseId, { ports: portsOfBoth(ownLeaseIn(known, options), made) });
      else system.leases.write(leaseId, leaseFor(options, made, system));
    } catch (error) {
      // A folder that can't be read can mostly not be written either, for another reason: one warning is enough.
      if (known.warnings.length === 0) return { ...made, warnings: [...made.warnings, unusableLeases(error)] };
    }
    return made;
  };
  const chosen = await inTurn(signal, system, async (isAlone) => {
    if (isAlone) return chooseAndLease();
    const { chooseBeside } = await import('./beside.js'); // hardly ever
    return chooseBeside(leaseId, chooseAndLease, signal, system).catch((error: unknown) => {
      if (succeeds && !signal.aborted) keepLease(leaseId, system);
      throw error;
    });
  });
  return withHolders(chosen);
}

/** The same choice for a dry run: no lease is left. */
export async function preview(
  options: ReserveOptions,
  signal: AbortSignal,
  system: Choosing = nodeSystem,
): Promise<Choice> {
  const server = findServerOf(options.inspection.runtimeHome, system);
  return withHolders(
    await inTurn(signal, system, async () => choose(options, await readLeases(options, system), server, system)),
  );
}

/**
 * The smallest offset, counted from the configured one, at which nothing collides; undefined where there is none. It is
 * promised to nobody.
 * @throws LaunchError `choosing-blocked`, or the signal's reason
 */
export async function findFreeOffset(
  { ports, configured }: Pick<InspectedHome, 'ports' | 'configured'>,
  signal: AbortSignal,
  system: Choosing = nodeSystem,
): Promise<number | undefined> {
  const { found } = await inTurn(signal, system, async () => {
    const live = await system.leases.readLive().catch(() => []);
    return {
      found: await firstFreeFrom(configured.value, ports, new PortsInUse(ports, live, NO_CLAIMS, system)),
      warnings: [],
    };
  });
  return found;
}

/** A choice for which it is still to be looked up who has the ports in its way: no other launcher need wait for that. */
interface Chosen extends Omit<Choice, 'skipped'> {
  nameSkipped(): Promise<SkippedOffset[]>;
}

async function withHolders({ nameSkipped, ...choice }: Chosen): Promise<Choice> {
  const skipped = await nameSkipped();
  return { ...choice, skipped, warnings: [...choice.warnings, ...brokerWarnings(skipped.map(takenOf))] };
}

/**
 * Works while no other launcher chooses, if the turn can be had: another user's process, for which nobody can answer,
 * doesn't keep us from going on without.
 */
export async function inTurn<T extends { readonly warnings: readonly Text[] }>(
  signal: AbortSignal,
  { clock, mutex }: Choosing,
  work: (isAlone: boolean) => Promise<T>,
): Promise<T> {
  const askedMs = clock.now();
  const release = await mutex.acquire(MUTEX_TIMEOUT_MS, signal);
  try {
    signal.throwIfAborted();
    if (release) return await work(true);
    const waited = formatDuration(clock.now() - askedMs);
    const pid = mutex.holder?.();
    if (pid !== undefined) throw new LaunchError({ kind: 'choosing-blocked', waited, pid });
    const done = await work(false);
    return { ...done, warnings: [...done.warnings, withoutTurn(waited)] };
  } finally {
    release?.();
  }
}

const withoutTurn = (waited: string): string =>
  `For ${waited} a process that is none of yours has kept the lock under which launchers choose ports one at a time: they were chosen without it.`;

interface KnownLeases {
  readonly live: readonly LiveLease[];
  readonly warnings: readonly string[];
}

async function readLeases({ elsewhere: find }: ReserveOptions, system: Choosing): Promise<KnownLeases> {
  const elsewhere = (await find?.()) ?? [];
  try {
    return { live: [...(await system.leases.readLive()), ...elsewhere], warnings: [] };
  } catch (error) {
    return { live: elsewhere, warnings: [unusableLeases(error)] };
  }
}

export const unusableLeases = (error: unknown): string =>
  `The lease folder can't be used (${(error as Error).message}): another wso2-launch that starts now could choose the same ports.`;

async function choose(
  options: ReserveOptions,
  known: KnownLeases,
  server: ProcessRow | undefined,
  system: Choosing,
): Promise<Chosen> {
  const { inspection, request, range, stateFolder, leaseId, keepName } = options;
  const { live, warnings } = known;
  const leases = live.filter(({ id }) => id !== leaseId);
  checkHomeIsIdle(inspection, { leases, server }, TWO_HOMES, system);
  const name =
    keepName ??
    chooseName(
      request.baseName ?? inspection.id,
      request.name,
      leases.filter((lease) => lease.stateFolder === stateFolder && !lease.stranger),
    );
  const claims = { avoid: options.avoid, own: await portsToTakeOver(known, options, system) };
  const bases = await withFoundPorts(inspection.ports, leases, claims, system);
  const ports = new PortsInUse(bases, leases, claims, system);
  const { offset, skipped } = await chooseOffset({ ...inspection, ports: bases }, request, range, ports);
  checkParted(bases, offset, request);
  const cautions = portWarnings(bases, offset, system.sockets.clientPorts());
  return {
    name,
    offset,
    isPassed: request.offset.kind !== 'configured',
    ports: effectivePorts(bases, offset),
    nameSkipped: () => ports.named(skipped),
    warnings: [...inspection.warnings, ...warnings, ...cautions],
  };
}

/**
 * Refuses options that give one port to two listeners of which the server needs one: whichever opens, it would look
 * ready. @throws LaunchError `usage`
 */
function checkParted(bases: readonly BasePort[], offset: number, { changes = [] }: ChoiceRequest): void {
  const clash = clashes(bases, offset).find(
    (both) =>
      both.some(({ required }) => required) && (changes.length > 0 || both.some(({ name }) => name === DEBUG_PORT)),
  );
  const needed = clash?.find(({ required }) => required);
  if (!clash || !needed) return;
  throw new LaunchError({
    kind: 'usage',
    what: `${clashText(clash)}, and the server is of no use without ${needed.name}.`,
    hint: 'Give one of them another port.',
  });
}

/** The ports, with the first free number of each that may have any. */
async function withFoundPorts(
  bases: readonly BasePort[],
  leases: readonly LiveLease[],
  { avoid, own }: Claims,
  system: Choosing,
): Promise<readonly BasePort[]> {
  const fixed = bases.filter(({ searches, shifted }) => !searches && !shifted).map(({ base }) => base);
  const taken = new Set([...avoid, ...fixed]);
  const settle = async ({ searches, ...port }: BasePort): Promise<BasePort> => {
    if (!searches) return port;
    const anywhere = new PortsInUse([{ ...port, base: 0, shifted: true }], leases, { avoid: taken, own }, system);
    return { ...port, base: (await anywhere.firstFree(port.base, HIGHEST_PORT)).offset ?? port.base };
  };
  return Promise.all(bases.map(settle));
}

// ---------- The name ----------

/** Names whose variables would be the same (`a-1`, `a.1`) can't live side by side either. */
function chooseName(base: string, wanted: string | undefined, others: readonly LiveLease[]): string {
  const holders = new Map(others.map((lease) => [variablePrefix(lease.name), lease]));
  const holderOf = (name: string): LiveLease | undefined => holders.get(variablePrefix(name));
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
  readonly skipped: readonly Passed[];
}

async function chooseOffset(
  { ports: bases, configured }: InspectedHome,
  { offset: choice, isStuck }: Pick<ChoiceRequest, 'offset' | 'isStuck'>,
  { min, max }: OffsetRange,
  ports: PortsInUse,
): Promise<ChosenOffset> {
  if (choice.kind === 'auto') {
    const { offset, skipped } = await ports.firstFree(min, max);
    if (offset !== undefined) return { offset, skipped };
    const last = skipped.slice(-3);
    const taken = (await ports.named(last)).map(takenOf);
    throw new LaunchError({ kind: 'no-free-offset', min, max, taken, fixed: fixedAmong(last.map(({ port }) => port)) });
  }
  const taken = await ports.taken(min);
  if (taken.length === 0) return { offset: min, skipped: [] };
  const free = await firstFreeFrom(configured.value, bases, ports);
  const fixed = fixedAmong(effectivePorts(settledPorts(bases), min)).filter(({ number }) =>
    taken.some((port) => port.number === number),
  );
  const stuck = isStuck && { isStuck };
  throw new LaunchError({ kind: 'ports-taken', offset: min, taken, free: free ?? null, fixed, ...stuck });
}

async function firstFreeFrom(
  wanted: number,
  bases: readonly BasePort[],
  ports: PortsInUse,
): Promise<number | undefined> {
  const { min, max } = legalOffsets(bases);
  return (await ports.firstFree(wanted >= min && wanted <= max ? wanted : min, max)).offset;
}

const fixedAmong = (ports: readonly PassedPort[]): PortName[] =>
  ports.filter(({ shifted }) => !shifted).map(({ name, number }) => ({ name, number }));

const takenOf = ({ port, by }: SkippedOffset): TakenPort => ({ ...port, by });

type PassedPort = Pick<EffectivePort, 'name' | 'number' | 'shifted'>;

/** An offset passed over, before anybody has been named. */
interface Passed {
  readonly offset: number;
  readonly port: PassedPort;
  /** Present where it is known at once. */
  readonly by?: PortHolder;
}

/** After so many binds, a look at the table of all listeners costs less than as many binds again. */
const LOOK_AFTER_BINDS = 96;

const numberOf = ({ base, shifted }: BasePort, offset: number): number => (shifted ? base + offset : base);

/** Ports about which something is known that no look at the system tells. */
interface Claims {
  /** Lost before. */
  readonly avoid: ReadonlySet<number>;
  /** Of the server that runs, which makes room for the one that is chosen for. */
  readonly own: ReadonlySet<number>;
}

const NO_CLAIMS: Claims = { avoid: new Set(), own: new Set() };

/** The ports that can't be had: promised to others, lost before, or found bound. */
class PortsInUse {
  readonly #leaseOf = new Map<number, LiveLease>();
  readonly #known: Set<number>;
  readonly #own: ReadonlySet<number>;
  /** The port that stopped the last offset comes first: it mostly stops the next one as well. */
  #bases: readonly BasePort[];
  #bindsUntilLook = LOOK_AFTER_BINDS;
  /** Whether two listeners may want one port: those that all move keep their distance. */
  readonly #canMeet: boolean;

  constructor(
    bases: readonly BasePort[],
    readonly leases: readonly LiveLease[],
    { avoid, own }: Claims,
    readonly system: Choosing,
  ) {
    this.#own = own;
    this.#bases = settledPorts(bases);
    this.#known = new Set(avoid);
    this.#canMeet = this.#bases.some(({ shifted }) => shifted) && this.#bases.some(({ shifted }) => !shifted);
    for (const lease of leases) {
      if (lease.keepsPorts) for (const port of lease.ports) this.#leaseOf.set(port, lease);
    }
  }

  /** The smallest offset at which nothing collides. */
  async firstFree(min: number, max: number): Promise<{ offset?: number; skipped: Passed[] }> {
    const skipped: Passed[] = [];
    for (let offset = min; offset <= max; offset++) {
      const clash = this.#firstClash(offset);
      if (clash) {
        skipped.push(clash);
        continue;
      }
      const port = this.#firstKnown(this.#bases, offset) ?? (await this.#firstBusy(this.#bases, offset));
      if (!port) return { offset, skipped };
      skipped.push({ offset, port });
      if (!port.shifted) break; // no offset moves it out of the way
    }
    return { skipped };
  }

  /** A listener that another one of the same server would meet at this offset, though not at every one. */
  #firstClash(offset: number): Passed | undefined {
    if (!this.#canMeet) return undefined;
    const clash = clashes(this.#bases, offset).find(isAvoidable);
    if (!clash) return undefined;
    const [other, port] = clash;
    return { offset, port, by: { pid: null, command: `its own ${other.name}` } };
  }

  /**
   * The first port known not to be free. Beside a hundred instances there are thousands of offsets to pass over, so
   * nothing but the answer is made.
   */
  #firstKnown(bases: readonly BasePort[], offset: number): PassedPort | undefined {
    for (const base of bases) {
      const number = numberOf(base, offset);
      if (this.#leaseOf.has(number) || this.#known.has(number))
        return { name: base.name, number, shifted: base.shifted };
    }
    return undefined;
  }

  async #firstBusy(bases: readonly BasePort[], offset: number): Promise<PassedPort | undefined> {
    const ports = effectivePorts(bases, offset);
    // A probe of what a server of ours is about to open would keep it from it.
    const numbers = [...new Set(ports.map(({ number }) => number))].filter((number) => !this.#own.has(number));
    const busy = await this.system.sockets.firstBusy(numbers);
    if (busy === undefined) return undefined;
    this.#known.add(busy);
    this.#lookIfItPays(numbers.indexOf(busy) + 1);
    const port = ports.find(({ number }) => number === busy);
    this.#bases = [...this.#bases].sort((a, b) => Number(b.name === port?.name) - Number(a.name === port?.name));
    return port;
  }

  #lookIfItPays(binds: number): void {
    const pays = this.#bindsUntilLook > 0 && this.#bindsUntilLook <= binds;
    this.#bindsUntilLook -= binds;
    if (!pays) return;
    for (const port of this.system.sockets.listening?.() ?? []) if (!this.#own.has(port)) this.#known.add(port);
  }

  /** Every port that stands in the way of one offset. */
  async taken(offset: number): Promise<TakenPort[]> {
    const passed: Passed[] = [];
    for (const base of this.#bases) {
      const port = this.#firstKnown([base], offset) ?? (await this.#firstBusy([base], offset));
      if (port) passed.push({ offset, port });
    }
    return (await this.named(passed)).map(takenOf);
  }

  async named(passed: readonly Passed[]): Promise<SkippedOffset[]> {
    const unpromised = passed.map(({ port }) => port.number).filter((number) => !this.#leaseOf.has(number));
    const holders = await findHolders(unpromised, this.leases, this.system);
    const inTheWay = new Set(passed.flatMap(({ port }) => this.#leaseOf.get(port.number) ?? []));
    const holderOf = new Map([...inTheWay].map((lease) => [lease, holderOfLease(lease, this.system)]));
    return passed.map(({ offset, port: { name, number }, by }) => {
      const lease = this.#leaseOf.get(number);
      const holder = (lease ? holderOf.get(lease) : holders.get(number)) ?? null;
      return { offset, port: { name, number }, by: by ?? holder };
    });
  }
}

// ---------- The lease ----------

/** Our lease as it is, which may be newer than what a predecessor is known by. */
const ownLeaseIn = ({ live }: KnownLeases, { leaseId, succeeds }: ReserveOptions): readonly number[] =>
  live.find(({ id }) => id === leaseId)?.ports ?? succeeds?.ports ?? [];

const portsOfBoth = (own: readonly number[], { ports }: Chosen): number[] => [
  ...new Set([...own, ...settledPorts(ports).map(({ number }) => number)]),
];

/** The ports that a predecessor leaves to us: those of our lease that nobody else holds. */
async function portsToTakeOver(
  known: KnownLeases,
  options: ReserveOptions,
  { sockets }: Choosing,
): Promise<ReadonlySet<number>> {
  if (!options.succeeds) return NO_CLAIMS.own;
  const own = ownLeaseIn(known, options);
  const pids = options.succeeds.pids();
  const listeners = await sockets.listeners(new Set(own), pids);
  const others = listeners.filter((socket) => !socket.isUntold && !isHeldBy(socket, pids));
  const foreign = new Set(others.map(({ port }) => port));
  return new Set(own.filter((port) => !foreign.has(port)));
}

/** Writes our lease again as it was last, where it was taken back. */
function keepLease(leaseId: string, { leases }: Choosing): void {
  try {
    leases.update(leaseId, {});
  } catch {
    // it was warned of when the offset was chosen
  }
}

/** The part of a lease that its choice decides. */
export type Leased = Pick<Lease, 'name' | 'product' | 'home' | 'offset' | 'ports'>;

const leaseFor = (options: ReserveOptions, { name, offset, ports }: Chosen, system: Choosing): Lease =>
  leaseOf(
    {
      name,
      product: options.inspection.id,
      home: system.files.realPath(options.inspection.runtimeHome),
      offset,
      ports: [...settledPorts(ports).map(({ number }) => number), ...(options.keeps?.() ?? [])],
    },
    options,
    system,
  );

/** A lease of this process. */
export function leaseOf(
  leased: Leased,
  { leaseId, stateFolder }: Pick<ReserveOptions, 'leaseId' | 'stateFolder'>,
  { pid, processes, leases }: Pick<System, 'pid' | 'processes' | 'leases'>,
): Lease {
  const self = processes.find(pid);
  return {
    schemaVersion: 1,
    ...leased,
    boot: processes.bootId(),
    networkNamespace: processes.networkNamespace(),
    pidNamespace: processes.pidNamespace(),
    isWitnessed: leases.witness(leaseId) !== undefined,
    supervisor: { pid, startTime: self?.startTime ?? '' },
    server: null,
    stateFolder,
  };
}
