import { TomlError } from './error.js';
import { Lexer, type Range, type StringKind, type TokenKind, type TomlToken } from './tokens.js';
import { type ScalarKind, scalarOf, stringOf } from './values.js';

/** A deployment.toml by its grammar: cava 0.5.0, TomlParser.g4. Ranges are positions in the text. */
export interface TomlSyntax {
  /** The pairs before every header. */
  readonly top: readonly Pair[];
  readonly sections: readonly TomlSection[];
  readonly comments: readonly Range[];
  /** Values that there aren't: of the right form, and refused all the same. */
  readonly troubles: readonly TomlError[];
}

export interface TomlSection {
  /** `[a.b]`, or `[[a.b]]` */
  readonly kind: 'table' | 'list of tables';
  readonly key: readonly string[];
  /** The header with its brackets. */
  readonly range: Range;
  readonly pairs: readonly Pair[];
}

export interface Pair {
  readonly key: readonly string[];
  readonly value: TomlNode;
  readonly range: Range;
}

export type TomlNode =
  | { readonly kind: 'table'; readonly pairs: readonly Pair[]; readonly range: Range }
  | { readonly kind: 'list'; readonly items: readonly TomlNode[]; readonly range: Range }
  | TomlScalar;

export interface TomlScalar {
  readonly kind: StringKind | ScalarKind;
  readonly value: unknown;
  readonly range: Range;
}

export const isString = (node: TomlNode): node is TomlScalar => isStringKind(node.kind as TokenKind);

/** @throws TomlError where it stops being one */
export const parseSyntax = (text: string): TomlSyntax => new Parser(text).document();

const STRING_KINDS: readonly TokenKind[] = ['basic', 'literal', 'long basic', 'long literal'];

class Parser {
  readonly #lexer: Lexer;
  #token: TomlToken;
  readonly #troubles: TomlError[] = [];

  constructor(readonly text: string) {
    this.#lexer = new Lexer(text);
    this.#token = this.#lexer.next();
  }

  document(): TomlSyntax {
    const top: Pair[] = [];
    const sections: (TomlSection & { readonly pairs: Pair[] })[] = [];
    this.#skipLineEnds();
    while (!this.#isAt('end')) {
      if (this.#isAt('[') || this.#isAt('[[')) sections.push(this.#section());
      else (sections.at(-1)?.pairs ?? top).push(this.#pair());
      if (!this.#isAt('end')) this.#expect('line end', 'the end of the line');
      this.#skipLineEnds();
    }
    return { top, sections, comments: this.#lexer.comments, troubles: this.#troubles };
  }

  #section(): TomlSection & { readonly pairs: Pair[] } {
    const { kind, start } = this.#token;
    const isList = kind === '[[';
    this.#advance();
    if (this.#isAt(']') || this.#isAt(']]')) throw new TomlError(start, 'the name of a table is missing');
    const key = this.#key();
    const { end } = isList ? this.#expect(']]', '"]]"') : this.#expect(']', '"]"');
    return { kind: isList ? 'list of tables' : 'table', key, range: [start, end], pairs: [] };
  }

  #pair(): Pair {
    const { start } = this.#token;
    const key = this.#key();
    this.#expect('=', '"="');
    const value = this.#value();
    return { key, value, range: [start, value.range[1]] };
  }

  #key(): string[] {
    const parts = [this.#keyPart()];
    while (this.#isAt('.')) {
      this.#advance();
      parts.push(this.#keyPart());
    }
    return parts;
  }

  #keyPart(): string {
    const { kind, start, end } = this.#token;
    if (kind !== 'bare key' && kind !== 'basic' && kind !== 'literal') throw this.#unexpected('a key');
    this.#advance();
    return kind === 'bare key' ? this.text.slice(start, end) : stringOf(kind, this.text, [start, end]);
  }

  #value(): TomlNode {
    const { kind, start, end } = this.#token;
    if (kind === '[') return this.#list();
    if (kind === '{') return this.#inlineTable();
    const range: Range = [start, end];
    if (isStringKind(kind)) {
      this.#advance();
      return { kind, value: stringOf(kind, this.text, range), range };
    }
    if (kind !== 'integer' && kind !== 'float' && kind !== 'boolean' && kind !== 'date') throw this.#unexpected(VALUE);
    this.#advance();
    const written = this.text.slice(start, end);
    const read = scalarOf(kind, written);
    if ('reason' in read) this.#troubles.push(new TomlError(start, `${written} ${read.reason}`));
    return { kind, value: read.value, range };
  }

  #list(): TomlNode {
    const { start } = this.#token;
    const items: TomlNode[] = [];
    do {
      this.#advance();
      this.#skipLineEnds();
      if (this.#isAt(']')) break;
      items.push(this.#value());
    } while (this.#isAt(','));
    // A line may end before the bracket, but not before a comma.
    const behind = this.#token;
    this.#skipLineEnds();
    const { end } = this.#expect(']', '"," or "]"', behind);
    return { kind: 'list', items, range: [start, end] };
  }

  #inlineTable(): TomlNode {
    const { start } = this.#token;
    const pairs: Pair[] = [];
    this.#advance();
    if (!this.#isAt('}')) {
      pairs.push(this.#pair());
      while (this.#isAt(',')) {
        this.#advance();
        pairs.push(this.#pair());
      }
    }
    const { end } = this.#expect('}', '"," or "}"');
    return { kind: 'table', pairs, range: [start, end] };
  }

  #skipLineEnds(): void {
    while (this.#isAt('line end')) this.#advance();
  }

  /** @param found what is to blame where another token stands here */
  #expect(kind: TokenKind, words: string, found = this.#token): TomlToken {
    if (!this.#isAt(kind)) throw this.#unexpected(words, found);
    return this.#advance();
  }

  #isAt(kind: TokenKind): boolean {
    return this.#token.kind === kind;
  }

  #advance(): TomlToken {
    const passed = this.#token;
    this.#token = this.#lexer.next();
    return passed;
  }

  #unexpected(wanted: string, { kind, mode, start, end } = this.#token): TomlError {
    const { loose } = this.#lexer;
    if (wanted !== VALUE && mode === 'value' && loose !== undefined) return new TomlError(loose, LOST, LOOSE_LIST);
    const found = FOUND[kind] ?? `"${this.text.slice(start, end)}"`;
    return new TomlError(start, `${wanted} is missing before ${found}`);
  }
}

const VALUE = 'a value';
const LOST = 'it loses its place behind a list that is empty or ends with a comma';
const LOOSE_LIST = 'Leave that list out, or its last comma, or put an empty line behind it.';

const FOUND: Readonly<Partial<Record<TokenKind, string>>> = {
  end: 'the end of the file',
  'line end': 'the end of the line',
};

const isStringKind = (kind: TokenKind): kind is StringKind => STRING_KINDS.includes(kind);
