import type { ConfigurationChange } from './configuration-change.js';
import { LaunchError } from './failure.js';
import type { Pair, TomlNode } from './toml/syntax.js';
import type { Path } from './toml/tables.js';
import { type OpenedToml, openToml } from './toml.js';
import { tomlOf } from './toml-change.js';

/** Tables by their names, in the order of the text; a value is its text as it was written. */
type MergedTable = Map<string, MergedItem>;
type MergedItem = MergedTable | readonly MergedTable[] | string;

/**
 * A configuration with changes laid over it: tables are merged, arrays and values replaced.
 * @throws LaunchError `unusable-configuration` for what is no TOML, `usage` for a change that would replace a table by a
 *   value or the other way round
 */
export function mergeToml(text: string, changes: readonly ConfigurationChange[], file: string): string {
  const merged = tableOf(openToml(text, file), text);
  for (const change of changes) {
    const { by } = change;
    const over = tomlOf(change);
    mergeInto(merged, tableOf(openToml(over, by), over), { by, file, path: [] });
  }
  return `${written(merged, [])}\n`;
}

interface MergePlace {
  readonly by: string;
  readonly file: string;
  readonly path: readonly string[];
}

function mergeInto(table: MergedTable, over: MergedTable, place: MergePlace): void {
  for (const [name, item] of over) {
    const path = [...place.path, name];
    const former = table.get(name);
    if (former instanceof Map && item instanceof Map) {
      mergeInto(former, item, { ...place, path });
      continue;
    }
    if (former !== undefined && former instanceof Map !== item instanceof Map)
      throw otherKind(former, { ...place, path });
    table.set(name, item);
  }
}

function otherKind(former: MergedItem, { by, file, path }: MergePlace): LaunchError {
  const [is, given] = former instanceof Map ? ['a table', 'a value'] : ['a value', 'a table'];
  return new LaunchError({
    kind: 'usage',
    what: `${by} gives ${header(path)} ${given}, and it is ${is} in ${file}.`,
    hint: 'Name the whole key of the value that is to change.',
  });
}

// ---------- Reading ----------

function tableOf({ sections }: OpenedToml, text: string): MergedTable {
  const root: MergedTable = new Map();
  for (const { path, pairs } of sections) {
    const table = tableAt(root, path);
    for (const pair of pairs) addPair(table, pair, text);
  }
  return root;
}

/** The table of a header; a number counts in the list of tables before it. */
function tableAt(root: MergedTable, path: Path): MergedTable {
  let table = root;
  for (const [index, part] of path.entries()) {
    if (typeof part === 'number') continue;
    const next = path[index + 1];
    table = typeof next === 'number' ? elementOf(table, part, next) : innerTable(table, part);
  }
  return table;
}

function elementOf(table: MergedTable, name: string, index: number): MergedTable {
  const list = table.get(name);
  const tables = Array.isArray(list) ? [...(list as readonly MergedTable[])] : [];
  const element = tables[index] ?? new Map();
  tables[index] = element;
  table.set(name, tables);
  return element;
}

function innerTable(table: MergedTable, name: string): MergedTable {
  const found = table.get(name);
  if (found instanceof Map) return found;
  const made: MergedTable = new Map();
  table.set(name, made);
  return made;
}

function addPair(table: MergedTable, { key, value }: Pair, text: string): void {
  const names = key.slice(0, -1);
  const last = key.at(-1) as string;
  const inner = names.reduce(innerTable, table);
  if (value.kind !== 'table') {
    inner.set(last, valueText(value, text));
    return;
  }
  const made = innerTable(inner, last);
  for (const pair of value.pairs) addPair(made, pair, text);
}

/** A value in one line: behind a comma at the end of a list the products' parser reads on in the wrong mode. */
export function valueText(node: TomlNode, text: string): string {
  if (node.kind === 'list') return `[${node.items.map((item) => valueText(item, text)).join(', ')}]`;
  if (node.kind !== 'table') return text.slice(...node.range);
  const pairs = node.pairs.map(({ key, value }) => `${header(key)} = ${valueText(value, text)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

// ---------- Writing ----------

/** A table's values before the tables within it, which end it. */
function written(table: MergedTable, path: readonly string[]): string {
  const values = [...table].flatMap(([name, item]) => (typeof item === 'string' ? [`${quoted(name)} = ${item}`] : []));
  const isSaid = path.length > 0 && (values.length > 0 || table.size === 0);
  const own = [...(isSaid ? [`[${header(path)}]`] : []), ...values];
  return [...(own.length > 0 ? [own.join('\n')] : []), ...tablesWithin(table, path)].join('\n\n');
}

const tablesWithin = (table: MergedTable, path: readonly string[]): string[] =>
  [...table].flatMap(([name, item]) => {
    const inner = [...path, name];
    if (typeof item === 'string') return [];
    return item instanceof Map ? [written(item, inner)] : item.map((element) => writtenElement(element, inner));
  });

/** An element of a list of tables has its header, whatever is in it. */
function writtenElement(element: MergedTable, path: readonly string[]): string {
  const values = [...element].flatMap(([name, item]) =>
    typeof item === 'string' ? [`${quoted(name)} = ${item}`] : [],
  );
  return [[`[[${header(path)}]]`, ...values].join('\n'), ...tablesWithin(element, path)].join('\n\n');
}

const header = (path: readonly string[]): string => path.map(quoted).join('.');

const quoted = (name: string): string => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name));
