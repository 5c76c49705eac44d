import type { LaunchEvent, StopRequest } from '../domain/events.js';
import type { LaunchError } from '../domain/failure.js';
import type { InstanceRecord } from '../domain/instance.js';
import { removeGenerated } from '../state/configuration-copy.js';
import type { Client, Listening } from '../system/control.js';
import { nodeSystem, type System } from '../system/index.js';
import { RecordKeeper, readRecords } from './records.js';

/** Raised only when a request or an answer changes its meaning. */
export const PROTOCOL = 1;

/** How long a supervisor is waited for. One that was suspended finds requests that were given up long ago. */
export const ANSWER_MS = 5_000;

/** What may be asked of a supervisor. */
export type Ask = 'stop' | 'kill' | 'restart' | 'watch';

/** How a launch ended. */
export interface Outcome {
  readonly code: number;
  readonly error?: LaunchError;
}

/** What others see of a launch, and what they may ask of it. */
export interface Session {
  /** Fires with a {@link StopRequest}. */
  readonly asked: AbortSignal;
  readonly insisted: AbortSignal;
  /** Fires once somebody wants the server that runs now to be started again. */
  readonly restartAsked: AbortSignal;
  /** From now on a request to restart means the next server. */
  renew(): void;
  report(event: LaunchEvent): void;
  close(outcome: Outcome): void;
}

export interface SessionOptions {
  readonly folder: string;
  readonly record: Omit<InstanceRecord, 'socket'>;
  readonly warn: (text: string) => void;
}

type Opening = Pick<System, 'clock' | 'control' | 'files' | 'processes'>;

/** Opens a launch to the outside: its record on disk, and a socket on which it listens. */
export async function openSession(
  { folder, record, warn }: SessionOptions,
  system: Opening = nodeSystem,
): Promise<Session> {
  const stop = new AbortController();
  const insist = new AbortController();
  let restart = new AbortController();
  const clients = new Set<Client>();
  let last: LaunchEvent | undefined;

  const answer = (request: object, client: Client): void => {
    const { protocol, ask, at } = request as { protocol?: unknown; ask?: unknown; at?: unknown };
    const refuse = (refused: string, hint: string): void => {
      client.say({ refused, hint });
      client.end();
    };
    if (protocol !== PROTOCOL || !isAsk(ask)) {
      const who = `The supervisor of ${record.name} (process ${record.supervisor.pid})`;
      const hint = 'Ask with the wso2-launch that started it, or end it there.';
      refuse(`${who} does not know the request: it is of another version.`, hint);
      return;
    }
    if (typeof at === 'number' && system.clock.date() - at > ANSWER_MS) {
      refuse(`The request to ${ask} ${record.name} came too late.`, 'Ask again.');
      return;
    }
    if (ask === 'restart' && stop.signal.aborted) {
      refuse(`${record.name} is being stopped.`, 'Wait until it has ended, then launch it again.');
      return;
    }
    client.say({ taken: ask }); // what it leads to may take its time
    clients.add(client);
    if (ask === 'stop' || ask === 'kill') stop.abort({ reason: 'asked', exitCode: 0 } satisfies StopRequest);
    if (ask === 'kill') insist.abort();
    if (ask === 'restart') restart.abort();
    // What has just happened may be what it waits for.
    if (ask === 'watch' && last) client.say({ event: last });
  };

  // The name is ours now. Whoever had it has ended, and may have been killed before it could clear up.
  for (const former of readRecords(folder, system)) {
    if (former.name !== record.name) continue;
    removeGenerated(former, folder, system);
    system.control.forget(former.socket);
  }
  const socket = system.control.addressOf(record.leaseId, folder);
  const listening: Listening | undefined = await system.control.listen(socket, answer).catch((error: unknown) => {
    warn(`${record.name} can't be reached from outside (${(error as Error).message}): stop it where it was started.`);
    return undefined;
  });
  // Whoever reads it asks at once.
  const keeper = new RecordKeeper(folder, { ...record, socket }, warn, system);

  return {
    asked: stop.signal,
    insisted: insist.signal,
    get restartAsked() {
      return restart.signal;
    },
    renew: () => {
      restart = new AbortController();
    },
    report(event) {
      keeper.note(event);
      last = event;
      for (const client of clients) {
        if (client.isGone) clients.delete(client);
        else client.say({ event });
      }
    },
    close({ code, error }) {
      keeper.close(code, error?.failure.kind);
      for (const client of clients) {
        client.say({ over: { code, ...(error && { failure: error.failure, lastLines: error.lastLines }) } });
        client.end();
      }
      listening?.close();
    },
  };
}

const isAsk = (value: unknown): value is Ask =>
  value === 'stop' || value === 'kill' || value === 'restart' || value === 'watch';
