import { join } from 'node:path';
import { quoted } from '../domain/command.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';

const TMP_FOLDER = kind(
  'tmp-folder',
  'The server works in this folder; the start script empties it, and never makes it.',
);

export const tmpFolder: Check<'tmp-folder'> = {
  about: 'the tmp folder',
  look: ({ located, system }) => {
    if (located.runtime) return []; // the scripts of Carbon 5 empty no folder
    const path = join(located.home, 'tmp');
    return [judgeTmpFolder({ path, isThere: system.files.isFolder(path), isNeeded: system.host.scriptsNeedTmp })];
  },
};

export interface TmpFolder {
  readonly path: string;
  readonly isThere: boolean;
  /** A start script that does not find it empties the home instead. */
  readonly isNeeded: boolean;
}

export function judgeTmpFolder({ path, isThere, isNeeded }: TmpFolder): Finding<'tmp-folder'> {
  if (isThere) return TMP_FOLDER.fine(`${path} is there.`);
  const what = `${path} is missing.`;
  if (!isNeeded) return TMP_FOLDER.warning(what, `mkdir ${quoted(path)}`);
  return TMP_FOLDER.error(
    what,
    `mkdir "${path}"`,
    'The start script changes into it and deletes all it finds: without the folder, that is the whole home.',
  );
}
