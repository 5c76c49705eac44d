// What chance decides of a round: the same for the same seed and number, whoever plays it and when.
import { randomFrom } from '../../random.mjs';

/** Draws of one round. */
export function drawFrom(seed, number) {
  const next = randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number, 0x85ebca6b));
  const below = (limit) => Math.floor(next() * limit);
  return {
    below,
    chance: (share) => next() < share,
    pick: (choices) => choices[below(choices.length)],
    /** Some of these, each once, in any order. */
    some(choices, count) {
      const left = [...choices];
      return Array.from({ length: Math.min(count, left.length) }, () => left.splice(below(left.length), 1)[0]);
    },
    /** A moment of a phase, as a share of its length, and a little later than that. */
    moment: (phase) => ({ phase, at: next() * 0.9, jitterMs: next() * 40 }),
  };
}
