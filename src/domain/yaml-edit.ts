import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Scalar } from 'yaml';
import { childOf, openYaml, type YamlPath } from './deployment-yaml.js';
import { applyEdits, type Edit } from './edits.js';
import { LaunchError } from './failure.js';

export interface YamlChange {
  readonly path: YamlPath;
  readonly value: number;
}

/**
 * The edits that give values to scalars which are there; a quoted one stays quoted.
 * Of a key that stands twice the last one counts, as it does for the runtimes (SnakeYAML).
 * @throws LaunchError `unusable-configuration`
 */
export function editYaml(text: string, file: string, changes: readonly YamlChange[]): Edit[] {
  const document = parse(text, file);
  const edits = changes.map(({ path, value }): Edit => {
    const node = scalarAt(path, document, text, file);
    const [start, end] = node.range as [number, number, number];
    const quote = /^["']/.exec(text.slice(start, end))?.[0] ?? '';
    node.value = quote === '' ? value : String(value);
    return { offset: start, length: end - start, content: `${quote}${value}${quote}` };
  });
  const edited = parse(applyEdits(text, edits), file);
  if (meaning(edited) !== meaning(document)) {
    throw unusable(
      `${file} can't be edited here: more than ${changes.map(({ path }) => wordsFor(path))} would change.`,
    );
  }
  return edits;
}

function parse(text: string, file: string): Document {
  const { document, lineCounter } = openYaml(text, file);
  const [error] = document.errors;
  if (!error) return document;
  const { line, col } = lineCounter.linePos(error.pos[0]);
  const reason = error.message.replace(/[.:]$/, '');
  throw unusable(`${file}, line ${line}, column ${col} is not valid YAML: ${reason}.`, { cause: error });
}

function scalarAt(path: YamlPath, document: Document, text: string, file: string): Scalar {
  let node: unknown = document.contents;
  for (const [index, step] of path.entries()) {
    refuseShared(node, path, text, file);
    node = childOf(node, step);
    if (node === undefined) throw unusable(`${file} has no ${wordsFor(path.slice(0, index + 1))}.`);
  }
  refuseShared(node, path, text, file);
  const [start, end] = (isNode(node) && node.range) || [0, 0];
  if (isScalar(node) && end > start && !/^[|>!]/.test(text.slice(start, end))) return node;
  throw unusable(`${file}${placeOf(node, text)}: ${wordsFor(path)} has no plain value.`);
}

/** Refuses a value that other parts of the file share: it can't be changed for one alone. */
function refuseShared(node: unknown, path: YamlPath, text: string, file: string): void {
  if (!isAlias(node) && !(isNode(node) && 'anchor' in node && node.anchor !== undefined)) return;
  const what = isAlias(node) ? `the alias *${node.source}` : `the anchor &${String(node.anchor)}`;
  throw unusable(`${file}${placeOf(node, text)}: ${wordsFor(path)} is shared with other parts of the file by ${what}.`);
}

function placeOf(node: unknown, text: string): string {
  if (!isNode(node) || !node.range) return '';
  const before = text.slice(0, node.range[0]).split('\n');
  return `, line ${before.length}, column ${(before.at(-1) as string).replace(/^\ufeff/, '').length + 1}`;
}

/** `wso2.transport.http, listenerConfigurations, 0, port` */
const wordsFor = (path: YamlPath): string => path.join(', ');

/** The meaning of a document, to compare; aliases stay, for one may multiply a file's content without an end. */
const meaning = (document: Document): string => JSON.stringify(plain(document.contents));

function plain(node: unknown): unknown {
  if (isAlias(node)) return { alias: node.source };
  if (isScalar(node)) return [node.tag, String(node.value), typeof node.value];
  if (isSeq(node)) return node.items.map(plain);
  if (isMap(node)) return { map: node.items.map(({ key, value }) => [plain(key), plain(value)]) };
  return null;
}

const unusable = (what: string, options?: ErrorOptions): LaunchError =>
  new LaunchError(
    { kind: 'unusable-configuration', what, hint: 'Nothing was changed; mend the file or edit it by hand.' },
    [],
    options,
  );
