import { basename } from 'node:path';
import type { ReadyEvent } from '../domain/events.js';
import { asLaunchError, LaunchError } from '../domain/failure.js';
import { errorOf, type Over, overOf } from '../domain/protocol.js';
import { mention, mentioning } from '../domain/text.js';
import { locateHome } from '../home/locate.js';
import { askSupervisor } from '../instance/client.js';
import { findInstance, type Instance, isLive, listInstances } from '../instance/list.js';
import { acquireServer } from '../launch/acquire.js';
import type { LaunchRequest } from '../launch/request.js';
import { isOf } from '../launch/reuse.js';
import { sharingKey } from '../launch/sharing-key.js';
import { nodeSystem } from '../system/index.js';
import type { LaunchChange } from './internal/request.js';
import { restartWish } from './internal/restart.js';
import { checkAcquire } from './options.js';
import { copyOutput } from './output.js';
import { publicError, withPublicErrors } from './public-error.js';
import { LiveServer, Story, untilReadyAgain } from './server.js';
import type { AcquireOptions, Product } from './types.js';

/**
 * A server that is shared by all who ask for the same: the first one launches it in the background, and it is stopped
 * when the last one has given it back, or is gone.
 * @throws LaunchError, or the signal's reason
 */
export async function acquire(product: Product, options: AcquireOptions = {}): Promise<LiveServer> {
  const { request, options: given } = await withPublicErrors(() => checkAcquire(product, options));
  const { signal = new AbortController().signal, output = 'ignore', onEvent, lingerMs = 0, label = ownLabel() } = given;
  signal.throwIfAborted();
  const story = new Story(onEvent);
  const copy = copyOutput(output);
  const key = sharingKey(request);
  let isGivenBack = false;
  try {
    const held = await acquireServer(
      {
        request: { ...request, isDetached: true },
        holder: { pid: nodeSystem.pid, label },
        lingerMs: Math.ceil(lingerMs),
        find: () => findSame(request, key),
        words: ['acquire', request.product ?? ''],
        env: environment(),
        nodeOptions: nodeSystem.env['NODE_OPTIONS'],
      },
      {
        signal,
        warn: () => {}, // the `ready` event or the failure's words have it
        named: (name) => {
          story.name = name;
        },
        found: (instance) => story.begin(instance),
        hear: (event) => story.tell(event),
      },
    );
    const giveBack = (): void => {
      isGivenBack = true;
      held.letGo();
    };
    signal.addEventListener('abort', giveBack, { once: true });
    // It may have fired since the server was seen to be ready, a moment ago.
    if (signal.aborted) giveBack();
    copy.follow((story.ready as ReadyEvent).logFile);
    const over = held.over
      .then((end) => end ?? (isGivenBack ? { code: 0 } : cutOff(held.name)))
      .then((end) => tellFailure(end, story))
      .finally(async () => {
        signal.removeEventListener('abort', giveBack);
        await copy.finish();
      });
    const ask = async (change: LaunchChange | undefined): Promise<void> =>
      askForRestart(await findInstance(held.name), change);
    return new LiveServer(story, {
      over,
      restart: (change) => untilReadyAgain(story, over, () => ask(change)),
      stop: giveBack,
      unref: held.unref,
    });
  } catch (error) {
    if (signal.aborted && error === signal.reason) throw error;
    story.fail(asLaunchError(error));
    throw publicError(error);
  }
}

/** Tells a holder of a failure: each of them hears of a crash. */
function tellFailure(over: Over, story: Story): Over {
  const error = errorOf(over);
  if (error) story.fail(error);
  return over;
}

/** The running instance that was launched as the same. @throws LaunchError `home-runs` for another one of this home */
async function findSame(request: LaunchRequest, key: string): Promise<Instance | undefined> {
  const located = locateHome(request);
  const { home } = located;
  const { name, ownHome } = request;
  // Of private homes there may be several: with a name one alone is meant.
  const isMeant = (one: Instance): boolean => !ownHome || name === undefined || one.name === name;
  const live = (await listInstances()).filter((one) => isLive(one) && isOf(one, located, request) && isMeant(one));
  const same = live.find((one) => one.key === key && one.product === request.product);
  const [other] = live;
  if (same || !other) return same;
  throw new LaunchError({
    kind: 'home-runs',
    home,
    by: `instance ${other.name}, launched ${other.key === undefined ? 'by another version of wso2-launch' : 'with another name, offset, args or env'}`,
    hint: mentioning`Ask for it as it was launched, or stop it first: ${mention.command('stop', { words: [other.name] })}.`,
  });
}

/** The end of a server without its supervisor: its guard stops it. */
async function cutOff(name: string): Promise<Over> {
  const { logFile } = await findInstance(name);
  return overOf(new LaunchError({ kind: 'crashed', how: `the supervisor of ${name} was killed`, logFile }));
}

/** Resolves once its supervisor has taken the request, a change once that is planned. */
async function askForRestart(instance: Instance, change: LaunchChange | undefined): Promise<void> {
  const taken = new AbortController();
  await askSupervisor(instance, restartWish(change), {
    hear: () => true, // its beginning: the start was planned
    taken: () => {
      if (!change) taken.abort();
    },
    enough: taken.signal,
  });
}

/** The supervisor is a program of its own: what a host's Node is told (a debugger, a loader) is not for it. */
function environment(): Record<string, string | undefined> {
  const { NODE_OPTIONS: _, ...rest } = nodeSystem.env;
  return rest;
}

const ownLabel = (): string => `${basename(process.argv[1] ?? process.title)}, pid ${process.pid}`.slice(-200);
