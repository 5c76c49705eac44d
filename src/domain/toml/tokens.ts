import { TomlError } from './error.js';

/**
 * The words of a deployment.toml, as the products' own lexer divides it: cava 0.5.0, TomlLexer.g4. It keeps a stack of
 * modes, and its oddities come from there: a list that is empty or ends with a comma leaves one mode too many behind.
 */
export interface TomlToken {
  readonly kind: TokenKind;
  /** The mode in which it was read. */
  readonly mode: Mode;
  readonly start: number;
  readonly end: number;
}

export type TokenKind =
  | 'end'
  | 'line end'
  | '['
  | ']'
  | '[['
  | ']]'
  | '{'
  | '}'
  | '='
  | '.'
  | ','
  | 'bare key'
  | StringKind
  | 'integer'
  | 'float'
  | 'boolean'
  | 'date'
  | 'unknown';

export type StringKind = 'basic' | 'literal' | 'long basic' | 'long literal';

type Mode = 'line' | 'value' | 'date' | 'inline';

/** The beginning and the end of a piece of the text. */
export type Range = readonly [start: number, end: number];

export class Lexer {
  /** The comments passed so far, without the ends of their lines. */
  readonly comments: Range[] = [];
  /** The bracket of the latest list that left a mode behind. */
  loose: number | undefined;
  #at = 0;
  #modes: Mode[] = ['line'];
  #depth = 0;
  readonly #depths: number[] = [];
  #previous: TokenKind = 'line end';

  constructor(readonly text: string) {}

  /** The next token that is no blank and no comment. @throws TomlError for a text that doesn't end, or holds what none may */
  next(): TomlToken {
    for (;;) {
      const start = this.#at;
      const mode = this.#modes.at(-1) ?? 'line';
      if (start >= this.text.length) return { kind: 'end', mode, start, end: start };
      if (this.#blank(mode) || this.#comment(mode)) continue;
      const kind = this.#lineEnd(mode) ?? this.#token(mode);
      if (kind !== 'line end') this.#previous = kind;
      return { kind, mode, start, end: this.#at };
    }
  }

  #blank(mode: Mode): boolean {
    if (!this.#take(BLANKS)) return false;
    if (mode === 'date') this.#modes.pop();
    return true;
  }

  #comment(mode: Mode): boolean {
    const start = this.#at;
    if (!this.#take(COMMENT)) return false;
    const isWindowsEnd = this.text[this.#at - 1] === '\r' && this.text[this.#at] === '\n';
    this.comments.push([start, isWindowsEnd ? this.#at - 1 : this.#at]);
    if (mode === 'date' || mode === 'inline') this.#modes.pop();
    return true;
  }

  #lineEnd(mode: Mode): TokenKind | undefined {
    if (!this.#take(LINE_END)) return undefined;
    const isWithinList = mode === 'value' && this.#depth > 0;
    if (mode !== 'line' && !isWithinList) this.#modes.pop();
    return 'line end';
  }

  #token(mode: Mode): TokenKind {
    switch (mode) {
      case 'line':
        return this.#inLine();
      case 'value':
        return this.#inValue();
      case 'inline':
        return this.#inTable();
      case 'date':
        return this.#afterDate();
    }
  }

  #inLine(): TokenKind {
    const sign = this.#take(LINE_SIGNS) as TokenKind | undefined;
    if (sign === '=') {
      this.#depth = 0;
      this.#depths.length = 0;
      this.#modes.push('value');
    }
    return sign ?? this.#key();
  }

  #inTable(): TokenKind {
    const sign = this.#take(TABLE_SIGNS) as TokenKind | undefined;
    if (sign === '=') this.#modes.push('value');
    if (sign === '}') {
      this.#depth = this.#depths.pop() ?? 0;
      this.#modes.pop();
    }
    return sign ?? this.#key();
  }

  #key(): TokenKind {
    if (this.#take(BARE_KEY)) return 'bare key';
    return this.#string(KEY_QUOTES) ?? this.#unknown();
  }

  #inValue(): TokenKind {
    const sign = this.#take(VALUE_SIGNS) as '[' | ']' | '{' | ',' | undefined;
    if (sign !== undefined) return this.#sign(sign);
    const kind = this.#string(VALUE_QUOTES) ?? this.#scalar();
    if (kind === 'date') this.#modes[this.#modes.length - 1] = 'date';
    else this.#modes.pop();
    return kind ?? this.#unknown();
  }

  #sign(sign: '[' | ']' | '{' | ','): TokenKind {
    if (sign === '[') {
      this.#depth += 1;
      this.#modes.push('value');
    } else if (sign === ']') {
      if (this.#previous === '[' || this.#previous === ',') this.loose = this.#at - 1;
      this.#depth -= 1;
      this.#modes.pop();
    } else if (sign === '{') {
      this.#depths.push(this.#depth);
      this.#depth = 0;
      this.#modes[this.#modes.length - 1] = 'inline';
    } else if (this.#depth > 0) {
      this.#modes.push('value');
    } else {
      return 'unknown';
    }
    return sign;
  }

  #scalar(): 'integer' | 'float' | 'boolean' | 'date' | undefined {
    if (this.#take(DATE)) return 'date';
    if (this.#take(FLOAT)) return 'float';
    if (this.#take(INTEGER)) return 'integer';
    return this.#take(BOOLEAN) === undefined ? undefined : 'boolean';
  }

  /** A date ends at a blank, a comma, or a line's end; a bracket right behind it is refused. */
  #afterDate(): TokenKind {
    if (this.#take(COMMA) === undefined) return this.#unknown();
    this.#modes.pop();
    return ',';
  }

  #string(quotes: RegExp): StringKind | undefined {
    const start = this.#at;
    const quote = this.#take(quotes);
    if (quote === undefined) return undefined;
    const { kind, piece } = STRINGS[quote] as StringForm;
    while (this.#take(piece) !== undefined);
    if (this.text.startsWith(quote, this.#at)) {
      this.#at += quote.length;
      return kind;
    }
    throw brokenText(this.text, this.#at, start);
  }

  #unknown(): 'unknown' {
    this.#at += (this.text.codePointAt(this.#at) ?? 0) > 0xffff ? 2 : 1;
    return 'unknown';
  }

  /** What stands here, where it is that. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

function brokenText(text: string, at: number, start: number): TomlError {
  const character = text[at];
  if (character === '\t') return new TomlError(at, 'a text in double quotes holds a tab', 'Write \\t in its place.');
  const isEnd = character === undefined || character === '\n' || text.startsWith('\r\n', at);
  if (isEnd) return new TomlError(at, `the text that begins with ${text[start]} is not closed`);
  const code = character.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
  return new TomlError(at, `a text holds the control character U+${code}`);
}

// Each of them is tried at one place only, which `lastIndex` says.
const BLANKS = /[ \t]+/y;
const COMMENT = /#[^\n]*/y;
const LINE_END = /\r?\n/y;
const COMMA = /,/y;
const LINE_SIGNS = /\[\[|\]\]|[[\].=]/y;
const TABLE_SIGNS = /[}.=,]/y;
const VALUE_SIGNS = /[[\]{,]/y;
const BARE_KEY = /[A-Za-z0-9_-]+/y;

const decimal = /[-+]?(?:[1-9](?:_?\d)+|\d)/.source;
/** Not where a `-` or a `:` follows: that is a date. */
const INTEGER = new RegExp(
  `(?:0x[\\dA-Fa-f](?:_?[\\dA-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*|${decimal}(?![-:]))`,
  'y',
);
const FLOAT = new RegExp(`(?:${decimal}(?:[eE]${decimal}|\\.\\d(?:_?\\d)*(?:[eE]${decimal})?)|[-+]?(?:inf|nan))`, 'y');
const BOOLEAN = /true|false/y;
const time = /\d+:\d+:\d+(?:\.\d+)?/.source;
const DATE = new RegExp(`(?:\\d+-\\d+-\\d+(?:[Tt ]${time}(?:Z|[-+]\\d+:\\d+)?)?|${time})`, 'y');

interface StringForm {
  readonly kind: StringKind;
  /** What it may be made of, up to its closing quotes. */
  readonly piece: RegExp;
}

const KEY_QUOTES = /["']/y;
const VALUE_QUOTES = /"""|'''|["']/y;
/* biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are what a text may not hold */
const STRINGS: Readonly<Record<string, StringForm>> = {
  '"': { kind: 'basic', piece: /[^\u0000-\u001f"\\\u007f]+|\\[^\n]/y },
  "'": { kind: 'literal', piece: /[^\u0000-\u0008\u000a-\u001f'\u007f]+/y },
  '"""': { kind: 'long basic', piece: /[^\u0000-\u001f"\\\u007f]+|"(?!"")|\r?\n|\\[ \t]*\r?\n|\\[\s\S]/y },
  "'''": { kind: 'long literal', piece: /[^\u0000-\u0008\u000a-\u001f'\u007f]+|'(?!'')|\r?\n/y },
};
/* biome-ignore-end lint/suspicious/noControlCharactersInRegex: they are what a text may not hold */
