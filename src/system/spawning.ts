import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { LaunchCommand } from '../domain/command.js';
import { type Child, startChild } from './child.js';
import { settlesWithin } from './clock.js';
import type { Witness } from './witness.js';

/** The end of a process: by a code, by a signal, or by never having begun. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started at all. */
  readonly error?: Error;
}

/** A process that waits at the gate: it runs its command once the gate opens, and ends if we end first. */
export interface GatedProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  open(): void;
}

/** A tiny process beside the server that stops it when we are gone, however we went. */
export interface Guard {
  /** Resolves when it is gone, however it went. */
  readonly ended: Promise<unknown>;
  /** Resolves once the guard knows whom to stop. Each call replaces the one before. */
  watch(group: { readonly pid: number; readonly startTime: string }): Promise<void>;
  /** Lets go: nothing is left to guard. */
  release(): Promise<void>;
  /** Leaves whatever is left to the guard, which stops it as if we had died. */
  abandon(): void;
}

export interface Spawning {
  /** Starts a command at the gate, in a session of its own, its output in the given file, its input empty. */
  startGated(command: LaunchCommand, env: Readonly<Record<string, string>>, logFd: number): Promise<GatedProcess>;
  startGuard(options: GuardOptions): Promise<Guard>;
  /** Starts a command in our own session, with our own input and output. */
  startCommand(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<StartedCommand>;
  /**
   * Starts the program in a session of its own, which says lines to us for as long as we listen.
   * @param words what its command line holds, for people
   */
  startSupervisor(words: readonly string[], env: Readonly<Record<string, string>>): Promise<StartedSupervisor>;
  /** The output of a short program, both streams; undefined where it can't be run, takes too long or is not wanted. */
  outputOf(file: string, args: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<string | undefined>;
  /** Ends a process and all below it at once: for systems without process groups, and trees we did not start. */
  killTree(pid: number): Promise<void>;
}

export interface GuardOptions {
  readonly tag: string;
  readonly tagVariable: string;
  readonly stopTimeoutMs: number;
  readonly leaseFile: string;
  /** The supervisor's socket, which nobody else removes when it has been killed. */
  readonly socket: string;
  /** The socket that tells of the guard's life as well as of ours. */
  readonly witness?: Witness | undefined;
  /** Files that the server needs until it has ended. */
  readonly needed: readonly string[];
}

export interface StartedSupervisor {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Sends a line to the supervisor. */
  say(line: string): void;
  /** Signals the supervisor: it is our child, so that nobody else can have its number. */
  kill(signal: NodeJS.Signals): void;
  /** Says the last word to the supervisor: from now on we only listen. */
  letGo(): void;
  /** The supervisor's lines, until it ends or we close. */
  readonly lines: AsyncIterable<string>;
  /** Lets this process end though the supervisor lives. */
  unref(): void;
  close(): void;
}

/**
 * The descriptor by which a supervisor in the background is told what to do, and says what happens: see {@link
 * Spawning.startSupervisor}.
 */
export const SUPERVISOR_FD = 3;

export interface StartedCommand {
  readonly pid: number | undefined;
  /** Signals the command: it is our child, so that nobody else can have its number. */
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<Exit>;
}

/** The program's path from the folder of the bundle, be that the program's or the library's. */
const PROGRAM = '../bin/wso2-launch.cjs';

const RELEASE_MS = 1_000;
const WATCH_MS = 10_000;

/** The threads of a busy server fill some megabytes. */
const LONGEST_OUTPUT_BYTES = 32 * 2 ** 20;

const GATE = 'read -r go <&3 || exit 125; exec 3<&-; exec "$0" "$@"';

export const posixSpawning: Spawning = {
  async startGated({ file, args, cwd }, env, logFd) {
    const { subprocess, exited } = await startChild('/bin/sh', ['-c', GATE, file, ...args], {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', logFd, logFd, 'pipe'],
    });
    if (!subprocess) throw (await exited).error;
    const gate = subprocess.stdio[3] as Writable;
    gate.on('error', () => {}); // the process ended at the gate, which its exit tells
    return { pid: subprocess.pid as number, exited, open: () => gate.end('go\n') };
  },

  async startGuard({ tag, tagVariable, stopTimeoutMs, leaseFile, socket, witness, needed }) {
    const { GUARD_SCRIPT } = await import('./guard.js');
    const ticks = String(Math.ceil(stopTimeoutMs / 100));
    const files = witness ? [witness.path, ...needed] : needed;
    const words = ['wso2-launch-guard', `${tagVariable}=${tag}`, ticks, leaseFile, socket, ...files];
    const child = await startChild('/bin/sh', ['-c', GUARD_SCRIPT, ...words], {
      cwd: '/',
      // The guard's own tools come first: without sleep and grep it could neither wait nor find.
      env: { PATH: `/usr/bin:/bin:${process.env['PATH'] ?? ''}` },
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore', ...(witness ? [witness.fd] : [])],
    });
    return guardOf(child);
  },

  async startCommand(file, args, env) {
    const { subprocess, exited } = await startChild(file, args, { env, stdio: 'inherit' });
    return { pid: subprocess?.pid, exited, kill: (signal) => void subprocess?.kill(signal) };
  },

  async startSupervisor(words, env) {
    const { createInterface } = await import('node:readline');
    const { subprocess, exited } = await startChild(process.execPath, [join(__dirname, PROGRAM), ...words], {
      env,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    if (!subprocess) throw (await exited).error;
    const channel = subprocess.stdio[SUPERVISOR_FD] as unknown as Socket;
    channel.on('error', () => {}); // the supervisor has ended, which its exit tells
    const lines = createInterface({ input: channel }).on('error', () => {}); // the channel's, told once more
    return {
      pid: subprocess.pid as number,
      exited,
      kill: (signal) => void subprocess.kill(signal),
      say: (line) => void channel.write(`${line}\n`),
      letGo: () => void channel.end(),
      lines: untilCutOff(lines),
      unref: () => {
        channel.unref();
        subprocess.unref();
      },
      close: () => {
        lines.close();
        channel.destroy();
        subprocess.unref();
      },
    };
  },

  async outputOf(file, args, timeoutMs, signal) {
    const { execFile } = await import('node:child_process');
    const cwd = '/'; // ours may have been deleted
    const options = { cwd, timeout: timeoutMs, signal, maxBuffer: LONGEST_OUTPUT_BYTES };
    return new Promise((resolve) => {
      const { stdin } = execFile(file, args, options, (error, stdout, stderr) => {
        const all = `${stdout}${stderr}`.trimEnd();
        resolve(error && all === '' ? undefined : all);
      });
      stdin?.end();
    });
  },

  async killTree(pid) {
    const { default: treeKill } = await import('tree-kill');
    await new Promise<void>((resolve) => treeKill(pid, 'SIGKILL', () => resolve()));
  },
};

/** Yields lines until their end, which may be the end of the process that says them: its exit tells. */
async function* untilCutOff(lines: AsyncIterable<string>): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch {
    // the process has ended with something unread
  }
}

/**
 * A guard made of its process, which reads lines, and answers each that names whom to stop.
 * @param patienceMs how long an answer may take before the guard is killed
 */
export async function guardOf({ subprocess, exited }: Child, patienceMs = WATCH_MS): Promise<Guard> {
  if (!subprocess) throw (await exited).error;
  const input = subprocess.stdin as Writable;
  const output = subprocess.stdout as Readable;
  input.on('error', () => {}); // the guard's end is told by `exited`
  return {
    ended: exited,
    async watch({ pid, startTime }) {
      const known = new Promise<void>((resolve) => output.once('data', () => resolve()));
      input.write(`watch ${pid} ${startTime}\n`);
      const died = exited.then(() => Promise.reject(new Error('the guard process ended')));
      // A suspended guard guards nothing: like a killed one, it is replaced.
      const patience = setTimeout(() => subprocess.kill('SIGKILL'), patienceMs).unref();
      await Promise.race([known, died]).finally(() => clearTimeout(patience));
    },
    async release() {
      input.end('done\n');
      // A suspended guard holds nothing, and must not hold us.
      if (await settlesWithin(exited, RELEASE_MS)) return;
      subprocess.kill('SIGKILL');
      await exited;
    },
    abandon: () => input.destroy(),
  };
}
