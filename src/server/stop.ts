import { LaunchError, type TakenPort } from '../domain/failure.js';
import type { ManagementAccess } from '../domain/management.js';
import type { ProcessRow } from '../domain/tree.js';
import { nameHolder } from '../ports/holders.js';
import { withinTime } from '../system/clock.js';
import { nodeSystem, type System } from '../system/index.js';
import { isHeldBy } from '../system/sockets.js';
import { askToShutDown } from './management.js';
import type { StoppableServer } from './start.js';

export interface Stopped {
  readonly how: 'graceful' | 'killed';
  readonly durationMs: number;
}

export interface StopOptions {
  /** The longest time that the JVM may take to shut down by itself. */
  readonly graceMs: number;
  /** Fires when nobody wants to wait any longer. */
  readonly insisted: AbortSignal;
  /** The JVM as it was last seen, where nothing but its ports tells it. */
  readonly jvmPid?: number | undefined;
  /** The sockets that the server held when it was ready, which may outlive it in a process that it has left behind. */
  readonly ownSockets?: readonly string[];
  /** The way to ask a server to end where no signal asks it. */
  readonly management?: ManagementAccess | undefined;
}

type Stopping = Pick<System, 'clock' | 'host' | 'http' | 'processes' | 'sockets' | 'spawning'>;

const TICK_MS = 25;
/** The longest time that the script and its helpers may take to follow their JVM before they are asked as well. */
const FOLLOW_MS = 2_000;
/** The longest time that script and helpers may take once they were asked: they have nothing to save. */
const LINGER_MS = 5_000;
const KILL_MS = 10_000;
/** The longest time that a server may take to answer a request to end. */
const ANSWER_MS = 5_000;
const PORTS_MS = 2_000;

/**
 * Asks the JVM, waits, insists, and believes only what the process table and the socket table say.
 * @throws LaunchError `survived-stop`
 */
export async function stop(
  server: StoppableServer,
  options: StopOptions,
  system: Stopping = nodeSystem,
): Promise<Stopped> {
  const startedMs = system.clock.now();
  const ownSockets = [...(options.ownSockets ?? []), ...(await socketsOf(server, system))];
  const askAndWait = system.host.asksBySignal ? askBySignal : askOverHttp;
  const wentByItself = await askAndWait(server, options, system);
  if (!wentByItself) await killUntilGone(server, system);
  await untilFree(server, ownSockets, system);
  return { how: wentByItself ? 'graceful' : 'killed', durationMs: Math.round(system.clock.now() - startedMs) };
}

/**
 * TERM to the JVM alone: the script then ends by itself and takes its helper along. TERM to the script would
 * orphan the JVM. False where something is left at the deadline.
 */
async function askBySignal(server: StoppableServer, options: StopOptions, system: Stopping): Promise<boolean> {
  const { graceMs, insisted, jvmPid } = options;
  const deadlineMs = system.clock.now() + graceMs;
  const asked = new Set<number>();
  let jvmSeenMs: number | undefined;
  for (;;) {
    const members = server.tree();
    if (members.length === 0) return true;
    const now = system.clock.now();
    const jvm = server.jvm(members, jvmPid);
    if (jvm) jvmSeenMs = now;
    const lingersMs = now - (jvmSeenMs ?? now);
    if (insisted.aborted || now >= deadlineMs || lingersMs >= FOLLOW_MS + LINGER_MS) return false;

    if (jvm) ask([jvm], asked, system);
    // All are asked where there is no JVM yet, or none that we can tell from the rest, or where helpers outstay theirs.
    else if (jvmSeenMs === undefined || lingersMs >= FOLLOW_MS) ask(members, asked, system);
    await system.clock.sleep(TICK_MS, insisted);
  }
}

/** Asks over HTTP, which some servers take, where no signal asks a process to end; false where something is left. */
async function askOverHttp(server: StoppableServer, options: StopOptions, system: Stopping): Promise<boolean> {
  const { graceMs, insisted, management } = options;
  if (server.tree().length === 0) return true;
  const deadlineMs = system.clock.now() + graceMs;
  const inTime = withinTime(insisted, Math.min(graceMs, ANSWER_MS));
  if (!management || !(await askToShutDown(management, inTime, system))) return server.tree().length === 0;
  while (!insisted.aborted && system.clock.now() < deadlineMs) {
    if (server.tree().length === 0) return true;
    await system.clock.sleep(TICK_MS, insisted);
  }
  return false;
}

/** Asks each process once; a JVM that restarts itself in this moment comes back with another pid. */
function ask(members: readonly ProcessRow[], asked: Set<number>, { processes }: Stopping): void {
  for (const member of members) {
    if (!asked.has(member.pid)) processes.signal(member, 'SIGTERM');
    asked.add(member.pid);
  }
}

/** Kills again and again, for a server may fork faster than one look. @throws LaunchError `survived-stop` */
async function killUntilGone(server: StoppableServer, system: Stopping): Promise<void> {
  const { clock, host, processes } = system;
  const deadlineMs = clock.now() + KILL_MS;
  for (;;) {
    const members = server.tree();
    if (members.length === 0) return;
    if (clock.now() >= deadlineMs) {
      const survivors = members.map(({ pid, name }) => ({ pid, command: name }));
      throw new LaunchError({ kind: 'survived-stop', processes: survivors, ports: [] });
    }
    await host.killTogether(server.leader, members, system);
    for (const member of members) processes.signal(member, 'SIGKILL');
    await clock.sleep(TICK_MS);
  }
}

/** The listening sockets that this server has at the moment. */
async function socketsOf(server: StoppableServer, { sockets }: Stopping): Promise<string[]> {
  const pids = server.tree().map(({ pid }) => pid);
  const listeners = await sockets.listeners(new Set(server.ports.map(({ number }) => number)), pids);
  return listeners.filter((socket) => isHeldBy(socket, pids)).map(({ id }) => id);
}

/**
 * A process outside the tree can have inherited a listening socket: its port is then not free.
 * Another socket on that port is somebody else's, and none of our business.
 */
async function untilFree(server: StoppableServer, ownSockets: readonly string[], system: Stopping): Promise<void> {
  if (ownSockets.length === 0) return;
  const deadlineMs = system.clock.now() + PORTS_MS;
  for (;;) {
    const held = await heldBy(server, ownSockets, system);
    if (held.length === 0) return;
    if (system.clock.now() >= deadlineMs) throw new LaunchError({ kind: 'survived-stop', processes: [], ports: held });
    await system.clock.sleep(TICK_MS);
  }
}

async function heldBy(server: StoppableServer, ownSockets: readonly string[], system: Stopping): Promise<TakenPort[]> {
  const listeners = await system.sockets.listeners(new Set(server.ports.map(({ number }) => number)), []);
  return listeners
    .filter(({ id }) => ownSockets.includes(id))
    .flatMap((socket) =>
      server.ports
        .filter(({ number }) => number === socket.port)
        .map(({ name, number }) => ({ name, number, by: nameHolder(socket, [], system) })),
    );
}
