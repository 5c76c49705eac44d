import { merge } from './carbon5.js';
import { type ConfigurationChange, type KeyPart, keyParts } from './configuration-change.js';
import { isYamlMap, parseDeploymentYaml, valueAt, type YamlMap, type YamlPath } from './deployment-yaml.js';
import { LaunchError } from './failure.js';
import { KNOWN_YAML, unknownYamlSetting } from './known-yaml.js';
import { typeDoubt } from './setting-types.js';
import { fileTree, settingValue } from './yaml-change.js';
import { spliceYaml } from './yaml-splice.js';

/** A deployment.yaml with changes laid over it. */
export interface MergedYaml {
  /** The file's text with its changes: comments and order are its own where that can be. */
  readonly text: string;
  /** The part that has to be laid over the file for that: of a list that differs, the whole. */
  readonly over: YamlMap;
  /** The paths of what was given, in the order of the changes. */
  readonly given: readonly YamlPath[];
  readonly warnings: readonly string[];
}

/** A value that is given to one place of a tree. */
export interface PlacedValue {
  readonly path: YamlPath;
  readonly value: unknown;
}

/**
 * Lays changes over a deployment.yaml: mappings are merged, lists and values replaced.
 * @throws LaunchError `unusable-configuration` for what is no YAML, `usage` for a change that does not fit the file
 */
export function mergeYaml(text: string, changes: readonly ConfigurationChange[], file: string): MergedYaml {
  const start = { text, tree: parseDeploymentYaml(text, file).tree, over: {}, given: [], warnings: [] };
  const { tree: _, ...merged } = changes.reduce<Merging>((so, change) => laidOver(so, change, file), start);
  return merged;
}

type Merging = MergedYaml & { readonly tree: YamlMap };

function laidOver({ text, tree, over, given, warnings }: Merging, change: ConfigurationChange, file: string): Merging {
  const { by } = change;
  const placed = placedIn(change, tree).map((one) => ({
    ...one,
    value: likeBefore(valueAt(tree, one.path), one.value),
  }));
  for (const { path, value } of placed) checkKind(path, value, { tree, by, file });
  const laid = placed.reduce((below, { path, value }) => withValue(below, path, value) as YamlMap, tree);
  const paths = placed.map(({ path }) => path);
  return {
    tree: laid,
    text: spliceYaml(text, placed, laid, file),
    over: paths.map(upToList).reduce((above, path) => merge(above, nested(path, valueAt(laid, path))), over),
    given: [...given, ...paths],
    warnings: [...warnings, ...placed.flatMap((one) => doubts(one, { tree, text, by, file }))],
  };
}

/** Where the values of a change go: a mapping is gone into where there is one already. */
function placedIn(change: ConfigurationChange, tree: YamlMap): readonly PlacedValue[] {
  if (change.key === undefined) return valuesWithin(fileTree(change), tree, []);
  const path = pathOf(keyParts(change.key) ?? [], merge(KNOWN_YAML, tree)).path;
  const value = settingValue(change);
  const before = valueAt(tree, path);
  return isYamlMap(value) && isYamlMap(before) ? valuesWithin(value, before, path) : [{ path, value }];
}

const valuesWithin = (over: YamlMap, below: YamlMap, path: YamlPath): PlacedValue[] =>
  Object.entries(over).flatMap(([name, value]) => {
    const before = Object.hasOwn(below, name) ? below[name] : undefined;
    const inner = [...path, name];
    return isYamlMap(value) && isYamlMap(before) ? valuesWithin(value, before, inner) : [{ path: inner, value }];
  });

interface FoundPath {
  readonly path: YamlPath;
  /** The number of the key's parts that are there already. */
  readonly found: number;
}

/**
 * The path that a dotted key means: `wso2.carbon` is one key of the products' files, and others are two. The longest
 * key that is there wins, unless a shorter one leads further.
 */
function pathOf(parts: readonly KeyPart[], node: unknown): FoundPath {
  const ways = parts.map((_, index) => index + 1).flatMap((length) => stepOf(parts, length, node));
  const [best] = ways.toSorted((a, b) => b.found - a.found || String(b.path[0]).length - String(a.path[0]).length);
  return best ?? { path: parts.map(({ name }) => name), found: 0 };
}

/** The way whose first step takes so many parts; none where that is not there. */
function stepOf(parts: readonly KeyPart[], length: number, node: unknown): FoundPath[] {
  const taken = parts.slice(0, length);
  if (length > 1 && taken.some(({ isQuoted }) => isQuoted)) return [];
  const name = taken.map((part) => part.name).join('.');
  const step = Array.isArray(node) && /^\d+$/.test(name) ? Number(name) : name;
  const child = valueAt(node, [step]);
  if (child === undefined) return [];
  const { path, found } = pathOf(parts.slice(length), child);
  return [{ path: [step, ...path], found: found + length }];
}

/** A number where the file has one in quotes is in quotes as well: the receivers' properties are texts. */
const likeBefore = (before: unknown, value: unknown): unknown =>
  typeof before === 'string' && /^\d+$/.test(before) && typeof value === 'number' ? String(value) : value;

interface MergedOver {
  readonly tree: YamlMap;
  readonly by: string;
  readonly file: string;
}

/** @throws LaunchError `usage` for a mapping in the place of a value, or the other way round */
function checkKind(path: YamlPath, value: unknown, { tree, by, file }: MergedOver): void {
  const above = path
    .slice(0, -1)
    .findIndex((_, index) => !canHold(valueAt(tree, path.slice(0, index + 1)), path[index + 1]));
  const at = above < 0 ? path : path.slice(0, above + 1);
  const before = valueAt(tree, at);
  const isMap = above >= 0 || isYamlMap(value);
  if (before === undefined || before === null || (above < 0 && isYamlMap(before) === isMap)) return;
  const what = (is: boolean): string => (is ? 'a mapping' : 'a value');
  const is = Array.isArray(before) ? `a list of ${before.length}, counted from 0,` : what(isYamlMap(before));
  throw new LaunchError({
    kind: 'usage',
    what: `${by} gives ${dotted(at)} ${what(isMap)}, and it is ${is} in ${file}.`,
    hint: 'Name the whole key of the value that is to change.',
  });
}

const canHold = (node: unknown, step: string | number | undefined): boolean =>
  node === undefined || node === null || isYamlMap(node) || (Array.isArray(node) && typeof step === 'number');

function withValue(node: unknown, [step, ...rest]: YamlPath, value: unknown): unknown {
  if (step === undefined) return value;
  if (Array.isArray(node)) return node.map((one, index) => (index === step ? withValue(one, rest, value) : one));
  const map = isYamlMap(node) ? node : {};
  return { ...map, [step]: withValue(valueAt(map, [step]), rest, value) };
}

/** The warnings of a value that the file gives no reason to believe in. */
function doubts(
  { path, value }: PlacedValue,
  { tree, text, by, file }: MergedOver & { readonly text: string },
): string[] {
  const before = valueAt(tree, path);
  if (before === undefined) return unknownYamlSetting(path, tree, text, file);
  return typeDoubt({ by, key: dotted(path), before, value, file });
}

/** A path as far as its first list: the server replaces lists as a whole. */
function upToList(path: YamlPath): YamlPath {
  const index = path.findIndex((step) => typeof step === 'number');
  return index < 0 ? path : path.slice(0, index);
}

const nested = (path: YamlPath, value: unknown): YamlMap =>
  path.reduceRight<unknown>((inner, step) => ({ [step]: inner }), value) as YamlMap;

const dotted = (path: YamlPath): string =>
  path.map((step) => (/^[\w-]+$/.test(String(step)) ? step : `'${step}'`)).join('.');
