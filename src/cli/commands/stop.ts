import { findStopTargets, stopInstances } from '../../api/internal/stop.js';
import { type Failure, LaunchError } from '../../domain/failure.js';
import type { StopAsked } from '../../domain/launch-end.js';
import { inWords } from '../../domain/words.js';
import { listenForInterrupts } from '../../system/interrupts.js';
import type { Context } from '../main.js';
import type { View } from '../view.js';

type Instances = Parameters<typeof stopInstances>[0];

export async function runStop({ options, words, terminal }: Context): Promise<View> {
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
    const { stopped, error } = await stopInstances(targets, impatience.signal);
    if (!terminal.isQuiet) for (const { name } of stopped) terminal.say(inWords`wso2-launch: ${name} stopped`);
    if (error !== undefined) throw error;
    return { data: { stopped: stopped.map(({ name }) => name) }, text: () => inWords`` };
  } finally {
    stop();
  }
}

/** @throws LaunchError */
async function targetsOf(words: readonly string[], isAll: boolean): Promise<Instances> {
  if (isAll && words.length > 0) throw new LaunchError({ kind: 'usage', what: 'stop takes names or --all, not both.' });
  const targets = await findStopTargets(words, isAll);
  switch (targets.kind) {
    case 'instances':
      return targets.instances;
    case 'unclear':
      throw new LaunchError(targets.names.length > 0 ? which(targets.names) : { kind: 'none-running' });
    case 'foreign':
      throw new LaunchError({
        kind: 'usage',
        what: `Process ${targets.server.pid} is a server that wso2-launch did not start (${targets.server.home}).`,
        hint: 'Stop it the way it was started.',
      });
  }
}

const which = (names: readonly string[]): Failure => ({
  kind: 'usage',
  what: `stop has to be told which: ${names.join(', ')} are running.`,
  hint: 'Name them, or use --all.',
});
