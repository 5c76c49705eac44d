import { join, resolve } from 'node:path';
import { quoted } from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import { nearestExisting } from '../system/files.js';
import { nodeSystem, type System } from '../system/index.js';
import { unusableFor } from '../system/shortage.js';

/** The folder of our own files: `WSO2_LAUNCH_STATE_DIR`, else the usual place of this system for state. */
export function stateFolder({
  host,
  env,
  userFolder,
  currentFolder,
}: Pick<System, 'host' | 'env' | 'userFolder' | 'currentFolder'> = nodeSystem): string {
  if (env['WSO2_LAUNCH_STATE_DIR']) return resolve(currentFolder() ?? '/', env['WSO2_LAUNCH_STATE_DIR']);
  return join(host.statePlace(env, userFolder), 'wso2-launch');
}

/** The folder of what is remembered of databases. */
export const BIRTHS = 'births';

/** The folder of what test runners load. */
export const RUNNERS = 'runners';

/** The parts of the state folder, each in a folder of its own. */
const PARTS = ['instances', 'logs', 'generated', 'sockets', BIRTHS, RUNNERS];

/** The path of an instance's log. */
export const logFileOf = (folder: string, name: string): string => join(folder, 'logs', `${name}.log`);

type Judging = Pick<System, 'files' | 'env'>;

/** Makes the state folder usable. @throws LaunchError `unusable-state-folder` */
export function prepareStateFolder(folder: string, system: Judging = nodeSystem): void {
  checkStateFolder(folder, system);
  try {
    system.files.makePrivateFolder(folder);
    system.files.makePrivateFolder(join(folder, 'logs'));
  } catch (error) {
    throw unusableFor(error, folder);
  }
  checkOwn(folder, system); // another user may have been faster
}

/** Whether the state folder can be used, or made, with nothing made. @throws LaunchError `unusable-state-folder` */
export function checkStateFolder(folder: string, system: Judging = nodeSystem): void {
  const { files } = system;
  checkOwn(folder, system);
  for (const wanted of [folder, join(folder, 'logs')]) {
    const existing = existingFolder(wanted, folder, files);
    if (!files.isWritable(existing)) throw unusable(folder, `${existing} may not be written to`);
  }
}

/**
 * Checks that the state folder is ours alone: another user who could write there would have us believe in instances,
 * and read, write and remove files by their names.
 * @throws LaunchError `unusable-state-folder` where it or a part of it is not ours alone, or no folder
 */
export function checkOwn(folder: string, { files, env }: Judging = nodeSystem): void {
  const existing = existingFolder(folder, folder, files);
  if (lookedAt(folder, () => files.whyNotOurs(folder)) === 'hidden') {
    throw unusable(folder, `${existing} may not be looked into`, makeYours(existing));
  }
  // Root has been lent a HOME: its user could neither read nor remove what is made there, and asked for nothing.
  const lender = env['WSO2_LAUNCH_STATE_DIR'] ? undefined : files.lentBy(existing);
  if (lender !== undefined) throw unusable(folder, `${existing} belongs to user ${lender}, not to root`, OF_ROOT);
  const open = lookedAt(folder, () => files.openToOthers(folder));
  if (open !== undefined) {
    const mend = 'Name one in WSO2_LAUNCH_STATE_DIR that lies in folders of yours or of root.';
    throw unusable(folder, `another user can put something else in its place (by ${open})`, mend);
  }
  for (const path of [folder, ...PARTS.map((part) => join(folder, part))]) {
    const subject = path === folder ? 'it' : path;
    const why = lookedAt(folder, () => files.whyNotOurs(path));
    if (why === 'foreign') {
      const hint = files.lentBy(path) === undefined ? makeYours(path) : OF_ROOT;
      throw unusable(folder, `${subject} belongs to another user`, hint);
    }
    if (why === 'writable') {
      const mend = `Take that right from them: chmod go-w ${quoted(path)}`;
      throw unusable(folder, `other users may write to ${subject}`, mend);
    }
  }
}

/** @throws LaunchError `unusable-state-folder` where the system doesn't let us look */
function lookedAt<T>(folder: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw unusable(folder, (error as Error).message);
  }
}

const OF_ROOT =
  'With sudo -H root uses its own; sudo -u USER asks as that user; WSO2_LAUNCH_STATE_DIR names another one.';

const makeYours = (path: string): string =>
  `Make it yours (sudo chown -R "$(id -u)" ${quoted(path)}), or name another one in WSO2_LAUNCH_STATE_DIR.`;

function existingFolder(wanted: string, folder: string, files: System['files']): string {
  const existing = nearestExisting(wanted, files);
  if (!files.isFolder(existing)) throw unusable(folder, `${existing} is not a folder`);
  return existing;
}

const unusable = (folder: string, reason: string, hint?: string): LaunchError =>
  new LaunchError({ kind: 'unusable-state-folder', folder, reason, ...(hint !== undefined && { hint }) });
