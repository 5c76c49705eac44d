/** A text's changes as `diff -U1` shows them; empty where there is none. Line ends stay as they are. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const [old, made] = [linesOf(before), linesOf(after)];
  const hunks = changesBetween(old, made).map((change) => hunk(change, old));
  return [`--- ${file}\n+++ ${file}\n`, ...hunks].join('');
}

/** Lines from `start` on that give way: up to `oldEnd` in the old text, and to `madeEnd` in the new one. */
interface ChangedLines {
  readonly start: number;
  readonly oldEnd: number;
  readonly madeEnd: number;
  /** The changed lines as the diff shows them. */
  readonly lines: string;
}

const CONTEXT = 1;

/** Replaced lines are told apart; where lines are added or removed, all of it is one change. */
function changesBetween(old: readonly string[], made: readonly string[]): ChangedLines[] {
  if (old.length !== made.length) return [wholeChange(old, made)];
  const changes: ChangedLines[] = [];
  for (const [index, line] of old.entries()) {
    if (line === made[index]) continue;
    const last = changes.at(-1);
    const isNear = last !== undefined && index - last.oldEnd <= 2 * CONTEXT;
    if (isNear) changes.pop();
    const before = isNear ? last.lines + shown(' ', old.slice(last.oldEnd, index)) : '';
    const lines = before + shown('-', [line]) + shown('+', [made[index] as string]);
    changes.push({ start: isNear ? last.start : index, oldEnd: index + 1, madeEnd: index + 1, lines });
  }
  return changes;
}

function wholeChange(old: readonly string[], made: readonly string[]): ChangedLines {
  const shorter = Math.min(old.length, made.length);
  let start = 0;
  while (start < shorter && old[start] === made[start]) start++;
  let same = 0; // at the end
  while (same < shorter - start && old.at(-1 - same) === made.at(-1 - same)) same++;
  const [oldEnd, madeEnd] = [old.length - same, made.length - same];
  return {
    start,
    oldEnd,
    madeEnd,
    lines: shown('-', old.slice(start, oldEnd)) + shown('+', made.slice(start, madeEnd)),
  };
}

function hunk({ start, oldEnd, madeEnd, lines }: ChangedLines, old: readonly string[]): string {
  const first = Math.max(0, start - CONTEXT);
  const behind = Math.min(CONTEXT, old.length - oldEnd);
  return [
    `@@ -${place(first, oldEnd + behind - first)} +${place(first, madeEnd + behind - first)} @@\n`,
    shown(' ', old.slice(first, start)),
    lines,
    shown(' ', old.slice(oldEnd, oldEnd + behind)),
  ].join('');
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Lines count from 1; no lines at all stand behind the one before. */
const place = (first: number, count: number): string => `${count === 0 ? first : first + 1},${count}`;

const shown = (mark: string, lines: readonly string[]): string => lines.map((line) => marked(mark, line)).join('');

const marked = (mark: string, line: string): string =>
  line.endsWith('\n') ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`;
