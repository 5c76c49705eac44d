import type { LaunchError } from './failure.js';
import { type BasePort, type PortSettings, portIn, toPort } from './ports.js';
import type { XmlListener } from './xml-listeners.js';

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
export function xmlPorts(files: readonly FileListeners[], { required, properties, fill }: XmlRules): XmlPorts {
  const names = new Set<string>();
  const warnings: string[] = [];
  const ports = files.flatMap(({ file, listeners }) =>
    listeners.flatMap((listener): BasePort[] => {
      const { fact, value, key, line, isInCarbonXml } = listener;
      const given = fact.property === undefined ? undefined : properties.get(fact.property);
      const source = given?.source ?? `${isInCarbonXml ? 'carbon.xml' : file}:${line}`;
      const written = given?.value ?? (value === undefined ? undefined : fill(value));
      const isRequired = required.includes(fact.name) && !names.has(fact.name);
      if (portIn(written) === undefined && !isRequired && !given) {
        warnings.push(untold(listener, source));
        return [];
      }
      const base = toPort({ value: written ?? null, source, key }, fact.name);
      const name = names.has(fact.name) ? `${fact.name}-${base}` : fact.name;
      names.add(fact.name);
      const shifted = fact.fixed !== true && given === undefined;
      return [{ name, base, scheme: fact.scheme, shifted, required: isRequired, source }];
    }),
  );
  return { ports, warnings };
}

function untold({ fact, value, key }: XmlListener, source: string): string {
  const [file, line] = source.split(':');
  const said = value === undefined ? 'has no number' : `is ${JSON.stringify(value)}`;
  return `${file}, line ${line}: the ${key} (${fact.name}) ${said}, so that nobody looks after its port.`;
}

/** The warning of a file that can't be read, without which the server starts all the same. */
export const unreadFile = (error: LaunchError): string =>
  `${error.message} Nobody looks after the ports that it opens.`;
