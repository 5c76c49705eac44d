import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { Exit } from './spawning.js';

/** A started program; one that could not be started has no process, and its exit has the error. */
export interface Child {
  readonly subprocess: ChildProcess | undefined;
  readonly exited: Promise<Exit>;
}

/**
 * Starts a program. No error is thrown, and none is left to end us, as execa leaves the one of a system on which no
 * more files may be opened.
 */
export async function startChild(file: string, args: readonly string[], options: SpawnOptions): Promise<Child> {
  const { spawn } = await import('node:child_process');
  let subprocess: ChildProcess;
  try {
    subprocess = spawn(file, args, { windowsHide: true, ...options });
  } catch (error) {
    return { subprocess: undefined, exited: Promise.resolve(failed(error as Error)) }; // ETXTBSY comes with no event
  }
  const exited = new Promise<Exit>((resolve) => {
    subprocess.on('error', (error) => resolve(failed(error)));
    subprocess.once('exit', (code, signal) => resolve({ code, signal }));
  });
  // A child has no streams either where no more files may be opened.
  return { subprocess: subprocess.pid === undefined ? undefined : subprocess, exited };
}

const failed = (error: Error): Exit => ({ code: null, signal: null, error });
