import type { StopRequest } from '../domain/events.js';
import { asLaunchError, type LaunchError } from '../domain/failure.js';
import type { Over } from '../domain/protocol.js';
import { launch as launchServer } from '../launch/launch.js';
import { checkLaunch } from './options.js';
import { copyOutput } from './output.js';
import { withPublicErrors } from './public-error.js';
import { type Control, LiveServer, Story, untilReadyAgain, whyOver } from './server.js';
import type { LaunchOptions, Product, Server } from './types.js';

const ASKED: StopRequest = { reason: 'asked', exitCode: 0 };
/** What a host's own signal means is that of SIGTERM. */
const SIGNALLED: StopRequest = { reason: 'signal', exitCode: 143 };

/**
 * Launches a server, which is this process's: it ends with it, however it ends. Resolves when it is ready.
 * @throws LaunchError, or the signal's reason
 */
export async function launch(product: Product, options: LaunchOptions = {}): Promise<Server> {
  const { signal, output = 'ignore', onEvent } = options;
  const request = await withPublicErrors(() => checkLaunch(product, options));
  signal?.throwIfAborted();
  const story = new Story(onEvent);
  const asked = new AbortController();
  const abort = (): void => asked.abort(SIGNALLED);
  signal?.addEventListener('abort', abort, { once: true });
  const copy = copyOutput(output);
  let restart = (): void => {};
  const over = launchServer(request, {
    asked: asked.signal,
    insisted: new AbortController().signal,
    warn: () => {}, // it is in the `ready` event, or in the failure's words
    started: (name, logFile) => {
      story.name = name;
      copy.follow(logFile);
    },
    opened: (again) => {
      restart = again;
    },
    report: (event) => story.tell(event),
  })
    .then(
      (code): Over => ({ code }),
      (error: unknown): Over => failed(asLaunchError(error), story),
    )
    .finally(async () => {
      signal?.removeEventListener('abort', abort);
      await copy.finish();
    });
  const control: Control = {
    over,
    restart: () => untilReadyAgain(story, over, () => restart()),
    stop: () => asked.abort(ASKED),
  };
  const server = new LiveServer(story, control);
  await Promise.race([over, story.whenReady]);
  if (story.ready) return server;
  signal?.throwIfAborted();
  throw whyOver(await over, story.name);
}

const failed = (error: LaunchError, story: Story): Over => {
  story.fail(error);
  const { exitCode: code, failure, lastLines } = error;
  return { code, failure, lastLines };
};
