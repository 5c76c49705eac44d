import type { Setting, Settings } from './configuration.js';
import { LaunchError } from './failure.js';
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
}

export const UNKNOWN = Symbol('unknown');

/** Surroundings in which whatever is not set may be set for the server all the same. */
export const incomplete = ({ variable, property }: Surroundings): Surroundings => ({
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
  const secrets = secretsIn(leaves, surroundings.property('encryptSecrets') === 'true');
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
      const target = resolve(key);
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
    const replace = (found: string, value: Meaning, what: string): string => {
      if (value === undefined && leaf) throw deadReference(leaf, `it refers to ${what}, which is not set`, file);
      return value === undefined || value === UNKNOWN ? found : value;
    };
    for (const [, alias = ''] of text.matchAll(SECRET)) {
      const secret = secrets.get(alias);
      if (!leaf || secret?.isUsable) continue;
      const why = secret ? 'is written in plain text, which needs -DencryptSecrets once' : 'stands in no [secrets]';
      throw deadReference(leaf, `$secret{${alias}} ${why}`, file);
    }
    return text
      .replace(SYS, (found, name: string) =>
        // An empty property is none to the products.
        replace(found, surroundings.property(name) || undefined, `the system property ${name}`),
      )
      .replace(ENV, (found, name: string) =>
        replace(found, surroundings.variable(name), `the environment variable ${name}`),
      );
  };

  for (const [key, { leaf }] of settings) if (leaf) resolve(key);
  return resolve;
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
  return Object.values(value).flatMap(textsIn);
}

interface Secret {
  readonly isUsable: boolean;
}

/** The aliases that `$secret{}` may name: any with run-time secrets. A value in brackets is still to be encrypted. */
function secretsIn(leaves: readonly Leaf[], isEncrypting: boolean): { get(alias: string): Secret | undefined } {
  const isAtRunTime = leaves.some(({ key, value }) => key === 'runtime_secrets.enable' && String(value) === 'true');
  if (isAtRunTime) return { get: () => ({ isUsable: true }) };
  return new Map(
    leaves.flatMap(({ key, value }) => {
      const alias = /^(?:secrets|runtime_secrets)\.(.*)$/.exec(key)?.[1];
      if (alias === undefined) return [];
      const isUsable = isEncrypting || !/\[.+\]/s.test(String(value));
      return [[alias.replace(/^'(.*)'$/, '$1'), { isUsable }] as const];
    }),
  );
}

const deadReference = (leaf: Leaf, why: string, file: string): LaunchError =>
  new LaunchError({
    kind: 'unusable-configuration',
    what: `${file}, line ${leaf.line} (${leaf.key}): ${why}.`,
    hint: 'The server would end with this file; mend that line, or set what it refers to.',
  });
