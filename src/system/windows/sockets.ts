import type { PortSocket, Sockets } from '../sockets.js';
import { DYNAMIC_PORTS, firstBusyByGetPort } from '../sockets.js';

const NETSTAT_TIMEOUT_MS = 30_000;

/** Windows: what netstat lists. */
export const windowsSockets: Sockets = {
  firstBusy: firstBusyByGetPort,
  clientPorts: () => DYNAMIC_PORTS,
  listeners: async (ports) => listenersOn(ports, await netstat()),
  holders: async (ports) => {
    const printed = await netstat();
    const listeners = await listenersOn(ports, printed);
    const others = new Set([...ports].filter((port) => !listeners.some((socket) => socket.port === port)));
    return [...listeners, ...socketsIn(printed, others).map(({ socket }) => socket)];
  },
};

/** wine's netstat lists no listeners, and every Windows has some: whoever is on a port then keeps us from binding it. */
async function listenersOn(ports: ReadonlySet<number>, printed: string): Promise<PortSocket[]> {
  if (LISTENER.test(printed)) return listenersIn(printed, ports);
  const found: PortSocket[] = [];
  for (const port of ports) {
    if ((await firstBusyByGetPort([port])) !== undefined)
      found.push({ port, id: String(port), pids: [], isUntold: true });
  }
  return found;
}

const LISTENER = /^\s*TCP\s+\S+:\d+\s+\S+:0\s/m;

async function netstat(): Promise<string> {
  const { execFile } = await import('node:child_process');
  const options = { cwd: '/', timeout: NETSTAT_TIMEOUT_MS, maxBuffer: 64 * 2 ** 20, windowsHide: true }; // our folder may be gone
  return new Promise((resolve) => {
    execFile('netstat', ['-ano'], options, (_error, stdout) => resolve(stdout));
  });
}

/** The listeners among netstat's rows: their remote port is 0, for the word for the state is in the user's language. */
export const listenersIn = (printed: string, ports: ReadonlySet<number>): PortSocket[] =>
  socketsIn(printed, ports).flatMap(({ socket, remotePort }) => (remotePort === 0 ? [socket] : []));

// `  TCP    0.0.0.0:8290    0.0.0.0:0    LISTENING    4711`; wine leaves the last column out.
const ROW = /^\s*TCP\s+\S+:(\d+)\s+\S+:(\d+)(?:\s+\S+)?(?:\s+(\d+))?\s*$/;

function socketsIn(printed: string, ports: ReadonlySet<number>) {
  return printed.split('\n').flatMap((line): { socket: PortSocket; remotePort: number }[] => {
    const [, port, remotePort, pid] = (ROW.exec(line) ?? []).map(Number);
    if (port === undefined || remotePort === undefined || !ports.has(port)) return [];
    // Pid 0 is nobody's: a connection that has ended.
    const owner = pid ? { pids: [pid] } : { pids: [], isUntold: true as const };
    return [{ socket: { port, id: `${port} of ${pid}`, ...owner }, remotePort }];
  });
}
