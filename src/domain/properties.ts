import { LaunchError } from './failure.js';

/** A system property of the server's JVM, and where it was set. */
export interface SystemProperty {
  readonly value: string;
  /** `JAVA_OPTS`, `-Dtomcat.https.port`, or a place in a file: `carbon.properties:12`. */
  readonly source: string;
  /** It is read after the arguments, so that none of them changes it. */
  readonly beatsArguments?: true;
}

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

/** Those that are read last and so beat an argument. */
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
    hint: 'Leave it out; --auto-offset finds free ports.',
  });
}

/** Ports that options of the JVM open before the server's first line: a debugger's, and JMX over the network. */
export function portsInOptions(options: string): { readonly name: string; readonly port: number }[] {
  const found = [
    ['debug', /-(?:agentlib:jdwp=|Xrunjdwp:)\S*?\baddress=(?:[^\s,]*:)?(\d+)/.exec(options)],
    ['jmxremote', /-Dcom\.sun\.management\.jmxremote\.port=(\d+)/.exec(options)],
  ] as const;
  return found.flatMap(([name, match]) => (match && Number(match[1]) > 0 ? [{ name, port: Number(match[1]) }] : []));
}
