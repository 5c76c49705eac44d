import { type AST, getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';
import { LaunchError } from './failure.js';
import { nestedTooDeeply } from './nesting.js';

/** A leaf of a TOML file: `transport.https.properties.port`, with the line it stands on. */
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

/** The leaves of a TOML text, in its order. @throws LaunchError `unusable-configuration` */
export const flatten = (text: string, file: string): readonly Leaf[] => readToml(text, file).leaves;

/**
 * All of a TOML text, in its order.
 * @throws LaunchError `unusable-configuration`, also for what is TOML but not to the products
 */
export function readToml(text: string, file: string): TomlContent {
  const program = parse(text, file);
  const [trouble] = troublesIn(program, text);
  if (trouble) throw unreadable(trouble, file);
  const found = foundIn(program);
  return {
    leaves: found.map(({ leaf }) => leaf),
    strings: found.flatMap(({ leaf, node }) => stringsIn(node).flatMap((one) => plainString(one, leaf.key, text))),
  };
}

/** The syntax tree of a TOML text, with positions in it. @throws LaunchError `unusable-configuration` */
export function parse(text: string, file: string): AST.TOMLProgram {
  if (latest?.text === text) return latest.program;
  const line = nestedTooDeeply(text, MOST_LEVELS);
  if (line !== undefined) throw unreadable({ line, ...TOO_DEEP }, file);
  try {
    latest = { text, program: parseTOML(text, OPTIONS) };
  } catch (error) {
    throw malformed(firstBroken(text, error as ParseError), file);
  }
  return latest.program;
}

const OPTIONS = { tomlVersion: '1.0.0' } as const;

/** The products' parser ends with a StackOverflowError at 600 to 800 levels, or 1,500 of lists: cava 0.5.0 on JDK 17. */
const MOST_LEVELS = 500;
const TOO_DEEP = {
  what: `a value is nested more than ${MOST_LEVELS} levels deep, which the server's parser does not survive`,
  hint: 'The server would end with this file; mend that line.',
};

type ParseError = Error & { readonly index?: number; readonly lineNumber?: number; readonly column?: number };

/** The first error of a text: a cut-off line is noticed at the next one, and the text above that is then no TOML. */
function firstBroken(text: string, error: ParseError): ParseError {
  const { index = 0, column = 0 } = error;
  if (text.slice(index - column, index).trim() !== '') return error;
  const lines = text.slice(0, index).split('\n');
  while (/^\s*(?:#|$)/.test(lines.at(-1) ?? 'none')) lines.pop();
  try {
    parseTOML(lines.join('\n').trimEnd(), OPTIONS);
    return error;
  } catch (above) {
    return above as ParseError;
  }
}

/** The latest text and its tree: 300 lines take 20 ms, and an edit asks for the same text again and again. */
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

/** A piece of TOML 1.0 that the products' parser, cava 0.5.0 by way of config-mapper, can't take. */
interface Trouble {
  readonly line: number;
  readonly what: string;
  readonly hint: string;
}

const troublesIn = (program: AST.TOMLProgram, text: string): Trouble[] => [
  ...reopenedTables(program),
  ...foundIn(program).flatMap(({ node }) => oldFashioned(node, text)),
];

/**
 * Tables opened after another within them: the products' parser puts them into themselves, and follows that for ever.
 */
function reopenedTables({ body: [{ body }] }: AST.TOMLProgram): Trouble[] {
  const implied = new Map<string, number>();
  const opened = new Set<string>();
  return body.flatMap((node): Trouble[] => {
    if (node.type !== 'TOMLTable') return [];
    const { line } = node.loc.start;
    const path = JSON.stringify(node.resolvedKey);
    opened.add(path);
    for (let depth = 1; depth < node.resolvedKey.length; depth++) {
      const above = JSON.stringify(node.resolvedKey.slice(0, depth));
      if (!opened.has(above) && !implied.has(above)) implied.set(above, line);
    }
    const inner = implied.get(path);
    if (inner === undefined) return [];
    const name = dotted(node.resolvedKey.filter((part) => typeof part === 'string'));
    return [
      {
        line,
        what: `[${name}] stands below a table that is a part of it (line ${inner}), which the server's parser does not survive`,
        hint: `Move [${name}], with its lines, above line ${inner}.`,
      },
    ];
  });
}

/** Values that only TOML 1.0 allows: the products' parser is one of TOML 0.5. */
function oldFashioned(node: AST.TOMLContentNode, text: string): Trouble[] {
  const { line } = node.loc.start;
  if (node.type === 'TOMLArray') {
    const [first, other] = [...new Set(node.elements.map((element) => kindOf(element)))];
    const inner = node.elements.flatMap((element) => oldFashioned(element, text));
    if (other === undefined) return inner;
    const what = `a list holds a value of type ${first} and one of type ${other}, which the server's parser refuses`;
    return [{ line, what, hint: 'Give all of its values the same type.' }, ...inner];
  }
  const written = node.type === 'TOMLValue' && node.kind === 'string' ? text.slice(...node.range) : '';
  if (!written.startsWith('"') || !written.includes('\t')) return [];
  return [{ line, what: "a text holds a tab, which the server's parser refuses", hint: 'Write \\t in its place.' }];
}

const kindOf = (node: AST.TOMLContentNode): string => {
  if (node.type === 'TOMLValue') return node.kind;
  return node.type === 'TOMLArray' ? 'list' : 'table';
};

const unreadable = ({ line, what, hint }: Trouble, file: string): LaunchError =>
  new LaunchError({ kind: 'unusable-configuration', what: `${file}, line ${line}: ${what}.`, hint });

type Path = readonly (string | number)[];

interface Found {
  readonly leaf: Leaf;
  readonly node: AST.TOMLContentNode;
}

function leavesOf({ key: { keys }, value }: AST.TOMLKeyValue, table: Path): Found[] {
  const path = [...table, ...keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value))];
  if (value.type === 'TOMLInlineTable') return value.body.flatMap((pair) => leavesOf(pair, path));
  // A list of tables is the same, written in one line or in several.
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

function malformed(error: ParseError, file: string): LaunchError {
  const { message, lineNumber, column = 0 } = error;
  const place = lineNumber === undefined ? '' : `, line ${lineNumber}, column ${column + 1}`;
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
