/** The looks of a diff. */
export interface DiffLooks {
  /** The number of lines that are shown before and behind a change; absent: 1. */
  readonly context?: number;
  /** A text as it may be shown, line for line. */
  mask?(text: string): string;
}

/** A text's changes as `diff -U1` shows them; empty where there is none. Line ends stay as they are. */
export function unifiedDiff(
  file: string,
  before: string,
  after: string,
  { context = 1, mask = (text) => text }: DiffLooks = {},
): string {
  if (before === after) return '';
  const changes = changesBetween(linesOf(before), linesOf(after));
  const shown = { old: linesOf(mask(before)), made: linesOf(mask(after)) };
  const hunks = nearOnes(changes, 2 * context).map((near) => hunk(near, shown, context));
  return [`--- ${file}\n+++ ${file}\n`, ...hunks].join('');
}

/** Lines of the old text that give way to lines of the new one: from the first number on, up to the second. */
interface ChangedLines {
  readonly old: readonly [number, number];
  readonly made: readonly [number, number];
}

function changesBetween(old: readonly string[], made: readonly string[]): ChangedLines[] {
  const shorter = Math.min(old.length, made.length);
  let start = 0;
  while (start < shorter && old[start] === made[start]) start++;
  let same = 0; // at the end
  while (same < shorter - start && old.at(-1 - same) === made.at(-1 - same)) same++;
  const [oldEnd, madeEnd] = [old.length - same, made.length - same];
  const kept =
    (oldEnd - start) * (madeEnd - start) > MOST_PAIRS
      ? []
      : keptLines(old.slice(start, oldEnd), made.slice(start, madeEnd));
  const ends = [...kept.map(([left, right]) => [left + start, right + start] as const), [oldEnd, madeEnd] as const];
  let [oldAt, madeAt] = [start, start];
  return ends.flatMap(([left, right]): ChangedLines[] => {
    const change = { old: [oldAt, left], made: [madeAt, right] } as const;
    [oldAt, madeAt] = [left + 1, right + 1];
    return change.old[0] < left || change.made[0] < right ? [change] : [];
  });
}

/** Beyond it, texts that differ in the middle are shown as different from the first change to the last. */
const MOST_PAIRS = 4_000_000;

/** The places of the most lines that both texts have in one order. */
function keptLines(old: readonly string[], made: readonly string[]): [number, number][] {
  const width = made.length + 1;
  const most = new Uint32Array((old.length + 1) * width); // of the lines from a pair of places on
  for (let left = old.length - 1; left >= 0; left--) {
    for (let right = made.length - 1; right >= 0; right--) {
      const [down, across] = [most[(left + 1) * width + right] ?? 0, most[left * width + right + 1] ?? 0];
      most[left * width + right] =
        old[left] === made[right] ? (most[(left + 1) * width + right + 1] ?? 0) + 1 : Math.max(down, across);
    }
  }
  const kept: [number, number][] = [];
  for (let left = 0, right = 0; left < old.length && right < made.length; ) {
    if (old[left] === made[right]) kept.push([left++, right++]);
    else if ((most[(left + 1) * width + right] ?? 0) >= (most[left * width + right + 1] ?? 0)) left++;
    else right++;
  }
  return kept;
}

/** Changes with at most so many lines between them, together. */
function nearOnes(changes: readonly ChangedLines[], gap: number): ChangedLines[][] {
  const groups: ChangedLines[][] = [];
  for (const change of changes) {
    const last = groups.at(-1)?.at(-1);
    if (last && change.old[0] - last.old[1] <= gap) groups.at(-1)?.push(change);
    else groups.push([change]);
  }
  return groups;
}

interface ShownLines {
  readonly old: readonly string[];
  readonly made: readonly string[];
}

function hunk(changes: readonly ChangedLines[], { old, made }: ShownLines, context: number): string {
  const [first, last] = [changes[0] as ChangedLines, changes.at(-1) as ChangedLines];
  const before = Math.min(context, first.old[0]);
  const behind = Math.min(context, old.length - last.old[1]);
  const [oldFrom, madeFrom] = [first.old[0] - before, first.made[0] - before];
  const counts = [last.old[1] + behind - oldFrom, last.made[1] + behind - madeFrom] as const;
  let at = oldFrom;
  const body = changes.map((change) => {
    const lines = [
      shown(' ', old.slice(at, change.old[0])),
      shown('-', old.slice(...change.old)),
      shown('+', made.slice(...change.made)),
    ];
    at = change.old[1];
    return lines.join('');
  });
  return [
    `@@ -${place(oldFrom, counts[0])} +${place(madeFrom, counts[1])} @@\n`,
    ...body,
    shown(' ', old.slice(at, at + behind)),
  ].join('');
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Lines count from 1; no lines at all stand behind the one before. */
const place = (first: number, count: number): string => `${count === 0 ? first : first + 1},${count}`;

const shown = (mark: string, lines: readonly string[]): string => lines.map((line) => marked(mark, line)).join('');

const marked = (mark: string, line: string): string =>
  line.endsWith('\n') ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`;
