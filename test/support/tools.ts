import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';

const isThere = (tool: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, tool)));

/** `test` and `describe` where something is possible; elsewhere their skipping twins, which name what is lacking. */
export function where(isPossible: boolean, lacking: string) {
  const titled = (title: string): string => (isPossible ? title : `${title} (lacks ${lacking})`);
  return {
    test: (title: string, run: () => unknown, timeoutMs?: number): void =>
      (isPossible ? test : test.skip)(titled(title), run as () => void, timeoutMs),
    describe: (title: string, run: () => void): void => (isPossible ? describe : describe.skip)(titled(title), run),
  };
}

/** Where these programs are on the PATH. */
export function needing(...tools: readonly string[]): ReturnType<typeof where> {
  const lacking = tools.filter((tool) => !isThere(tool));
  return where(lacking.length === 0, lacking.join(', '));
}
