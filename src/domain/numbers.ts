/** A plain decimal integer (`-5`, `0`, `12`); undefined for anything else, `1e2`, `0x10`, `1.5` and `` among it. */
export function parseInteger(text: string): number | undefined {
  if (!/^-?\d{1,9}$/.test(text)) return undefined;
  const value = Number(text);
  return Object.is(value, -0) ? 0 : value;
}

/** An integer as Java reads it (`Integer.parseInt`): also `+3`, `007` and `٣`; undefined for anything else. */
export function parseJavaInteger(text: string): number | undefined {
  if (!/^[-+]?\p{Nd}+$/u.test(text)) return undefined;
  const value = Number(text.replaceAll(/\p{Nd}/gu, digitOf));
  if (value < -(2 ** 31) || value >= 2 ** 31) return undefined;
  return Object.is(value, -0) ? 0 : value;
}

/** Each script's digits stand together, in tens. */
function digitOf(sign: string): string {
  const isDigit = (code: number): boolean => /\p{Nd}/u.test(String.fromCodePoint(code));
  const code = sign.codePointAt(0) as number;
  let first = code;
  while (isDigit(first - 1)) first -= 1;
  return String((code - first) % 10);
}

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** A duration with its unit (`500ms`, `30s`, `5m`, `1h`), in milliseconds; undefined for anything else. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(text);
  if (!match) return undefined;
  const value = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  return value <= LONGEST_TIMER_MS ? value : undefined;
}

/** A timer beyond 2^31-1 ms fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds for people: `58.4 s`, `3 m 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}
