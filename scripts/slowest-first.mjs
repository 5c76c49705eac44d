import { dirname, join, relative } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/**
 * Files that take long, the longest first: begun last, one of them alone would hold up the end. Jest remembers how
 * long each took, but a fresh clone has nothing to remember, and then it goes by size.
 */
export const SLOW = [
  'e2e/ports-lost',
  'e2e/guard',
  'e2e/ready',
  'e2e/worst-day',
  'e2e/package',
  'e2e/exec-ends',
  'e2e/server-ends',
  'e2e/long-run',
  'e2e/restart',
  'e2e/detached-survival',
  'e2e/exec-reuse',
  'e2e/stop-command',
  'e2e/library-acquire',
  'e2e/follow-offset',
  'e2e/supervisor',
  'e2e/faults',
  'domain/toml-edit',
].map((name) => join('test', `${name}.test.ts`));

/** Next come those that start real processes at all. */
const FOLDERS = ['e2e', 'users', 'property', 'system'].map((name) => join('test', name));

export default class SlowestFirst extends Sequencer {
  sort(tests) {
    const usual = super.sort(tests);
    const isRemembered = usual.every(({ duration }) => duration !== undefined);
    return isRemembered ? usual : usual.sort((one, other) => placeOf(one) - placeOf(other));
  }
}

function placeOf({ path, context }) {
  const file = relative(context.config.rootDir, path);
  const [name, folder] = [SLOW.indexOf(file), FOLDERS.indexOf(dirname(file))];
  if (name !== -1) return name;
  return SLOW.length + (folder === -1 ? FOLDERS.length : folder);
}
