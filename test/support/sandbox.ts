import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InstanceRecord } from '../../src/domain/instance.js';
import { readRecords } from '../../src/instance/records.js';
import { createStandInHome, createStandInJdk, type StandInHome } from '../../src/standin/home.js';
import { nodeSystem } from '../../src/system/index.js';
import { type Cli, type CliOptions, startCli } from './cli.js';

/**
 * A folder of a test's own with a JDK, homes and a state folder, and whatever was started in it.
 * `close` fails where anything of it is still alive.
 */
export class Sandbox {
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  readonly jdk: string;
  readonly state = join(this.folder, 'state');
  readonly #running: Cli[] = [];
  readonly #servers: Server[] = [];

  /** `jdk`: the version of a stand-in; `javaHome`: a real one in its place. */
  constructor({ jdk = '17.0.9', javaHome }: { readonly jdk?: string; readonly javaHome?: string } = {}) {
    this.jdk = javaHome ?? join(this.folder, 'jdk');
    if (javaHome === undefined) createStandInJdk(this.jdk, { version: jdk });
  }

  /** A home of a product; without options a well-behaved Micro Integrator 4.4.0, which has few ports. */
  home(name: string, options: Partial<StandInHome> = {}): string {
    const home = join(this.folder, name);
    createStandInHome(home, { product: 'mi', version: '4.4.0', ...options });
    return home;
  }

  get env(): Record<string, string> {
    const { PATH = '', HOME = '' } = process.env;
    return { PATH, HOME, JAVA_HOME: this.jdk, WSO2_LAUNCH_STATE_DIR: this.state };
  }

  /** Starts the built CLI and returns at once. */
  start(args: readonly string[], options: CliOptions = {}): Cli {
    const cli = startCli(args, { cwd: this.folder, ...options, env: { ...this.env, ...options.env } });
    this.#running.push(cli);
    return cli;
  }

  /** Ends a program at the end that was started elsewhere. */
  adopt<T extends Cli>(program: T): T {
    this.#running.push(program);
    return program;
  }

  /** Runs the built CLI to its end. */
  async run(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
    const cli = this.start(args, options);
    const { code, signal } = await cli.exited;
    return { code, signal, stdout: cli.stdout, stderr: cli.stderr };
  }

  /** Runs a start script as its user would, without us; whoever starts it ends its group. */
  startByHand(script: string, args: readonly string[] = []): ChildProcess {
    const { WSO2_LAUNCH_STATE_DIR: _, ...env } = this.env;
    return spawn(script, args, { env, cwd: '/', detached: true, stdio: 'ignore' });
  }

  /** Takes a port as another program would. */
  async hold(port: number, host = '127.0.0.1'): Promise<Server> {
    const server = createServer();
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return server;
  }

  /** The live processes of this sandbox: by arguments, working folder or environment. */
  processes(): { pid: number; command: string }[] {
    const { processes } = nodeSystem;
    const rows = processes.snapshot().filter((row) => !row.isZombie && row.pid !== process.pid);
    const oldest = { pid: 0, startTime: '0' };
    const tagged = processes.withVariable(rows, 'WSO2_LAUNCH_STATE_DIR', this.state, oldest);
    return rows.flatMap((row) => {
      const args = processes.argumentsOf(row.pid);
      const isOurs =
        tagged.has(row.pid) ||
        args.some((argument) => argument.includes(this.folder)) ||
        processes.workingFolderOf(row.pid)?.startsWith(this.folder);
      return isOurs ? [{ pid: row.pid, command: args.join(' ') }] : [];
    });
  }

  /** What the supervisors of this sandbox have written down. */
  get records(): InstanceRecord[] {
    return readRecords(this.state, nodeSystem);
  }

  /** Ends what is left and removes the folder. @throws where the product, or a test, left anything behind */
  async close(): Promise<void> {
    for (const server of this.#servers) server.close();
    for (const cli of this.#running) cli.kill('SIGKILL');
    await Promise.all(this.#running.map((cli) => cli.ended));
    const forgotten = this.#endDetached();
    const deadline = performance.now() + 15_000;
    let left = this.#alive();
    // A launcher that we had to kill leaves its guard to clear up, which takes a moment.
    while (left.length > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      left = this.#alive();
    }
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone meanwhile
      }
    }
    for (const { socket } of this.records) rmSync(socket, { force: true });
    rmSync(this.folder, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`left behind: ${JSON.stringify(left)}`);
    if (forgotten.length > 0) throw new Error(`still running at the end: ${forgotten.join(', ')}`);
  }

  /** Kills the supervisors in the background; their guards clear up behind them. */
  #endDetached(): string[] {
    const ours = new Set(this.processes().map(({ pid }) => pid));
    return this.records
      .filter(({ isDetached, supervisor: { pid } }) => isDetached && ours.has(pid) && process.kill(pid, 'SIGKILL'))
      .map(({ name }) => name);
  }

  /** The processes, and the guards, whom only their arguments betray. */
  #alive(): { pid: number; command: string }[] {
    const { processes } = nodeSystem;
    const ids = this.records.map(({ leaseId }) => leaseId);
    const guards = processes.snapshot().flatMap(({ pid, isZombie }) => {
      const command = processes.argumentsOf(pid).join(' ');
      return !isZombie && ids.some((id) => command.includes(id))
        ? [{ pid, command: `guard ${command.slice(-200)}` }]
        : [];
    });
    return [...this.processes(), ...guards];
  }
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}
