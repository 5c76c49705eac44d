import type { SharedMachine } from './users.js';

/** All that must stay as it is in a folder. */
export const stateOf = (machine: SharedMachine, folder: string): string =>
  machine.sh('root', 'cd "$1"; stat -c "%n %U %a %s %y %i" . *; cat precious', [folder]);
