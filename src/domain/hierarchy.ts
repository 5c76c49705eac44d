import { placeOf, type Setting, type Settings } from './configuration.js';
import type { Resolved } from './references.js';

/**
 * Settings as templates see them: tables within tables, by the parts of keys (config-mapper
 * JinjaParser.getHierarchicalDottedKeyMap). Where a file has a table in the place of a value, or a value in that of a
 * table, the one that is walked last takes the place of the other, with all that was in it.
 * @param resolved the settings by their whole keys
 */
export function inHierarchy(settings: Settings, resolved: Resolved): Resolved {
  const isTangled = hasValuesAboveOthers(settings);
  let tree: Branch | undefined;

  return (wanted) => {
    if (placeOf(wanted) !== wanted || (!isTangled && settings.has(wanted))) return resolved(wanted);
    const isPartOf = (key: string): boolean => key.startsWith(`${wanted}.`) || key.startsWith(`${wanted}[`);
    if (!isTangled && ![...settings.keys()].some(isPartOf)) return undefined;
    tree ??= treeOf(settings);
    let found: Branch | Setting | undefined = tree;
    for (const part of partsOf(wanted)) found = found instanceof Map ? found.get(part) : undefined;
    if (found instanceof Map) return withLeaf(asObject(found), firstIn(found));
    if (found) return resolved(wanted) ?? found;
    // Whatever stands there in place of its table, or has stood there, was walked after it.
    const above = settings.has(wanted) ? valueAbove(wanted, settings) : undefined;
    return above && withLeaf(above.value, above);
  };
}

/** Few files have that, and without it each key has its own value: a tree of all takes 4 ms. */
function hasValuesAboveOthers(settings: Settings): boolean {
  const places = new Set([...settings.keys()].map(placeOf));
  for (const place of places) {
    for (let end = place.lastIndexOf('.'); end > 0; end = place.lastIndexOf('.', end - 1)) {
      if (places.has(place.slice(0, end))) return true;
    }
  }
  return false;
}

type Branch = Map<string, Branch | Setting>;

/** A quoted part is one, whatever it holds. */
const partsOf = (key: string): string[] => (key.match(/'[^']*'|[^.']+/g) ?? []).map((part) => part.replaceAll("'", ''));

function treeOf(settings: Settings): Branch {
  const root: Branch = new Map();
  for (const [key, setting] of settings) {
    const place = placeOf(key);
    put(root, partsOf(place), place === key ? setting : withLeaf([], setting));
  }
  return root;
}

function put(root: Branch, parts: readonly string[], setting: Setting): void {
  let table = root;
  for (const part of parts.slice(0, -1)) {
    const found = table.get(part);
    const next: Branch = found instanceof Map ? found : new Map();
    if (next !== found) table.set(part, next);
    table = next;
  }
  table.set(parts.at(-1) ?? '', setting);
}

const asObject = (table: Branch): object =>
  Object.fromEntries([...table].map(([part, found]) => [part, found instanceof Map ? asObject(found) : found.value]));

function firstIn(table: Branch): Setting | undefined {
  const [found] = table.values();
  return found instanceof Map ? firstIn(found) : found;
}

function valueAbove(wanted: string, settings: Settings): Setting | undefined {
  const parts = partsOf(wanted);
  const isAbove = (key: string): boolean => {
    const above = partsOf(placeOf(key));
    return above.length < parts.length && above.every((part, index) => part === parts[index]);
  };
  const [key, setting] = [...settings].find(([key]) => isAbove(key)) ?? [];
  return key === undefined || key === placeOf(key) ? setting : withLeaf([], setting);
}

const withLeaf = (value: unknown, from: Setting | undefined): Setting => ({
  value,
  ...(from?.leaf && { leaf: from.leaf }),
});
