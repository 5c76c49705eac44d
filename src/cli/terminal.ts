import { styleText } from 'node:util';
import { Words } from '../domain/words.js';
import { isTerminal, type Sink } from '../system/output.js';
import { BottomLine } from './bottom-line.js';

/** The look of our own words, and how many there are. The server's output is never touched. */
export interface Terminal {
  readonly isTerminal: boolean;
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  readonly colors: Colors;
  /** Whether a line of it can be drawn anew. */
  readonly isRedrawn: boolean;
  /** Writes a line on standard error. */
  say(line: Words): void;
  /** Shows a line below all others until the next one, or undefined, takes its place; only where it can be redrawn. */
  showBelow(line: Words | undefined): void;
  /** Writes something else to the same terminal, above that line. @param endsLine whether it ends with a line end */
  writeAbove(write: () => Promise<void>, endsLine: boolean): Promise<void>;
  /** Resolves once all lines are handed over. */
  flush(): Promise<void>;
}

const STYLES = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;

export type Colors = Readonly<Record<(typeof STYLES)[number], (text: string | Words) => Words>>;

function createColors(areWanted: boolean): Colors {
  // Node's own judgement of the stream would open it.
  const painting = (style: (typeof STYLES)[number]) => (text: string | Words) => {
    const shown = Words.of(text);
    return areWanted ? Words.exactly(styleText(style, String(shown), { validateStream: false })) : shown;
  };
  return Object.fromEntries(STYLES.map((style) => [style, painting(style)])) as Colors;
}

/** Standard output: words, or data that is passed on byte by byte. */
export interface Output extends Omit<Sink, 'write'> {
  write(what: Words | Uint8Array): Promise<void>;
}

export const createOutput = (sink: Sink): Output => ({
  get taken() {
    return sink.taken;
  },
  get fault() {
    return sink.fault;
  },
  write: (what) => sink.write(what instanceof Words ? String(what) : what),
});

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
  const isErrorTerminal = isTerminal(2);
  const isRedrawn = isErrorTerminal && env['TERM'] !== 'dumb';
  let written: Promise<void> = Promise.resolve();
  const bottom = new BottomLine((text) => {
    written = written.then(() => output.write(text));
  });
  return {
    isTerminal: isErrorTerminal,
    isRedrawn,
    isQuiet: quiet,
    isVerbose: verbose,
    colors: createColors(wantsColour(noColor, env, isErrorTerminal)),
    say: (line) => bottom.say(line),
    showBelow: (line) => {
      if (isRedrawn) bottom.show(line);
    },
    writeAbove: (write, endsLine) => bottom.above(() => written.then(write), endsLine),
    flush: () => written,
  };
}

/** Colours for what goes to standard output, which may be a terminal where standard error is none. */
export const outputColors = (noColor: boolean, env: Readonly<Record<string, string | undefined>>): Terminal['colors'] =>
  createColors(wantsColour(noColor, env, isTerminal(1)));

function wantsColour(noColor: boolean, env: Readonly<Record<string, string | undefined>>, isSeen: boolean): boolean {
  if (noColor || env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return !/^(0|false)$/.test(env['FORCE_COLOR']);
  return isSeen && env['TERM'] !== 'dumb';
}
