import { nestedTooDeeply } from './nesting.js';

/** The error of a text that is no JSON, with the place where it stops being some. */
export class JsonError extends Error {
  constructor(
    readonly reason: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(`line ${line}, column ${column}: ${reason}`);
  }
}

/** The value that a text holds. @throws JsonError also for one that is nested too deeply to be looked at */
export function parseJson(text: string): unknown {
  const value = parseAny(text);
  if (!isNestedBelow(value, MOST_LEVELS)) return value;
  const line = nestedTooDeeply(text, MOST_LEVELS) ?? 1;
  throw new JsonError('a value is nested too deeply', line, 1);
}

/** The deepest nesting that is read: nobody writes so many levels, and a recursion survives them. */
const MOST_LEVELS = 500;

/** Whether anything lies more than so many levels below a value. */
function isNestedBelow(root: unknown, levels: number): boolean {
  let level = [root];
  for (let depth = 0; depth <= levels && level.length > 0; depth++) {
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return level.length > 0;
}

function parseAny(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Engines differ in how they tell the place, and none always does.
    const { message } = error as Error;
    const reason = message.replace(/(?:, (?:\.{3})?".*is not valid JSON| (?:in JSON )?at position .*)$/s, '');
    const before = text.slice(0, lengthOfJson(text)).split('\n');
    throw new JsonError(reason, before.length, (before.at(-1) ?? '').length + 1);
  }
}

const SPACE = /[ \t\r\n]*/y;
const TEXT = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/uy;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The number of a text's first characters that are a beginning of JSON. */
function lengthOfJson(text: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const isThere = pattern.test(text);
    if (isThere) at = pattern.lastIndex;
    return isThere;
  };
  const token = (pattern: RegExp): boolean => take(pattern) && take(SPACE);
  const list = (item: () => boolean, end: RegExp): boolean => {
    if (token(end)) return true;
    do if (!item()) return false;
    while (token(/,/y));
    return token(end);
  };
  const value = (): boolean => {
    if (token(/\{/y)) return list(() => token(TEXT) && token(/:/y) && value(), /\}/y);
    if (token(/\[/y)) return list(value, /\]/y);
    return token(TEXT) || token(SCALAR);
  };
  take(SPACE);
  try {
    value();
  } catch {
    // nested deeper than our own stack: as far as we came
  }
  return at;
}
