import { LaunchError } from '../domain/failure.js';
import { COMMANDS, type Command, commandNamed } from './commands.js';
import type { RawOptions } from './options.js';

declare const WSO2_LAUNCH_VERSION: string | undefined;

export type ParsedCommandLine =
  /** Help or version: to be printed, and nothing else done. */
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'command';
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
  for (const { usage, aliases, describe, options } of Object.values(COMMANDS)) {
    parser.command([usage, ...(aliases ?? [])], describe, (builder) => {
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
  const argv = await parser.parse([...head], {}, (_error, _argv, output) => {
    text = output;
  });
  if (text !== '') return { kind: 'text', text: `${text}\n` };
  return check(argv as Record<string, unknown> & { _: (string | number)[] });
}

async function check({
  _: all,
  $0: _script,
  ...given
}: Record<string, unknown> & { _: (string | number)[] }): Promise<ParsedCommandLine> {
  const [first, ...more] = all.map(String);
  if (first === undefined) throw usage('No command was given.');
  const command = commandNamed(first);
  if (!command) throw usage(`There is no command "${first}".${await suggestion(first, Object.keys(COMMANDS))}`);

  // A word that the command names (`exec <product>`) arrives under its name.
  const { product, ...options } = given;
  const words = product === undefined ? more : [String(product), ...more];
  const known = Object.entries(command.options).flatMap(([name, { alias }]) => [name, ...(alias ? [alias] : [])]);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);
    const names = Object.keys(command.options).map(dashed);
    throw usage(`${first} has no option ${dashed(unknown)}.${await suggestion(dashed(unknown), names)}`);
  }
  const [fewest, most] = command.words;
  if (words.length > most)
    throw usage(`${first} takes ${most === 0 ? 'no word' : 'one word'} here, not ${JSON.stringify(words.at(-1))}.`);
  if (words.length < fewest)
    throw usage(`${command.usage} lacks its product: one of ${Object.keys(COMMANDS).join(', ')}.`);
  return { kind: 'command', command, options, words };
}

async function suggestion(word: string, candidates: readonly string[]): Promise<string> {
  const { closest, distance } = await import('fastest-levenshtein');
  const best = closest(word, candidates);
  return distance(word, best) <= Math.max(2, Math.floor(best.length / 3)) ? ` Did you mean ${best}?` : '';
}

const usage = (what: string): LaunchError => new LaunchError({ kind: 'usage', what });
