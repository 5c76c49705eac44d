import { join } from 'node:path';
import { bootingThread } from '../domain/thread-dump.js';
import type { System } from '../system/index.js';
import type { RunningServer } from './start.js';

const LOOK_MS = 5_000;
/** Looks are counted, not timed: time also passes for a suspended machine. */
const LOOKS = 12;
/** The part of one processor that a JVM takes for itself while nothing goes on. */
const IDLE_PART = 0.02;
const DUMP_TIMEOUT_MS = 5_000;

type Looking = Pick<System, 'clock' | 'processes' | 'spawning'>;

/** Warns of a boot in which nothing has happened for a minute: no line was logged, no processor time was spent. */
export class SignsOfLife {
  #lookedMs = Number.NEGATIVE_INFINITY;
  #position = Number.NaN;
  #cpuMs = Number.NaN;
  #quietLooks = 0;

  constructor(
    private readonly server: Pick<RunningServer, 'log' | 'jvm'>,
    private readonly javaHome: string,
    private readonly warn: (text: string) => void,
    private readonly system: Looking,
  ) {}

  /** Looks where a look is due. @param signal ends the question to the JVM */
  async look(signal: AbortSignal): Promise<void> {
    const nowMs = this.system.clock.now();
    if (nowMs - this.#lookedMs < LOOK_MS) return;
    const sinceMs = nowMs - this.#lookedMs;
    this.#lookedMs = nowMs;
    const pid = this.#isQuietLog() ? this.server.jvm()?.pid : undefined;
    const isQuiet = pid !== undefined && this.#isIdle(pid, sinceMs);
    this.#quietLooks = isQuiet ? this.#quietLooks + 1 : 0;
    if (pid !== undefined && this.#quietLooks === LOOKS) this.warn(await this.#words(pid, signal));
  }

  #isQuietLog(): boolean {
    const { position } = this.server.log;
    const isUnchanged = position === this.#position;
    this.#position = position;
    return isUnchanged;
  }

  #isIdle(pid: number, sinceMs: number): boolean {
    const cpuMs = this.system.processes.cpuTimeOf(pid) ?? Number.NaN;
    const spentMs = cpuMs - this.#cpuMs;
    this.#cpuMs = cpuMs;
    return spentMs <= sinceMs * IDLE_PART;
  }

  async #words(pid: number, signal: AbortSignal): Promise<string> {
    const said = 'The server has given no sign of life for a minute: no line in its log, hardly any processor time';
    const file = join(this.javaHome, 'bin', 'jstack');
    // A JVM that does not catch the signal by which it is asked would end by it.
    const dump = this.system.processes.catchesQuit(pid)
      ? await this.system.spawning.outputOf(file, [String(pid)], DUMP_TIMEOUT_MS, signal)
      : undefined;
    const waits = bootingThread(dump ?? '');
    return waits === undefined ? `${said}. It may still come.` : `${said}; ${waits}. It may still come.`;
  }
}
