import { quoted } from './command.js';

/** Messages about the paths of a home that its user may not write. */

/** A path, and the system's word for why it may not be written to: `EACCES`, `EROFS`. */
export interface Unwritable {
  readonly path: string;
  readonly code: string;
}

/** A path without which the server starts, and what it lacks then. */
export interface Lacking extends Unwritable {
  readonly without: string;
}

const within = (home: string, path: string): string => path.slice(home.length + 1) || 'the home itself';

/** `repository/conf` of `repository/conf/etc/jmx.xml`. */
const areaOf = (path: string): string => path.split('/').slice(0, 2).join('/');

/** `the home itself, repository/conf (21 files and folders), backup`; paths in a folder that is named are left out. */
export function listPaths(home: string, unwritable: readonly Unwritable[]): string {
  const all = [...new Set(unwritable.map(({ path }) => within(home, path)))];
  const paths = all.filter((path) => !all.some((other) => path.startsWith(`${other}/`)));
  const areas = [...new Set(paths.map(areaOf))].map((area) => {
    const [first, ...others] = paths.filter((path) => areaOf(path) === area);
    return others.length === 0 ? first : `${area} (${others.length + 1} files and folders)`;
  });
  return areas.join(', ');
}

export interface Owners {
  readonly home: string;
  /** Users by their numbers; undefined where the system has none. */
  readonly user: number | undefined;
  readonly owner: number | undefined;
  readonly homeOwner: number | undefined;
}

/** The advice that lets these paths be written. */
export function mendWriting(unwritable: readonly Unwritable[], { home, user, owner, homeOwner }: Owners): string {
  if (unwritable.some(({ code }) => code === 'EROFS')) {
    return 'It lies on a read-only file system: mount that to be written to, or copy the home to another one.';
  }
  if (user === undefined) return `Let it be written to: ${quoted(home)}`;
  if (owner === undefined || owner === user) return `Let it be written to: chmod -R u+w ${quoted(home)}`;
  const take = (paths: readonly string[]): string => `sudo chown -R ${user} ${paths.map(quoted).join(' ')}`;
  if (homeOwner === owner) return `Start as its owner, user ${owner}, or make it yours: ${take([home])}`;
  const paths = [...new Set(unwritable.map(({ path }) => path))];
  return `They belong to user ${owner}, the home does not: make them yours with ${take(paths.length > MOST_NAMED ? [home] : paths)}`;
}

const MOST_NAMED = 3;

/** `In /k this user may not write repository/logs (its own log files miss what it says), …`. */
export function lackingText(home: string, lacking: readonly Lacking[]): string {
  const texts = [...new Set(lacking.map(({ without }) => without))].map((without) => {
    const paths = lacking.filter((one) => one.without === without);
    return `${listPaths(home, paths)} (${without})`;
  });
  return `In ${home} this user may not write ${texts.join(', ')}.`;
}

/** Files of H2 databases that JDBC URLs name, without their endings; relative to the home where they are. */
export const h2Databases = (urls: readonly string[]): string[] =>
  urls.flatMap((url) => /^jdbc:h2:(?!mem:|tcp:|ssl:|zip:)(?:\w+:)*([^;]+)/.exec(url)?.[1] ?? []);
