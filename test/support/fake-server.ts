import { join } from 'node:path';
import { factsOf, type ProductId } from '../../src/domain/catalogue.js';
import { basePorts, type EffectivePort, effectivePorts } from '../../src/domain/ports.js';
import type { ProcessRow } from '../../src/domain/tree.js';
import type { LogSummary, LogWatch } from '../../src/server/log-watch.js';
import type { RunningServer } from '../../src/server/start.js';
import type { Exit } from '../../src/system/spawning.js';
import { type FakeSystem, processRow } from './fake-system.js';

export const SCRIPT = 100;
export const JVM = 101;
export const HELPER = 102;

/** What the last lines of every fake server's log are. */
export const LAST_LINES = [
  '[2026-11-22 03:00:00,000]  INFO - Starting WSO2 Micro Integrator',
  '[2026-11-22 03:00:01,000] ERROR - the cause',
];

export const portsOf = (id: ProductId, offset: number): EffectivePort[] =>
  effectivePorts(basePorts(factsOf(id).versions[0].ports, factsOf(id).required), offset);

/** A script with its JVM and its helper, in a fake system; what its log says is up to the test. */
export class FakeServer implements RunningServer {
  readonly leader = { pid: SCRIPT, startTime: `t${SCRIPT}` };
  readonly home = '/opt/mi';
  readonly logFile = join(process.cwd(), 'test/support/fixtures/server-log.txt');
  readonly logStart = 0;
  lines: readonly string[] = LAST_LINES;
  silencedBy: string | undefined;
  exit: Exit | undefined;
  jvmPid: number | undefined = JVM;
  readonly said: {
    readyAtMs?: number;
    shutdownAtMs?: number;
    asksForPassword: boolean;
    fatals: string[];
    bindFailures: string[];
  } = { fatals: [], bindFailures: [], asksForPassword: false };
  readonly log: LogWatch & { position: number; askedSince: number[] };
  readonly #ended = new AbortController();

  constructor(
    readonly system: FakeSystem,
    readonly ports: readonly EffectivePort[] = portsOf('mi', 3),
  ) {
    const member = (pid: number, name: string): ProcessRow =>
      processRow(pid, { parent: pid === SCRIPT ? 5 : SCRIPT, group: SCRIPT, session: SCRIPT, name });
    system.processes.rows.push(member(SCRIPT, 'sh'), member(JVM, 'java'), member(HELPER, 'sleep'));
    const askedSince: number[] = [];
    this.log = {
      position: 0,
      askedSince,
      since: (position): LogSummary => {
        askedSince.push(position);
        return { ...this.said, fatals: [...this.said.fatals], bindFailures: [...this.said.bindFailures] };
      },
      lastLines: () => [...this.lines],
      caughtUp: async () => {},
      close: () => {},
    };
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  tree = (): ProcessRow[] =>
    this.system.processes.rows.filter(({ session, isZombie }) => session === SCRIPT && !isZombie);

  jvm = (members: readonly ProcessRow[] = this.tree(), listeningPid?: number): ProcessRow | undefined =>
    members.find(({ pid }) => pid === this.jvmPid) ?? members.find(({ pid }) => pid === listeningPid);

  /** The JVM opens these ports, all of them by default. */
  open(...names: readonly string[]): void {
    for (const { name, number } of this.ports) {
      if (names.length === 0 || names.includes(name)) this.system.sockets.listen(number, JVM);
    }
  }

  openAllBut(...names: readonly string[]): void {
    this.open(...this.ports.map(({ name }) => name).filter((name) => !names.includes(name)));
  }

  saysThatItShutsDown(): void {
    this.said.shutdownAtMs = this.system.clock.now();
  }

  saysReady(): void {
    this.said.readyAtMs = this.system.clock.now();
  }

  /** The script ends, and everything with it. */
  end(exit: Partial<Exit> = {}): void {
    this.system.processes.end(...this.tree().map(({ pid }) => pid));
    this.exit = { code: 0, signal: null, ...exit };
    this.#ended.abort();
  }
}
