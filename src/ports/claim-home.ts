import { join, sep } from 'node:path';
import type { ProductId } from '../domain/catalogue.js';
import { variablePrefix } from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import { mention, mentioning, type Text } from '../domain/text.js';
import { unusableHome } from '../home/locate.js';
import { homesIn, type KnownHome, markerFile } from '../home/private-homes.js';
import { nodeSystem, type System } from '../system/index.js';
import type { LiveLease } from '../system/leases.js';
import { checkHomeIsIdle, keepsHome } from './idle-home.js';
import { type Choosing, inTurn, leaseOf, type ReserveOptions, unusableLeases } from './reserve.js';

/** A request for the private home of a name. */
export interface ClaimRequest extends Pick<ReserveOptions, 'leaseId' | 'stateFolder' | 'elsewhere'> {
  /** The name that was given; absent: the first of `base`, `base-2` and so on that does. */
  readonly name?: string;
  readonly base: string;
  readonly product: ProductId;
  /** The real path of the installation that the home is made from. */
  readonly installation: string;
  /** The real path of the folder in which it is made, if it is not there yet. */
  readonly folder: string;
  /** Every folder in which it may be already. */
  readonly folders: readonly string[];
  /** Whether others may use its server: then its running home is the one that is meant. */
  readonly isShared: boolean;
}

/** The private home of a name that is ours, as long as we have our lease. */
export interface ClaimedHome {
  readonly name: string;
  readonly path: string;
  /** Absent where it has to be made. */
  readonly found?: KnownHome;
  readonly warnings: readonly Text[];
}

type Claiming = Choosing & Pick<System, 'trees'>;

/**
 * Claims a name and its private home by a lease, before the home is made or touched, so that nobody else does. The lease
 * is renewed when the ports are chosen.
 * @param settle tidies up first what killed launchers have left, by the ids of the leases that hold
 * @throws LaunchError `home-runs`, `home-taken`, `name-taken`, `unusable-home`, `choosing-blocked`; no lease is left then
 */
export const claimHome = (
  request: ClaimRequest,
  settle: (liveIds: ReadonlySet<string>) => void,
  signal: AbortSignal,
  system: Claiming = nodeSystem,
): Promise<ClaimedHome> =>
  inTurn(signal, system, async () => {
    const elsewhere = (await request.elsewhere?.()) ?? [];
    const read = await system.leases.readLive().then(
      (live) => ({ live: [...live, ...elsewhere] }),
      (error: unknown) => ({ live: elsewhere, error }),
    );
    const live = read.live.filter(({ id }) => id !== request.leaseId);
    // Without leases nobody can tell what is under way from what was left.
    if (!('error' in read)) settle(new Set(live.map(({ id }) => id)));
    const claimed = choose(request, live, system);
    const { leaseId, stateFolder, product } = request;
    const leased = { name: claimed.name, product, home: claimed.path, offset: 0, ports: [] };
    try {
      system.leases.write(leaseId, leaseOf(leased, { leaseId, stateFolder }, system));
      return { ...claimed, warnings: [] };
    } catch (error) {
      return { ...claimed, warnings: [unusableLeases(error)] };
    }
  });

/** The same choice for a dry run: nothing is claimed. @throws LaunchError */
export async function foreseeHome(
  request: ClaimRequest,
  system: Claiming = nodeSystem,
): Promise<Omit<ClaimedHome, 'warnings'>> {
  const elsewhere = (await request.elsewhere?.()) ?? [];
  return choose(request, [...(await system.leases.readLive().catch(() => [])), ...elsewhere], system);
}

function choose(request: ClaimRequest, live: readonly LiveLease[], system: Claiming): Omit<ClaimedHome, 'warnings'> {
  const homes = request.folders.flatMap((folder) => homesIn(folder, system));
  for (let number = 1; ; number++) {
    const name = request.name ?? (number === 1 ? request.base : `${request.base}-${number}`);
    const found = homes.find((home) => home.marker.name === name);
    const path = found?.path ?? join(request.folder, name);
    const objection = objectionTo({ name, path, found }, request, live, system);
    if (!objection) return { name, path, ...(found && { found }) };
    if (request.name !== undefined || (request.isShared && objection.failure.kind === 'home-runs')) throw objection;
  }
}

interface HomeCandidate {
  readonly name: string;
  readonly path: string;
  readonly found: KnownHome | undefined;
}

/** The reason why a name's home can't be had; undefined where it can. */
function objectionTo(
  { name, path, found }: HomeCandidate,
  { installation, stateFolder }: ClaimRequest,
  live: readonly LiveLease[],
  system: Claiming,
): LaunchError | undefined {
  if (found && found.marker.installation !== installation)
    return new LaunchError({ kind: 'home-taken', name, home: path, installation: found.marker.installation });
  if (!found && system.trees.look(path)) return noHomeOfOurs(path);
  const inUse = homeInUse(
    path,
    live,
    mentioning`, or give this one another name with ${mention.option('name')}`,
    system,
  );
  if (inUse) return inUse;
  const holder = live.find(
    (lease) =>
      variablePrefix(lease.name) === variablePrefix(name) && lease.stateFolder === stateFolder && !lease.stranger,
  );
  return holder && new LaunchError({ kind: 'name-taken', name, by: holder.name, home: holder.home });
}

/** The refusal of something in the place of a private home. */
export const noHomeOfOurs = (path: string): LaunchError =>
  unusableHome(
    `${path} is no private home that wso2-launch has made: ${markerFile(path)} is missing, or says something else.`,
    mentioning`Move it away, or give the instance another name with ${mention.option('name')}.`,
  );

/**
 * The refusal of a private home in which a server runs or is about to, by the leases.
 * @param otherwise what else can be done than to stop it, in words that follow on that
 */
export function homeInUse(
  path: string,
  live: readonly LiveLease[],
  otherwise: Text,
  system: Pick<System, 'files' | 'processes'> = nodeSystem,
): LaunchError | undefined {
  const real = system.files.realPath(path);
  const lease = live.find((one) => keepsHome(one, real, system) || one.home.startsWith(real + sep));
  if (!lease) return undefined;
  try {
    const hint = mentioning`Stop it first, with ${mention.command('stop', { words: [lease.name] })}${otherwise}.`;
    checkHomeIsIdle({ home: path, runtimeHome: lease.home }, { leases: [lease], server: undefined }, hint, system);
    return undefined;
  } catch (error) {
    return error as LaunchError;
  }
}
