import type { Edit } from './edits.js';
import { notEditable, type OffsetFormat, type WrittenFile, type WrittenOffset } from './offset-file.js';
import { mention, mentioning } from './text.js';
import type { Pair } from './toml/syntax.js';
import type { Path, PlacedSection } from './toml/tables.js';
import type { Range } from './toml/tokens.js';
import { type OpenedToml, openToml } from './toml.js';

/** `[server] offset` of a deployment.toml, by the parser's positions: the text is spliced, never written anew. */
export const tomlOffset: OffsetFormat = (text, file): WrittenFile => {
  // A blank in the place of a byte order mark keeps the positions.
  const opened = openToml(text.replace(/^\ufeff/, ' '), file);
  const found = findOffset(opened.sections);
  return {
    written: found && writtenOffset(found.pair, text),
    set: (offset) => [found ? replace(found.pair.value.range, String(offset)) : add(offset, opened, text)],
    unset: () => [commentOut(found as FoundOffset, text, file)],
    rest: () =>
      opened.leaves.flatMap(({ key, element, value }) => (key === KEY && !element ? [] : [[key, element, value]])),
  };
};

const KEY = 'server.offset';

interface FoundOffset {
  readonly pair: Pair;
  /** Whether it has its line for itself. */
  readonly isAlone: boolean;
}

function findOffset(sections: readonly PlacedSection[]): FoundOffset | undefined {
  for (const { path: table, pairs } of sections) {
    for (const pair of pairs) {
      const path = [...table, ...pair.key];
      if (isKey(path)) return { pair, isAlone: true };
      if (path.length > 1 || path[0] !== 'server' || pair.value.kind !== 'table') continue;
      const inner = pair.value.pairs.find(({ key }) => isKey([...path, ...key]));
      if (inner) return { pair: inner, isAlone: false };
    }
  }
  return undefined;
}

const isKey = ([first, second, ...more]: Path): boolean =>
  first === 'server' && second === 'offset' && more.length === 0;

function writtenOffset({ value: { kind, range, ...node } }: Pair, text: string): WrittenOffset {
  const number = kind === 'integer' && 'value' in node ? Number(node.value) : undefined;
  return {
    text: text.slice(...range),
    integer: Number.isSafeInteger(number) ? number : undefined,
    line: lineOf(range[0], text),
  };
}

const lineOf = (position: number, text: string): number => text.slice(0, position).split('\n').length;

const replace = ([start, end]: Range, content: string): Edit => ({ offset: start, length: end - start, content });

function commentOut({ pair, isAlone }: FoundOffset, text: string, file: string): Edit {
  if (isAlone) return { offset: pair.range[0], length: 0, content: '#' };
  throw notEditable(
    `${file}, line ${lineOf(pair.range[0], text)}: the offset stands in an inline table, which can't be commented out in part.`,
    mentioning`Take it out by hand, or make the table a [server] section; ${mention.command('offset set', { words: ['N'] })} changes the number there.`,
  );
}

// ---------- A file without an offset ----------

function add(offset: number, { syntax, sections: [, ...sections] }: OpenedToml, text: string): Edit {
  const { top, comments } = syntax;
  const index = sections.findIndex(({ path }) => path.length === 1 && path[0] === 'server');
  const header = sections[index]?.section;
  const [start, end] = header ? [header.range[0], startOf(sections[index + 1], text)] : [0, startOf(sections[0], text)];
  const pairs = header ? header.pairs : top;
  const line = (name: string): string => `${name} = ${offset}`;
  const isWithinList = ([at]: Range): boolean => pairs.some(({ range }) => at > range[0] && at < range[1]);
  const loose = comments.filter((range) => range[0] >= start && range[0] < end && !isWithinList(range));
  const uncommented = uncomment(offset, loose, text, header ? OFFSET : DOTTED_OFFSET);
  if (uncommented) return uncommented;
  if (header) return insertBehind(text, header.range[1], line('offset'));
  // A table of dotted keys is complete: no [server] may follow.
  const dotted = top.findLast(({ key }) => key[0] === 'server' && key.length > 1);
  if (dotted) return insertBehind(text, dotted.range[1], line(KEY));
  // The products' parser does not survive [server] below a part of it.
  const part = sections.find(({ path: [first, second] }) => first === 'server' && typeof second === 'string')?.section;
  const lines = ['[server]', line('offset')];
  return part ? insertBefore(text, part.range[0], [...lines, '']) : append(text, lines);
}

const startOf = (placed: PlacedSection | undefined, text: string): number => placed?.section?.range[0] ?? text.length;

const NAME = `(["']?)offset\\2`;
const VALUE = `(?:[+-]?\\d\\w*|"[^"#]*"|'[^'#]*')`;
const commentedOut = (name: string): RegExp =>
  new RegExp(`^#[ \\t]*(${name}[ \\t]*=[ \\t]*)${VALUE}([ \\t]*(?:#.*)?)$`);
const SECTION = /^#[ \t]*\[/;
const OFFSET = commentedOut(NAME);
const DOTTED_OFFSET = commentedOut(`server[ \\t]*\\.[ \\t]*${NAME}`);

function uncomment(offset: number, comments: readonly Range[], text: string, line: RegExp): Edit | undefined {
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
export function insertBehind(text: string, position: number, line: string): Edit {
  const feed = text.indexOf('\n', position);
  if (feed < 0) return { offset: text.length, length: 0, content: `${lineEndOf(text)}${line}` };
  return { offset: feed + 1, length: 0, content: `${line}${text[feed - 1] === '\r' ? '\r\n' : '\n'}` };
}

/** Whole lines before the one that holds a position. */
export function insertBefore(text: string, position: number, lines: readonly string[]): Edit {
  const start = text.lastIndexOf('\n', position) + 1;
  const offset = start === 0 && text.startsWith('\ufeff') ? 1 : start;
  return { offset, length: 0, content: lines.map((line) => `${line}${lineEndOf(text)}`).join('') };
}

/** Lines at the end, after an empty one. Where the last line had no line end, the new last one has none either. */
export function append(text: string, lines: readonly string[]): Edit {
  const lineEnd = lineEndOf(text);
  const isEmpty = /^\ufeff?$/.test(text);
  const isEnded = isEmpty || text.endsWith('\n');
  const gap = isEmpty ? '' : isEnded ? lineEnd : lineEnd + lineEnd;
  return { offset: text.length, length: 0, content: gap + lines.join(lineEnd) + (isEnded ? lineEnd : '') };
}

const lineEndOf = (text: string): string => /\r?\n/.exec(text)?.[0] ?? '\n';
