import { asLaunchError, type LaunchError } from '../domain/failure.js';
import { exitCodeOf, StopAsked } from '../domain/launch-end.js';
import { type Over, overOf } from '../domain/protocol.js';
import { type LaunchHooks, launchInForeground } from './internal/foreground.js';
import { checkLaunch } from './options.js';
import { copyOutput } from './output.js';
import { withPublicErrors } from './public-error.js';
import { LiveServer, type ServerControl, Story, untilReadyAgain, whyOver } from './server.js';
import type { LaunchOptions, Product, Server } from './types.js';

/**
 * Launches a server, which is this process's: it ends with it, however it ends. Resolves when it is ready, a job also
 * when it has ended before.
 * @throws LaunchError, or the signal's reason
 */
export async function launch(product: Product, options: LaunchOptions = {}): Promise<Server> {
  const { request, options: given } = await withPublicErrors(() => checkLaunch(product, options));
  const { signal, output = 'ignore', onEvent } = given;
  signal?.throwIfAborted();
  const story = new Story(onEvent);
  const asked = new AbortController();
  const abort = (): void => asked.abort(new StopAsked('signal', 'SIGTERM'));
  signal?.addEventListener('abort', abort, { once: true });
  const copy = copyOutput(output);
  let restart: Parameters<NonNullable<LaunchHooks['opened']>>[0] = async () => {};
  const hooks: LaunchHooks = {
    asked: asked.signal,
    insisted: new AbortController().signal,
    warn: () => {}, // the `ready` event or the failure's words have it
    started: (name) => {
      story.name = name;
    },
    opened: (again) => {
      restart = again;
    },
    report: (event) => story.tell(event),
  };
  let isJobDone = false;
  const over = launchInForeground(request, hooks, copy)
    .then(
      (end): Over => {
        isJobDone = end.kind === 'job-done';
        return { code: exitCodeOf(end) };
      },
      (error: unknown): Over => failed(asLaunchError(error), story),
    )
    .finally(async () => {
      signal?.removeEventListener('abort', abort);
      await copy.finish();
    });
  const control: ServerControl = {
    over,
    restart: (change) => untilReadyAgain(story, over, () => restart(change)),
    stop: () => asked.abort(new StopAsked('asked')),
  };
  const server = new LiveServer(story, control);
  await Promise.race([over, story.whenReady]);
  if (story.ready) return server;
  signal?.throwIfAborted();
  const end = await over;
  if (isJobDone) return server;
  throw whyOver(end, story.name);
}

const failed = (error: LaunchError, story: Story): Over => {
  story.fail(error);
  return overOf(error);
};
