import { SaxesParser } from 'saxes';

export interface XmlElement {
  /** The name without its namespace prefix. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** All text directly in it, trimmed. */
  readonly text: string;
  readonly line: number;
  /** The beginning and the end of its content, in UTF-16 units; both at the element's end where it is a single tag. */
  readonly content: readonly [start: number, end: number];
  readonly children: readonly XmlElement[];
}

export class XmlError extends Error {
  constructor(
    readonly reason: string,
    readonly line: number,
    readonly column: number,
    /** `foreign`: it may well be XML, but of a kind that is not read here. */
    readonly kind: 'malformed' | 'foreign' = 'malformed',
  ) {
    super(`line ${line}, column ${column}: ${reason}`);
  }
}

type Growing = XmlElement & { text: string; content: readonly [number, number]; readonly children: XmlElement[] };

/** The root element of a text. @throws XmlError where it is not well-formed */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const open: Growing[] = [];
  let root: XmlElement | undefined;
  const append = (more: string): void => {
    const current = open.at(-1);
    if (current) current.text += more;
  };
  parser.on('error', ({ message }) => {
    // saxes puts the place before its words.
    const reason = message.replace(/^[\d:]+\s*/, '').replace(/\.$/, '');
    const foreign = foreignKind(reason, text);
    const place = [parser.line, parser.column + 1] as const;
    throw foreign === undefined ? new XmlError(reason, ...place) : new XmlError(foreign, ...place, 'foreign');
  });
  // A tag may go on for many lines.
  let line = 1;
  parser.on('opentagstart', () => {
    line = parser.line;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const local = name.slice(name.indexOf(':') + 1);
    const { position } = parser;
    const content = [position, position] as const;
    const element = { name: local, attributes: { ...attributes }, text: '', line, content, children: [] };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('text', append);
  parser.on('cdata', append);
  parser.on('closetag', () => {
    const element = open.pop();
    if (!element) return;
    element.text = element.text.trim();
    const [start] = element.content;
    if (parser.position > start) element.content = [start, text.lastIndexOf('<', parser.position - 1)];
  });
  parser.write(text).close();
  return root as XmlElement; // a text without any is an error of the parser's
}

/** What a text is that the parser does not read; undefined where it is no XML at all. */
function foreignKind(reason: string, text: string): string | undefined {
  if (reason === 'undefined entity') return 'it names an entity that is none of XML itself, and those are not followed';
  return isUtf16(text) ? 'it is UTF-16; only UTF-8 is read here' : undefined;
}

/** Whether XML of UTF-16 was read as UTF-8: then each character has an empty one beside it. */
export const isUtf16 = (text: string): boolean => /^[^<\0]{0,2}(?:<\0|\0<)/.test(text);

/** The children of an element that have a name, in the order of the text. */
export const childrenNamed = (wanted: string, { children }: XmlElement): XmlElement[] =>
  children.filter(({ name }) => name === wanted);

/** Every element of a name, at any depth, in the order of the text. */
export function elementsNamed(name: string, within: XmlElement): XmlElement[] {
  const found: XmlElement[] = [];
  // Not by recursion: somebody else's file may be nested deeper than a stack.
  for (const left = [within]; left.length > 0; ) {
    const element = left.pop() as XmlElement;
    if (element.name === name) found.push(element);
    left.push(...element.children.toReversed());
  }
  return found;
}

/** A text of which every byte is kept, as it can be parsed: a byte of another encoding stands for any one character. */
export const legible = (text: string): string => text.replaceAll(/\p{Cs}/gu, '\ufffd');
