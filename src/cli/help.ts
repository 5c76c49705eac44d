import yargs from 'yargs';
import { COMMANDS, SWITCHES } from './commands.js';

declare const WSO2_LAUNCH_VERSION: string | undefined;

const EXAMPLES = `Examples:
  wso2-launch apim --auto-offset             API Manager beside whatever runs already
  wso2-launch exec apim -a -- npm test       a command with a server of its own

Arguments after -- go to the start script; under exec they are the command.
wso2-launch <command> --help shows a command's options.`;

/** The help or the version, whichever a command line asks for; empty where it asks for neither. */
export async function renderHelp(head: readonly string[]): Promise<string> {
  let text = '';
  // A folder for yargs' own files, which are not used: it asks for the current one else, and that may be gone.
  const parser = yargs([], '/')
    .scriptName('wso2-launch')
    .usage('$0 <command> [options] [-- arguments]')
    .detectLocale(false)
    .exitProcess(false)
    .parserConfiguration({ 'camel-case-expansion': false })
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
  parser.boolean(SWITCHES);
  await parser.parse([...head], {}, (_error, _argv, output) => {
    text = output;
  });
  return text;
}
