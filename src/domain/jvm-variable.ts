/** The variables by which start scripts hand options on to the server's JVM. */
export type JvmVariable = 'NODE_PARAMS' | 'JVM_MEM_OPTS' | 'JAVA_OPTS';

/** The texts of a start script, and of the helper that it may start beside the server. */
export interface ScriptTexts {
  readonly text: string;
  /** Absent: there is none in the home. */
  readonly helper?: string;
  /** Whether it is told to wait for a debugger, and then drops JAVA_OPTS. */
  readonly isDebugged: boolean;
}

/** The variable that only the server's JVM reads. */
export interface JvmWay {
  readonly variable: JvmVariable;
  /** Options that the script itself gives where the variable is empty. */
  readonly usual: string;
}

/** The line of a start script that leaves no way to its JVM, and why. */
export interface NoJvmWay {
  readonly line: number;
  readonly text: string;
  readonly why: string;
}

/**
 * The way in which a start script takes options for the server's JVM alone: MI's reads NODE_PARAMS; others JVM_MEM_OPTS
 * and JAVA_OPTS, of which a helper beside the server may read one or both as well.
 * @returns undefined where the script starts no JVM itself
 */
export function jvmWayOf(script: ScriptTexts): JvmWay | NoJvmWay | undefined {
  const call = shellCall(script.text) ?? batchCall(script.text);
  if (!call) return undefined;
  const { variables } = call;
  const helper = startsHelper(script.text) ? (script.helper ?? '') : undefined;
  const isShared = (variable: JvmVariable): boolean => helper?.includes(variable) ?? false;
  const isUsable: Readonly<Record<JvmVariable, boolean>> = {
    NODE_PARAMS: !isShared('NODE_PARAMS'),
    // Without a helper or --debug, JAVA_OPTS does it, and leaves the script's own memory options alone.
    JVM_MEM_OPTS: !isShared('JVM_MEM_OPTS') && (helper !== undefined || script.isDebugged),
    JAVA_OPTS: helper === undefined && !script.isDebugged,
  };
  const found = (['NODE_PARAMS', 'JVM_MEM_OPTS', 'JAVA_OPTS'] as const).find(
    (variable) => variables.includes(variable) && isUsable[variable],
  );
  if (found === undefined) return { line: call.line, text: call.text, why: whyNone(variables, script.isDebugged) };
  return { variable: found, usual: found === 'JVM_MEM_OPTS' ? usualMemory(script.text) : '' };
}

const whyNone = (variables: readonly string[], isDebugged: boolean): string => {
  if (!variables.includes('JAVA_OPTS')) return 'it reads no variable with options for its JVM';
  return isDebugged
    ? 'with --debug it puts options of its own in the place of JAVA_OPTS'
    : 'what it reads, the helper beside the server reads as well';
};

interface Call {
  readonly line: number;
  readonly text: string;
  /** The variables that it reads. */
  readonly variables: readonly string[];
}

/** The last command of a `.sh` that starts a JVM with the script's arguments. */
function shellCall(text: string): Call | undefined {
  const commands = [...text.matchAll(/^[ \t]*"?\$\{?JAVACMD\b(?:\\\r?\n|[^\n])*/gm)];
  const found = commands.findLast(([command]) => /\$[*@]/.test(command));
  if (!found) return undefined;
  const [command] = found;
  const variables = [...command.matchAll(/\$\{?([A-Z_]+)/g)].map(([, name = '']) => name);
  return { ...placeOf(found, text), variables };
}

/** The line of a `.bat` that starts a JVM, with the variables of the lines that put its arguments together. */
function batchCall(text: string): Call | undefined {
  const found = [...text.matchAll(/^[ \t]*"%JAVA_HOME%\\bin\\java(?:\.exe)?"[^\n]*/gim)].at(-1);
  if (!found) return undefined;
  const composed = [...text.matchAll(/^[ \t]*set CMD_LINE_ARGS=[^\n]*/gim)].map(([line]) => line);
  const read = [found[0], ...(/%CMD_LINE_ARGS%/i.test(found[0]) ? composed : [])].join('\n');
  const variables = [...read.matchAll(/%([A-Z_]+)%/g)].map(([, name = '']) => name);
  return { ...placeOf(found, text), variables };
}

const placeOf = ({ 0: command, index }: RegExpMatchArray, text: string): Omit<Call, 'variables'> => ({
  line: text.slice(0, index).split('\n').length,
  text: (command.split(/\r?\n/)[0] as string).trim().replace(/\s*\\$/, ' …'),
});

const startsHelper = (text: string): boolean => /^[^#\n]*\bdiagnostics\.sh\b/m.test(text);

/** CK wso2server.sh: `JVM_MEM_OPTS="-Xms256m -Xmx1024m"`, where the variable is empty. */
const usualMemory = (text: string): string => /\bJVM_MEM_OPTS="(-X[^"$]*)"/.exec(text)?.[1]?.trim() ?? '';
