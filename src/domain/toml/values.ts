import { TomlError } from './error.js';
import type { Range, StringKind } from './tokens.js';

/** The text that a string stands for. @throws TomlError for an escape that there isn't */
export function stringOf(kind: StringKind, text: string, [start, end]: Range): string {
  const isLong = kind.startsWith('long');
  const quotes = isLong ? 3 : 1;
  const written = text.slice(start + quotes, end - quotes);
  const lead = isLong ? (/^\r?\n/.exec(written)?.[0].length ?? 0) : 0;
  const lines = written.slice(lead).replaceAll('\r\n', '\n');
  if (kind === 'literal' || kind === 'long literal') return lines;
  // A line that goes on after a backslash ends all the same, and the next one keeps its blanks: QuotedStringVisitor.
  return lines.replaceAll(ESCAPE, (sequence: string) => {
    const found = sequence.endsWith('\n') ? '\n' : unescaped(sequence);
    if (found !== undefined) return found;
    throw new TomlError(text.indexOf(sequence, start), `${sequence} in a text stands for nothing`);
  });
}

const ESCAPE = /\\(?:[ \t]*\n|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8}|[\s\S])/g;
const ESCAPED: Readonly<Record<string, string>> = {
  '\\"': '"',
  '\\\\': '\\',
  '\\b': '\b',
  '\\f': '\f',
  '\\n': '\n',
  '\\r': '\r',
  '\\t': '\t',
};

function unescaped(sequence: string): string | undefined {
  if (sequence.length === 2) return ESCAPED[sequence];
  const code = Number.parseInt(sequence.slice(2), 16);
  return code > 0x10ffff ? undefined : String.fromCodePoint(code);
}

/** The value of something written, or what is wrong with it. */
type Read = { readonly value: unknown } | { readonly value?: undefined; readonly reason: string };

/**
 * The value of anything that is neither text nor made of parts: a whole number is text where it is beyond what counts
 * exactly, a number with a point where it is whole, and a date as it is written.
 */
export const scalarOf = (kind: ScalarKind, written: string): Read =>
  ({ integer, float, date, boolean: () => ({ value: written === 'true' }) })[kind](written);

export type ScalarKind = 'integer' | 'float' | 'boolean' | 'date';

/** Java's Long. */
const LONGEST = 2n ** 63n;

function integer(written: string): Read {
  const digits = written.replaceAll('_', '');
  const unsigned = BigInt(digits.replace(/^[-+]/, ''));
  const value = digits.startsWith('-') ? -unsigned : unsigned;
  if (value < -LONGEST || value >= LONGEST) return { reason: 'is a number beyond 64 bits' };
  const number = Number(value);
  return { value: Number.isSafeInteger(number) ? number : String(value) };
}

function float(written: string): Read {
  const plain = written.replaceAll('_', '');
  if (plain.endsWith('nan')) return { value: Number.NaN };
  if (plain.endsWith('inf')) return { value: plain.startsWith('-') ? -Infinity : Infinity };
  const value = Number(plain);
  if (!Number.isFinite(value)) return { reason: 'is too large a number' };
  if (value === 0 && !/^[+-]?0+(?:\.[+-]?0*)?(?:[eE].*)?$/.test(plain)) return { reason: 'is too small a number' };
  return { value: Number.isInteger(value) ? `${value}.0` : value };
}

function date(written: string): Read {
  const found = DATE.exec(written)?.groups ?? {};
  const isTwoDigits = (part: string | undefined, most: number): boolean => part?.length === 2 && Number(part) <= most;
  const { year, month, day, hour, minute, second, fraction, zoneHour, zoneMinute } = found;
  const isDay =
    year === undefined || (year.length === 4 && isTwoDigits(month, 12) && isTwoDigits(day, daysIn(year, month)));
  const isTime = hour === undefined || (isTwoDigits(hour, 23) && isTwoDigits(minute, 59) && isTwoDigits(second, 59));
  const isDate = year === undefined || (Number(month) > 0 && Number(day) > 0);
  const isFine = fraction === undefined || fraction.length <= 9;
  const zone = Math.abs(Number(zoneHour ?? 0)) * 60 + Number(zoneMinute ?? 0);
  const isZone = zone <= 18 * 60 && Number(zoneMinute ?? 0) <= 59;
  return isDay && isDate && isTime && isFine && isZone ? { value: written } : { reason: 'is no date or time' };
}

const DATE = new RegExp(
  [
    /^(?:(?<year>\d+)-(?<month>\d+)-(?<day>\d+))?[Tt ]?/,
    /(?:(?<hour>\d+):(?<minute>\d+):(?<second>\d+)(?:\.(?<fraction>\d+))?)?/,
    /(?:Z|(?<zoneHour>[-+]\d+):(?<zoneMinute>\d+))?$/,
  ]
    .map(({ source }) => source)
    .join(''),
);

/** Java's calendar has a year 0, and it is a leap year. */
function daysIn(year: string, month = '1'): number {
  const isLeap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(month) - 1] ?? 0;
}
