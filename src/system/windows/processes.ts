import { spawnSync } from 'node:child_process';
import { isStill, type ProcessIdentity, type ProcessRow } from '../../domain/tree.js';
import { monotonicMs } from '../clock.js';
import type { Processes } from '../processes.js';

/** A row with its process's command line: one look tells both. */
interface WindowsRow extends ProcessRow {
  readonly commandLine: string;
  /** The pid that the parent had, where that is gone: it may be another process's by now. */
  readonly orphanOf?: number;
}

/** The processes as one look has seen them, by pid. */
type Table = ReadonlyMap<number, WindowsRow>;

/** The source of the table; a test gives its own. */
export interface TableReader {
  /** The tool's output. */
  read(): string;
  isAlive(pid: number): boolean;
  now(): number;
}

/** A look starts a program and takes some 200 ms: looks within this time share one. */
const SNAPSHOT_MS = 400;
/**
 * Whether a known process is still there is asked of the system, which costs nothing; whether its pid has been somebody
 * else's between two such questions, only so often.
 */
const FIND_MS = 60_000;

/** Windows: everything from one program's list; environments and working folders are not told. */
export function windowsProcesses(reader: TableReader = systemTable): Processes {
  let table: Table = new Map();
  let takenMs = Number.NEGATIVE_INFINITY;
  const look = (): Table => {
    table = parseTable(reader.read());
    takenMs = reader.now();
    return table;
  };
  // A process that has ended may have had children since: only a new look knows them.
  const recent = (): Table => {
    const isRecent = reader.now() - takenMs < SNAPSHOT_MS;
    return isRecent && [...table.keys()].every(reader.isAlive) ? table : look();
  };
  const find = (pid: number): WindowsRow | undefined => {
    if (!reader.isAlive(pid)) return undefined;
    const known = reader.now() - takenMs < FIND_MS ? table.get(pid) : undefined;
    return known ?? look().get(pid);
  };
  return {
    snapshot: () => [...recent().values()],
    find,
    argumentsOf: (pid) => splitCommandLine(find(pid)?.commandLine ?? ''),
    withArguments: (matches) =>
      [...recent().values()].filter(({ commandLine }) => matches(splitCommandLine(commandLine))),
    // The children that `since` has left behind take the place of tagged processes.
    withVariable: (rows, _name, _value, since) =>
      new Set(
        rows
          .filter(({ pid, startTime }) => table.get(pid)?.orphanOf === since.pid && startTime >= since.startTime)
          .map(({ pid }) => pid),
      ),
    workingFolderOf: () => undefined,
    userOf: () => undefined,
    cpuTimeOf: () => undefined,
    catchesQuit: () => false,
    usageOf: () => undefined,
    withOpenFile: () => undefined,
    isWriting: () => false,
    // Windows has no signals: each of them ends a process at once, so that a new look is worth its time.
    signal: (target) => isStill(look().get(target.pid), target) && end(target),
    signalGroup: () => false, // and no groups
    bootId: () => null, // start times are dates here, which no two boots share
    isHidden: () => false,
    pidNamespace: () => null,
    seesAllPids: () => true,
    networkNamespace: () => null,
  };
}

function end({ pid }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false; // gone between the look and the signal, or another user's
  }
}

const COLUMNS = 'CommandLine,CreationDate,Name,ParentProcessId,ProcessId';

const WMIC = ['wmic', 'process', 'get', COLUMNS, '/format:csv'] as const;

/** Prints the same lines with what every Windows has, at some three times the price. */
const POWERSHELL = [
  'powershell',
  '-NoProfile',
  '-NonInteractive',
  '-Command',
  [
    '[Console]::OutputEncoding = [Text.Encoding]::UTF8;',
    'Get-CimInstance Win32_Process | Where-Object CreationDate | ForEach-Object {',
    "'{0},{1},{2}+000,{3},{4},{5}' -f 'Node', $_.CommandLine, $_.CreationDate.ToUniversalTime().ToString('yyyyMMddHHmmss.ffffff'),",
    '$_.Name, $_.ParentProcessId, $_.ProcessId }',
  ].join(' '),
] as const;

const TOOL_TIMEOUT_MS = 30_000;

/** The tools that may work here: wmic is missing, or knows no csv, where Windows is not an English one. */
let tools: readonly (readonly string[])[] = [WMIC, POWERSHELL];

const systemTable: TableReader = {
  read: () => {
    for (const tool of tools) {
      const printed = run(tool);
      if (!printed.some((line) => ROW.test(line))) continue;
      tools = [tool];
      return printed.join('\n');
    }
    throw new Error('Neither wmic nor powershell lists the processes of this Windows');
  },
  isAlive: (pid) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  },
  now: monotonicMs,
};

/** The lines that a tool prints, without itself; none where there is no such tool. */
function run([file, ...args]: readonly string[]): string[] {
  const { stdout, pid, error } = spawnSync(file as string, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    windowsHide: true,
    timeout: TOOL_TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) return [];
  const isOwn = new RegExp(`,${pid}(,\\d+)?$`);
  return decode(stdout)
    .split(/[\r\n]+/)
    .filter((line) => !isOwn.test(line));
}

/** wmic writes UTF-16 with a mark in front, or the console's own characters. */
const decode = (bytes: Buffer): string =>
  bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.subarray(2).toString('utf16le') : bytes.toString('utf8');

// Command lines hold commas and line feeds, unquoted: a row is told by what stands behind them.
const ROW = /^(?:[^,]*,)?(.*?),?(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{6})([+-]\d{3}),(.*),(\d+),(\d+)$/;

function parseTable(text: string): Table {
  const rows = text.split(/[\r\n]+/).flatMap((line) => parseRow(line.trim()));
  const startOf = new Map(rows.map(({ pid, startTime }) => [pid, startTime]));
  // The pid of a parent that has ended stays, and may be that of somebody younger by now.
  const hasParent = ({ parent, startTime }: WindowsRow): boolean => (startOf.get(parent) ?? '~') <= startTime;
  return new Map(rows.map((row) => [row.pid, hasParent(row) ? row : { ...row, parent: 0, orphanOf: row.parent }]));
}

function parseRow(line: string): WindowsRow[] {
  const match = ROW.exec(line);
  if (!match) return [];
  const [, commandLine = '', ...rest] = match;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = rest.slice(0, 6).map(Number);
  const [micros = '', minutesAhead = '', name = '', parent = '', pid = ''] = rest.slice(6);
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second) / 1_000 - Number(minutesAhead) * 60;
  const [own, above] = [Number(pid), Number(parent)];
  return [
    {
      pid: own,
      parent: above,
      group: own,
      session: own,
      isZombie: false,
      name,
      startTime: `${seconds}.${micros}`,
      commandLine,
    },
  ];
}

/**
 * Splits a command line by the rules of the C library: blanks part, quotes hold together, backslashes count only before
 * a quote.
 */
export function splitCommandLine(line: string): string[] {
  const words = line.match(/(?:[^\s"\\]|\\\\|\\"|\\|"(?:[^"\\]|\\\\|\\"|\\)*(?:"|$))+/g) ?? [];
  return words.map((word) =>
    word.replaceAll(/(\\*)"/g, (_, slashes: string) => {
      const half = '\\'.repeat(slashes.length >> 1);
      return slashes.length % 2 === 1 ? `${half}"` : half;
    }),
  );
}
