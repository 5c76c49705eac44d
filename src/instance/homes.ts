import { dirname, join, sep } from 'node:path';
import { LaunchError } from '../domain/failure.js';
import { isInstanceName } from '../domain/names.js';
import type { HomeMarker } from '../domain/private-home.js';
import { runtimeInArguments } from '../domain/tree.js';
import { homesIn, type KnownHome, markerFile, unfinishedIn, unfinishedPath } from '../home/private-homes.js';
import { homeInUse, noHomeOfOurs } from '../ports/claim-home.js';
import { type Choosing, inTurn } from '../ports/reserve.js';
import { checkOwn, stateFolder } from '../state/folder.js';
import { homesFolders } from '../state/homes-folders.js';
import { nodeSystem, type System } from '../system/index.js';
import { type LiveLease, newLeaseId } from '../system/leases.js';
import { leasesElsewhere } from './elsewhere.js';

/** A private home, and what it takes. */
export interface PrivateHomeLook extends Pick<HomeMarker, 'name' | 'product' | 'version' | 'installation'> {
  readonly path: string;
  /** Bytes that no other home and no installation has as well. */
  readonly ownBytes: number;
  /** Time of its last launch, in milliseconds since 1970. */
  readonly usedAtMs: number;
  readonly isRunning: boolean;
}

/** Every private home of this user. @throws LaunchError `unusable-state-folder`, `choosing-blocked` */
export async function listHomes(system: System = nodeSystem): Promise<PrivateHomeLook[]> {
  const { folder, folders } = await tidied(system);
  const live = await liveLeases(folder, system);
  const served = system.processes
    .withArguments((args) => runtimeInArguments(args) !== undefined)
    .map(({ pid }) => system.files.realPath(runtimeInArguments(system.processes.argumentsOf(pid)) as string));
  return homesOf(folders, system).map(({ path, marker }) => {
    const { name, product, version, installation } = marker;
    const real = system.files.realPath(path);
    const isRunning = homeInUse(path, live, '', system) !== undefined || served.some((home) => isWithin(home, real));
    const usedAtMs = system.files.writtenAtMs(markerFile(path));
    return { name, product, version, installation, path, ownBytes: ownBytesOf(path, system), usedAtMs, isRunning };
  });
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

const homesOf = (folders: readonly string[], system: System): KnownHome[] =>
  folders.flatMap((one) => homesIn(one, system)).sort((one, other) => (one.marker.name < other.marker.name ? -1 : 1));

/** The bytes of a home's files that have no other name, in the installation or elsewhere. */
export function ownBytesOf(home: string, { trees }: Pick<System, 'trees'> = nodeSystem): number {
  let bytes = 0;
  for (const { kind, names, size } of trees.below(home)) if (kind === 'file' && names === 1) bytes += size;
  return bytes;
}

/**
 * Removes private homes with all that is in them: their names. All are looked at before any is removed.
 * @throws LaunchError `home-runs`, `unknown-home`, `unusable-home`, `choosing-blocked`, `unusable-state-folder`
 */
export async function removeHomes(names: readonly string[], system: System = nodeSystem): Promise<string[]> {
  const { folder, folders } = await tidied(system);
  const meant = [...new Set(names)].map((name) => homeNamed(name, folders, system));
  const removing = await inTurn(NOBODY_ASKS, system, async () => {
    const live = await liveLeases(folder, system);
    for (const { path } of meant) checkIsIdle(path, live, system);
    const paths = meant.map(({ path }) => {
      const aside = unfinishedPath(path, 'removing', newLeaseId());
      system.trees.rename(path, aside);
      return aside;
    });
    return { paths, warnings: [] };
  });
  removeAll(removing.paths, system);
  return meant.map(({ marker }) => marker.name);
}

const NOBODY_ASKS = new AbortController().signal;

/** @throws LaunchError `unknown-home`, `unusable-home` */
function homeNamed(name: string, folders: readonly string[], system: System): KnownHome {
  const homes = homesOf(folders, system);
  const found = homes.find(({ marker }) => marker.name === name);
  if (found) return found;
  const other = isInstanceName(name) ? folders.map((folder) => join(folder, name)).find(system.trees.look) : undefined;
  if (other !== undefined) throw noHomeOfOurs(other);
  throw new LaunchError({ kind: 'unknown-home', name, known: homes.map(({ marker }) => marker.name) });
}

/** @throws LaunchError `home-runs` */
function checkIsIdle(path: string, live: readonly LiveLease[], system: System): void {
  const inUse = homeInUse(path, live, '', system);
  if (inUse) throw inUse;
  const real = system.files.realPath(path);
  const [server] = system.processes.withArguments((args) => {
    const home = runtimeInArguments(args);
    return home !== undefined && isWithin(system.files.realPath(home), real);
  });
  if (!server) return;
  const by = `process ${server.pid}, not started by wso2-launch`;
  throw new LaunchError({ kind: 'home-runs', home: path, by, hint: 'Stop it the way it was started.' });
}

// ---------- What killed launchers have left ----------

interface Tidied {
  readonly folder: string;
  readonly folders: readonly string[];
}

/** The folders of private homes, once nothing half made, half removed or set aside is in them that nobody is at. */
async function tidied(system: System): Promise<Tidied> {
  const folder = stateFolder(system);
  checkOwn(folder, system);
  const folders = [...new Set(homesFolders(folder, system).map((one) => system.files.realPath(one)))];
  if (folders.some((one) => unfinishedIn(one, system).length > 0)) {
    const { left } = await inTurn(NOBODY_ASKS, system, async () => {
      const ids = new Set((await liveLeases(folder, system)).map(({ id }) => id));
      return { left: settleUnfinished(ids, folders, system), warnings: [] };
    });
    removeAll(left, system);
  }
  return { folder, folders };
}

/**
 * Puts back what was set aside for a home that never came, while no other launcher chooses.
 * @param liveIds the leases of those who are still at it
 * @returns what else nobody is at any more: it is to be removed, which may take a while
 */
export function settleUnfinished(
  liveIds: ReadonlySet<string>,
  folders: readonly string[],
  system: Pick<System, 'files' | 'trees'> = nodeSystem,
): string[] {
  const left = folders.flatMap((folder) => unfinishedIn(folder, system)).filter(({ leaseId }) => !liveIds.has(leaseId));
  return left.flatMap(({ path, state, name }) => {
    const home = join(dirname(path), name);
    if (state !== 'aside' || system.trees.look(home)) return [path];
    system.trees.rename(path, home);
    return [];
  });
}

/** Removes folders in which nothing is ours to keep; one that can't be removed is left to the next command. */
export function removeAll(paths: readonly string[], { trees }: Pick<System, 'trees'> = nodeSystem): void {
  for (const path of paths) {
    try {
      trees.removeTree(path);
    } catch {
      // it is found again by its name
    }
  }
}

const liveLeases = async (folder: string, system: Choosing): Promise<LiveLease[]> => [
  ...(await system.leases.readLive()),
  ...(await leasesElsewhere(folder, system)),
];
