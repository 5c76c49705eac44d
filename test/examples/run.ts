import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from '@jest/globals';
import type { InstanceRecord } from '../../src/domain/instance.js';
import { Cli } from '../support/cli.js';
import { Sandbox } from '../support/sandbox.js';
import { until } from '../support/wait.js';

/** Where scripts/examples-lane.mjs has put the examples, with their packages. */
const LANE = process.env['EXAMPLES_LANE'] as string;

/** What a runner's own test is given to wait for. */
export const PATIENCE_MS = 90_000;

/** How long a change of a file may take to be seen by its runner. */
const CHANGE_MS = 10_000;

/** A project of a test's own beside an installed example, whose packages it has. */
export class Project {
  readonly sandbox = new Sandbox();
  readonly folder: string;
  readonly #started: Cli[] = [];

  constructor(
    private readonly example: 'jest' | 'vitest' | 'playwright' | 'node-test',
    files: Readonly<Record<string, string>> = {},
  ) {
    this.folder = mkdtempSync(join(LANE, example, 'case '));
    this.write(files);
  }

  /** With the files of the example itself. */
  withExample(): this {
    const example = join(LANE, this.example);
    for (const entry of readdirSync(example, { withFileTypes: true })) {
      if (entry.isFile()) cpSync(join(example, entry.name), join(this.folder, entry.name));
    }
    return this;
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), text);
    }
  }

  /** Runs a program of one of the example's packages in the project. */
  start(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Cli {
    return this.startNode([join(LANE, this.example, 'node_modules', program), ...args], env);
  }

  startNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Cli {
    const child: ChildProcess = spawn(process.execPath, args, {
      cwd: this.folder,
      env: { ...this.sandbox.env, CI: '', NO_COLOR: '1', ...env },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const cli = new Cli(child, PATIENCE_MS);
    this.#started.push(cli);
    return cli;
  }

  /** Compares a file with the types of the runner, as each of its users' compilers may be set: what does not fit. */
  async misfits(file: string): Promise<string> {
    const compiler = join(LANE, 'vitest/node_modules/typescript/bin/tsc');
    const words = [compiler, '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', file];
    const ways = [
      ['--module', 'nodenext'],
      ['--module', 'esnext', '--moduleResolution', 'bundler', '--exactOptionalPropertyTypes'],
    ];
    const runs = ways.map((way) => this.startNode([...words, ...way]));
    await Promise.all(runs.map(({ exited }) => exited));
    return runs.map(said).join('');
  }

  /** The instances that run, or are being stopped. */
  get running(): InstanceRecord[] {
    return this.sandbox.records.filter(({ status }) => status !== 'exited');
  }

  /** Resolves once the one server is ready. */
  async ready(run: Cli): Promise<InstanceRecord> {
    const found = await until(
      `a server; so far ${said(run)}`,
      () => this.running.find(({ status }) => status === 'ready') ?? (hasEnded(run) ? null : undefined),
      PATIENCE_MS,
    );
    if (found === null) throw new Error(`ended without a server: ${said(run)}`);
    return found;
  }

  /** Resolves once nothing of the project runs any more. */
  async allGone(): Promise<void> {
    await until('the end of all', () => this.sandbox.processes().length === 0, PATIENCE_MS);
  }

  async close(): Promise<void> {
    for (const { child } of this.#started) child.kill('SIGKILL');
    await Promise.all(this.#started.map(({ ended }) => ended));
    rmSync(this.folder, { recursive: true, force: true });
    await this.sandbox.close();
  }
}

const hasEnded = ({ child }: Cli): boolean => child.exitCode !== null || child.signalCode !== null;

/** All that a run has printed. */
export const said = ({ stdout, stderr }: Cli): string => `${stdout}${stderr}`;

/** Changes a file until its tests have run so often: a runner may not watch yet when it says that it waits. */
export async function rerun(project: Project, run: Cli, file: string, text: string, times: number): Promise<string[]> {
  for (let change = 1; ; change++) {
    project.write({ [file]: `${text}// change ${change}\n` });
    const writtenMs = performance.now();
    const seen = await until(`test number ${times}; so far ${said(run)}`, () =>
      seenIn(project).length >= times ? seenIn(project) : performance.now() - writtenMs > CHANGE_MS && [],
    );
    if (seen.length > 0) return seen;
    if (change * CHANGE_MS > PATIENCE_MS) throw new Error(`no test number ${times}: ${said(run)}`);
  }
}

/** What the tests of a project have written down, a line each. */
export function seenIn({ folder }: Project): string[] {
  try {
    return readFileSync(join(folder, 'seen.txt'), 'utf8').split('\n').slice(0, -1);
  } catch {
    return []; // nothing yet
  }
}

/** Waits until so many tests of a project have written down which server they had, unless one of the runs ends. */
export function untilSeen(project: Project, runs: readonly Cli[], times: number): Promise<string[]> {
  return until(
    `test number ${times}`,
    () => {
      const seen = seenIn(project);
      if (seen.length >= times) return seen;
      if (runs.some(hasEnded)) throw new Error(`a run has ended before test number ${times}`);
      return undefined;
    },
    PATIENCE_MS,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; so far ${runs.map(said).join('\n')}`);
  });
}

/** Ends a run by a signal while a test of it waits for the file `go`: its server goes with it, gracefully. */
export async function expectNoServerAfter(signal: NodeJS.Signals, project: Project, run: Cli): Promise<void> {
  await untilSeen(project, [run], 1);
  if (signal === 'SIGINT') run.killGroup(signal);
  else run.kill(signal);
  await run.ended;
  project.write({ go: '' }); // for workers that nobody has told
  await project.allGone();
  expect(project.sandbox.records).toMatchObject([{ status: 'exited', exit: { code: 0 } }]);
}

/** Expects two runs of a runner, whose tests wait for the file `go`, to have one server, held by both of them. */
export async function expectOneServerFor(runner: string, both: readonly [Cli, Cli], project: Project): Promise<void> {
  await untilSeen(project, both, 2);
  expect(new Set(seenIn(project)).size).toBe(1);
  const labels = both.map(({ pid }) => `${runner}, pid ${pid}`);
  expect(project.running[0]?.holders?.map(({ label }) => label).sort()).toEqual(labels.sort());
  project.write({ go: '' });
  expect((await Promise.all(both.map(({ exited }) => exited))).map(({ code }) => code)).toEqual([0, 0]);
}
