// One round: a launch, its faults, and an end as a user would bring it about.
import { setTimeout as sleep } from 'node:timers/promises';
import { whatIsLeft, whatIsWrongOfWords } from './judge.mjs';
import { kindOf } from './kinds.mjs';
import { MIN_OFFSET, signal } from './sandbox.mjs';

/** How long a launch that was hit may take for its start before it is brought to its end. */
const PATIENCE_MS = 1_500;
/** How long the end may take: a graceful stop that is of no use, killing, and a busy machine. */
const DEADLINE_MS = 40_000;
/** A start or a stop that nobody disturbs. */
const LONGEST_MS = 20_000;
const TICK_MS = 8;

const LAUNCH = ['-a', '--min-offset', String(MIN_OFFSET), '--ready-timeout', '20s', '--stop-timeout', '2s'];

/** How long the phases of each home take here, for moments that are spread over all of them. */
const lengths = {
  plain: { start: 700, run: 600, restart: 1_200, stop: 400 },
  slow: { start: 900, run: 600, restart: 2_000, stop: 1_000 },
  straying: { start: 700, run: 600, restart: 3_000, stop: 2_300 },
};

/** Resolves once nothing of it is left, or all patience is at an end; `faults` says what was wrong. */
export async function playRound(sandbox, plan) {
  const round = new Round(sandbox, plan);
  await round.play();
  return round;
}

class Round {
  #startedAt = performance.now();
  #undos = new Set();
  #cleanUps = [];
  #phase = 'before';
  story = [];
  /** What has happened to the launch, in the words of the judge. */
  happenings = [];
  /** All commands but the launch itself. */
  commands = [];
  missed = 0;
  faults = [];
  /** What kinds keep for the length of the round. */
  told = new Set();

  constructor(sandbox, plan) {
    this.sandbox = sandbox;
    this.plan = plan;
    sandbox.beginRound();
    this.known = new Set(sandbox.records().map(({ leaseId }) => leaseId));
  }

  tell = (text) => {
    if (this.story.at(-1)?.endsWith(`  ${text}`)) return;
    this.story.push(`${String(Math.round(performance.now() - this.#startedAt)).padStart(6)} ms  ${text}`);
  };

  happened = (what) => {
    this.happenings.push({ what, phase: this.#phase, at: performance.now() });
  };

  wrong = (text) => {
    this.faults.push(text);
  };

  /** Takes a fault back: at the end of the round, or after so many milliseconds. */
  undo = (act, afterMs) => {
    const once = () => {
      if (this.#undos.delete(once)) act();
    };
    this.#undos.add(once);
    if (afterMs !== undefined) setTimeout(once, afterMs).unref();
  };

  /** Does something when all is judged. */
  cleanUp = (act) => {
    this.#cleanUps.push(act);
  };

  get record() {
    return this.sandbox.records().find(({ leaseId }) => !this.known.has(leaseId));
  }

  async play() {
    try {
      await this.#play();
    } finally {
      this.#undoAll();
      for (const act of this.#cleanUps.reverse()) act();
    }
  }

  async #play() {
    const { isDetached, isRestarted, restartsAfterCrash, home, endsBy, faults } = this.plan;
    for (const fault of faults) kindOf(fault).prepare?.(fault, this);
    for (const fault of faults.filter(({ phase }) => phase === 'before')) this.#strike(fault);
    const args = ['mi', '--home', this.sandbox.home(home), ...LAUNCH, '--json'];
    if (isDetached) args.push('--detach');
    if (restartsAfterCrash) args.push('--restart', 'on-failure', '--max-restarts', '1');
    this.launcher = this.sandbox.start(args, this.sandbox.limits);
    this.tell(`launcher ${this.launcher.pid}: ${args.join(' ')}`);
    void this.launcher.exited.then(({ exit }) => this.tell(`launcher: ${exit.code ?? exit.signal}`));

    await this.#during('start', () => this.isReady());
    if (this.isReady()) {
      this.happened('ready');
      this.#measure('start', this.launcher.startedAt);
      if (isRestarted) await this.#restart();
      if (faults.some(({ phase }) => phase === 'run')) await this.#during('run', () => false);
    }
    const asking = this.#ask(endsBy === 'Ctrl-C' && !isDetached);
    const askedAt = performance.now();
    let isDone = false;
    void asking.then(() => {
      isDone = true;
    });
    await this.#during('stop', () => isDone);
    if (isDone) this.#measure('stop', askedAt);
    await this.#end(asking);
    this.faults.push(...(await whatIsLeft(this)), ...whatIsWrongOfWords(this));
    if (this.faults.length === 0) await this.#launchAgain();
  }

  isReady() {
    return this.record?.status === 'ready';
  }

  #measure(phase, sinceMs) {
    if (this.happenings.some(({ what }) => what !== 'ready' && !/ asked$/.test(what))) return;
    const known = lengths[this.plan.home];
    known[phase] += (performance.now() - sinceMs - known[phase]) * 0.25;
  }

  async #restart() {
    this.happened('restart asked');
    const since = performance.now();
    const restarting = this.command(['restart', this.record?.name ?? 'mi']);
    let isDone = false;
    void restarting.then(() => {
      isDone = true;
    });
    await this.#during('restart', () => isDone);
    if (isDone) this.#measure('restart', since);
  }

  /** Strikes with this phase's faults while it lasts: until `isOver`, or until nothing can come any more. */
  async #during(phase, isOver) {
    this.#phase = phase;
    const { home, faults } = this.plan;
    const open = new Set(faults.filter((fault) => fault.phase === phase));
    const takesItsTime = phase === 'start' || phase === 'restart';
    const beganAt = performance.now();
    let until = beganAt + (takesItsTime ? LONGEST_MS : lengths[home][phase] + 100);
    if (this.happenings.length > 0 && takesItsTime) until = beganAt + lengths[home][phase] + PATIENCE_MS;
    const seenAt = new Map();
    while (!isOver() && performance.now() < until) {
      if (open.size === 0 && !takesItsTime) break;
      if (phase === 'start' && this.launcher.exit && !this.#isSupervised()) break;
      this.cast = open.size > 0 ? this.sandbox.cast(this.launcher) : {};
      for (const fault of open) {
        if (!this.#isDue(fault, beganAt, seenAt)) continue;
        open.delete(fault);
        this.#strike(fault);
        if (takesItsTime) until = Math.min(until, performance.now() + PATIENCE_MS);
      }
      await sleep(TICK_MS);
    }
    this.missed += open.size;
  }

  /** At its moment, or a little after its targets have appeared. */
  #isDue({ phase, at, jitterMs, targets, target }, beganAt, seenAt) {
    const now = performance.now();
    const pids = (targets ?? (target ? [target] : [])).map((name) => this.cast[name]?.pid);
    if (pids.includes(undefined)) return false;
    for (const pid of pids) if (!seenAt.has(pid)) seenAt.set(pid, now);
    const isLate = pids.every((pid) => now >= seenAt.get(pid) + jitterMs);
    return isLate && now >= beganAt + at * lengths[this.plan.home][phase];
  }

  #isSupervised() {
    return this.plan.isDetached && this.sandbox.cast(this.launcher).supervisor !== undefined;
  }

  #strike(fault) {
    const happened = kindOf(fault).strike(fault, this);
    if (happened.length === 0) this.missed += 1;
    for (const what of happened) this.happened(what);
  }

  async #ask(byInterrupt) {
    const { pid, exit, exited } = this.launcher;
    if (!byInterrupt || exit) return this.#stopAll();
    this.tell('Ctrl-C');
    this.happened('interrupted');
    signal(-pid, 'SIGINT');
    return exited;
  }

  async #stopAll() {
    this.happened('stop asked');
    const stopped = await this.command(['stop', '--all']);
    if (stopped.exit.code !== 0 || !/ stopped$/m.test(stopped.stderr)) return;
    const { script, JVM } = this.sandbox.cast(this.launcher);
    if (script ?? JVM) this.wrong(`stop says "stopped", and ${(script ?? JVM).pid} runs on`);
  }

  async command(args) {
    const command = this.sandbox.start(args);
    this.commands.push(command);
    await command.exited;
    const { exit, stdout, stderr } = command;
    this.tell(`${args.join(' ')}: ${exit.code ?? exit.signal} ${`${stdout}${stderr}`.replace(/\s+/g, ' ')}`.trimEnd());
    return command;
  }

  /** The instances that `ps` shows. */
  async ps() {
    const before = this.sandbox.cast(this.launcher).JVM;
    const { exit, stdout } = await this.command(['ps', '--json']);
    const shown = exit.code === 0 ? JSON.parse(stdout).instances : [{ name: 'none, for ps failed' }];
    const after = this.sandbox.cast(this.launcher).JVM;
    const isMissing = shown.length === 0 && before && after?.pid === before.pid;
    if (isMissing && !this.mayBeUnseen()) this.wrong(`ps shows nothing, and the JVM ${after.pid} runs`);
    return shown.map(({ name, status, offset }) => ({ name, status, offset }));
  }

  /** A record that can't be written is warned of. */
  mayBeUnseen() {
    return this.happenings.some(({ what }) => /^(state|instances) without |^few (files|length)/.test(what));
  }

  #undoAll() {
    for (const undo of [...this.#undos].reverse()) undo();
  }

  /** What a user does until nothing is left: ends what was amiss, and stops whatever `ps` shows. */
  async #end(asking) {
    const deadline = performance.now() + DEADLINE_MS;
    this.#undoAll();
    const expired = sleep(DEADLINE_MS, 'expired', { ref: false });
    if ((await Promise.race([asking, expired])) === 'expired') this.tell('what was asked to stop has not ended');
    while (performance.now() < deadline) {
      const running = await this.ps();
      if (running.length > 0) {
        await Promise.race([this.#stopAll(), expired]);
      } else if (this.sandbox.left().length === 0) {
        return;
      }
      await sleep(50);
    }
  }

  async #launchAgain() {
    const args = ['exec', 'mi', '--home', this.sandbox.home(this.plan.home), ...LAUNCH, '--quiet'];
    // The variable is that of an instance called `mi`.
    const { exit, stdout, stderr } = await this.sandbox.run([...args, '--', 'printenv', 'WSO2_MI_OFFSET']);
    if (exit.code !== 0 || stdout.trim() !== String(MIN_OFFSET)) {
      this.wrong(`a fresh launch: ${exit.code ?? exit.signal} ${stdout}${stderr}`);
    }
    const { leases, sockets } = this.sandbox.files();
    const left = [...leases, ...sockets, ...this.sandbox.left()];
    if (left.length > 0) this.wrong(`left after a fresh launch: ${JSON.stringify(left, null, 1)}`);
  }
}
