import { laterPhase, phaseBegunBy, usualBootMs } from '../../domain/boot.js';
import { factsOf, type ProductId } from '../../domain/catalogue.js';
import type { BootPhase } from '../../domain/facts.js';
import { readRecords } from '../../instance/records.js';
import { stateFolder } from '../../state/folder.js';
import { followFile } from '../../system/follow.js';
import { nodeSystem, type System } from '../../system/index.js';

/** How far a boot is. */
export interface BootLook {
  readonly phase: BootPhase;
  readonly elapsedMs: number;
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
  const beganMs = clock.now();
  const usualMs = usualOf(name, system);
  let phase: BootPhase = 'jvm';
  let rest = '';
  const follower = followFile(logFile, isFirst ? 0 : files.sizeOf(logFile), (block) => {
    const text = rest + block.toString('latin1');
    phase = laterPhase(phase, phaseBegunBy(text, facts) ?? phase);
    rest = text.slice(-LONGEST_TEXT);
  });
  const over = new AbortController();
  const goOn = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(everyMs, over.signal);
      if (over.signal.aborted) return;
      tell({ phase, elapsedMs: clock.now() - beganMs, usualMs });
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

/** A text that begins a phase may lie across two blocks; none is longer. */
const LONGEST_TEXT = 100;

function usualOf(name: string, system: System): number | undefined {
  try {
    const record = readRecords(stateFolder(system), system).find((one) => one.name === name);
    return usualBootMs(record?.bootTimes);
  } catch {
    return undefined; // it is only told where it can be read
  }
}
