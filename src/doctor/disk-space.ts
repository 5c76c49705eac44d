import { quoted } from '../domain/command.js';
import { stateFolder } from '../state/folder.js';
import { nearestExisting } from '../system/files.js';
import { inMebibytes, MEBIBYTE } from './bytes.js';
import type { Check, Findings } from './check.js';
import { kind, unchecked } from './finding.js';

const DISK_SPACE = kind('disk-space', 'A server that can write neither logs nor databases fails in odd ways.');

export const diskSpace: Check<'disk-space'> = {
  about: 'the free disk space',
  look: ({ located, system }) => {
    const state = stateFolder(system);
    return [
      judgeDiskSpace(located.home, system.machine.freeSpace(located.home)),
      judgeDiskSpace(state, system.machine.freeSpace(nearestExisting(state, system.files))),
    ];
  },
};

const ENOUGH_SPACE = 256 * MEBIBYTE;

/** @param free bytes; undefined where the system doesn't tell */
export function judgeDiskSpace(path: string, free: number | undefined): Findings<'disk-space'>[number] {
  if (free === undefined)
    return unchecked(`the space left for ${path}`, 'The system does not tell it', `df -h ${quoted(path)}`);
  const what = `${inMebibytes(free)} are free for ${path}`;
  if (free >= ENOUGH_SPACE) return DISK_SPACE.fine(`${what}.`);
  return DISK_SPACE.warning(`Only ${what}.`, `Make room there: df -h ${quoted(path)}`);
}
