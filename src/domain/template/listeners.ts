import { type BasePort, type PortSettings, portIn } from '../ports.js';
import type { XmlListener } from '../xml-files/xml-file.js';

/** The listeners of a file that a start renders from a template of the home. */
export interface TemplateListeners {
  /** The template's name, for sources and messages. */
  readonly file: string;
  /** Their lines are those of the template. */
  readonly listeners: readonly XmlListener[];
  /** The ports that the file decides about. */
  readonly decides: readonly string[];
}

export interface JudgedPorts {
  readonly ports: readonly BasePort[];
  readonly warnings: readonly string[];
}

/**
 * Holds ports as the catalogue knows them against what the home's own template opens: one that it does not open is left
 * out, one that nobody knows of is added.
 * @param required the names of the ports without which the server is of no use
 */
export function judgePorts(
  ports: readonly BasePort[],
  { file, listeners, decides }: TemplateListeners,
  required: readonly string[],
  { isUnset }: Pick<PortSettings, 'isUnset'>,
): JudgedPorts {
  const left = new Set(ports);
  const kept = new Set<BasePort>();
  const warnings: string[] = [];
  const unknown = listeners.flatMap((listener) => {
    const base = portIn(listener.value);
    if (base === undefined) {
      if (!isUnset?.(listener.value)) warnings.push(untold(listener, file));
      return [];
    }
    const alike = [...left].filter((port) => isOf(port, listener, base));
    const known =
      alike.find(({ scheme }) => scheme === listener.fact.scheme) ?? alike.find(({ name }) => !decides.includes(name));
    if (!known) return [{ ...listener, base }];
    left.delete(known);
    kept.add(known);
    return [];
  });
  const open = ports.filter((port) => kept.has(port) || !decides.includes(port.name));
  const names = new Set(open.map(({ name }) => name));
  const added = unknown.map(({ fact, base, line }): BasePort => {
    const name = names.has(fact.name) ? `${fact.name}-${base}` : fact.name;
    names.add(name);
    const shifted = fact.fixed !== true;
    return { name, base, scheme: fact.scheme, shifted, required: required.includes(name), source: `${file}:${line}` };
  });
  return { ports: [...open, ...added], warnings };
}

/** A property of the JVM sets the number of a port itself, whatever the file says. */
const isOf = (port: BasePort, { fact }: XmlListener, base: number): boolean =>
  port.base === base || (!port.shifted && fact.fixed !== true && port.name === fact.name);

const untold = ({ fact, value, key, line }: XmlListener, file: string): string => {
  const said = value === undefined ? 'has no number' : `is ${JSON.stringify(value)}`;
  return `${file}, line ${line}: the ${key} (${fact.name}) ${said}, so that nobody looks after its port.`;
};
