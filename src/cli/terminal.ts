import { createColors } from 'picocolors';

/** How our own words look and how many there are. The server's output is never touched. */
export interface Terminal {
  readonly isTerminal: boolean;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  readonly colors: ReturnType<typeof createColors>;
  /** One line on standard error. */
  say(line: string): void;
}

export interface Wording {
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly noColor: boolean;
}

export function createTerminal(
  { quiet, verbose, noColor }: Wording,
  env: Readonly<Record<string, string | undefined>>,
  stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY'> = process.stderr,
): Terminal {
  const isTerminal = stream.isTTY === true;
  return {
    isTerminal,
    isQuiet: quiet,
    isVerbose: verbose,
    colors: createColors(wantsColour(noColor, env, isTerminal)),
    say: (line) => {
      stream.write(`${line}\n`);
    },
  };
}

function wantsColour(
  noColor: boolean,
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (noColor || env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return !/^(0|false)$/.test(env['FORCE_COLOR']);
  return isTerminal && env['TERM'] !== 'dumb';
}
