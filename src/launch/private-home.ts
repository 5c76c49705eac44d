import { dirname, join, relative } from 'node:path';
import type { LaunchEvent } from '../domain/events.js';
import { type HomeMarker, isDatabase } from '../domain/private-home.js';
import { mention, mentioning, type Text } from '../domain/text.js';
import { type LocatedHome, locateHome, unusableHome } from '../home/locate.js';
import {
  type InstallationLook,
  lookThrough,
  type MakingHooks,
  makeTree,
  type PlacedFiles,
  updateTree,
} from '../home/make-private.js';
import {
  checkIsInstallation,
  HOMES_VARIABLE,
  homesFolderFor,
  type KnownHome,
  markerFile,
  unfinishedPath,
  writeMarker,
} from '../home/private-homes.js';
import { findScript, inspectJdk } from '../home/toolchain.js';
import { leasesElsewhere } from '../instance/elsewhere.js';
import { ownBytesOf, removeAll, settleUnfinished } from '../instance/homes.js';
import { type ClaimedHome, type ClaimRequest, claimHome, foreseeHome } from '../ports/claim-home.js';
import { checkHomeIsIdle, findServerOf } from '../ports/idle-home.js';
import { prepareStateFolder, stateFolder } from '../state/folder.js';
import { homesFolders, rememberHomesFolder } from '../state/homes-folders.js';
import type { System } from '../system/index.js';
import { newLeaseId } from '../system/leases.js';
import type { LaunchHooks } from './hooks.js';
import { inspectRequest } from './plan.js';
import type { LaunchRequest } from './request.js';

/** The private home that a launch has to itself, as long as it has its lease. */
export interface PrivateHome {
  /** The launch from this home. */
  readonly request: LaunchRequest;
  readonly name: string;
  readonly leaseId: string;
  /** The real path of what it was made from. */
  readonly installation: string;
  readonly warnings: readonly Text[];
  /** The launch goes on: the home is here to stay. */
  keep(): void;
  /** The launch has failed before anything was started: everything is as it was before, unless it was kept. */
  undo(): void;
}

/** A home that is there, and the way back to what was there before. */
interface Opened {
  readonly warnings: readonly Text[];
  keep(): void;
  undo(): void;
}

/** A launch from a private home, which is asked for. */
export type PrivateRequest = LaunchRequest & { readonly ownHome: NonNullable<LaunchRequest['ownHome']> };

/**
 * Claims the private home of a launch, makes it where it is not there, and brings it up to date where it is.
 * @throws LaunchError, or the signal's reason; no lease and nothing half made is left then
 */
export async function openPrivateHome(
  request: PrivateRequest,
  hooks: Pick<LaunchHooks, 'asked' | 'report' | 'sharing'>,
  system: System,
): Promise<PrivateHome> {
  const place = placeFor(request, system);
  const { located, installation, state, folder } = place;
  prepareStateFolder(state, system);
  const isNew = !system.files.isFolder(folder);
  const leaseId = newLeaseId();
  const giveUp = (): void => {
    system.leases.remove(leaseId);
    if (isNew) system.trees.removeIfEmpty(folder);
  };
  let left: readonly string[] = [];
  let isKept = false;
  try {
    const claimed = await claimHome(
      claimFor(request, place, { leaseId, isShared: hooks.sharing !== undefined }, system),
      (liveIds) => {
        rememberHomesFolder(folder, state, system);
        left = settleUnfinished(liveIds, homesFolders(state, system), system);
      },
      hooks.asked,
      system,
    );
    removeAll(left, system);
    const opening = { request, located, installation, claimed, leaseId, state };
    const opened = await openHome(opening, hooks, system);
    const home = join(claimed.path, relative(located.unpacked, located.home));
    return {
      request: { ...request, named: { path: home, by: mention.option('private') } },
      name: claimed.name,
      leaseId,
      installation,
      warnings: [...claimed.warnings, ...opened.warnings],
      keep: () => {
        isKept = true;
        opened.keep();
      },
      undo: () => {
        if (isKept) return;
        opened.undo();
        giveUp();
      },
    };
  } catch (error) {
    giveUp();
    throw error;
  }
}

/** The place of the private homes of an installation. */
interface HomesPlace {
  readonly located: LocatedHome;
  readonly installation: string;
  readonly state: string;
  readonly folder: string;
}

/** @throws LaunchError */
function placeFor(request: LaunchRequest, system: System): HomesPlace {
  const located = locateHome(request, system);
  const installation = system.files.realPath(located.unpacked);
  checkIsInstallation(installation, system);
  const state = stateFolder(system);
  return { located, installation, state, folder: homesFolderFor(installation, state, system) };
}

const claimFor = (
  { name, baseName }: LaunchRequest,
  { located, installation, state, folder }: HomesPlace,
  own: Pick<ClaimRequest, 'leaseId' | 'isShared'>,
  system: System,
): ClaimRequest => ({
  ...own,
  ...(name !== undefined && { name }),
  base: baseName ?? located.id,
  product: located.id,
  installation,
  folder,
  folders: [...new Set([...homesFolders(state, system), folder].map((one) => system.files.realPath(one)))],
  stateFolder: state,
  elsewhere: () => leasesElsewhere(state, system),
});

interface HomeOpening {
  readonly request: PrivateRequest;
  readonly located: LocatedHome;
  readonly installation: string;
  readonly claimed: ClaimedHome;
  readonly leaseId: string;
  readonly state: string;
}

async function openHome(
  opening: HomeOpening,
  hooks: Pick<LaunchHooks, 'asked' | 'report'>,
  system: System,
): Promise<Opened> {
  const { claimed, installation, request } = opening;
  const making: MakingHooks = {
    asked: hooks.asked,
    tell: (progress) => hooks.report(copyingEvent(claimed.path, installation, progress)),
  };
  if (claimed.found) {
    const { path } = claimed.found;
    checkHomeIsIdle(
      { home: path, runtimeHome: path },
      { leases: [], server: serverIn(path, opening, system) },
      'Then launch it again.',
      system,
    );
  }
  if (!claimed.found) return make(opening, making, system);
  return request.ownHome.isFresh
    ? makeAnew(opening, claimed.found, making, system)
    : update(opening, claimed.found, making, system);
}

const copyingEvent = (
  home: string,
  installation: string,
  progress: { readonly copiedBytes: number; readonly totalBytes: number },
): LaunchEvent => ({ event: 'copying', home, installation, ...progress });

/** The server that somebody has started by hand in the place of the installation's, in another folder. */
const serverIn = (
  root: string,
  { located }: Pick<HomeOpening, 'located'>,
  system: System,
): ReturnType<typeof findServerOf> => findServerOf(join(root, relative(located.unpacked, located.runtimeHome)), system);

async function make(opening: HomeOpening, making: MakingHooks, system: System): Promise<Opened> {
  const { claimed, leaseId } = opening;
  const { trees } = system;
  const draft = unfinishedPath(claimed.path, 'making', leaseId);
  await makeDraft(opening, draft, making, system);
  trees.rename(draft, claimed.path);
  return {
    warnings: [],
    keep: () => {},
    undo: () => {
      trees.rename(claimed.path, draft);
      trees.removeTree(draft);
    },
  };
}

/** Makes the home anew, and keeps the one before until the launch goes on. */
async function makeAnew(opening: HomeOpening, found: KnownHome, making: MakingHooks, system: System): Promise<Opened> {
  const { claimed, leaseId } = opening;
  const { trees } = system;
  const aside = unfinishedPath(found.path, 'aside', leaseId);
  const draft = unfinishedPath(found.path, 'making', leaseId);
  const lost = thrownAway(found, system);
  await makeDraft(opening, draft, making, system);
  trees.rename(found.path, aside);
  trees.rename(draft, claimed.path);
  return {
    warnings: [lost],
    keep: () => removeAll([aside], system),
    undo: () => {
      trees.rename(claimed.path, draft);
      trees.rename(aside, found.path);
      trees.removeTree(draft);
    },
  };
}

function thrownAway({ path, marker }: KnownHome, system: System): string {
  const own = Math.ceil(ownBytesOf(path, system) / 2 ** 20);
  return `${path} was made anew: what ${marker.name} had in it since ${marker.madeAt} is thrown away, its database, logs and whatever was deployed or changed there (${own} MiB of its own).`;
}

async function makeDraft(opening: HomeOpening, draft: string, making: MakingHooks, system: System): Promise<void> {
  const { request, located, installation } = opening;
  // What is wrong with the launch is found before anything is made for it.
  const { inspection } = inspectRequest(request, system);
  findScript(inspection, system);
  await inspectJdk(inspection, request, making.asked, system);
  const look = lookThrough(located, installation, undefined, system);
  await checkDatabases(opening, look, system);
  makeFolderFor(draft, system);
  const files = await makeTree(look, draft, making, system);
  try {
    await checkDatabases(opening, look, system); // it may have been started meanwhile
    writeMarker(draft, markerOf(opening, files, new Date(system.clock.date()).toISOString()), system);
  } catch (error) {
    system.trees.removeTree(draft);
    throw error;
  }
}

/**
 * Makes a folder in that of all homes. A launch that has made that one, and fails, removes it again where it is empty.
 * @throws LaunchError `unusable-home`
 */
function makeFolderFor(draft: string, { files, trees }: System): void {
  for (let tries = 1; ; tries++) {
    try {
      files.makePrivateFolder(dirname(draft));
      trees.makeFolder(draft);
      return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && tries < MOST_TRIES) continue;
      throw unusableHome(
        `${dirname(draft)} can't hold private homes: ${message}.`,
        `Make it yours, or name another one in ${HOMES_VARIABLE}.`,
      );
    }
  }
}

const MOST_TRIES = 100;

/** @throws LaunchError `home-runs` where the installation runs, and has a database that its server writes to */
async function checkDatabases(
  opening: Pick<HomeOpening, 'installation' | 'located' | 'leaseId' | 'state'>,
  { files }: Pick<InstallationLook, 'files'>,
  system: System,
): Promise<void> {
  if (!files.some(({ path }) => isDatabase(path))) return;
  const { installation, located, leaseId } = opening;
  const runtimeHome = join(installation, relative(located.unpacked, located.runtimeHome));
  const live = [...(await system.leases.readLive().catch(() => [])), ...(await leasesElsewhere(opening.state, system))];
  const leases = live.filter(({ id }) => id !== leaseId);
  const server = serverIn(installation, opening, system);
  const using = leases.find(({ home }) => home === system.files.realPath(runtimeHome));
  const stop = using ? mentioning`stop it (${mention.command('stop', { words: [using.name] })})` : 'stop it';
  const hint = mentioning`Its database can't be copied while it is in use: ${stop}, launch this one, and start it again. From then on each has a database of its own.`;
  checkHomeIsIdle({ home: located.home, runtimeHome }, { leases, server }, hint, system);
}

const markerOf = ({ claimed, located, installation }: HomeOpening, files: PlacedFiles, madeAt: string): HomeMarker => ({
  schemaVersion: 1,
  name: claimed.name,
  product: located.id,
  version: located.version,
  installation,
  madeAt,
  files,
});

/** Brings a home up to date that is there. What it has got stays, whatever becomes of the launch. */
async function update(
  opening: HomeOpening,
  { path, marker }: KnownHome,
  making: MakingHooks,
  system: System,
): Promise<Opened> {
  const { located, installation, leaseId } = opening;
  const { trees } = system;
  const look = lookThrough(located, installation, path, system);
  const staging = unfinishedPath(path, 'making', leaseId);
  trees.makeFolder(staging);
  try {
    const { files, hasChanged, updated, kept } = await updateTree(
      look,
      { home: path, placed: marker.files, staging },
      making,
      system,
    );
    if (hasChanged) writeMarker(path, markerOf(opening, files, marker.madeAt), system);
    else trees.touch(markerFile(path));
    return { warnings: updateWarnings(path, updated, kept), keep: () => {}, undo: () => {} };
  } finally {
    trees.removeTree(staging);
  }
}

const MOST_NAMED = 10;

function updateWarnings(home: string, updated: readonly string[], kept: readonly string[]): string[] {
  const more = kept.length > MOST_NAMED ? ` and ${kept.length - MOST_NAMED} more` : '';
  return [
    ...(updated.length > 0
      ? [`${home} was brought up to date with its installation, which has changed: ${countOf(updated)}.`]
      : []),
    ...(kept.length > 0
      ? [
          `In ${home} stays what was changed there, though the installation has it new: ${kept.slice(0, MOST_NAMED).join(', ')}${more}.`,
        ]
      : []),
  ];
}

const countOf = ({ length }: readonly string[]): string => (length === 1 ? '1 file' : `${length} files`);

/** The private home that a launch would have. */
export interface ForeseenHome {
  readonly name: string;
  readonly path: string;
  readonly installation: string;
  /** The launch as it can be looked at: from that home, or where it is to be made from what it is made from. */
  readonly request: LaunchRequest;
  readonly isMade: boolean;
}

/** Finds what {@link openPrivateHome} would do; nothing is made or kept. @throws LaunchError as it would */
export async function foreseePrivateHome(request: PrivateRequest, system: System): Promise<ForeseenHome> {
  const place = placeFor(request, system);
  const { located, installation, state } = place;
  const leaseId = newLeaseId();
  const { name, path, found } = await foreseeHome(
    claimFor(request, place, { leaseId, isShared: false }, system),
    system,
  );
  const isMade = !found || request.ownHome.isFresh;
  if (isMade)
    await checkDatabases(
      { installation, located, leaseId, state },
      lookThrough(located, installation, undefined, system),
      system,
    );
  const home = join(path, relative(located.unpacked, located.home));
  return {
    name,
    path,
    installation,
    request: isMade ? request : { ...request, named: { path: home, by: mention.option('private') } },
    isMade,
  };
}
