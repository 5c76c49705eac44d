import { join } from 'node:path';
import { LaunchError } from '../domain/failure.js';
import { mention, mentioning, type Text } from '../domain/text.js';
import { isStill, type ProcessRow, runtimeInArguments } from '../domain/tree.js';
import type { InspectedHome } from '../home/inspect.js';
import { nodeSystem, type System } from '../system/index.js';
import type { LiveLease } from '../system/leases.js';

type IdleHomeSystem = Pick<System, 'files' | 'processes'>;

/** The advice to a second launch of a home. */
export const TWO_HOMES = mentioning`Two instances of one product need two homes: ${mention.option('private')} gives this one a home of its own, made from this installation.`;

/** The leases and the server that may have a home. */
interface Occupants {
  readonly leases: readonly LiveLease[];
  /** Found in the home by {@link findServerOf}. */
  readonly server: ProcessRow | undefined;
}

/**
 * Refuses a home in use: nothing in the products keeps a second server out, and it would wipe the first one's files.
 * @param nextStep the hint for whoever is refused
 * @throws LaunchError `home-runs`
 */
export function checkHomeIsIdle(
  { home, runtimeHome }: Pick<InspectedHome, 'home' | 'runtimeHome'>,
  { leases, server }: Occupants,
  nextStep: Text,
  system: IdleHomeSystem = nodeSystem,
): void {
  const realHome = system.files.realPath(runtimeHome);
  const lease = leases.find((candidate) => keepsHome(candidate, realHome, system));
  if (lease) {
    const known = lease.isSupervised ? { instance: lease.name } : {};
    throw new LaunchError({ kind: 'home-runs', home, by: describeLease(lease), hint: nextStep, ...known });
  }

  if (server && isStill(system.processes.find(server.pid), server)) {
    throw new LaunchError({
      kind: 'home-runs',
      home,
      by: `process ${server.pid}, not started by wso2-launch`,
      hint: mentioning`Stop it the way it was started. ${nextStep}`,
    });
  }
}

/**
 * Whether a lease keeps a home: another user's does only where he could run a server in it.
 * @param realHome the home's real path
 */
export const keepsHome = (
  { home, stranger }: LiveLease,
  realHome: string,
  { files }: Pick<System, 'files'> = nodeSystem,
): boolean => home === realHome && (stranger === undefined || files.isWritableFor(realHome, stranger));

function describeLease({ name, offset, server, supervisor, isSupervised, isElsewhere }: LiveLease): string {
  const orphaned = isSupervised ? '' : '; its supervisor is gone';
  const where = isElsewhere ? 'in another container' : `pid ${(server ?? supervisor).pid}`;
  return `instance ${name}, offset ${offset}, ${where}${orphaned}`;
}

/**
 * The server that runs in a home, whoever started it. Every process is looked at: better while no other launcher
 * waits for us, for no mutex keeps out who knows of none.
 */
export function findServerOf(
  runtimeHome: string,
  { processes, files }: IdleHomeSystem = nodeSystem,
): ProcessRow | undefined {
  const realHome = files.realPath(runtimeHome);
  const isThisHome = (path: string | undefined): boolean => path !== undefined && files.realPath(path) === realHome;
  const byArguments = processes.withArguments((args) => isThisHome(runtimeInArguments(args)));
  const believed = byArguments.find(({ pid }) => couldServe(processes.userOf(pid), realHome, files));
  if (believed) return believed;

  // The pid file is never deleted, so its pid may be anybody's by now: only a JVM that works in this home counts.
  const pid = pidInFile(runtimeHome, files);
  const row = pid === undefined ? undefined : processes.find(pid);
  if (!row || row.isZombie || !isThisHome(processes.workingFolderOf(row.pid))) return undefined;
  return isJvm(row.name, processes.argumentsOf(row.pid)) ? row : undefined;
}

/** The folders that a server writes to; a hardened home leaves only some of them to its user. */
const WRITTEN = ['', 'tmp', 'logs', 'repository', 'repository/logs'];

/** Any user can name a home in the arguments of his processes: it is his server only where he could run one. */
const couldServe = (userId: number | undefined, home: string, files: System['files']): boolean =>
  userId === undefined ||
  userId === 0 ||
  userId === process.getuid?.() ||
  WRITTEN.some((folder) => files.isOpenTo(join(home, folder), userId));

const isJvm = (name: string, args: readonly string[]): boolean =>
  name.startsWith('java') || args.some((argument) => /^-D\w|org\.wso2\./.test(argument));

/** The pid files of Carbon 4 and of Carbon 5. */
const PID_FILES = ['wso2carbon.pid', 'runtime.pid'];

/** The pid in a home's pid file: digits, a line feed, NUL up to 100 bytes, as the products write their whole buffer. */
export function pidInFile(runtimeHome: string, files: Pick<System['files'], 'readText'>): number | undefined {
  try {
    const text = PID_FILES.map((name) => files.readText(`${runtimeHome}/${name}`)).find((found) => found !== undefined);
    const digits = /^\d+/.exec(text ?? '')?.[0];
    return digits === undefined ? undefined : Number(digits);
  } catch {
    return undefined; // unreadable: the process table has to do
  }
}
