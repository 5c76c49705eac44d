import type { Resolved } from '../references.js';
import type { TemplateScope } from './expression.js';

/** The names that the products' templates know: every setting, by the parts of its key (config-mapper JinjaParser). */
export function scopeOf(keys: Iterable<string>, setting: Resolved): TemplateScope {
  const scope = new Map<string, unknown>();
  for (const key of keys) {
    const parts = key.match(/\[\d+\]|'[^']*'|[^.'[\]]+/g)?.map((part) => part.replace(/^['[]|['\]]$/g, '')) ?? [];
    let map = scope;
    for (const part of parts.slice(0, -1)) {
      const found = map.get(part);
      const next = found instanceof Map ? found : new Map<string, unknown>();
      if (next !== found) map.set(part, next);
      map = next;
    }
    map.set(parts.at(-1) ?? '', setting(key)?.value);
  }
  return scope;
}
