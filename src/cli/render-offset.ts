import { basename } from 'node:path';
import type { OffsetChange, OffsetReading } from '../api/internal/offset.js';
import { inWords, type Words } from '../domain/words.js';

/** `3 (deployment.toml:12)`, and a line on what the file says where that does not count. */
export function offsetText(reading: OffsetReading): Words {
  const overruled = overruledText(reading);
  return inWords`${reading.offset} (${sourceText(reading)})\n${overruled === undefined ? '' : inWords`${overruled}\n`}`;
}

function sourceText({ source, path, isMissing, written }: OffsetReading): string {
  const file = basename(path);
  if (source === 'default') return `default: ${file} ${isMissing ? 'is missing' : `sets ${written?.text ?? 'none'}`}`;
  const isIndirect = written?.integer === undefined && source === `${file}:${written?.line}`;
  return isIndirect ? `${source}: ${written?.text}` : source;
}

/** Why the offset in the file is not the one of a start; undefined where it is. */
export function overruledText({ path, written, offset, source }: OffsetReading): string | undefined {
  const file = basename(path);
  const place = `${file}:${written?.line}`;
  if (!written || source === place || source === 'default') return undefined;
  const isProperty = !source.startsWith(`${file}:`) && !/\.j2:\d+$/.test(source) && !path.endsWith('.yaml');
  const winner = isProperty ? `portOffset in ${source}` : source;
  return `${place} sets ${written.text}, but ${winner} beats it: a start uses ${offset}.`;
}

/** A change in words, in one line. */
export function changeText({ path, before, after, from, to }: OffsetChange): Words {
  if (before === after) {
    const present = from === undefined ? 'it sets no offset' : `its offset is ${from.text} already`;
    return inWords`${path}: nothing to change, ${present}`;
  }
  const ports = changedLines(before, after) - 1;
  const more = ports > 0 ? `, and the ports of ${ports} listener${ports === 1 ? '' : 's'} that don't add it` : '';
  const change = `${from?.text ?? 'not set'} → ${to?.text ?? 'not set'}`;
  return inWords`${path}, line ${(to ?? from)?.line}: offset ${change}${more}`;
}

/** The number of changed lines where lines were only replaced, else 1. */
function changedLines(before: string, after: string): number {
  const made = after.split('\n');
  const old = before.split('\n');
  return old.length === made.length ? made.filter((line, index) => line !== old[index]).length : 1;
}
