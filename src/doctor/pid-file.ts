import { join } from 'node:path';
import { quoted } from '../domain/command.js';
import type { ProcessRow } from '../domain/tree.js';
import { readRecords } from '../instance/records.js';
import { pidInFile } from '../ports/idle-home.js';
import { stateFolder } from '../state/folder.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import type { Patient } from './patient.js';

const STALE_PID_FILE = kind(
  'stale-pid-file',
  "The start script's own start and stop believe that file: one refuses while any process has the number, the other ends whoever has it.",
);

export const pidFile: Check<'stale-pid-file'> = {
  about: 'the pid file',
  look: (patient) => {
    const { located, server, system } = patient;
    const pid = pidInFile(located.runtimeHome, system.files);
    const holder = pid === undefined ? undefined : system.processes.find(pid);
    const path = join(located.runtimeHome, located.runtime ? 'runtime.pid' : 'wso2carbon.pid');
    const isOfServer = server !== undefined;
    // A record is only looked for where it decides.
    const isLeft = holder !== undefined && !isOfServer && isLeftByOwn(path, patient);
    return [judgePidFile({ path, pid, holder, isOfServer, isLeft })];
  },
};

/** Whether the file was written while an instance of ours ran in the home, which has ended since. */
function isLeftByOwn(path: string, { located, system }: Patient): boolean {
  const { files } = system;
  const home = files.realPath(located.runtimeHome);
  const writtenMs = files.writtenAtMs(path);
  return readRecords(stateFolder(system), system).some(
    ({ home: folder, runtimeHome = folder, startedAt, exit }) =>
      exit !== undefined &&
      Date.parse(startedAt) <= writtenMs &&
      writtenMs <= Date.parse(exit.at) &&
      files.realPath(runtimeHome) === home,
  );
}

/** The home's `wso2carbon.pid`, or `runtime.pid` of Carbon 5, and the process that it names. */
export interface PidFile {
  readonly path: string;
  /** Undefined where there is no such file, or nothing in it. */
  readonly pid: number | undefined;
  /** The process that has that number now. */
  readonly holder: ProcessRow | undefined;
  /** True where the home runs: its server has written the file. */
  readonly isOfServer: boolean;
  /** True where an instance of ours has left it: no server deletes the file when it ends. */
  readonly isLeft: boolean;
}

export function judgePidFile({ path, pid, holder, isOfServer, isLeft }: PidFile): Finding<'stale-pid-file'> {
  if (pid === undefined) return STALE_PID_FILE.fine(`There is no ${path}.`);
  if (isOfServer) return STALE_PID_FILE.fine(`${path} is that of the running server.`);
  if (!holder) return STALE_PID_FILE.fine(`${path} names process ${pid}, which is gone.`);
  if (holder.isZombie) return STALE_PID_FILE.fine(`${path} names process ${pid}, which has ended.`);
  if (isLeft) return STALE_PID_FILE.fine(`${path} is left of an instance that has ended.`);
  const whose = `is ${holder.name}, not the server of this home`;
  return STALE_PID_FILE.warning(`${path} names process ${pid}, which ${whose}.`, `rm ${quoted(path)}`);
}
