import { findMeant } from '../../api/internal/instances.js';
import { restartInstance } from '../../api/internal/restart.js';
import { LaunchError } from '../../domain/failure.js';
import type { Context } from '../main.js';
import { readyLine } from '../render.js';

/** Asks for another start and waits until that is ready. */
export async function runRestart({ words, reporter, terminal }: Context): Promise<number> {
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
  await restartInstance(instance, (event) => {
    reporter.report(event);
    if (event.event !== 'ready') return;
    if (terminal.isTerminal && !terminal.isQuiet) terminal.say(readyLine(event, instance.name));
  });
  return 0;
}
