import { placeOf, type Setting, type Settings } from './configuration.js';
import { LaunchError } from './failure.js';
import type { Resolved } from './references.js';

/** What a home's rules ask of values: config-mapper's UnitResolver and Validator end a start with a value that is none. */
export interface RuleChecks {
  /** unit-resolve.json: the unit in which the products want a time. */
  readonly units?: { readonly time?: Readonly<Record<string, string>> };
  /** validator.json: what has to be a text, and of which form. */
  readonly validations?: Readonly<Record<string, readonly Validation[]>>;
}

interface Validation {
  /** The rule holds while each of these keys has that very value. */
  readonly if?: Readonly<Record<string, unknown>>;
  readonly regex?: unknown;
}

/**
 * Checks resolved settings in the way of the products.
 * @throws LaunchError `unusable-configuration` for the first value that they refuse
 */
export function checkByRules(
  settings: Settings,
  resolved: Resolved,
  { units, validations }: RuleChecks,
  file: string,
): void {
  const settingAt = asJavaHasThem(settings, resolved);
  for (const [key, unit] of Object.entries(units?.time ?? {})) {
    const setting = settingAt(key);
    const trouble = setting && !isUnsettled(setting.value) && troubleOfTime(setting.value, unit);
    if (trouble) throw refused(key, setting, trouble, file);
  }
  for (const [key, rules] of Object.entries(validations ?? {})) {
    for (const rule of rules) {
      const holds = Object.entries(rule.if ?? {}).every(([other, value]) => settingAt(other)?.value === value);
      const setting = settingAt(key);
      if (!holds || isUnsettled(setting?.value)) continue;
      const trouble = troubleOfText(setting?.value ?? '', rule);
      if (trouble) throw refused(key, setting, trouble, file);
    }
  }
}

/** Settings of which only a text is a text, by their keys; a list of tables is a list. */
function asJavaHasThem(settings: Settings, resolved: Resolved): Resolved {
  const lists = [...settings].flatMap(([key, { leaf }]) => (leaf?.element ? [[placeOf(key), leaf] as const] : []));
  const listAt = new Map(lists);
  return (key) => {
    const leaf = listAt.get(key);
    if (leaf) return { value: [], leaf };
    const setting = settings.get(key);
    if (!setting?.leaf?.type || setting.value !== setting.leaf.value) return setting && (resolved(key) ?? setting);
    return { ...setting, value: setting.leaf.type === 'float' ? Number(setting.value) : [setting.value] };
  };
}

/** A reference whose value only the start knows. */
const isUnsettled = (value: unknown): boolean => typeof value === 'string' && /\$(?:sys|env)\{[^}]*\}/.test(value);

const UNITS_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

function troubleOfTime(value: unknown, unit: string): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return undefined;
  const [, number, own = ''] = (typeof value === 'string' && /(\d+(?:\.\d+)?)[ \t\n\v\f\r]*(\w*)/.exec(value)) || [];
  if (number === undefined) return 'is no time';
  if (own === '') return undefined;
  const [from, to] = [UNITS_MS[own], UNITS_MS[unit]];
  if (from === undefined || to === undefined) return `has no unit that there is (${Object.keys(UNITS_MS).join(', ')})`;
  const whole = Math.trunc(Number(number));
  return whole !== 0 && Math.trunc((whole * from) / to) === 0 ? `is less than 1 ${unit}` : undefined;
}

function troubleOfText(value: unknown, { regex }: Validation): string | undefined {
  if (typeof value !== 'string') return 'has to be a text';
  const form = typeof regex === 'string' ? asExpression(regex) : undefined;
  return form === undefined || form.test(value) ? undefined : `is not of the form ${regex}`;
}

/** A form that has to fit a whole text; undefined where Java alone knows it. */
function asExpression(regex: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${regex.replaceAll('\\A', '^').replaceAll('\\Z', '$')})$`);
  } catch {
    return undefined;
  }
}

function refused(key: string, setting: Setting | undefined, trouble: string, file: string): LaunchError {
  const leaf = setting?.leaf;
  return new LaunchError({
    kind: 'unusable-configuration',
    what: leaf
      ? `${file}, line ${leaf.line} (${leaf.key}): the value of ${key} ${trouble}, which the server's own rules refuse.`
      : `${file}: the value of ${key}, which it does not set, ${trouble}, which the server's own rules refuse.`,
    hint: 'The server would end with this file; mend that value.',
  });
}
