import type { Rules } from './configuration.js';
import { suggestion } from './suggestion.js';

/** All that a product's own files know of keys. */
export interface KnownSettings {
  readonly rules: Rules;
  /** The texts of the templates that its files are rendered from. */
  readonly templates: readonly string[];
}

/**
 * A warning of a key that no rule and no template of a product knows, with the nearest that they do; undefined for
 * one that is known, and where there are no templates to tell.
 */
export function unknownSetting(key: string, { rules, templates }: KnownSettings): string | undefined {
  const bare = key.replaceAll("'", '');
  const names = namesIn(rules);
  if (templates.length === 0 || names.includes(bare) || isInTemplates(bare, templates)) return undefined;
  const near = suggestion(bare, [...names, ...templates.flatMap(namesInTemplate)]);
  return `Nothing in this product's rules and templates knows the setting ${key}: it has no effect.${near}`;
}

const namesIn = ({ mappings, inference, defaults }: Rules): string[] => [
  ...Object.entries(mappings).flatMap(([name, others]) => [name, ...[others].flat()]),
  ...Object.keys(inference),
  ...Object.keys(defaults),
];

/** The dotted names in what a template has in braces. */
const namesInTemplate = (text: string): string[] =>
  (text.match(/\{[{%].*?[%}]\}/g) ?? []).flatMap((words) => words.match(/\b[a-z_]\w*(?:\.\w+)+/gi) ?? []);

/** Whether a template speaks of a key, or goes through all that is in a table above it. */
function isInTemplates(key: string, templates: readonly string[]): boolean {
  const parts = key.split('.');
  const above = parts.map((_, index) => parts.slice(0, index + 1).join('.'));
  const isWalked = (table: string, text: string): boolean =>
    text.includes(`${table}.items()`) || new RegExp(`\\bin ${escaped(table)}\\b(?!\\.)`).test(text);
  const whole = new RegExp(`(?<![\\w.])${escaped(key)}(?!\\w)`);
  return templates.some((text) => whole.test(text) || above.some((table) => isWalked(table, text)));
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
