// What a round tries: a way to launch and to end, and faults with their moments.
import { KINDS } from './kinds.mjs';
import { PHASES, planSignal } from './signals.mjs';

export const HOMES = {
  plain: { bindAfterMs: 100 },
  slow: { bindAfterMs: 300, shutdownMs: 600 },
  straying: { bindAfterMs: 100, forks: 'stray' },
};

/** The kinds take turns; some rounds have a signal in addition. */
export function planRound(draw, number, words, world) {
  const kinds = KINDS.filter(({ word, whyNot }) => words.includes(word) && whyNot?.(world) === undefined);
  const kind = kinds[(number - 1) % kinds.length];
  const isDetached = draw.chance(0.5);
  const isRestarted = draw.chance(0.3);
  const phases = PHASES.filter((phase) => phase !== 'restart' || isRestarted);
  const frame = { isDetached, phases, world };
  const { faults, isRoot } = kind.plan(draw, frame);
  if (kind.word !== 'signals' && draw.chance(0.25)) faults.push(planSignal(draw, frame));
  return {
    kind: kind.word,
    isDetached,
    isRestarted,
    restartsAfterCrash: draw.chance(0.2),
    isRoot: isRoot ?? (!world.hasUsers || draw.chance(0.5)),
    home: draw.pick(['plain', 'plain', 'plain', 'slow', 'slow', 'straying']),
    endsBy: draw.pick(['stop', 'Ctrl-C']),
    faults,
  };
}
