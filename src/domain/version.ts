/** A product version as far as it decides anything: `[major, minor]`. */
export type Version = readonly [major: number, minor: number];

/** Reads `4.5.0`, `v4.4.0-alpha` or `3.2`; undefined where the text holds no such number. */
export function parseVersion(text: string): Version | undefined {
  const match = /(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

/** Negative, zero or positive, for sorting and comparing. */
export const compareVersions = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1];
