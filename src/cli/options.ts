import { changesOf, type GivenSetting } from '../api/internal/changes.js';
import { changeIn, type UsualOption } from '../api/internal/launch-change.js';
import {
  type AskedRestart,
  DEFAULTS,
  type Given,
  type GivenLists,
  type HomePlace,
  homePlace,
  type LaunchChange,
  type LaunchRequest,
  launchRequest,
} from '../api/internal/request.js';
import { variablesInFiles } from '../api/internal/variables.js';
import type { ProductId } from '../domain/catalogue.js';
import {
  type Environment,
  objectionToVariable,
  parseScriptArguments,
  type ScriptArguments,
  withJvm,
  withoutOffset,
} from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import {
  checkDebugPort,
  checkJvmArguments,
  type DebuggerRequest,
  type JvmRequest,
  parseHeapMiB,
} from '../domain/jvm.js';
import { isInstanceName } from '../domain/names.js';
import { parseDurationMs, parseInteger } from '../domain/numbers.js';
import type { GivenNumber, OffsetChoice } from '../domain/offsets.js';
import { faultOfPattern } from '../domain/pattern.js';
import { RESTART_WHENS } from '../domain/restarts.js';
import { shownArgument } from '../domain/secrets.js';
import { type MentionedOption, mention, mentioning } from '../domain/text.js';
import { FORMATS } from './formats.js';

/** An option: its help, and whether it takes a value. */
export interface OptionFact {
  readonly describe: string;
  readonly alias?: string;
  readonly value?: string;
  /** Present where its value may begin with a dash. */
  readonly takesDashes?: true;
  /** Present where it may stand without a value, which is given behind `=` alone. */
  readonly mayLackValue?: true;
  /** The values that there are, where they can be told. */
  readonly choices?: readonly string[];
}

export const COMMON_OPTIONS = {
  ...FORMATS,
  quiet: { describe: 'say nothing but errors' },
  verbose: { describe: 'say what is done, and why' },
  'no-color': { describe: 'no colours (NO_COLOR and FORCE_COLOR count too)' },
} as const satisfies Record<string, OptionFact>;

export const HOME_OPTION = {
  home: { describe: "the product's home; default: APIM_HOME or MI_HOME, else here or above", value: 'DIR' },
} as const satisfies Record<string, OptionFact>;

export const PROFILE_OPTION = {
  profile: { describe: 'which runtime of a home that holds several (ei, sp, analytics)', value: 'NAME' },
} as const satisfies Record<string, OptionFact>;

export const OFFSET_OPTION = {
  offset: { describe: 'exactly this offset', value: 'N' },
} as const satisfies Record<string, OptionFact>;

export const JDK_OPTIONS = {
  java: { describe: 'the newest JDK of this release that jdks lists, such as 17', value: 'VERSION' },
  'java-home': { describe: 'the JDK; default: JAVA_HOME, else the java on PATH', value: 'DIR' },
} as const satisfies Record<string, OptionFact>;

export const LAUNCH_OPTIONS = {
  ...HOME_OPTION,
  ...PROFILE_OPTION,
  'auto-offset': { describe: 'the smallest offset at which nothing collides', alias: 'a' },
  ...OFFSET_OPTION,
  'min-offset': { describe: 'where --auto-offset starts counting; default: the configured offset', value: 'N' },
  'max-offset': { describe: 'where --auto-offset stops', value: 'N' },
  sticky: { describe: 'the offset at which the database of the home was first started' },
  name: { describe: "the instance's name; default: the product, then product-2, …", value: 'NAME' },
  'ready-timeout': { describe: `how long it may take to be ready (${DEFAULTS.readyTimeout})`, value: 'TIME' },
  'ready-url': { describe: 'ready only once GET of this path answers 200 or 302', value: 'PATH' },
  'ready-when': { describe: 'ready only once a line of the log matches as well', value: 'PATTERN' },
  'stop-timeout': { describe: `how long a graceful stop may take (${DEFAULTS.stopTimeout})`, value: 'TIME' },
  detach: { describe: 'leave it running in the background; return when it is ready', alias: 'd' },
  restart: {
    describe: 'start it again when it ends: never (default), on-failure, always',
    value: 'POLICY',
    choices: RESTART_WHENS,
  },
  once: { describe: 'a job that ends by itself: its exit code is ours, ready or not' },
  'max-restarts': { describe: 'how often in a row (5)', value: 'N' },
  'follow-offset': { describe: 'start with a copy of deployment.toml whose URLs follow the offset' },
  ...JDK_OPTIONS,
  set: { describe: 'a key of its configuration for this launch alone; may be given again', value: 'KEY=VALUE' },
  config: { describe: 'a file that is laid over its configuration; may be given again', value: 'FILE' },
  arg: { describe: 'an argument for the start script, before those after --', value: 'ARG', takesDashes: true },
  'jvm-arg': { describe: "an option for the server's JVM; may be given again", value: 'ARG', takesDashes: true },
  memory: { describe: "the most memory of the server's heap (512m, 2g)", value: 'SIZE' },
  debug: {
    describe: 'a debugger can attach; default: the first free port from 5005 on',
    value: 'PORT',
    mayLackValue: true,
  },
  suspend: { describe: 'the server waits for that debugger, however long that takes' },
  env: { describe: 'a variable of the server; may be given again', value: 'KEY=VALUE' },
  'env-file': { describe: 'a file of such variables, as .env files are; may be given again', value: 'FILE' },
  private: { describe: 'from a home of its own, which is made from the installation and stays' },
  fresh: { describe: 'with --private: make that home anew' },
  'dry-run': { describe: 'check everything, print what would run, start nothing' },
  ...COMMON_OPTIONS,
} as const satisfies Record<string, OptionFact>;

const { detach: _, once: _once, ...ATTACHED_OPTIONS } = LAUNCH_OPTIONS;

export const CERTIFICATE_OPTION = {
  ca: { describe: "with variables by which programs trust the server's certificates" },
} as const satisfies Record<string, OptionFact>;

export const EXEC_OPTIONS = {
  ...ATTACHED_OPTIONS,
  reuse: { describe: 'take a running instance and leave it, or share a new one with others' },
  ...CERTIFICATE_OPTION,
} as const satisfies Record<string, OptionFact>;

const {
  home: _home,
  profile: _profile,
  name: _name,
  detach: _detach,
  once: _job,
  private: _private,
  fresh: _fresh,
  'dry-run': _dryRun,
  ...CHANGED
} = LAUNCH_OPTIONS;

/** What a restart may change. Variables say how an instance is launched, and change none that runs. */
export const RESTART_OPTIONS = CHANGED;

/** The time in which a server says how it took what is deployed, unless another one is given. */
export const WORD_TIMEOUT = '5m';

export type OptionName =
  | keyof typeof LAUNCH_OPTIONS
  | 'keep'
  | 'force'
  | 'all'
  | 'follow'
  | 'tail'
  | 'since'
  | 'format'
  | 'reuse'
  | 'no-prefix'
  | 'for'
  | 'timeout'
  | 'undeploy'
  | 'prune'
  | 'keep-logs'
  | 'ca'
  | 'output';

/** The command line's options, unread: a string, a boolean, or a list where an option was repeated. */
export type RawOptions = Readonly<Record<string, unknown>>;

interface GivenText {
  readonly text: string;
  /** The flag or the variable, as it is typed. */
  readonly by: string;
  readonly isGeneral?: true;
}

/** The way in which an option was given, for those who call it by another name. */
const givenOf = ({ by, isGeneral }: GivenText, name: MentionedOption): Given =>
  isGeneral ? { by, isGeneral } : { by: mention.option(name) };

const givenPath = (given: GivenText, name: 'home' | 'javaHome'): { readonly path: string } & Given => ({
  path: given.text,
  ...givenOf(given, name),
});

const variableOf = (name: string): string => `WSO2_LAUNCH_${name.toUpperCase().replaceAll('-', '_')}`;

const usage = (what: string): LaunchError => new LaunchError({ kind: 'usage', what });

/** The options' values with their precedence: flag, then variable. A flag silences its rivals' variables. */
export class Options {
  constructor(
    private readonly raw: RawOptions,
    readonly env: Environment,
  ) {}

  /** A value from the command line. @throws LaunchError `usage` where it is empty or repeated */
  flag(name: OptionName): string | undefined {
    const value = this.raw[name];
    if (value === undefined) return undefined;
    if (Array.isArray(value)) throw usage(`--${name} is given ${value.length} times.`);
    if (value === '') throw usage(`--${name} needs a value.`);
    return String(value);
  }

  /** All values of an option that may be given again and again. @throws LaunchError `usage` for an empty one */
  flags(name: OptionName): readonly string[] {
    const value = this.raw[name];
    const all = value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];
    if (all.includes('')) throw usage(`--${name} needs a value.`);
    return all;
  }

  /** A value from the environment; an empty variable counts as none. */
  variable(name: OptionName): string | undefined {
    return this.env[variableOf(name)] || undefined;
  }

  /** A value, and how it was given. */
  value(name: OptionName): GivenText | undefined {
    const flag = this.flag(name);
    if (flag !== undefined) return { text: flag, by: `--${name}` };
    const variable = this.variable(name);
    return variable === undefined ? undefined : { text: variable, by: variableOf(name), isGeneral: true };
  }

  isOn(name: OptionName): boolean {
    return this.raw[name] === undefined ? this.isOnInEnvironment(name) : this.raw[name] === true;
  }

  isOnInEnvironment(name: OptionName): boolean {
    const text = this.variable(name);
    if (text === undefined || /^(0|false|no|off)$/i.test(text)) return false;
    if (/^(1|true|yes|on)$/i.test(text)) return true;
    throw usage(`${variableOf(name)} is ${JSON.stringify(text)}; it takes 1 or 0.`);
  }

  /** The same without what the environment says. */
  withoutVariables(): Options {
    return new Options(this.raw, {});
  }

  /** The same without what the environment says of one option. */
  withoutVariable(name: OptionName): Options {
    return new Options(this.raw, { ...this.env, [variableOf(name)]: undefined });
  }

  /** Whether an option is on the command line, be it to switch something off. */
  isGiven(name: OptionName): boolean {
    return this.raw[name] !== undefined;
  }

  isFlagged(name: OptionName): boolean {
    return this.raw[name] !== undefined && this.raw[name] !== false;
  }
}

function integer({ text, by }: GivenText): number {
  const value = parseInteger(text);
  if (value === undefined) throw usage(`${by} takes a plain integer, not ${JSON.stringify(text)}.`);
  return value;
}

const givenInteger = (given: GivenText, name: MentionedOption): GivenNumber => ({
  value: integer(given),
  by: givenOf(given, name).by,
});

/** A time, in milliseconds; undefined where none was given. @throws LaunchError `usage` */
export function readDuration(options: Options, name: 'ready-timeout' | 'stop-timeout' | 'timeout'): number | undefined {
  const given = options.value(name);
  if (!given) return undefined;
  const { text, by } = given;
  const value = parseDurationMs(text);
  if (value === undefined)
    throw usage(`${by} takes a duration with its unit (500ms, 30s, 5m), not ${JSON.stringify(text)}.`);
  return value;
}

/** The whole launch as asked for. @throws LaunchError `usage` */
export function readLaunchRequest(
  product: ProductId | undefined,
  options: Options,
  scriptArguments: readonly string[],
): LaunchRequest {
  const args = options.flags('arg');
  const jvm = readJvm(options);
  const onlyInOptions = args.length > 0 && scriptArguments.length === 0;
  const script = withJvm(
    onlyInOptions
      ? parseScriptArguments(args, mentioning`in ${mention.option('arg')}`)
      : parseScriptArguments([...args, ...scriptArguments]),
    jvm,
  );
  const lists = readLists(options, scriptArguments.length > 0 ? scriptArguments : undefined);
  const name = options.value('name');
  if (name && !isInstanceName(name.text)) {
    throw usage(
      `${name.by} ${JSON.stringify(name.text)} is no name: letters, digits and . _ -, at most 63, a letter or digit first.`,
    );
  }
  const offset = readOffsetChoice(options, script);
  const isSticky = readSticky(options, script);
  const readyPath = readReadyPath(options);
  const { isOnce, restart } = readEnds(options);
  const readyPattern = readReadyPattern(options);
  return launchRequest({
    ...readPlace(product, options),
    ...(name && { name: name.text }),
    ...readJdk(options),
    script,
    ...(Object.keys(lists).length > 0 && { lists }),
    offset,
    ...(isSticky && { isSticky }),
    readyTimeoutMs: readDuration(options, 'ready-timeout'),
    ...(readyPath !== undefined && { readyPath }),
    ...(readyPattern !== undefined && { readyPattern }),
    stopTimeoutMs: readDuration(options, 'stop-timeout'),
    restart,
    ...(isOnce && { once: true }),
    followsOffset: options.isOn('follow-offset'),
    ...readOwnHome(options),
    isDetached: options.isOn('detach'),
  });
}

/** @throws LaunchError `usage` */
function readOwnHome(options: Options): Pick<LaunchRequest, 'ownHome'> {
  // What is thrown away is thrown away by whoever says so at that moment.
  const isFresh = options.isFlagged('fresh');
  if (options.isOn('private')) return { ownHome: { isFresh } };
  if (isFresh) throw usage('--fresh goes with --private.');
  return {};
}

/** The JDK that is asked for. @throws LaunchError `usage` where two are */
export function readJdk(options: Options): Pick<LaunchRequest, 'java' | 'javaHome'> {
  const names = ['java', 'java-home'] as const;
  const flagged = names.filter((name) => options.isFlagged(name));
  const [release, home] = names.map((name) =>
    flagged.length === 0 || options.isFlagged(name) ? options.value(name) : undefined,
  );
  if (release && home) throw usage(`${release.by} and ${home.by} contradict each other.`);
  if (home) return { javaHome: givenPath(home, 'javaHome') };
  if (!release) return {};
  const feature = parseInteger(release.text);
  if (feature === undefined || feature < 1)
    throw usage(`${release.by} takes a feature release such as 17, not ${JSON.stringify(release.text)}.`);
  return { java: { feature, ...givenOf(release, 'java') } };
}

/** The part that is for the JVM; undefined where nothing is. */
function readJvm(options: Options): JvmRequest | undefined {
  const args = options.flags('jvm-arg');
  checkJvmArguments(args, mention.option('jvmArg'));
  const memory = options.value('memory');
  const heapMiB = memory && parseHeapMiB(memory.text);
  if (memory && heapMiB === undefined)
    throw usage(`${memory.by} takes a size with its unit (512m, 2g), not ${JSON.stringify(memory.text)}.`);
  const debug = readDebugger(options);
  if (args.length === 0 && heapMiB === undefined && !debug) return undefined;
  return { args, ...(heapMiB !== undefined && { heapMiB }), ...(debug && { debugger: debug }) };
}

function readDebugger(options: Options): DebuggerRequest | undefined {
  const suspends = options.isOn('suspend');
  const given = options.value('debug');
  const isOff = given !== undefined && /^(false|no|off|0)$/i.test(given.text);
  if (isOff && suspends) throw usage(`${given.by} is off, and --suspend waits for a debugger.`);
  if (isOff || (!given && !suspends)) return undefined;
  if (!given || /^(|true|yes|on|1)$/i.test(given.text)) return { suspends };
  const port = integer(given);
  checkDebugPort(port, given.by);
  return { port, suspends };
}

/** The change that is asked for of an instance that runs; undefined where there is none. @throws LaunchError `usage` */
export function readLaunchChange(
  given: Options,
  scriptArguments: readonly string[] | undefined,
): LaunchChange | undefined {
  const options = given.withoutVariables();
  const request = readLaunchRequest(undefined, options, scriptArguments ?? []);
  // Nothing after -- says that there is to be nothing.
  const lists = scriptArguments?.length === 0 ? { ...request.lists, scriptArgs: [] } : request.lists;
  const isGiven = (option: UsualOption): boolean => options.isGiven(FLAGS[option]);
  return changeIn({ ...request, ...(lists && { lists }) }, isGiven);
}

const FLAGS: Readonly<Record<UsualOption, OptionName>> = {
  debug: 'debug',
  followOffset: 'follow-offset',
  jvmArgs: 'jvm-arg',
  maxRestarts: 'max-restarts',
  readyTimeout: 'ready-timeout',
  restart: 'restart',
  sticky: 'sticky',
  stopTimeout: 'stop-timeout',
  suspend: 'suspend',
};

/** The lists of what may be given again and again, each where something of it is. @throws LaunchError `usage` */
function readLists(options: Options, scriptArguments: readonly string[] | undefined): GivenLists {
  const has = (name: OptionName): boolean => options.flags(name).length > 0;
  return {
    ...(has('arg') && { args: withoutOffset(options.flags('arg')) }),
    ...(scriptArguments && { scriptArgs: withoutOffset(scriptArguments) }),
    ...(has('env-file') && { envFile: variablesInFiles(options.flags('env-file')) }),
    ...(has('env') && { env: checkedVariables(options.flags('env').map((pair) => pairIn(pair, 'env'))) }),
    ...(has('config') && { config: changesOf(options.flags('config'), []) }),
    ...(has('set') && { set: changesOf([], options.flags('set').map(settingIn)) }),
  };
}

function settingIn(text: string): GivenSetting {
  const [key, value] = pairIn(text, 'set');
  return { key, value, by: '--set' };
}

function pairIn(text: string, option: 'env' | 'set'): readonly [name: string, value: string] {
  const cut = text.indexOf('=');
  if (cut <= 0) throw usage(`--${option} takes KEY=VALUE, not ${JSON.stringify(shownArgument(text))}.`);
  return [text.slice(0, cut), text.slice(cut + 1)];
}

function checkedVariables(
  pairs: readonly (readonly [name: string, value: string])[],
): Readonly<Record<string, string>> {
  for (const [name] of pairs) {
    const objection = objectionToVariable(name);
    if (objection !== undefined) throw usage(`--env gives ${name}, which ${objection}.`);
  }
  return Object.fromEntries(pairs);
}

function readReadyPattern(options: Options): string | undefined {
  const pattern = options.value('ready-when');
  const fault = pattern && faultOfPattern(pattern.text);
  if (fault !== undefined)
    throw usage(`${pattern?.by} takes a regular expression, not ${JSON.stringify(pattern?.text)}: ${fault}.`);
  return pattern?.text;
}

function readReadyPath(options: Options): string | undefined {
  const path = options.value('ready-url');
  if (path && !/^\/[\x21\x22\x24-\x7e]*$/.test(path.text))
    throw usage(
      `${path.by} takes a path on the server's first URL, such as /carbon/, not ${JSON.stringify(path.text)}.`,
    );
  return path?.text;
}

/** The place to look for a home, and which of its runtimes is meant. */
export function readPlace(product: ProductId | undefined, options: Options): HomePlace {
  const home = options.value('home');
  const profile = options.value('profile');
  const given = {
    ...(home && { named: givenPath(home, 'home') }),
    ...(profile && { profile: { name: profile.text, ...givenOf(profile, 'profile') } }),
  };
  return homePlace(product, given, options.env);
}

/** What the server's end means. A flag silences its rival's variable. @throws LaunchError `usage` */
function readEnds(options: Options): { readonly isOnce: boolean; readonly restart: AskedRestart } {
  const isFlagged = { once: options.isFlagged('once'), restart: options.isFlagged('restart') };
  const isOnce = isFlagged.once || (!isFlagged.restart && options.isOn('once'));
  const restart = readRestartPolicy(options);
  return { isOnce, restart: isFlagged.once && !isFlagged.restart ? { ...restart, when: undefined } : restart };
}

function readRestartPolicy(options: Options): AskedRestart {
  const when = options.value('restart');
  const most = options.value('max-restarts');
  const policy = RESTART_WHENS.find((candidate) => candidate === when?.text);
  if (when && !policy)
    throw usage(`${when.by} is one of ${RESTART_WHENS.join(', ')}, not ${JSON.stringify(when.text)}.`);
  const number = most && integer(most);
  if (number !== undefined && number < 0) throw usage(`${most?.by} takes no negative number.`);
  return { when: policy, most: number };
}

function readOffsetChoice(options: Options, script: ScriptArguments): OffsetChoice {
  const flag = options.flag('offset');
  if (flag !== undefined && script.offset !== undefined)
    throw usage('The offset is given twice: --offset, and -DportOffset after --.');
  const isFixed = flag !== undefined || script.offset !== undefined;
  const fixedBy = flag === undefined ? '-DportOffset after --' : '--offset';
  for (const rival of ['auto-offset', 'min-offset', 'max-offset'] as const) {
    if (isFixed && options.isFlagged(rival)) throw usage(`--${rival} and ${fixedBy} contradict each other.`);
  }
  if (flag !== undefined) return { kind: 'fixed', offset: givenInteger({ text: flag, by: '--offset' }, 'offset') };
  if (script.offset !== undefined) return { kind: 'fixed', offset: { value: script.offset, by: fixedBy } };

  const isAuto = options.isFlagged('auto-offset');
  const fixed = isAuto || options.isFlagged('sticky') ? undefined : options.value('offset');
  if (fixed && options.isOnInEnvironment('auto-offset')) {
    throw usage('WSO2_LAUNCH_OFFSET and WSO2_LAUNCH_AUTO_OFFSET contradict each other.');
  }
  if (isAuto || options.isOn('auto-offset')) return readAutoOffset(options);
  for (const name of ['min-offset', 'max-offset'] as const) {
    if (options.isFlagged(name)) throw usage(`--${name} goes with --auto-offset.`);
  }
  return fixed ? { kind: 'fixed', offset: givenInteger(fixed, 'offset') } : { kind: 'configured' };
}

/** Whether the offset is that of the database. A flag silences its rival's variable. @throws LaunchError `usage` */
function readSticky(options: Options, script: ScriptArguments): true | undefined {
  const isFlagged = options.isFlagged('sticky');
  const inArguments = script.offset === undefined ? undefined : '-DportOffset after --';
  const fixedBy = options.isFlagged('offset') ? '--offset' : inArguments;
  if (isFlagged && fixedBy !== undefined) throw usage(`--sticky and ${fixedBy} contradict each other.`);
  if (fixedBy !== undefined || !options.isOn('sticky')) return undefined;
  const isSilenced = isFlagged || options.isFlagged('auto-offset');
  if (!isSilenced && options.variable('offset') !== undefined)
    throw usage('WSO2_LAUNCH_OFFSET and WSO2_LAUNCH_STICKY contradict each other.');
  return true;
}

function readAutoOffset(options: Options): OffsetChoice {
  const min = options.value('min-offset');
  const max = options.value('max-offset');
  return {
    kind: 'auto',
    ...(min && { min: givenInteger(min, 'minOffset') }),
    ...(max && { max: givenInteger(max, 'maxOffset') }),
  };
}

/** The offset that `ports` is to show, where one was asked for. */
export function readOffset(options: Options): GivenNumber | undefined {
  const value = options.value('offset');
  return value && givenInteger(value, 'offset');
}
