import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { createStandInHome, createStandInJdk, windowsProcesses } = createRequire(import.meta.url)(process.env.PARTS);
const PROGRAM = fileURLToPath(new URL('../../bin/wso2-launch.cjs', import.meta.url));

/** One for all tests: Node's own program, under the name of java, is copied into it. */
const shared = mkdtempSync(join(tmpdir(), 'wso2-launch-jdk-'));
const jdk = join(shared, 'jdk (x64)');
createStandInJdk(jdk, { version: '17.0.9' });
process.once('exit', () => rmSync(shared, { recursive: true, force: true }));

export async function until(what, condition, withinMs = 60_000) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain for ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const table = windowsProcesses();

/** Every process, with its arguments. */
export const processes = () => table.snapshot().map((row) => ({ ...row, args: table.argumentsOf(row.pid) }));

/** A folder, with spaces and brackets unless named otherwise, its homes and its state. */
export class Sandbox {
  #running = [];
  #servers = [];

  constructor(name = 'wso2 lane (x86) ') {
    this.folder = mkdtempSync(join(tmpdir(), name));
    this.state = join(this.folder, 'state');
  }

  home(name, options = {}) {
    const home = join(this.folder, name);
    createStandInHome(home, { product: 'mi', version: '4.2.0', ...options });
    return home;
  }

  start(args, env = {}) {
    const cli = new Cli(
      args,
      { ...process.env, JAVA_HOME: jdk, WSO2_LAUNCH_STATE_DIR: this.state, ...env },
      this.folder,
    );
    this.#running.push(cli);
    return cli;
  }

  async run(args, env) {
    const cli = this.start(args, env);
    await cli.exited;
    return cli;
  }

  /** Runs a home's start script as its user would, without us. */
  startByHand(home, script) {
    spawn(process.env.ComSpec ?? 'cmd.exe', [`/d /s /c ""${join(home, 'bin', script)}""`], {
      cwd: home,
      env: { ...process.env, JAVA_HOME: jdk },
      stdio: 'ignore',
      windowsVerbatimArguments: true,
    });
  }

  /** Takes a port as another program would; false where somebody else has it. */
  async hold(port) {
    const server = createServer();
    this.#servers.push(server);
    return new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '0.0.0.0', () => resolve(true));
    });
  }

  release() {
    for (const server of this.#servers) server.close();
  }

  /** What runs in this sandbox, told by its arguments: JVMs, scripts and launchers, but no guard. */
  processes() {
    return processes().filter(({ args }) => args.some((argument) => argument.includes(this.folder)));
  }

  async untilEmpty(withinMs) {
    await until(
      () => `the end of ${JSON.stringify(this.processes())}`,
      () => this.processes().length === 0,
      withinMs,
    );
  }

  /** @throws where anything is left behind */
  async close() {
    this.release();
    for (const cli of this.#running) cli.kill();
    await Promise.all(this.#running.map(({ exited }) => exited));
    try {
      await this.untilEmpty(30_000);
    } finally {
      for (const { pid } of this.processes()) process.kill(pid);
      rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  }
}

/** The built program, as a child. */
class Cli {
  stdout = '';
  stderr = '';

  constructor(args, env, cwd) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    this.child.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    // Its end alone does not mean that all of its output is here.
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code) => {
        this.code = code;
        resolve(code);
      });
    });
  }

  get pid() {
    return this.child.pid;
  }

  kill() {
    this.child.kill('SIGKILL');
  }

  get events() {
    const lines = this.stdout.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((line) => JSON.parse(line));
  }

  /** The n-th event of a kind. @throws where the program ends without it */
  async event(kind, nth = 1) {
    const find = () => this.events.filter(({ event }) => event === kind)[nth - 1];
    const found = await until(
      () => `${kind}; so far: ${this.stdout}${this.stderr}`,
      () => find() ?? (this.code === undefined ? undefined : null),
    );
    if (!found) throw new Error(`ended with ${this.code} without ${kind}:\n${this.stdout}\n${this.stderr}`);
    return found;
  }
}

/** Every file below a folder, with its size. */
export const filesIn = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();

export const logOf = ({ state }, name) => readFileSync(join(state, 'logs', `${name}.log`), 'utf8');
