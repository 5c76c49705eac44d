import type { Argv } from 'yargs';
import { LaunchError } from '../domain/failure.js';
import { COMMANDS, type Command, commandNamed } from './commands.js';
import type { RawOptions } from './options.js';

declare const WSO2_LAUNCH_VERSION: string | undefined;

export type ParsedCommandLine =
  /** Help or version: to be printed, and nothing else done. */
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly word: string;
      readonly command: Command;
      readonly options: RawOptions;
      readonly words: readonly string[];
    };

const EXAMPLES = `Examples:
  wso2-launch apim --auto-offset             API Manager beside whatever runs already
  wso2-launch exec apim -a -- npm test       a command with a server of its own

Arguments after -- go to the start script; under exec they are the command.
wso2-launch <command> --help shows a command's options.`;

/**
 * Reads what stands before `--`.
 * @throws LaunchError `usage`
 */
export async function parseCommandLine(head: readonly string[]): Promise<ParsedCommandLine> {
  const { default: yargs } = await import('yargs');
  let text = '';
  // A folder for yargs' own files, which are not used: it asks for the current one else, and that may be gone.
  const parser = yargs([], '/')
    .scriptName('wso2-launch')
    .usage('$0 <command> [options] [-- arguments]')
    .detectLocale(false)
    .exitProcess(false)
    .fail((message: string, error: Error | undefined) => {
      throw error ?? new LaunchError({ kind: 'usage', what: `${message}.` });
    })
    // Values stay text: yargs would read 1e2 as 100 and abc as NaN.
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'boolean-negation': false,
    })
    .help()
    .alias('help', 'h')
    .version(typeof WSO2_LAUNCH_VERSION === 'string' ? WSO2_LAUNCH_VERSION : '0.0.0')
    .wrap(80)
    .epilogue(EXAMPLES);
  for (const [word, { aliases, describe, options }] of Object.entries(COMMANDS)) {
    parser.command([word, ...(aliases ?? [])], describe, (builder) => {
      for (const [name, option] of Object.entries(options)) {
        builder.option(name, {
          describe: option.describe,
          ...(option.alias !== undefined && { alias: option.alias }),
          ...(option.value === undefined ? { type: 'boolean' } : { type: 'string' }),
        });
      }
      return builder;
    });
  }
  // Also before the command's word, where yargs knows no option yet.
  parser.boolean(FLAGS);
  const argv = await parseOrComplain(parser, head, (output) => {
    text = output;
  });
  if (text !== '') return { kind: 'text', text: `${text}\n` };
  return check(argv, head);
}

/** yargs' own way with `--constructor` and the like is to fail inside. */
async function parseOrComplain(parser: Argv, head: readonly string[], print: (text: string) => void): Promise<Parsed> {
  try {
    return (await parser.parse([...head], {}, (_error, _argv, output) => print(output))) as Parsed;
  } catch (error) {
    if (error instanceof LaunchError) throw error;
    throw usage(`The command line can't be read: ${(error as Error).message}.`);
  }
}

type Parsed = Readonly<Record<string, unknown>> & { readonly _: readonly (string | number)[] };

async function check({ _: all, $0: _script, ...options }: Parsed, head: readonly string[]): Promise<ParsedCommandLine> {
  const [first, ...words] = all.map(String);
  if (first === undefined) throw usage(`No command was given: one of ${Object.keys(COMMANDS).join(', ')}.`);
  const command = commandNamed(first);
  if (!command) throw usage(`There is no command "${first}".${await suggestion(first, WORDS)}`);

  const known = Object.entries(command.options).flatMap(([name, { alias }]) => [name, ...(alias ? [alias] : [])]);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);
    const names = Object.keys(command.options).map(dashed);
    throw usage(`${first} has no option ${dashed(unknown)}.${await suggestion(dashed(unknown), names)}`, first);
  }
  // yargs takes any value of a switch but "true" for false.
  const odd = head.find(
    (word) => FLAGS.includes(/^--?([\w-]+)=/.exec(word)?.[1] ?? '') && !/=(true|false)$/.test(word),
  );
  if (odd !== undefined) throw usage(`${odd.split('=')[0]} takes no value, or true or false.`, first);
  if (words.length > command.most) {
    const hint = command.takesRest ? '; arguments for the start script go after --' : '';
    throw usage(`${first} takes no argument ${JSON.stringify(words.at(-1))}${hint}.`, first);
  }
  return { kind: 'command', word: first, command, options, words };
}

const FLAGS = Object.values(COMMANDS).flatMap(({ options }) =>
  Object.entries(options).flatMap(([name, { alias, value }]) => (value ? [] : [name, ...(alias ? [alias] : [])])),
);

const WORDS = Object.entries(COMMANDS).flatMap(([name, { aliases }]) => [name, ...(aliases ?? [])]);

async function suggestion(word: string, candidates: readonly string[]): Promise<string> {
  const { closest, distance } = await import('fastest-levenshtein');
  const best = closest(word, candidates);
  return distance(word, best) <= Math.max(2, Math.floor(best.length / 3)) ? ` Did you mean ${best}?` : '';
}

const usage = (what: string, command = ''): LaunchError =>
  new LaunchError({
    kind: 'usage',
    what,
    hint: `wso2-launch ${command && `${command} `}--help lists ${command ? 'its' : 'commands and'} options.`,
  });
