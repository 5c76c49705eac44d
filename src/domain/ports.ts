import type { Condition, ExtraFact, PortFact, Scheme } from './facts.js';
import { LaunchError } from './failure.js';
import { parseJavaInteger } from './numbers.js';
import type { SystemProperties } from './properties.js';
import type { Resolved } from './references.js';
import type { Leaf } from './toml.js';

/** A port before the offset, with the base that this server's configuration gives it. */
export interface BasePort {
  readonly name: string;
  readonly base: number;
  readonly scheme: Scheme;
  readonly shifted: boolean;
  /** Present where the server itself goes on to another port if this one is taken: nobody can say its number before. */
  readonly movesOn?: true;
  /** Present where nobody has said a number: the first free one is chosen, from the base on. */
  readonly searches?: true;
  readonly required: boolean;
  /** `default`, or where the base was set: `deployment.toml:12`. */
  readonly source: string;
}

/** A port as the operating system sees it: `number` has the offset in it. */
export interface EffectivePort extends BasePort {
  readonly number: number;
}

export const HIGHEST_PORT = 65_535;

/** The ports whose numbers hold: a listener that moves on by itself is in nobody's way, and nobody in its. */
export const settledPorts = <T extends Pick<BasePort, 'movesOn'>>(ports: readonly T[]): T[] =>
  ports.filter(({ movesOn }) => !movesOn);

/** All that says which ports a server opens. */
export interface PortSettings {
  readonly setting: Resolved;
  readonly properties: SystemProperties;
  /** The configuration file's name, for sources and messages. */
  readonly file: string;
  /** Whether a value refers to what is not set, and so can't be told; absent: none does. */
  readonly isUnset?: (value: unknown) => boolean;
}

/** Nothing configured: the ports as the product ships them. */
const SHIPPED: PortSettings = { setting: () => undefined, properties: new Map(), file: '' };

/**
 * The listeners that a server opens, with their bases.
 * @param required the names of the ports without which it is of no use
 * @throws LaunchError for a base that is no port: `unusable-configuration`, or `usage` for what an argument says
 */
export function basePorts(
  facts: readonly PortFact[],
  required: readonly string[],
  settings: PortSettings = SHIPPED,
): BasePort[] {
  return facts.flatMap((fact): BasePort[] => {
    const base = baseOf(fact, settings);
    if (
      base === undefined ||
      settings.isUnset?.(base.value) ||
      !(fact.openWhen ?? []).every((condition) => isOn(condition, settings))
    )
      return [];
    const isNone = fact.isReadAsIs && typeof base.value === 'string' && base.value !== base.value.trim();
    const isMovable = fact.fixed !== true && base.isAbsolute !== true;
    const isAny = fact.fixed === true && isZero(base.value);
    const movesOn = fact.movesOn === true || isAny;
    return [
      {
        name: fact.name,
        base: isAny ? (fact.searchesFrom ?? 0) : toPort(base, fact.name, isNone ? () => undefined : portIn),
        scheme: fact.scheme,
        shifted: isMovable && (fact.shiftedWhen === undefined || isOn(fact.shiftedWhen, settings)),
        ...(movesOn && { movesOn }),
        required: !movesOn && required.includes(fact.name),
        source: base.source,
      },
    ];
  });
}

/**
 * The listeners that a file adds under keys of its own, each named by its key.
 * @throws LaunchError `unusable-configuration` for a base that is no port
 */
export function extraPorts(leaves: readonly Leaf[], facts: readonly ExtraFact[], settings: PortSettings): BasePort[] {
  return leaves.flatMap((leaf): BasePort[] => {
    const fact = facts.find(({ key }) => key.test(leaf.key));
    if (!fact) return [];
    const name = leaf.element ?? leaf.key;
    const className = classBeside(name, settings);
    if (fact.unusedBy?.test(className)) return [];
    const source = `${settings.file}:${leaf.line}`;
    const value = settings.setting(name)?.value;
    if (settings.isUnset?.(value)) return [];
    const base = toPort({ value, source, key: leaf.key }, name);
    const shifted = fact.fixed !== true || fact.movedBy?.test(className) === true;
    return [{ name, base, scheme: fact.scheme, shifted, required: false, source }];
  });
}

/** The class of a table in a list, by the whole key of something in that table. */
function classBeside(key: string, { setting }: PortSettings): string {
  const table = key.slice(0, key.lastIndexOf(']') + 1);
  return String(setting(`${table}.class`)?.value ?? '');
}

interface Base {
  readonly value: unknown;
  readonly source: string;
  /** The key or property, for messages. */
  readonly key: string;
  readonly isAbsolute?: true;
}

/** A system property beats the configuration, which beats what the product ships. */
function baseOf({ name, base, key, property }: PortFact, settings: PortSettings): Base | undefined {
  const given = property === undefined ? undefined : settings.properties.get(property);
  // `-DosgiConsole` without a number is a console on standard input.
  if (given && !(base === undefined && parseJavaInteger(given.value) === undefined))
    return { value: given.value, source: given.source, key: property as string, isAbsolute: true };
  const found = key === undefined ? undefined : settings.setting(key);
  if (found) {
    const { value, leaf } = found;
    return leaf
      ? { value, source: `${settings.file}:${leaf.line}`, key: leaf.key }
      : { value, source: 'default', key: key as string };
  }
  return base === undefined ? undefined : { value: base, source: 'default', key: name };
}

/** Whether a condition holds for a server. */
export function isOn(condition: Condition, settings: PortSettings): boolean {
  if ('not' in condition) return !isOn(condition.not, settings);
  if ('anyOf' in condition) return condition.anyOf.some((choice) => isOn(choice, settings));
  if ('allOf' in condition) return condition.allOf.every((part) => isOn(part, settings));
  const { setting, properties } = settings;
  const found = 'key' in condition ? setting(condition.key) : properties.get(condition.property);
  if ('lists' in condition) {
    return String(found?.value ?? condition.otherwise)
      .split(' ')
      .includes(condition.lists);
  }
  if (found === undefined) return condition.otherwise;
  if (condition.reads === 'defined') return true;
  const { value } = found;
  if (condition.reads === 'same') return value === true;
  const text = String(value).toLowerCase();
  return condition.reads === 'java' ? text === 'true' : value !== 0 && text !== 'false' && text !== '';
}

/** Whether a value is the port 0, for which the system gives any free one. */
export const isZero = (value: unknown): boolean =>
  (typeof value === 'string' ? parseJavaInteger(value.trim()) : value) === 0;

/** The port that a value of a configuration means; undefined where it is none. */
export function portIn(value: unknown): number | undefined {
  const port = typeof value === 'string' ? parseJavaInteger(value.trim()) : value;
  const isPort = typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= HIGHEST_PORT;
  return isPort ? port : undefined;
}

/** The port that a base means. @throws LaunchError `unusable-configuration`, or `usage` for what an argument says */
export function toPort({ value, source, key }: Base, name: string, read = portIn): number {
  const port = read(value);
  if (port !== undefined) return port;
  const [file, line] = source.split(':');
  const place =
    source === 'default' ? `The product's own rules (${key})` : line ? `${file}, line ${line} (${key})` : source;
  const what = `${place}: the base port of ${name} is ${JSON.stringify(value)}, not a number from 1 to ${HIGHEST_PORT}.`;
  if (source.startsWith('-'))
    throw new LaunchError({ kind: 'usage', what, hint: 'Give it a number, or leave it out.' });
  throw new LaunchError({
    kind: 'unusable-configuration',
    what,
    hint: 'The server would start without that listener, or not at all; mend the number.',
  });
}

/** The ports that a server binds. `offset` is the whole offset, counted from the bases. */
export function effectivePorts(ports: readonly BasePort[], offset: number): EffectivePort[] {
  return ports.map((port) => ({ ...port, number: port.shifted ? port.base + offset : port.base }));
}

/** The offsets that keep every shifted port between 1 and 65535. */
export function legalOffsets(ports: readonly BasePort[]): { readonly min: number; readonly max: number } {
  const bases = ports.filter((port) => port.shifted).map((port) => port.base);
  // A server that shifts nothing takes any offset, and is the same at each.
  if (bases.length === 0) return { min: -HIGHEST_PORT, max: HIGHEST_PORT };
  return { min: 1 - Math.min(...bases), max: HIGHEST_PORT - Math.max(...bases) };
}

/** Two listeners of one server that want the same port: only one of them gets it. */
export type Clash = readonly [first: EffectivePort, second: EffectivePort];

/** The listeners that collide with one another at this offset. */
export function clashes(ports: readonly BasePort[], offset: number): Clash[] {
  const first = new Map<number, EffectivePort>();
  return effectivePorts(settledPorts(ports), offset).flatMap((port): Clash[] => {
    const other = first.get(port.number);
    if (!other) first.set(port.number, port);
    return other ? [[other, port]] : [];
  });
}

/** Whether another offset would part the two. */
export const isAvoidable = ([first, second]: Clash): boolean => first.shifted !== second.shifted;
