import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { ClientPorts } from '../domain/port-warnings.js';
import { linkOf, openFilesOf } from './open-files.js';
import { rethrowShortage } from './shortage.js';

/** A socket on a port, and the processes that share it: none for another user's, whose files we may not read. */
export interface PortSocket {
  readonly port: number;
  /** An id, the same at each look at one socket, as far as the system tells sockets apart. */
  readonly id: string;
  readonly pids: readonly number[];
  /** The user who opened it, where the system tells. */
  readonly ownerId?: number;
  /** Present where the system does not tell whose the socket is. */
  readonly isUntold?: true;
}

/** A socket that one of these processes shares is theirs, whoever else has inherited it. */
export const isHeldBy = (socket: PortSocket, pids: readonly number[]): boolean =>
  socket.pids.some((pid) => pids.includes(pid));

export interface Sockets {
  /**
   * The first of these ports that can't be bound; undefined where all can, all held together, then released.
   * A probe is no reservation: only a lease keeps other launchers away.
   */
  firstBusy(ports: readonly number[]): Promise<number | undefined>;
  /** Ports that somebody listens on, as far as a short look tells: none of them can be bound. */
  listening?(): ReadonlySet<number>;
  /** The sockets that listen on these ports; the given processes are looked at first. */
  listeners(ports: ReadonlySet<number>, suspects: readonly number[]): Promise<PortSocket[]>;
  /** The listeners on these ports; for a port without one, the sockets that hold it otherwise, such as a client's. */
  holders(ports: ReadonlySet<number>): Promise<PortSocket[]>;
  /** The ports that the system gives to outgoing connections. */
  clientPorts(): ClientPorts;
}

/** The range that IANA sets aside for outgoing connections: the default of macOS and Windows. */
export const DYNAMIC_PORTS: ClientPorts = { min: 49_152, max: 65_535 };

function clientPortsOfLinux(): ClientPorts {
  try {
    const [min = 0, max = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'latin1')
      .split(/\s+/)
      .map(Number);
    return { min, max };
  } catch {
    return DYNAMIC_PORTS;
  }
}

/**
 * Tries one `listen` without a host for each port. On Linux its answer is the server's own: libuv and the JDK both set
 * SO_REUSEADDR, and a dual-stack wildcard meets every other listener.
 */
export async function firstBusyByBinding(ports: readonly number[]): Promise<number | undefined> {
  const servers: Server[] = [];
  try {
    for (const port of ports) {
      const server = createServer();
      servers.push(server);
      server.listen({ port, exclusive: true });
      // A free port is listened on by the time `listen` returns: no turn of the event loop is taken.
      if (!server.listening && !(await untilListening(server))) return port;
    }
    return undefined;
  } finally {
    for (const server of servers) server.close();
  }
}

function untilListening(server: Server): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('listening', () => resolve(true));
    server.once('error', (error: NodeJS.ErrnoException) => {
      // EACCES: a privileged port, or one of Windows' excluded ranges: no server could bind it either.
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
  });
}

/**
 * macOS and Windows: a wildcard bind succeeds beside a listener on one address, so every local address
 * is tried. get-port remembers its answers for a while and falls back on a random port: forget, compare.
 */
export async function firstBusyByGetPort(ports: readonly number[]): Promise<number | undefined> {
  const { clearLockedPorts, default: getPort } = await import('get-port');
  for (const port of ports) {
    clearLockedPorts();
    // get-port fails where the system can't list its addresses, as has been seen under wine.
    const answer = await getPort({ port }).catch(() => ifFreeOnKnownAddresses(port));
    if (answer !== port) return port;
  }
  return undefined;
}

/** The addresses that are there without being listed: the wildcard and loopback. */
const KNOWN_ADDRESSES = [undefined, '0.0.0.0', '127.0.0.1', '::1'];

async function ifFreeOnKnownAddresses(port: number): Promise<number | undefined> {
  for (const host of KNOWN_ADDRESSES) {
    const server = createServer();
    server.listen({ port, host, exclusive: true });
    const isFree = await untilListening(server).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRNOTAVAIL' || error.code === 'EINVAL') return true; // a system without IPv6
      throw error;
    });
    if (!isFree) return undefined;
    await new Promise((resolve) => server.close(resolve));
  }
  return port;
}

/** Linux: the kernel's socket tables, and the sockets among the open files of processes. */
export const procSockets: Sockets = {
  firstBusy: firstBusyByBinding,
  clientPorts: clientPortsOfLinux,
  listening: () =>
    new Set(
      readRows({ listenersOnly: true, mostPages: 40 })
        .filter(isListening)
        .map(({ port }) => port),
    ),
  listeners: async (ports, suspects) => ownersOf(readListeners(ports), suspects),
  holders: async (ports) => {
    const listeners = readListeners(ports);
    const others = new Set(ports);
    for (const { port } of listeners) others.delete(port);
    return ownersOf(others.size === 0 ? listeners : [...listeners, ...readRows({ listenersOnly: false }, others)]);
  },
};

/** macOS: the system's own tool, through pid-port. It has run on Linux, not yet there. */
export const toolSockets: Sockets = {
  firstBusy: firstBusyByGetPort,
  clientPorts: () => DYNAMIC_PORTS,
  listeners: async (ports) => holdersByTool(ports),
  holders: async (ports) => holdersByTool(ports),
};

async function holdersByTool(ports: ReadonlySet<number>): Promise<PortSocket[]> {
  const { allPortsWithPid } = await import('pid-port');
  const all = await allPortsWithPid({ host: '*' });
  return [...all].flatMap(([port, pid]) => (ports.has(port) ? [{ port, id: String(port), pids: [pid] }] : []));
}

interface SocketRow {
  readonly port: number;
  readonly state: string;
  readonly inode: string;
  readonly ownerId: number;
}

const isListening = ({ state }: SocketRow): boolean => state === '0A';

const readListeners = (ports: ReadonlySet<number>): SocketRow[] =>
  readRows({ listenersOnly: true }, ports).filter(isListening);

interface SocketLook {
  /** False: all rows; true: all listeners, with some rows of others. */
  readonly listenersOnly: boolean;
  /** The most pages read of each table; a page has some 25 rows. */
  readonly mostPages?: number;
}

/** Reads the rows of these ports; absent: of all ports. */
function readRows(look: SocketLook, ports?: ReadonlySet<number>): SocketRow[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readTable(table, look)
      .split('\n')
      .flatMap((line) => parseSocketRow(line, ports)),
  );
}

const block = Buffer.allocUnsafe(64 * 1024);

/** A read gives as many whole rows as fit a page: with fewer bytes than this the table is at its end. */
const FULL_PAGE = 3_500;

/**
 * Reads a table, and does not look for more at its end: that costs as much as the look before, milliseconds, for the
 * kernel walks its whole hash of connections. The listeners come before them (tcp_ipv4.c, tcp_get_idx).
 */
function readTable(path: string, { listenersOnly, mostPages = Number.POSITIVE_INFINITY }: SocketLook): string {
  let fd: number | undefined;
  let text = '';
  try {
    fd = openSync(path, 'r');
    for (let page = 0; page < mostPages; page++) {
      const count = readSync(fd, block);
      const rows = block.toString('latin1', 0, count);
      text += rows;
      if (count < FULL_PAGE || (listenersOnly && !endsWithListener(rows))) break;
    }
    return text;
  } catch (error) {
    rethrowShortage(error);
    return text; // a kernel without IPv6 has no tcp6
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const endsWithListener = (rows: string): boolean =>
  parseSocketRow(rows.slice(rows.lastIndexOf('\n', rows.length - 2) + 1)).some(isListening);

// `  0: 0100007F:24E3 00000000:0000 0A …`: local address, remote address, state, …, user as eighth, inode as tenth column.
function parseSocketRow(line: string, ports?: ReadonlySet<number>): SocketRow[] {
  const end = line.indexOf(' ', line.indexOf(': ') + 2);
  const port = Number.parseInt(line.slice(end - 4, end), 16);
  if (ports && !ports.has(port)) return [];
  const [, , , state, , , , ownerId, , inode] = line.trim().split(/\s+/);
  return state === undefined || inode === undefined ? [] : [{ port, state, inode, ownerId: Number(ownerId) }];
}

/** A process with so many open files is looked into last: each is a system call. */
const MANY_FILES = 1_000;

/** The processes that share each socket, suspects first; without suspects, one of each is enough. */
function ownersOf(rows: readonly SocketRow[], suspects?: readonly number[]): PortSocket[] {
  // Inode 0 means that no process has the socket any more (TIME_WAIT).
  const sockets = rows.filter(({ inode }) => inode !== '0');
  const found = new Map<string, number[]>(sockets.map(({ inode }) => [inode, []]));
  const isUnfound = (): boolean => [...found.values()].some((pids) => pids.length === 0);

  for (const pid of suspects ?? []) enterSockets(pid, openFilesOf(pid), found);
  if (isUnfound()) {
    const pids = readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number);
    const postponed: number[] = [];
    for (const pid of pids.filter((other) => !suspects?.includes(other))) {
      const files = openFilesOf(pid);
      if (files.length > MANY_FILES) postponed.push(pid);
      else enterSockets(pid, files, found);
      if (!suspects && !isUnfound()) break;
    }
    if (suspects || isUnfound()) for (const pid of postponed) enterSockets(pid, openFilesOf(pid), found);
  }
  return sockets.map(({ port, inode, ownerId }) => ({ port, id: inode, pids: found.get(inode) ?? [], ownerId }));
}

function enterSockets(pid: number, files: readonly string[], found: ReadonlyMap<string, number[]>): void {
  const inodes = new Set(files.map((file) => /^socket:\[(\d+)\]$/.exec(linkOf(file))?.[1] ?? ''));
  for (const inode of inodes) found.get(inode)?.push(pid);
}
