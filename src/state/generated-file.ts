import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { hasShellSpecials } from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import { nodeSystem, type System } from '../system/index.js';

const usualFolder = (stateFolder: string): string => join(stateFolder, 'generated');

/**
 * The path of a file that is generated for a server, private to its user. The start scripts expand it unquoted: below a
 * state folder whose path they can't carry it would not be found, and it lies elsewhere.
 */
export function generatedFile(
  stateFolder: string,
  name: string,
  { control }: Pick<System, 'control'> = nodeSystem,
): string {
  const usual = join(usualFolder(stateFolder), name);
  if (!hasShellSpecials(usual)) return usual;
  try {
    return control.placeFor(sharedName(stateFolder, name));
  } catch {
    return usual; // a path where nothing can be written, as checkGenerated says, and nothing removed that is not ours
  }
}

/** Names are unique in their own state folder only. */
const sharedName = (stateFolder: string, name: string): string =>
  `${createHash('sha256').update(stateFolder).digest('hex').slice(0, 12)}-${name}`;

/** Whether the start scripts will find such a file. @throws LaunchError `unusable-state-folder` */
export function checkGenerated(stateFolder: string, { control }: Pick<System, 'control'> = nodeSystem): void {
  if (!hasShellSpecials(usualFolder(stateFolder))) return;
  try {
    control.placeFor('');
  } catch (error) {
    throw new LaunchError({
      kind: 'unusable-state-folder',
      folder: stateFolder,
      reason: `the start scripts can't carry a path with its spaces or glob characters, and elsewhere ${(error as Error).message}`,
      hint: 'Name one without them in WSO2_LAUNCH_STATE_DIR.',
    });
  }
}

/** @throws LaunchError `unusable-state-folder` */
export function writeGenerated(
  path: string,
  text: string,
  stateFolder: string,
  system: Pick<System, 'control' | 'files'> = nodeSystem,
): void {
  writeInGenerated(path, stateFolder, () => system.files.replaceText(path, text), system);
}

/**
 * Writes in the folder of a generated file, which is made where it is missing.
 * @throws LaunchError `unusable-state-folder`
 */
export function writeInGenerated(
  path: string,
  stateFolder: string,
  write: () => void,
  system: Pick<System, 'control' | 'files'> = nodeSystem,
): void {
  checkGenerated(stateFolder, system);
  const folder = dirname(path);
  try {
    if (folder === usualFolder(stateFolder)) system.files.makePrivateFolder(folder);
    else system.files.makeOwnFolder(folder);
    write();
  } catch (error) {
    throw new LaunchError({ kind: 'unusable-state-folder', folder, reason: (error as Error).message });
  }
}
