import { join } from 'node:path';
import { quoted } from '../domain/command.js';
import type { ProcessRow } from '../domain/tree.js';
import { pidInFile } from '../ports/idle-home.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';

const STALE_PID_FILE = kind(
  'stale-pid-file',
  "The start script's own start and stop believe that file: one refuses while any process has the number, the other ends whoever has it.",
);

export const pidFile: Check<'stale-pid-file'> = {
  about: 'the pid file',
  look: ({ located, server, system }) => {
    const pid = pidInFile(located.runtimeHome, system.files);
    const holder = pid === undefined ? undefined : system.processes.find(pid);
    const path = join(located.runtimeHome, located.runtime ? 'runtime.pid' : 'wso2carbon.pid');
    return [judgePidFile({ path, pid, holder, isOfServer: server !== undefined })];
  },
};

/** The home's `wso2carbon.pid`, or `runtime.pid` of Carbon 5, and the process that it names. */
export interface PidFile {
  readonly path: string;
  /** Undefined where there is no such file, or nothing in it. */
  readonly pid: number | undefined;
  /** The process that has that number now. */
  readonly holder: ProcessRow | undefined;
  /** True where the home runs: its server has written the file. */
  readonly isOfServer: boolean;
}

export function judgePidFile({ path, pid, holder, isOfServer }: PidFile): Finding<'stale-pid-file'> {
  if (pid === undefined) return STALE_PID_FILE.fine(`There is no ${path}.`);
  if (isOfServer) return STALE_PID_FILE.fine(`${path} is that of the running server.`);
  // No server deletes the file when it ends.
  if (!holder) return STALE_PID_FILE.fine(`${path} names process ${pid}, which is gone.`);
  const whose = holder.isZombie
    ? 'has ended and still has the number'
    : `is ${holder.name}, not the server of this home`;
  return STALE_PID_FILE.warning(`${path} names process ${pid}, which ${whose}.`, `rm ${quoted(path)}`);
}
