import type { PortHolder } from '../domain/failure.js';
import { homeInArguments } from '../domain/tree.js';
import { nodeSystem, type System } from '../system/index.js';
import type { LiveLease } from '../system/leases.js';
import type { PortSocket } from '../system/sockets.js';

/** Says who is behind a socket: its program, and the instance of ours or the WSO2 home that it belongs to. */
export function nameHolder(
  { port, pids, ownerId }: PortSocket,
  leases: readonly LiveLease[],
  { processes }: Pick<System, 'processes'> = nodeSystem,
): PortHolder {
  const pid = pids[0] ?? null;
  const row = pid === null ? undefined : processes.find(pid);
  if (!row) {
    const theirs = leases.find((one) => one.stranger && one.stranger.uid === ownerId && one.ports.includes(port));
    return theirs ? holderOfLease(theirs, { processes }) : { pid, command: null };
  }
  const lease = leases.find(
    ({ isElsewhere, server, supervisor }) =>
      !isElsewhere && (row.session === server?.pid || row.pid === supervisor.pid),
  );
  if (lease) return { pid, command: row.name, instance: lease.name };
  const home = homeInArguments(processes.argumentsOf(row.pid));
  return { pid, command: row.name, ...(home !== undefined && { home }) };
}

/** The lease that promises a port, as its holder: the server may not have bound it yet. */
export const holderOfLease = (lease: LiveLease, { processes }: Pick<System, 'processes'> = nodeSystem): PortHolder => {
  if (lease.isElsewhere) return { pid: null, command: null, instance: lease.name };
  const pid = lease.server?.pid ?? lease.supervisor.pid;
  return { pid, command: processes.find(pid)?.name ?? null, instance: lease.name };
};

/** The holders of these ports, looked up all at once; ports that nobody was found on are missing. */
export async function findHolders(
  ports: Iterable<number>,
  leases: readonly LiveLease[],
  system: Pick<System, 'processes' | 'sockets'> = nodeSystem,
): Promise<Map<number, PortHolder>> {
  const wanted = new Set(ports);
  if (wanted.size === 0) return new Map();
  const sockets = await system.sockets.holders(wanted);
  // A listener says more than whoever merely talks from the port: it comes first, so it is entered last.
  return new Map(sockets.reverse().map((socket) => [socket.port, nameHolder(socket, leases, system)]));
}
