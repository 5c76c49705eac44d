import parseWords from 'yargs-parser';
import { LaunchError } from '../domain/failure.js';
import { shownArgument } from '../domain/secrets.js';
import { suggestion } from '../domain/suggestion.js';
import { COMMANDS, type Command, commandNamed, DASHED, MAY_LACK_VALUE, SWITCHES } from './commands.js';
import type { RawOptions } from './options.js';

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

/**
 * Reads what stands before `--`.
 * @throws LaunchError `usage`
 */
export async function parseCommandLine(head: readonly string[]): Promise<ParsedCommandLine> {
  // The words first: which options there are is known once the command is.
  const { _: all } = split(head, {});
  const first = all[0];
  const command = first === undefined ? undefined : commandNamed(first);
  const { _: _words, ...options } = split(head, command?.options ?? {});
  const text = await askedText(all, command, options);
  if (text !== undefined) return { kind: 'text', text: `${text}\n` };
  if (first === undefined) throw withoutCommand(options);
  if (!command) throw unknownCommand(first);
  check(command, { word: first, words: all.slice(1), options, head });
  return { kind: 'command', word: first, command, options, words: all.slice(1) };
}

/** The help or the version, whichever is asked for; undefined where neither is. */
async function askedText(
  [first, second]: readonly string[],
  command: Command | undefined,
  options: RawOptions,
): Promise<string | undefined> {
  const isHelp = first === 'help' || options['help'] === true || options['h'] === true;
  if (!isHelp && options['version'] !== true) return undefined;
  const { commandText, overviewText, versionText } = await import('./help.js');
  if (!isHelp) return versionText();
  const word = first === 'help' ? second : first;
  const subject = first === 'help' ? word !== undefined && commandNamed(word) : command;
  if (word === undefined || word === 'help') return overviewText();
  if (!subject) throw unknownCommand(word);
  return commandText(word, subject);
}

/** What is wrong with a line without a command: an unknown option takes the word behind it for its value. */
function withoutCommand(options: RawOptions): LaunchError {
  const known = ['help', 'version', ...Object.values(COMMANDS).flatMap(namesOfOptions)];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return usage(`No command was given: one of ${Object.keys(COMMANDS).join(', ')}.`);
  return usage(`There is no option ${dashed(unknown)}.${suggestion(dashed(unknown), known.map(dashed))}`);
}

type Parsed = Readonly<Record<string, unknown>> & { readonly _: readonly string[] };

/** Splits a line with the parser of yargs alone: all of yargs, which renders the help, makes a start 20 ms longer. */
function split(head: readonly string[], options: Command['options']): Parsed {
  const facts = Object.entries(options);
  const withValue = facts.filter(([, { value }]) => value !== undefined).map(([name]) => name);
  const aliases = facts.flatMap(([name, { alias }]) => (alias === undefined ? [] : [[name, [alias]]]));
  return parseWords(withValues(head), {
    // Also before the command's word, where no other option is known.
    boolean: [...SWITCHES, 'help', 'h', 'version'],
    string: ['_', ...DASHED, ...withValue],
    alias: Object.fromEntries(aliases),
    narg: Object.fromEntries(DASHED.map((name) => [name, 1])),
    configuration: PARSING,
  }) as unknown as Parsed;
}

/** The words, each option that lacks its value with one that says that it is there, so that it takes no other word. */
const withValues = (head: readonly string[]): string[] =>
  head.map((word, index) => {
    const lacksValue = MAY_LACK_VALUE.some((name) => word === `--${name}`) && !isDashedValue(head, index);
    return lacksValue ? `${word}=on` : word;
  });

/** Whether a word is the value of an option whose values may look like options. */
const isDashedValue = (head: readonly string[], index: number): boolean =>
  DASHED.some((name) => head[index - 1] === `--${name}`);

/** Values stay text: the parser would read 1e2 as 100. */
const PARSING = {
  // Among them only those whose values may be: the others have no fixed number of them.
  'nargs-eats-options': true,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'boolean-negation': false,
};

/** A command line, taken apart. */
interface GivenLine {
  readonly word: string;
  readonly words: readonly string[];
  readonly options: RawOptions;
  readonly head: readonly string[];
}

function check(command: Command, { word, words, options, head }: GivenLine): void {
  const known = namesOfOptions(command);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const names = Object.keys(command.options).map(dashed);
    throw usage(`${word} has no option ${dashed(unknown)}.${suggestion(dashed(unknown), names)}`, word);
  }
  const last = head.at(-1) ?? '';
  if (DASHED.some((name) => last === `--${name}`)) throw usage(`${last} needs a value.`, word);
  // The parser takes any value of a switch but "true" for false.
  const own = head.filter((_, index) => !isDashedValue(head, index));
  const odd = own.find(
    (text) => SWITCHES.includes(/^--?([\w-]+)=/.exec(text)?.[1] ?? '') && !/=(true|false)$/.test(text),
  );
  if (odd !== undefined) throw usage(`${odd.split('=')[0]} takes no value, or true or false.`, word);
  // Likewise of one letter among others: -da5.
  const letter = own.map((text) => /^-[a-z]*([a-z])(?:\d|=(?!(?:true|false)$))/i.exec(text)?.[1]).find(isSwitch);
  if (letter !== undefined) throw usage(`-${letter} takes no value, or true or false.`, word);
  if (words.length > command.most) {
    const hint = command.takesRest ? '; arguments for the start script go after --' : '';
    throw usage(`${word} takes no argument ${JSON.stringify(shownArgument(String(words.at(-1))))}${hint}.`, word);
  }
}

const namesOfOptions = ({ options }: Command): string[] =>
  Object.entries(options).flatMap(([name, { alias }]) => [name, ...(alias ? [alias] : [])]);

const isSwitch = (name: string | undefined): boolean => name !== undefined && SWITCHES.includes(name);

const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);

const unknownCommand = (word: string): LaunchError => usage(`There is no command "${word}".${suggestion(word, WORDS)}`);

const WORDS = ['help', ...Object.entries(COMMANDS).flatMap(([name, { aliases }]) => [name, ...(aliases ?? [])])];

const usage = (what: string, command = ''): LaunchError =>
  new LaunchError({
    kind: 'usage',
    what,
    hint: `wso2-launch ${command && `${command} `}--help lists ${command ? 'its' : 'commands and'} options.`,
  });
