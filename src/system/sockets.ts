import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/** A socket on a port, and the processes that share it: none for another user's, whose files we may not read. */
export interface PortSocket {
  readonly port: number;
  /** Two looks at one socket show the same; as far as the system tells sockets apart. */
  readonly id: string;
  readonly pids: readonly number[];
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
  /** The sockets that listen on these ports; the given processes are looked at first. */
  listeners(ports: ReadonlySet<number>, suspects: readonly number[]): Promise<PortSocket[]>;
  /** The sockets that hold these ports in any way, listeners first, a client's own port among it. */
  holders(ports: ReadonlySet<number>): Promise<PortSocket[]>;
}

/**
 * One `listen` without a host per port. On Linux its answer is the server's own: libuv and the JDK both
 * set SO_REUSEADDR, and a dual-stack wildcard meets every other listener.
 */
export async function firstBusyByBinding(ports: readonly number[]): Promise<number | undefined> {
  const servers: Server[] = [];
  try {
    for (const port of ports) {
      const server = createServer();
      servers.push(server);
      if (!(await canListen(server, port))) return port;
    }
    return undefined;
  } finally {
    for (const server of servers) server.close();
  }
}

/** Takes no turn of the event loop where the port is free: `listening` is true when `listen` returns. */
function canListen(server: Server, port: number): true | Promise<boolean> {
  const outcome = new Promise<boolean>((resolve, reject) => {
    server.once('listening', () => resolve(true));
    server.once('error', (error: NodeJS.ErrnoException) => {
      // EACCES: a privileged port, or one of Windows' excluded ranges: no server could bind it either.
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
  });
  server.listen({ port, exclusive: true });
  return server.listening ? true : outcome;
}

/**
 * macOS and Windows: a wildcard bind succeeds beside a listener on one address, so every local address
 * is tried. get-port remembers its answers for a while and falls back on a random port: forget, compare.
 */
export async function firstBusyByGetPort(ports: readonly number[]): Promise<number | undefined> {
  const { clearLockedPorts, default: getPort } = await import('get-port');
  for (const port of ports) {
    clearLockedPorts();
    if ((await getPort({ port })) !== port) return port;
  }
  return undefined;
}

/** Linux: the kernel's socket tables, and the sockets among the open files of processes. */
export const procSockets: Sockets = {
  firstBusy: firstBusyByBinding,
  listeners: async (ports, suspects) => ownersOf(readTables(ports).filter(isListening), suspects),
  holders: async (ports) => {
    const rows = readTables(ports);
    return ownersOf([...rows.filter(isListening), ...rows.filter((row) => !isListening(row))], []);
  },
};

/** macOS and Windows: the system's own tool, through pid-port. It has run on Linux, not yet there. */
export const toolSockets: Sockets = {
  firstBusy: firstBusyByGetPort,
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
}

const isListening = ({ state }: SocketRow): boolean => state === '0A';

function readTables(ports: ReadonlySet<number>): SocketRow[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => {
    let text: string;
    try {
      text = readFileSync(table, 'latin1');
    } catch {
      return []; // a kernel without IPv6 has no tcp6
    }
    return text.split('\n').flatMap((line) => parseSocketRow(line, ports));
  });
}

// `  0: 0100007F:24E3 00000000:0000 0A …`: local address, remote address, state, …, inode as tenth column.
function parseSocketRow(line: string, ports: ReadonlySet<number>): SocketRow[] {
  const columns = line.trim().split(/\s+/);
  const [, local, , state, , , , , , inode] = columns;
  if (local === undefined || state === undefined || inode === undefined) return [];
  const port = Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16);
  return ports.has(port) ? [{ port, state, inode }] : [];
}

function ownersOf(rows: readonly SocketRow[], suspects: readonly number[]): PortSocket[] {
  if (rows.length === 0) return [];
  const wanted = new Set(rows.map(({ inode }) => inode));
  const found = new Map<string, number[]>();
  search(suspects, wanted, found);
  if (rows.some(({ inode }) => !found.has(inode))) {
    const others = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && !suspects.includes(Number(entry)));
    search(others.map(Number), wanted, found);
  }
  return rows.flatMap(({ port, inode }) =>
    // Inode 0: no process has it any more (TIME_WAIT).
    inode === '0' ? [] : [{ port, id: inode, pids: found.get(inode) ?? [] }],
  );
}

function search(pids: readonly number[], wanted: ReadonlySet<string>, found: Map<string, number[]>): void {
  for (const pid of pids) {
    for (const inode of socketInodes(pid)) {
      if (wanted.has(inode)) found.set(inode, [...(found.get(inode) ?? []), pid]);
    }
  }
}

function socketInodes(pid: number): Set<string> {
  try {
    const folder = `/proc/${pid}/fd`;
    return new Set(
      readdirSync(folder).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`${folder}/${fd}`))?.[1] ?? []),
    );
  } catch {
    return new Set(); // gone, or another user's
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed since the folder was read
  }
}
