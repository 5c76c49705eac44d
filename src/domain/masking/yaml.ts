import { type Document, isMap, isScalar, isSeq, type Pair, type Scalar, visit } from 'yaml';
import { openYaml } from '../deployment-yaml.js';
import { type MaskedConfiguration, NAMED, NAMING, SettingMask } from './setting.js';

/** A text of YAML without its secrets and its comments. @throws Error where it is none */
export function maskedYaml(text: string, file: string): MaskedConfiguration {
  const mask = new SettingMask();
  const { document } = openYaml(text, file);
  const [error] = document.errors;
  if (error) throw error;
  withoutComments(document);
  maskIn(document.contents, [], mask);
  return { text: document.toString({ lineWidth: 0 }), secrets: mask.secrets };
}

function withoutComments(document: Document): void {
  const forget = (one: { comment?: string | null; commentBefore?: string | null }): void => {
    delete one.comment;
    delete one.commentBefore;
  };
  forget(document);
  visit(document, { Node: (_, node) => forget(node) });
}

function maskIn(node: unknown, path: readonly string[], mask: SettingMask): void {
  if (isMap(node)) maskPairs(node.items, path, mask);
  else if (isSeq(node)) for (const item of node.items) maskIn(item, path, mask);
  else if (isScalar(node)) maskScalar(node, path, mask);
}

function maskPairs(items: readonly Pair[], above: readonly string[], mask: SettingMask): void {
  const naming = items.find(({ key }) => NAMING.test(textOf(key)))?.value;
  const named = isScalar(naming) ? [textOf(naming)] : [];
  for (const { key, value } of items) {
    const path = [...above, textOf(key)];
    maskIn(value, NAMED.test(textOf(key)) ? [...path, ...named] : path, mask);
  }
}

function maskScalar(node: Scalar, path: readonly string[], mask: SettingMask): void {
  // As it is written: a number may have lost what it begins with.
  const value = node.source ?? String(node.value ?? '');
  const shown = mask.shown(path, value);
  if (shown === value) return;
  node.value = shown;
  delete node.tag;
  node.type = 'QUOTE_DOUBLE';
}

const textOf = (node: unknown): string => (isScalar(node) ? String(node.value) : '');
