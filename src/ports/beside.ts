import { LaunchError } from '../domain/failure.js';
import { formatDuration } from '../domain/numbers.js';
import type { System } from '../system/index.js';
import type { LiveLease } from '../system/leases.js';
import { keepsHome } from './idle-home.js';
import { readLeases } from './report.js';

type Beside = Pick<System, 'clock' | 'files' | 'leases' | 'mutex'>;

/** Time enough for others to see our lease and to take their own away. */
const GIVE_WAY_MS = 1_000;
const TICK_MS = 25;
/** Doubled each time, so that of many who choose at once some come alone. */
const FIRST_PAUSE_MS = 100;
const MOST_DOUBLINGS = 6;
const DEADLINE_MS = 120_000;
/** The number of times that we give way to another user, who may write a lease to spite each of ours. */
const MOST_FOR_STRANGERS = 5;

/**
 * Chooses without a turn, while others may do the same: each writes its lease first and looks for rivals afterwards, so
 * that of two at least one sees the other and gives way.
 * @param chooseAndLease chooses by the leases that are there, and writes ours
 * @throws LaunchError `choosing-blocked`; what `chooseAndLease` throws; the signal's reason
 */
export async function chooseBeside<T>(
  leaseId: string,
  chooseAndLease: () => Promise<T>,
  signal: AbortSignal,
  system: Beside,
): Promise<T> {
  const { clock, leases, mutex } = system;
  const startedMs = clock.now();
  for (let tries = 1; ; tries++) {
    const chosen = await chooseAndLease();
    try {
      await mutex.untilPassed?.(signal); // whoever has the turn may have looked before we wrote
      if (await isUnrivalled(leaseId, tries <= MOST_FOR_STRANGERS, system)) return chosen;
    } catch (error) {
      leases.withdraw(leaseId);
      throw error;
    }
    leases.withdraw(leaseId);
    const waitedMs = clock.now() - startedMs;
    if (waitedMs > DEADLINE_MS) throw new LaunchError({ kind: 'choosing-blocked', waited: formatDuration(waitedMs) });
    await clock.sleep(Math.random() * FIRST_PAUSE_MS * 2 ** Math.min(tries, MOST_DOUBLINGS), signal);
    signal.throwIfAborted();
  }
}

/** Whether our lease can stay: among rivals who see each other, the one whose id comes first does, if the others go. */
async function isUnrivalled(leaseId: string, alsoByStrangers: boolean, system: Beside): Promise<boolean> {
  const deadlineMs = system.clock.now() + GIVE_WAY_MS;
  for (;;) {
    const rivals = await rivalsOf(leaseId, alsoByStrangers, system);
    if (rivals.length === 0) return true;
    if (rivals.some(({ id }) => id < leaseId) || system.clock.now() >= deadlineMs) return false;
    await system.clock.sleep(TICK_MS);
  }
}

async function rivalsOf(leaseId: string, alsoByStrangers: boolean, { files, leases }: Beside): Promise<LiveLease[]> {
  const live = await readLeases({ leases });
  const ours = live.find(({ id }) => id === leaseId);
  if (!ours) return [];
  const ports = new Set(ours.ports);
  const isRival = (lease: LiveLease): boolean =>
    (lease.keepsPorts && lease.ports.some((port) => ports.has(port))) ||
    keepsHome(lease, ours.home, { files }) ||
    (lease.name === ours.name && lease.stateFolder === ours.stateFolder && !lease.stranger);
  return live.filter((lease) => lease.id !== leaseId && (alsoByStrangers || !lease.stranger) && isRival(lease));
}
