/**
 * What would not be seen as the letter that it is: control characters (C0, DEL, C1), line and paragraph separators,
 * and what turns the direction of writing (Unicode TR36, 3.1).
 */
const UNPRINTABLE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;

/** What a runner of a CI takes for a command anywhere in a line: `##[group]`, `##vso[…]`, `##teamcity[…]`. */
const CI_COMMAND = /#(?=#\w*\[)/g;
/** What it takes for one at a line's beginning, spaces or none before it: `::add-mask::`. */
const CI_LINE = /^(\s*):(?=:)/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (character: string): string =>
  SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Foreign text on one line, as a terminal may have it; letters of every language stay. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escaped).replace(CI_COMMAND, escaped);

type Value = string | number | undefined | Words;

/** Text that was written for people: nothing that came from elsewhere stands in it as it came. */
export class Words {
  // Private, so that no other object passes for one.
  private constructor(private readonly shown: string) {}

  /** A text of which nothing is known. */
  static of(text: Value): Words {
    return text instanceof Words ? text : new Words(printable(String(text)));
  }

  /** A text with a form of its own, which has been kept to: a format's escapes, a terminal's colours. */
  static exactly(text: string): Words {
    return new Words(text);
  }

  /** A line of a file or a log, in which tabs may stand, as long as it is seen to be a quotation. */
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

/** JSON of the same value that may be read on a terminal: what `JSON.stringify` leaves as it is escaped as well. */
export const printableJson = (json: string): Words =>
  Words.exactly(
    json
      .split('\n')
      .map((line) => line.replace(UNPRINTABLE, escaped))
      .join('\n'),
  );
