import { lookup } from 'node:dns/promises';
import { readFileSync, statfsSync } from 'node:fs';
import { arch, cpus, freemem, hostname, release, totalmem, type } from 'node:os';
import { noAnswer } from './clock.js';
import { trustedRoots } from './trusted-roots.js';

/** The resources that a machine has left for one more server. */
export interface Machine {
  hostname(): string;
  /** The operating system and what Node runs on it. */
  describe(): MachineFacts;
  /** The most files that a process we start may have open; undefined where the system doesn't tell. */
  openFileLimit(): number | undefined;
  /** The most bytes that such a process may write to a file; undefined where the system doesn't tell. */
  fileSizeLimit(): number | undefined;
  /** Bytes that a new process could have, within the limit of our container as well. */
  availableMemory(): number;
  /** Bytes that may still be written below an existing path; undefined where the system doesn't tell. */
  freeSpace(path: string): number | undefined;
  /** Why a host name doesn't resolve; undefined where it does. */
  whyUnresolved(name: string, timeoutMs: number): Promise<string | undefined>;
  /** The certificates that this system trusts, in PEM; where it doesn't tell, those that Node brings. */
  trustedRoots(): Promise<string>;
}

export interface MachineFacts {
  readonly system: string;
  readonly release: string;
  readonly architecture: string;
  readonly processors: number;
  readonly memoryBytes: number;
  /** The version of Node. */
  readonly node: string;
}

export const nodeMachine: Machine = {
  hostname,
  describe: () => ({
    system: type(),
    release: release(),
    architecture: arch(),
    processors: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
  }),
  openFileLimit: () => softLimit('Max open files'), // Node raises it to the hard one when it starts
  fileSizeLimit: () => softLimit('Max file size'),
  availableMemory: () => {
    // 0 where there is no limit, or none that is known.
    const limit = process.constrainedMemory();
    return limit > 0 ? Math.min(limit, freemem()) : freemem();
  },
  freeSpace: (path) => {
    try {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize;
    } catch {
      return undefined;
    }
  },
  whyUnresolved,
  trustedRoots,
};

/** A limit of this process, which children inherit; undefined where the system doesn't tell. */
function softLimit(name: string): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    const soft = new RegExp(`^${name}\\s+(\\d+|unlimited)`, 'm').exec(limits)?.[1];
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined; // no /proc
  }
}

async function whyUnresolved(name: string, timeoutMs: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(noAnswer(timeoutMs)), timeoutMs);
  });
  const found = lookup(name).then(
    () => undefined,
    ({ code, message }: NodeJS.ErrnoException) => code ?? message,
  );
  return Promise.race([found, late]).finally(() => clearTimeout(timer));
}
