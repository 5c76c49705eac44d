import type { LaunchEvent } from '../domain/events.js';
import { asLaunchError, type LaunchError } from '../domain/failure.js';
import type { InstanceRecord } from '../domain/instance.js';
import type { LaunchChange } from '../domain/launch-change.js';
import { StopAsked } from '../domain/launch-end.js';
import { type Answer, isTooLate, overOf, parseRequest, type Refusal, type Request } from '../domain/protocol.js';
import type { Text } from '../domain/text.js';
import { removeGenerated } from '../state/configuration-copy.js';
import type { Client, Listening } from '../system/control.js';
import { nodeSystem, type System } from '../system/index.js';
import { RecordKeeper, readRecords } from './records.js';
import { Sharing } from './sharing.js';

/** The end of a launch. */
export interface Outcome {
  readonly code: number;
  readonly error?: LaunchError;
}

/** The access that others have to a launch: they see its events, and may ask something of it. */
export interface Endpoint {
  /** Fires with a {@link StopAsked}. */
  readonly asked: AbortSignal;
  readonly insisted: AbortSignal;
  /** Fires once somebody wants the server that runs now to be started again. */
  readonly restartAsked: AbortSignal;
  /** Has the server that runs now started again; with a change once that is planned. @throws LaunchError where it can't be */
  restart(change?: LaunchChange): Promise<void>;
  /** Writes down what a change has made of the launch. */
  note(changed: Partial<InstanceRecord>): void;
  /** Makes later requests to restart mean the next server. */
  renew(): void;
  report(event: LaunchEvent): void;
  /** Notes whom the server waits for before it goes on, in words; nobody: it may yet, or has been waiting. */
  noteAwaited(awaited: readonly string[]): void;
  /** `isServerUp`: it may have outlived us. */
  close(outcome: Outcome, isServerUp: boolean): void;
}

export interface EndpointOptions {
  readonly folder: string;
  readonly record: Omit<InstanceRecord, 'socket'>;
  readonly warn: (text: Text) => void;
  /**
   * Plans the next start with a change.
   * @throws LaunchError where it can't be; the server goes on then, except for `stopped-meanwhile`
   */
  readonly plan: (change: LaunchChange) => Promise<void>;
  /** Present where the server is to be stopped when nobody uses it any more. */
  readonly sharing?: Sharing | undefined;
}

type Opening = Pick<System, 'clock' | 'control' | 'files' | 'processes'>;

/** Opens a launch to the outside: its record on disk, and a socket on which it listens. */
export async function openEndpoint(
  { folder, record, warn, plan, ...options }: EndpointOptions,
  system: Opening = nodeSystem,
): Promise<Endpoint> {
  const stop = new AbortController();
  const insist = new AbortController();
  let restart = new AbortController();
  const sharing = options.sharing ?? new Sharing(system.clock);
  const isShared = options.sharing !== undefined;
  const clients = new Set<Client>();
  /** Those whose change is still being planned: they hear nothing but the end of the launch. */
  const planning = new Set<Client>();
  let last: LaunchEvent | undefined;

  const holding = new Set<Client>();
  let isOver = false;
  const isEnding = (): boolean => stop.signal.aborted || isOver;
  /** Whether the server may still be held: a signal or its own console may be stopping it as well. */
  const mayBeHeld = (): boolean => !isEnding() && last?.event !== 'stopping' && last?.event !== 'stopped';

  const answer = (raw: object, client: Client): void => {
    const request = parseRequest(raw);
    const refusal = refusalOf(request);
    if (!request || refusal) {
      client.say(refusal ?? {});
      client.end();
      return;
    }
    client.say({ taken: request.ask } satisfies Answer); // the answer may take its time
    if (request.ask === 'relaunch') {
      void relaunch(client, request.change);
      return;
    }
    clients.add(client);
    if (request.ask === 'stop' || request.ask === 'kill') askToStop();
    if (request.ask === 'kill') insist.abort();
    if (request.ask === 'restart') restart.abort();
    if (request.ask === 'hold') hold(client, request);
    endWhenDone(client);
    // The latest event may be the one that the client waits for.
    const isListening = request.ask === 'watch' || request.ask === 'hold';
    if (isListening && last) client.say({ event: last } satisfies Answer);
  };
  const endWhenDone = (client: Client): void => {
    client.whenDone(() => {
      // A client that has let go of the server may hear how it ends.
      if (holding.delete(client) && isEnding()) return;
      clients.delete(client);
      client.end();
    });
  };
  const restartWith = async (change: LaunchChange, planned?: () => unknown): Promise<void> => {
    await plan(change);
    planned?.();
    restart.abort();
  };
  const relaunch = async (client: Client, change: LaunchChange): Promise<void> => {
    planning.add(client);
    try {
      // Whoever asks hears of the start that it has asked for from its beginning.
      await restartWith(change, () => clients.add(client));
      endWhenDone(client);
    } catch (error) {
      const told = asLaunchError(error);
      if (told.failure.kind === 'stopped-meanwhile') return; // how the launch ends is told to all
      client.say({ declined: overOf(told) } satisfies Answer);
      client.end();
    }
    planning.delete(client);
  };
  const refusalOf = (request: Request | undefined): Refusal | undefined => {
    if (!request) return ofAnotherVersion(record);
    if (isTooLate(request, system.clock)) {
      return { refused: `The request to ${request.ask} ${record.name} came too late.`, hint: 'Ask again.' };
    }
    const isRestart = request.ask === 'restart' || request.ask === 'relaunch';
    const isEnded = request.ask === 'hold' ? !mayBeHeld() : isRestart && isEnding();
    const hint = 'Wait until it has ended, then launch it again.';
    return isEnded ? { refused: `${record.name} is being stopped.`, hint, isStopping: true } : undefined;
  };
  const askToStop = (): void => stop.abort(new StopAsked('asked'));
  const hold = (client: Client, { holder, lingerMs }: Extract<Request, { ask: 'hold' }>): void => {
    holding.add(client);
    client.whenDone(sharing.hold(holder, lingerMs));
  };
  // The first holder may be gone before there is a session to be told so.
  if (isShared && sharing.unused.aborted) askToStop();
  else if (isShared) sharing.unused.addEventListener('abort', askToStop, { once: true });

  const formers = readRecords(folder, system);
  // The name is ours now. Whoever had it has ended, and may have been killed before it could clear up.
  for (const former of formers) {
    if (former.name !== record.name) continue;
    removeGenerated(former, folder, system);
    system.control.forget(former.socket);
  }
  const socket = system.control.addressOf(record.leaseId, folder);
  const listening: Listening | undefined = await system.control.listen(socket, answer).catch((error: unknown) => {
    warn(`${record.name} can't be reached from outside (${(error as Error).message}): stop it where it was started.`);
    return undefined;
  });
  // The record comes after the socket: a reader of it asks at once.
  const bootTimes = bootTimesOf(record, formers);
  const known = { ...record, socket, holders: sharing.holders, ...(bootTimes && { bootTimes }) };
  const keeper = new RecordKeeper(folder, known, warn, system);
  sharing.whenChanged(() => keeper.change({ holders: sharing.holders }));

  return {
    asked: stop.signal,
    insisted: insist.signal,
    get restartAsked() {
      return restart.signal;
    },
    restart: async (change) => (change ? restartWith(change) : restart.abort()),
    note: (changed) => keeper.change(changed),
    renew: () => {
      restart = new AbortController();
    },
    report(event) {
      keeper.note(event);
      last = event;
      for (const client of clients) client.say({ event } satisfies Answer);
    },
    noteAwaited: (awaited) => keeper.noteAwaited(awaited),
    close({ code, error }, isServerUp) {
      isOver = true;
      sharing.whenChanged(() => {});
      keeper.close({ code, failure: error?.failure.kind }, isServerUp);
      const over = { code, ...(error && { failure: error.failure, lastLines: error.lastLines }) };
      for (const client of [...clients, ...planning]) {
        client.say({ over } satisfies Answer);
        client.end();
      }
      listening?.close();
    },
  };
}

/** The times of the last boots of an instance's home, under whatever name it ran. */
const bootTimesOf = (
  { home, runtimeHome = home }: EndpointOptions['record'],
  formers: readonly InstanceRecord[],
): InstanceRecord['bootTimes'] =>
  formers
    .filter((former) => (former.runtimeHome ?? former.home) === runtimeHome && former.bootTimes)
    .sort((one, other) => (one.startedAt < other.startedAt ? 1 : -1))[0]?.bootTimes;

const ofAnotherVersion = ({ name, supervisor }: EndpointOptions['record']): Refusal => ({
  refused: `The supervisor of ${name} (process ${supervisor.pid}) does not know the request: it is of another version.`,
  hint: 'Ask with the wso2-launch that started it, or end it there.',
});
