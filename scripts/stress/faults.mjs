// Launches stand-in homes and kills, asks or suspends one of their processes at a random moment, again and again. Usage:
//   node scripts/stress/faults.mjs [--rounds 300] [--seed N] [--cli bin/wso2-launch.cjs]
//
// A round launches one home, in the foreground or with --detach, sends one or two processes of it a signal during its
// start, its run or its stop, and is then brought to its end as a user would: Ctrl-C, `stop --all`. What was suspended
// goes on or is killed later in the round. It has failed unless soon afterwards no process, port, lease or socket is
// left, `ps` shows nothing, and a fresh launch gets the smallest offset and the first name again.
//
// A seed gives the same plans again, though never the very same moments: those are shares of what a start and a stop
// take on this machine. `--cli` tries another build, which has its `dist` beside its `bin`. It ends with 1 if a round
// failed, having printed all that is known of it. Offsets from 2500 up have to be free.
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ms, table } from '../bench/setting.mjs';
import { MIN_OFFSET, openSandbox, signal } from './fault-sandbox.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    cli: { type: 'string', default: join(root, 'bin/wso2-launch.cjs') },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);

const HOMES = {
  plain: { bindAfterMs: 100 },
  slow: { bindAfterMs: 300, shutdownMs: 600 },
  straying: { bindAfterMs: 100, forks: 'stray' },
};
const PHASES = ['start', 'run', 'stop'];
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGSTOP'];
const RUN_MS = 1_200;
/** How long a launch that was hit may take for its start before it is brought to its end. */
const PATIENCE_MS = 1_500;
/** How long the end may take: a graceful stop that is of no use, killing, and a busy machine. */
const DEADLINE_MS = 30_000;
/** A start or a stop that nobody disturbs. */
const LONGEST_MS = 20_000;
const TICK_MS = 8;

const launchArgs = (home) => {
  const times = ['--ready-timeout', '20s', '--stop-timeout', '3s'];
  return ['mi', '--home', home, '-a', '--min-offset', String(MIN_OFFSET), ...times];
};
const random = mulberry32(seed);
const pick = (choices) => choices[Math.floor(random() * choices.length)];

// ---------- What is tried ----------

function planRound() {
  const isDetached = random() < 0.5;
  const faults = [planFault(isDetached)];
  if (random() < 0.4) faults.push(planFault(isDetached));
  // Without supervisor and guard nobody clears up: by chance alone the two would hardly be met together.
  if (random() < 0.1) {
    const both = [isDetached ? 'supervisor' : 'launcher', 'guard'];
    const doomed = random() < 0.5 ? both : [...both, 'script', 'JVM'];
    faults.splice(0, 2, ...doomed.map((target) => planFault(isDetached, target, 'SIGKILL')));
  }
  return {
    isDetached,
    home: pick(['plain', 'plain', 'slow', 'slow', 'straying']),
    endsBy: pick(['stop', 'Ctrl-C']),
    faults,
  };
}

const TARGETS = ['launcher', 'guard', 'script', 'JVM'];

function planFault(isDetached, target = pick(isDetached ? [...TARGETS, 'supervisor'] : TARGETS), by = pick(SIGNALS)) {
  // The launcher of a detached instance is gone once that is ready.
  const phase = isDetached && target === 'launcher' ? 'start' : pick(PHASES);
  const fault = { target, signal: by, phase, at: random() * 0.9, jitterMs: random() * 40 };
  const later = { signal: pick(['SIGCONT', 'SIGKILL']), afterMs: pick([50, 300, 1_000, Infinity]) };
  return fault.signal === 'SIGSTOP' ? { ...fault, later } : fault;
}

// ---------- One round ----------

/** How long the phases of each home take here, for moments that are spread over all of them. */
const lengths = Object.fromEntries(Object.keys(HOMES).map((home) => [home, { start: 800, run: RUN_MS, stop: 400 }]));

class Round {
  #startedAt = performance.now();
  #story = [];
  /** How each goes on or ends, by pid. */
  #suspended = new Map();
  #timers = new Set();
  #phase = 'start';
  hits = [];
  faults = [];

  constructor(sandbox, plan) {
    this.sandbox = sandbox;
    this.plan = plan;
    sandbox.beginRound();
    this.known = new Set(sandbox.records().map(({ leaseId }) => leaseId));
  }

  tell(text) {
    this.#story.push(`${String(Math.round(performance.now() - this.#startedAt)).padStart(6)} ms  ${text}`);
  }

  get story() {
    return this.#story;
  }

  get record() {
    return this.sandbox.records().find(({ leaseId }) => !this.known.has(leaseId));
  }

  /** Resolves to what is wrong afterwards: nothing, if all is well. */
  async play() {
    const { isDetached, home, endsBy } = this.plan;
    const args = [...launchArgs(this.sandbox.home(home)), '--json'];
    this.launcher = this.sandbox.start(isDetached ? [...args, '--detach'] : args);
    this.tell(`launcher ${this.launcher.pid}: ${this.launcher.args.join(' ')}`);
    void this.launcher.exited.then(({ exit }) => this.tell(`launcher: ${exit.code ?? exit.signal}`));

    await this.#during('start', () => this.record?.status === 'ready');
    if (this.record?.status === 'ready') {
      if (this.hits.length === 0) this.#measure('start', this.#startedAt);
      if (this.plan.faults.some(({ phase }) => phase === 'run')) await this.#during('run', () => false);
    }
    const askedAt = performance.now();
    const asking = this.#ask(endsBy === 'Ctrl-C' && !isDetached);
    let isDone = false;
    void asking.then(() => {
      isDone = true;
    });
    await this.#during('stop', () => isDone);
    if (this.hits.length === 0 && isDone) this.#measure('stop', askedAt);
    await this.#end(asking);
    await this.#check();
    return this.faults;
  }

  /** A first measure counts for all, later ones for a part: the machine may have become busier. */
  #measure(phase, sinceMs) {
    const { home, faults } = this.plan;
    const share = faults.length === 0 ? 1 : 0.25;
    lengths[home][phase] += (performance.now() - sinceMs - lengths[home][phase]) * share;
  }

  /** Sends this phase's signals while it lasts: until `isOver`, or until nothing can come any more. */
  async #during(phase, isOver) {
    this.#phase = phase;
    const { home, faults } = this.plan;
    const open = new Set(faults.filter((fault) => fault.phase === phase));
    const mayTakeItsTime = phase === 'start' || faults.length === 0;
    const beganAt = performance.now();
    let until = beganAt + (mayTakeItsTime ? LONGEST_MS : lengths[home][phase] + 100);
    const seenAt = new Map();
    while (!isOver() && performance.now() < until) {
      if (open.size === 0 && !mayTakeItsTime) return;
      if (phase === 'start' && this.launcher.exit && !this.#isSupervised()) return;
      const cast = open.size > 0 ? this.sandbox.cast(this.launcher) : {};
      for (const fault of open) {
        if (!this.#isDue(fault, cast[fault.target], beganAt, seenAt)) continue;
        open.delete(fault);
        this.#hit(fault, cast[fault.target]);
        if (phase === 'start') until = performance.now() + PATIENCE_MS;
      }
      await sleep(TICK_MS);
    }
  }

  /** At its moment, or a little after its target has appeared. */
  #isDue({ phase, at, jitterMs }, target, beganAt, seenAt) {
    if (!target) return false;
    const now = performance.now();
    if (!seenAt.has(target.pid)) seenAt.set(target.pid, now);
    return now >= beganAt + at * lengths[this.plan.home][phase] && now >= seenAt.get(target.pid) + jitterMs;
  }

  #isSupervised() {
    return this.plan.isDetached && this.sandbox.cast(this.launcher).supervisor !== undefined;
  }

  #hit(fault, { pid }) {
    if (!signal(pid, fault.signal)) return;
    this.hits.push({ ...fault, phase: this.#phase });
    this.tell(`${this.#phase}: ${fault.signal} to the ${fault.target}, ${pid}`);
    if (!fault.later) return;
    this.#suspended.set(pid, fault.later.signal);
    if (fault.later.afterMs < Infinity) this.#timers.add(setTimeout(() => this.#resume(pid), fault.later.afterMs));
  }

  #resume(pid) {
    const how = this.#suspended.get(pid);
    if (!this.#suspended.delete(pid)) return;
    this.tell(`${how} to the suspended ${pid}`);
    signal(pid, how);
  }

  #ask(byInterrupt) {
    const { pid, exit, exited } = this.launcher;
    if (!byInterrupt || exit) return this.#stopAll();
    this.tell('Ctrl-C');
    signal(-pid, 'SIGINT');
    return exited;
  }

  async #stopAll() {
    this.tell('stop --all');
    const { exit, stdout, stderr } = await this.sandbox.run(['stop', '--all']);
    this.tell(`stop --all: ${exit.code ?? exit.signal} ${stdout}${stderr}`.trimEnd());
    return exit.code;
  }

  async #ps() {
    const { exit, stdout, stderr } = await this.sandbox.run(['ps', '--json']);
    if (exit.code === 0)
      return JSON.parse(stdout).instances.map(({ name, status, offset }) => ({ name, status, offset }));
    return [{ ps: exit, stdout, stderr }];
  }

  /** What a user does until nothing is left: resumes what was suspended, and stops whatever `ps` shows. */
  async #end(asking) {
    const deadline = performance.now() + DEADLINE_MS;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const pid of [...this.#suspended.keys()]) this.#resume(pid);
    const expired = sleep(DEADLINE_MS, 'expired', { ref: false });
    if ((await Promise.race([asking, expired])) === 'expired') this.tell('what was asked to stop has not ended');
    while (performance.now() < deadline) {
      const running = await this.#ps();
      if (running.length > 0) {
        this.tell(`ps: ${JSON.stringify(running)}`);
        await Promise.race([this.#stopAll(), expired]);
      } else if (this.sandbox.left().length === 0) {
        return;
      }
      await sleep(50);
    }
  }

  async #check() {
    const wrong = (what, found) => found.length > 0 && this.faults.push(`${what}: ${JSON.stringify(found, null, 1)}`);
    wrong('processes are left', this.sandbox.left());
    wrong('ports are held', await this.sandbox.heldPorts());
    wrong('ps shows as running', await this.#ps());
    const { leases, sockets } = this.sandbox.files();
    wrong('sockets are left', sockets);
    // One of a supervisor that was killed before it could write down anything else holds nothing: a launch removes it.
    wrong('leases are left', this.record ? leases : []);
    if (this.faults.length === 0) await this.#launchAgain();
    const mayBeAtALoss = this.hits.some(({ target, signal, later }) => {
      return ['supervisor', 'guard'].includes(target) && [signal, later?.signal].includes('SIGKILL');
    });
    if (this.launcher.exit?.code === 1 && !mayBeAtALoss) this.faults.push('the launcher speaks of a fault of its own');
  }

  async #launchAgain() {
    const args = ['exec', ...launchArgs(this.sandbox.home(this.plan.home)), '--quiet'];
    // The variable is that of an instance called `mi`.
    const { exit, stdout, stderr } = await this.sandbox.run([...args, '--', 'printenv', 'WSO2_MI_OFFSET']);
    if (exit.code !== 0 || stdout.trim() !== String(MIN_OFFSET)) {
      this.faults.push(`a fresh launch: ${exit.code ?? exit.signal} ${stdout}${stderr}`);
    }
    const { leases, sockets } = this.sandbox.files();
    const left = [...leases, ...sockets, ...this.sandbox.left()];
    if (left.length > 0) this.faults.push(`left after a fresh launch: ${JSON.stringify(left, null, 1)}`);
  }
}

// ---------- All of them ----------

const tried = new Map();
const ends = new Map();
let failed = 0;
let missed = 0;

console.log(`${rounds} rounds, seed ${seed}`);
const sandbox = await openSandbox(resolve(values.cli), HOMES);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(name, () => {
    sandbox.close();
    process.exit(1);
  });
}
try {
  // Undisturbed first, for the lengths.
  for (const home of Object.keys(HOMES)) {
    await playRound(0, { isDetached: false, home, endsBy: 'Ctrl-C', faults: [] });
  }
  for (let number = 1; number <= rounds; number++) await playRound(number, planRound());
} finally {
  sandbox.close();
}
report();
process.exitCode = failed === 0 ? 0 : 1;

async function playRound(number, plan) {
  const startedAt = performance.now();
  const round = new Round(sandbox, plan);
  const faults = await round.play();
  for (const { target, signal: name, phase } of round.hits) {
    count(tried, `${target === 'launcher' && plan.isDetached ? 'launcher (--detach)' : target}|${name}|${phase}`);
  }
  missed += plan.faults.length - round.hits.length;
  const { exit } = round.launcher;
  const end = exit ? String(exit.code ?? exit.signal) : 'none';
  count(ends, end);
  const hits = round.hits.map((hit) => `${hit.signal} to the ${hit.target} in its ${hit.phase}`).join(', ') || 'no hit';
  const how = plan.isDetached ? 'detached' : 'foreground';
  const verdict = faults.length === 0 ? 'ok' : 'FAILED';
  console.log(
    `round ${number}: ${how} ${plan.home}: ${hits}; ${end}; ${verdict}, ${ms(performance.now() - startedAt)}`,
  );
  if (faults.length > 0) explain(round);
}

function explain(round) {
  failed += 1;
  const { launcher, plan, story, faults } = round;
  const sections = {
    plan: [JSON.stringify(plan)],
    story,
    launcher: [launcher.stdout, launcher.stderr],
    records: sandbox.records().map((record) => JSON.stringify(record)),
    log: sandbox.logTail(),
    faults,
  };
  for (const [title, lines] of Object.entries(sections)) {
    console.log(`--- ${title}`);
    for (const line of lines) console.log(line.trimEnd());
  }
  console.log('---');
  sandbox.clear();
  sandbox.renew();
}

function report() {
  const rows = ['launcher', 'launcher (--detach)', 'supervisor', 'guard', 'script', 'JVM'].flatMap((target) =>
    SIGNALS.map((name) => [
      `${target} × ${name}`,
      ...PHASES.map((phase) => String(tried.get(`${target}|${name}|${phase}`) ?? 0)),
    ]),
  );
  for (const line of table(['target × signal', ...PHASES], rows)) console.log(line);
  const codes = [...ends].sort().map(([end, times]) => `${end} × ${times}`);
  console.log(`launchers ended with ${codes.join(', ')}; ${missed} signals came too late for their targets`);
  console.log(
    failed === 0 ? `passed: ${rounds} rounds, seed ${seed}` : `failed: ${failed} of ${rounds} rounds, seed ${seed}`,
  );
}

function count(counts, key) {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** A small generator of numbers in [0, 1) that a seed determines. */
function mulberry32(start) {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
