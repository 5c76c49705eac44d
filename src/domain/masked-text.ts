import { isMap, isScalar, isSeq, type Scalar } from 'yaml';
import { openYaml } from './deployment-yaml.js';
import { isSecretName, MASK, shownSetting, shownValue, withoutUrlPasswords } from './secrets.js';
import type { Pair, TomlNode } from './toml/syntax.js';
import { openToml } from './toml.js';
import { legible, parseXml, type XmlElement } from './xml.js';
import { valueIn } from './xml-values.js';

/** The kinds of configuration files that are shown. */
export type MaskedFormat = 'toml' | 'yaml' | 'xml';

/**
 * A configuration file as it may be shown, line for line: values by the whole key that they have, and comments by their
 * looks, for what is commented out may be secret as well.
 */
export function maskedText(text: string, format: MaskedFormat): string {
  const masked = secretRanges(text, format).reduceRight(
    (so, [start, end]) => so.slice(0, start) + maskedLines(so.slice(start, end)) + so.slice(end),
    text,
  );
  let isWithinPem = false;
  return masked
    .split('\n')
    .map((line) => {
      const isPem = isWithinPem || line.includes('-----BEGIN ');
      isWithinPem = isPem && !line.includes('-----END ');
      return isPem ? maskedLines(line) : maskedLine(line);
    })
    .join('\n');
}

type TextRange = readonly [start: number, end: number];

function secretRanges(text: string, format: MaskedFormat): TextRange[] {
  try {
    return RANGES[format](text).toSorted((a, b) => a[0] - b[0]);
  } catch {
    return []; // what is no such file has its lines looked at
  }
}

const RANGES: Readonly<Record<MaskedFormat, (text: string) => TextRange[]>> = {
  toml: (text) =>
    openToml(text, '').sections.flatMap(({ path, pairs }) =>
      pairs.flatMap((pair) =>
        ofPair(
          pair,
          path.filter((part) => typeof part === 'string'),
        ),
      ),
    ),
  yaml: (text) => ofNode(openYaml(text, '').document.contents, []),
  xml: (text) => ofElements(parseXml(legible(text)), text),
};

const ofPair = ({ key, value }: Pair, above: readonly string[]): TextRange[] => ofToml(value, [...above, ...key]);

function ofToml(node: TomlNode, path: readonly string[]): TextRange[] {
  if (node.kind === 'table') return node.pairs.flatMap((pair) => ofPair(pair, path));
  if (node.kind === 'list') return node.items.flatMap((item) => ofToml(item, path));
  return isSecret(path, node.value) ? [[...node.range]] : [];
}

function ofNode(node: unknown, path: readonly string[]): TextRange[] {
  if (isSeq(node)) return node.items.flatMap((item) => ofNode(item, path));
  if (isScalar(node)) return isSecret(path, node.value) ? rangeOf(node) : [];
  if (!isMap(node)) return [];
  // A list of names and values: the name of a value stands beside it.
  const named = node.items.find(({ key }) => isScalar(key) && /^(?:name|key)$/.test(String(key.value)))?.value;
  const name = isScalar(named) && typeof named.value === 'string' ? named.value : undefined;
  return node.items.flatMap(({ key, value }) => {
    const own = isScalar(key) ? String(key.value) : '';
    return ofNode(value, [...path, own === 'value' && name !== undefined ? name : own]);
  });
}

const rangeOf = ({ range }: Scalar): TextRange[] => (range ? [[range[0], range[1]]] : []);

/** Not by recursion: the file is somebody's. */
function ofElements(root: XmlElement, text: string): TextRange[] {
  const all = [{ element: root, path: [] as readonly string[] }];
  for (const { element, path } of all) {
    for (const child of element.children) {
      const { name = '' } = child.attributes;
      all.push({ element: child, path: [...path, child.name, ...(name === '' ? [] : [name])] });
    }
  }
  return all.flatMap(({ element: { children, content, text: value }, path }): TextRange[] =>
    children.length === 0 && isSecret(path, valueIn(value)) && text.slice(...content).trim() !== '' ? [content] : [],
  );
}

const isSecret = (path: readonly string[], value: unknown): boolean => shownSetting(path.join('.'), value) === MASK;

const maskedLines = (text: string): string => text.replaceAll(/[^\s][^\r\n]*/g, MASK);

/** A line by its looks, as comments have to be taken. */
function maskedLine(line: string): string {
  const byName = (found: string, name: string, sign: string): string =>
    isSecretName(name) ? `${name}${sign}${MASK}` : found;
  const byTag = (found: string, tag: string): string =>
    tag.split(/[^\w.-]+/).some(isSecretName) ? `${tag}${MASK}` : found;
  return withoutUrlPasswords(line)
    .replace(COMMENT, byName)
    .replaceAll(ASSIGNED, byName)
    .replaceAll(GIVEN, byName)
    .replaceAll(ELEMENT, byTag)
    .replaceAll(WORD, (word) => shownValue('', word));
}

/** A comment that is an assignment: its value may be of several words. */
const COMMENT = /(?<=^\s*#[\s#-]*)(["']?[\w.$-]+["']?)(\s*[=:]\s*)(?!\*\*\*|(?:true|false)\s*$)\S[^\r\n]*/;
const ASSIGNED =
  /(["']?[\w.$-]+["']?)(\s*[=:]\s*)(?:"(?:[^"\\]|\\.)*"|'[^']*'|(?!true\b|false\b|[[{])[^\s,;&}\]"'<>]+)/g;
/** Within a value, as in a URL. */
const GIVEN = /([\w.-]+)(=)[^;&,\s"'<>]+/g;
const ELEMENT = /(<[\w:.-]+(?:\s[^<>]*)?>)(?!true<|false<)(?:<!\[CDATA\[)?[^<>\s][^<>]*/g;
/** Any word but the name of an element. */
const WORD = /(?<!<[^\s<>]*)[^\s"'<>,;=(){}[\]]+/g;
