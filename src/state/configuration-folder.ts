import { basename, dirname } from 'node:path';
import type { ChangedFile } from '../domain/changed-settings.js';
import { nodeSystem, type System } from '../system/index.js';
import { generatedFile, writeInGenerated } from './generated-file.js';

/** The path of the folder that takes the place of an instance's configuration folder. */
export const configurationFolder = (
  { name }: { readonly name: string },
  folder: string,
  system: Pick<System, 'control'> = nodeSystem,
): string => generatedFile(folder, `${name}.conf`, system);

/**
 * Writes the folder: one file of it is changed, and all else that of the home.
 * @throws LaunchError `unusable-state-folder`
 */
export function writeConfigurationFolder(
  path: string,
  { path: file, after }: ChangedFile,
  stateFolder: string,
  system: Pick<System, 'control' | 'files'> = nodeSystem,
): void {
  const own = { name: basename(file), text: after };
  writeInGenerated(path, stateFolder, () => system.files.makeLinkedFolder(path, dirname(file), own), system);
}
