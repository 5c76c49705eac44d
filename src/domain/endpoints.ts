import { LaunchError } from './failure.js';
import { type EffectivePort, settledPorts } from './ports.js';

/** The ports and URLs of a running instance, each of which can be asked for by name. */
export interface Addressed {
  readonly name: string;
  readonly ports: readonly Pick<EffectivePort, 'name' | 'number' | 'movesOn'>[];
  readonly urls: Readonly<Record<string, string>>;
}

/**
 * A URL by its name, the first one without a name.
 * @throws LaunchError `usage` for an unknown name, with the known ones
 */
export const urlNamed = ({ name, urls }: Addressed, endpoint = Object.keys(urls)[0]): string =>
  choose(urls, endpoint, `${name} has no endpoint`);

/** The number of a port by its name. @throws LaunchError `usage` for an unknown name, with the known ones */
export const portNamed = ({ name, ports }: Addressed, port: string): number =>
  choose(numbersOf(ports), port, `${name} has no port`);

export const numbersOf = (ports: Addressed['ports']): Record<string, number> =>
  Object.fromEntries(settledPorts(ports).map(({ name, number }) => [name, number]));

function choose<T>(values: Readonly<Record<string, T>>, name: string | undefined, complaint: string): T {
  const value = name !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
  if (value !== undefined) return value;
  const what = `${complaint} ${name ?? ''}: it has ${Object.keys(values).join(', ')}.`;
  throw new LaunchError({ kind: 'usage', what });
}
