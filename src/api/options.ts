import type { Writable } from 'node:stream';
import { PRODUCT_IDS, type ProductId, productNamed } from '../domain/catalogue.js';
import { objectionToVariable, parseScriptArguments, withJvm, withoutOffset } from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import { checkDebugPort, checkJvmArguments, type JvmRequest, parseHeapMiB } from '../domain/jvm.js';
import { isInstanceName } from '../domain/names.js';
import { LONGEST_TIMER_MS } from '../domain/numbers.js';
import type { OffsetChoice } from '../domain/offsets.js';
import { faultOfPattern } from '../domain/pattern.js';
import { RESTART_WHENS } from '../domain/restarts.js';
import { shownArgument, shownValue } from '../domain/secrets.js';
import { suggestion } from '../domain/suggestion.js';
import { mention } from '../domain/text.js';
import { nodeSystem } from '../system/index.js';
import { changesOf } from './internal/changes.js';
import { changeIn, type UsualOption } from './internal/launch-change.js';
import {
  type GivenLists,
  type HomePlace,
  homePlace,
  type LaunchChange,
  type LaunchRequest,
  launchRequest,
} from './internal/request.js';
import { variablesInFiles } from './internal/variables.js';
import type { AcquireOptions, HomeOptions, LaunchOptions, LogOptions, RestartOptions } from './types.js';

/** A NUL ends a text for the system: it would get another one than was given. */
const isWhole = (value: unknown): boolean => typeof value === 'string' && !value.includes('\0');
const isText = (value: unknown): boolean => isWhole(value) && value !== '';
const isInteger = (value: unknown): boolean => Number.isSafeInteger(value);
const isCount = (value: unknown): boolean => isInteger(value) && (value as number) >= 0;
const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= LONGEST_TIMER_MS;
const isStream = (value: unknown): boolean => {
  const { write, once, removeListener }: Partial<Writable> = value ?? {};
  return [write, once, removeListener].every((method) => typeof method === 'function');
};
const isVariable = ([name, value]: [string, unknown]): boolean => /^[^=\0]+$/.test(name) && isWhole(value);

interface OptionForm {
  readonly is: (value: unknown) => boolean;
  readonly what: string;
}

const TEXT: OptionForm = { is: isText, what: 'a text that is not empty' };
const INTEGER: OptionForm = { is: isInteger, what: 'an integer' };
const SWITCH: OptionForm = { is: (value) => typeof value === 'boolean', what: 'true or false' };
const TIME: OptionForm = { is: isTime, what: `a number of milliseconds, at most ${LONGEST_TIMER_MS}` };

const COUNT: OptionForm = { is: isCount, what: 'an integer from 0 on' };
const SIGNAL: OptionForm = { is: (value) => value instanceof AbortSignal, what: 'an AbortSignal' };

const HOME_FORMS = { home: TEXT, profile: TEXT } as const satisfies Record<keyof HomeOptions, OptionForm>;

const LAUNCH_FORMS = {
  ...HOME_FORMS,
  name: TEXT,
  offset: { is: (value) => value === 'auto' || isInteger(value), what: "an integer or 'auto'" },
  minOffset: INTEGER,
  maxOffset: INTEGER,
  javaHome: TEXT,
  java: COUNT,
  readyTimeoutMs: TIME,
  stopTimeoutMs: TIME,
  readyUrl: {
    is: (value) => isText(value) && /^\/[\x21\x22\x24-\x7e]*$/.test(value as string),
    what: "a path on the server's first URL, such as '/carbon/'",
  },
  readyWhen: {
    is: (value) => isText(value) && faultOfPattern(value as string) === undefined,
    what: 'a regular expression',
  },
  restart: {
    is: (value) => RESTART_WHENS.some((one) => one === value),
    what: `one of ${RESTART_WHENS.map((one) => `'${one}'`).join(', ')}`,
  },
  maxRestarts: COUNT,
  once: SWITCH,
  followOffset: SWITCH,
  sticky: SWITCH,
  private: SWITCH,
  fresh: SWITCH,
  args: {
    is: (value) => Array.isArray(value) && [...value].every(isWhole), // a copy has its holes as values
    what: 'an array of texts',
  },
  env: {
    is: (value) =>
      typeof value === 'object' &&
      value !== null &&
      !(Symbol.iterator in value) && // a Map's variables are none of its properties
      Object.entries(value).every(isVariable),
    what: 'an object of variables, whose values are texts',
  },
  set: {
    is: (value) =>
      typeof value === 'object' &&
      value !== null &&
      !(Symbol.iterator in value) &&
      Object.values(value).every((one) => isWhole(one) || typeof one === 'boolean' || Number.isFinite(one)),
    what: 'an object of dotted keys, whose values are texts, numbers, true or false',
  },
  config: { is: (value) => Array.isArray(value) && [...value].every(isText), what: 'an array of paths' },
  jvmArgs: { is: (value) => Array.isArray(value) && [...value].every(isText), what: 'an array of options' },
  memory: {
    is: (value) => typeof value === 'string' && parseHeapMiB(value) !== undefined,
    what: "a size with its unit, such as '512m' or '2g'",
  },
  debug: { is: (value) => typeof value === 'boolean' || isInteger(value), what: 'true, false or a port' },
  suspend: SWITCH,
  envFile: { is: (value) => Array.isArray(value) && [...value].every(isText), what: 'an array of paths' },
  output: {
    is: (value) => value === 'ignore' || value === 'inherit' || isStream(value),
    what: "'ignore', 'inherit' or a writable stream",
  },
  signal: SIGNAL,
  onEvent: { is: (value) => typeof value === 'function', what: 'a function' },
} as const satisfies Record<keyof LaunchOptions, OptionForm>;

const { once: _once, ...SHARED_FORMS } = LAUNCH_FORMS;
const ACQUIRE_FORMS = {
  ...SHARED_FORMS,
  lingerMs: TIME,
  label: { is: (value) => isText(value) && (value as string).length <= 200, what: 'a text of at most 200 characters' },
} as const satisfies Record<keyof AcquireOptions, OptionForm>;

const {
  home: _home,
  profile: _profile,
  name: _name,
  once: _job,
  private: _private,
  fresh: _fresh,
  output: _output,
  signal: _signal,
  onEvent: _onEvent,
  ...CHANGED
} = LAUNCH_FORMS;
const RESTART_FORMS = CHANGED satisfies Record<keyof RestartOptions, OptionForm>;

const LOG_FORMS = {
  tail: COUNT,
  since: {
    is: (value) => Number.isFinite(value instanceof Date ? value.getTime() : value),
    what: 'a date, or a number of milliseconds',
  },
  follow: SWITCH,
  signal: SIGNAL,
} as const satisfies Record<keyof LogOptions, OptionForm>;

const usage = (what: string): LaunchError => new LaunchError({ kind: 'usage', what });

/** A launch as it was asked for, and the options that say so, as they were when they were checked. */
export interface Checked<Options> {
  readonly request: LaunchRequest;
  readonly options: Options;
}

/** @throws LaunchError `usage` */
export const checkAcquire = (product: unknown, options: AcquireOptions): Checked<AcquireOptions> =>
  readLaunch(product, options, ACQUIRE_FORMS);

/** @throws LaunchError `usage` */
export const checkLaunch = (product: unknown, options: LaunchOptions): Checked<LaunchOptions> =>
  readLaunch(product, options, LAUNCH_FORMS);

/** The change that options for a restart mean; undefined where there is none. @throws LaunchError `usage` */
export function checkRestart(given: RestartOptions): LaunchChange | undefined {
  const options = checkForms(given, RESTART_FORMS);
  const request = requestOf(undefined, options);
  return changeIn(request, (option) => options[PROPERTIES[option]] !== undefined);
}

const PROPERTIES: Readonly<Record<UsualOption, keyof RestartOptions>> = {
  debug: 'debug',
  followOffset: 'followOffset',
  jvmArgs: 'jvmArgs',
  maxRestarts: 'maxRestarts',
  readyTimeout: 'readyTimeoutMs',
  restart: 'restart',
  sticky: 'sticky',
  stopTimeout: 'stopTimeoutMs',
  suspend: 'suspend',
};

/** @throws LaunchError `usage` */
export const checkLogs = (options: LogOptions): LogOptions => checkForms(options, LOG_FORMS);

/**
 * The options, each read once: what is used is what was checked, whatever a getter says the next time.
 * @throws LaunchError `usage` for options that are unknown, or of a wrong type
 */
export function checkForms<Options extends object>(
  options: Options,
  forms: Readonly<Record<string, OptionForm>>,
): Options {
  if (!isPlain(options)) throw usage(`The options are ${shown(options)}, not a plain object.`);
  const given = copyOf(options);
  for (const [name, value] of Object.entries(given)) {
    const form = Object.hasOwn(forms, name) ? forms[name] : undefined;
    if (!form) throw usage(`There is no option ${name}.${suggestion(name, Object.keys(forms))}`);
    if (value !== undefined) checkForm(name, value, form);
  }
  return given;
}

/** Whether whatever an object has is its own: what a list, a map or an instance of a class holds would be missed. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const parent = Object.getPrototypeOf(value);
  // That of another realm, as test runners have, is another object.
  return parent === null || Object.getPrototypeOf(parent) === null;
}

function copyOf<Options extends object>(options: Options): Options {
  try {
    return { ...options };
  } catch (error) {
    throw usage(`The options can't be read: ${error instanceof Error ? error.message : shown(error)}.`);
  }
}

/** @throws LaunchError `usage` also for one that is not given */
export function checkForm(name: string, value: unknown, { is, what }: OptionForm): void {
  if (!is(value)) throw usage(`${name} takes ${what}, not ${shown(value)}.`);
}

const LONGEST_SHOWN = 200;

/** A value in a message: without what is secret in it, and not all of a long one. */
function shown(value: unknown): string {
  const text = textOf(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/** A value as a program would write it, so that the text '3' is not taken for the number. */
function textOf(value: unknown, name = '', depth = 0): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return JSON.stringify(shownValue(name, shownArgument(value)));
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return objectText(value, depth);
  } catch {
    return Object.prototype.toString.call(value); // one that does not let itself be read
  }
}

/** The depth from which on nothing more is shown: an object may hold itself. */
const DEEPEST_SHOWN = 3;

function objectText(value: object, depth: number): string {
  if (!Array.isArray(value) && !isPlain(value)) return `an instance of ${value.constructor.name}`;
  if (depth === DEEPEST_SHOWN) return '…';
  const within = (name: string, one: unknown): string => textOf(one, name, depth + 1);
  if (Array.isArray(value)) return `[${[...value].map((one) => within('', one)).join(',')}]`;
  const properties = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}:${within(name, one)}`);
  return `{${properties.join(',')}}`;
}

/** @throws LaunchError `usage` */
export function checkProduct(product: unknown): ProductId {
  const known = typeof product === 'string' ? productNamed(product) : undefined;
  if (known) return known;
  const near = typeof product === 'string' ? suggestion(product, PRODUCT_IDS) : '';
  throw usage(`${shown(product)} is no product: one of ${PRODUCT_IDS.join(', ')}.${near}`);
}

/** The place to look for a home, as the command line has it. */
export const placeOf = (product: ProductId | undefined, { home, profile }: HomeOptions): HomePlace =>
  homePlace(
    product,
    {
      ...(home !== undefined && { named: { path: home, by: mention.option('home') } }),
      ...(profile !== undefined && { profile: { name: profile, by: mention.option('profile') } }),
    },
    nodeSystem.env,
  );

function readLaunch<Options extends LaunchOptions>(
  word: unknown,
  given: Options,
  forms: Readonly<Record<string, OptionForm>>,
): Checked<Options> {
  const product = checkProduct(word);
  const options = checkForms(given, forms);
  return { request: requestOf(product, options), options };
}

function requestOf(product: ProductId | undefined, options: LaunchOptions): LaunchRequest {
  const { name, readyUrl, readyWhen, readyTimeoutMs, stopTimeoutMs, restart, maxRestarts } = options;
  if (name !== undefined && !isInstanceName(name)) {
    throw usage(`name takes letters, digits and . _ -, at most 63, a letter or digit first, not ${shown(name)}.`);
  }
  const lists = listsOf(options);
  if (options.fresh && !options.private) throw usage('fresh goes with private: true.');
  const script = withJvm(parseScriptArguments(options.args ?? []), jvmOf(options));
  const offset = offsetOf(options, script.offset);
  if (options.sticky && offset.kind === 'fixed')
    throw usage(
      `sticky and ${options.offset === undefined ? '-DportOffset among args' : 'offset'} contradict each other.`,
    );
  return launchRequest({
    ...placeOf(product, options),
    ...(name !== undefined && { name }),
    ...jdkOf(options),
    script,
    offset,
    ...(options.sticky && { isSticky: true }),
    readyTimeoutMs,
    ...(readyUrl !== undefined && { readyPath: readyUrl }),
    ...(readyWhen !== undefined && { readyPattern: readyWhen }),
    stopTimeoutMs,
    restart: { when: restart, most: maxRestarts },
    ...(options.once && { once: true }),
    followsOffset: options.followOffset,
    ...(options.private && { ownHome: { isFresh: options.fresh === true } }),
    ...(Object.keys(lists).length > 0 && { lists }),
  });
}

/** The lists among options, each where it is given. @throws LaunchError `usage` */
function listsOf({ args, env, envFile, set, config }: LaunchOptions): GivenLists {
  for (const variable of Object.keys(env ?? {})) {
    const objection = objectionToVariable(variable);
    if (objection !== undefined) throw usage(`env holds ${variable}, which ${objection}.`);
  }
  const settings = Object.entries(set ?? {}).map(([key, value]) => ({ key, value: JSON.stringify(value), by: 'set' }));
  return {
    ...(args && { args: withoutOffset(args) }),
    ...(envFile && { envFile: variablesInFiles(envFile) }),
    ...(env && { env: { ...env } }),
    ...(config && { config: changesOf(config, []) }),
    ...(set && { set: changesOf([], settings) }),
  };
}

/** The JDK that is asked for. @throws LaunchError `usage` where two are */
export function jdkOf({
  java,
  javaHome,
}: Pick<LaunchOptions, 'java' | 'javaHome'>): Pick<LaunchRequest, 'java' | 'javaHome'> {
  if (java !== undefined && javaHome !== undefined) throw usage('java and javaHome contradict each other.');
  if (java !== undefined) return { java: { feature: java, by: mention.option('java') } };
  return javaHome === undefined ? {} : { javaHome: { path: javaHome, by: mention.option('javaHome') } };
}

/** @throws LaunchError `usage` */
function jvmOf({ jvmArgs: args = [], memory, debug = false, suspend = false }: LaunchOptions): JvmRequest | undefined {
  checkJvmArguments(args, mention.option('jvmArg'));
  if (typeof debug === 'number') checkDebugPort(debug, mention.option('debug'));
  const heapMiB = memory === undefined ? undefined : parseHeapMiB(memory);
  const isDebugged = debug !== false || suspend;
  if (args.length === 0 && heapMiB === undefined && !isDebugged) return undefined;
  return {
    args: [...args],
    ...(heapMiB !== undefined && { heapMiB }),
    ...(isDebugged && { debugger: { ...(typeof debug === 'number' && { port: debug }), suspends: suspend } }),
  };
}

/** @throws LaunchError `usage` for what contradicts itself */
function offsetOf({ offset, minOffset, maxOffset }: LaunchOptions, inArguments: number | undefined): OffsetChoice {
  if (offset !== undefined && inArguments !== undefined) {
    throw usage('The offset is given twice: as offset, and as -DportOffset among args.');
  }
  if (offset === 'auto') {
    return {
      kind: 'auto',
      ...(minOffset !== undefined && { min: { value: minOffset, by: mention.option('minOffset') } }),
      ...(maxOffset !== undefined && { max: { value: maxOffset, by: mention.option('maxOffset') } }),
    };
  }
  for (const [name, value] of Object.entries({ minOffset, maxOffset })) {
    if (value !== undefined) throw usage(`${name} goes with offset: 'auto'.`);
  }
  const fixed = offset ?? inArguments;
  if (fixed === undefined) return { kind: 'configured' };
  const by = offset === undefined ? '-DportOffset' : mention.option('offset');
  return { kind: 'fixed', offset: { value: fixed, by } };
}

/** @throws LaunchError `usage` */
export const checkHome = <Options extends HomeOptions>(
  options: Options,
  more: Readonly<Record<string, OptionForm>>,
): Options => checkForms(options, { ...HOME_FORMS, ...more });

export const FORMS = {
  text: TEXT,
  integer: INTEGER,
  count: COUNT,
  switch: SWITCH,
  time: TIME,
  signal: SIGNAL,
} as const;
