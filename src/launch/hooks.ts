import type { LaunchEvent, ReadyEvent } from '../domain/events.js';
import type { LaunchChange } from '../domain/launch-change.js';
import type { Text } from '../domain/text.js';
import type { Sharing } from '../instance/sharing.js';

/** The caller's side of a launch: how it hears of it, and ends it. */
export interface LaunchHooks {
  report(event: LaunchEvent): void;
  /** Tells a person something worth knowing even if the launch then fails; the `ready` event has it as well. */
  warn(text: Text): void;
  /** Called once there is a name: before the server's first output, and before the next where its log begins anew. */
  started?(name: string, logFile: string): void;
  /**
   * Called once it can be asked for something: gives what has its server started again, and throws where a change can't
   * be had.
   */
  opened?(restart: (change?: LaunchChange) => Promise<void>): void;
  /** Fires with a `StopAsked`. */
  readonly asked: AbortSignal;
  /** Fires when nobody wants to wait for a graceful stop. */
  readonly insisted: AbortSignal;
  /** Present where the server is to be stopped when nobody uses it any more. */
  readonly sharing?: Sharing;
  /**
   * Work beside the ready server, after which it is stopped; resolves to the launch's exit code.
   * @param over fires when it has to end, for its server does
   * @param insisted fires when nobody wants to wait for that
   */
  readonly whileReady?: (ready: ReadyInstance, over: AbortSignal, insisted: AbortSignal) => Promise<number>;
}

/** A ready server, as it is told to the work beside it. */
export interface ReadyInstance extends ReadyEvent {
  readonly name: string;
  readonly home: string;
}
