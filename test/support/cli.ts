import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { until } from './wait.js';

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What starts it, instead of our own Node: `['nohup', …]`. The CLI's own words follow. */
  readonly through?: readonly string[];
  /** How long each event is waited for. */
  readonly patienceMs?: number;
}

/** One line of `--json`. */
export type JsonEvent = { readonly event: string; readonly name: string | null } & Readonly<Record<string, unknown>>;

const PROGRAM = join(process.cwd(), 'bin/wso2-launch.cjs');

/** The built CLI as a child process, in a session of its own, with what it has printed so far. */
export class Cli {
  stdout = '';
  stderr = '';
  /** The process has ended, and nobody holds its output any more. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** The process has ended, whoever still holds its output. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  constructor(
    readonly child: ChildProcess,
    private readonly patienceMs = 30_000,
  ) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    this.ended = new Promise((resolve) => {
      child.once('error', () => resolve({ code: null, signal: null }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  kill(signal: NodeJS.Signals): boolean {
    return this.child.kill(signal);
  }

  /** The signal for the whole process group, as a terminal sends it. */
  killGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  /** The JSON events so far. */
  get events(): JsonEvent[] {
    const lines = this.stdout.split('\n').filter((line) => line.startsWith('{"schemaVersion"'));
    return lines.map((line) => JSON.parse(line) as JsonEvent);
  }

  /** Waits for the n-th event of a kind; fails at once where the CLI ends without it. */
  async event(kind: string, nth = 1): Promise<JsonEvent> {
    const find = (): JsonEvent | undefined => this.events.filter(({ event }) => event === kind)[nth - 1];
    let hasEnded = false;
    void this.exited.then(() => {
      hasEnded = true;
    });
    const found = await until(
      `event ${kind}; so far: ${this.stdout}${this.stderr}`,
      () => find() ?? (hasEnded ? null : undefined),
      this.patienceMs,
    );
    if (found === null) throw new Error(`ended without the event ${kind}:\n${this.stdout}\n${this.stderr}`);
    return found;
  }
}

export function startCli(
  args: readonly string[],
  { env = {}, cwd, through = [process.execPath], patienceMs }: CliOptions,
): Cli {
  const [file, ...before] = [...through, PROGRAM, ...args];
  return new Cli(
    spawn(file as string, before, {
      ...(cwd !== undefined && { cwd }),
      env: { ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
    patienceMs,
  );
}
