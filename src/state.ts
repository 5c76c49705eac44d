import { dirname, isAbsolute, join, resolve } from 'node:path';
import { LaunchError } from './domain/failure.js';
import { nodeSystem, type System } from './system/index.js';

/** Where our own files go: `WSO2_LAUNCH_STATE_DIR`, else the platform's usual place for state. */
export function stateFolder({
  platform,
  env,
  userFolder,
  currentFolder,
}: Pick<System, 'platform' | 'env' | 'userFolder' | 'currentFolder'> = nodeSystem): string {
  if (env['WSO2_LAUNCH_STATE_DIR']) return resolve(currentFolder() ?? '/', env['WSO2_LAUNCH_STATE_DIR']);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(userFolder(), 'AppData/Local'), 'wso2-launch');
  if (platform === 'darwin') return join(userFolder(), 'Library/Application Support/wso2-launch');
  // A relative path is to be ignored, says the XDG specification.
  const state = env['XDG_STATE_HOME'];
  return join(state && isAbsolute(state) ? state : join(userFolder(), '.local/state'), 'wso2-launch');
}

/** Makes the state folder usable. @throws LaunchError `unusable-state-folder` */
export function prepareStateFolder(folder: string, system: Pick<System, 'files'> = nodeSystem): void {
  checkStateFolder(folder, system);
  try {
    system.files.makePrivateFolder(folder);
    system.files.makePrivateFolder(join(folder, 'logs'));
  } catch (error) {
    throw unusable(folder, (error as Error).message);
  }
}

/** Whether the state folder can be used, or made, with nothing made. @throws LaunchError `unusable-state-folder` */
export function checkStateFolder(folder: string, { files }: Pick<System, 'files'> = nodeSystem): void {
  for (const wanted of [folder, join(folder, 'logs')]) {
    const existing = existingFolder(wanted, folder, files);
    if (!files.isWritable(existing)) throw unusable(folder, `${existing} may not be written to`);
  }
  checkOwn(folder, { files });
}

/** @throws LaunchError `unusable-state-folder` where it is somebody else's, or no folder */
export function checkOwn(folder: string, { files }: Pick<System, 'files'> = nodeSystem): void {
  existingFolder(folder, folder, files);
  const owner = files.ownerOf(folder);
  if (owner !== undefined && owner !== process.getuid?.()) throw unusable(folder, 'it belongs to another user');
}

function existingFolder(wanted: string, folder: string, files: System['files']): string {
  const existing = nearestExisting(wanted, files);
  if (!files.isFolder(existing)) throw unusable(folder, `${existing} is not a folder`);
  return existing;
}

/** A path itself, or the nearest folder above it that is there. */
export function nearestExisting(path: string, files: System['files']): string {
  return files.exists(path) || path === dirname(path) ? path : nearestExisting(dirname(path), files);
}

const unusable = (folder: string, reason: string): LaunchError =>
  new LaunchError({ kind: 'unusable-state-folder', folder, reason });
