import { join } from 'node:path';
import { parseJson } from '../domain/json.js';
import { type HomesReading, usualHomesFolders } from '../home/private-homes.js';
import { nodeSystem, type System } from '../system/index.js';

/** The file that remembers the folders in which private homes were made: they lie beside their installations. */
const fileOf = (stateFolder: string): string => join(stateFolder, 'homes-folders.json');

/** Every folder in which there may be private homes of this user. */
export function homesFolders(stateFolder: string, system: HomesReading = nodeSystem): string[] {
  return [...new Set([...usualHomesFolders(stateFolder, system), ...remembered(stateFolder, system)])];
}

/** Remembers a folder, for as long as it is there. @throws the system's error */
export function rememberHomesFolder(
  folder: string,
  stateFolder: string,
  system: Pick<System, 'files'> = nodeSystem,
): void {
  const known = remembered(stateFolder, system);
  if (known.includes(folder)) return;
  const folders = [...known.filter((one) => system.files.isFolder(one)), folder];
  system.files.replaceText(fileOf(stateFolder), `${JSON.stringify({ folders })}\n`);
}

function remembered(stateFolder: string, { files }: Pick<System, 'files'>): string[] {
  try {
    const { folders } = parseJson(files.readText(fileOf(stateFolder)) ?? '{}') as { readonly folders?: unknown };
    return Array.isArray(folders) ? folders.filter((one) => typeof one === 'string') : [];
  } catch {
    return []; // torn by a full disk: those beside an installation are found again by its next launch
  }
}
