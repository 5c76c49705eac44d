import type { BootReport } from './boot.js';
import type { LaunchCommand } from './command.js';
import type { TakenPort } from './failure.js';
import type { SkippedOffset } from './offsets.js';
import type { EffectivePort } from './ports.js';
import type { Text } from './text.js';

export type StopReason = 'signal' | 'asked' | 'from-inside' | 'failed' | 'exec-done' | 'parent-gone';

/** The events of a launch as they are reported: the JSON lines are these, with time and name added. */
export type LaunchEvent =
  /** A private home is copied from its installation, which takes a while. It comes again and again. */
  | {
      readonly event: 'copying';
      readonly home: string;
      readonly installation: string;
      readonly copiedBytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly event: 'planned';
      readonly product: string;
      readonly version: string | null;
      /** The kernel's version, for people: it is no part of the JSON. */
      readonly kernel?: string;
      readonly home: string;
      readonly offset: number;
      readonly skipped: readonly SkippedOffset[];
    }
  | {
      readonly event: 'starting';
      readonly offset: number;
      readonly pid: number;
      readonly command: LaunchCommand;
      readonly logFile: string;
    }
  | {
      readonly event: 'retrying';
      readonly offset: number;
      readonly lost: readonly TakenPort[];
      readonly nextOffset: number;
    }
  | ReadyEvent
  /** A port or the health check of a ready server has gone; another `ready` follows if they come back. */
  | { readonly event: 'unhealthy'; readonly reason: string }
  | {
      readonly event: 'restarting';
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: 'crashed' | 'from-inside' | 'asked';
    }
  | { readonly event: 'stopping'; readonly reason: StopReason }
  | {
      readonly event: 'stopped';
      readonly reason: StopReason;
      readonly how: 'graceful' | 'killed';
      readonly durationMs: number;
    };

export interface ReadyEvent {
  readonly event: 'ready';
  readonly offset: number;
  readonly pid: number;
  /** The time from the command's start until the server is ready, earlier tries included. */
  readonly durationMs: number;
  readonly ports: readonly EffectivePort[];
  readonly urls: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly warnings: readonly Text[];
  /** Where the time went, for people: it is no part of the JSON. Absent where the log does not tell. */
  readonly boot?: BootReport;
}
