import { SaxesParser } from 'saxes';
import { type MaskedConfiguration, NAMED, NAMING, SettingMask } from './setting.js';

/** A text of XML without its secrets and its comments. @throws Error where it is not well-formed */
export function maskedXml(text: string): MaskedConfiguration {
  const mask = new SettingMask();
  const parser = new SaxesParser();
  const written: string[] = [];
  const open: OpenElement[] = [];
  const write = (text: string): void => {
    written.push(text.trim() === '' ? text : escaped(shownWithin(pathIn(open, text.trim()), text, mask)));
  };
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes, isSelfClosing }) => {
    const entries = Object.entries(attributes as Record<string, string>);
    const naming = entries.find(([key]) => NAMING.test(key))?.[1];
    const named = naming === undefined ? [] : [naming];
    const shown = entries.map(([key, value]) => {
      const path = NAMED.test(key) ? [local(name), ...named, key, ...named] : [local(key)];
      return ` ${key}="${escaped(mask.shown(path, value))}"`;
    });
    open.push({ name: local(name), named });
    written.push(`<${name}${shown.join('')}${isSelfClosing ? '/' : ''}>`);
  });
  parser.on('closetag', ({ name, isSelfClosing }) => {
    open.pop();
    if (!isSelfClosing) written.push(`</${name}>`);
  });
  parser.on('text', write);
  parser.on('cdata', write);
  parser.write(text).close();
  return { text: `${written.join('').trim()}\n`, secrets: mask.secrets };
}

interface OpenElement {
  readonly name: string;
  /** The name that an attribute gives it, if any. */
  readonly named: readonly string[];
  /** The name that one of its elements gives to the one beside that. */
  naming?: string;
}

/** `<param-name>password</param-name>`, with `<param-value>` beside it. */
const NAMING_ELEMENT = /(?:^|[-_.])(?:name|key)$/i;
const NAMED_ELEMENT = /(?:^|[-_.])value$/i;

/** The path of a text in the innermost element. */
function pathIn(open: readonly OpenElement[], text: string): string[] {
  const path = open.flatMap(({ name, named }) => [name, ...named]);
  const [within, own] = open.slice(-2);
  if (!within || !own) return path;
  if (NAMING_ELEMENT.test(own.name)) within.naming = text;
  return NAMED_ELEMENT.test(own.name) && within.naming !== undefined ? [...path, within.naming] : path;
}

/** The blanks round a text are no part of it. */
function shownWithin(path: readonly string[], text: string, mask: SettingMask): string {
  const value = text.trim();
  const start = text.indexOf(value);
  return `${text.slice(0, start)}${mask.shown(path, value)}${text.slice(start + value.length)}`;
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
