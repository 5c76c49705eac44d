import { basename, join } from 'node:path';
import type { ScriptArguments } from '../domain/command.js';
import { LaunchError } from '../domain/failure.js';
import { type JvmRequest, jvmWords, withoutHeap } from '../domain/jvm.js';
import { type JvmWay, jvmWayOf, type ScriptTexts } from '../domain/jvm-variable.js';
import { debuggersIn, JVM_ARGUMENTS } from '../domain/properties.js';
import { mention, mentioning, type Text } from '../domain/text.js';
import type { System } from '../system/index.js';
import { readIfPossible } from './config-files.js';
import type { InspectedHome } from './inspect.js';
import { jvmOptions } from './surroundings.js';

type JvmHome = Pick<InspectedHome, 'home' | 'runtimeHome' | 'startScript'>;
type Scripts = Pick<System, 'env' | 'files' | 'host'>;

/**
 * The variables that hand options on to the server's JVM and to no helper; none where nothing is asked for.
 * @param debugPort the port that was chosen for a debugger
 * @throws LaunchError `usage` where the start script leaves no way
 */
export function jvmVariables(
  home: JvmHome,
  script: ScriptArguments,
  debugPort: number | undefined,
  system: Scripts,
): Readonly<Record<string, string>> {
  const { jvm } = script;
  if (!jvm) return {};
  const way = findWay(home, script, system);
  if (!way) return {};
  const { env } = system;
  const { variable, usual } = way;
  // What the scripts would take for their own never comes from the environment.
  const given = variable === 'NODE_PARAMS' ? '' : env[variable] || usual;
  const value = [given, ...jvmWords(jvm, debugPort)].join(' ').trim();
  const javaOptions = env['JAVA_OPTS'] ?? '';
  const hasRival = jvm.heapMiB !== undefined && variable === 'JVM_MEM_OPTS' && withoutHeap(javaOptions) !== javaOptions;
  return { ...(hasRival && { JAVA_OPTS: withoutHeap(javaOptions) }), [variable]: value };
}

/**
 * Refuses options of a JVM that the start script can't hand on, or that contradict what the JVM is given already.
 * @throws LaunchError `usage`
 */
export function checkJvm(home: JvmHome, script: ScriptArguments, system: Scripts): void {
  if (!script.jvm) return;
  findWay(home, script, system);
  system.host.checkScriptCall(home.home, script.jvm.args);
  if (script.jvm.debugger) checkOnlyDebugger(home, script, system);
}

/** A JVM that is told of two debuggers does not start. */
function checkOnlyDebugger(home: JvmHome, script: ScriptArguments, system: Scripts): void {
  const [other] = debuggersIn(jvmOptions({ ...home, script: { ...script, jvm: withoutDebugger(script.jvm) } }, system));
  const isOurs = other?.source === JVM_ARGUMENTS;
  const inOptions = isOurs ? mentioning`${mention.option('jvmArg')}` : other?.source;
  const source = script.debugPort === undefined ? inOptions : mentioning`--debug ${mention.scriptArguments}`;
  if (source === undefined) return;
  throw usage(
    mentioning`A debugger is asked for twice, by ${mention.option('debug')} and by ${source}: no JVM starts with two.`,
    'Leave one of the two out.',
  );
}

const withoutDebugger = ({ debugger: _, ...jvm }: JvmRequest = { args: [] }): JvmRequest => jvm;

function findWay(home: JvmHome, script: ScriptArguments, system: Scripts): JvmWay | undefined {
  const inner = join(home.runtimeHome, 'bin', `carbon${system.host.scriptExtension}`);
  const helper = readIfPossible(join(home.home, 'diagnostics-tool/bin/diagnostics.sh'), system);
  for (const path of [home.startScript, inner]) {
    const text = readIfPossible(path, system);
    const asked: Omit<ScriptTexts, 'text'> = {
      ...(helper !== undefined && { helper }),
      isDebugged: script.debugPort !== undefined,
    };
    const way = text === undefined ? undefined : jvmWayOf({ text, ...asked });
    if (way && 'variable' in way) return way;
    if (way) {
      throw usage(
        mentioning`${basename(path)}, line ${way.line} (${way.text}) can't be given options for its JVM: ${way.why}.`,
        mentioning`Leave ${mention.option('jvmArg')}, ${mention.option('memory')} and ${mention.option('debug')} out.`,
      );
    }
  }
  // A script that is missing is told where the scripts are looked at.
  if (!system.files.isFile(home.startScript)) return undefined;
  throw usage(
    `${home.startScript} starts no JVM in a way that is known: options for it would be lost.`,
    mentioning`Leave ${mention.option('jvmArg')}, ${mention.option('memory')} and ${mention.option('debug')} out.`,
  );
}

const usage = (what: Text, hint: Text): LaunchError => new LaunchError({ kind: 'usage', what, hint });
