import { type AST, getStaticTOMLValue } from 'toml-eslint-parser';
import type { Edit } from './edits.js';
import { notEditable, type OffsetFormat, type WrittenFile, type WrittenOffset } from './offset-file.js';
import { mention, mentioning } from './text.js';
import { leavesIn, parse } from './toml.js';

/** `[server] offset` of a deployment.toml, by the parser's positions: the text is spliced, never written anew. */
export const tomlOffset: OffsetFormat = (text, file): WrittenFile => {
  // A blank in the place of a byte order mark keeps the positions.
  const program = parse(text.replace(/^\ufeff/, ' '), file);
  const found = findOffset(program);
  return {
    written: found && writtenOffset(found.pair, text),
    set: (offset) => [found ? replace(placeOf(found.pair), String(offset)) : add(offset, program, text)],
    unset: () => [commentOut(found as FoundOffset, file)],
    rest: () =>
      leavesIn(program).flatMap(({ key, element, value }) => (key === KEY && !element ? [] : [[key, element, value]])),
  };
};

const KEY = 'server.offset';

interface FoundOffset {
  readonly pair: AST.TOMLKeyValue;
  /** Whether it has its line for itself. */
  readonly isAlone: boolean;
}

function findOffset({ body: [{ body }] }: AST.TOMLProgram): FoundOffset | undefined {
  for (const node of body) {
    const [pairs, table] = node.type === 'TOMLTable' ? [node.body, node.resolvedKey] : [[node], []];
    for (const pair of pairs) {
      const path = [...table, ...wordsOf(pair)];
      if (isKey(path)) return { pair, isAlone: true };
      if (path.length > 1 || path[0] !== 'server' || pair.value.type !== 'TOMLInlineTable') continue;
      const inner = pair.value.body.find((one) => isKey([...path, ...wordsOf(one)]));
      if (inner) return { pair: inner, isAlone: false };
    }
  }
  return undefined;
}

const wordsOf = ({ key: { keys } }: AST.TOMLKeyValue): string[] =>
  keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value));

const isKey = ([first, second, ...more]: readonly (string | number)[]): boolean =>
  first === 'server' && second === 'offset' && more.length === 0;

function writtenOffset(pair: AST.TOMLKeyValue, text: string): WrittenOffset {
  const { value } = pair;
  const isInteger = value.type === 'TOMLValue' && value.kind === 'integer';
  const number = isInteger ? Number(getStaticTOMLValue(value)) : undefined;
  return {
    text: text.slice(...placeOf(pair)),
    integer: Number.isSafeInteger(number) ? number : undefined,
    line: value.loc.start.line,
  };
}

/** The parser loses the length of a 0 that ends the text. */
const placeOf = ({
  value: {
    range: [start, end],
  },
}: AST.TOMLKeyValue): AST.Range => [start, Math.max(end, start + 1)];

const replace = ([start, end]: AST.Range, content: string): Edit => ({ offset: start, length: end - start, content });

function commentOut({ pair, isAlone }: FoundOffset, file: string): Edit {
  if (isAlone) return { offset: pair.range[0], length: 0, content: '#' };
  throw notEditable(
    `${file}, line ${pair.loc.start.line}: the offset stands in an inline table, which can't be commented out in part.`,
    mentioning`Take it out by hand, or make the table a [server] section; ${mention.command('offset set', { words: ['N'] })} changes the number there.`,
  );
}

// ---------- A file without an offset ----------

function add(offset: number, program: AST.TOMLProgram, text: string): Edit {
  const { body } = program.body[0];
  const index = body.findIndex((node) => node.type === 'TOMLTable' && isServer(node.resolvedKey));
  const header = body[index] as AST.TOMLTable | undefined;
  const top = body.filter((node) => node.type !== 'TOMLTable');
  const firstTable = body.find((node) => node.type === 'TOMLTable')?.range[0] ?? text.length;

  const section = header ? [header.range[0], body[index + 1]?.range[0] ?? text.length] : [0, firstTable];
  const [start, end] = section as [number, number];
  const pairs = header ? header.body : top;
  const line = (name: string): string => `${name} = ${offset}`;
  const comments = program.comments.map(({ range }) => range).filter(([at]) => at >= start && at < end);
  const isWithinList = ([at]: AST.Range): boolean => pairs.some(({ range }) => at > range[0] && at < range[1]);
  const loose = comments.filter((range) => !isWithinList(range));
  const uncommented = uncomment(offset, loose, text, header ? OFFSET : DOTTED_OFFSET);
  if (uncommented) return uncommented;
  if (header) return insertBehind(text, header.key.range[1], line('offset'));
  // A table of dotted keys is complete: no [server] may follow.
  const dotted = top.findLast((pair) => wordsOf(pair)[0] === 'server' && wordsOf(pair).length > 1);
  if (dotted) return insertBehind(text, dotted.range[1], line(KEY));
  // The products' parser does not survive [server] below a part of it.
  const part = body.find((node) => node.type === 'TOMLTable' && isPartOfServer(node.resolvedKey));
  const lines = ['[server]', line('offset')];
  return part ? insertBefore(text, part.range[0], [...lines, '']) : append(text, lines);
}

const isPartOfServer = ([first, second]: readonly (string | number)[]): boolean =>
  first === 'server' && typeof second === 'string';

const isServer = (key: readonly (string | number)[]): boolean => key.length === 1 && key[0] === 'server';

const NAME = `(["']?)offset\\2`;
const VALUE = `(?:[+-]?\\d\\w*|"[^"#]*"|'[^'#]*')`;
const commentedOut = (name: string): RegExp =>
  new RegExp(`^#[ \\t]*(${name}[ \\t]*=[ \\t]*)${VALUE}([ \\t]*(?:#.*)?)$`);
const SECTION = /^#[ \t]*\[/;
const OFFSET = commentedOut(NAME);
const DOTTED_OFFSET = commentedOut(`server[ \\t]*\\.[ \\t]*${NAME}`);

function uncomment(offset: number, comments: readonly AST.Range[], text: string, line: RegExp): Edit | undefined {
  const lines: Edit[] = [];
  for (const range of comments) {
    const written = text.slice(...range);
    const isSection = SECTION.test(written);
    const [, name = '', , more = ''] = line.exec(written) ?? [];
    if (name === '' && !isSection) continue;
    if (isSection) break; // from here on, the lines belong to a section that is commented out
    if (isFirstOnLine(text, range[0])) lines.push(replace(range, `${name}${offset}${more}`));
  }
  // A line that was commented out with this very offset comes back as it was.
  return lines.find(({ offset: at, content }) => text.startsWith(`#${content}`, at)) ?? lines[0];
}

const isFirstOnLine = (text: string, at: number): boolean =>
  /^\ufeff?[ \t]*$/.test(text.slice(text.lastIndexOf('\n', at - 1) + 1, at));

/** A line of its own behind the one that holds a position, ended like that one. */
function insertBehind(text: string, position: number, line: string): Edit {
  const feed = text.indexOf('\n', position);
  if (feed < 0) return { offset: text.length, length: 0, content: `${lineEndOf(text)}${line}` };
  return { offset: feed + 1, length: 0, content: `${line}${text[feed - 1] === '\r' ? '\r\n' : '\n'}` };
}

/** Whole lines before the one that holds a position. */
function insertBefore(text: string, position: number, lines: readonly string[]): Edit {
  const start = text.lastIndexOf('\n', position) + 1;
  const offset = start === 0 && text.startsWith('\ufeff') ? 1 : start;
  return { offset, length: 0, content: lines.map((line) => `${line}${lineEndOf(text)}`).join('') };
}

/** Lines at the end, after an empty one. Where the last line had no line end, the new last one has none either. */
function append(text: string, lines: readonly string[]): Edit {
  const lineEnd = lineEndOf(text);
  const isEmpty = /^\ufeff?$/.test(text);
  const isEnded = isEmpty || text.endsWith('\n');
  const gap = isEmpty ? '' : isEnded ? lineEnd : lineEnd + lineEnd;
  return { offset: text.length, length: 0, content: gap + lines.join(lineEnd) + (isEnded ? lineEnd : '') };
}

const lineEndOf = (text: string): string => /\r?\n/.exec(text)?.[0] ?? '\n';
