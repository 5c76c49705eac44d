import { checkStateFolder, stateFolder as stateFolderOf } from '../state/folder.js';
import { attempt } from './attempt.js';
import type { Check } from './check.js';
import { kind } from './finding.js';

const STATE_FOLDER = kind('state-folder', 'A launch keeps its logs and records there.');

export const stateFolder: Check<'state-folder'> = {
  about: 'the state folder',
  look: ({ system }) => {
    const folder = stateFolderOf(system);
    const refused = attempt(() => checkStateFolder(folder, system));
    return [refused ? STATE_FOLDER.failed(refused) : STATE_FOLDER.fine(`${folder} can be used.`)];
  },
};
