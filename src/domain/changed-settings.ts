import { parseConfigXml } from './carbon-xml.js';
import { isYamlMap, parseDeploymentYaml } from './deployment-yaml.js';
import { type MaskedFormat, maskedText } from './masked-text.js';
import { shownSetting } from './secrets.js';
import { flatten } from './toml.js';
import { unifiedDiff } from './unified-diff.js';
import { printable } from './words.js';
import { legible } from './xml.js';
import { xmlValues } from './xml-values.js';

/** A setting that a change of the configuration gives another value; without one it is not set there. */
export interface ChangedSetting {
  readonly key: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A configuration file, and what a server is given in its place. */
export interface ChangedFile {
  /** Absolute. */
  readonly path: string;
  readonly format: MaskedFormat;
  readonly before: string;
  readonly after: string;
}

/** The lines in which the two texts differ, as they may be shown; empty where none do. */
export const changedText = ({ path, format, before, after }: ChangedFile): string =>
  unifiedDiff(printable(path), before, after, { context: 3, mask: (text) => maskedText(text, format) });

/** The settings in which the two texts differ, as they may be shown: without secrets. */
export function changedSettings({ path, format, before, after }: ChangedFile): readonly ChangedSetting[] {
  const [old, made] = [before, after].map((text) => SETTINGS[format](text, path)) as [SettingsByKey, SettingsByKey];
  return [...new Set([...old.keys(), ...made.keys()])].flatMap((key): ChangedSetting[] => {
    if (JSON.stringify(old.get(key)) === JSON.stringify(made.get(key))) return [];
    return [
      {
        key,
        ...(old.has(key) && { before: shownSetting(key, old.get(key)) }),
        ...(made.has(key) && { after: shownSetting(key, made.get(key)) }),
      },
    ];
  });
}

type SettingsByKey = ReadonlyMap<string, unknown>;

const SETTINGS: Readonly<Record<ChangedFile['format'], (text: string, file: string) => SettingsByKey>> = {
  toml: (text, file) => new Map(flatten(text, file).map(({ key, element, value }) => [element ?? key, value])),
  yaml: (text, file) => new Map(leavesOf(parseDeploymentYaml(text, file).tree, '')),
  xml: (text, file) => new Map(xmlValues(parseConfigXml(legible(text), { file }))),
};

/** The values of a tree by their dotted keys, with the places in lists. */
function leavesOf(node: unknown, key: string): [string, unknown][] {
  if (Array.isArray(node) && node.some((one) => typeof one === 'object' && one !== null))
    return node.flatMap((one, index) => leavesOf(one, `${key}[${index}]`));
  if (!isYamlMap(node)) return [[key, node]];
  return Object.entries(node).flatMap(([name, value]) => leavesOf(value, key === '' ? name : `${key}.${name}`));
}
