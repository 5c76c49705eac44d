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
  return hasShellSpecials(usual) ? join(control.folder, name) : usual;
}

/** @throws the system's error */
export function writeGenerated(path: string, text: string, { files }: Pick<System, 'files'> = nodeSystem): void {
  files.makePrivateFolder(dirname(path));
  files.replaceText(path, text);
}
