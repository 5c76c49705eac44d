import yargs, { type Argv } from 'yargs';
import { type ArgumentFact, COMMANDS, type Command } from './commands.js';
import type { OptionFact } from './options.js';

declare const WSO2_LAUNCH_VERSION: string | undefined;

const EXAMPLES = `Examples:
  wso2-launch apim --auto-offset             API Manager beside whatever runs
  wso2-launch exec apim -a -- npm test       a command with a server of its own

Arguments after -- go to the start script; under exec they are the command.
wso2-launch help <command> shows its arguments and options.`;

export const versionText = (): string => (typeof WSO2_LAUNCH_VERSION === 'string' ? WSO2_LAUNCH_VERSION : '0.0.0');

/** The help of all commands: which there are. */
export async function overviewText(): Promise<string> {
  const parser = blank('').usage('wso2-launch <command> [options] [-- arguments]').epilogue(EXAMPLES);
  for (const [word, command] of Object.entries(COMMANDS)) {
    parser.command([[word, ...argumentWords(command)].join(' '), ...(command.aliases ?? [])], command.describe);
  }
  parser.command('help [command]', 'the help of a command');
  return withOptions(parser, HELP_OPTIONS).getHelp();
}

/** The help of one command: its arguments and options. */
export async function commandText(word: string, command: Command): Promise<string> {
  const { args, rest, describe, note = [], options } = command;
  const usage = ['wso2-launch', word, ...argumentWords(command), '[options]', ...(rest === undefined ? [] : [rest])];
  const width = Math.max(...args.map(({ name }) => name.length));
  const lines = args.map((argument) => `  ${argument.name.padEnd(width)}  ${argument.describe}`);
  const told = note.length > 0 ? [describe, '', ...note] : [describe];
  const head = [usage.join(' '), '', ...told, '', ...(lines.length > 0 ? ['Arguments:', ...lines, ''] : [])];
  return [...head, await withOptions(blank(word), { ...options, help: HELP_OPTIONS.help }).getHelp()].join('\n');
}

const HELP_OPTIONS: Readonly<Record<'help' | 'version', OptionFact>> = {
  help: { describe: 'show this help', alias: 'h' },
  version: { describe: 'show the version' },
};

/** A parser that only lays out a help. It gets a folder: it asks for the current one else, and that may be gone. */
const blank = (name: string): Argv =>
  yargs([], '/').scriptName(name).detectLocale(false).exitProcess(false).help(false).version(false).wrap(80);

/** Each option with its value in its name: what yargs says of values by itself is whether they are strings. */
function withOptions(parser: Argv, options: Readonly<Record<string, OptionFact>>): Argv {
  for (const [name, { describe, alias, value, mayLackValue }] of Object.entries(options)) {
    const shown = value === undefined ? name : mayLackValue ? `${name}[=${value}]` : `${name} ${value}`;
    parser.option(shown, { describe, ...(alias !== undefined && { alias }) });
  }
  return parser;
}

const argumentWords = ({ args }: Pick<Command, 'args'>): string[] => args.map(argumentWord);

function argumentWord({ name, isNeeded, isRepeated }: ArgumentFact): string {
  const word = isRepeated ? `${name}...` : name;
  return isNeeded ? `<${word}>` : `[${word}]`;
}
