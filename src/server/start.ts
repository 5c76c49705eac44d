import { applyChanges, type LaunchCommand, TAG_VARIABLE } from '../domain/command.js';
import type { InstanceRecord } from '../domain/instance.js';
import { signalIn } from '../domain/log.js';
import type { EffectivePort } from '../domain/ports.js';
import {
  findServer,
  isSame,
  type ProcessIdentity,
  type ProcessRow,
  sessionOf,
  withDescendants,
} from '../domain/tree.js';
import { pidInFile } from '../ports/idle-home.js';
import { nodeSystem, type System } from '../system/index.js';
import type { Exit, Guard } from '../system/spawning.js';
import { type LogWatch, watchLogs } from './log-watch.js';
import type { ReadyLineLogs } from './ready-line.js';

/** A started server: the script's session and everything that belongs to it. */
export interface RunningServer {
  /** The start script, leader of the session that the server lives in. */
  readonly leader: ProcessIdentity;
  readonly home: string;
  readonly ports: readonly EffectivePort[];
  readonly logFile: string;
  /** The position in the log file at which this start's output begins. */
  readonly logStart: number;
  readonly log: LogWatch;
  /** The logging configuration that keeps its ready line from every log. */
  readonly silencedBy: string | undefined;
  /** The end of the script; undefined while it runs. Its code says nothing about the JVM. */
  readonly exit: Exit | undefined;
  /** Fires when the script has ended. */
  readonly ended: AbortSignal;
  /** The living processes, strays that left the session among them. */
  tree(): ProcessRow[];
  /** The JVM, told from the script and the helper beside it. @param listeningPid a process seen on its ports */
  jvm(members?: readonly ProcessRow[], listeningPid?: number): ProcessRow | undefined;
}

/** The part of a server that its stop needs, also where its supervisor is gone. */
export type StoppableServer = Pick<RunningServer, 'leader' | 'ports' | 'tree' | 'jvm'>;

export interface StartOptions {
  readonly command: LaunchCommand;
  readonly runtimeHome: string;
  readonly ports: readonly EffectivePort[];
  readonly readyText: string;
  /** Matches a line that its user waits for. */
  readonly sign?: RegExp;
  readonly tag: string;
  readonly guard: Guard;
  readonly log: { readonly file: string; readonly fd: number; readonly size: number };
  readonly readyLine: ReadyLineLogs;
  /**
   * Called once the session is there, and before anything runs in it: later it is found by what is written down now.
   */
  atGate(leader: ProcessIdentity): void;
}

type Starting = Pick<System, 'clock' | 'env' | 'files' | 'processes' | 'spawning'>;

/**
 * Starts the script behind a gate that opens once the guard knows its session, and once it is written down, so that no
 * moment passes in which our death would leave a server behind that nobody finds.
 */
export async function startServer(
  { command, runtimeHome, ports, readyText, sign, tag, guard, log, readyLine, atGate }: StartOptions,
  system: Starting = nodeSystem,
): Promise<RunningServer> {
  const env = { ...applyChanges(system.env, command.env), [TAG_VARIABLE]: tag };
  const gated = await system.spawning.startGated(command, env, log.fd);
  const row = system.processes.find(gated.pid);
  if (!row) throw new Error(`the gate of ${command.file} ended at once`);
  const leader = { pid: row.pid, startTime: row.startTime };
  const output = { file: log.file, from: log.size };
  const { ownLog, silencedBy } = readyLine;
  const own = ownLog === undefined ? [] : [{ file: ownLog, from: system.files.sizeOf(ownLog), rolls: true }];
  const watch = watchLogs([output, ...own], readyText, system, sign);

  const ended = new AbortController();
  let exit: Exit | undefined;
  void gated.exited.then((how) => {
    exit = how;
    ended.abort();
  });

  await guard.watch(leader);
  atGate(leader);
  gated.open();

  const tree = treeFinder({ leader, tag }, system);
  return {
    leader,
    home: command.cwd,
    ports,
    logFile: log.file,
    logStart: log.size,
    log: watch,
    silencedBy,
    get exit() {
      return exit;
    },
    ended: ended.signal,
    tree,
    jvm: jvmFinder(runtimeHome, tree, system),
  };
}

interface Adopting {
  readonly leader: ProcessIdentity;
  readonly tag: string;
  /**
   * Whether a process in a session of the leader's number shows that the session is still that leader's.
   * Undefined where that is known, as we have just started it.
   */
  readonly isProof?: (row: ProcessRow) => boolean;
}

function treeFinder({ leader, tag, isProof }: Adopting, { processes }: Pick<System, 'processes'>): () => ProcessRow[] {
  // A member whose parent has died can't be told from a stranger any more, unless it was seen before.
  const seen = new Map<number, string>();
  // The number of a session is free for others once nobody is left in it, and not before.
  let isSessionOurs = isProof === undefined;
  return () => {
    const rows = processes.snapshot();
    const tagged = processes.withVariable(rows, TAG_VARIABLE, tag, leader);
    const session = sessionOf(rows, leader);
    isSessionOurs =
      session.length > 0 &&
      (isSessionOurs || session.some((row) => isSame(row, leader) || tagged.has(row.pid) || isProof?.(row)));
    const known = rows.filter((row) => tagged.has(row.pid) || seen.get(row.pid) === row.startTime);
    const members = withDescendants(rows, isSessionOurs ? [...session, ...known] : known);
    for (const { pid, startTime } of members) seen.set(pid, startTime);
    return members;
  };
}

const jvmFinder =
  (
    runtimeHome: string,
    tree: () => ProcessRow[],
    { files, processes }: Pick<System, 'files' | 'processes'>,
  ): StoppableServer['jvm'] =>
  (members = tree(), listeningPid) =>
    findServer(members, {
      pidFromFile: pidInFile(runtimeHome, files),
      argumentsOf: processes.argumentsOf,
      listeningPid,
    });

/**
 * A server that somebody else has started, found again by what was written down of it. A session whose leader is gone
 * may be a stranger's with the same number by now: it is believed where one of it has the tag or writes the log.
 */
export function adoptServer(
  { server: leader, home, runtimeHome = home, ports, leaseId: tag, logFile }: Adopted,
  system: Pick<System, 'files' | 'processes'> = nodeSystem,
): StoppableServer | undefined {
  if (leader === null) return undefined;
  const log = system.files.realPath(logFile);
  const tree = treeFinder({ leader, tag, isProof: ({ pid }) => system.processes.isWriting(pid, log) }, system);
  return { leader, ports, tree, jvm: jvmFinder(runtimeHome, tree, system) };
}

export type Adopted = Pick<InstanceRecord, 'server' | 'home' | 'runtimeHome' | 'ports' | 'leaseId' | 'logFile'>;

/** A server's end in words, for a message: as the shell of its script says at the end of its log, else by its exit. */
export function describeEnd({ exit, log }: Pick<RunningServer, 'exit' | 'log'>): string {
  const signal = endingSignal(log);
  return signal === undefined ? describeExit(exit) : `its JVM was ended by ${signal}`;
}

const LAST_BYTES = 4 * 1024;

/** The signal that has ended its JVM, as the shell of its script says; undefined where none did. */
export const endingSignal = (log: LogWatch): string | undefined => signalIn(log.lastLines(LAST_BYTES));

/** The script's end in words. Code 0 must not be read as success. */
function describeExit(exit: Exit | undefined): string {
  if (exit === undefined) return 'its script still runs';
  if (exit.error) return exit.error.message;
  if (exit.signal === 'SIGXFSZ')
    return 'its script was ended by SIGXFSZ: a file was to grow beyond the limit of ulimit -f';
  if (exit.signal !== null) return `its script was ended by ${exit.signal}`;
  return `its script exited with code ${exit.code}${exit.code === 0 ? ', as it does whatever its JVM did' : ''}`;
}
