import { applyEdits, type Edit } from './edits.js';
import type { Pair, TomlNode } from './toml/syntax.js';
import type { Path, PlacedSection } from './toml/tables.js';
import { flatten, type OpenedToml, openToml } from './toml.js';
import { append, insertBefore, insertBehind } from './toml-edit.js';
import { valueText } from './toml-merge.js';

/**
 * A text with others laid over it, whose own lines stay as they were: comments, order and all.
 * @param over texts of TOML, in their order
 * @param merged what it has to say then; where it can't be edited so, that is the text
 */
export function spliceToml(text: string, over: readonly string[], merged: string, file: string): string {
  let spliced: string | undefined = text;
  for (const one of over) spliced = spliced === undefined ? undefined : withOne(spliced, one, file);
  return spliced !== undefined && saysTheSame(spliced, merged, file) ? spliced : merged;
}

/** Undefined where a list of tables is given, or nothing but a new order would do. */
function withOne(text: string, over: string, file: string): string | undefined {
  const opened = openToml(text, file);
  const { sections } = openToml(over, file);
  const given = sections.flatMap(({ path, pairs }) => pairs.flatMap((pair) => valuesIn(pair, path, over)));
  if (given.some(({ path }) => path.some((part) => typeof part === 'number'))) return undefined;
  const homes = new Map(
    opened.sections
      .flatMap(({ path, pairs }) => pairs.flatMap((pair) => nodesIn(pair, path)))
      .map(({ path, node }) => [keyOf(path), node]),
  );
  const replaced = given.flatMap(({ path, value }): Edit[] => {
    const [start, end] = homes.get(keyOf(path))?.range ?? [];
    return start === undefined || end === undefined ? [] : [{ offset: start, length: end - start, content: value }];
  });
  const missing = given.filter(({ path }) => !homes.has(keyOf(path)));
  const added = additions(missing, opened, text);
  return added && applyEdits(text, [...replaced, ...added]);
}

interface LaidValue {
  readonly path: readonly (string | number)[];
  /** In one line. */
  readonly value: string;
}

function valuesIn({ key, value }: Pair, above: Path, text: string): LaidValue[] {
  const path = [...above, ...key];
  return value.kind === 'table' && value.pairs.length > 0
    ? value.pairs.flatMap((pair) => valuesIn(pair, path, text))
    : [{ path, value: valueText(value, text) }];
}

function nodesIn({ key, value }: Pair, above: Path): { readonly path: Path; readonly node: TomlNode }[] {
  const path = [...above, ...key];
  return value.kind === 'table' ? value.pairs.flatMap((pair) => nodesIn(pair, path)) : [{ path, node: value }];
}

/** Pairs that are new in a table. */
interface NewPairs {
  readonly table: Path;
  readonly lines: readonly string[];
}

/** New keys, below the header of their table where it is there, else below one of their own. */
function additions(missing: readonly LaidValue[], opened: OpenedToml, text: string): Edit[] | undefined {
  const tables = new Map<string, NewPairs>();
  for (const { path, value } of missing) {
    const table = path.slice(0, -1);
    const before = tables.get(keyOf(table))?.lines ?? [];
    tables.set(keyOf(table), { table, lines: [...before, `${quoted(path.at(-1) as string)} = ${value}`] });
  }
  const edits: Edit[] = [];
  const last: string[] = [];
  for (const { table, lines } of tables.values()) {
    const there = opened.sections.find(({ path }) => keyOf(path) === keyOf(table));
    const end = there && endOf(there);
    // The products' parser does not survive a table below a part of it.
    const part = opened.sections.find(({ path }) => keyOf(path.slice(0, table.length)) === keyOf(table))?.section;
    const whole = [`[${table.map((name) => quoted(String(name))).join('.')}]`, ...lines];
    if (end !== undefined) edits.push(insertBehind(text, end, lines.join(lineEndOf(text))));
    else if (table.length === 0) return undefined;
    else if (part) edits.push(insertBefore(text, part.range[0], [...whole, '']));
    else last.push(...(last.length > 0 ? [''] : []), ...whole);
  }
  return last.length > 0 ? [...edits, append(text, last)] : edits;
}

/** The position behind which a table's next pair may stand; undefined for the table before every header without a pair. */
const endOf = ({ section, pairs }: PlacedSection): number | undefined => pairs.at(-1)?.range[1] ?? section?.range[1];

const quoted = (name: string): string => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name));

const lineEndOf = (text: string): string => /\r?\n/.exec(text)?.[0] ?? '\n';

const keyOf = (path: Path): string => JSON.stringify(path);

function saysTheSame(text: string, other: string, file: string): boolean {
  try {
    return settingsOf(text, file) === settingsOf(other, file);
  } catch {
    return false;
  }
}

const settingsOf = (text: string, file: string): string =>
  JSON.stringify(
    flatten(text, file)
      .map(({ key, element, type, value }) => [element ?? key, type, value])
      .sort(),
  );
