import { inSetOrder, JavaMap, listHash, textHash } from './java-map.js';
import type { RuleChecks } from './rule-checks.js';
import type { Leaf } from './toml.js';

/**
 * The rules by which a WSO2 server gets from deployment.toml to its settings (wso2/config-mapper: KeyMapper,
 * ValueInferrer, DefaultParser): data that every home carries in `repository/resources/conf/`.
 */
export interface Rules {
  /** key-mappings.json: what a key is called further on; several names write the value several times. */
  readonly mappings: Readonly<Record<string, string | readonly string[]>>;
  /** infer.json: key → its value as text → what else is then set. `$1` in a key stands for one word. */
  readonly inference: Readonly<Record<string, Readonly<Record<string, Implied>>>>;
  /** default.json: what holds where nothing else says anything. */
  readonly defaults: Implied;
  readonly checks?: RuleChecks;
}

type Implied = Readonly<Record<string, unknown>>;

export const NO_RULES: Rules = { mappings: {}, inference: {}, defaults: {} };

/** A value, and the leaf of the user's file that it comes from; without one it comes from the rules. */
export interface Setting {
  readonly value: unknown;
  readonly leaf?: Leaf;
}

/** Every setting of a server by its key, in the order in which the products walk them; references are not yet resolved. */
export type Settings = ReadonlyMap<string, Setting>;

/** A key that the file sets twice, by its short and its long name; the one that the products walk last wins. */
export interface Contradiction {
  readonly key: string;
  readonly overruled: Leaf;
  readonly winner: Leaf;
}

export interface Configuration {
  readonly settings: Settings;
  readonly contradictions: readonly Contradiction[];
}

/**
 * Takes the leaves of a deployment.toml through the rules: mapped, inferred, then filled up.
 * @param isSince19 whether the server runs on JDK 19 or later, see {@link JavaMap}
 */
export function configure(leaves: readonly Leaf[], rules: Rules, isSince19 = false): Configuration {
  const map = new JavaMap(isSince19);
  const { mapped, contradictions } = mapKeys(inMapOrder(asParsed(leaves), placeOfLeaf, map), rules.mappings);
  const ordered = new Map(inMapOrder([...mapped], ([key]) => placeOf(key), map));
  const enriched = new Map<string, Setting>([...infer(ordered, rules.inference), ...ordered]);
  return { settings: withDefaults(enriched, rules.defaults, map), contradictions };
}

function withDefaults(settings: Settings, defaults: Implied, map: JavaMap): Settings {
  const byPlace = grouped([...settings], ([key]) => placeOf(key));
  const missing = Object.keys(defaults).filter((key) => !byPlace.has(key));
  const places = map.add(map.fill([...byPlace.keys()]), missing);
  return new Map(places.flatMap((place) => byPlace.get(place) ?? [[place, { value: defaults[place] }] as const]));
}

/** The place of a key; all keys in a list of tables, as `a[0].b`, have one, for the list is one value. */
export const placeOf = (key: string): string => key.replace(/\[\d+\].*$/s, '');
const placeOfLeaf = ({ element, key }: Leaf): string => placeOf(element ?? key);

/**
 * Leaves in the order in which the products' parser hands a file on (cava's MutableTomlTable, TomlParser): from a set
 * of paths by way of one of texts.
 */
function asParsed(leaves: readonly Leaf[]): Leaf[] {
  const byPlace = grouped(leaves, placeOfLeaf);
  const partsOf = (place: string): string[] => place.match(/'[^']*'|[^.]+/g) ?? [];
  const bare = (part: string): string => part.replace(/^'(.*)'$/s, '$1');
  const paths = inSetOrder([...byPlace.keys()], (place) => listHash(partsOf(place).map(bare)));
  const texts = inSetOrder(paths, (place) => textHash(place.replaceAll("'", '"')));
  return texts.flatMap((place) => byPlace.get(place) ?? []);
}

function inMapOrder<T>(items: readonly T[], keyOf: (item: T) => string, map: JavaMap): T[] {
  const byKey = grouped(items, keyOf);
  return map.fill([...byKey.keys()]).flatMap((key) => byKey.get(key) ?? []);
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

interface Mapped {
  readonly mapped: ReadonlyMap<string, Setting & { readonly leaf: Leaf }>;
  readonly contradictions: readonly Contradiction[];
}

function mapKeys(leaves: readonly Leaf[], mappings: Rules['mappings']): Mapped {
  const mapped = new Map<string, Setting & { readonly leaf: Leaf }>();
  const contradictions: Contradiction[] = [];
  for (const leaf of leaves) {
    for (const key of [leaf.element ?? own(mappings, leaf.key) ?? leaf.key].flat()) {
      const overruled = mapped.get(key)?.leaf;
      const isSame = overruled && javaText(overruled.value) === javaText(leaf.value);
      if (overruled && !isSame) contradictions.push({ key, overruled, winner: leaf });
      mapped.set(key, { value: leaf.value, leaf });
    }
  }
  return { mapped, contradictions };
}

/** The settings that the user's own imply; among several that imply one key, the last one walked wins. */
function infer(
  mapped: ReadonlyMap<string, Setting & { readonly leaf: Leaf }>,
  inference: Rules['inference'],
): Map<string, Setting> {
  const ruleFor = ruleFinder(Object.keys(inference));
  const inferred = new Map<string, Setting>();

  const set = (implied: Implied, leaf: Leaf): void => {
    for (const [key, value] of Object.entries(implied)) inferred.set(key, { value, leaf });
  };
  const follow = (implied: Implied, leaf: Leaf, seen: ReadonlySet<Implied>): void => {
    for (const [key, value] of Object.entries(implied)) {
      const rule = ruleFor(key)?.rule;
      // The products look for the next rule by the value itself, so that only text leads on.
      const next = rule === undefined || typeof value !== 'string' ? undefined : own(inference[rule], value);
      if (!next || seen.has(next)) continue;
      set(next, leaf);
      follow(next, leaf, new Set([...seen, next]));
    }
  };

  for (const [key, { value, leaf }] of mapped) {
    const found = ruleFor(key);
    const rule = found && own(inference[found.rule], javaText(value));
    if (!rule) continue;
    const implied = withWords(rule, found.words);
    // Direct implications of a user's setting come last: they hold over all that follows from them in turn.
    follow(implied, leaf, new Set([rule]));
    set(implied, leaf);
  }
  return inferred;
}

interface FoundRule {
  readonly rule: string;
  /** The words that `$1`, `$2` … of the rule stand for. */
  readonly words: ReadonlyMap<string, string>;
}

const NO_WORDS: ReadonlyMap<string, string> = new Map();
const PLACEHOLDER = /\$[0-9]+/g;

/** Finds the rule for a key: the one of that very name, else the first pattern that fits. */
function ruleFinder(rules: readonly string[]): (key: string) => FoundRule | undefined {
  const names = new Set(rules);
  const patterns = rules.flatMap((rule) => {
    const placeholders = rule.match(PLACEHOLDER);
    if (!placeholders) return [];
    const text = rule.split(PLACEHOLDER).map(escapeForRegExp).join('(\\w+)');
    return [{ rule, placeholders, expression: new RegExp(`^${text}$`) }];
  });
  return (key) => {
    if (names.has(key)) return { rule: key, words: NO_WORDS };
    for (const { rule, placeholders, expression } of patterns) {
      const match = expression.exec(key);
      if (match) return { rule, words: new Map(placeholders.map((name, index) => [name, match[index + 1] as string])) };
    }
    return undefined;
  };
}

function withWords(implied: Implied, words: FoundRule['words']): Implied {
  if (words.size === 0) return implied;
  const fill = (text: string): string => text.replace(PLACEHOLDER, (name) => words.get(name) ?? name);
  const entries = Object.entries(implied);
  return Object.fromEntries(
    entries.map(([key, value]) => [fill(key), typeof value === 'string' ? fill(value) : value]),
  );
}

/** A value as Java's `String.valueOf` writes it, for that is what the rules are compared with. */
function javaText(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(javaText).join(', ')}]` : String(value);
}

const escapeForRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A rule file may use any word as a key, `constructor` among them. */
const own = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined;
