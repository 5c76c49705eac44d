import { closeSync, constants, fstatSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
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
    const existing = nearestExisting(wanted, files);
    if (!files.isFolder(existing)) throw unusable(folder, `${existing} is not a folder`);
    if (!files.isWritable(existing)) throw unusable(folder, `${existing} may not be written to`);
  }
  const owner = files.ownerOf(folder);
  if (owner !== undefined && owner !== process.getuid?.()) throw unusable(folder, 'it belongs to another user');
}

function nearestExisting(path: string, files: System['files']): string {
  return files.exists(path) || path === dirname(path) ? path : nearestExisting(dirname(path), files);
}

const unusable = (folder: string, reason: string): LaunchError =>
  new LaunchError({ kind: 'unusable-state-folder', folder, reason });

/** An instance's log: the server writes it through this descriptor, so that no reader can slow it. */
export interface LogFile {
  readonly file: string;
  readonly fd: number;
  /** Bytes in it so far. */
  size(): number;
  /** Moves all that is in it to `.1`, and what was there further on; the server goes on writing to the same file. */
  cut(): Promise<void>;
  close(): void;
}

/** As many files are kept, the current one among them. */
const LOGS_KEPT = 5;

/** A new log for an instance of this name; the one before is kept beside it as `.1`. */
export function openLog(folder: string, name: string): LogFile {
  const file = join(folder, 'logs', `${name}.log`);
  try {
    renameIfThere(file, `${file}.1`);
    const fd = openSync(file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
    return {
      file,
      fd,
      size: () => fstatSync(fd).size,
      cut: () => cutLog(file, fd),
      close: () => closeSync(fd),
    };
  } catch (error) {
    throw new LaunchError({ kind: 'unusable-state-folder', folder, reason: (error as Error).message });
  }
}

/** The server holds the file open: it is copied and emptied. What it writes in between is lost, which is said. */
async function cutLog(file: string, fd: number): Promise<void> {
  for (let number = LOGS_KEPT - 2; number >= 1; number--) renameIfThere(`${file}.${number}`, `${file}.${number + 1}`);
  const { size } = fstatSync(fd);
  await copyFile(file, `${file}.1`);
  const isWritten = fstatSync(fd).size !== size;
  ftruncateSync(fd, 0);
  if (isWritten) writeSync(fd, `--- wso2-launch: the log goes on here; lines may be missing before this one ---\n`);
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
