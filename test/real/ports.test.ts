import { expect } from '@jest/globals';
import { listenersOf } from './listeners.js';
import { type KernelSandbox, ONE_PAIR_A_KERNEL, PAIRS, row } from './row.js';

/** What `ports` says of a running server, and what the server listens on. */
async function bothOf(sandbox: KernelSandbox, offset: number): Promise<{ told: number[]; real: number[] }> {
  const home = sandbox.kernel();
  const foretold = await numbersOf(sandbox, 'server', '--home', home, '--offset', String(offset));
  const cli = sandbox.launch(home, ['--offset', String(offset)]);
  const { pid, name, warnings } = await cli.event('ready');
  // An older kernel's script grumbles at a newer JDK, which is passed on; the server runs on it all the same.
  expect((warnings as string[]).filter((warning) => !warning.includes('is supported only'))).toEqual([]);
  const real = listenersOf(pid as number);
  expect(await numbersOf(sandbox, name as string)).toEqual(foretold);

  cli.kill('SIGINT');
  expect(await cli.exited).toEqual({ code: 130, signal: null });
  return { told: foretold, real };
}

async function numbersOf(sandbox: KernelSandbox, ...words: string[]): Promise<number[]> {
  const { code, stdout, stderr } = await sandbox.run(['ports', ...words, '--json']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { ports } = JSON.parse(stdout) as { ports: { number: number }[] };
  return ports.map(({ number }) => number).sort((a, b) => a - b);
}

for (const { offset, on } of [
  { offset: 0, on: ONE_PAIR_A_KERNEL },
  { offset: 37, on: PAIRS },
]) {
  row(
    `ports at offset ${offset} are those on which the server listens`,
    async (sandbox) => {
      const { told, real } = await bothOf(sandbox, offset);
      const missing = told.filter((port) => !real.includes(port));
      const surplus = real.filter((port) => !told.includes(port));
      expect({ missing, surplus }).toEqual({ missing: [], surplus: [] });
      expect(told).toContain(9443 + offset);
    },
    { on },
  );
}
