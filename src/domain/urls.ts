import type { UrlFact } from './facts.js';
import type { EffectivePort } from './ports.js';

/** The addresses worth showing, by name, in the catalogue's order; without facts, those of all ports. */
export function urlsOf(facts: readonly UrlFact[] | undefined, ports: readonly EffectivePort[]): Record<string, string> {
  const addressable = ports.filter(({ scheme }) => scheme !== 'tcp' && scheme !== 'tls');
  const urls = (facts ?? addressable.map(({ name }) => ({ name, port: name, path: '' }))).flatMap(
    ({ name, port, path }) => {
      const found = ports.find((candidate) => candidate.name === port);
      return found ? [[name, `${found.scheme}://localhost:${found.number}${path}`] as const] : [];
    },
  );
  return Object.fromEntries(urls);
}
