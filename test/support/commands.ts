import { expect } from '@jest/globals';
import type { Cli, CliOptions } from './cli.js';
import { isFree, leaseFilesOf } from './machine.js';
import type { Ended, Sandbox } from './sandbox.js';
import { until } from './wait.js';

/** Commands that `exec` runs beside a server of a home, on the smallest free offset from some number on. */
export function commandsIn(now: () => { readonly sandbox: Sandbox; readonly home: string }, min: number) {
  const execWords = (command: readonly string[], more: readonly string[] = []): string[] => [
    ...['exec', 'mi', '--home', now().home, '-a', '--min-offset', String(min), ...more],
    ...['--', ...command],
  ];

  return {
    execWords,

    exec: (command: readonly string[], options?: CliOptions): Cli => now().sandbox.start(execWords(command), options),

    runExec: (command: readonly string[], options?: CliOptions): Promise<Ended> =>
      now().sandbox.run(execWords(command), options),

    async expectNothingLeft(): Promise<void> {
      expect(now().sandbox.processes()).toEqual([]);
      expect(leaseFilesOf(now().sandbox.state)).toEqual([]);
      expect(await isFree(min)).toBe(true);
    },
  };
}

/** The pid of a command that has said `running PID`. */
export async function pidOfRunning(cli: Pick<Cli, 'stdout'>): Promise<number> {
  return until('the command to run', () => Number(/running (\d+)/.exec(cli.stdout)?.[1]) || undefined);
}
