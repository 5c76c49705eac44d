/** A word of a start script, with its line in the file that it stands in. */
export interface ScriptWord {
  readonly text: string;
  /** The name of the file, and the line: `wso2server.sh:12`. */
  readonly source: string;
  /** Present where a part of it is only known once the script runs. */
  readonly isOpen?: true;
}

/** The command by which a start script starts the JVM. */
export interface JavaLine {
  /** The JVM's options in their order. */
  readonly options: readonly (ScriptWord | 'JAVA_OPTS')[];
  /** The arguments of the server before those that the script was given, and behind them. */
  readonly before: readonly ScriptWord[];
  readonly behind: readonly ScriptWord[];
}

/** A start script as far as it decides what its server gets. */
export interface StartScript {
  /** Undefined where it has no such command that can be read. */
  readonly java: JavaLine | undefined;
  /** The variables that it sets for its server; undefined where the value is only known once it runs. */
  readonly exports: ReadonlyMap<string, string | undefined>;
}

/** What is known around a start script. */
export interface ScriptSurroundings {
  /** The value that a variable of the environment has for it; undefined where it is not set. */
  readonly variable: (name: string) => string | undefined;
  /** The text of a file that it takes in (`. FILE`), and its name; undefined where there is none. */
  readonly sourced: (path: string) => { readonly text: string; readonly name: string } | undefined;
}

/** What stands in a command line in the place of the given arguments, and of the JAVA_OPTS of the environment. */
export const GIVEN_ARGUMENTS = '\u0001';
export const GIVEN_JAVA_OPTS = '\u0002';

/** The JVM's part of a command; undefined where it starts no server of the products'. */
export function javaLineOf(words: readonly ScriptWord[]): JavaLine | undefined {
  const main = words.findIndex(({ text }) => MAIN_CLASS.test(text));
  if (main < 0) return undefined;
  const options = words.slice(0, main).flatMap((word): (ScriptWord | 'JAVA_OPTS')[] => {
    if (word.text === GIVEN_JAVA_OPTS) return ['JAVA_OPTS'];
    return word.text.startsWith('-') ? [word] : [];
  });
  const rest = words.slice(main + 1);
  const given = rest.findIndex(({ text }) => text === GIVEN_ARGUMENTS);
  return { options, before: given < 0 ? rest : rest.slice(0, given), behind: given < 0 ? [] : rest.slice(given + 1) };
}

/** CK and MI Bootstrap, and carbon-launcher's Main. */
const MAIN_CLASS = /^org\.wso2\.[\w.]*\.(?:Bootstrap|launcher\.Main)$/;

/**
 * Whether a start script may decide more of its server's ports than the products' own do, which all hand JAVA_OPTS on
 * and open a debugger's port by `--debug` alone.
 */
export const decidesMore = (text: string): boolean => MORE.test(text) || !text.includes('JAVA_OPTS');

const MORE = new RegExp(
  [
    /-D(?:portOffset|tomcat\.|osgiConsole|disable\.receiver|deployment\.config\.file\.path|esb\.debug)\b/,
    /-Dcom\.sun\.management\.jmxremote\.\w/,
    /-Denable\w+(?:Api|Probe)=(?!true\b)/,
    /(?:agentlib:jdwp=|Xrunjdwp:)(?!\S*address=(?:\$PORT|%DEBUG_PORT%))/,
    /^\s*(?:\.|source)\s/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'm',
);
