import { applyEdits, type Edit } from './edits.js';
import type { Pair, TomlNode } from './toml/syntax.js';
import type { Path, PlacedSection } from './toml/tables.js';
import { flatten, type OpenedToml, openToml } from './toml.js';
import { append, insertBehind } from './toml-edit.js';
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

/** New keys, below the header of their table where it is there, else below one of their own at the end. */
function additions(missing: readonly LaidValue[], opened: OpenedToml, text: string): Edit[] | undefined {
  const tables = new Map<string, LaidValue[]>();
  for (const one of missing) {
    const table = keyOf(one.path.slice(0, -1));
    tables.set(table, [...(tables.get(table) ?? []), one]);
  }
  const edits: Edit[] = [];
  const sections: string[] = [];
  for (const [table, values] of tables) {
    const lines = values.map(({ path, value }) => `${quoted(path.at(-1) as string)} = ${value}`);
    const there = opened.sections.find(({ path }) => keyOf(path) === table);
    const end = there && endOf(there);
    if (end !== undefined) edits.push(insertBehind(text, end, lines.join(lineEndOf(text))));
    else if (table === keyOf([])) return undefined;
    else sections.push(`[${headerOf(values[0] as LaidValue)}]`, ...lines, '');
  }
  if (sections.length > 0) edits.push(append(text, sections.slice(0, -1)));
  return edits;
}

/** The position behind which a table's next pair may stand; undefined for the table before every header without a pair. */
const endOf = ({ section, pairs }: PlacedSection): number | undefined => pairs.at(-1)?.range[1] ?? section?.range[1];

const headerOf = ({ path }: LaidValue): string =>
  path
    .slice(0, -1)
    .map((part) => quoted(String(part)))
    .join('.');

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
