// The wall clock of all programs is set forth and back by hours while they run, or all of them sleep for a while, as on
// a laptop that is closed. The machine's own clock is nobody's to set: a module loaded into each program shifts it.
import { renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { signal } from './sandbox.mjs';

const PRELOAD = fileURLToPath(new URL('clock.cjs', import.meta.url));
const HOUR_MS = 3_600_000;
const JUMPS = [-720, -5, -1, 1, 5, 720].map((hours) => hours * HOUR_MS);
/** The last is longer than any supervisor is waited for. */
const SLEEPS_MS = [100, 300, 300, 1_000, 1_000, 1_500, 6_000];

export const clocks = {
  word: 'clocks',
  plan(draw, { phases }) {
    const first = { kind: 'clocks', what: 'set', by: draw.pick([0, ...JUMPS]), phase: 'before' };
    const more = Array.from({ length: 1 + draw.below(3) }, () => planJump(draw, draw.pick(phases)));
    return { faults: [first, ...more] };
  },
  strike(fault, scene) {
    scene.tell(`clocks ${JSON.stringify(fault)}`);
    if (fault.what === 'set') return set(fault, scene);
    return sleep(fault, scene);
  },
};

function planJump(draw, phase) {
  const moment = draw.moment(phase);
  const by = draw.pick(JUMPS);
  return draw.chance(0.35)
    ? { kind: 'clocks', what: 'sleep', by: draw.pick([0, by]), forMs: draw.pick(SLEEPS_MS), ...moment }
    : { kind: 'clocks', what: 'set', by, ...moment };
}

function set({ by, phase }, { sandbox, cleanUp }) {
  const file = `${sandbox.folder}/clock`;
  if (phase === 'before') {
    sandbox.env = { NODE_OPTIONS: `--require=${PRELOAD}`, WSO2_FAULTS_CLOCK: file };
    cleanUp(() => {
      sandbox.env = {};
    });
  }
  setClock(file, by);
  return ['clock set'];
}

function sleep({ by, forMs }, { sandbox, undo, tell }) {
  const sleepers = sandbox.everybody();
  for (const pid of sleepers) signal(pid, 'SIGSTOP');
  if (by !== 0) setClock(`${sandbox.folder}/clock`, by);
  undo(() => {
    tell(`${sleepers.length} processes wake up`);
    for (const pid of sleepers) signal(pid, 'SIGCONT');
  }, forMs);
  return ['all asleep', ...(by === 0 ? [] : ['clock set'])];
}

/** As a whole: whoever reads it meanwhile has the old one or the new. */
function setClock(file, by) {
  writeFileSync(`${file}.new`, String(by), { mode: 0o644 });
  renameSync(`${file}.new`, file);
}
