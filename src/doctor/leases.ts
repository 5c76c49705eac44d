import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';

const LEASES = kind(
  'leases',
  'They tell what other launches have been promised: without them two could choose the same ports.',
);

export const leases: Check<'leases'> = {
  about: 'the leases of other launches',
  look: async ({ system }) => {
    try {
      await system.leases.readLive();
      return [judgeLeases(undefined)];
    } catch (error) {
      return [judgeLeases((error as Error).message)];
    }
  },
};

/** @param reason why the folder of leases can't be used; undefined where it can */
export const judgeLeases = (reason: string | undefined): Finding<'leases'> =>
  reason === undefined
    ? LEASES.fine('The leases of other launches can be read.')
    : LEASES.warning(
        `The lease folder can't be used: ${reason}.`,
        'Remove what lies in its place; a launch makes it anew.',
      );
