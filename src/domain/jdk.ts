/**
 * The feature release in a Java version text: 8 for `1.8.0_402`, 21 for `21.0.2`;
 * undefined where it holds none.
 */
export function javaFeature(version: string): number | undefined {
  const match = /^(\d+)(?:\.(\d+))?/.exec(version);
  if (!match) return undefined;
  const major = Number(match[1]);
  return major === 1 && match[2] !== undefined ? Number(match[2]) : major;
}

/** The version in the text of a JDK's `release` file. */
export const versionInRelease = (text: string): string | undefined => /^JAVA_VERSION="?([^"\r\n]+)"?/m.exec(text)?.[1];

/** The version in what `java -version` prints. */
export const versionInOutput = (text: string): string | undefined => /version "([^"]+)"/.exec(text)?.[1];
