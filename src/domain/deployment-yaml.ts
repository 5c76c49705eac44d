import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
} from 'yaml';
import { LaunchError } from './failure.js';

/** A key of a mapping, or a place in a list. */
export type YamlPath = readonly (string | number)[];

export type YamlMap = Readonly<Record<string, unknown>>;

/** A deployment.yaml as its server reads it: where a key stands twice, the last one counts. */
export interface DeploymentYaml {
  readonly tree: YamlMap;
  /** The line on which something stands; undefined where it is not there. */
  lineOf(path: YamlPath): number | undefined;
  readonly warnings: readonly string[];
}

/** @throws LaunchError `unusable-configuration` for what the server can't read, or would take for something else */
export function parseDeploymentYaml(text: string, file: string): DeploymentYaml {
  const { document, lineCounter } = openYaml(text, file);
  const [error] = document.errors;
  if (error) throw malformed(error, lineCounter, file);
  const tree = toTree(document, file);
  const lineAt = (node: ParsedNode | null | undefined): number | undefined =>
    node?.range ? lineCounter.linePos(node.range[0]).line : undefined;
  const lineOf = (path: YamlPath): number | undefined => lineAt(nodeAt(document.contents, path));
  const flattened = checkFlattened(tree, document.contents, lineAt, file);
  const warnings = doubledKeys(document.contents, lineAt).map(
    ({ key, lines: [first, second] }) =>
      `${file}, lines ${first} and ${second}: ${key} stands there twice. The server takes the last one alone; keep only one of them.`,
  );
  return { tree, lineOf, warnings: [...flattened, ...warnings] };
}

/**
 * Text as SnakeYAML reads it: YAML 1.1, in which the last of two equal keys wins.
 * @throws LaunchError `unusable-configuration` where it is nested too deeply to be looked at
 */
export function openYaml(
  text: string,
  file: string,
): { readonly document: Document.Parsed; readonly lineCounter: LineCounter } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, lineCounter, prettyErrors: false });
  const [error] = document.errors;
  const deepest = error?.code === 'RESOURCE_EXHAUSTION' ? error.pos[0] : beginningBelow(document.contents, MOST_LEVELS);
  if (deepest === undefined) return { document, lineCounter };
  throw unusable(`${file}, line ${lineCounter.linePos(deepest).line}: a value is nested too deeply to be read.`);
}

/** The stack ends the parser at some 800, and nobody writes so many. */
const MOST_LEVELS = 500;

/** The position of something that lies more than so many levels below a node; undefined where nothing does. */
function beginningBelow(root: unknown, levels: number): number | undefined {
  let level = [root];
  for (let depth = 0; depth < levels && level.length > 0; depth++) level = level.flatMap(childrenOf);
  return level.flatMap((node) => (isNode(node) && node.range ? [node.range[0]] : []))[0];
}

function childrenOf(node: unknown): unknown[] {
  if (isSeq(node)) return node.items;
  return isMap(node) ? node.items.flatMap(({ key, value }) => [key, value]) : [];
}

function toTree(document: Document.Parsed, file: string): YamlMap {
  let tree: unknown;
  try {
    visit(document, { Scalar: (_key, node) => readLikeServer(node) });
    tree = document.toJS();
    JSON.stringify(tree); // an alias within its own anchor has no end
  } catch (error) {
    throw unusable(`${file} is not valid YAML: ${(error as Error).message.replace(/\.$/, '')}.`);
  }
  if (isYamlMap(tree)) return tree;
  throw unusable(`${file} holds no settings: it is ${tree === null ? 'empty' : 'no mapping of keys to values'}.`);
}

/**
 * Gives a scalar the value that SnakeYAML gives it: a letter alone is a text there. A whole number that is written with
 * a point can't become one of the server's integers: it stays what is written, and so does a date.
 */
export function readLikeServer(node: Scalar): void {
  const { value, source = '' } = node;
  const isLetter = typeof value === 'boolean' && /^[yn]$/i.test(source);
  const hasPoint = Number.isInteger(value) && /[.eE]/.test(source) && !/^[-+]?0x/.test(source);
  const isDate = typeof value === 'object' && value !== null;
  if (isLetter || hasPoint || isDate) node.value = source;
}

export const isYamlMap = (value: unknown): value is YamlMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path of a tree; undefined where the path leads nowhere. */
export const valueAt = (tree: unknown, path: YamlPath): unknown =>
  path.reduce<unknown>((value, key) => {
    if (typeof key === 'number') return Array.isArray(value) ? value[key] : undefined;
    return isYamlMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }, tree);

const nodeAt = (root: unknown, path: YamlPath): ParsedNode | undefined =>
  path.reduce<unknown>(childOf, root) as ParsedNode | undefined;

/** The node one step further in; undefined where the step leads nowhere, null where nothing is written there. */
export function childOf(node: unknown, step: string | number): Node | null | undefined {
  if (typeof step === 'number') return isSeq(node) ? (node.items[step] as Node | undefined) : undefined;
  if (!isMap(node)) return undefined;
  const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === step);
  return pair && (pair.value as Node | null);
}

function malformed({ code, message, pos }: YAMLError, lines: LineCounter, file: string): LaunchError {
  const { line, col } = lines.linePos(pos[0]);
  const place = `${file}, line ${line}, column ${col}`;
  if (code === 'TAB_AS_INDENT') {
    return unusable(
      `${place}: a tab is used to indent, which YAML doesn't allow: the server can't read the file.`,
      'Indent with spaces. A list of listeners is written as two spaces, "listenerConfigurations:", and below it four spaces and "- id: …".',
    );
  }
  return unusable(`${place} is not valid YAML: ${message.replace(/[.:]$/, '')}.`);
}

/** Keys that mean something within these parents, and nothing beside them. */
const BELONGS_TO: Readonly<Record<string, readonly string[]>> = {
  listenerConfigurations: ['wso2.transport.http', 'siddhi.stores.query.api'],
  ports: ['wso2.carbon'],
};

/**
 * Looks for keys beside the parent that they belong in, as in pasted samples: the server starts with other listeners
 * than the file names.
 * @returns warnings, where nothing else is lost by it
 * @throws LaunchError `unusable-configuration` where the parent is empty without the key
 */
function checkFlattened(
  tree: YamlMap,
  root: unknown,
  lineAt: (node: ParsedNode | null | undefined) => number | undefined,
  file: string,
): string[] {
  return Object.entries(BELONGS_TO).flatMap(([key, parents]) => {
    const beside = parents.filter((name) => Object.hasOwn(tree, name));
    const empty = beside.find((name) => tree[name] === null);
    const parent = empty ?? beside[0];
    if (!Object.hasOwn(tree, key) || parent === undefined || !isMap(root)) return [];
    const at = (name: string): number | undefined =>
      lineAt(root.items.find((pair) => String(pair.key) === name)?.key as ParsedNode);
    const what = `${file}, line ${at(key)}: ${key} stands beside ${parent} (line ${at(parent)}), not in it`;
    const hint = `Indent ${key} and all of its lines by two spaces, so that it belongs to ${parent}.`;
    if (!empty) return [`${what}: the server ignores it. ${hint}`];
    throw unusable(`${what}: the server takes ${parent} for empty and ignores what follows.`, hint);
  });
}

interface DoubledKey {
  readonly key: string;
  readonly lines: readonly [number | undefined, number | undefined];
}

function doubledKeys(node: unknown, lineAt: (node: ParsedNode | null | undefined) => number | undefined): DoubledKey[] {
  if (isSeq(node)) return node.items.flatMap((item) => doubledKeys(item, lineAt));
  if (!isMap(node)) return [];
  const seen = new Map<string, Node>();
  const here = node.items.flatMap((pair): DoubledKey[] => {
    const key = String(pair.key);
    const first = seen.get(key);
    seen.set(key, pair.key as Node);
    return first ? [{ key, lines: [lineAt(first as ParsedNode), lineAt(pair.key as ParsedNode)] }] : [];
  });
  return [...here, ...node.items.flatMap((pair) => doubledKeys(pair.value, lineAt))];
}

const unusable = (what: string, hint = 'The server would not start as configured; mend that line.'): LaunchError =>
  new LaunchError({ kind: 'unusable-configuration', what, hint });
