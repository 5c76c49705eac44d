/** A version as far as it decides anything: of a product `[major, minor]`, of a kernel the patch as well. */
export type Version = readonly [major: number, minor: number, patch?: number];

/** Reads `4.5.0`, `v4.4.0-alpha` or `3.2`; undefined where the text holds no such number. */
export function parseVersion(text: string): Version | undefined {
  const [major, minor, patch] = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text)?.slice(1) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return patch === undefined ? [Number(major), Number(minor)] : [Number(major), Number(minor), Number(patch)];
}

/** Negative, zero or positive, for sorting and comparing; the patch counts where both name one. */
export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || (a[2] ?? b[2] ?? 0) - (b[2] ?? a[2] ?? 0);
}

/** Whether a library's version, of any number of parts, is at least another one's. */
export function isSince(version: string, other: string): boolean {
  const [own, least] = [version, other].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const differing = least.findIndex((part, index) => part !== (own[index] ?? 0));
  return differing < 0 || (own[differing] ?? 0) > (least[differing] as number);
}
