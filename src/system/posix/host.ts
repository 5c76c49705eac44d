import { isAbsolute, join } from 'node:path';
import { hasShellSpecials } from '../../domain/command.js';
import { treeOf } from '../../domain/tree.js';
import type { Host } from '../host.js';
import { posixJdkFolders } from './jdk-folders.js';

/** Linux, and what any POSIX system has in common with it. */
export const posixHost: Host = {
  scriptExtension: '.sh',
  javaProgram: 'java',
  scriptsNeedTmp: false, // the scripts look whether it is there
  scriptsLoseArguments: false,
  scriptsTakeCarriageReturns: false,
  scriptsPassCode: false,
  asksBySignal: true,
  canCallJdkAt: (path) => !hasShellSpecials(path), // the scripts call it unquoted
  jdkFolders: posixJdkFolders,
  registeredJdks: async () => [],
  checkScriptCall: () => {}, // an argument that no `.sh` can carry is refused wherever it is given
  statePlace: ({ XDG_STATE_HOME }, userFolder) =>
    // A relative path is to be ignored, says the XDG specification.
    XDG_STATE_HOME && isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : join(userFolder(), '.local/state'),
  // A group without members may have lost its number to another group.
  killTogether: async (leader, members, { processes }) => {
    if (members.some(({ group }) => group === leader.pid)) processes.signalGroup(leader, 'SIGKILL');
  },
  killTree: async (pid, { processes }) => {
    const rows = processes.snapshot();
    const root = rows.find((row) => row.pid === pid);
    for (const member of root ? treeOf(rows, root, (row) => row.pid === pid) : []) processes.signal(member, 'SIGKILL');
  },
};
