import type { LiveLease } from './leases.js';

/** More ports than any server opens, a few times over. */
const MOST_PORTS = 256;
/** The most ports of a user, whose servers may all be starting at once; a sixteenth of all ports. */
const MOST_PORTS_OF_A_USER = 4_096;
/** The longest time in which a server binds its ports, from when its lease was last written. */
const TIME_TO_BIND_MS = 15 * 60_000;

/**
 * Limits the ports that other users' leases keep from us. Binding a port keeps it from everybody; a lease costs less,
 * so it keeps fewer ports, and only for as long as a server may take to bind them.
 */
export class StrangersClaims {
  readonly #promised = new Map<number, number>();

  judge<T extends Omit<LiveLease, 'id'>>(lease: T, writtenAtMs: number): T {
    if (!lease.stranger || !lease.keepsPorts) return lease;
    const { uid } = lease.stranger;
    const promised = (this.#promised.get(uid) ?? 0) + lease.ports.length;
    const isYoung = Math.abs(Date.now() - writtenAtMs) < TIME_TO_BIND_MS;
    const isModest = lease.ports.length <= MOST_PORTS && promised <= MOST_PORTS_OF_A_USER;
    if (!isYoung || !isModest) return { ...lease, keepsPorts: false };
    this.#promised.set(uid, promised);
    return lease;
  }
}
