import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import type { PortHolder } from '../../src/domain/failure.js';
import { nodeSystem } from '../../src/system/index.js';
import type { Cli, CliOptions } from '../support/cli.js';
import { leaseFilesOf } from '../support/machine.js';
import { Sandbox } from '../support/sandbox.js';
import { isAll, type Jdk, type Kernel, kernels } from './lane.js';

interface Pair {
  readonly kernel: Kernel;
  readonly jdk: Jdk;
}

const pairsOf = (kernel: Kernel): Pair[] => kernel.jdks.map((jdk) => ({ kernel, jdk }));

/** Where every row is held. */
export const PAIRS: readonly Pair[] = isAll
  ? kernels.flatMap(pairsOf)
  : kernels.slice(0, 1).map((kernel) => ({ kernel, jdk: kernel.jdks[0] }));

/** Where a row is held that each kernel is to pass at least once: on one JDK after the other. */
export const ONE_PAIR_A_KERNEL: readonly Pair[] = isAll
  ? PAIRS
  : kernels.map((kernel, nth) => ({ kernel, jdk: kernel.jdks[nth % kernel.jdks.length] as Jdk }));

/** How often something is done: seldom in continuous integration. */
export const times = (always: number, all: number): number => (isAll ? all : always);

interface RowOptions {
  readonly on?: readonly Pair[];
  readonly timeoutMs?: number;
  /** False: this machine does not let it be held, and it is skipped. */
  readonly isPossible?: boolean;
}

/**
 * One row of the table, as a test on each pair of kernel and JDK.
 * The logs of one that fails are kept in .test-results/real.
 */
export function row(
  what: string,
  hold: (sandbox: KernelSandbox) => Promise<void>,
  { on = PAIRS, timeoutMs = 300_000, isPossible = true }: RowOptions = {},
): void {
  (isPossible ? test : test.skip).each(on.map((pair) => [pair.kernel.version, pair.jdk.feature, pair] as const))(
    `${what} (kernel %s, JDK %i)`,
    async (version, feature, pair) => {
      const sandbox = new KernelSandbox(pair);
      try {
        await hold(sandbox);
      } catch (error) {
        sandbox.keepLogs(`${what} (kernel ${version}, JDK ${feature})`);
        throw error;
      } finally {
        await sandbox.close();
      }
    },
    timeoutMs,
  );
}

/** The ports that a kernel opens as it is shipped, at offset 0. */
export const PORTS = { 'servlet-https': 9443, 'servlet-http': 9763, 'jmx-registry': 9999, 'jmx-server': 11111 };

export const portsAt = (offset: number): number[] => Object.values(PORTS).map((port) => port + offset);

export const startScriptOf = (home: string): string => join(home, 'bin/wso2server.sh');

/** How the test's own process is named where it holds a port. */
export const ourselves = (): Partial<PortHolder> => ({
  pid: process.pid,
  command: nodeSystem.processes.find(process.pid)?.name ?? null,
});

/** That nothing of a sandbox's servers has outlived them. */
export async function expectNothingLeft(sandbox: KernelSandbox, offset = 0): Promise<void> {
  expect(sandbox.processes()).toEqual([]);
  expect(leaseFilesOf(sandbox.state)).toEqual([]);
  expect(await nodeSystem.sockets.firstBusy(portsAt(offset))).toBeUndefined();
}

/** A sandbox whose homes are real kernels, started by a real JDK. */
export class KernelSandbox extends Sandbox {
  readonly #kernel: Kernel;
  readonly #homes: string[] = [];

  constructor({ kernel, jdk }: Pair) {
    super({ javaHome: jdk.home });
    this.#kernel = kernel;
  }

  /** A copy of the kernel for this test alone. */
  kernel(name = 'kernel'): string {
    const home = join(this.folder, name);
    cpSync(this.#kernel.home, home, { recursive: true });
    this.#homes.push(home);
    return home;
  }

  /** Where temporary files go, once it is there. */
  get temporary(): string {
    return join(this.folder, 'temporary');
  }

  override get env(): Record<string, string> {
    // A boot takes 12 s of processor time; without the second compiler, which only pays later, half of that.
    const quicker = { JAVA_OPTS: '-XX:TieredStopAtLevel=1' };
    return { ...super.env, ...(!isAll && quicker), ...(existsSync(this.temporary) && { TMPDIR: this.temporary }) };
  }

  /** A boot takes 6 s by itself, and a minute on a machine that has a lot to do. */
  override start(args: readonly string[], options: CliOptions = {}): Cli {
    return super.start(args, { patienceMs: 120_000, ...options });
  }

  /** A launch in the foreground, with events on stdout. */
  launch(home: string, more: readonly string[] = [], options: CliOptions = {}): Cli {
    return this.start(['server', '--home', home, '--json', ...more], options);
  }

  /** Copies what servers and supervisors have written of themselves to where it outlives this sandbox. */
  keepLogs(row: string): void {
    const kept = join(
      '.test-results/real',
      row
        .replaceAll(/[^\w.-]+/g, ' ')
        .trim()
        .replaceAll(' ', '-'),
    );
    const folders = [join(this.state, 'logs'), ...this.#homes.map((home) => join(home, 'repository/logs'))];
    for (const folder of folders.filter((one) => existsSync(one))) {
      const target = join(kept, relative(this.folder, folder).replaceAll('/', '-'));
      mkdirSync(target, { recursive: true });
      for (const name of readdirSync(folder).filter((one) => statSync(join(folder, one)).isFile())) {
        copyFileSync(join(folder, name), join(target, name));
      }
    }
  }
}
