import { homedir } from 'node:os';
import { type Clock, systemClock } from './clock.js';
import { type Control, socketControl } from './control.js';
import { type Files, nodeFiles } from './files.js';
import { type Http, nodeHttp } from './http.js';
import { fileLeases, type Leases, leaseFolder } from './leases.js';
import { type Machine, nodeMachine } from './machine.js';
import { type Mutex, mutexFor } from './mutex.js';
import { type Processes, procProcesses, psProcesses } from './processes.js';
import { procSockets, type Sockets, toolSockets } from './sockets.js';
import { posixSpawning, type Spawning } from './spawning.js';
import { windowsProcesses } from './windows/processes.js';
import { windowsSockets } from './windows/sockets.js';
import { windowsSpawning } from './windows/spawning.js';

/** Everything outside: the stages get it as their last parameter, and tests give their own. */
export interface System {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Who started us, read as early as can be: it may be gone before anybody asks. */
  readonly parentPid: number;
  /** Undefined where the current folder has been deleted. */
  currentFolder(): string | undefined;
  userFolder(): string;
  readonly clock: Clock;
  readonly files: Files;
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
/** Windows takes names of variables in any case: `Path` is PATH. */
const env =
  platform === 'win32'
    ? Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name.toUpperCase(), value]))
    : process.env;

const { processes, sockets, spawning } = partsOf(platform);

function partsOf(system: NodeJS.Platform): Pick<System, 'processes' | 'sockets' | 'spawning'> {
  switch (system) {
    case 'linux':
      return { processes: procProcesses, sockets: procSockets, spawning: posixSpawning };
    case 'win32':
      return { processes: windowsProcesses(), sockets: windowsSockets, spawning: windowsSpawning };
    default:
      return { processes: psProcesses, sockets: toolSockets, spawning: posixSpawning };
  }
}

const folder = leaseFolder(platform, env);

export const nodeSystem: System = {
  platform,
  env,
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
  sockets,
  http: nodeHttp,
  processes,
  spawning,
  leases: fileLeases(folder, processes),
  mutex: mutexFor(platform, folder),
  control: socketControl(platform),
  machine: nodeMachine,
};
