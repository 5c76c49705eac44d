/**
 * Characters that a terminal does not show as themselves: control characters (C0, DEL, C1), line and paragraph
 * separators, and those that turn the direction of writing (Unicode TR36, 3.1).
 */
const UNPRINTABLE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;

/** Commands that CI runners see anywhere in a line: `##[group]`, `##vso[…]`, `##teamcity[…]`. */
const CI_COMMAND = /#(?=#\w*\[)/g;
/** Commands that CI runners see at a line's beginning, also behind spaces: `::add-mask::`. */
const CI_LINE = /^(\s*):(?=:)/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (character: string): string =>
  SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Foreign text on one line, as a terminal may have it; letters of every language stay. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escaped).replace(CI_COMMAND, escaped);

type Value = string | number | undefined | Words;

/** Text for people, in which all foreign text has been made printable. */
export class Words {
  // Private, so that no other object passes for one.
  private constructor(private readonly shown: string) {}

  /** A text of any origin, made printable. */
  static of(text: Value): Words {
    return text instanceof Words ? text : new Words(printable(String(text)));
  }

  /** A text as it is, for its maker has seen to its form: a format's escapes, a terminal's colours. */
  static exactly(text: string): Words {
    return new Words(text);
  }

  /** A line of a file or a log, with its tabs, for places that show it to be a quotation. */
  static quote(line: string): Words {
    const parts = line.replace(CI_LINE, (_, spaces: string) => `${spaces}${escaped(':')}`).split('\t');
    return new Words(parts.map(printable).join('\t'));
  }

  static join(parts: readonly Words[], between = ''): Words {
    return new Words(parts.map(({ shown }) => shown).join(between));
  }

  get isEmpty(): boolean {
    return this.shown === '';
  }

  toString(): string {
    return this.shown;
  }
}

/** The tag of a text for people: `` inWords`${path} is gone` `` makes printable whatever is put into it. */
export const inWords = (texts: TemplateStringsArray, ...values: readonly Value[]): Words =>
  Words.exactly(texts.map((text, index) => `${text}${index < values.length ? Words.of(values[index]) : ''}`).join(''));

/** The same JSON, safe on a terminal: characters that `JSON.stringify` leaves alone are escaped as well. */
export const printableJson = (json: string): Words =>
  Words.exactly(
    json
      .split('\n')
      .map((line) => line.replace(UNPRINTABLE, escaped))
      .join('\n'),
  );
