// One of the processes, or any two of them almost at once, is killed, asked to end, or suspended for a while.
import { signal } from './sandbox.mjs';

export const PHASES = ['start', 'run', 'restart', 'stop'];
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGSTOP'];
const DONE = { SIGKILL: 'killed', SIGTERM: 'asked', SIGSTOP: 'suspended', SIGCONT: 'resumed' };
const TARGETS = ['launcher', 'guard', 'script', 'JVM'];
const LONGEST_GAP_MS = 20;

export const signals = {
  word: 'signals',
  plan(draw, frame) {
    const faults = [planSignal(draw, frame)];
    if (draw.chance(0.4)) faults.push(planSignal(draw, frame));
    return { faults };
  },
  strike: (fault, scene) => send(fault, fault.target, scene),
};

export const pairs = {
  word: 'pairs',
  plan(draw, { isDetached, phases }) {
    const targets = draw.some(isDetached ? ['supervisor', 'guard', 'script', 'JVM'] : TARGETS, 2);
    const moment = draw.moment(draw.pick(phases));
    return {
      faults: [{ kind: 'pairs', targets, signal: 'SIGKILL', gapMs: draw.below(LONGEST_GAP_MS + 1), ...moment }],
    };
  },
  strike(fault, scene) {
    const [first, second] = fault.targets;
    const happened = send(fault, first, scene);
    if (fault.gapMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fault.gapMs);
    return [...happened, ...send(fault, second, scene)];
  },
};

export function planSignal(draw, { isDetached, phases }) {
  const target = draw.pick(isDetached ? [...TARGETS, 'supervisor'] : TARGETS);
  // The launcher of a detached instance is gone once that is ready.
  const phase = isDetached && target === 'launcher' ? 'start' : draw.pick(phases);
  const fault = { kind: 'signals', target, signal: draw.pick(SIGNALS), ...draw.moment(phase) };
  const later = { signal: draw.pick(['SIGCONT', 'SIGKILL']), afterMs: draw.pick([50, 300, 1_000, undefined]) };
  return fault.signal === 'SIGSTOP' ? { ...fault, later } : fault;
}

function send({ signal: name, later }, target, scene) {
  const { pid } = scene.cast[target];
  if (!signal(pid, name)) return [];
  scene.tell(`${name} to the ${target}, ${pid}`);
  if (later) {
    scene.undo(() => {
      if (!signal(pid, later.signal)) return;
      scene.tell(`${later.signal} to the suspended ${target}, ${pid}`);
      scene.happened(`${target} ${DONE[later.signal]}`);
    }, later.afterMs);
  }
  return [`${target} ${DONE[name]}`];
}
