import { lstatSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The real path of the folder for temporary files. */
export const temporaryPlace = (): string => realpathSync(tmpdir());

/** Makes a new folder that only we may enter; its name begins with `prefix`. @throws the system's error */
export const makeTemporaryFolder = (place: string, prefix: string): string => mkdtempSync(join(place, prefix));

/** Whether a path is a folder of ours; false for what another user has put there, be it a link to a folder of ours. */
export function isOwnFolder(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && (process.getuid === undefined || stats.uid === process.getuid());
}

/** Removes a folder with all that is in it. @throws the system's error where something can't be removed */
export const removeFolder = (path: string): void => rmSync(path, { recursive: true, force: true });
