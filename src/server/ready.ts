import { join } from 'node:path';
import type { HealthFact } from '../domain/facts.js';
import { describeHolder, LaunchError, type TakenPort } from '../domain/failure.js';
import { bundleIn, connectorPort, isOfListener, portsNamedIn, saysInUse } from '../domain/log.js';
import { formatDuration } from '../domain/numbers.js';
import { type PostMortem, postMortem } from '../domain/post-mortem.js';
import { type HealthResult, judge, judgeHealth, type ObservedPort } from '../domain/probes.js';
import type { ProcessRow } from '../domain/tree.js';
import type { Page } from '../domain/urls.js';
import { nameHolder } from '../ports/holders.js';
import { isTimeout, noAnswer, withinTime } from '../system/clock.js';
import { nodeSystem, type System } from '../system/index.js';
import { isHeldBy, type PortSocket } from '../system/sockets.js';
import type { DebuggerWait } from './debugger-wait.js';
import type { LogSummary } from './log-watch.js';
import type { SignsOfLife } from './signs-of-life.js';
import { SilentStart } from './silent-start.js';
import { describeEnd, type RunningServer } from './start.js';

/** Ports of this server are lost to other programs: it has to move, or to give up. */
export class PortsLost extends Error {
  constructor(
    readonly lost: readonly TakenPort[],
    readonly lastLines: readonly string[],
  ) {
    super(`ports lost: ${lost.map(({ number }) => number).join(', ')}`);
  }
}

export interface Ready {
  readonly jvm: ProcessRow;
  /** The listening sockets of this server, by their ids. */
  readonly ownSockets: readonly string[];
  readonly warnings: readonly string[];
}

export interface ReadyOptions {
  readonly health: HealthFact;
  readonly readyText: string;
  /** Absent: the JVM waits for a debugger, who may take all day. */
  readonly timeoutMs?: number;
  /** Whom the JVM waits for before it goes on. */
  readonly awaited?: readonly string[];
  /** The log's position from which this start's lines count. */
  readonly since: number;
  /** The page that has to answer 200 or 302 as well. */
  readonly page?: Page;
  /** The pattern that a line of the log has to match as well. */
  readonly sign?: RegExp;
  /** Looks which debuggers the JVM waits for; absent: for none that it listens for. */
  readonly debuggers?: DebuggerWait | undefined;
  /** Looks for signs of life until the server says that it has started; absent: it may be quiet. */
  readonly life?: SignsOfLife;
}

type Watching = Pick<System, 'clock' | 'files' | 'http' | 'leases' | 'processes' | 'sockets'>;

const TICK_MS = 50;
const HEALTH_TIMEOUT_MS = 5_000;
const HEALTH_PAUSE_MS = 250;

/**
 * Waits until the server has said that it started, every port is its own, and the health check passes.
 * Until it says so, no port is touched: an early probe has broken MI's listeners.
 *
 * @throws LaunchError, PortsLost, or the signal's reason; the server then still has to be stopped
 */
export async function waitUntilReady(
  server: RunningServer,
  { health, readyText, timeoutMs, awaited = [], since, page, sign, life, debuggers }: ReadyOptions,
  signal: AbortSignal,
  system: Watching = nodeSystem,
): Promise<Ready> {
  const { clock } = system;
  const { silencedBy } = server;
  const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeoutMs;
  const portsOf = async (): Promise<readonly ObservedPort[]> =>
    (await observe(server, server.tree(), [], system)).ports;
  const silent = silencedBy === undefined ? undefined : new SilentStart(server, portsOf, clock);
  const saying = silent ? SETTLING : `the line "${readyText.trim()}" in its log`;
  const first: Unready = { pending: [...awaited, saying], isLost: false };
  let last = first;
  let fatalsSeen = 0;
  let failuresSeen = 0;

  for (; ; await clock.sleep(TICK_MS, signal)) {
    signal.throwIfAborted();
    if (server.exit) throw await endedEarly(server, since, system);
    const log = server.log.since(since);
    if (log.asksForPassword) throw passwordAsked(server);
    if (log.fatals.length > fatalsSeen) {
      fatalsSeen = log.fatals.length;
      await untilSaid(server, signal, system);
      const failure = await failureBehind(server.log.since(since), server, system);
      if (failure) throw failure;
      continue;
    }

    const startedAtMs = log.readyAtMs ?? (await silent?.startedAtMs());
    if (startedAtMs !== undefined) {
      const now = await lookAt(server, { readyAtMs: startedAtMs, log, last }, { health, page, sign, signal }, system);
      if ('jvm' in now) {
        return log.readyAtMs === undefined
          ? { ...now, warnings: [...now.warnings, silence(readyText, silencedBy)] }
          : now;
      }
      last = now;
    } else if (log.bindFailures.length > failuresSeen) {
      failuresSeen = log.bindFailures.length;
      const lost = await lossBehind({ ...log, bindFailures: [] }, server, system);
      if (lost) throw lost;
    } else {
      await debuggers?.look();
      await life?.look(AbortSignal.any([signal, server.ended]));
    }
    if (debuggers?.isOver && last === first) last = { pending: [saying], isLost: false };
    if (clock.now() >= deadline) {
      const { cause, lines } = autopsy(server);
      const timeout = formatDuration(timeoutMs ?? 0);
      const late = {
        kind: 'not-ready-in-time',
        timeout,
        pending: last.pending,
        logFile: server.logFile,
        cause,
      } as const;
      throw (await lossBehind(log, server, system)) ?? new LaunchError(late, lines);
    }
  }
}

const SETTLING = 'its required ports to stay open for 15 s with nothing new in its log';

const silence = (readyText: string, by = ''): string =>
  `${by} keeps the line "${readyText.trim()}" from console and log file: it counts as started because its required ports stayed open for 15 s with nothing new in its log.`;

const SAYING_PAUSE_MS = 1_000;
const LONGEST_SAYING_MS = 8_000;

/** Waits until the log is quiet: after the line that a start has failed it says why. */
async function untilSaid(server: RunningServer, signal: AbortSignal, { clock }: Watching): Promise<void> {
  const deadlineMs = clock.now() + LONGEST_SAYING_MS;
  for (let read = Number.NaN; read !== server.log.position && clock.now() < deadlineMs && !server.exit; ) {
    read = server.log.position;
    await clock.sleep(SAYING_PAUSE_MS, signal);
    signal.throwIfAborted();
  }
}

/**
 * Why a server that was ready is not well any more; undefined where it is.
 * Only required ports count: the others were closed before, or are told by what needs them.
 */
export async function whyUnhealthy(
  server: Pick<RunningServer, 'ports' | 'tree'>,
  health: HealthFact,
  signal: AbortSignal,
  system: Watching = nodeSystem,
): Promise<string | undefined> {
  const { ports } = await observe(server, server.tree(), [], system);
  const lost = ports.find(({ required, state }) => required && state.kind !== 'ours');
  if (lost) {
    const what = lost.state.kind === 'foreign' ? describeHolder(lost.state.by) : 'closed';
    return `port ${lost.number} (${lost.name}) is ${what}`;
  }
  const result = await checkHealth(health, ports, signal, system);
  return result.kind === 'failed' ? `the health check fails (${result.why})` : undefined;
}

/** The conditions that a started server does not meet yet. */
interface Unready {
  readonly pending: readonly string[];
  readonly isLost: boolean;
}

/** A server that says that it has started. */
interface StartedServer {
  readonly readyAtMs: number;
  readonly log: LogSummary;
  /** The result of the last look. */
  readonly last: Unready;
}

interface ReadyWish {
  readonly health: HealthFact;
  readonly page: Page | undefined;
  readonly sign: RegExp | undefined;
  readonly signal: AbortSignal;
}

/** Looks once at a started server. @throws LaunchError `port-never-opened`, PortsLost */
async function lookAt(
  server: RunningServer,
  { readyAtMs, log: { bindFailures, hasSign }, last }: StartedServer,
  { health, page, sign, signal }: ReadyWish,
  system: Watching,
): Promise<Ready | Unready> {
  const members = server.tree();
  const { ports, ownSockets, listeningPid } = await observe(server, members, bindFailures, system);
  const sinceReadyLineMs = system.clock.now() - readyAtMs;
  const verdict = judge({ sinceReadyLineMs, isPortInUseLogged: saysInUse(bindFailures), ports });
  switch (verdict.kind) {
    case 'wait':
      return { pending: verdict.pending.map((port) => `port ${port}`), isLost: false };
    case 'lost':
      // The table of sockets and the table of processes are not read in one moment: look twice.
      if (last.isLost) throw new PortsLost(verdict.lost, autopsy(server).lines);
      return { pending: last.pending, isLost: true };
    case 'never-opened': {
      const { cause, lines } = autopsy(server);
      const failure = { kind: 'port-never-opened', ports: verdict.ports, logFile: server.logFile, cause } as const;
      throw new LaunchError(failure, lines);
    }
    case 'listening': {
      const result = await checkHealth(health, ports, signal, system);
      const unanswered = result.kind === 'passed' && page ? await whatIsMissing(page, signal, system) : undefined;
      const missing = unanswered ?? (sign && !hasSign ? `a line that matches ${sign.source} in its log` : undefined);
      const jvm = server.jvm(members, listeningPid);
      if (result.kind === 'passed' && missing === undefined && jvm) {
        return { jvm, ownSockets, warnings: [...verdict.warnings, ...(result.warning ? [result.warning] : [])] };
      }
      await system.clock.sleep(HEALTH_PAUSE_MS, signal);
      const why = result.kind === 'failed' ? result.why : 'the JVM is gone';
      return {
        pending: [result.kind === 'passed' && missing !== undefined ? missing : `the health check (${why})`],
        isLost: false,
      };
    }
  }
}

/** The most that a start may fill of a log with what explains its failure. */
const START_BYTES = 2 ** 20;

/** The log's explanation of a server's failure. @param bytes how much of the log's end counts */
export const autopsy = (server: RunningServer, bytes = START_BYTES): PostMortem =>
  postMortem(server.log.lastLines(bytes));

function passwordAsked(server: RunningServer): LaunchError {
  const { home, logFile } = server;
  return new LaunchError({ kind: 'password-asked', file: `${home}/password-tmp`, logFile }, autopsy(server).lines);
}

/** The reason why a server that has said something fatal won't come; undefined where it may come all the same. */
async function failureBehind(log: LogSummary, server: RunningServer, system: Watching): Promise<Error | undefined> {
  const lost = await lossBehind(log, server, system);
  if (lost) return lost;
  const line = log.fatals.find((fatal) => isHopeless(fatal, log, server, system));
  if (line === undefined) return undefined;
  const { cause, lines } = autopsy(server);
  return new LaunchError({ kind: 'server-failed', line, logFile: server.logFile, cause }, lines);
}

/** Whether a server that has said this line won't come. */
function isHopeless(line: string, log: LogSummary, server: RunningServer, { files }: Watching): boolean {
  // A port that was in use may be free again by now: the look after the ready line decides.
  if (isOfListener(line) && saysInUse(log.bindFailures)) return false;
  const number = connectorPort(line);
  if (line.includes('[Connector[')) return server.ports.some((port) => port.number === number && port.required);
  if (log.readyAtMs !== undefined) return false;
  const bundle = bundleIn(line);
  // A bundle in dropins may have the name of one of the kernel's own, and is not missed.
  return bundle === undefined || !files.filesIn(join(server.home, DROPINS)).some((name) => name.startsWith(bundle));
}

const DROPINS = 'repository/components/dropins';

async function endedEarly(server: RunningServer, since: number, system: Watching): Promise<Error> {
  await server.log.caughtUp();
  const log = server.log.since(since);
  if (log.asksForPassword) return passwordAsked(server);
  return (await failureBehind(log, server, system)) ?? exitedEarly(server);
}

function exitedEarly(server: RunningServer): LaunchError {
  const { logFile } = server;
  const { cause, lines } = autopsy(server);
  return new LaunchError({ kind: 'exited-before-ready', how: describeEnd(server), logFile, cause }, lines);
}

/** The lost ports behind a failure: those that others have, and those that the log says were in use. */
async function lossBehind(log: LogSummary, server: RunningServer, system: Watching): Promise<PortsLost | undefined> {
  const { ports } = await observe(server, server.tree(), log.bindFailures, system);
  const named = portsNamedIn(saysInUse(log.bindFailures) ? [...log.bindFailures, ...log.fatals] : []);
  const lost = ports.flatMap(({ name, number, state }): TakenPort[] => {
    if (state.kind === 'foreign') return [{ name, number, by: state.by }];
    return state.kind === 'closed' && named.has(number) ? [{ name, number, by: null }] : [];
  });
  return lost.length > 0 ? new PortsLost(lost, autopsy(server).lines) : undefined;
}

interface ReadyLook {
  readonly ports: readonly ObservedPort[];
  readonly ownSockets: readonly string[];
  /** A member that listens on the first open required port. */
  readonly listeningPid?: number;
}

async function observe(
  server: Pick<RunningServer, 'ports'>,
  members: readonly ProcessRow[],
  bindFailures: readonly string[],
  system: Watching,
): Promise<ReadyLook> {
  const pids = members.map(({ pid }) => pid);
  const listeners = await system.sockets.listeners(new Set(server.ports.map(({ number }) => number)), pids);
  const named = portsNamedIn(bindFailures);
  const isOneNamed = server.ports.some(({ number }) => named.has(number));
  const hasFailedOn = (port: number): boolean => (isOneNamed ? named.has(port) : bindFailures.length > 0);
  // A bound port that was free when it was chosen is ours where no owner can be told, unless the server says that it
  // could not bind it, or a port that it doesn't name.
  const isOurs = (socket: PortSocket): boolean =>
    socket.isUntold ? pids.length > 0 && !hasFailedOn(socket.port) : isHeldBy(socket, pids);
  const ports = server.ports.map(({ name, number, required }): ObservedPort => {
    const here = listeners.filter(({ port }) => port === number);
    const stranger = here.find((socket) => !isOurs(socket));
    if (stranger) return { name, number, required, state: { kind: 'foreign', by: nameHolder(stranger, [], system) } };
    return { name, number, required, state: { kind: here.length > 0 ? 'ours' : 'closed' } };
  });
  const listeningPid = listeners.flatMap((socket) => socket.pids).find((pid) => pids.includes(pid));
  const ownSockets = listeners.filter(isOurs).map(({ id }) => id);
  return { ports, ownSockets, ...(listeningPid !== undefined && { listeningPid }) };
}

/** The condition that a page does not meet yet; undefined where it answers as it should. */
async function whatIsMissing(
  { url, ...asked }: Page,
  signal: AbortSignal,
  { http }: Watching,
): Promise<string | undefined> {
  const wanted = `GET ${url} to answer 200 or 302`;
  try {
    const inTime = withinTime(signal, HEALTH_TIMEOUT_MS);
    const { status } = await http.send(asked, inTime);
    return status === 200 || status === 302 ? undefined : `${wanted} (it answers ${status})`;
  } catch (error) {
    return `${wanted} (${whyUnanswered(error)})`;
  }
}

const whyUnanswered = (error: unknown): string =>
  isTimeout(error) ? noAnswer(HEALTH_TIMEOUT_MS) : (error as Error).message;

const NOBODY_TO_ASK = 'The configuration closes every port that tells of the health, so it is not known.';

async function checkHealth(
  health: HealthFact,
  ports: readonly ObservedPort[],
  signal: AbortSignal,
  { http }: Watching,
): Promise<HealthResult> {
  const open = (name: string | undefined): number | undefined =>
    ports.find((candidate) => candidate.name === name && candidate.state.kind === 'ours')?.number;
  const inTime = withinTime(signal, HEALTH_TIMEOUT_MS);
  try {
    if ('connectTo' in health) {
      for (const port of health.connectTo.flatMap((name) => open(name) ?? [])) await http.connect(port, inTime);
      return { kind: 'passed' };
    }
    const plain = open(health.port);
    if (plain !== undefined) {
      const { status, body } = await http.send({ port: plain, path: health.path }, inTime);
      return judgeHealth(status, body);
    }
    const secured = open(health.otherwiseTls);
    const isAnyConfigured = ports.some(({ name }) => name === health.port || name === health.otherwiseTls);
    if (!isAnyConfigured) return { kind: 'passed', warning: NOBODY_TO_ASK };
    if (secured === undefined) return { kind: 'failed', why: 'no port to ask' };
    await http.shakeHands(secured, inTime);
    return { kind: 'passed' };
  } catch (error) {
    return { kind: 'failed', why: whyUnanswered(error) };
  }
}
