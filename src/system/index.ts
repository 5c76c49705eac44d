import { homedir } from 'node:os';
import { type Clock, systemClock } from './clock.js';
import { type Control, socketControl } from './control.js';
import { environment } from './environment.js';
import { type Files, nodeFiles } from './files.js';
import type { Host } from './host.js';
import { type Http, nodeHttp } from './http.js';
import { fileLeases, type Leases, leaseFolder } from './leases.js';
import { type Machine, nodeMachine } from './machine.js';
import { macosHost } from './macos/host.js';
import { type Mutex, mutexFor } from './mutex.js';
import { posixHost } from './posix/host.js';
import { type Processes, procProcesses, psProcesses } from './processes.js';
import { procSockets, type Sockets, toolSockets } from './sockets.js';
import { posixSpawning, type Spawning } from './spawning.js';
import { nodeTrees, type Trees } from './trees.js';
import { windowsHost } from './windows/host.js';
import { windowsProcesses } from './windows/processes.js';
import { windowsSockets } from './windows/sockets.js';
import { windowsSpawning } from './windows/spawning.js';

/** Everything outside: the stages get it as their last parameter, and tests give their own. */
export interface System {
  readonly host: Host;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** The pid of our parent, read as early as can be: it may be gone before anybody asks. */
  readonly parentPid: number;
  /** Undefined where the current folder has been deleted. */
  currentFolder(): string | undefined;
  userFolder(): string;
  readonly clock: Clock;
  readonly files: Files;
  readonly trees: Trees;
  readonly sockets: Sockets;
  readonly http: Http;
  readonly processes: Processes;
  readonly spawning: Spawning;
  readonly leases: Leases;
  readonly mutex: Mutex;
  readonly control: Control;
  readonly machine: Machine;
}

const { platform } = process;
const parts = partsOf(platform);
const folder = leaseFolder(platform, environment);

/** The parts that differ between systems. */
function partsOf(system: NodeJS.Platform): Pick<System, 'host' | 'processes' | 'sockets' | 'spawning'> {
  switch (system) {
    case 'linux':
      return { host: posixHost, processes: procProcesses, sockets: procSockets, spawning: posixSpawning };
    case 'win32':
      return {
        host: windowsHost,
        processes: windowsProcesses(),
        sockets: windowsSockets,
        spawning: windowsSpawning,
      };
    default: {
      const host = system === 'darwin' ? macosHost : posixHost;
      return { host, processes: psProcesses, sockets: toolSockets, spawning: posixSpawning };
    }
  }
}

export const nodeSystem: System = {
  ...parts,
  env: environment,
  pid: process.pid,
  parentPid: process.ppid,
  currentFolder: () => {
    try {
      return process.cwd();
    } catch {
      return undefined;
    }
  },
  // A user without an entry and without HOME, as in some containers, has none.
  userFolder: () => {
    try {
      return homedir();
    } catch {
      return '/nonexistent';
    }
  },
  clock: systemClock,
  files: nodeFiles,
  trees: nodeTrees,
  http: nodeHttp,
  leases: fileLeases(folder, parts.processes),
  mutex: mutexFor(platform, folder),
  control: socketControl(platform),
  machine: nodeMachine,
};
