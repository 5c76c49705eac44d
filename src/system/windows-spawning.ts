import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { batchCommandLine, GATE_VARIABLE } from '../domain/batch.js';
import { exitOf, guardOf, posixSpawning, type Spawning, UNATTENDED } from './spawning.js';

/** Beside the bundle, as a file of its own: {@link windows-guard.ts}. */
const GUARD_FILE = 'windows-guard.cjs';

export const windowsSpawning: Spawning = {
  ...posixSpawning,

  /** Not detached: it has a console of its own that nobody sees, and neither Ctrl-C nor a window reaches the JVM. */
  async startGated({ file, args, cwd }, env, logFd) {
    const { execa } = await import('execa');
    const { [GATE_VARIABLE]: _, ...rest } = env;
    const subprocess = execa(process.env['ComSpec'] ?? 'cmd.exe', [batchCommandLine(file, args)], {
      ...UNATTENDED,
      cwd,
      env: rest,
      windowsVerbatimArguments: true,
      stdio: ['pipe', logFd, logFd] as unknown as ['pipe', 1, 2],
    });
    const exited = exitOf(subprocess);
    if (subprocess.pid === undefined) throw (await exited).error;
    const gate = subprocess.stdin as unknown as Writable;
    gate.on('error', () => {}); // it ended at the gate, which its exit tells
    return { pid: subprocess.pid, exited, open: () => gate.end('go\r\n') };
  },

  /** Detached: what we start otherwise, Windows ends together with us. */
  async startGuard({ leaseFile, needed }) {
    const { execa } = await import('execa');
    const subprocess = execa(process.execPath, [join(__dirname, GUARD_FILE), ...needed, leaseFile], {
      ...UNATTENDED,
      cwd: '/',
      env: process.env as Record<string, string>,
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    return guardOf(subprocess);
  },
};
