import { expect } from '@jest/globals';
import type { ProcessRow } from '../../src/domain/tree.js';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import type { Cli, CliOptions } from './cli.js';
import { descendantsOf, isFree, leaseFilesOf, leasesOf, survivorsOf } from './machine.js';
import type { Sandbox } from './sandbox.js';
import { until } from './wait.js';

/** Times after the start of a launcher, in milliseconds: from before its first line of ours to behind the start of its server. */
export const MOMENTS = Array.from({ length: 26 }, (_, index) => index * 20);

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Kills a launcher in one instant, and returns what it had started by then, its guard among it. */
export async function killSuddenly(cli: Cli): Promise<ProcessRow[]> {
  cli.kill('SIGSTOP');
  const family = descendantsOf(cli.pid);
  cli.kill('SIGKILL');
  await cli.exited;
  return family;
}

/** Launches on the smallest free offset from some number on, and what has to be seen behind one that was killed. */
export function launchesToKillIn(sandboxNow: () => Sandbox, min: number) {
  const launch = (home: string, more: readonly string[] = [], options: CliOptions = {}): Cli =>
    sandboxNow().start(['mi', '--home', home, '-a', '--min-offset', String(min), '--json', ...more], options);

  return {
    launch,

    misbehaving: (behaviour: StandInBehaviour): string => sandboxNow().home('mi', { behaviour }),

    async untilNothingIsLeft(family: readonly ProcessRow[]): Promise<void> {
      await until('the family of the dead launcher to be gone', () => survivorsOf(family).length === 0);
      await until('the sandbox to be empty', () => sandboxNow().processes().length === 0);
      expect(await leasesOf(sandboxNow().state)).toEqual([]);
      expect(await isFree(min)).toBe(true);
    },

    /** Whatever was killed before, a fresh launch gets the smallest offset again. */
    async expectFreshLaunch(home: string): Promise<void> {
      const cli = launch(home);
      expect(await cli.event('ready')).toMatchObject({ name: 'mi', offset: min, warnings: [] });
      cli.kill('SIGINT');
      expect(await cli.exited).toEqual({ code: 130, signal: null });
      expect(sandboxNow().processes()).toEqual([]);
      expect(leaseFilesOf(sandboxNow().state)).toEqual([]);
    },
  };
}
