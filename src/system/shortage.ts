import { LaunchError } from '../domain/failure.js';

/** Throws an error again by which the machine lacks files or memory: then nothing is known to be missing or gone. */
export function rethrowShortage(error: unknown): void {
  if (/^(EMFILE|ENFILE|ENOMEM)$/.test((error as NodeJS.ErrnoException | undefined)?.code ?? '')) throw error;
}

/**
 * The failure that a system's error means for the state folder. @throws the error, where the machine lacks files or
 * memory
 */
export function unusableFor(error: unknown, folder: string): LaunchError {
  rethrowShortage(error);
  const { code, message } = error as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new LaunchError({
    kind: 'unusable-state-folder',
    folder,
    reason: message,
    ...(isFull && { hint: MAKE_ROOM }),
  });
}

const MAKE_ROOM = 'Make room on its disk (df -h and df -i tell), or name another one in WSO2_LAUNCH_STATE_DIR.';
