import { nodeSystem, type System } from './system/index.js';
import type { Guard, GuardOptions } from './system/spawning.js';

/** Nobody who kills guards again and again makes us start them faster than this. */
const PAUSE_MS = 500;

/** A guard that is replaced when it is killed: only who kills it together with its supervisor leaves a server behind. */
export async function keepGuard(
  options: GuardOptions,
  { spawning, clock }: Pick<System, 'spawning' | 'clock'> = nodeSystem,
): Promise<Guard> {
  const over = new AbortController();
  let guard = await spawning.startGuard(options);
  let watched: Parameters<Guard['watch']>[0] | undefined;

  const replacing = async (): Promise<void> => {
    for (;;) {
      await guard.ended;
      await clock.sleep(PAUSE_MS, over.signal);
      if (over.signal.aborted) return;
      guard = await spawning.startGuard(options);
      // One that was killed before it could answer is the next to be replaced.
      if (watched) await guard.watch(watched).catch(() => {});
    }
  };
  replacing().catch(() => {}); // no process can be started any more: the server goes on without a guard

  return {
    get ended() {
      return guard.ended;
    },
    watch(group) {
      watched = group;
      return guard.watch(group);
    },
    release() {
      over.abort();
      return guard.release();
    },
    abandon() {
      over.abort();
      guard.abandon();
    },
  };
}
