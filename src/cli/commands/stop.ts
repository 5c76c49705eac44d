import { LaunchError } from '../../domain/failure.js';
import type { StopAsked } from '../../domain/launch-end.js';
import { inWords } from '../../domain/words.js';
import { stopInstance } from '../../instance/client.js';
import type { ForeignServer } from '../../instance/foreign.js';

import { findRunning, type Instance, isRunning, listInstances } from '../../instance/list.js';
import { listenForInterrupts } from '../../system/interrupts.js';
import type { Context } from '../main.js';

export async function runStop({ options, words, terminal }: Context): Promise<number> {
  const targets = await targetsOf(words, options.isOn('all'));
  const { asked, insisted, stop } = listenForInterrupts();
  const impatience = new AbortController();
  const insist = (): void => impatience.abort();
  insisted.addEventListener('abort', insist);
  // The servers are being stopped already: a Ctrl-C is impatience, a terminal that is closed is not.
  asked.addEventListener('abort', () => {
    if ((asked.reason as StopAsked).signal === 'SIGINT') insist();
  });
  try {
    const results = await Promise.allSettled(targets.map((instance) => stopInstance(instance, impatience.signal)));
    for (const [index, { status }] of results.entries()) {
      if (status === 'fulfilled' && !terminal.isQuiet)
        terminal.say(inWords`wso2-launch: ${targets[index]?.name} stopped`);
    }
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (failures.length > 0) throw worstOf(failures);
    return 0;
  } finally {
    stop();
  }
}

/** @throws LaunchError */
async function targetsOf(words: readonly string[], isAll: boolean): Promise<Instance[]> {
  if (isAll && words.length > 0) throw new LaunchError({ kind: 'usage', what: 'stop takes names or --all, not both.' });
  if (words.length > 0) return Promise.all([...new Set(words)].map(findTarget));
  const running = (await listInstances()).filter(isRunning);
  if (isAll) return running;
  const [only, ...others] = running;
  if (only && others.length === 0) return [only];
  const names = running.map(({ name }) => name).join(', ');
  throw new LaunchError({
    kind: 'usage',
    what: only ? `stop has to be told which: ${names} are running.` : 'Nothing is running.',
    hint: only ? 'Name them, or use --all.' : 'wso2-launch ps --all shows what has ended.',
  });
}

/** @throws LaunchError also for the pid of a server that is none of ours */
async function findTarget(word: string): Promise<Instance> {
  const foreign = /^\d+$/.test(word) ? await findForeign(word) : undefined;
  if (!foreign) return findRunning(word);
  throw new LaunchError({
    kind: 'usage',
    what: `Process ${word} is a server that wso2-launch did not start (${foreign.home}).`,
    hint: 'Stop it the way it was started.',
  });
}

/** The search for foreign servers is loaded only when it is wanted, as for `ps --all`. */
async function findForeign(word: string): Promise<ForeignServer | undefined> {
  const { listForeign } = await import('../../instance/foreign.js');
  return listForeign(await listInstances()).find(({ pid }) => String(pid) === word);
}

/** A stop that left something behind outranks every other. */
const worstOf = (failures: readonly unknown[]): unknown =>
  failures.find((error) => error instanceof LaunchError && error.failure.kind === 'survived-stop') ?? failures[0];
