import type { UrlFact } from './facts.js';
import { DEBUG_PORT } from './jvm.js';
import { type EffectivePort, settledPorts } from './ports.js';

/** The addresses worth showing, by name, in the catalogue's order; without facts, those of all ports. */
export function urlsOf(facts: readonly UrlFact[] | undefined, ports: readonly EffectivePort[]): Record<string, string> {
  const addressable = settledPorts(ports).filter(({ scheme }) => scheme !== 'tcp' && scheme !== 'tls');
  const urls = (facts ?? addressable.map(({ name }) => ({ name, port: name, path: '' }))).flatMap(
    ({ name, port, path }) => {
      const found = ports.find((candidate) => candidate.name === port);
      return found ? [[name, `${found.scheme}://localhost:${found.number}${path}`] as const] : [];
    },
  );
  // A debugger listens on this machine alone, and not for `localhost` in IPv6.
  const debug = ports.find(({ name }) => name === DEBUG_PORT);
  return { ...Object.fromEntries(urls), ...(debug && { debug: `jdwp://127.0.0.1:${debug.number}` }) };
}

/** A page of a server's own. */
export interface Page {
  /** The address as a person would ask for it. */
  readonly url: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** The path with its query. */
  readonly path: string;
}

/** A path on the server's first URL; undefined where it has none that answers HTTP. */
export function pageAt(
  path: string,
  facts: readonly UrlFact[] | undefined,
  ports: readonly EffectivePort[],
): Page | undefined {
  const first = Object.values(urlsOf(facts, ports)).find((url) => /^https?:/.test(url));
  const found = ports.find(({ scheme, number }) => first?.startsWith(`${scheme}://localhost:${number}`));
  if (!found) return undefined;
  const { scheme, number } = found;
  return { url: `${scheme}://localhost:${number}${path}`, port: number, isSecure: scheme === 'https', path };
}
