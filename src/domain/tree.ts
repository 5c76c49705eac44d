/** A process is only ever the same one if pid and start time agree: pids are used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; two equal ones of one pid on one boot mean the same process. */
  readonly startTime: string;
}

/** A line of the process table. */
export interface ProcessRow extends ProcessIdentity {
  readonly parent: number;
  /** Process group; on macOS, where sessions have no number, it stands for the session too. */
  readonly group: number;
  readonly session: number;
  /** Dead but not collected by its parent: it holds nothing, yet `kill(pid, 0)` still says yes. */
  readonly isZombie: boolean;
  /** Present where a signal has suspended it. */
  readonly isSuspended?: true;
  readonly name: string;
}

export const isSame = (a: ProcessIdentity, b: ProcessIdentity): boolean =>
  a.pid === b.pid && a.startTime === b.startTime;

/** Whether what a look-up by pid found is that very process, and alive. */
export const isStill = (found: ProcessRow | undefined, process: ProcessIdentity): boolean =>
  found !== undefined && !found.isZombie && isSame(found, process);

/**
 * The living processes of one launch: its session, whoever carries its tag, and their descendants.
 *
 * @param leader the process that we started, a session leader; it may be gone already
 * @param isTagged whether a process outside the session carries this launch's tag
 */
export function treeOf(
  rows: readonly ProcessRow[],
  leader: ProcessIdentity,
  isTagged: (row: ProcessRow) => boolean,
): ProcessRow[] {
  return withDescendants(rows, [...sessionOf(rows, leader), ...rows.filter(isTagged)]);
}

/** The processes in a leader's session, zombies among them; none where its number is another process's by now. */
export function sessionOf(rows: readonly ProcessRow[], leader: ProcessIdentity): ProcessRow[] {
  const leaderNow = rows.find((row) => row.pid === leader.pid);
  const isRecycled = leaderNow !== undefined && !isSame(leaderNow, leader);
  return isRecycled ? [] : rows.filter((row) => row.session === leader.pid);
}

/** The living among these processes and all that they have started. */
export function withDescendants(rows: readonly ProcessRow[], roots: readonly ProcessRow[]): ProcessRow[] {
  const members = new Map(roots.map((row) => [row.pid, row]));
  for (let grew = true; grew; ) {
    const children = rows.filter((row) => members.has(row.parent) && !members.has(row.pid));
    for (const row of children) members.set(row.pid, row);
    grew = children.length > 0;
  }
  return [...members.values()].filter((row) => !row.isZombie);
}

/** The clues that tell a server's JVM from the script and the helper beside it. */
export interface ServerClues {
  /** The pid in the home's pid file, which is never deleted: it is believed only for a member of the tree. */
  readonly pidFromFile: number | undefined;
  readonly argumentsOf: (pid: number) => readonly string[];
  /** The process that listens on the server's ports, where that has been seen. */
  readonly listeningPid?: number | undefined;
}

/** The JVM among the members of a launch; undefined while the script has not come so far. */
export function findServer(members: readonly ProcessRow[], clues: ServerClues): ProcessRow | undefined {
  const byPid = (pid: number | undefined): ProcessRow | undefined => members.find((row) => row.pid === pid);
  const byArguments = (): ProcessRow | undefined => {
    return innermost(members.filter((row) => isCarbonServer(clues.argumentsOf(row.pid)))).at(-1);
  };
  return byPid(clues.pidFromFile) ?? byArguments() ?? byPid(clues.listeningPid);
}

/** A wrapper round a JVM carries the same arguments; the JVM is the one below. */
export const innermost = (rows: readonly ProcessRow[]): ProcessRow[] =>
  rows.filter((row) => !rows.some(({ parent }) => parent === row.pid));

const HOME_ARGUMENT = '-Dcarbon.home=';

const isCarbonServer = (args: readonly string[]): boolean =>
  args.some((argument) => argument.startsWith(HOME_ARGUMENT));

/** Several runtimes of Carbon 5 may have one home. */
const RUNTIME_ARGUMENT = '-Dwso2.runtime.path=';

const valueIn = (args: readonly string[], name: string): string | undefined =>
  args.find((argument) => argument.startsWith(name))?.slice(name.length);

/** The home that a JVM's arguments name; every start script passes it. */
export const homeInArguments = (args: readonly string[]): string | undefined => valueIn(args, HOME_ARGUMENT);

/** The profile of a Carbon 5 runtime. */
export const runtimeNameIn = (args: readonly string[]): string | undefined => valueIn(args, '-Dwso2.runtime=');

/** The folder in which only one server may run: the home that a JVM's arguments name, or the one runtime in it. */
export const runtimeInArguments = (args: readonly string[]): string | undefined =>
  valueIn(args, RUNTIME_ARGUMENT) ?? homeInArguments(args);

/**
 * The processes above one, up to its session's leader: when one of them goes, nobody waits for us any more.
 * Empty for a session leader.
 */
export function ancestorsInSession(self: ProcessRow, find: (pid: number) => ProcessRow | undefined): ProcessRow[] {
  if (self.pid === self.session) return [];
  const parent = find(self.parent);
  if (!parent || parent.session !== self.session) return [];
  return [parent, ...ancestorsInSession(parent, find)];
}
