import type { LaunchEvent } from '../../domain/events.js';
import { LaunchError } from '../../domain/failure.js';
import { errorOf } from '../../domain/protocol.js';
import { askSupervisor } from '../../instance/client.js';
import { findRunning } from '../../instance/list.js';
import type { Context } from '../main.js';
import { readyLine } from '../render.js';
import { nameIn } from './ps.js';

/** Asks for another start and waits until that is ready. */
export async function runRestart({ words, reporter, terminal }: Context): Promise<number> {
  const instance = await findRunning(nameIn(words, 'restart'));
  reporter.name = instance.name;
  if (instance.status === 'orphaned') {
    const hint = `wso2-launch stop ${instance.name} ends it; then launch it again.`;
    throw new LaunchError({
      kind: 'usage',
      what: `${instance.name} has lost its supervisor, which would have to do that.`,
      hint,
    });
  }
  let hasBegun = false;
  let isReady = false;
  const hear = (event: LaunchEvent): boolean => {
    // A server that was about to be started anyway is not stopped for it.
    if (event.event === 'restarting' || event.event === 'starting') hasBegun = true;
    if (!hasBegun) return false;
    reporter.report(event);
    if (event.event !== 'ready') return false;
    if (terminal.isTerminal && !terminal.isQuiet) terminal.say(readyLine(event, instance.name));
    isReady = true;
    return true;
  };
  const over = await askSupervisor(instance, 'restart', { hear });
  if (isReady) return 0;
  const { name, logFile } = instance;
  throw (over && errorOf(over)) ?? new LaunchError({ kind: 'not-running', name, ended: null, logFile });
}
