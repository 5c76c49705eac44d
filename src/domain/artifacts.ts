import type { Scheme } from './facts.js';
import { parseJavaInteger } from './numbers.js';
import { type BasePort, HIGHEST_PORT } from './ports.js';

/** A listener that an artifact declares. */
export interface ArtifactListener {
  /** The artifact's own name. */
  readonly name: string;
  /** Absent where nothing listens, as of a suspended endpoint. The base is before any offset. */
  readonly port?: BasePort;
}

/** What artifacts open. */
export interface ArtifactListeners {
  readonly listeners: readonly ArtifactListener[];
  /** Warnings of what can't be told. */
  readonly warnings: readonly string[];
}

/** A port as an artifact says it. */
export interface SaidPort {
  readonly name: string;
  /** The number as it is written, with references resolved. */
  readonly text: string;
  readonly scheme: Scheme;
  readonly shifted: boolean;
  readonly source: string;
}

/** The listener that is meant; undefined where the text is no port. A fixed one on port 0 takes any free port. */
export function listenerOn({ name, text, scheme, shifted, source }: SaidPort): ArtifactListener | undefined {
  const base = parseJavaInteger(text.trim());
  if (base === undefined || base < 0 || base > HIGHEST_PORT || (base === 0 && shifted)) return undefined;
  return { name, port: { name, base, scheme, shifted, ...(base === 0 && { movesOn: true }), required: false, source } };
}

/** The listeners and the warnings of several findings, in their order. */
export const collected = (found: readonly (ArtifactListener | string)[]): ArtifactListeners => ({
  listeners: found.filter((result) => typeof result !== 'string'),
  warnings: found.filter((result) => typeof result === 'string'),
});

/**
 * Adds listeners to a server's ports, each by its artifact's name, and where that is taken with its number behind it.
 * The same number under the same name is one artifact, found twice.
 */
export function withListeners(ports: readonly BasePort[], listeners: readonly ArtifactListener[]): BasePort[] {
  const names = new Set(ports.map(({ name }) => name));
  const found = new Set<string>();
  const added = listeners.flatMap(({ port }): BasePort[] => {
    if (!port || found.has(`${port.name} ${port.base}`)) return [];
    found.add(`${port.name} ${port.base}`);
    const name = names.has(port.name) || port.name === '' ? `${port.name}-${port.base}` : port.name;
    names.add(name);
    return [{ ...port, name }];
  });
  return [...ports, ...added];
}
