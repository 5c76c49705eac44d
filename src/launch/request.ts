import type { LaunchChange } from '../domain/launch-change.js';
import { NEVER_RESTART, type RestartPolicy } from '../domain/restarts.js';
import type { StartRequest } from '../home/request.js';
import type { ChoiceRequest } from '../ports/reserve.js';
import type { System } from '../system/index.js';

/** A launch as asked for, checked and complete. */
export interface LaunchRequest extends StartRequest, ChoiceRequest {
  readonly readyTimeoutMs: number;
  /** A path on the server's first URL: `GET` has to answer 200 or 302 there, too. */
  readonly readyPath?: string;
  /** A regular expression: a line of the log has to match it, too. */
  readonly readyPattern?: string;
  readonly stopTimeoutMs: number;
  readonly restart: RestartPolicy;
  /** Present where the offset is to be the one at which the home's database was first started, if that is known. */
  readonly isSticky?: true;
  /** Added to the environment of the launch and its server. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The lists that `script`, `variables` and `changes` come from; absent: there are none. */
  readonly lists?: GivenLists;
  /** Present where the server is a job: that it ends by itself is its success or its failure, never ours. */
  readonly once?: true;
  /** Present where the server runs from a home of its own, made from the installation; `isFresh`: anew in any case. */
  readonly ownHome?: { readonly isFresh: boolean };
  /** Whether it is to outlive whoever asked for it. */
  readonly isDetached: boolean;
}

/** The lists that a launch was made of, each of which a restart may replace by another one. */
export type GivenLists = Pick<LaunchChange, 'args' | 'scriptArgs' | 'envFile' | 'env' | 'config' | 'set'>;

/** The machine as a launch sees it: with the variables that are added for it. */
export const withVariables = (system: System, { variables }: Pick<LaunchRequest, 'variables'>): System =>
  variables ? { ...system, env: { ...system.env, ...variables } } : system;

export const DEFAULTS = { readyTimeout: '5m', stopTimeout: '2m', restart: NEVER_RESTART } as const;
