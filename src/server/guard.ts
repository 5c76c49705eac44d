import { nodeSystem, type System } from '../system/index.js';
import type { Guard, GuardOptions } from '../system/spawning.js';

/** The pause between guards: killing them again and again makes us start them no faster than this. */
const PAUSE_MS = 500;
/** The most guards that may be killed one after another before one of them knows whom to stop. */
const MOST_KILLED = 10;

interface Post {
  readonly guard: Guard;
  /** Resolves once another has taken its place, or nobody needs one any more. @throws where none can be started */
  readonly relieved: Promise<void>;
}

/** A guard that is replaced when it is killed: only who kills it together with its supervisor leaves a server behind. */
export async function keepGuard(
  options: GuardOptions,
  { spawning, clock }: Pick<System, 'spawning' | 'clock'> = nodeSystem,
): Promise<Guard> {
  const over = new AbortController();
  let watched: Parameters<Guard['watch']>[0] | undefined;
  let post = await takePost();

  async function takePost(): Promise<Post> {
    const guard = await spawning.startGuard(options);
    const relieved = relieve(guard);
    relieved.catch(() => {}); // no process can be started any more: the server goes on without a guard
    return { guard, relieved };
  }

  async function relieve({ ended }: Guard): Promise<void> {
    await ended;
    await clock.sleep(PAUSE_MS, over.signal);
    if (over.signal.aborted) return;
    post = await takePost();
    // A guard that is killed before it can answer is the next to be replaced.
    if (watched) post.guard.watch(watched).catch(() => {});
  }

  return {
    get ended() {
      return post.guard.ended;
    },
    async watch(group) {
      watched = group;
      for (let killed = 0; ; killed++) {
        const { guard, relieved } = post;
        try {
          return await guard.watch(group);
        } catch (error) {
          if (killed === MOST_KILLED || !(await hasEnded(guard))) throw error;
          await relieved;
        }
      }
    },
    release() {
      over.abort();
      return post.guard.release();
    },
    abandon() {
      over.abort();
      post.guard.abandon();
    },
  };
}

const hasEnded = ({ ended }: Guard): Promise<boolean> =>
  Promise.race([ended.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))]);
