import type { LaunchError } from './failure.js';
import { type BasePort, isZero, type PortSettings, portIn, toPort } from './ports.js';
import type { XmlListener } from './xml-files/xml-file.js';

/** The ports of files of XML, and what can't be told about them. */
export interface XmlPorts {
  readonly ports: readonly BasePort[];
  readonly warnings: readonly string[];
}

/** The listeners of one file. */
export interface FileListeners {
  /** Its name, for sources and messages. */
  readonly file: string;
  readonly listeners: readonly XmlListener[];
}

export interface XmlRules extends Pick<PortSettings, 'properties'> {
  /** The names of the ports without which the server is of no use. */
  readonly required: readonly string[];
  /** Puts the values of system properties in the place of `${name}`. */
  readonly fill: (text: string) => string;
}

/**
 * The ports that files of XML open, each name once: a second one has its number behind it. An optional port whose number
 * can't be told is a warning.
 * @throws LaunchError `unusable-configuration`, or `usage` for what an argument says, where a required one can't be told
 */
export function xmlPorts(files: readonly FileListeners[], rules: XmlRules): XmlPorts {
  const names = new Set<string>();
  const warnings: string[] = [];
  const ports = files.flatMap(({ file, listeners }) =>
    listeners.flatMap((listener): BasePort[] => {
      const { name } = listener.fact;
      const isFirst = !names.has(name);
      const found = portOf(listener, setOf(listener, file, rules), isFirst && rules.required.includes(name));
      if (typeof found === 'string') {
        warnings.push(found);
        return [];
      }
      const unique = isFirst ? name : `${name}-${found.base}`;
      names.add(unique);
      return [{ ...found, name: unique }];
    }),
  );
  return { ports, warnings };
}

/** The number of a listener as it is set, and where. */
interface SetNumber {
  readonly text: string | undefined;
  readonly source: string;
  /** Present where a system property says it, to which no offset is added. */
  readonly isAbsolute?: true;
}

function setOf({ fact, value, line, isInCarbonXml }: XmlListener, file: string, rules: XmlRules): SetNumber {
  const given = fact.property === undefined ? undefined : rules.properties.get(fact.property);
  if (given) return { text: given.value, source: given.source, isAbsolute: true };
  const source = `${isInCarbonXml ? 'carbon.xml' : file}:${line}`;
  return { text: value === undefined ? undefined : rules.fill(value), source };
}

/** The port of a listener, or a warning about it. */
function portOf(listener: XmlListener, set: SetNumber, isWanted: boolean): BasePort | string {
  const { text, source, isAbsolute } = set;
  const { fixed, property: _, searchesFrom = 0, ...fact } = listener.fact;
  const isAny = fixed === true && isZero(text);
  const movesOn = fact.movesOn === true || isAny;
  const required = isWanted && !movesOn;
  if (!isAny && portIn(text) === undefined && !required && !isAbsolute) return untold(listener, source);
  const base = isAny ? searchesFrom : toPort({ value: text ?? null, source, key: listener.key }, fact.name);
  const shifted = fixed !== true && !isAbsolute;
  return { ...fact, base, shifted, ...(movesOn && { movesOn }), required, source };
}

function untold({ fact, value, key }: XmlListener, source: string): string {
  const [file, line] = source.split(':');
  const said = value === undefined ? 'has no number' : `is ${JSON.stringify(value)}`;
  return `${file}, line ${line}: the ${key} (${fact.name}) ${said}, so that nobody looks after its port.`;
}

/** The warning of a file that can't be read, without which the server starts all the same. */
export const unreadFile = (error: LaunchError): string =>
  `${error.message} Nobody looks after the ports that it opens.`;
