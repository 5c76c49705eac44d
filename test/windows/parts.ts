/** What the suite of this folder needs of the sources, bundled for it by scripts/windows-lane.mjs. */
export { createStandInHome, createStandInJdk } from '../../src/standin/home.js';
export { windowsProcesses } from '../../src/system/windows/processes.js';
