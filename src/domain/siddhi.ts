/** An annotation of a Siddhi application: `@source(type = 'http', receiver.url = '…', @map(…))`. */
export interface Annotation {
  /** In lower case, as Siddhi compares it: `source`, `app:name`. */
  readonly name: string;
  /** Its elements by their names, one without a name under `value`. */
  readonly elements: Readonly<Record<string, string>>;
  readonly line: number;
}

/**
 * The outer annotations of a Siddhi application, whose `${NAME}` have been filled in. By SiddhiQL.g4 of siddhi-io/siddhi,
 * as far as annotations go: what else is there is passed over.
 */
export function annotationsIn(text: string): Annotation[] {
  const tokens = tokensIn(text);
  const found: Annotation[] = [];
  for (let at = 0; at < tokens.length; ) {
    if (tokens[at]?.text !== '@') {
      at++;
      continue;
    }
    const { annotation, next } = annotationAt(tokens, at);
    found.push(annotation);
    at = next;
  }
  return found;
}

interface Token {
  readonly text: string;
  /** The content, of a text in quotes. */
  readonly quoted?: string;
  readonly line: number;
}

const TOKEN =
  /"""(?<long>[\s\S]*?)"""|"(?<double>[^"\n\r]*)"|'(?<single>[^'"\n\r]*)'|(?<comment>--[^\n\r]*|\/\*[\s\S]*?(?:\*\/|$))|(?<space>\s+)|(?:(?!--)[\w.:-])+|[\s\S]/g;

function tokensIn(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const { 0: whole, groups = {} } of text.matchAll(TOKEN)) {
    const quoted = groups['long'] ?? groups['double'] ?? groups['single'];
    if (groups['comment'] === undefined && groups['space'] === undefined)
      tokens.push({ text: whole, line, ...(quoted !== undefined && { quoted }) });
    line += whole.split('\n').length - 1;
  }
  return tokens;
}

/** Reads the annotation whose `@` stands at an index; those within it are passed over. */
function annotationAt(tokens: readonly Token[], at: number): { annotation: Annotation; next: number } {
  const elements: Record<string, string> = {};
  const annotation = { name: (tokens[at + 1]?.text ?? '').toLowerCase(), elements, line: tokens[at]?.line ?? 0 };
  if (tokens[at + 2]?.text !== '(') return { annotation, next: at + 2 };
  let depth = 0;
  let name: string | undefined;
  for (let index = at + 2; index < tokens.length; index++) {
    const { text, quoted } = tokens[index] as Token;
    if (quoted === undefined && text === '(') depth++;
    else if (quoted === undefined && text === ')') depth--;
    if (depth === 0) return { annotation, next: index + 1 };
    if (depth > 1) continue;
    const isName = tokens[index + 1]?.text === '=' && tokens[index + 1]?.quoted === undefined;
    if (isName) name = quoted ?? text;
    else if (quoted !== undefined) {
      elements[name ?? 'value'] = quoted;
      name = undefined;
    }
  }
  return { annotation, next: tokens.length };
}

const VARIABLE = /\$\{(\w+)\}/g;

/** A text that refers to something that nothing says. */
export interface Unfilled {
  readonly name: string;
  readonly line: number;
}

/** Fills in `${NAME}`, anywhere in a text. siddhi-io/siddhi SiddhiCompiler.updateVariables. */
export function filledIn(text: string, meaningOf: (name: string) => string | undefined): string | Unfilled {
  let missing: Unfilled | undefined;
  const filled = text.replace(VARIABLE, (whole, name: string, index: number) => {
    const value = meaningOf(name);
    if (value === undefined) missing ??= { name, line: text.slice(0, index).split('\n').length };
    return value ?? whole;
  });
  return missing ?? filled;
}
