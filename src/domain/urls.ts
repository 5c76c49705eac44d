import type { UrlFact } from './catalogue.js';
import type { EffectivePort } from './ports.js';

/** The addresses worth showing, by name, in the catalogue's order. */
export function urlsOf(facts: readonly UrlFact[], ports: readonly EffectivePort[]): Record<string, string> {
  const urls = facts.flatMap(({ name, port, path }) => {
    const found = ports.find((candidate) => candidate.name === port);
    return found ? [[name, `${found.scheme}://localhost:${found.number}${path}`] as const] : [];
  });
  return Object.fromEntries(urls);
}
