import { evaluate, isTrue, TemplateError, type TemplateScope, textOf } from './expression.js';

/** What a template is rendered to. */
export interface Rendered {
  readonly text: string;
  /** The line of the template that a line of the text comes from; both count from 1. */
  lineOf(line: number): number;
}

/**
 * Renders a template of the products' (Jinja, as jinjava takes it), as far as they use the language: values, `if`, `for`,
 * `set` and comments. A value beyond that is left out, and so is a block that depends on one.
 * @param matters what no block that is left out may have in it
 * @throws TemplateError for such a block, and for a template that is none
 */
export function renderTemplate(template: string, scope: TemplateScope, matters: RegExp): Rendered {
  const output = new RenderedText();
  const end = new Renderer(piecesOf(template), output, matters).block(new Map(scope), true);
  if (end !== undefined) throw new TemplateError(`{% ${end} %} ends no block`);
  return { text: output.text, lineOf: (line) => output.lines[line - 1] ?? 1 };
}

class RenderedText {
  text = '';
  /** The line of the template for each line of the text. */
  readonly lines: number[] = [1];

  add(text: string, line: number, hasLines: boolean): void {
    if (this.text === '' || this.text.endsWith('\n')) this.lines[this.lines.length - 1] = line;
    this.text += text;
    const ends = text.split('\n').length - 1;
    for (let end = 1; end <= ends; end++) this.lines.push(hasLines ? line + end : line);
  }
}

interface Piece {
  readonly kind: 'text' | 'value' | 'tag';
  readonly text: string;
  readonly line: number;
}

const MARKED = /\{\{-?([\s\S]*?)-?\}\}|\{%-?([\s\S]*?)-?%\}|\{#[\s\S]*?#\}/g;

function piecesOf(template: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let line = 1;
  const text = (end: number): void => {
    if (end > at) pieces.push({ kind: 'text', text: template.slice(at, end), line });
    line += template.slice(at, end).split('\n').length - 1;
  };
  for (const { 0: whole, 1: value, 2: tag, index } of template.matchAll(MARKED)) {
    text(index);
    if (value !== undefined) pieces.push({ kind: 'value', text: value, line });
    if (tag !== undefined) pieces.push({ kind: 'tag', text: tag.trim(), line });
    line += whole.split('\n').length - 1;
    at = index + whole.length;
  }
  text(template.length);
  return pieces;
}

/** The scope of a block; a loop has one of its own. */
type OpenScope = Map<string, unknown>;

class Renderer {
  #at = 0;
  constructor(
    readonly pieces: readonly Piece[],
    readonly output: RenderedText,
    readonly matters: RegExp,
  ) {}

  /** Goes on to the tag that ends the block, and returns that; only looks where it is not to be written. */
  block(scope: OpenScope, isWritten: boolean): string | undefined {
    for (; this.#at < this.pieces.length; this.#at++) {
      const { kind, text, line } = this.pieces[this.#at] as Piece;
      if (kind === 'tag' && ENDS.test(text)) return text;
      if (kind === 'tag') atLine(line, () => this.#tag(text, scope, isWritten));
      else if (isWritten && kind === 'text') this.output.add(text, line, true);
      else if (isWritten) this.output.add(textOf(known(() => evaluate(text, scope))), line, false);
    }
    return undefined;
  }

  #tag(text: string, scope: OpenScope, isWritten: boolean): void {
    const [, name = '', rest = ''] = /^(\w+)\s*([\s\S]*)$/.exec(text) ?? [];
    if (name === 'if') this.#if(rest, scope, isWritten);
    else if (name === 'for') this.#for(rest, scope, isWritten);
    else if (name === 'set') this.#set(rest, scope, isWritten);
    else throw new TemplateError(`{% ${name} %} is more than is understood here`);
  }

  #if(condition: string, scope: OpenScope, isWritten: boolean): void {
    const start = this.#at;
    let isOpen = isWritten;
    let isSure = true;
    let next: string | undefined = condition;
    for (;;) {
      const test: string | undefined = next;
      const verdict = isOpen && (test === undefined || known(() => evaluate(test, scope), DOUBTFUL));
      isSure &&= verdict !== DOUBTFUL;
      const holds = isSure && isTrue(verdict);
      const end = this.#inner(scope, holds);
      isOpen &&= !holds;
      if (end === 'endif') break;
      next = /^elif\s+([\s\S]*)$/.exec(end)?.[1];
      if (next === undefined && end !== 'else') throw new TemplateError(`{% ${end} %} ends no {% if %}`);
    }
    this.#passOver(start, isSure);
  }

  #for(rest: string, scope: OpenScope, isWritten: boolean): void {
    const [, names = '', expression = ''] = /^([\w\s,]+?)\s+in\s+([\s\S]+)$/.exec(rest) ?? [];
    const walked = isWritten ? known(() => evaluate(expression, scope), DOUBTFUL) : [];
    const items = itemsOf(walked);
    const start = this.#at;
    for (const item of items) {
      this.#at = start;
      this.#inner(
        new Map([
          ...scope,
          ...named(
            names.split(',').map((name) => name.trim()),
            item,
          ),
        ]),
        true,
      );
    }
    this.#at = start;
    const end = this.#inner(scope, false);
    const last = end === 'else' ? this.#inner(scope, isWritten && items.length === 0 && walked !== DOUBTFUL) : end;
    if (last !== 'endfor') throw new TemplateError(`{% ${last} %} ends no {% for %}`);
    this.#passOver(start, walked !== DOUBTFUL);
  }

  /** Refuses to leave out a block, which ends here, that may have been written, and matters. */
  #passOver(start: number, isSure: boolean): void {
    if (isSure) return;
    const block = this.pieces.slice(start, this.#at);
    if (!block.some(({ kind, text }) => kind === 'text' && this.matters.test(text))) return;
    throw new TemplateError(`{% ${block[0]?.text} %} is more than is understood here`);
  }

  #set(rest: string, scope: OpenScope, isWritten: boolean): void {
    const [, name = '', expression = ''] = /^(\w+)\s*=\s*([\s\S]+)$/.exec(rest) ?? [];
    if (name === '') throw new TemplateError(`{% set ${rest} %} is more than is understood here`);
    if (isWritten)
      scope.set(
        name,
        known(() => evaluate(expression, scope)),
      );
  }

  /** The block behind the current tag; stands on the tag that ends it afterwards. */
  #inner(scope: OpenScope, isWritten: boolean): string {
    this.#at += 1;
    const end = this.block(scope, isWritten);
    if (end === undefined) throw new TemplateError('a block is not closed');
    return end;
  }
}

const ENDS = /^(?:endif|endfor|else|elif\b[\s\S]*)$/;

// Jinjava's ObjectIterator walks the values of a map.
const itemsOf = (value: unknown): readonly unknown[] =>
  value instanceof Map ? [...value.values()] : Array.isArray(value) ? value : [];

function named(names: readonly string[], item: unknown): [string, unknown][] {
  const [name = ''] = names;
  if (names.length === 1) return [[name, item]];
  const parts = Array.isArray(item) ? item : [];
  return names.map((one, index) => [one, parts[index]]);
}

/** Does some work on a tag, and has what is wrong with it tell where it begins: of several, the innermost. */
function atLine(line: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof TemplateError && error.line === undefined) throw new TemplateError(error.message, line);
    throw error;
  }
}

/** What stands for the value of an expression that is not understood where that makes a difference. */
const DOUBTFUL = Symbol('doubtful');

function known(value: () => unknown, otherwise?: unknown): unknown {
  try {
    return value();
  } catch (error) {
    if (error instanceof TemplateError) return otherwise;
    throw error;
  }
}
