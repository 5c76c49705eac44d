import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, stringify, type YAMLMap } from 'yaml';
import { childOf, openYaml, parseDeploymentYaml, valueAt, type YamlMap, type YamlPath } from './deployment-yaml.js';
import { applyEdits, type Edit } from './edits.js';
import type { PlacedValue } from './yaml-merge.js';

/**
 * A text with values in their places, whose other lines stay as they were.
 * @param tree all that the text has to say then; where it can't be edited so, it is written anew from that
 */
export function spliceYaml(text: string, placed: readonly PlacedValue[], tree: YamlMap, file: string): string {
  const { document } = openYaml(text, file);
  const edits = placed.map(({ path, value }) => editFor(path, value, { text, root: document.contents, tree }));
  if (edits.every((edit) => edit !== undefined)) {
    // What goes to one place comes there in the order of the changes.
    const spliced = applyEdits(text, edits.toReversed());
    if (means(spliced, tree, file)) return spliced;
  }
  return stringify(tree, { version: '1.1', lineWidth: 0 });
}

function means(text: string, tree: YamlMap, file: string): boolean {
  try {
    return JSON.stringify(parseDeploymentYaml(text, file).tree) === JSON.stringify(tree);
  } catch {
    return false;
  }
}

interface SplicedText {
  readonly text: string;
  readonly root: unknown;
  readonly tree: YamlMap;
}

/** Undefined where there is no place for it. */
function editFor(path: YamlPath, value: unknown, { text, root, tree }: SplicedText): Edit | undefined {
  const parent = path.slice(0, -1).reduce<unknown>(childOf, root);
  const last = path.at(-1) as string | number;
  if (isMap(parent) && parent.flow) return withinFlow(parent, path, tree);
  if (isSeq(parent)) return replaced(childOf(parent, last), value, text);
  if (!isMap(parent)) return missingParent(path, value, { text, root, tree });
  const pair = parent.items.findLast(({ key }) => isScalar(key) && String(key.value) === last);
  return pair ? inPair(pair, value, text) : added(parent, String(last), value, text);
}

/** In a mapping in braces, only a value that is there already has a place of its own. */
function withinFlow(parent: YAMLMap, path: YamlPath, tree: YamlMap): Edit | undefined {
  const node = childOf(parent, path.at(-1) as string);
  const [place, at] = isScalar(node) ? [node, path] : [parent, path.slice(0, -1)];
  if (!place.range || place.anchor !== undefined) return undefined;
  const [start, end] = place.range;
  return { offset: start, length: end - start, content: JSON.stringify(valueAt(tree, at)) };
}

/** A parent that is not there, or has nothing in it, comes with what is in it. */
function missingParent(path: YamlPath, value: unknown, place: SplicedText): Edit | undefined {
  const [last, above] = [path.at(-1), path.slice(0, -1)];
  return above.length === 0 ? undefined : editFor(above, { [last as string]: value }, place);
}

function inPair({ key, value: node }: Pair, value: unknown, text: string): Edit | undefined {
  const isEmpty = !isNode(node) || !node.range || node.range[1] === node.range[0];
  if (!isEmpty && isScalar(node) === isFlat(value)) return replaced(node, value, text);
  const column = columnOf(key as Node, text);
  if (column === undefined || isAlias(node)) return undefined;
  const [start, end] = (isNode(node) && node.range) || [];
  if (start === undefined || end === undefined) return undefined;
  const from = isEmpty ? text.lastIndexOf(':', start) + 1 : text.slice(0, start).trimEnd().length;
  return { offset: from, length: (isEmpty ? from : end) - from, content: behindColon(value, column, text) };
}

function replaced(node: unknown, value: unknown, text: string): Edit | undefined {
  if (!isNode(node) || !node.range || isAlias(node) || ('anchor' in node && node.anchor !== undefined))
    return undefined;
  const [start, end] = node.range;
  const old = text.slice(start, end);
  const kept = /\s*$/.exec(old)?.[0] ?? '';
  const column = columnOf(node, text);
  const isInLine = isFlat(value) || /^[[{]/.test(old) || column === undefined;
  const content = isInLine ? flat(value, old) : block(value, column, text);
  return { offset: start, length: end - start - kept.length, content };
}

/** A new key behind the last one of a mapping, on a line of its own. */
function added(map: YAMLMap, name: string, value: unknown, text: string): Edit | undefined {
  const [first, last] = [map.items[0], map.items.at(-1)];
  const column = columnOf(first?.key as Node | undefined, text);
  if (column === undefined || !last) return undefined;
  const within = isNode(last.value) ? last.value : (last.key as Node);
  const end = text.slice(0, (within.range as [number, number, number])[1]).trimEnd().length;
  const feed = text.indexOf('\n', end);
  const line = `${' '.repeat(column)}${flat(name)}:${behindColon(value, column, text)}`;
  const lineEnd = lineEndOf(text);
  if (feed < 0) return { offset: text.length, length: 0, content: `${lineEnd}${line}${lineEnd}` };
  return { offset: feed + 1, length: 0, content: `${line}${lineEnd}` };
}

function behindColon(value: unknown, column: number, text: string): string {
  const inner = column + 2;
  return isFlat(value) ? ` ${flat(value)}` : `${lineEndOf(text)}${' '.repeat(inner)}${block(value, inner, text)}`;
}

/** Whether a value takes no lines of its own. */
const isFlat = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || Object.keys(value).length === 0;

/** @param like what stood there before, whose quotes stay */
function flat(value: unknown, like = ''): string {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  const quote = /^["']/.exec(like)?.[0];
  if (typeof value === 'string' && quote === "'" && !/['\r\n]/.test(value)) return `'${value}'`;
  if (typeof value === 'string' && quote === '"') return JSON.stringify(value);
  return stringify(value, { version: '1.1', lineWidth: 0, blockQuote: false }).trimEnd();
}

const block = (value: unknown, column: number, text: string): string =>
  stringify(value, { version: '1.1', lineWidth: 0, blockQuote: false })
    .trimEnd()
    .split('\n')
    .join(`${lineEndOf(text)}${' '.repeat(column)}`);

/** The column that a node begins in, from 0; undefined for one without a place. */
function columnOf(node: Node | null | undefined, text: string): number | undefined {
  if (!node?.range) return undefined;
  const [start] = node.range;
  return text.slice(text.lastIndexOf('\n', start - 1) + 1, start).replace(/^\ufeff/, '').length;
}

const lineEndOf = (text: string): string => /\r?\n/.exec(text)?.[0] ?? '\n';
