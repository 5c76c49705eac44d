import { findMeant } from '../../api/internal/instances.js';
import { Declined, restartInstance } from '../../api/internal/restart.js';
import type { LaunchEvent } from '../../domain/events.js';
import { LaunchError } from '../../domain/failure.js';
import { inWords } from '../../domain/words.js';
import type { Context } from '../main.js';
import { readLaunchChange } from '../options.js';
import { readyLine } from '../render.js';

/** Asks for another start and waits until that is ready. */
export async function runRestart({ options, words, rest, reporter, terminal }: Context): Promise<number> {
  const change = readLaunchChange(options, rest);
  const instance = await findMeant(words[0]);
  reporter.name = instance.name;
  if (instance.status === 'orphaned') {
    const hint = `wso2-launch stop ${instance.name} ends it; then launch it again.`;
    throw new LaunchError({
      kind: 'usage',
      what: `${instance.name} has lost its supervisor, which would have to do that.`,
      hint,
    });
  }
  const tell = (event: LaunchEvent): void => {
    reporter.report(event);
    if (event.event !== 'ready') return;
    if (terminal.isTerminal && !terminal.isQuiet) terminal.say(readyLine(event, instance.name));
  };
  await restartInstance(instance, change, tell).catch((error: unknown) => {
    if (error instanceof Declined) terminal.say(inWords`wso2-launch: ${instance.name} goes on as it was`);
    throw error;
  });
  return 0;
}
