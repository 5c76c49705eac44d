import type { ProductId } from './domain/catalogue.js';
import type { ScriptArguments } from './domain/command.js';
import type { OffsetChoice } from './domain/offsets.js';
import { NEVER_RESTART, type RestartPolicy } from './domain/restarts.js';

/** Where to look for a home. */
export interface HomeRequest {
  /** Absent: whatever product the home holds. */
  readonly product?: ProductId;
  /** Of a home that holds several runtimes; absent: its default one. */
  readonly profile?: { readonly name: string; readonly by: string };
  /** A folder that was named, and how: `--home` or a variable. Absent: the current folder and those above it. */
  readonly named?: { readonly path: string; readonly by: string };
  readonly script: ScriptArguments;
  /** Whether the server is going to be told its offset. */
  readonly isOffsetPassed: boolean;
}

/** What a launch is asked to do, checked and complete. */
export interface LaunchRequest extends HomeRequest {
  readonly offset: OffsetChoice;
  readonly name?: string;
  /** What the name is made from where none is given; absent: the product. */
  readonly baseName?: string;
  readonly javaHome?: { readonly path: string; readonly by: string };
  readonly readyTimeoutMs: number;
  /** On the server's first URL: `GET` has to answer 200 or 302 there, too. */
  readonly readyPath?: string;
  readonly stopTimeoutMs: number;
  readonly restart: RestartPolicy;
  /** Whether URLs of the configuration are to follow the offset, in a copy of it. */
  readonly followsOffset: boolean;
  /** Whether it is to outlive whoever asked for it. */
  readonly isDetached: boolean;
}

export const DEFAULTS = { readyTimeout: '5m', stopTimeout: '2m', restart: NEVER_RESTART } as const;
