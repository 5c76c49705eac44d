import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { hasShellSpecials } from './domain/command.js';
import { nodeSystem, type System } from './system/index.js';

/**
 * Where a file that is generated for a server lies, private to its user. The start scripts expand its path unquoted:
 * below a state folder whose path they can't carry it would not be found.
 */
export function generatedFile(
  stateFolder: string,
  name: string,
  { control }: Pick<System, 'control'> = nodeSystem,
): string {
  const usual = join(stateFolder, 'generated', name);
  if (!hasShellSpecials(usual)) return usual;
  // Names are unique in their own state folder only.
  const folderId = createHash('sha256').update(stateFolder).digest('hex').slice(0, 12);
  return join(control.folder, `${folderId}-${name}`);
}

/** @throws the system's error */
export function writeGenerated(path: string, text: string, { files }: Pick<System, 'files'> = nodeSystem): void {
  files.makePrivateFolder(dirname(path));
  files.replaceText(path, text);
}
