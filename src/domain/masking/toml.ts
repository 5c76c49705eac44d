import { applyEdits, type Edit } from '../edits.js';
import { isString, type Pair, type TomlNode } from '../toml/syntax.js';
import { openToml } from '../toml.js';
import { type MaskedConfiguration, NAMED, NAMING, SettingMask } from './setting.js';

/** A text of TOML without its secrets and its comments, each line where it was. @throws LaunchError where it is none */
export function maskedToml(text: string, file: string): MaskedConfiguration {
  const mask = new SettingMask();
  const { syntax, sections } = openToml(text, file);
  const comments = syntax.comments.map(([start, end]): Edit => ({ offset: start, length: end - start, content: '#' }));
  const values = sections.flatMap(({ path, pairs }) => editsOf(pairs, path.filter(isName), mask));
  return { text: applyEdits(text, [...comments, ...values]), secrets: mask.secrets };
}

const isName = (part: string | number): part is string => typeof part === 'string';

function editsOf(pairs: readonly Pair[], above: readonly string[], mask: SettingMask): Edit[] {
  const naming = pairs.find(({ key }) => NAMING.test(key.at(-1) ?? ''))?.value;
  const named = naming && isString(naming) ? [String(naming.value)] : [];
  return pairs.flatMap(({ key, value }) => {
    const path = [...above, ...key];
    return edits(value, NAMED.test(key.at(-1) ?? '') ? [...path, ...named] : path, mask);
  });
}

function edits(node: TomlNode, path: readonly string[], mask: SettingMask): Edit[] {
  if (node.kind === 'table') return editsOf(node.pairs, path, mask);
  if (node.kind === 'list') return node.items.flatMap((item) => edits(item, path, mask));
  const value = String(node.value);
  const shown = mask.shown(path, value);
  const [start, end] = node.range;
  return shown === value ? [] : [{ offset: start, length: end - start, content: JSON.stringify(shown) }];
}
