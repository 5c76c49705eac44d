import { LaunchError } from './failure.js';
import { nestedTooDeeply } from './nesting.js';
import { TomlError } from './toml/error.js';
import { refusalOf } from './toml/refusal.js';
import { isString, type Pair, parseSyntax, type TomlNode, type TomlScalar, type TomlSyntax } from './toml/syntax.js';
import { type Path, type PlacedSection, placeSections } from './toml/tables.js';

/** A leaf of a TOML file: `transport.https.properties.port`, with the line it stands on. */
export interface Leaf {
  /** Dotted; a quoted part keeps single quotes: `synapse_properties.'internal.http.api.port'`. */
  readonly key: string;
  readonly value: unknown;
  readonly line: number;
  /** The key with its place, `a.list[0].port`, where it stands in a list of tables: no rule reaches it there. */
  readonly element?: string;
  /** Present where the value, a text here, is something else to the products. */
  readonly type?: 'float' | 'date';
}

/** A string of a TOML file, by itself or in a list, that is written out without any escape. */
export interface PlainString {
  /** The key of its leaf. */
  readonly key: string;
  readonly text: string;
  readonly line: number;
  /** The position of its first character in the file, behind the quote. */
  readonly start: number;
}

export interface TomlContent {
  readonly leaves: readonly Leaf[];
  readonly strings: readonly PlainString[];
}

/** A text that is well-formed, with every key in its place. */
export interface OpenedToml extends TomlContent {
  readonly syntax: TomlSyntax;
  /** All pairs, the ones before every header first. */
  readonly sections: readonly PlacedSection[];
  /** Why the products refuse it all the same. */
  readonly troubles: readonly TomlError[];
}

/** The leaves of a TOML text, in its order. @throws LaunchError `unusable-configuration` */
export const flatten = (text: string, file: string): readonly Leaf[] => readToml(text, file).leaves;

/**
 * All of a TOML text, in its order. What the products' parser (cava 0.5.0) refuses is refused, though TOML may have it;
 * what it takes is taken, though TOML may not.
 * @throws LaunchError `unusable-configuration`
 */
export function readToml(text: string, file: string): TomlContent {
  const opened = openToml(text, file);
  const [first] = opened.troubles.toSorted((a, b) => a.at - b.at);
  if (first) throw refused(first, text, file);
  return opened;
}

/** A TOML text to look for places in, whose values need not all be right. @throws LaunchError `unusable-configuration` */
export function openToml(text: string, file: string): OpenedToml {
  if (latest?.text === text) return latest.opened;
  if (UTF_16.test(text)) throw otherEncoding(file);
  const line = nestedTooDeeply(text, MOST_LEVELS);
  if (line !== undefined) throw tooDeep(line, file);
  try {
    latest = { text, opened: open(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw refused(error, text, file);
  }
  return latest.opened;
}

const refused = (error: TomlError, text: string, file: string): LaunchError =>
  new LaunchError(refusalOf(error, text, file), [], { cause: error });

/** The products' parser ends with a StackOverflowError at 600 to 800 levels, or 1,500 of lists: cava 0.5.0 on JDK 17. */
const MOST_LEVELS = 500;

/** The bytes that a file of UTF-16 begins with, as a text has them of which every byte is kept. */
const UTF_16 = /^(?:\udcff\udcfe|\udcfe\udcff)/;

const otherEncoding = (file: string): LaunchError =>
  new LaunchError({
    kind: 'unusable-configuration',
    what: `${file} is written in UTF-16, which the server's parser can't read.`,
    hint: 'Save it as UTF-8 (in Notepad: UTF-8, neither UTF-16 nor UTF-8 with BOM).',
  });

const tooDeep = (line: number, file: string): LaunchError =>
  new LaunchError({
    kind: 'unusable-configuration',
    what: `${file}, line ${line}: a value is nested more than ${MOST_LEVELS} levels deep, which the server's parser does not survive.`,
    hint: 'The server would end with this file; mend that line.',
  });

/** The latest text: an edit asks for the same one again and again. */
let latest: { readonly text: string; readonly opened: OpenedToml } | undefined;

function open(text: string): OpenedToml {
  const syntax = parseSyntax(text);
  const { sections, troubles } = placeSections(syntax);
  const full = sections.flatMap(({ path, pairs }) => pairs.flatMap((pair) => leavesOf(pair, path)));
  const found = [...full, ...emptyLists(sections, full)];
  const lineOf = lineCounter(text);
  const leaves = found.map(({ path, node }) => leafOf(path, node, lineOf(node.range[0])));
  const strings = found.flatMap(({ node }, index) =>
    stringsIn(node).flatMap((one) => plainString(one, text, (leaves[index] as Leaf).key, lineOf)),
  );
  return {
    syntax,
    sections,
    leaves,
    strings,
    troubles: [...syntax.troubles, ...troubles, ...found.flatMap(troublesOf)],
  };
}

interface Found {
  readonly path: Path;
  readonly node: TomlNode;
}

function leavesOf({ key, value }: Pair, above: Path): Found[] {
  const path = [...above, ...key];
  if (value.kind === 'table') return value.pairs.flatMap((pair) => leavesOf(pair, path));
  // A list of tables is the same, written in one line or in several.
  if (value.kind === 'list' && value.items.length > 0 && value.items.every(isTable)) {
    const found = value.items.flatMap(({ pairs }, index) => pairs.flatMap((pair) => leavesOf(pair, [...path, index])));
    if (found.length > 0) return found;
  }
  return [{ path, node: value }];
}

/** The lists whose headers have nothing below them: of those, too, the products have the key. */
function emptyLists(sections: readonly PlacedSection[], found: readonly Found[]): Found[] {
  return sections.flatMap(({ path, section, pairs }) => {
    if (section?.kind !== 'list of tables' || pairs.length > 0) return [];
    const list = path.slice(0, -1);
    const isIn = (other: Found): boolean => list.every((part, index) => other.path[index] === part);
    const table = { kind: 'table', pairs: [], range: section.range } as const;
    return found.some(isIn) ? [] : [{ path: list, node: { kind: 'list', items: [table], range: section.range } }];
  });
}

type TableNode = Extract<TomlNode, { readonly kind: 'table' }>;
const isTable = (node: TomlNode): node is TableNode => node.kind === 'table';

type LineOf = (at: number) => number;

/** Counts on from the latest place: they come in the order of the text. */
function lineCounter(text: string): LineOf {
  let line = 1;
  let counted = 0;
  return (at) => {
    if (at < counted) [line, counted] = [1, 0];
    for (let end = text.indexOf('\n', counted); end >= 0 && end < at; end = text.indexOf('\n', counted)) {
      line += 1;
      counted = end + 1;
    }
    return line;
  };
}

function leafOf(path: Path, node: TomlNode, line: number): Leaf {
  const key = dotted(path.filter((part) => typeof part === 'string'));
  const element = dotted(path);
  const value = isLost(path) ? null : plainValue(node);
  const type = typeof value === 'string' && (node.kind === 'float' || node.kind === 'date') ? node.kind : undefined;
  const leaf = { key, value, line, ...(type && { type }) };
  return element === key ? leaf : { ...leaf, element };
}

function plainValue(node: TomlNode): unknown {
  if (node.kind === 'list') return node.items.map(plainValue);
  if (node.kind !== 'table') return node.value;
  return Object.fromEntries(
    node.pairs.flatMap((pair) => leavesOf(pair, [])).map(({ path, node: inner }) => [dotted(path), plainValue(inner)]),
  );
}

const dotted = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${quotePart(part)}`))
    .join('')
    .slice(1);

// The products' own flattening keeps the quotes of a part that had to be quoted.
const quotePart = (part: string): string => (/^[A-Za-z0-9_-]+$/.test(part) ? part : `'${part}'`);

const stringsIn = (node: TomlNode): TomlScalar[] => {
  if (node.kind === 'list') return node.items.flatMap(stringsIn);
  return isString(node) ? [node] : [];
};

function plainString(
  { kind, value, range: [from, to] }: TomlScalar,
  text: string,
  key: string,
  lineOf: LineOf,
): PlainString[] {
  const quotes = kind.startsWith('long') ? 3 : 1;
  const start = from + quotes;
  return text.slice(start, to - quotes) === value ? [{ key, text: value as string, line: lineOf(from), start }] : [];
}

// ---------- What the products make of a file that is well-formed ----------

/** What ends the products after their parser has taken it: config-mapper TomlParser asks for each value by its key. */
function troublesOf({ path, node }: Found): TomlError[] {
  if (asksFor(path) === undefined) {
    return [new TomlError(node.range[0], 'a key holds a quote', 'Give it a name without one.')];
  }
  const tables = node.kind === 'list' ? tablesIn(node) : [];
  return tables.flatMap(({ pairs }) => pairs.flatMap((pair) => leavesOf(pair, []).flatMap(troublesOf)));
}

/** The tables in a list that has more than tables. */
const tablesIn = (node: TomlNode): TableNode[] => {
  if (node.kind === 'list') return node.items.flatMap(tablesIn);
  return isTable(node) ? [node] : [];
};

/** Whether the products ask for a value by another key than its own, and so never find it. */
function isLost(path: Path): boolean {
  const asked = asksFor(path);
  const own = path.slice(path.findLastIndex((part) => typeof part === 'number') + 1);
  return asked !== undefined && JSON.stringify(asked) !== JSON.stringify(own);
}

/**
 * The key by which the products ask for a value: they write the whole key out with escapes, put single quotes in the
 * place of double ones, between which there are no escapes, and read it again. Undefined where it is none then.
 */
function asksFor(path: Path): string[] | undefined {
  const own = path.slice(path.findLastIndex((part) => typeof part === 'number') + 1) as string[];
  if (own.every((part) => /^[\w-]+$/.test(part))) return own;
  const written = own.map((part) => (/^[\w-]+$/.test(part) ? part : `'${escaped(part)}'`)).join('.');
  if (!/^(?:[\w-]+|'[^']*')(?:[ \t]*\.[ \t]*(?:[\w-]+|'[^']*'))*$/.test(written)) return undefined;
  return [...written.matchAll(/[\w-]+|'([^']*)'/g)].map(([part, quoted]) => quoted ?? part);
}

const escaped = (part: string): string =>
  part
    .replaceAll("'", "\\'")
    .replaceAll('"', "'")
    .replaceAll(/[^ -~]/gu, (character) => `\\u${character}`);
