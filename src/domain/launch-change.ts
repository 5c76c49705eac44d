import type { ConfigurationChange } from './configuration-change.js';
import type { RestartPolicy } from './restarts.js';
import { RESTART_WHENS } from './restarts.js';

/** What a restart changes of a launch; whatever is absent stays as it was. A list takes the place of the former one. */
export interface LaunchChange {
  readonly offset?: WantedOffset;
  /** Whether the offset is that of the home's database; absent: as it was, unless another offset is given. */
  readonly isSticky?: boolean;
  /** Arguments for the start script, before {@link scriptArgs}. */
  readonly args?: readonly string[];
  readonly scriptArgs?: readonly string[];
  readonly jvmArgs?: readonly string[];
  /** The heap's maximum, in MiB. */
  readonly heapMiB?: number;
  /** False: a debugger can attach no more. */
  readonly debug?: false | { readonly port?: number };
  /** Whether the server waits for its debugger. */
  readonly suspends?: boolean;
  /** The variables that files give. */
  readonly envFile?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The files that are laid over the configuration. */
  readonly config?: readonly ConfigurationChange[];
  /** The single keys that are laid over it. */
  readonly set?: readonly ConfigurationChange[];
  /** The feature release of the JDK; takes the place of `javaHome` too. */
  readonly java?: number;
  /** Absolute; takes the place of `java` too. */
  readonly javaHome?: string;
  readonly readyTimeoutMs?: number;
  readonly readyPath?: string;
  readonly readyPattern?: string;
  readonly stopTimeoutMs?: number;
  readonly restart?: Partial<RestartPolicy>;
  readonly followsOffset?: boolean;
}

export type WantedOffset =
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'auto'; readonly min?: number; readonly max?: number };

type Form = (value: unknown) => boolean;

const isText: Form = (value) => typeof value === 'string';
const isInteger: Form = (value) => Number.isSafeInteger(value);
const isCount: Form = (value) => isInteger(value) && (value as number) >= 0;
const isSwitch: Form = (value) => typeof value === 'boolean';
const isWhen: Form = (value) => RESTART_WHENS.some((one) => one === value);
const isOneOf =
  (...words: readonly string[]): Form =>
  (value) =>
    words.includes(value as string);
const isListOf =
  (is: Form): Form =>
  (value) =>
    Array.isArray(value) && value.every(is);
/** Whether a value is an object that has nothing but what is known of it. */
const isObjectOf =
  (forms: Readonly<Record<string, Form>>): Form =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(([name, one]) => Object.hasOwn(forms, name) && forms[name]?.(one));
const areVariables: Form = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText);
const has =
  (names: readonly string[], is: Form): Form =>
  (value) =>
    is(value) && names.every((name) => Object.hasOwn(value as object, name));

const isDebugger: Form = (value) => value === false || isObjectOf({ port: isCount })(value);
const isFixed = has(['kind', 'value'], isObjectOf({ kind: isOneOf('fixed'), value: isInteger }));
const isAuto = has(['kind'], isObjectOf({ kind: isOneOf('auto'), min: isInteger, max: isInteger }));
const areChanges = isListOf(has(['by', 'text'], isObjectOf({ by: isText, key: isText, text: isText })));

const FORMS: Readonly<Record<keyof LaunchChange, Form>> = {
  offset: (value) => isFixed(value) || isAuto(value),
  isSticky: isSwitch,
  args: isListOf(isText),
  scriptArgs: isListOf(isText),
  jvmArgs: isListOf(isText),
  heapMiB: isCount,
  debug: isDebugger,
  suspends: isSwitch,
  envFile: areVariables,
  env: areVariables,
  config: areChanges,
  set: areChanges,
  java: isCount,
  javaHome: isText,
  readyTimeoutMs: isCount,
  readyPath: isText,
  readyPattern: isText,
  stopTimeoutMs: isCount,
  restart: isObjectOf({ when: isWhen, most: isCount }),
  followsOffset: isSwitch,
};

/**
 * Whether a value is a change that this version knows as a whole: a server that were restarted with a part of what was
 * asked for would be another one than was asked for.
 */
export const isLaunchChange = (value: unknown): value is LaunchChange => isObjectOf(FORMS)(value);
