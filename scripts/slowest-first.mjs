import { dirname, relative, sep } from 'node:path';
import Sequencer from '@jest/test-sequencer';

/**
 * Files that wait long, the longest first: begun last, one of them alone would hold up the end. Jest remembers how
 * long each took, but a fresh clone has nothing to remember, and then it goes by size.
 */
export const SLOW = [
  'ports-lost',
  'guard',
  'ready',
  'worst-day',
  'package',
  'exec-ends',
  'server-ends',
  'long-run',
  'restart',
  'detached-survival',
  'exec-reuse',
  'stop-command',
  'library-acquire',
  'follow-offset',
  'supervisor',
  'faults',
].map((name) => ['test', 'e2e', `${name}.test.ts`].join(sep));

/** Next come those that start real processes at all. */
const FOLDERS = ['e2e', 'users', 'property', 'system'].map((name) => ['test', name].join(sep));

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
