import type { Check, Findings } from './check.js';
import { kind, unchecked } from './finding.js';

const OPEN_FILES = kind(
  'open-files',
  'With fewer than 4096 open files a server fails under load: connections and databases count too.',
);

const ENOUGH_FILES = 4096;

export const openFiles: Check<'open-files'> = {
  about: 'the limit of open files',
  look: ({ system }) => [judgeOpenFiles(system.machine.openFileLimit())],
};

/** @param limit undefined where the system doesn't tell */
export function judgeOpenFiles(limit: number | undefined): Findings<'open-files'>[number] {
  if (limit === undefined) return unchecked('the limit of open files', 'This system does not tell it', 'ulimit -n');
  if (limit >= ENOUGH_FILES) return OPEN_FILES.fine(`A server may have ${limit} files open.`);
  return OPEN_FILES.warning(`A server may have only ${limit} files open.`, `ulimit -n ${ENOUGH_FILES}`);
}
