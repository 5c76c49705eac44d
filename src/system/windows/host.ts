import { join } from 'node:path';
import { checkBatchArguments, checkBatchHome } from '../../domain/batch.js';
import { isSame } from '../../domain/tree.js';
import type { Host } from '../host.js';
import { registeredJdks, windowsJdkFolders } from './jdks.js';

export const windowsHost: Host = {
  scriptExtension: '.bat',
  javaProgram: 'java.exe',
  scriptsNeedTmp: true, // the scripts change into it, and delete all files from where they are then
  scriptsLoseArguments: true, // product-integrator-mi#3327
  scriptsTakeCarriageReturns: true,
  scriptsPassCode: true,
  asksBySignal: false,
  canCallJdkAt: () => true,
  jdkFolders: windowsJdkFolders,
  registeredJdks,
  checkScriptCall: (home, args) => {
    checkBatchHome(home);
    checkBatchArguments(args);
  },
  statePlace: ({ LOCALAPPDATA }, userFolder) => LOCALAPPDATA ?? join(userFolder(), 'AppData/Local'),
  // Windows has no groups; the number of a leader that has ended may be anybody's.
  killTogether: async (leader, members, { spawning }) => {
    if (members.some((row) => isSame(row, leader))) await spawning.killTree(leader.pid);
  },
  killTree: (pid, { spawning }) => spawning.killTree(pid),
};
