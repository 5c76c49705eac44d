import { factsOf, type PortFact, type ProductId } from '../../src/domain/catalogue.js';
import { basePorts } from '../../src/domain/ports.js';
import { NO_SETTINGS } from '../../src/domain/settings.js';
import type { InspectedHome } from '../../src/inspect.js';

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
    version: factsOf(id).known[1].join('.'),
    isKnown: true,
    home: `/opt/${id}`,
    ports: basePorts(facts, new Map()),
    settings: NO_SETTINGS,
    configured: { value: factsOf(id).defaultOffset, source: 'default' },
    warnings: [],
    ...more,
  };
}
