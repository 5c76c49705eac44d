import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { parseJson } from '../domain/json.js';
import { isInstanceName } from '../domain/names.js';
import { type HomeMarker, MARKER_FILE, markerIn, markerText } from '../domain/private-home.js';
import { mention, mentioning } from '../domain/text.js';
import { nearestExisting } from '../system/files.js';
import { nodeSystem, type System } from '../system/index.js';
import { unusableHome } from './locate.js';

/** The variable that names the folder in which private homes are made. */
export const HOMES_VARIABLE = 'WSO2_LAUNCH_HOMES_DIR';

/** The folder of private homes beside an installation. */
const BESIDE = '.wso2-launch-homes';

/** The folder of private homes below the state folder. */
const BELOW_STATE = 'homes';

export type HomesReading = Pick<System, 'env' | 'files' | 'currentFolder'>;

/**
 * The folder in which the private homes of an installation are made, by its real path; it need not be there.
 * @param installation the real path
 * @throws LaunchError `unusable-home` where the folder that was named can't be used
 */
export function homesFolderFor(installation: string, stateFolder: string, system: HomesReading = nodeSystem): string {
  const named = namedHomesFolder(system);
  if (named !== undefined) {
    checkHomesFolder(named, installation, system);
    return named;
  }
  const beside = join(dirname(installation), BESIDE);
  return whyUnfit(beside, system) === undefined ? beside : realPlace(join(stateFolder, BELOW_STATE), system);
}

/** The folders in which there may be private homes, whether or not anybody remembers them. */
export const usualHomesFolders = (stateFolder: string, system: HomesReading = nodeSystem): string[] => [
  ...[namedHomesFolder(system) ?? []].flat(),
  join(stateFolder, BELOW_STATE),
];

function namedHomesFolder({ env, files, currentFolder }: HomesReading): string | undefined {
  const named = env[HOMES_VARIABLE];
  return named ? realPlace(resolve(currentFolder() ?? '/', named), { files }) : undefined;
}

/** The real path of something that need not be there. */
function realPlace(path: string, { files }: Pick<System, 'files'>): string {
  const existing = nearestExisting(path, files);
  return join(files.realPath(existing), relative(existing, path));
}

function checkHomesFolder(folder: string, installation: string, system: HomesReading): void {
  const said = `${folder} (from ${HOMES_VARIABLE})`;
  if (`${folder}${sep}`.startsWith(`${installation}${sep}`)) {
    throw unusableHome(
      `${said} lies in the installation ${installation}, which private homes leave as it is.`,
      'Name a folder beside it.',
    );
  }
  const why = whyUnfit(folder, system);
  if (why !== undefined) throw unusableHome(`${said} can't hold private homes: ${why}.`, 'Name a folder of yours.');
}

/** The reason why a folder can't hold our homes: they are run, and hold what others may not read. */
function whyUnfit(folder: string, { files }: HomesReading): string | undefined {
  try {
    const existing = nearestExisting(folder, files);
    if (!files.isFolder(existing)) return `${existing} is not a folder`;
    if (!files.isWritable(existing)) return `${existing} may not be written to`;
    const open = files.openToOthers(folder);
    if (open !== undefined) return `another user can put something else in its place (by ${open})`;
    const why = files.whyNotOurs(folder);
    return (
      why && { foreign: 'it belongs to another user', writable: 'others may write there', hidden: 'it is hidden' }[why]
    );
  } catch (error) {
    return (error as Error).message;
  }
}

/** The path of a home's marker. */
export const markerFile = (home: string): string => join(home, MARKER_FILE);

/** The marker of a private home; undefined where the folder has none, or one that says nothing to this version. */
export function readMarker(home: string, { files }: Pick<System, 'files'> = nodeSystem): HomeMarker | undefined {
  try {
    return markerIn(parseJson(files.readText(markerFile(home)) ?? 'null'));
  } catch {
    return undefined;
  }
}

/** @throws the system's error */
export const writeMarker = (home: string, marker: HomeMarker, { files }: Pick<System, 'files'> = nodeSystem): void =>
  files.replaceText(markerFile(home), markerText(marker));

/** A private home that is there. */
export interface KnownHome {
  readonly path: string;
  readonly marker: HomeMarker;
}

/** Every private home in a folder: one is called like its folder, which is no link. */
export function homesIn(folder: string, system: Pick<System, 'files' | 'trees'> = nodeSystem): KnownHome[] {
  return system.files.filesIn(folder).flatMap((name) => {
    const path = join(folder, name);
    if (!isInstanceName(name) || system.trees.look(path)?.kind !== 'folder') return [];
    const marker = readMarker(path, system);
    return marker?.name === name ? [{ path, marker }] : [];
  });
}

// ---------- What is under way ----------

/** A folder that somebody is making, has set aside or removes. */
export type UnderWay = 'making' | 'aside' | 'removing';

/** What is under way, or was when its launcher was killed. */
export interface Unfinished {
  readonly path: string;
  readonly state: UnderWay;
  readonly name: string;
  /** The lease of whoever is at it. */
  readonly leaseId: string;
}

/** The path of what is under way with a home: in the same folder, so that it can be renamed from and to there. */
export const unfinishedPath = (home: string, state: UnderWay, leaseId: string): string =>
  join(dirname(home), `.${leaseId}.${state}.${basename(home)}`);

/** Everything under way in a folder. */
export const unfinishedIn = (folder: string, { files }: Pick<System, 'files'> = nodeSystem): Unfinished[] =>
  files.filesIn(folder).flatMap((entry) => {
    const found = /^\.([0-9a-z-]+)\.(making|aside|removing)\.(.+)$/.exec(entry);
    if (!found) return [];
    const [, leaseId, state, name] = found as unknown as [string, string, UnderWay, string];
    return [{ path: join(folder, entry), state, name, leaseId }];
  });

/** Refuses a private home as what another one would be made from. @throws LaunchError `unusable-home` */
export function checkIsInstallation(unpacked: string, system: Pick<System, 'files'> = nodeSystem): void {
  const marker = readMarker(unpacked, system);
  if (!marker) return;
  throw unusableHome(
    mentioning`${unpacked} is itself the private home of ${marker.name}, made from ${marker.installation}.`,
    mentioning`Name the installation with ${mention.option('home', marker.installation)}.`,
  );
}
