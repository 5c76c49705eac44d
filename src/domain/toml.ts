import { type AST, getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';
import { LaunchError } from './failure.js';

/** One leaf of a TOML file: `transport.https.properties.port`, with the line it stands on. */
export interface Leaf {
  /** Dotted; a quoted part keeps single quotes: `synapse_properties.'internal.http.api.port'`. */
  readonly key: string;
  readonly value: unknown;
  readonly line: number;
  /** The key with its place, `a.list[0].port`, where it stands in a list of tables: no rule reaches it there. */
  readonly element?: string;
}

/** A string of a TOML file, by itself or in a list, that is written out without any escape. */
export interface PlainString {
  /** That of its leaf. */
  readonly key: string;
  readonly text: string;
  readonly line: number;
  /** Where in the file its first character stands, behind the quote. */
  readonly start: number;
}

export interface TomlContent {
  readonly leaves: readonly Leaf[];
  readonly strings: readonly PlainString[];
}

/** The leaves of a TOML text, in its order. @throws LaunchError `unusable-configuration` */
export const flatten = (text: string, file: string): readonly Leaf[] => readToml(text, file).leaves;

/** All of a TOML text, in its order. @throws LaunchError `unusable-configuration` */
export function readToml(text: string, file: string): TomlContent {
  const found = foundIn(parse(text, file));
  return {
    leaves: found.map(({ leaf }) => leaf),
    strings: found.flatMap(({ leaf, node }) => stringsIn(node).flatMap((one) => plainString(one, leaf.key, text))),
  };
}

/** What a TOML text says, with positions in it. @throws LaunchError `unusable-configuration` */
export function parse(text: string, file: string): AST.TOMLProgram {
  if (latest?.text === text) return latest.program;
  try {
    const program = parseTOML(text, { tomlVersion: '1.0.0' });
    foundIn(program); // its values can be nested too deeply for that, too
    latest = { text, program };
  } catch (error) {
    throw malformed(error, file);
  }
  return latest.program;
}

/** A file of 300 lines takes 20 ms, and whoever edits one asks for the same text again and again. */
let latest: { readonly text: string; readonly program: AST.TOMLProgram } | undefined;

export const leavesIn = (program: AST.TOMLProgram): Leaf[] => foundIn(program).map(({ leaf }) => leaf);

function foundIn(program: AST.TOMLProgram): readonly Found[] {
  const known = leavesByProgram.get(program);
  if (known) return known;
  const found = program.body[0].body.flatMap((node) =>
    node.type === 'TOMLTable' ? node.body.flatMap((pair) => leavesOf(pair, node.resolvedKey)) : leavesOf(node, []),
  );
  leavesByProgram.set(program, found);
  return found;
}

const leavesByProgram = new WeakMap<AST.TOMLProgram, readonly Found[]>();

const stringsIn = (node: AST.TOMLContentNode): AST.TOMLStringValue[] => {
  if (node.type === 'TOMLArray') return node.elements.flatMap(stringsIn);
  return node.type === 'TOMLValue' && node.kind === 'string' ? [node] : [];
};

function plainString({ value, range: [from, to], loc }: AST.TOMLStringValue, key: string, text: string): PlainString[] {
  const written = text.slice(from, to);
  const quotes = /^("{3}|'{3}|.)/.exec(written)?.[0].length ?? 1;
  const start = from + quotes;
  return text.slice(start, to - quotes) === value ? [{ key, text: value, line: loc.start.line, start }] : [];
}

type Path = readonly (string | number)[];

interface Found {
  readonly leaf: Leaf;
  readonly node: AST.TOMLContentNode;
}

function leavesOf({ key: { keys }, value }: AST.TOMLKeyValue, table: Path): Found[] {
  const path = [...table, ...keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value))];
  if (value.type === 'TOMLInlineTable') return value.body.flatMap((pair) => leavesOf(pair, path));
  // Written in one line or in several, a list of tables is the same.
  if (value.type === 'TOMLArray' && value.elements.length > 0 && value.elements.every(isInlineTable)) {
    return value.elements.flatMap(({ body }, index) => body.flatMap((pair) => leavesOf(pair, [...path, index])));
  }
  const key = dotted(path.filter((part) => typeof part === 'string'));
  const element = dotted(path);
  const leaf = { key, value: plainValue(value), line: value.loc.start.line };
  return [{ leaf: element === key ? leaf : { ...leaf, element }, node: value }];
}

/** A whole number with a point is text to the products' templates, and no port and no offset. */
const plainValue = (node: AST.TOMLContentNode): unknown => {
  const value: unknown = getStaticTOMLValue(node);
  const isWhole = node.type === 'TOMLValue' && node.kind === 'float' && Number.isInteger(value);
  return isWhole ? `${value}.0` : value;
};

const isInlineTable = (node: AST.TOMLContentNode): node is AST.TOMLInlineTable => node.type === 'TOMLInlineTable';

const dotted = (path: Path): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${quotePart(part)}`))
    .join('')
    .slice(1);

// The products' own flattening keeps the quotes of a part that had to be quoted.
const quotePart = (part: string): string => (/^[A-Za-z0-9_-]+$/.test(part) ? part : `'${part}'`);

function malformed(error: unknown, file: string): LaunchError {
  const { message, lineNumber, column } =
    error instanceof RangeError
      ? { message: 'it is nested too deeply' }
      : (error as { message: string; lineNumber?: number; column?: number });
  const place = lineNumber === undefined ? '' : `, line ${lineNumber}, column ${(column ?? 0) + 1}`;
  return new LaunchError(
    {
      kind: 'unusable-configuration',
      what: `${file}${place} is not valid TOML: ${message.replace(/\.$/, '')}.`,
      hint: 'The server would end with this file; mend that line.',
    },
    [],
    { cause: error },
  );
}
