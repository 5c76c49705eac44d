import {
  GIVEN_ARGUMENTS,
  GIVEN_JAVA_OPTS,
  type JavaLine,
  javaLineOf,
  type ScriptSurroundings,
  type ScriptWord,
  type StartScript,
} from './java-line.js';
import { type ShellPart, type ShellToken, shellTokens } from './shell.js';

/**
 * Reads a script of the POSIX shell without running it. Only what is done in any case counts: an assignment behind a
 * condition, or within one, leaves its variable as it was.
 */
export function readShellScript(text: string, file: string, surroundings: ScriptSurroundings): StartScript {
  const reader = new ShellReader(surroundings);
  reader.read(text, file, 0);
  return { java: reader.java, exports: reader.exports };
}

/** Files that take in files. */
const MOST_DEPTH = 3;

class ShellReader {
  java: JavaLine | undefined;
  readonly #assigned = new Map<string, ShellValue>();
  readonly #exported = new Set<string>();
  #exportsAll = false;

  constructor(readonly surroundings: ScriptSurroundings) {}

  get exports(): ReadonlyMap<string, string | undefined> {
    return new Map(
      [...this.#exported].map((name) => {
        const value = this.#assigned.get(name);
        return [name, value && !value.isOpen ? value.text : undefined];
      }),
    );
  }

  read(text: string, file: string, depth: number): void {
    let nesting = 0;
    for (const { words, isConditional } of commandsIn(shellTokens(text))) {
      const [first = ''] = words.map(plainText);
      nesting += nestingOf(first);
      const command = words.slice(words.findIndex((word) => !LEADING.includes(plainText(word))));
      this.#obey(command, { file, depth, isCertain: nesting <= 0 && !isConditional });
    }
  }

  #obey(words: readonly Word[], { file, depth, isCertain }: Place): void {
    const [first, second] = words;
    const name = first === undefined ? '' : plainText(first);
    if ((name === '.' || name === 'source') && second) {
      const found = depth < MOST_DEPTH ? this.surroundings.sourced(this.#value(second).text) : undefined;
      if (found) this.read(found.text, found.name, depth + 1);
      return;
    }
    if (name === 'set') {
      if (second) this.#exportsAll = plainText(second) === '-a' || (this.#exportsAll && plainText(second) !== '+a');
      return;
    }
    if (name === 'export') {
      for (const word of words.slice(1)) this.#exported.add(this.#assign(word, isCertain) ?? plainText(word));
      return;
    }
    const assignments = words.findIndex((word) => assignmentIn(word) === undefined);
    if (assignments !== 0) for (const word of words) this.#assign(word, isCertain);
    if (assignments > 0)
      for (const word of words.slice(0, assignments)) this.#exported.add(assignmentIn(word) as string);
    const line = javaLineOf(words.slice(Math.max(assignments, 0)).flatMap((word) => this.#expand(word, file)));
    if (line) this.java = line;
  }

  /** The name of what a word assigns; undefined where it is no assignment. */
  #assign(word: Word, isCertain: boolean): string | undefined {
    const name = assignmentIn(word);
    if (name === undefined) return undefined;
    const [first, ...rest] = word.parts;
    const text = (first as { readonly text: string }).text.slice(name.length + 1);
    const value = this.#value({ ...word, parts: [{ kind: 'text', text }, ...rest] });
    if (this.#exportsAll) this.#exported.add(name);
    if (isCertain) this.#assigned.set(name, value);
    else if (!this.#isKnown(name)) this.#assigned.set(name, { text: `$${name}`, isOpen: true });
    return name;
  }

  #isKnown(name: string): boolean {
    return this.#assigned.has(name) || this.surroundings.variable(name) !== undefined || name === 'JAVA_OPTS';
  }

  #expand(word: Word, file: string): ScriptWord[] {
    const fields: ShellValue[] = [{ text: '' }];
    let isEmpty = true;
    for (const part of word.parts) {
      const { text, isOpen } = this.#partValue(part);
      const pieces = part.kind === 'variable' && !part.isQuoted ? text.split(/\s+/) : [text];
      isEmpty &&= part.kind === 'variable' && !part.isQuoted && text.trim() === '';
      const [head = '', ...more] = pieces;
      const last = fields.pop() as ShellValue;
      fields.push(joined(last, { text: head, ...(isOpen && { isOpen }) }));
      fields.push(...more.map((piece): ShellValue => ({ text: piece, ...(isOpen && { isOpen }) })));
    }
    const source = `${file}:${word.line}`;
    return isEmpty && word.parts.length > 0
      ? []
      : fields.filter(({ text }) => text !== '').map((field) => ({ ...field, source }));
  }

  #value({ parts }: Word): ShellValue {
    return parts.map((part) => this.#partValue(part)).reduce(joined, { text: '' });
  }

  #partValue(part: ShellPart): ShellValue {
    if (part.kind === 'text') return { text: part.text };
    if (part.kind === 'open') return { text: part.text, isOpen: true };
    if (part.name === '*' || part.name === '@') return { text: GIVEN_ARGUMENTS };
    const assigned = this.#assigned.get(part.name);
    if (assigned) return assigned;
    if (part.name === 'JAVA_OPTS') return { text: GIVEN_JAVA_OPTS };
    const text = this.surroundings.variable(part.name) ?? part.otherwise;
    return text === undefined ? { text: '' } : { text };
  }
}

interface Place {
  readonly file: string;
  readonly depth: number;
  /** Whether it is done whatever happens. */
  readonly isCertain: boolean;
}

interface ShellValue {
  readonly text: string;
  /** Present where a part of it is only known once the script runs. */
  readonly isOpen?: true;
}

const joined = (one: ShellValue, other: ShellValue): ShellValue => ({
  text: one.text + other.text,
  ...((one.isOpen || other.isOpen) && { isOpen: true }),
});

type Word = Extract<ShellToken, { readonly kind: 'word' }>;

interface ShellCommand {
  readonly words: readonly Word[];
  /** Whether it is only run if the one before it went well, or did not. */
  readonly isConditional: boolean;
}

function commandsIn(tokens: readonly ShellToken[]): ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: Word[] = [];
  let isConditional = false;
  for (const token of [...tokens, { kind: 'end', sign: '\n' } as const]) {
    if (token.kind === 'word') {
      words.push(token);
      continue;
    }
    if (words.length > 0) commands.push({ words, isConditional });
    isConditional =
      token.sign === '&&' || token.sign === '||' || (token.sign === '\n' && words.length === 0 && isConditional);
    words = [];
  }
  return commands;
}

/** Words behind which a command begins. */
const LEADING = ['then', 'else', 'do', '{', 'exec', 'nohup', 'if', 'elif', 'while', 'until', '!'];

const OPENING = ['if', 'case', 'while', 'until', 'for', 'select', '{'];
const CLOSING = ['fi', 'esac', 'done', '}'];

const nestingOf = (word: string): number => (OPENING.includes(word) ? 1 : CLOSING.includes(word) ? -1 : 0);

const plainText = ({ parts }: Word): string =>
  parts.map((part) => (part.kind === 'variable' ? `$${part.name}` : part.text)).join('');

const assignmentIn = ({ parts: [first] }: Word): string | undefined =>
  first?.kind === 'text' ? /^([A-Za-z_]\w*)=/.exec(first.text)?.[1] : undefined;
