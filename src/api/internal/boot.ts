import { laterPhase, phaseBegunBy, usualBootMs } from '../../domain/boot.js';
import { factsOf, type ProductId } from '../../domain/catalogue.js';
import type { BootPhase } from '../../domain/facts.js';
import type { InstanceRecord } from '../../domain/instance.js';
import { readRecordOf } from '../../instance/records.js';
import { stateFolder } from '../../state/folder.js';
import { followFile } from '../../system/follow.js';
import { nodeSystem, type System } from '../../system/index.js';

/** How far a boot is. */
export interface BootLook {
  readonly phase: BootPhase;
  readonly elapsedMs: number;
  /** Whom it waits for before it goes on, for `elapsedMs` until now; absent: for nobody. */
  readonly awaits?: readonly string[];
  /** The time that is usual for this home; undefined where none is known. */
  readonly usualMs: number | undefined;
}

/** The server that boots. */
export interface BootSubject {
  readonly name: string;
  readonly product: string;
  readonly logFile: string;
  /** Whether it is the first start of its launch: its log then begins with it. */
  readonly isFirst: boolean;
}

/** Tells again and again how far a boot is, by its log, until it is closed. */
export function watchBoot(
  { name, product, logFile, isFirst }: BootSubject,
  everyMs: number,
  tell: (look: BootLook) => void,
  system: System = nodeSystem,
): { close(): void } {
  const { clock, files } = system;
  const facts = factsOf(product as ProductId).boot;
  const usualMs = usualBootMs(recordOf(name, system)?.bootTimes);
  const stopwatch = new Stopwatch(name, system);
  let phase: BootPhase = 'jvm';
  let rest = '';
  const follower = followFile(logFile, isFirst ? 0 : files.sizeOf(logFile), (block) => {
    const text = rest + block.toString('latin1');
    phase = laterPhase(phase, phaseBegunBy(text, facts) ?? phase);
    rest = text.slice(-LONGEST_TEXT);
  });
  const over = new AbortController();
  const goOn = async (): Promise<void> => {
    for (let toldMs = clock.now(); ; ) {
      await clock.sleep(LOOK_MS, over.signal);
      if (over.signal.aborted) return;
      const look = { phase, usualMs, ...stopwatch.look() };
      if (clock.now() - toldMs < everyMs) continue;
      toldMs = clock.now();
      tell(look);
    }
  };
  void goOn().catch(() => {}); // nobody waits for it, and a boot without a progress line is one all the same
  return {
    close() {
      over.abort();
      follower.close();
    },
  };
}

/** How often it is looked whether the server waits for somebody. */
const LOOK_MS = 1_000;

/** A text that begins a phase may lie across two blocks; none is longer. */
const LONGEST_TEXT = 100;

/** Times a boot, and apart from it the time in which it waits for somebody. */
class Stopwatch {
  #sinceMs: number;
  #awaits: readonly string[] = [];

  constructor(
    private readonly name: string,
    private readonly system: System,
  ) {
    this.#sinceMs = system.clock.now();
  }

  look(): Pick<BootLook, 'elapsedMs' | 'awaits'> {
    const nowMs = this.system.clock.now();
    const awaits = recordOf(this.name, this.system)?.awaits ?? [];
    if (String(awaits) !== String(this.#awaits)) this.#sinceMs = nowMs;
    this.#awaits = awaits;
    return { elapsedMs: nowMs - this.#sinceMs, ...(awaits.length > 0 && { awaits }) };
  }
}

function recordOf(name: string, system: System): InstanceRecord | undefined {
  try {
    return readRecordOf(stateFolder(system), name, system);
  } catch {
    return undefined; // it is only told where it can be read
  }
}
