import { stripColours } from '../domain/log.js';

/** Puts a growing text together again, line by line; what has no end yet waits for it. */
export class LineSplitter {
  #unfinished = '';

  /** The lines that a block completes, without their ends. */
  take(block: string): string[] {
    const lines = (this.#unfinished + block).split('\n');
    this.#unfinished = lines.pop() ?? '';
    return lines;
  }

  /** The text that was left without an end. */
  rest(): string[] {
    const rest = this.#unfinished;
    this.#unfinished = '';
    return rest === '' ? [] : [rest];
  }
}

// `TID: [-1234] [] [2026-11-22 07:50:59,443]` in the products' files, `[2026-11-22 07:50:59,443]` on their console.
const STAMP = /^(?:TID: \[[^\]]*\] \[[^\]]*\] )?\[(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)[.,]?(\d{3})?(Z)?/;

/** The time of a line, in milliseconds since 1970; undefined where it has none: it goes on from the one above. */
export function writtenAtMs(line: string): number | undefined {
  const found = STAMP.exec(stripColours(line));
  if (!found) return undefined;
  const [, date, time, fraction = '000', zone = ''] = found;
  return Date.parse(`${date}T${time}.${fraction}${zone}`);
}
