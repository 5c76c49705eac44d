import { LaunchError } from './failure.js';
import type { JvmRequest } from './jvm.js';
import { parseInteger } from './numbers.js';
import { type BasePort, HIGHEST_PORT, settledPorts } from './ports.js';
import { checkPredictable, propertiesInOptions, type SystemProperties } from './properties.js';
import { shownArgument } from './secrets.js';
import { type Mention, mention, mentioning, type Text } from './text.js';

/** The exact command: the dry run prints it, the launch runs it. */
export interface LaunchCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: EnvironmentChanges;
}

/** The difference between our environment and the server's. */
export interface EnvironmentChanges {
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The arguments after `--`, understood as far as they matter to the launch. */
export interface ScriptArguments {
  /** The arguments in the user's order, without the offset. */
  readonly others: readonly string[];
  /** The N of `-DportOffset=N`. */
  readonly offset?: number;
  /** `-Dname=value`, as the server's JVM sees them; without the offset. */
  readonly properties: SystemProperties;
  /** The FILE of `--env-file=FILE`, with variables that the script sets for the server. */
  readonly variablesFile?: string;
  /** The PORT of `--debug PORT`, where the JVM waits for a debugger. */
  readonly debugPort?: number;
  /** What the JVM itself is to be given. */
  readonly jvm?: JvmRequest;
  /** Whether a debugger has to connect before the server goes on. */
  readonly waitsForDebugger: boolean;
}

const OFFSET_ARGUMENT = '-DportOffset';
/** The property that names the folder of carbon.xml and its neighbours: CK CarbonBaseUtils.getServerXml. */
export const CONFIGURATION_FOLDER_PROPERTY = 'carbon.config.dir.path';
/** The property that names the configuration: CK LauncherConstants and MI Main, which take the last one given. */
export const CONFIGURATION_PROPERTY = 'deployment.config.file.path';
const VARIABLES_ARGUMENT = '--env-file=';

/**
 * Reads the arguments that are meant for the start script.
 * @param place where they are given, for messages
 * @throws LaunchError `usage` for what the scripts can't carry
 */
export function parseScriptArguments(
  args: readonly string[],
  place: Text | Mention = mention.scriptArguments,
): ScriptArguments {
  for (const argument of args) checkArgument(argument, place);

  const offsets = args.filter((argument) => isOffset(argument));
  if (offsets.length > 1) throw usage(mentioning`${OFFSET_ARGUMENT} is given ${offsets.length} times ${place}.`);
  const offset = offsets[0] === undefined ? undefined : parseInteger(offsets[0].slice(OFFSET_ARGUMENT.length + 1));
  if (offsets[0] !== undefined && offset === undefined) {
    throw usage(mentioning`${offsets[0]} ${place} holds no offset: ${OFFSET_ARGUMENT}= takes a plain integer.`);
  }
  const others = withoutOffset(args);
  const properties = propertiesInOptions(others);
  checkPredictable(properties);
  const variablesFile = others.findLast((argument) => argument.startsWith(VARIABLES_ARGUMENT));
  const debugPort = debugPortIn(others, place);
  return {
    others,
    ...(offset !== undefined && { offset }),
    properties,
    ...(variablesFile !== undefined && { variablesFile: variablesFile.slice(VARIABLES_ARGUMENT.length) }),
    ...(debugPort !== undefined && { debugPort }),
    // Synapse's own debugger is waited for as well: MI ServiceBusInitializer.
    waitsForDebugger: debugPort !== undefined || properties.get('esb.debug')?.value === 'true',
  };
}

/** The arguments of a script whose JVM is to be given something as well. */
export const withJvm = (script: ScriptArguments, jvm: JvmRequest | undefined): ScriptArguments =>
  jvm ? { ...script, jvm, waitsForDebugger: script.waitsForDebugger || jvm.debugger?.suspends === true } : script;

/** The port in the word after `--debug`, which the scripts know with two dashes, one or none. */
function debugPortIn(args: readonly string[], place: Text | Mention): number | undefined {
  const index = args.findLastIndex((argument) => /^-{0,2}debug$/.test(argument));
  if (index < 0) return undefined;
  const port = parseInteger(args[index + 1] ?? '');
  if (port !== undefined && port >= 1 && port <= HIGHEST_PORT) return port;
  const option = args[index] as string;
  throw usage(mentioning`${option} ${place} needs a port from 1 to ${HIGHEST_PORT} as the next word: ${option} 5005.`);
}

/** Arguments for the start script without the offset, which is kept apart. */
export const withoutOffset = (args: readonly string[]): readonly string[] =>
  args.filter((argument) => !isOffset(argument));

const isOffset = (argument: string): boolean =>
  argument === OFFSET_ARGUMENT || argument.startsWith(`${OFFSET_ARGUMENT}=`);

function checkArgument(argument: string, place: Text | Mention): void {
  if (/^-{0,2}(start|stop|restart|version|test)$/.test(argument)) {
    throw usage(
      mentioning`"${argument}" ${place} is a sub-command of the start script: it would not run the server in the foreground.`,
      'wso2-launch starts, stops and supervises the server itself; leave it out.',
    );
  }
  if (argument === '' || /[\s*?[\]]/.test(argument)) {
    throw usage(
      `The start script can't carry the argument ${JSON.stringify(shownArgument(argument))}: it expands its arguments unquoted, so empty values, spaces and * ? [ ] don't arrive as they are.`,
      'Put the value into deployment.toml or JAVA_OPTS, or use one without these characters.',
    );
  }
}

const usage = (what: Text, hint?: Text): LaunchError =>
  new LaunchError({ kind: 'usage', what, ...(hint !== undefined && { hint }) });

/** The variable that tells a process of ours that it is the supervisor in the background, and where to say so. */
export const SUPERVISOR_VARIABLE = 'WSO2LAUNCH_SUPERVISOR';

/** Variables that the scripts read, though they mean something else to everybody else. */
const LEAKING = [
  'CARBON_HOME',
  'RUNTIME_HOME',
  'CMD',
  'PORT',
  'ARGUMENT',
  'OPTARG',
  'NODE_PARAMS',
  'JAVACMD',
  'RUNTIME',
  'CAR_NAME',
  SUPERVISOR_VARIABLE,
];

/**
 * The variable that marks every process of one launch, so that those which leave its session are still found. Its name
 * is none of the `WSO2_LAUNCH_` options, which are kept from servers; its value is new for each launch, so it is no
 * part of the command.
 */
export const TAG_VARIABLE = 'WSO2LAUNCH_TAG';

const OWN_OPTION = /^WSO2_LAUNCH_(?!(?:STATE|HOMES)_DIR$)/;

/**
 * The variable that tells Carbon 5 its offset: it beats the file and every overlay (carbon-config, ConfigProviderImpl).
 */
export const OFFSET_VARIABLE = 'WSO2_CARBON__PORTS_OFFSET';
/** The property that carbon-config up to 2.1.5 reads instead. */
const OLD_OFFSET_PROPERTY = 'WSO2.CARBON_PORTS_OFFSET';

/** The way in which a server is told its offset. */
export type OffsetPassing =
  /** `-DportOffset=N`. */
  | { readonly kind: 'argument' }
  /** A file that is laid over its configuration. */
  | { readonly kind: 'overlay'; textFor(offset: number): string }
  /** A property that only some of its listeners know. */
  | { readonly kind: 'property' };

/** Arguments and variables that tell a server its offset. */
export interface PassedOffset {
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * @param overlay the file's path, where one is laid over the configuration
 * @param javaOptions what JAVA_OPTS holds already, where the offset goes there as well: some batch files of MI lose
 * their arguments (product-integrator-mi#3327)
 */
export function passOffset(
  { kind }: OffsetPassing,
  offset: number,
  overlay: string,
  javaOptions?: string,
): PassedOffset {
  switch (kind) {
    case 'argument': {
      const argument = `${OFFSET_ARGUMENT}=${offset}`;
      const variables = javaOptions === undefined ? undefined : { JAVA_OPTS: `${javaOptions} ${argument}`.trim() };
      return { args: [argument], variables: variables ?? {} };
    }
    case 'overlay':
      return { ...passOverlay(overlay), variables: { [OFFSET_VARIABLE]: String(offset) } };
    case 'property':
      return { args: [`-D${OLD_OFFSET_PROPERTY}=${offset}`], variables: {} };
  }
}

/** Has a server lay a file over its configuration. */
export const passOverlay = (overlay: string): PassedOffset => ({ args: [`-Dconfig=${overlay}`], variables: {} });

export interface CommandParts {
  /** Variables that the user has given for this server. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Absolute path of the start script. */
  readonly script: string;
  /** The folder that the script would compute for itself. */
  readonly carbonHome: string;
  readonly javaHome: string;
  readonly others: readonly string[];
  /** Absent: nothing is passed, and the configuration's offset holds. */
  readonly passed?: PassedOffset;
  /** A file that takes the configuration's place. */
  readonly configuration?: string;
  /** A folder that takes the place of the one of carbon.xml. */
  readonly configurationFolder?: string;
}

/** The start script in its foreground form. The offset comes last, where no earlier one can beat it. */
export function buildCommand(
  {
    variables,
    script,
    carbonHome,
    javaHome,
    others,
    passed = { args: [], variables: {} },
    configuration,
    configurationFolder,
  }: CommandParts,
  env: Environment,
): LaunchCommand {
  const set = { ...variables, CARBON_HOME: carbonHome, JAVA_HOME: javaHome, ...passed.variables };
  const named = `-D${CONFIGURATION_PROPERTY}=`;
  return {
    file: script,
    args: [
      ...others.filter((argument) => configuration === undefined || !argument.startsWith(named)),
      ...(configuration === undefined ? [] : [`${named}${configuration}`]),
      ...(configurationFolder === undefined ? [] : [`-D${CONFIGURATION_FOLDER_PROPERTY}=${configurationFolder}`]),
      ...passed.args,
    ],
    cwd: carbonHome,
    env: { set, unset: leakingNames(env).filter((name) => !Object.hasOwn(set, name)) },
  };
}

/** The environment of a command that is run beside a server: ours without our own options. */
export function commandEnvironment(
  env: Environment,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = Object.keys(env).filter((name) => OWN_OPTION.test(name));
  return applyChanges(env, { set: variables, unset: names });
}

/** Names of variables by which Carbon 5 would move listeners behind its configuration's back. */
export const LISTENER_VARIABLE = /^(?:WSO2_TRANSPORT_HTTP|SIDDHI_STORES_QUERY_API)__LISTENERCONFIGURATIONS_\d+_/;

/** Why a server can't be given a variable, in words that follow on its name; undefined where it can. */
export function objectionToVariable(name: string): string | undefined {
  if (name.startsWith('WSO2_LAUNCH_') || name === TAG_VARIABLE || name === SUPERVISOR_VARIABLE)
    return "is no variable of a server's";
  if (LEAKING.includes(name)) return 'the start script would take for its own: it is kept from it';
  return LISTENER_VARIABLE.test(name)
    ? 'would move a listener behind the configuration: it is kept from it'
    : undefined;
}

/** Variables of the environment, other than empty ones, that a server or its script would take for its own. */
export function leakingVariables(env: Environment): { readonly name: string; readonly value: string }[] {
  const names = Object.keys(env).filter((name) => LEAKING.includes(name) || LISTENER_VARIABLE.test(name));
  return names
    .sort()
    .flatMap((name) => (env[name] && name !== SUPERVISOR_VARIABLE ? [{ name, value: env[name] }] : []));
}

const leakingNames = (env: Environment): string[] =>
  Object.keys(env).filter((name) => LEAKING.includes(name) || OWN_OPTION.test(name) || LISTENER_VARIABLE.test(name));

/** Our environment as far as a server gets it, without what is set for it. */
export const serverEnvironment = (env: Environment): Environment =>
  applyChanges(env, { set: {}, unset: leakingNames(env) });

export function applyChanges(env: Environment, { set, unset }: EnvironmentChanges): Record<string, string> {
  const kept = Object.entries(env).filter(([name, value]) => value !== undefined && !unset.includes(name));
  return { ...(Object.fromEntries(kept) as Record<string, string>), ...set };
}

/** A character that makes a path unusable where a `.sh` expands it unquoted. */
export const hasShellSpecials = (path: string): boolean => /[\s*?[\]]/.test(path);

/** A word in the form that a POSIX shell reads back as it is. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

export interface NamedInstance {
  readonly name: string;
  readonly offset: number;
  readonly home: string;
  readonly pid: number | null;
  readonly ports: readonly (Pick<BasePort, 'name' | 'movesOn'> & {
    readonly number: number;
    readonly scheme: string;
  })[];
  readonly urls: Readonly<Record<string, string>>;
}

/** The variables by which a test or a script finds a running instance: `WSO2_APIM_OFFSET` and so on for `apim`. */
export function instanceVariables(instance: NamedInstance): Record<string, string> {
  const prefix = variablePrefix(instance.name);
  const variables: Record<string, string> = {
    [`${prefix}OFFSET`]: String(instance.offset),
    [`${prefix}HOME`]: instance.home,
    ...(instance.pid !== null && { [`${prefix}PID`]: String(instance.pid) }),
  };
  for (const { name, number, scheme } of settledPorts(instance.ports)) {
    variables[`${prefix}${upper(name)}_PORT`] = String(number);
    if (scheme !== 'tcp' && scheme !== 'tls')
      variables[`${prefix}${upper(name)}_URL`] = `${scheme}://localhost:${number}`;
  }
  for (const [name, url] of Object.entries(instance.urls)) variables[`${prefix}${upper(name)}_URL`] = url;
  return variables;
}

/** The variables of an instance as what is started beside it gets them: by its product's name, and by its own. */
export const namedVariables = (product: string, instance: NamedInstance): Record<string, string> => ({
  ...instanceVariables({ ...instance, name: product }),
  ...instanceVariables(instance),
});

/**
 * The prefix of an instance's variables, `WSO2_APIM_` for `apim`. Two names may share one, so that it is unique among
 * live instances like the name.
 */
export const variablePrefix = (name: string): string => `WSO2_${upper(name)}_`;

const upper = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
