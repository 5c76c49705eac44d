/** A piece of a shell script: a word, or what ends a command. */
export type ShellToken =
  | { readonly kind: 'word'; readonly parts: readonly ShellPart[]; readonly line: number }
  | { readonly kind: 'end'; readonly sign: string };

/** A part of a word: text as it is, a variable, or something that only the running shell knows. */
export type ShellPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly otherwise?: string; readonly isQuoted: boolean }
  | { readonly kind: 'open'; readonly text: string };

/** Divides a script of the POSIX shell into words, as far as that can be done without running it. */
export const shellTokens = (text: string): ShellToken[] => new Divider(text).divide();

class Divider {
  readonly #tokens: ShellToken[] = [];
  #word: (ShellToken & { readonly kind: 'word'; readonly parts: ShellPart[] }) | undefined;
  #at = 0;
  #line = 1;
  #isQuoted = false;

  constructor(readonly text: string) {}

  divide(): ShellToken[] {
    for (let lineEnd = this.text.indexOf('\n'); this.#at < this.text.length; ) {
      this.#piece();
      for (; lineEnd >= 0 && lineEnd < this.#at; lineEnd = this.text.indexOf('\n', lineEnd + 1)) this.#line += 1;
    }
    this.#endWord();
    return this.#tokens;
  }

  #piece(): void {
    // In the midst of a word, a # is text.
    const isComment = this.text[this.#at] === '#' && !this.#isQuoted && this.#word === undefined;
    const pattern = isComment ? COMMENT : this.#isQuoted ? QUOTED : UNQUOTED;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text) as RegExpExecArray;
    const start = this.#at;
    this.#at = pattern.lastIndex;
    const { text, rest, quote, blank, sign, single, escaped, braced, otherwise, bare, opening } = found.groups ?? {};
    if (text !== undefined) this.#add({ kind: 'text', text });
    else if (blank !== undefined) this.#endWord();
    else if (quote !== undefined) this.#toggleQuotes();
    else if (single !== undefined) this.#add({ kind: 'text', text: single });
    else if (escaped !== undefined) this.#escaped(escaped);
    else if (opening !== undefined) this.#substitution(start);
    else if (sign !== undefined) this.#end(sign);
    else if (rest !== undefined) this.#add({ kind: 'text', text: rest });
    else this.#variable(braced ?? bare ?? '', otherwise);
  }

  #toggleQuotes(): void {
    this.#isQuoted = !this.#isQuoted;
    this.#add();
  }

  /** A line that goes on is no end of a word that stands before it, and no word by itself. */
  #escaped(character: string): void {
    if (character !== '\n') this.#add({ kind: 'text', text: character });
  }

  #variable(name: string, otherwise: string | undefined): void {
    this.#add({ kind: 'variable', name, isQuoted: this.#isQuoted, ...(otherwise !== undefined && { otherwise }) });
  }

  #substitution(start: number): void {
    this.#at = endOfSubstitution(this.text, start);
    this.#add({ kind: 'open', text: this.text.slice(start, this.#at) });
  }

  #end(sign: string): void {
    this.#endWord();
    this.#tokens.push({ kind: 'end', sign });
  }

  #add(...parts: readonly ShellPart[]): void {
    this.#word ??= { kind: 'word', parts: [], line: this.#line };
    this.#word.parts.push(...parts);
  }

  #endWord(): void {
    if (this.#word) this.#tokens.push(this.#word);
    this.#word = undefined;
  }
}

// Each is tried at one place only, which `lastIndex` says, and fits at any.
const any = (...patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map(({ source }) => source).join('|'), 'y');

/** `$NAME`, `${NAME}`, `${NAME:-otherwise}`, and the script's own arguments. */
const EXPANSIONS = [
  /\$(?:\{(?<braced>\w+)(?::?-(?<otherwise>[^}"'`$]*))?\}|(?<bare>\w+|[*@]))/,
  /(?<opening>\$[({]|`)/,
];
const COMMENT = /(?<blank>#[^\n]*)/y;
const QUOTED = any(/(?<quote>")/, /\\(?<escaped>["\\$`\n])/, ...EXPANSIONS, /(?<text>[^"\\$`]+|[\s\S])/);
const UNQUOTED = any(
  /(?<text>[^\s;&|()'"\\$`]+)/,
  /(?<blank>[ \t\r]+)/,
  ...EXPANSIONS,
  /(?<quote>")/,
  /'(?<single>[^']*)'/,
  /(?<sign>;;|&&|\|\||[\n;&|()])/,
  /\\(?<escaped>[\s\S])/,
  /(?<rest>[\s\S])/,
);

function endOfSubstitution(text: string, start: number): number {
  if (text[start] === '`') {
    const end = text.indexOf('`', start + 1);
    return end < 0 ? text.length : end + 1;
  }
  const [open, close] = text[start + 1] === '(' ? '()' : '{}';
  let depth = 0;
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === open) depth += 1;
    if (text[at] === close) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}
