import { factsOf, PRODUCT_IDS, type ProductId } from '../domain/catalogue.js';
import { WAITED_FOR } from '../domain/waited-for.js';
import type { Context } from './main.js';
import {
  CERTIFICATE_OPTION,
  COMMON_OPTIONS,
  EXEC_OPTIONS,
  HOME_OPTION,
  JDK_OPTIONS,
  LAUNCH_OPTIONS,
  OFFSET_OPTION,
  type OptionFact,
  PROFILE_OPTION,
  RESTART_OPTIONS,
  WORD_TIMEOUT,
} from './options.js';
import type { View } from './view.js';

/** A word that may follow a command's name. */
export interface ArgumentFact {
  readonly name: string;
  readonly describe: string;
  readonly isNeeded?: true;
  readonly isRepeated?: true;
  /** What a shell offers for it; absent: nothing. */
  readonly completes?: Completes;
}

/** The words that may be meant; `port` and `endpoint`: those of the instance that is named before. */
export type Completes =
  | 'command'
  | 'ended-too'
  | 'endpoint'
  | 'file'
  | 'homes-action'
  | 'instance'
  | 'offset-action'
  | 'port'
  | 'port-source'
  | 'product'
  | 'shell';

const NAME = {
  name: 'name',
  describe: 'an instance; default: the only one that runs',
  completes: 'instance',
} as const satisfies ArgumentFact;
const NAMES = {
  name: 'name',
  describe: 'instances; default: the only one that runs',
  isRepeated: true,
  completes: 'instance',
} as const satisfies ArgumentFact;
const PRODUCT = {
  name: 'product',
  describe: 'the product; default: that of the home',
  completes: 'product',
} as const satisfies ArgumentFact;

/** A verb: its help, its options, and the code, which is loaded only when it is wanted. */
export interface Command {
  readonly aliases?: readonly string[];
  readonly describe: string;
  /** More about it for its help, in lines. */
  readonly note?: readonly string[];
  readonly options: Readonly<Record<string, OptionFact>>;
  /** The words that may follow the command's name. */
  readonly args: readonly ArgumentFact[];
  /** What may follow `--`, for its help. */
  readonly rest?: string;
  /** The most words that may follow the command's name. */
  readonly most: number;
  /** Whether its `--json` is a line for each event. A failure is such a line of any command. */
  readonly isLaunch: boolean;
  /** Whether `--` may follow, with arguments or a command. */
  readonly takesRest: boolean;
  /** Resolves to its answer, or to the exit code where it has told all there is to tell. */
  run(context: Context): Promise<View | number>;
}

const launchCommand = (product: ProductId | undefined, describe: string): Command => ({
  ...(product && { aliases: factsOf(product).aliases }),
  describe,
  args: [],
  rest: '[-- <script arguments>]',
  options: LAUNCH_OPTIONS,
  most: 0,
  isLaunch: true,
  takesRest: true,
  run: async (context) => (await import('./commands/launch.js')).runLaunch(product, context),
});

export const COMMANDS: Readonly<Record<string, Command>> = {
  ...Object.fromEntries(
    PRODUCT_IDS.map((id) => [id, launchCommand(id, `launch ${factsOf(id).title} and supervise it`)]),
  ),
  run: launchCommand(undefined, 'the same for whatever product the home holds'),
  exec: {
    describe: 'launch a product, wait until ready, run a command, stop',
    args: [{ ...PRODUCT, describe: 'the product', isNeeded: true }],
    rest: '-- <command>',
    options: EXEC_OPTIONS,
    most: 1,
    isLaunch: true,
    takesRest: true,
    run: async (context) => (await import('./commands/exec.js')).runExec(context),
  },
  ports: {
    describe: 'every port of a product or an instance, and who holds it',
    args: [
      {
        name: 'product|name',
        describe: 'a product or an instance; default: what the home holds',
        completes: 'port-source',
      },
    ],
    options: { ...HOME_OPTION, ...PROFILE_OPTION, ...OFFSET_OPTION, ...COMMON_OPTIONS },
    most: 1,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/ports.js')).runPorts(context),
  },
  doctor: {
    describe: 'what would go wrong with a launch, and how to mend it',
    args: [PRODUCT],
    options: { ...HOME_OPTION, ...PROFILE_OPTION, ...JDK_OPTIONS, ...OFFSET_OPTION, ...COMMON_OPTIONS },
    most: 1,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/doctor.js')).runDoctor(context),
  },
  homes: {
    describe: 'the private homes, and their removal with homes rm NAME',
    args: [
      { name: 'rm', describe: 'remove those that are named', completes: 'homes-action' },
      { name: 'name', describe: 'private homes, for rm', isRepeated: true, completes: 'ended-too' },
    ],
    options: COMMON_OPTIONS,
    most: Number.POSITIVE_INFINITY,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/homes.js')).runHomes(context),
  },
  jdks: {
    describe: 'the JDKs of this machine, and which of them a product runs on',
    args: [PRODUCT],
    options: { ...HOME_OPTION, ...PROFILE_OPTION, ...COMMON_OPTIONS },
    most: 1,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/jdks.js')).runJdks(context),
  },
  ps: {
    describe: 'the running instances',
    args: [],
    options: {
      all: { describe: 'those that have ended as well' },
      prune: { describe: 'with --all: forget those that have ended, and remove their logs' },
      'keep-logs': { describe: 'with --prune: leave their logs' },
      ...COMMON_OPTIONS,
    },
    most: 0,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/ps.js')).runPs(context),
  },
  status: {
    describe: 'one instance; exit code 0 if it is ready, 6 if not, 10 if it does not run',
    args: [{ ...NAME, completes: 'ended-too' }],
    options: COMMON_OPTIONS,
    most: 1,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/ps.js')).runStatus(context),
  },
  wait: {
    describe: 'wait until an instance is ready, healthy or down',
    args: [NAME],
    options: {
      for: {
        describe: 'ready (default), healthy (ports and health looked at now), down',
        value: 'STATE',
        choices: WAITED_FOR,
      },
      timeout: { describe: 'the longest time to wait; default: no limit', value: 'TIME' },
      ...COMMON_OPTIONS,
    },
    most: 1,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/wait.js')).runWait(context),
  },
  deploy: {
    describe: "deploy .car, .war, .aar, .dbs and .xml files, and wait for the server's word",
    args: [
      { ...NAME, completes: 'ended-too' },
      { name: 'file', describe: 'what is to be deployed', isNeeded: true, isRepeated: true, completes: 'file' },
    ],
    options: {
      undeploy: { describe: 'take away what these files have deployed' },
      timeout: { describe: `the longest time to wait for its word (${WORD_TIMEOUT})`, value: 'TIME' },
      ...COMMON_OPTIONS,
    },
    most: Number.POSITIVE_INFINITY,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/deploy.js')).runDeploy(context),
  },
  logs: {
    describe: "an instance's log; of several, each line with its name",
    args: [{ ...NAMES, completes: 'ended-too' }],
    options: {
      follow: { describe: 'go on while it runs', alias: 'f' },
      tail: { describe: 'only the last N lines', value: 'N' },
      since: { describe: 'only what was written within this time', value: 'TIME' },
      'no-prefix': { describe: 'leave the names out' },
      ...COMMON_OPTIONS,
    },
    most: Number.POSITIVE_INFINITY,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/logs.js')).runLogs(context),
  },
  report: {
    describe: 'what a bug report needs, running or ended, without secrets',
    args: [{ ...NAME, completes: 'ended-too' }],
    options: {
      output: { describe: 'the archive, a new file; default: one in this folder', alias: 'o', value: 'FILE' },
      ...COMMON_OPTIONS,
    },
    most: 1,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/report.js')).runReport(context),
  },
  stop: {
    describe: 'stop instances; without a name the only one that runs',
    args: [NAMES],
    options: { all: { describe: 'all that run' }, ...COMMON_OPTIONS },
    most: Number.POSITIVE_INFINITY,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/stop.js')).runStop(context),
  },
  restart: {
    describe: 'stop an instance and start it again, with changed options where some are given',
    note: [
      'What is not given stays as it was, name and log always. An option that may be',
      'given again takes the place of all that were given of it before; -- alone leaves',
      'nothing after it, and --debug=false lets no debugger in. Variables of the',
      "environment change nothing. Where the new ports or the options can't be had, the",
      'server goes on as it was.',
    ],
    args: [NAME],
    rest: '[-- <script arguments>]',
    options: RESTART_OPTIONS,
    most: 1,
    isLaunch: true,
    takesRest: true,
    run: async (context) => (await import('./commands/restart.js')).runRestart(context),
  },
  env: {
    describe: "an instance's ports and URLs as variables",
    args: [NAME],
    options: {
      format: {
        describe: 'shell (default), dotenv, json, powershell, github',
        value: 'FORMAT',
        choices: ['shell', 'dotenv', 'json', 'powershell', 'github'],
      },
      ...CERTIFICATE_OPTION,
      ...COMMON_OPTIONS,
    },
    most: 1,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/show.js')).runEnv(context),
  },
  url: {
    describe: 'the URL of an instance, or of one of its endpoints',
    args: [NAME, { name: 'endpoint', describe: 'one of its URLs, by name; default: the first', completes: 'endpoint' }],
    options: COMMON_OPTIONS,
    most: 2,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/show.js')).runUrl(context),
  },
  port: {
    describe: "the number of an instance's port",
    args: [NAME, { name: 'port', describe: 'one of its ports, by name', isNeeded: true, completes: 'port' }],
    options: COMMON_OPTIONS,
    most: 2,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/show.js')).runPort(context),
  },
  offset: {
    describe: "get, set or unset the offset in the server's own configuration file",
    args: [
      { name: 'action', describe: 'get, set or unset', isNeeded: true, completes: 'offset-action' },
      { name: 'N', describe: 'the offset, for set' },
      PRODUCT,
    ],
    options: {
      ...HOME_OPTION,
      ...PROFILE_OPTION,
      force: { describe: 'also replace what is no plain integer' },
      'dry-run': { describe: 'show the change, and make none' },
      ...COMMON_OPTIONS,
    },
    most: Number.POSITIVE_INFINITY,
    isLaunch: false,
    takesRest: true,
    run: async (context) => (await import('./commands/offset.js')).runOffset(context),
  },
  completion: {
    describe: 'the script with which a shell completes commands, options and names',
    args: [{ name: 'shell', describe: 'bash, zsh, fish or powershell', isNeeded: true, completes: 'shell' }],
    options: COMMON_OPTIONS,
    most: 1,
    isLaunch: false,
    takesRest: false,
    run: async (context) => (await import('./commands/completion.js')).runCompletion(context),
  },
  demo: {
    describe: 'the whole job on a built-in stand-in',
    args: [],
    options: { keep: { describe: 'stay until Ctrl-C' }, ...COMMON_OPTIONS },
    most: 0,
    isLaunch: true,
    takesRest: false,
    run: async (context) => (await import('./commands/demo.js')).runDemo(context),
  },
};

/** The command that a word means: its name or an alias. */
export const commandNamed = (word: string): Command | undefined =>
  (Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined) ??
  Object.values(COMMANDS).find(({ aliases }) => aliases?.includes(word));

/** Every option of any command whose value may begin with a dash. */
export const DASHED: readonly string[] = [
  ...new Set(
    Object.values(COMMANDS).flatMap(({ options }) =>
      Object.entries(options).flatMap(([name, { takesDashes }]) => (takesDashes ? [name] : [])),
    ),
  ),
];

/** Every option of any command whose value stands behind `=` alone. */
export const MAY_LACK_VALUE: readonly string[] = [
  ...new Set(
    Object.values(COMMANDS).flatMap(({ options }) =>
      Object.entries(options).flatMap(([name, { mayLackValue }]) => (mayLackValue ? [name] : [])),
    ),
  ),
];

/** Every option of any command that takes no value, by each of its names. */
export const SWITCHES: readonly string[] = Object.values(COMMANDS).flatMap(({ options }) =>
  Object.entries(options).flatMap(([name, { alias, value }]) => (value ? [] : [name, ...(alias ? [alias] : [])])),
);
