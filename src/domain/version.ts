/** A product version as far as it decides anything: `[major, minor]`. */
export type Version = readonly [major: number, minor: number];

/** Reads `4.5.0`, `v4.4.0-alpha` or `3.2`; undefined where the text holds no such number. */
export function parseVersion(text: string): Version | undefined {
  const match = /(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

/** Negative, zero or positive, for sorting and comparing. */
export const compareVersions = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1];

/** Whether a library's version, of any number of parts, is at least another one's. */
export function isSince(version: string, other: string): boolean {
  const [own, least] = [version, other].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const differing = least.findIndex((part, index) => part !== (own[index] ?? 0));
  return differing < 0 || (own[differing] ?? 0) > (least[differing] as number);
}
