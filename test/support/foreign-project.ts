import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Cli } from './cli.js';
import type { Sandbox } from './sandbox.js';
import { until } from './wait.js';

const run = promisify(execFile);

/** How a program gets at the library. */
export type Way = 'import' | 'require';

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly way?: Way;
  /** Words for Node itself. */
  readonly node?: readonly string[];
}

/** A project of somebody else, in an empty folder, with the packed package and nothing else installed. */
export class ForeignProject {
  private constructor(readonly folder: string) {}

  /** @param from the checkout whose build is packed */
  static async install(from = process.cwd()): Promise<ForeignProject> {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-project-'));
    const packed = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: from });
    const tarball = join(folder, packed.stdout.trim().split('\n').at(-1) as string);
    const project = join(folder, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{"name": "project", "private": true}\n');
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: project });
    return new ForeignProject(project);
  }

  /** Runs the installed command to its end. */
  async command(sandbox: Sandbox, args: readonly string[]): Promise<string> {
    const command = join(this.folder, 'node_modules/.bin/wso2-launch');
    return (await run(command, args, { env: sandbox.env, cwd: sandbox.folder })).stdout;
  }

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  /** Starts a program of the body that is given: what it says by `tell` is told, what it prints is not. */
  start(sandbox: Sandbox, body: string, { env, cwd, way = 'import', node = [] }: ProgramOptions = {}): Program {
    const file = this.write(
      `program-${++count}.${way === 'import' ? 'mjs' : 'cjs'}`,
      PRELUDES[way].replace('BODY', () => body),
    );
    const child = spawn(process.execPath, [...node, file], {
      cwd: cwd ?? this.folder,
      env: { ...sandbox.env, ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    return sandbox.adopt(new Program(child));
  }

  /** Runs a program that has to succeed and print nothing, and gives what it tells. */
  async run(sandbox: Sandbox, body: string, options: ProgramOptions = {}): Promise<Told[]> {
    const program = this.start(sandbox, body, options);
    const { code, signal } = await program.exited;
    const { stdout, stderr } = program;
    if (code !== 0 || stdout + stderr !== '') throw new Error(JSON.stringify({ code, signal, stdout, stderr }));
    return program.told;
  }

  close(): void {
    rmSync(join(this.folder, '..'), { recursive: true, force: true });
  }
}

let count = 0;

// biome-ignore lint/suspicious/noExplicitAny: whatever a program may tell
export type Told = any;

/** A running program, with what it has told so far. */
export class Program extends Cli {
  #told = '';

  constructor(child: ReturnType<typeof spawn>) {
    super(child);
    (child.stdio[3] as NodeJS.ReadableStream).setEncoding('utf8').on('data', (text: string) => {
      this.#told += text;
    });
    child.stdin?.on('error', () => {}); // it has ended, which its exit tells
  }

  get told(): Told[] {
    return this.#told
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Told);
  }

  /** Waits for what it tells as the n-th; fails at once where it ends without that. */
  async tells(nth: number): Promise<Told> {
    let hasEnded = false;
    void this.exited.then(() => {
      hasEnded = true;
    });
    await until(`the ${nth}. word of a program`, () => this.told.length >= nth || hasEnded, 50_000);
    const told = this.told[nth - 1];
    if (told === undefined)
      throw new Error(`it ended without its ${nth}. word: ${this.#told}${this.stdout}${this.stderr}`);
    return told;
  }

  /** Lets it go on from its next `await word()`. */
  say(word: string): void {
    this.child.stdin?.write(`${word}\n`);
  }
}

const HELPERS = `
const tell = (value) => fs.writeSync(3, JSON.stringify(value ?? null) + '\\n');
const word = () => new Promise((resolve) => {
  process.stdin.ref();
  process.stdin.once('data', (data) => {
    process.stdin.unref();
    resolve(String(data).trim());
  });
});
/** An error with whatever it says, and whether it is ours. */
const plain = (error) => error instanceof Error
  ? { ...error, name: error.name, message: error.message, isOurs: error instanceof LaunchError }
  : error;
const failing = async (work) => {
  try {
    return { value: await work() };
  } catch (error) {
    return plain(error);
  }
};
/** What a library may leave behind in a process, or change of it. */
const traces = () => ({
  // Its own input is one of them or not, as somebody waits for a word.
  resources: process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap').sort(),
  sockets: process._getActiveHandles().filter((handle) => !OWN.includes(handle)).map(({ constructor }) => constructor.name),
  listeners: [process, process.stdout, process.stderr].map((emitter) =>
    emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]).sort()),
  env: { ...process.env },
  cwd: process.cwd(),
  exitCode: process.exitCode ?? null,
  umask: process.umask(),
  title: process.title,
});
const settled = async () => {
  const isClosing = () => process.getActiveResourcesInfo().includes('CloseReq');
  for (let turn = 0; turn < 20 || isClosing(); turn++) await new Promise((resolve) => setImmediate(resolve));
};
const alive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const NAMES = ['exit', 'emit', 'reallyExit', 'kill', 'on', 'chdir'];
// Handles from here on, for who starts a program by execa looks at all three.
const OWN = [process.stdin, process.stdout, process.stderr];
const own = NAMES.map((name) => process[name]);
/** The functions of the process that are not the ones that were there. */
const replaced = () => NAMES.filter((name, index) => process[name] !== own[index]);
void own; void plain; void traces; void settled; void alive; void replaced; void word; void tell; void failing;
`;

const PRELUDES: Readonly<Record<Way, string>> = {
  import: `import * as fs from 'node:fs';
import { acquire, doctor, instances, launch, LaunchError, offset, ports } from 'wso2-launch';
${HELPERS}
BODY
`,
  require: `const fs = require('node:fs');
const { acquire, doctor, instances, launch, LaunchError, offset, ports } = require('wso2-launch');
${HELPERS}
void (async () => {
BODY
})();
`,
};
