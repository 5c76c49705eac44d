import { factsOf, type ProductId } from '../../src/domain/catalogue.js';
import type { PortFact } from '../../src/domain/facts.js';
import { basePorts } from '../../src/domain/ports.js';
import type { InspectedHome } from '../../src/home/inspect.js';

/** A home as the inspection would find it, with nothing configured. */
export function inspectedHome(
  id: ProductId,
  more: Partial<InspectedHome> = {},
  facts: readonly PortFact[] = factsOf(id).versions[0].ports,
): InspectedHome {
  return {
    id,
    facts: factsOf(id),
    row: factsOf(id).versions[0],
    version: factsOf(id).known?.[1].join('.') ?? null,
    isKnown: true,
    home: `/opt/${id}`,
    unpacked: more.home ?? `/opt/${id}`,
    runtimeHome: more.home ?? `/opt/${id}`,
    startScript: `/opt/${id}/bin/${factsOf(id).versions[0].script}.sh`,
    passing: { kind: 'argument' },
    ports: basePorts(facts, factsOf(id).required),
    urls: [],
    toml: undefined,
    configured: { value: factsOf(id).defaultOffset, source: 'default' },
    warnings: [],
    ...more,
  };
}
