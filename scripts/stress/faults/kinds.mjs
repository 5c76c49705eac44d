// All kinds of faults.
import { clocks } from './clocks.mjs';
import { shortages } from './shortages.mjs';
import { pairs, signals } from './signals.mjs';
import { strangers } from './strangers.mjs';

/**
 * Each has its `word`, says with `whyNot` what keeps it out of this world, and plans the faults of a round with `plan`.
 * `strike` does one of them and returns what has happened, nothing where it came too late; what it does for a while
 * only, it takes back by the scene's `undo`. `prepare` comes before the round.
 */
export const KINDS = [signals, pairs, strangers, shortages, clocks];

export const kindOf = ({ kind }) => KINDS.find(({ word }) => word === kind);
