import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { isStill, type ProcessIdentity, type ProcessRow } from '../domain/tree.js';
import { linkOf, openFilesOf } from './open-files.js';
import { rethrowShortage } from './shortage.js';

/** The process table, and signals that reach nobody else's process. */
export interface Processes {
  snapshot(): ProcessRow[];
  find(pid: number): ProcessRow | undefined;
  /** Empty where the system doesn't tell. */
  argumentsOf(pid: number): readonly string[];
  /** The living processes whose arguments match: for a look at all of them. */
  withArguments(matches: (args: readonly string[]) => boolean): ProcessRow[];
  /**
   * The pids of those `rows`, none older than `since`, that have this variable; other users' environments can't be
   * read. Root could read them, but any user can give the variable to what he starts: it counts only for our own
   * processes, and for those of the user that `since` runs as.
   * Windows shows no environments: there the children of `since`, which is gone, take the place.
   */
  withVariable(rows: readonly ProcessRow[], name: string, value: string, since: ProcessIdentity): Set<number>;
  workingFolderOf(pid: number): string | undefined;
  /**
   * The id of the user who started a process, whatever rights its program has; undefined where it is gone, and on
   * Windows.
   */
  userOf(pid: number): number | undefined;
  /**
   * The processes that have one of these files open, by its real path, as far as they can be seen; undefined where none
   * can.
   */
  withOpenFile(files: ReadonlySet<string>): { readonly pid: number; readonly file: string }[] | undefined;
  /** Whether a process has a file, by its real path, open to write to it; false also where that can't be seen. */
  isWriting(pid: number, file: string): boolean;
  /** The resources of a process: memory that is its own or shared, and processor time since its start. */
  /** The processor time that a process has spent, in milliseconds; undefined where it can't be known. */
  cpuTimeOf(pid: number): number | undefined;
  /** Whether a process is known to live on after SIGQUIT, by which a JVM is asked what its threads do. */
  catchesQuit(pid: number): boolean;
  usageOf(pid: number): { readonly memoryBytes: number; readonly cpuPercent: number } | undefined;
  /** Signals a process if it is still the same one; false where it is gone. */
  signal(target: ProcessIdentity, signal: NodeJS.Signals): boolean;
  /** Signals a whole group, unless its number belongs to another process by now. */
  signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean;
  /**
   * An id that changes with every boot, so that start times of another one are not believed; null where there is none.
   */
  bootId(): string | null;
  /** Whether a process exists though {@link find} doesn't show it: another user's, where those are hidden. */
  isHidden(pid: number): boolean;
  /** The id of our PID namespace, within which alone pids mean the same; null where the system has none. */
  pidNamespace(): string | null;
  /** Whether our PID namespace is the outermost one, in which every process has a pid. */
  seesAllPids(): boolean;
  /** The id of our network namespace, in which ports and abstract sockets live; null where the system has none. */
  networkNamespace(): string | null;
}

/** Reads once what stays the same as long as we live: it is asked for each lease. */
function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}

/** Linux: everything from `/proc`. */
export const procProcesses: Processes = {
  snapshot: () => pidsInProc().flatMap(rowFromProc),
  find: (pid) => rowFromProc(String(pid))[0],
  argumentsOf: (pid) => readProc(`${pid}/cmdline`)?.replace(/\0$/, '').split('\0') ?? [],
  withArguments: (matches) =>
    pidsInProc()
      .filter((pid) => matches(procProcesses.argumentsOf(Number(pid))))
      .flatMap(rowFromProc)
      .filter(({ isZombie }) => !isZombie),
  withVariable: (rows, name, value, since) => {
    const entry = `\0${name}=${value}\0`;
    const young = rows.filter((row) => Number(row.startTime) >= Number(since.startTime));
    const isLeaderThere = isStill(procProcesses.find(since.pid), since);
    const users = [process.getuid?.(), isLeaderThere ? userOf(since.pid) : process.getuid?.()];
    const isMeant = (pid: number): boolean =>
      `\0${readProc(`${pid}/environ`) ?? ''}`.includes(entry) && users.includes(userOf(pid));
    return new Set(young.map(({ pid }) => pid).filter(isMeant));
  },
  workingFolderOf: (pid) => readProcLink(`${pid}/cwd`),
  userOf,
  withOpenFile: (files) =>
    procProcesses.snapshot().flatMap(({ pid }) => {
      const open = new Set(openFilesOf(pid).map(linkOf));
      return [...files].flatMap((file) => (open.has(file) ? [{ pid, file }] : []));
    }),
  isWriting: (pid, file) => openFilesOf(pid).some((path) => linkOf(path) === file && isOpenToWrite(path)),
  cpuTimeOf: cpuTimeFromProc,
  catchesQuit: (pid) =>
    (signalsIn(/^SigCgt:\s*([0-9a-f]+)$/m.exec(readProc(`${pid}/status`) ?? '')?.[1]) & QUIT) !== 0n,
  usageOf: usageFromProc,
  signal: (target, signal) => signalIfSame(procProcesses, target, signal),
  signalGroup: (leader, signal) => signalGroupIfSame(procProcesses, leader, signal),
  bootId: once(() => readProc('sys/kernel/random/boot_id')?.trim() ?? null),
  isHidden: (pid) => readProc(`${pid}/stat`) === undefined && isThere(pid),
  pidNamespace: once(() => readProcLink('self/ns/pid') ?? null),
  seesAllPids: () => procProcesses.pidNamespace() === OUTERMOST,
  networkNamespace: once(() => readProcLink('self/ns/net') ?? null),
};

function userOf(pid: number): number | undefined {
  return idIn(/^Uid:\s+\d+/m.exec(readProc(`${pid}/status`) ?? '')?.[0]);
}

function idIn(text = ''): number | undefined {
  const digits = /\d+/.exec(text)?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether an open file may be written to: `fdinfo` has its flags in octal digits, the last of which is then 1 or 2. */
const isOpenToWrite = (path: string): boolean =>
  /^flags:\s*\d*[12]$/m.test(readProc(path.slice('/proc/'.length).replace('/fd/', '/fdinfo/')) ?? '');

/** PROC_PID_INIT_INO of the kernel. */
const OUTERMOST = `pid:[${0xeffffffc}]`;

/** Whether a pid is taken, by whomever; a thread has one as well. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const pidsInProc = (): string[] => readdirSync('/proc').filter((entry) => /^\d/.test(entry));

function rowFromProc(pid: string): ProcessRow[] {
  const stat = readProc(`${pid}/stat`);
  if (stat === undefined) return [];
  // The name stands in brackets and may hold brackets and spaces itself.
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  return [
    {
      pid: Number(pid),
      name: stat.slice(stat.indexOf('(') + 1, end),
      isZombie: fields[0] === 'Z' || fields[0] === 'X',
      ...(fields[0] === 'T' && { isSuspended: true }),
      parent: Number(fields[1]),
      group: Number(fields[2]),
      session: Number(fields[3]),
      startTime: fields[19] as string,
    },
  ];
}

/** Linux counts a process's time in ticks of this length, whatever the kernel's own clock. */
const TICKS_A_SECOND = 100;
const PAGE_BYTES = 4096;

const signalsIn = (mask = '0'): bigint => BigInt(`0x${mask}`);

/** SIGQUIT, 3, in a mask of signals. */
const QUIT = 1n << 2n;

function cpuTimeFromProc(pid: number): number | undefined {
  const stat = readProc(`${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_A_SECOND;
}

function usageFromProc(pid: number): { memoryBytes: number; cpuPercent: number } | undefined {
  const stat = readProc(`${pid}/stat`);
  const uptime = Number.parseFloat(readProc('uptime') ?? '');
  if (stat === undefined || Number.isNaN(uptime)) return undefined;
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, start = 0, pages = 0] = [fields[11], fields[12], fields[19], fields[21]];
  const ageSeconds = Math.max(0.01, uptime - start / TICKS_A_SECOND);
  const cpuPercent = Math.round(((user + system) / TICKS_A_SECOND / ageSeconds) * 1000) / 10;
  return { memoryBytes: pages * PAGE_BYTES, cpuPercent };
}

const block = Buffer.allocUnsafe(64 * 1024);

/** Reads a file four times as fast as `readFileSync`, which asks for the size of a file that has none. */
function readProc(path: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${path}`, 'r');
    let text = '';
    for (let count = block.length; count > 0; text += block.toString('latin1', 0, count)) count = readSync(fd, block);
    return text;
  } catch (error) {
    rethrowShortage(error);
    return undefined; // the process is gone, or another user's
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readProcLink(path: string): string | undefined {
  try {
    return readlinkSync(`/proc/${path}`);
  } catch {
    return undefined; // the process is gone, or another user's
  }
}

/** macOS, and any other POSIX system: everything from `ps`. It has run on Linux, not yet on macOS. */
export const psProcesses: Processes = {
  snapshot: () => rowsFromPs(['-A']),
  find: (pid) => rowsFromPs(['-p', String(pid)])[0],
  argumentsOf: (pid) =>
    runPs(['-ww', '-p', String(pid), '-o', 'args='])
      .trim()
      .split(/\s+/),
  withArguments: (matches) => {
    const found = pidsWithArguments(runPs(['-Aww', '-o', 'pid=', '-o', 'args=']), matches);
    return found.size === 0 ? [] : rowsFromPs(['-A']).filter(({ pid, isZombie }) => found.has(pid) && !isZombie);
  },
  // `ps -E` shows a process's environment after its arguments, to its own user only.
  withVariable: (_rows, name, value) => {
    const ours = ['-x', '-U', String(process.getuid?.())];
    return pidsWithVariable(runPs([...ours, '-Eww', '-o', 'pid=', '-o', 'command=']), name, value);
  },
  workingFolderOf: () => undefined,
  userOf: (pid) => idIn(runPs(['-p', String(pid), '-o', 'ruid='])),
  withOpenFile: () => undefined,
  isWriting: () => false,
  cpuTimeOf: (pid) => cpuTimeIn(runPs(['-p', String(pid), '-o', 'time='])),
  catchesQuit: () => false,
  usageOf: (pid) => {
    const [memory, cpu] = runPs(['-p', String(pid), '-o', 'rss=', '-o', '%cpu='])
      .trim()
      .split(/\s+/)
      .map(Number);
    return memory === undefined || cpu === undefined ? undefined : { memoryBytes: memory * 1024, cpuPercent: cpu };
  },
  signal: (target, signal) => signalIfSame(psProcesses, target, signal),
  signalGroup: (leader, signal) => signalGroupIfSame(psProcesses, leader, signal),
  bootId: () => null, // start times are dates here, which no two boots share
  isHidden: () => false,
  pidNamespace: () => null,
  seesAllPids: () => true,
  networkNamespace: () => null,
};

/** Milliseconds of `ps -o time=`: `12:03.45`, `1:02:03.45`. */
export function cpuTimeIn(text: string): number | undefined {
  const parts = text.trim().split(':').map(Number);
  if (text.trim() === '' || parts.some(Number.isNaN)) return undefined;
  return Math.round(parts.reduce((sum, part) => sum * 60 + part, 0) * 1_000);
}

function rowsFromPs(selection: readonly string[]): ProcessRow[] {
  const columns = ['pid=', 'ppid=', 'pgid=', 'stat=', 'lstart=', 'comm='];
  return parseRows(runPs([...selection, ...columns.flatMap((column) => ['-o', column])]));
}

/**
 * The pids in lines of `ps -o pid= -o args=` whose arguments match; an argument with a space in it is taken for two.
 */
export const pidsWithArguments = (text: string, matches: (args: readonly string[]) => boolean): Set<number> =>
  new Set(
    text.split('\n').flatMap((line) => {
      const [pid, ...args] = line.trim().split(/\s+/);
      return pid && matches(args) ? [Number(pid)] : [];
    }),
  );

/** The pids in lines of `ps -E -o pid= -o command=` that have this variable, exactly. */
export const pidsWithVariable = (text: string, name: string, value: string): Set<number> =>
  new Set(
    text
      .split('\n')
      .filter((line) => `${line} `.includes(` ${name}=${value} `))
      .map((line) => Number.parseInt(line, 10)),
  );

/** Parses what `ps` prints: on BSD and macOS the name is a path. */
export function parseRows(text: string): ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/.exec(line);
    if (!match) return [];
    const [, pid, parent, group, state, startTime, name] = match as unknown as string[];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        session: Number(group),
        isZombie: (state as string).startsWith('Z'),
        ...((state as string).startsWith('T') && { isSuspended: true }),
        startTime: startTime as string,
        name: (name as string).slice((name as string).lastIndexOf('/') + 1),
      },
    ];
  });
}

function runPs(args: readonly string[]): string {
  try {
    return execFileSync('ps', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1024 * 1024,
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    });
  } catch {
    return ''; // ps says so with its exit code where no process matches
  }
}

function signalIfSame(processes: Processes, target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return isStill(processes.find(target.pid), target) && send(target.pid, signal);
}

function signalGroupIfSame(processes: Processes, leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
  const now = processes.find(leader.pid);
  // A group's number stays taken while any member lives, so a missing leader is no danger.
  return (now === undefined || now.startTime === leader.startTime) && send(-leader.pid, signal);
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false; // gone between the look and the signal
  }
}
