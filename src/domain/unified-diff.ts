/** A text's one change as `diff -U1` shows it; empty where there is none. Line ends stay as they are. */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const [old, made] = [linesOf(before), linesOf(after)];
  const shorter = Math.min(old.length, made.length);
  let start = 0;
  while (start < shorter && old[start] === made[start]) start++;
  let same = 0; // at the end
  while (same < shorter - start && old.at(-1 - same) === made.at(-1 - same)) same++;

  const first = Math.max(0, start - CONTEXT);
  const rest = Math.max(0, same - CONTEXT);
  const shown = (mark: string, lines: readonly string[]): string => lines.map((line) => marked(mark, line)).join('');
  return [
    `--- ${file}\n+++ ${file}\n`,
    `@@ -${place(first, old.length - rest - first)} +${place(first, made.length - rest - first)} @@\n`,
    shown(' ', old.slice(first, start)),
    shown('-', old.slice(start, old.length - same)),
    shown('+', made.slice(start, made.length - same)),
    shown(' ', old.slice(old.length - same, old.length - rest)),
  ].join('');
}

const CONTEXT = 1;

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Lines count from 1; no lines at all stand behind the one before. */
const place = (first: number, count: number): string => `${count === 0 ? first : first + 1},${count}`;

const marked = (mark: string, line: string): string =>
  line.endsWith('\n') ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`;
