import { lstatSync } from 'node:fs';
import { TAG_VARIABLE } from '../domain/command.js';
import { isStill, type ProcessRow, treeOf } from '../domain/tree.js';
import type { FoundLease } from './leases.js';
import type { Processes } from './processes.js';
import { askWitness } from './witness.js';

/** The state of a lease's processes. */
export type Life =
  | {
      /** False: the supervisor is gone, and the server has outlived it. */
      readonly isSupervised: boolean;
      /** Present where the lease's pids are those of another PID namespace. */
      readonly isElsewhere?: true;
    }
  | 'over'
  /** The processes can't be seen from here: a launcher that can see them has to judge, and clear up. */
  | 'unknown';

/**
 * Judges leases by their pids where these can decide, else by the witness: what can't be seen is not dead. One
 * look at all processes serves all leases.
 */
export class LeaseLives {
  #rows: ProcessRow[] | undefined;

  constructor(private readonly processes: Processes) {}

  async of(id: string, lease: FoundLease, socket: string): Promise<Life> {
    const { boot, pidNamespace, supervisor, server } = lease.content;
    if (boot !== this.processes.bootId()) return 'over';
    const isHere = isOfNamespace(pidNamespace, this.processes);
    const seen = isHere ? this.#byPids(lease) : undefined;
    if (seen) return seen;
    const isHidden = (pid: number | undefined): boolean => pid !== undefined && this.processes.isHidden(pid);
    if (isHere && !isHidden(supervisor.pid) && !isHidden(server?.pid)) return 'over';
    return this.#byWitness(id, lease, socket);
  }

  #byPids({ content: { supervisor, server }, owner }: FoundLease): Life | undefined {
    const isSupervised = isStill(this.processes.find(supervisor.pid), supervisor);
    const holders = isSupervised ? [supervisor] : server ? treeOf(this.#table(), server, () => false) : [];
    // A file that claims somebody else's process is a forgery.
    return holders.some(({ pid }) => isOwnedBy(pid, owner.uid)) ? { isSupervised } : undefined;
  }

  /**
   * Judges by the witness; where neither supervisor nor guard lives, by the server's own processes as far as they can
   * be seen.
   */
  async #byWitness(id: string, { content, owner }: FoundLease, socket: string): Promise<Life> {
    const isHere = isOfNamespace(content.pidNamespace, this.processes);
    const elsewhere = isHere ? {} : ({ isElsewhere: true } as const);
    const said = content.isWitnessed ? await askWitness(socket, owner.uid) : 'unheard';
    if (said === 'alive' || said === 'unheard') return { isSupervised: true, ...elsewhere };
    const tagged = this.processes.withVariable(this.#table(), TAG_VARIABLE, id, { pid: 0, startTime: '0' });
    if ([...tagged].some((pid) => isOwnedBy(pid, owner.uid))) return { isSupervised: false, ...elsewhere };
    return isHere || this.processes.seesAllPids() ? 'over' : 'unknown';
  }

  #table(): ProcessRow[] {
    this.#rows ??= this.processes.snapshot();
    return this.#rows;
  }
}

/** Whether pids that were written down mean the same here; version 0.1.0 did not write down whose they are. */
export const isOfNamespace = (
  pidNamespace: string | null | undefined,
  processes: Pick<Processes, 'pidNamespace'>,
): boolean => pidNamespace === undefined || pidNamespace === processes.pidNamespace();

function isOwnedBy(pid: number, ownerId: number): boolean {
  try {
    return lstatSync(`/proc/${pid}`).uid === ownerId;
  } catch {
    return true; // a system without /proc
  }
}
