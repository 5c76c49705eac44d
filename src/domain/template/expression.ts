/** A template, or a part of it, that only the server's own engine knows how to read. */
export class TemplateError extends Error {
  constructor(
    message: string,
    /** Where the tag begins that is not understood; absent for an expression by itself. */
    readonly line?: number,
  ) {
    super(message);
  }
}

/** The names that a template knows, and what they stand for. */
export type TemplateScope = ReadonlyMap<string, unknown>;

/**
 * The value of an expression of a template, as far as the products' templates go: paths, literals, comparisons, `is
 * defined`, `is sameas`, `in`, and the filters `default`, `length`, `lower`, `upper`, `trim` and `string`.
 * @throws TemplateError for anything else
 */
export function evaluate(expression: string, scope: TemplateScope): unknown {
  const parser = new ExpressionParser(wordsOf(expression), scope);
  const value = parser.either();
  if (!parser.isAtEnd()) throw new TemplateError(`"${expression.trim()}" is more than is understood here`);
  return value;
}

/** Jinjava's ObjectTruthValue: also the text `false` is none. */
export function isTrue(value: unknown): boolean {
  if (typeof value === 'string') return value !== '' && value.toLowerCase() !== 'false';
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}

/** A value as it stands in what is rendered. */
export const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  if (value instanceof Map) return `{${[...value].map(([key, one]) => `${key}=${textOf(one)}`).join(', ')}}`;
  return String(value);
};

const WORD =
  /\s*(?:('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(==|!=|<=|>=|&&|\|\||[|.()[\],<>!-]))/y;

function wordsOf(expression: string): string[] {
  const words: string[] = [];
  const text = expression.trim();
  for (WORD.lastIndex = 0; WORD.lastIndex < text.length; ) {
    const word = WORD.exec(text)?.[0].trim();
    if (word === undefined) throw new TemplateError(`"${text}" is more than is understood here`);
    words.push(word);
  }
  return words;
}

/** A descent by precedence; both sides are always looked at, for nothing here has an effect. */
class ExpressionParser {
  #at = 0;
  constructor(
    readonly words: readonly string[],
    readonly scope: TemplateScope,
  ) {}

  isAtEnd = (): boolean => this.#at === this.words.length;

  either(): unknown {
    let value = this.#both();
    while (this.#take('or', '||')) {
      const other = this.#both();
      value = isTrue(value) || isTrue(other);
    }
    return value;
  }

  #both(): unknown {
    let value = this.#denial();
    while (this.#take('and', '&&')) {
      const other = this.#denial();
      value = isTrue(value) && isTrue(other);
    }
    return value;
  }

  #denial(): unknown {
    return this.#take('not', '!') ? !isTrue(this.#denial()) : this.#comparison();
  }

  #comparison(): unknown {
    const value = this.#filtered();
    const sign = this.#take('==', '!=', '<', '>', '<=', '>=', 'in', 'is');
    if (sign === undefined) return value;
    if (sign === 'is') return this.#test(value);
    const other = this.#filtered();
    switch (sign) {
      case '==':
        return isSame(value, other);
      case '!=':
        return !isSame(value, other);
      case 'in':
        return Array.isArray(other) ? other.some((one) => isSame(one, value)) : textOf(other).includes(textOf(value));
      default:
        return compared(sign, Number(value), Number(other));
    }
  }

  #test(value: unknown): boolean {
    const isDenied = this.#take('not') !== undefined;
    const holds = this.#holds(value);
    return isDenied ? !holds : holds;
  }

  #holds(value: unknown): boolean {
    if (this.#take('defined')) return value !== undefined && value !== null;
    if (this.#take('sameas')) return value === this.#filtered();
    throw this.#unknown();
  }

  #filtered(): unknown {
    let value = this.#path();
    while (this.#take('|')) value = this.#filter(value);
    return value;
  }

  #filter(value: unknown): unknown {
    const name = this.#next();
    const given = this.#take('(') ? this.#until(')') : [];
    switch (name) {
      case 'default':
        return value === undefined || value === null || (value === '' && isTrue(given[1])) ? given[0] : value;
      case 'length':
      case 'count':
        return value instanceof Map ? value.size : Array.isArray(value) || typeof value === 'string' ? value.length : 0;
      case 'lower':
        return textOf(value).toLowerCase();
      case 'upper':
        return textOf(value).toUpperCase();
      case 'trim':
        return textOf(value).trim();
      case 'string':
        return textOf(value);
      default:
        throw this.#unknown();
    }
  }

  #path(): unknown {
    let value = this.#atom();
    for (;;) {
      if (this.#take('.')) {
        const name = this.#next();
        if (!this.#take('(')) value = partOf(value, name);
        else value = called(value, name, this.#until(')'));
      } else if (this.#take('[')) {
        value = partOf(value, textOf(this.#until(']')[0]));
      } else {
        return value;
      }
    }
  }

  #atom(): unknown {
    const word = this.#next();
    if (word === '(') return this.#until(')')[0];
    if (/^['"]/.test(word)) return word.slice(1, -1).replaceAll(/\\(.)/g, '$1');
    if (/^\d/.test(word)) return Number(word);
    if (word === '-') return -Number(this.#atom());
    const literal = LITERALS.get(word.toLowerCase());
    if (literal !== undefined) return literal.value;
    if (!/^\w/.test(word)) throw this.#unknown();
    return this.scope.get(word);
  }

  #until(closing: string): unknown[] {
    const values: unknown[] = [];
    while (!this.#take(closing)) {
      values.push(this.either());
      this.#take(',');
    }
    return values;
  }

  #take(...words: readonly string[]): string | undefined {
    const word = this.words[this.#at];
    if (word === undefined || !words.includes(word)) return undefined;
    this.#at += 1;
    return word;
  }

  #next(): string {
    const word = this.words[this.#at];
    if (word === undefined) throw this.#unknown();
    this.#at += 1;
    return word;
  }

  #unknown(): TemplateError {
    return new TemplateError(`"${this.words.join(' ')}" is more than is understood here`);
  }
}

const LITERALS = new Map([
  ['true', { value: true }],
  ['false', { value: false }],
  ['none', { value: undefined }],
  ['null', { value: undefined }],
]);

const compared = (sign: string, one: number, other: number): boolean =>
  ({ '<': one < other, '>': one > other, '<=': one <= other, '>=': one >= other })[sign] ?? false;

const isSame = (one: unknown, other: unknown): boolean =>
  one === other || (isPlain(one) && isPlain(other) && String(one) === String(other));

const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

const partOf = (value: unknown, name: string): unknown => {
  if (value instanceof Map) return value.get(name);
  return Array.isArray(value) ? value[Number(name)] : undefined;
};

function called(value: unknown, name: string, given: readonly unknown[]): unknown {
  const map = value instanceof Map ? value : new Map<string, unknown>();
  switch (name) {
    case 'items':
    case 'entrySet':
      return [...map];
    case 'keys':
      return [...map.keys()];
    case 'values':
      return [...map.values()];
    case 'get':
      return map.get(textOf(given[0])) ?? given[1];
    case 'equals':
      return isSame(value, given[0]);
    default:
      throw new TemplateError(`${name}() is more than is understood here`);
  }
}
