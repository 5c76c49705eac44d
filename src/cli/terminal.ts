import { createColors } from 'picocolors';
import type { Sink } from '../system/output.js';

/** How our own words look and how many there are. The server's output is never touched. */
export interface Terminal {
  readonly isTerminal: boolean;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  readonly colors: ReturnType<typeof createColors>;
  /** One line on standard error. */
  say(line: string): void;
  /** Resolves once all lines are handed over. */
  flush(): Promise<void>;
}

export interface TerminalOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly noColor: boolean;
}

export function createTerminal(
  { quiet, verbose, noColor }: TerminalOptions,
  env: Readonly<Record<string, string | undefined>>,
  output: Sink,
): Terminal {
  const isTerminal = process.stderr.isTTY === true;
  let written: Promise<void> = Promise.resolve();
  return {
    isTerminal,
    isQuiet: quiet,
    isVerbose: verbose,
    colors: createColors(wantsColour(noColor, env, isTerminal)),
    say: (line) => {
      written = written.then(() => output.write(`${line}\n`));
    },
    flush: () => written,
  };
}

/** Colours for what goes to standard output, which may be a terminal where standard error is none. */
export const outputColors = (noColor: boolean, env: Readonly<Record<string, string | undefined>>): Terminal['colors'] =>
  createColors(wantsColour(noColor, env, process.stdout.isTTY === true));

function wantsColour(
  noColor: boolean,
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (noColor || env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return !/^(0|false)$/.test(env['FORCE_COLOR']);
  return isTerminal && env['TERM'] !== 'dumb';
}
