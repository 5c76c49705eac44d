import { asLaunchError, LaunchError } from '../domain/failure.js';
import type { Wording } from '../domain/text.js';
import { inWords, Words } from '../domain/words.js';
import { environment } from '../system/environment.js';
import { leaveOnInterrupts } from '../system/interrupts.js';
import { isReaderGone, standardError, standardOutput, untilTaken } from '../system/output.js';
import { FORMAT_NAMES, type Format, formatAsked } from './formats.js';
import { type OptionName, Options } from './options.js';
import { parseCommandLine } from './parse.js';
import { createReporter, type Reporter } from './report.js';
import { createOutput, createTerminal, type Output, type Terminal } from './terminal.js';
import { show } from './view.js';
import { inCommandLine } from './wording.js';

/** The context that every command gets. */
export interface Context {
  readonly options: Options;
  /** The words after the command's name. */
  readonly words: readonly string[];
  /** Everything after `--`; undefined where there is none. */
  readonly rest: readonly string[] | undefined;
  /** Undefined where the output is for people. */
  readonly format: Format | undefined;
  /** The words for the options and commands that a text mentions. */
  readonly wording: Wording;
  readonly terminal: Terminal;
  readonly output: Output;
  readonly reporter: Reporter;
}

/** Options that say how errors in reading the others are told. */
const EARLY = ['no-color', ...FORMAT_NAMES];

/** Runs one command line and resolves to its exit code. Errors are printed here and nowhere else. */
export async function main(argv: readonly string[]): Promise<number> {
  leaveOnInterrupts();
  const output = createOutput(standardOutput());
  const errors = standardError();
  const env = environment;

  const cut = argv.indexOf('--');
  const head = cut < 0 ? argv : argv.slice(0, cut);
  const rest = cut < 0 ? undefined : argv.slice(cut + 1);

  // A first reading of a few options, for errors in reading all of them.
  const early = new Options(Object.fromEntries(EARLY.map((name) => [name, flagIn(head, `--${name}`)])), env);
  let terminal = createTerminal({ quiet: false, verbose: false, noColor: isOnQuietly(early, 'no-color') }, env, errors);
  let reporter = createReporter(
    formatAsked((name) => isOnQuietly(early, name)),
    terminal,
    output,
  );
  try {
    const parsed = await parseCommandLine(argv.length === 0 ? ['--help'] : head);
    if (parsed.kind === 'text') {
      await output.write(Words.exactly(parsed.text));
      checkWritten(output);
      return 0;
    }
    const { command, words } = parsed;
    const options = new Options(parsed.options, env);
    terminal = createTerminal(readWording(options), env, errors);
    const format = formatAsked((name) => options.isOn(name));
    reporter = createReporter(format, terminal, output);
    if (rest !== undefined && !command.takesRest) {
      throw new LaunchError({ kind: 'usage', what: `${parsed.word} takes nothing after --.` });
    }
    const context = { options, words, rest, format, wording: inCommandLine, terminal, output, reporter };
    const answer = await command.run(context);
    const code = typeof answer === 'number' ? answer : await show(answer, context);
    // A server is worth more than what is said of it; elsewhere what is said is all.
    if (code === 0 && !command.isLaunch) checkWritten(output);
    return code;
  } catch (error) {
    const expected = asLaunchError(error);
    reporter.fail(expected);
    if (expected.cause instanceof Error && terminal.isVerbose) {
      for (const line of String(expected.cause.stack).split('\n')) terminal.say(inWords`${line}`);
    }
    return expected.exitCode;
  } finally {
    leaveOnInterrupts(); // a user who does not want to read the rest need not
    await untilTaken(reporter.flush(), [output, errors]);
  }
}

/** @throws LaunchError `internal` where the output could not be written, unless its reader has just left */
function checkWritten({ fault }: Output): void {
  if (!fault || isReaderGone(fault, 1)) return;
  const hint = 'What was asked for has been done. Make room where its output goes, and ask again.';
  throw new LaunchError({ kind: 'internal', what: `The output can't be written: ${fault.message}.`, hint });
}

const flagIn = (head: readonly string[], flag: string): true | undefined =>
  head.some((word) => word === flag || word === `${flag}=true`) || undefined;

function isOnQuietly(options: Options, name: OptionName): boolean {
  try {
    return options.isOn(name);
  } catch {
    return false; // a variable with a bad value, which is told where the options are read
  }
}

function readWording(options: Options): { quiet: boolean; verbose: boolean; noColor: boolean } {
  const isFlagged = { quiet: options.isFlagged('quiet'), verbose: options.isFlagged('verbose') };
  const quiet = isFlagged.quiet || (!isFlagged.verbose && options.isOn('quiet'));
  const verbose = isFlagged.verbose || (!isFlagged.quiet && options.isOn('verbose'));
  if (quiet && verbose) throw new LaunchError({ kind: 'usage', what: '--quiet and --verbose contradict each other.' });
  return { quiet, verbose, noColor: options.isOn('no-color') };
}
