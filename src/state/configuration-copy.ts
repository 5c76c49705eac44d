import { dirname } from 'node:path';
import { LaunchError } from '../domain/failure.js';
import { renderedMark } from '../home/rendering.js';
import { nodeSystem, type System } from '../system/index.js';
import { removeCertificates } from './certificate-files.js';
import { configurationFolder } from './configuration-folder.js';
import { checkOwn } from './folder.js';
import { checkGenerated, generatedFile, writeGenerated } from './generated-file.js';

/** The instance that a copy of a configuration is made for; a name has only one. */
export interface CopyOwner {
  readonly name: string;
  readonly home: string;
}

type Naming = Pick<System, 'control'>;

/** The path of the file that is laid over the configuration of an instance. */
export const overlayFile = ({ name }: Pick<CopyOwner, 'name'>, folder: string, system: Naming): string =>
  generatedFile(folder, `${name}.yaml`, system);

/** The path of an instance's copy. */
export const copyFile = ({ name }: Pick<CopyOwner, 'name'>, folder: string, system: Naming): string =>
  generatedFile(folder, `${name}.toml`, system);

/**
 * Writes the copy, and has the server take notice of it.
 * @throws LaunchError `unusable-state-folder`, `unusable-home`
 */
export function writeCopy(
  owner: CopyOwner,
  text: string,
  folder: string,
  system: Naming & Pick<System, 'env' | 'files'> = nodeSystem,
): void {
  const file = copyFile(owner, folder, system);
  checkOwn(dirname(file), system);
  checkGenerated(folder, system);
  if (!system.files.remove(renderedMark(owner.home))) throw unforgettable(owner);
  writeGenerated(file, text, folder, system);
}

const unforgettable = ({ home }: CopyOwner): LaunchError =>
  new LaunchError({
    kind: 'unusable-home',
    what: `${renderedMark(home)} can't be removed: the server would take no notice of a changed configuration.`,
    hint: 'The server itself has to write there: mend the access rights of that folder.',
  });

/** A server that is ready has read its copy: the next one shall look again, even if nobody can clear up behind us. */
export function forgetRendering(
  owner: CopyOwner,
  folder: string,
  system: Naming & Pick<System, 'files'> = nodeSystem,
): void {
  if (system.files.exists(copyFile(owner, folder, system))) system.files.remove(renderedMark(owner.home));
}

/** Removes the copy, and has the next server of this home read its own file again. False where that can't be done. */
export function removeCopy(
  owner: CopyOwner,
  folder: string,
  system: Naming & Pick<System, 'files'> = nodeSystem,
): boolean {
  const file = copyFile(owner, folder, system);
  if (!system.files.exists(file)) return true;
  return system.files.remove(renderedMark(owner.home)) && system.files.remove(file);
}

/** Removes whatever was generated for an instance. False where a copy is left. */
export function removeGenerated(
  owner: CopyOwner,
  folder: string,
  system: Naming & Pick<System, 'files'> = nodeSystem,
): boolean {
  system.files.remove(overlayFile(owner, folder, system));
  system.files.removeLinkedFolder(configurationFolder(owner, folder, system));
  removeCertificates(owner.name, folder, system);
  return removeCopy(owner, folder, system);
}
