import type { Failure } from '../failure.js';
import { shownValue } from '../secrets.js';
import type { TomlError } from './error.js';
import { KeyError, NoTable, ReopenedTable } from './tables.js';

/** The failure that a refused text is, with the line that is to blame. */
export function refusalOf(
  error: TomlError,
  text: string,
  file: string,
): Failure & { readonly kind: 'unusable-configuration' } {
  const { what, hint = MEND } = error instanceof KeyError ? aboutKey(error, text) : aboutLine(error, text);
  const { line, column } = placeOf(error.at, text);
  const place = error instanceof KeyError ? `line ${line}` : `line ${line}, column ${column}`;
  return { kind: 'unusable-configuration', what: `${file}, ${place}: ${what}.`, hint };
}

const MEND = 'The server would end with this file; mend that line.';

interface WhatAndHint {
  readonly what: string;
  readonly hint?: string | undefined;
}

const aboutLine = ({ at, reason, hint }: TomlError, text: string): WhatAndHint => ({
  what: `the server's parser refuses ${shownLine(at, text)}: ${printable(reason)}`,
  ...(hint !== undefined && { hint: `The server would end with this file. ${hint}` }),
});

function aboutKey({ at, key, firstAt, constructor: kind }: KeyError, text: string): WhatAndHint {
  const name = key.map((part) => (/^[\w-]+$/.test(part) ? part : `'${part}'`)).join('.');
  const { line } = placeOf(firstAt, text);
  const isHeader = text[firstAt] === '[';
  const first = `line ${line} (${shownLine(firstAt, text)})`;
  if (kind === NoTable) {
    const what = `${name} is no table: ${first} sets it already, and ${shownLine(at, text)} would put something into it`;
    return { what, hint: `${END}; give one of them another name.` };
  }
  if (kind === ReopenedTable) {
    const what = `[${name}] stands below a part of it, ${first}, which the server's parser does not survive`;
    const hint = isHeader
      ? `Move [${name}], with its lines, above line ${line}.`
      : `Write its keys in one way: all with dots, as on line ${line}, or all below [${name}].`;
    return { what, hint };
  }
  return text[at] === '['
    ? { what: `${shownLine(at, text)} sets ${name} a second time, after ${first}`, hint: ONE_PLACE }
    : {
        what: `${shownLine(at, text)} sets ${name} a second time, after ${first}`,
        hint: `${END}; keep only one of them.`,
      };
}

const END = 'The server would end with this file';
const ONE_PLACE = `${END}; put the keys of both places together, below one of the two headers.`;

function placeOf(at: number, text: string): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}

/** The line of a place, in quotes, without what is secret in it. */
function shownLine(at: number, text: string): string {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at);
  const line = text.slice(start, end < 0 ? undefined : end).trim();
  const shown = line.startsWith('[') ? line : withoutSecret(line, sectionAbove(text.slice(0, start)));
  return `"${printable(shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown)}"`;
}

const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd');

const LONGEST = 100;

const sectionAbove = (text: string): string => text.match(/^[ \t]*\[[^\n]*/gm)?.at(-1) ?? '';

function withoutSecret(line: string, section: string): string {
  const [, key = line, sign = '', value = line] = /^([^=]*?)(\s*=\s*)(.*)$/s.exec(line) ?? [];
  const bare = value.replace(/^["']+/, '');
  // The names of an inline table's keys stand in the value.
  const isShown = [shownValue(`${section}.${key}`, bare), shownValue(value, bare)].every((shown) => shown === bare);
  return isShown ? line : sign === '' ? '***' : `${key}${sign}***`;
}
