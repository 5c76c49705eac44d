import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SUPERVISOR_FD } from './spawning.js';

/** The supervisor's end of what it was started with: see {@link Spawning.startSupervisor}. It may be opened once. */
export const openSupervisorChannel = (): Duplex =>
  // Not a file's stream: a write that waits for a suspended launcher would hold up even our exit.
  new Socket({ fd: SUPERVISOR_FD, readable: true, writable: true, allowHalfOpen: true });
