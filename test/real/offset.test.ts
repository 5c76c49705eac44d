import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect } from '@jest/globals';
import { pidInFile } from '../../src/ports/idle-home.js';
import { nodeSystem } from '../../src/system/index.js';
import { isAlive } from '../support/machine.js';
import { until } from '../support/wait.js';
import { listenersOf } from './listeners.js';
import { type KernelSandbox, portsAt, row, startScriptOf } from './row.js';

/** Starts the script as its user would, waits until the server has all its ports at an offset, and ends both. */
async function startByHandAt(sandbox: KernelSandbox, home: string, offset: number): Promise<void> {
  const script = sandbox.startByHand(startScriptOf(home));
  try {
    await until(
      `${portsAt(offset)} of a server started by hand; they are ${listenersIn(home)}`,
      () => String(listenersIn(home)) === String(portsAt(offset)),
      120_000,
    );
  } finally {
    await end(script, home);
  }
}

/** The server that runs in a home, started by whomever. */
function serverIn(home: string): number | undefined {
  const pid = pidInFile(home, nodeSystem.files);
  return pid !== undefined && isAlive(pid) ? pid : undefined;
}

function listenersIn(home: string): number[] {
  const pid = serverIn(home);
  return pid === undefined ? [] : listenersOf(pid);
}

/** Ends a script and the server that it has started, if any. */
async function end(script: ChildProcess, home: string): Promise<void> {
  const ended = once(script, 'exit');
  process.kill(-(script.pid as number), 'SIGTERM');
  await ended;
  await until('the end of the server', () => serverIn(home) === undefined, 60_000);
}

row('offset set 3, then the script by hand: the server takes 3; offset unset: 0', async (sandbox) => {
  const home = sandbox.kernel();
  const offset = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await sandbox.run(['offset', ...words, '--home', home]);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  await offset('set', '3');
  await startByHandAt(sandbox, home, 3);
  await offset('unset');
  await startByHandAt(sandbox, home, 0);
});
