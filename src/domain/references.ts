import { placeOf, type Setting, type Settings } from './configuration.js';
import { LaunchError } from './failure.js';
import { javaReplacement } from './java-replacement.js';
import type { Leaf } from './toml.js';

/**
 * The value of a variable or a property: undefined where it is not set, {@link UNKNOWN} where only the running server
 * knows it.
 */
export type Meaning = string | typeof UNKNOWN | undefined;

/** The meanings of `$env{}` and `$sys{}` in a configuration. */
export interface Surroundings {
  readonly variable: (name: string) => Meaning;
  readonly property: (name: string) => Meaning;
  /** Whether `$` and backslashes of a variable stand for themselves; the ones of a property never do. */
  readonly quotesVariables?: () => boolean;
}

export const UNKNOWN = Symbol('unknown');

/** Surroundings in which whatever is not set may be set for the server all the same. */
export const incomplete = ({ variable, property, ...others }: Surroundings): Surroundings => ({
  ...others,
  variable: (name) => variable(name) ?? UNKNOWN,
  property: (name) => property(name) || UNKNOWN,
});

/** Settings by key, with their references resolved. */
export type Resolved = (key: string) => Setting | undefined;

/**
 * Resolves `$sys{}`, `$env{}`, then `$ref{}` (wso2/config-mapper, ReferenceResolver). Every reference of the user's
 * file is looked at, for the server ends with any that leads nowhere; those of the rules are the product's own affair.
 * @param file its name for messages
 * @throws LaunchError `unusable-configuration`
 */
export function resolveReferences(
  leaves: readonly Leaf[],
  settings: Settings,
  surroundings: Surroundings,
  file: string,
): Resolved {
  checkSecrets(settings, secretsIn(leaves, surroundings.property('encryptSecrets') === 'true'), file);
  const places = new Set(leaves.flatMap(({ element }) => (element === undefined ? [] : [placeOf(element)])));
  const resolved = new Map<string, Setting>();
  const underWay = new Set<string>();

  const resolve = (wanted: string): Setting | undefined => {
    if (!settings.has(wanted) || resolved.has(wanted)) return resolved.get(wanted);
    // Keys that a setting refers to come first, and not by recursion: the products follow a chain of any length.
    underWay.add(wanted);
    for (const path = [wanted]; path.length > 0; ) {
      const key = path.at(-1) as string;
      const setting = settings.get(key) as Setting;
      const isOpen = (other: string): boolean => settings.has(other) && !resolved.has(other) && !underWay.has(other);
      const next = referencesIn(setting).find(isOpen);
      if (next === undefined) {
        resolved.set(key, resolveSetting(setting));
        underWay.delete(key);
        path.pop();
      } else {
        underWay.add(next);
        path.push(next);
      }
    }
    return resolved.get(wanted);
  };

  const resolveSetting = (setting: Setting): Setting => {
    const { value, leaf } = setting;
    if (typeof value === 'string') return resolveText(value, leaf);
    if (!Array.isArray(value)) return setting;
    return { ...setting, value: value.map((item) => resolveItem(item, leaf)) };
  };

  const resolveItem = (item: unknown, leaf: Leaf | undefined): unknown => {
    if (typeof item === 'string') return resolveText(item, leaf).value;
    // Nothing looks into a list that is an item itself.
    if (Array.isArray(item)) return item;
    for (const text of textsIn(item)) substitute(text, leaf);
    return item;
  };

  const resolveText = (text: string, leaf: Leaf | undefined): Setting => {
    let setting: Setting = { value: substitute(text, leaf), ...(leaf && { leaf }) };
    // Nothing looks for `$ref{}` in the tables of a list.
    if (leaf?.element !== undefined) return setting;
    for (const [placeholder, key = ''] of String(setting.value).matchAll(REF)) {
      if (typeof setting.value !== 'string') break;
      if (underWay.has(key)) return inVain(setting, `$ref{${key}} leads back to itself`);
      const target = places.has(key) ? LIST_OF_TABLES : resolve(key);
      if (!target) return inVain(setting, `$ref{${key}} refers to a key that neither the file nor the product sets`);
      // A list or a truth value takes the place of the whole text.
      const isText = !Array.isArray(target.value) && typeof target.value !== 'boolean';
      const value: unknown = isText ? setting.value.replaceAll(placeholder, () => String(target.value)) : target.value;
      const from: Leaf | undefined = leaf ?? target.leaf;
      if (from && String(value).length > LONGEST_TEXT)
        throw deadReference(from, `$ref{${key}} makes it longer than ${LONGEST_TEXT} characters`, file);
      setting = { value, ...(from && { leaf: from }) };
    }
    return setting;
  };

  const inVain = (setting: Setting, why: string): Setting => {
    if (setting.leaf) throw deadReference(setting.leaf, why, file);
    return setting;
  };

  const substitute = (text: string, leaf: Leaf | undefined): string => {
    const replace = (found: string, value: Meaning, what: string, isQuoted: () => boolean): string => {
      if (value === undefined && leaf) throw deadReference(leaf, `it refers to ${what}, which is not set`, file);
      if (value === undefined || value === UNKNOWN) return found;
      const made = /[$\\]/.test(value) && !isQuoted() ? javaReplacement(value, found) : value;
      if (made === undefined && leaf)
        throw deadReference(
          leaf,
          `it refers to ${what}, whose value has a $ or a backslash that the server stumbles over`,
          file,
        );
      return made ?? found;
    };
    return text
      .replace(SYS, (found, name: string) =>
        // An empty property is none to the products.
        replace(found, surroundings.property(name) || undefined, `the system property ${name}`, () => false),
      )
      .replace(ENV, (found, name: string) =>
        replace(found, surroundings.variable(name), `the environment variable ${name}`, quotesVariables),
      );
  };
  const quotesVariables = surroundings.quotesVariables ?? ((): boolean => true);

  for (const [key, { leaf }] of settings) if (leaf) resolve(key);
  return resolve;
}

/** Its tables are nothing that a port could be made of. */
const LIST_OF_TABLES: Setting = { value: [] };

/** A reference with which a server ends, as with one of the file that leads nowhere. */
export interface ReferenceInVain {
  /** The key whose value has it. */
  readonly key: string;
  readonly wanted: string;
  /** Present where it leads to a list of what is no text, though more is referred to in that place. */
  readonly isList?: true;
}

/** The first reference of a home's own rules that leads nowhere, or of any setting to a list that does not fit there. */
export function referenceInVain(settings: Settings): ReferenceInVain | undefined {
  const places = new Set([...settings.keys()].map(placeOf));
  const isListOfOthers = (key: string): boolean => {
    const value = settings.get(key)?.value;
    const isText = (item: unknown): boolean => typeof item === 'string';
    return settings.has(key) ? Array.isArray(value) && !value.every(isText) : places.has(key);
  };
  for (const [key, setting] of settings) {
    const all = [...new Set(referencesIn(setting))];
    const nowhere = setting.leaf ? undefined : all.find((other) => !places.has(other));
    if (nowhere !== undefined) return { key, wanted: nowhere };
    // It takes the place of the whole, in which the server then looks for texts with the next one.
    const list = all.slice(0, -1).find(isListOfOthers);
    if (list !== undefined) return { key, wanted: list, isList: true };
  }
  return undefined;
}

/** The references of the user's file to variables and properties that are not set, and would end the server. */
export function unsetReferences(settings: Settings, surroundings: Surroundings): UnsetReference[] {
  const found = [...settings.values()].flatMap(({ value, leaf }) =>
    leaf ? unsetNames(value, surroundings).map((what) => ({ what, line: leaf.line, key: leaf.key })) : [],
  );
  const isFirst = ({ what, line }: UnsetReference, index: number): boolean =>
    found.findIndex((one) => one.what === what && one.line === line) === index;
  return found.filter(isFirst).sort((a, b) => a.line - b.line);
}

/** What a value refers to and what is not set: `the environment variable NODE_IP`. */
export const unsetNames = (value: unknown, { variable, property }: Surroundings): string[] =>
  textsIn(value).flatMap((text) => [
    ...[...text.matchAll(SYS)].flatMap(([, name = '']) => (property(name) ? [] : [`the system property ${name}`])),
    ...[...text.matchAll(ENV)].flatMap(([, name = '']) =>
      variable(name) === undefined ? [`the environment variable ${name}`] : [],
    ),
  ]);

export interface UnsetReference {
  /** `the environment variable NODE_IP` */
  readonly what: string;
  readonly line: number;
  readonly key: string;
}

/** The longest text in characters: one that names another twice, and so on, soon outgrows every memory. */
const LONGEST_TEXT = 2 ** 20;

const SYS = /\$sys\{([^}]*)\}/g;
const ENV = /\$env\{([^}]*)\}/g;
const REF = /\$ref\{([^}]*)\}/g;
const SECRET = /\$secret\{([^}]*)\}/g;

/** The keys that a setting refers to; none in the tables of a list, where nothing looks for them. */
function referencesIn({ value, leaf }: Setting): string[] {
  if (leaf?.element !== undefined) return [];
  const texts = [value].flat().filter((item) => typeof item === 'string');
  return texts.flatMap((text) => [...text.matchAll(REF)].map(([, key = '']) => key));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const isWithinList = (part: unknown): boolean => Array.isArray(value) && Array.isArray(part);
  // Nothing looks into a list within a list.
  return Object.values(value).flatMap((part) => (isWithinList(part) ? [] : textsIn(part)));
}

/** Looks no further than to the first that is well: from there on the server knows that it has secrets. */
function checkSecrets(settings: Settings, secrets: Secrets, file: string): void {
  for (const { value, leaf } of settings.values()) {
    const texts = leaf?.element === undefined ? [value].flat() : [value];
    const aliases = texts.flatMap((text) => (typeof text === 'string' ? [...text.matchAll(SECRET)] : []));
    for (const [, alias = ''] of aliases) {
      const trouble = secrets(alias);
      if (trouble !== undefined && leaf) throw deadReference(leaf, `$secret{${alias}} ${trouble}`, file);
    }
    if (aliases.length > 0) return;
  }
}

/** What is wrong with an alias that `$secret{}` names; undefined where it is well. */
type Secrets = (alias: string) => string | undefined;

/** Any alias is well with run-time secrets. A value in brackets is still to be encrypted. */
function secretsIn(leaves: readonly Leaf[], isEncrypting: boolean): Secrets {
  const values = new Map(
    leaves.flatMap(({ key, value }): [string, string][] => {
      const alias = /^(?:secrets|runtime_secrets)\.(.*)$/s.exec(key)?.[1];
      return alias === undefined ? [] : [[alias.replace(/^'(.*)'$/s, '$1'), String(value)]];
    }),
  );
  const isAtRunTime = values.get('enable')?.toLowerCase() === 'true';
  return (alias) => {
    const value = values.get(alias);
    if (value === undefined) return isAtRunTime ? undefined : 'stands in no [secrets]';
    const isPlain = /\[.*\]/s.test(value) && !isEncrypting;
    return isPlain ? 'is written in plain text, which needs -DencryptSecrets once' : undefined;
  };
}

const deadReference = (leaf: Leaf, why: string, file: string): LaunchError =>
  new LaunchError({
    kind: 'unusable-configuration',
    what: `${file}, line ${leaf.line} (${leaf.key}): ${why}.`,
    hint: 'The server would end with this file; mend that line, or set what it refers to.',
  });
