import { LaunchError } from '../domain/failure.js';
import { formatDuration } from '../domain/numbers.js';
import { LOGS_KEPT } from '../server/log-file.js';
import { removeCertificates } from '../state/certificate-files.js';
import { stateFolder } from '../state/folder.js';
import { nodeSystem, type System } from '../system/index.js';
import { type Instance, isRunning, listInstances } from './list.js';
import { recordFileOf } from './records.js';

type Pruning = Pick<System, 'clock' | 'leases' | 'mutex'> & NonNullable<Parameters<typeof listInstances>[0]>;

const MUTEX_TIMEOUT_MS = 30_000;

/**
 * Forgets the instances that have ended, and removes their logs unless these are kept: the names of those forgotten.
 * @throws LaunchError `choosing-blocked`, `unusable-state-folder`, or the system's error
 */
export async function pruneInstances(keepsLogs: boolean, system: Pruning = nodeSystem): Promise<string[]> {
  const { clock, files, leases, mutex } = system;
  const folder = stateFolder(system);
  const askedMs = clock.now();
  // A name is chosen under the mutex, with a lease; only then its record is written and its log begun anew.
  const release = await mutex.acquire(MUTEX_TIMEOUT_MS, new AbortController().signal);
  if (!release) {
    const waited = formatDuration(clock.now() - askedMs);
    throw new LaunchError({ kind: 'choosing-blocked', waited, pid: mutex.holder?.() });
  }
  try {
    const taken = (await leases.readLive()).filter((lease) => lease.stateFolder === folder).map(({ name }) => name);
    const ended = (await listInstances(system)).filter((one) => !isRunning(one) && !taken.includes(one.name));
    const forgotten = ended.filter(({ name }) => files.remove(recordFileOf(folder, name)));
    // Of a killed one whose supervisor could not clear up, and of one that was asked for its certificates as it ended.
    for (const { name } of forgotten) removeCertificates(name, folder, system);
    if (!keepsLogs) for (const log of forgotten.flatMap(logsOf)) files.remove(log);
    return forgotten.map(({ name }) => name);
  } finally {
    release();
  }
}

/** The log of an instance, and what was cut off from it. */
const logsOf = ({ logFile }: Instance): string[] => [
  logFile,
  ...Array.from({ length: LOGS_KEPT - 1 }, (_, index) => `${logFile}.${index + 1}`),
];
