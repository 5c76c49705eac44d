import { basename, resolve } from 'node:path';
import { type ScriptArguments, serverEnvironment } from '../domain/command.js';
import { type JvmOptions, propertiesInOptions, type SystemProperties, variablesInFile } from '../domain/properties.js';
import { readBatchFile } from '../domain/start-script/batch.js';
import { decidesMore, type JavaLine, type ScriptWord, type StartScript } from '../domain/start-script/java-line.js';
import { readShellScript } from '../domain/start-script/posix.js';
import { type Reading, readIfPossible } from './config-files.js';

/** A start script, and what it is going to be given. */
export interface ScriptStart {
  readonly home: string;
  /** The script's path; it need not be there. */
  readonly startScript: string;
  readonly script: ScriptArguments;
}

/** The start script of a home, as far as it can be told without running it. */
export function readStartScript(start: ScriptStart, system: Reading): StartScript {
  const text = readIfPossible(start.startScript, system) ?? '';
  const { home, script, startScript } = start;
  const key = [text, home, startScript, script.variablesFile, system.env];
  if (latest?.key.every((part, index) => part === key[index])) return latest.read;
  latest = { key, read: parse(text, start, system) };
  return latest.read;
}

/** The latest one: 300 lines take 10 ms, and several questions are asked of each. */
let latest: { readonly key: readonly unknown[]; readonly read: StartScript } | undefined;

function parse(text: string, start: ScriptStart, system: Reading): StartScript {
  const { home, startScript } = start;
  const variables = variablesOf(start, system);
  const surroundings = {
    variable: (name: string) => (name === 'CARBON_HOME' ? home : variables(name)),
    sourced: (path: string) => {
      const found = readIfPossible(resolve(home, path), system);
      return found === undefined ? undefined : { text: found, name: basename(path) };
    },
  };
  const read = startScript.endsWith('.bat') ? readBatchFile : readShellScript;
  return read(text, basename(startScript), surroundings);
}

/** The command of a start script that starts the JVM, where it decides more than the products' own do. */
export const ownJavaLine = (start: ScriptStart, system: Reading): JavaLine | undefined =>
  decidesMore(readIfPossible(start.startScript, system) ?? '') ? readStartScript(start, system).java : undefined;

/** The variables that a start script is given: those of a file that the user names beat ours. */
export function variablesOf(
  { home, script }: Pick<ScriptStart, 'home' | 'script'>,
  system: Reading,
): (name: string) => string | undefined {
  const environment = serverEnvironment(system.env);
  const text = script.variablesFile && readIfPossible(resolve(home, script.variablesFile), system);
  const named = variablesInFile(text ?? '');
  return (name) => named.get(name) ?? environment[name];
}

/** The options of the JVM in a start script's own command, where `javaOptions` is what JAVA_OPTS adds there. */
export function scriptOptions(java: JavaLine | undefined, javaOptions: JvmOptions): JvmOptions[] {
  if (!java) return [javaOptions];
  return java.options.flatMap((word) => {
    if (word === 'JAVA_OPTS') return [javaOptions];
    return isTold(word) ? [{ source: word.source, words: [word.text] }] : [];
  });
}

export const optionsOf = ({ java }: StartScript): ScriptWord[] =>
  (java?.options ?? []).filter((option) => option !== 'JAVA_OPTS');

/** The properties among the arguments of a start script's own command. */
export const propertiesAmong = (words: readonly ScriptWord[]): SystemProperties =>
  new Map(words.filter(isTold).flatMap(({ text, source }) => [...propertiesInOptions([text], source)]));

/** The products' own profile is no choice of their user's. */
const isTold = ({ text, isOpen }: ScriptWord): boolean => !isOpen && !text.startsWith('-Dprofile=');

/** The warnings of options of a start script that decide a port, by what is only known once it runs. */
export const openOptions = (java: JavaLine | undefined): string[] =>
  [...(java?.options ?? []), ...(java?.before ?? []), ...(java?.behind ?? [])].flatMap((word) => {
    const name = word === 'JAVA_OPTS' || !word.isOpen ? undefined : DECIDES_A_PORT.exec(word.text)?.[0];
    if (word === 'JAVA_OPTS' || name === undefined) return [];
    return [
      `${word.source.replace(':', ', line ')}: ${name} is set by what only the running script knows: it is not counted here.`,
    ];
  });

const DECIDES_A_PORT =
  /^-(?:D(?:portOffset|tomcat\.https?\.port|osgiConsole|com\.sun\.management\.jmxremote\.(?:rmi\.)?port)|agentlib:jdwp|Xrunjdwp)(?=[=:])/;
