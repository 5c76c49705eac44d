// Texts for people leave their front end's own words open: what the command line calls `--java-home`, the library calls
// `javaHome`. A text therefore names options and commands as data, and the front end that shows it words them.

/** A text for people, which may mention what each front end calls by another name. JSON holds it. */
export type Text = string | readonly (string | Mention)[];

export type Mention = OptionMention | CommandMention | ProductMention | OtherMention;

/** An option, with the value that it is to have; without a value it is meant as such, or switched on. */
export interface OptionMention {
  readonly kind: 'option';
  readonly name: MentionedOption;
  readonly value?: string | number;
}

/** What can be asked of wso2-launch, with words and options that are given to it. */
export interface CommandMention {
  readonly kind: 'command';
  readonly name: MentionedCommand;
  readonly words?: readonly string[];
  readonly options?: readonly OptionMention[];
  /** Present where its bare name is enough. */
  readonly isShort?: true;
}

/** The way in which a product is asked for. */
export interface ProductMention {
  readonly kind: 'product';
  readonly id: string;
}

export interface OtherMention {
  /** `script-arguments`: where they are given; `overview`: where all commands and options are listed, as a clause. */
  readonly kind: 'script-arguments' | 'overview';
}

/** In camel case: a switch is named as such, `autoOffset` too. */
export type MentionedOption =
  | 'all'
  | 'arg'
  | 'autoOffset'
  | 'debug'
  | 'followOffset'
  | 'force'
  | 'home'
  | 'java'
  | 'javaHome'
  | 'jvmArg'
  | 'maxOffset'
  | 'memory'
  | 'minOffset'
  | 'name'
  | 'offset'
  | 'once'
  | 'private'
  | 'profile'
  | 'readyTimeout'
  | 'restart'
  | 'set'
  | 'sticky';

export type MentionedCommand = 'doctor' | 'homes rm' | 'launch' | 'offset set' | 'ports' | 'ps' | 'stop' | 'wait';

/** The makers of mentions. */
export const mention = {
  option: (name: MentionedOption, value?: string | number): OptionMention => ({
    kind: 'option',
    name,
    ...(value !== undefined && { value }),
  }),
  command: (name: MentionedCommand, more: Omit<CommandMention, 'kind' | 'name'> = {}): CommandMention => ({
    kind: 'command',
    name,
    ...more,
  }),
  product: (id: string): ProductMention => ({ kind: 'product', id }),
  scriptArguments: { kind: 'script-arguments' },
  overview: { kind: 'overview' },
} as const;

/** The tag of a text that mentions something: `` mentioning`Name one with ${mention.option('home')}.` ``. */
export function mentioning(texts: TemplateStringsArray, ...values: readonly (Text | Mention | number)[]): Text {
  const parts = texts.flatMap((text, index) => [text, ...(index < values.length ? partsOf(values[index]) : [])]);
  return joined(parts);
}

export const joinTexts = (texts: readonly Text[], between: string): Text =>
  joined(texts.flatMap((text, index) => [...(index > 0 ? [between] : []), ...partsOf(text)]));

function partsOf(value: Text | Mention | number | undefined): readonly (string | Mention)[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? [value as Mention] : [String(value)];
}

/** Strings that stand beside each other become one: equal texts are equal data. */
function joined(parts: readonly (string | Mention)[]): Text {
  const all: (string | Mention)[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (typeof part === 'string' && typeof last === 'string') all[all.length - 1] = last + part;
    else if (part !== '') all.push(part);
  }
  if (all.length === 0) return '';
  const [first, ...others] = all;
  return typeof first === 'string' && others.length === 0 ? first : all;
}

/** The words of a front end for a text. */
export type Wording = (text: Text) => string;

/** The wording of a front end that has words for each mention. */
export const wordingBy =
  (wordsOf: (mention: Mention) => string): Wording =>
  (text) =>
    typeof text === 'string' ? text : text.map((part) => (typeof part === 'string' ? part : wordsOf(part))).join('');

/** A text with the bare names of what it mentions, which no front end uses: for errors that a debugger shows. */
export const withBareNames: Wording = wordingBy((mentioned) => {
  switch (mentioned.kind) {
    case 'option':
    case 'command':
      return mentioned.name;
    case 'product':
      return mentioned.id;
    default:
      return mentioned.kind;
  }
});

/** Whether a value is a text that can be worded: it may be of another version, or nonsense. */
export const isText = (value: unknown): value is Text =>
  typeof value === 'string' ||
  (Array.isArray(value) && value.every((part) => typeof part === 'string' || isMention(part)));

/** The names are left open: another version may know more options and commands. */
function isMention(value: unknown): value is Mention {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, name, id, words = [], options = [] } = value as Record<string, unknown>;
  switch (kind) {
    case 'option':
      return typeof name === 'string';
    case 'command':
      return typeof name === 'string' && isListOf(words, isString) && isListOf(options, isMention);
    case 'product':
      return typeof id === 'string';
    case 'script-arguments':
    case 'overview':
      return true;
    default:
      return false;
  }
}

const isString = (value: unknown): boolean => typeof value === 'string';

const isListOf = (value: unknown, is: (item: unknown) => boolean): boolean => Array.isArray(value) && value.every(is);
