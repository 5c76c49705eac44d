import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { batchCommandLine, GATE_VARIABLE } from '../../domain/batch.js';
import { startChild } from '../child.js';
import { type Exit, guardOf, posixSpawning, type Spawning } from '../spawning.js';

/** The guard, {@link guard.ts}, as a file of its own beside the bundle. */
const GUARD_FILE = 'windows-guard.cjs';

export const windowsSpawning: Spawning = {
  ...posixSpawning,

  /** Not detached: the script has a console that nobody sees, and neither Ctrl-C nor a window reaches the JVM. */
  async startGated({ file, args, cwd }, env, logFd) {
    const { [GATE_VARIABLE]: _, ...rest } = env;
    const { subprocess, exited } = await startChild(
      process.env['ComSpec'] ?? 'cmd.exe',
      [batchCommandLine(file, args)],
      {
        cwd,
        env: rest,
        windowsVerbatimArguments: true,
        stdio: ['pipe', logFd, logFd],
      },
    );
    if (!subprocess) throw (await exited).error;
    const gate = subprocess.stdin as Writable;
    gate.on('error', () => {}); // the process ended at the gate, which its exit tells
    return { pid: subprocess.pid as number, exited, open: () => gate.end('go\r\n') };
  },

  /** Starts the guard detached: any other child Windows ends together with us. */
  async startGuard({ leaseFile, needed }) {
    const words = [join(__dirname, GUARD_FILE), ...needed, leaseFile];
    return guardOf(
      await startChild(process.execPath, words, { cwd: '/', detached: true, stdio: ['pipe', 'pipe', 'ignore'] }),
    );
  },

  /** Starts a command by execa, which runs batch files as well, such as `npm`. */
  async startCommand(file, args, env) {
    const { execa } = await import('execa');
    const options = { buffer: false, reject: false, cleanup: false, extendEnv: false, stdio: 'inherit' } as const;
    const subprocess = execa(file, [...args], { ...options, env: { ...env } });
    const { pid } = subprocess;
    const exited = pid === undefined ? failed(subprocess) : exitOf(subprocess);
    return { pid, exited, kill: (signal) => void subprocess.kill(signal) };
  },
};

type ExecaCommand = PromiseLike<{ readonly cause?: unknown; readonly shortMessage?: string | undefined }> & {
  once(event: 'exit', listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
};

const exitOf = (command: ExecaCommand): Promise<Exit> =>
  new Promise((resolve) => command.once('exit', (code, signal) => resolve({ code, signal })));

/** The exit of a command that could not even be started. */
async function failed(command: ExecaCommand): Promise<Exit> {
  const { cause, shortMessage } = await command;
  return { code: null, signal: null, error: cause instanceof Error ? cause : new Error(shortMessage) };
}
