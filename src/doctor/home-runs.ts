import type { LaunchError } from '../domain/failure.js';
import { mention, mentioning } from '../domain/text.js';
import { checkHomeIsIdle, TWO_HOMES } from '../ports/idle-home.js';
import { attempt } from './attempt.js';
import type { Check } from './check.js';
import { type Finding, kind } from './finding.js';
import { ownLeases } from './patient.js';

const HOME_RUNS = kind('home-runs', 'A home runs once: a second start would wipe the files of the first.');

export const homeRuns: Check<'home-runs'> = {
  about: 'whether the home runs',
  look: (patient) => {
    const { located, leases, server, system } = patient;
    const runs = attempt(() => checkHomeIsIdle(located, { leases, server }, TWO_HOMES, system));
    return [
      runs ? judgeRunningHome(runs, ownLeases(patient)[0]?.name) : HOME_RUNS.fine(`${located.home} does not run.`),
    ];
  },
};

/** @param instance the name of our own instance that runs in the home; undefined where somebody else started it */
export function judgeRunningHome(runs: LaunchError, instance: string | undefined): Finding<'home-runs'> {
  const found = HOME_RUNS.failed(runs);
  if (instance === undefined) return found;
  const stop = mention.command('stop', { words: [instance] });
  return { ...found, mend: mentioning`${found.mend ?? ''} Or stop it: ${stop}` };
}
