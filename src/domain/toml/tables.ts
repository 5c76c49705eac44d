import { TomlError } from './error.js';
import { isString, type Pair, type TomlNode, type TomlSection, type TomlSyntax } from './syntax.js';

/** A path of keys, with a number where it enters a list of tables. */
export type Path = readonly (string | number)[];

/** A part of a file, with the path that its pairs begin at. */
export interface PlacedSection {
  readonly path: Path;
  readonly section?: TomlSection;
  readonly pairs: readonly Pair[];
}

export interface PlacedSections {
  /** The pairs before every header come first. */
  readonly sections: readonly PlacedSection[];
  /** What keeps every place clear, and is refused all the same. */
  readonly troubles: readonly TomlError[];
}

/**
 * Puts the sections of a file in their places, as cava 0.5.0 does in its MutableTomlTable and MutableTomlArray.
 * @throws TomlError for a key that is there already
 */
export function placeSections({ top, sections }: TomlSyntax): PlacedSections {
  const troubles: TomlError[] = [];
  const root = new TomlTable([], false);
  setAll(root, top, troubles);
  const placed = sections.map((section) => {
    const table = section.kind === 'table' ? openTable(root, section, troubles) : openInList(root, section);
    setAll(table, section.pairs, troubles);
    return { path: table.path, section, pairs: section.pairs };
  });
  return { sections: [{ path: [], pairs: top }, ...placed], troubles: [...troubles, ...secretTroubles(root)] };
}

class TomlTable {
  readonly members = new Map<string, TableMember>();
  constructor(
    readonly path: Path,
    /** Whether nothing but a longer key has made it so far. */
    public isImplied: boolean,
  ) {}
}

interface TableMember {
  readonly value: TomlTable | TomlTable[] | Exclude<TomlNode, { readonly kind: 'table' }>;
  /** The place where it stood first. */
  readonly at: number;
}

function openTable(root: TomlTable, { key, range: [at] }: TomlSection, troubles: TomlError[]): TomlTable {
  const { table: above, name } = parentOf(root, key, { at, entersLists: true });
  const found = above.members.get(name);
  if (!found) {
    const opened = new TomlTable([...above.path, name], false);
    above.members.set(name, { value: opened, at });
    return opened;
  }
  // The products' parser puts the table into itself then, and follows that for ever.
  if (!(found.value instanceof TomlTable && found.value.isImplied)) throw new KeySetTwice(at, key, found.at);
  troubles.push(new ReopenedTable(at, key, found.at));
  found.value.isImplied = false;
  return found.value;
}

function openInList(root: TomlTable, { key, range: [at] }: TomlSection): TomlTable {
  const { table: above, name } = parentOf(root, key, { at, entersLists: true });
  const found = above.members.get(name);
  const list = found?.value ?? [];
  if (!Array.isArray(list)) throw new KeySetTwice(at, key, found?.at as number);
  const opened = new TomlTable([...above.path, name, list.length], false);
  list.push(opened);
  if (!found) above.members.set(name, { value: list, at });
  return opened;
}

function setAll(table: TomlTable, pairs: readonly Pair[], troubles: TomlError[]): void {
  for (const { key, value, range } of pairs) {
    const { table: above, name } = parentOf(table, key, { at: range[0], entersLists: false });
    const found = above.members.get(name);
    const made = memberOf(value, [...above.path, name], troubles);
    if (found) throw new KeySetTwice(range[0], fullKey(above.path, name), found.at);
    above.members.set(name, { value: made, at: range[0] });
  }
}

function memberOf(node: TomlNode, path: Path, troubles: TomlError[]): TableMember['value'] {
  if (node.kind === 'list') checkList(node.items, path, troubles);
  if (node.kind !== 'table') return node;
  // An empty one counts as if a longer key had made it.
  const table = new TomlTable(path, node.pairs.length === 0);
  setAll(table, node.pairs, troubles);
  return table;
}

/** The products' parser is one of TOML 0.5: a list holds values of one type. */
function checkList(items: readonly TomlNode[], path: Path, troubles: TomlError[]): void {
  const [first] = items;
  for (const item of items) {
    memberOf(item, path, troubles);
    if (first && typeOf(item) !== typeOf(first)) {
      const reason = `a list holds a value of type ${typeOf(first)} and one of type ${typeOf(item)}`;
      troubles.push(new TomlError(item.range[0], reason, 'Give all of its values the same type.'));
    }
  }
}

function typeOf(node: TomlNode): string {
  if (node.kind === 'date') return dateType(String(node.value));
  return isString(node) ? 'string' : node.kind;
}

function dateType(written: string): string {
  if (!/^\d+-/.test(written)) return 'time';
  if (!written.includes(':')) return 'date';
  return /(?:Z|[-+]\d+:\d+)$/.test(written) ? 'date with time and zone' : 'date with time';
}

/** The table that a key's last part belongs into, made on the way where it is not there. */
function parentOf(
  from: TomlTable,
  key: readonly string[],
  { at, entersLists }: { readonly at: number; readonly entersLists: boolean },
): { readonly table: TomlTable; readonly name: string } {
  let table = from;
  for (const part of key.slice(0, -1)) {
    const found = table.members.get(part);
    const next = found?.value ?? new TomlTable([...table.path, part], true);
    if (!found) table.members.set(part, { value: next, at });
    const entered = Array.isArray(next) && entersLists ? next.at(-1) : next;
    if (!(entered instanceof TomlTable)) throw new NoTable(at, fullKey(table.path, part), found?.at as number);
    table = entered;
  }
  return { table, name: key.at(-1) as string };
}

const fullKey = (path: Path, name: string): string[] => [...path, name].filter((part) => typeof part === 'string');

/** An error that has to do with a key, and with the place where that stood first. */
export abstract class KeyError extends TomlError {
  constructor(
    at: number,
    readonly key: readonly string[],
    readonly firstAt: number,
  ) {
    super(at, '');
  }
}

export class KeySetTwice extends KeyError {}
export class ReopenedTable extends KeyError {}
export class NoTable extends KeyError {}

/** The products read their secrets as tables of texts: config-mapper TomlParser.processSecrets. */
function secretTroubles(root: TomlTable): TomlError[] {
  return ['secrets', 'runtime_secrets'].flatMap((name) => {
    const found = root.members.get(name);
    if (!found) return [];
    return found.value instanceof TomlTable ? textTroubles(found.value) : [noText(found.at, name)];
  });
}

const textTroubles = ({ members, path: [first] }: TomlTable): TomlError[] =>
  [...members].flatMap(([name, { value, at }]) => {
    if (value instanceof TomlTable) return textTroubles(value);
    // A key with a backslash is looked for by another name, and not found.
    const isText = !Array.isArray(value) && (isString(value) || name.includes('\\'));
    return isText ? [] : [noText(at, String(first))];
  });

const noText = (at: number, name: string): TomlError =>
  new TomlError(at, `[${name}] has to be a table of texts`, 'Put its values in quotes.');
