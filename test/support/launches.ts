import { expect } from '@jest/globals';
import type { StandInBehaviour } from '../../src/standin/jvm.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli, JsonEvent } from './cli.js';
import type { Sandbox } from './sandbox.js';

/** How the test's own process is named where it holds a port. */
export const ourselves = () => ({ pid: process.pid, command: nodeSystem.processes.find(process.pid)?.name });

/** Launches in the foreground in a test's sandbox, each on the smallest free offset from some number on. */
export function launchesIn(sandboxNow: () => Sandbox, min: number) {
  const launch = (product: 'mi' | 'apim', home: string, more: readonly string[]): Cli =>
    sandboxNow().start([product, '--home', home, '-a', '--min-offset', String(min), '--json', ...more]);

  return {
    auto: (home: string, ...more: string[]): Cli => launch('mi', home, more),

    misbehaving: (behaviour: StandInBehaviour): string => sandboxNow().home('mi', { behaviour }),

    apim(behaviour: StandInBehaviour = {}, toml?: string): Cli {
      const configuration = toml === undefined ? {} : { configuration: toml };
      return launch(
        'apim',
        sandboxNow().home('apim', { product: 'apim', version: '4.5.0', behaviour, ...configuration }),
        [],
      );
    },

    /** Waits for a failure, of which nothing is left. */
    async failure(cli: Cli): Promise<JsonEvent> {
      const { code } = await cli.exited;
      const failed = await cli.event('failed');
      expect(failed['code']).toBe(code);
      expect(sandboxNow().processes()).toEqual([]);
      return failed;
    },
  };
}
