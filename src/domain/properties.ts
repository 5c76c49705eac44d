import { LaunchError } from './failure.js';
import { mention, mentioning } from './text.js';

/** A system property of the server's JVM, and where it was set. */
export interface SystemProperty {
  readonly value: string;
  /** `JAVA_OPTS`, `-Dtomcat.https.port`, or a place in a file: `carbon.properties:12`. */
  readonly source: string;
  /** Present where it is read after the arguments, so that none of them changes it. */
  readonly beatsArguments?: true;
}

/**
 * The variables with options for the JVM, each beating those before it. The JVM itself reads the first two before its
 * command line: any JVM the first, one of JDK 9 or later the second.
 */
export const OPTION_VARIABLES = ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', 'JAVA_OPTS'];

/** The source of options that are given to one launch, where the variables have their names. */
export const JVM_ARGUMENTS = 'jvm-arg';

export type SystemProperties = ReadonlyMap<string, SystemProperty>;

/** `-Dname=value` options, the last of a name winning; `-Dname` alone means `true` to the products. */
export function propertiesInOptions(options: readonly string[], source?: string): SystemProperties {
  return new Map(
    options.flatMap((option) => {
      const found = /^-D([^=]+)(?:=(.*))?$/s.exec(option);
      if (!found) return [];
      const [, name = '', value = 'true'] = found;
      return [[name, { value, source: source ?? `-D${name}` }] as const];
    }),
  );
}

/** A file of Java properties, as far as the products use its rules: no escapes, no lines that go on. */
export function propertiesInFile(text: string, file: string): SystemProperties {
  return new Map(
    text.split(/\r?\n/).flatMap((line, index) => {
      const found = /^\s*([^#!\s=:][^\s=:]*)\s*[=:]?\s*(.*?)\s*$/.exec(line);
      if (!found) return [];
      const [, name = '', value = ''] = found;
      return [[name, { value, source: `${file}:${index + 1}` }] as const];
    }),
  );
}

/** Properties, marked as read last: they beat an argument. */
export const readLast = (properties: SystemProperties): SystemProperties =>
  new Map([...properties].map(([name, property]) => [name, { ...property, beatsArguments: true }]));

/** `KEY=value` lines of an environment file (`--env-file=`), without the quotes round a value. */
export function variablesInFile(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const found = /^\s*([A-Za-z_]\w*)=(.*?)\s*$/.exec(line);
      return found ? [[found[1] as string, (found[2] as string).replace(/^(["'])(.*)\1$/, '$2')] as const] : [];
    }),
  );
}

/**
 * Refuses what makes the servlet ports unknowable (CK CarbonTomcat.startConnectors).
 * @throws LaunchError `usage` or, where no argument is at fault, `unusable-configuration`
 */
export function checkPredictable(properties: SystemProperties): void {
  const random = properties.get('tomcat.random.port.enable');
  if (random?.value !== 'true') return;
  const given = random.source.startsWith('-') ? random.source : `tomcat.random.port.enable in ${random.source}`;
  throw new LaunchError({
    kind: random.source.startsWith('-') ? 'usage' : 'unusable-configuration',
    what: `With ${given} the server chooses its servlet ports at random: nobody could say whether they are free, or when it is ready.`,
    hint: mentioning`Leave it out; ${mention.option('autoOffset')} finds free ports.`,
  });
}

/** Options that a JVM gets. */
export interface JvmOptions {
  /** The variable that they stand in, or the line of the start script: `wso2server.sh:12`. */
  readonly source: string;
  readonly words: readonly string[];
}

/** The properties that options set, those further down overruling. */
export const propertiesInAll = (options: readonly JvmOptions[]): SystemProperties =>
  new Map(options.flatMap(({ source, words }) => [...propertiesInOptions(words, source)]));

/** A port at which a debugger may connect to the JVM; NaN where the options name none. */
interface DebuggerPort {
  readonly port: number;
  readonly source: string;
  /** Whether the JVM waits until one has connected. */
  readonly suspends: boolean;
}

export const debuggersIn = (options: readonly JvmOptions[]): DebuggerPort[] =>
  options.flatMap(({ source, words }) =>
    words
      // The JVM connects to a debugger that listens there, unless it is told `server=y`.
      .filter((word) => /^-(?:agentlib:jdwp=|Xrunjdwp:)/.test(word) && /[=:,]server=y(?:,|$)/.test(word))
      .map((word) => ({
        port: Number(/[=:,]address=(?:[^,]*:)?(\d+)(?:,|$)/.exec(word)?.[1]),
        source,
        suspends: !/[=:,]suspend=n(?:,|$)/.test(word),
      })),
  );

interface JvmPort {
  readonly name: string;
  readonly port: number;
  readonly source: string;
}

/**
 * Ports that options of the JVM open before the server's first line: a debugger's, and those of JMX over the network.
 * The numbers are as written, and not checked to be ports; 0, which means any free port, is left out.
 */
export function portsInOptions(options: readonly JvmOptions[]): JvmPort[] {
  const debuggers = debuggersIn(options).map(({ port, source }) => ({ name: 'debug', port, source }));
  const properties = propertiesInAll(options);
  const jmx = (name: string, property: string): JvmPort => {
    const { value, source = '' } = properties.get(`com.sun.management.jmxremote.${property}`) ?? {};
    return { name, port: Number(value), source };
  };
  const registry = jmx('jmxremote', 'port');
  const server = jmx('jmxremote-rmi', 'rmi.port');
  // JMX has one port for both, unless it is told another.
  const listeners = [...debuggers, registry, ...(server.port === registry.port ? [] : [server])];
  return listeners.filter(({ port }) => port > 0);
}
