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

/** The objection of a start script to a JDK. */
export interface JdkObjection {
  /** The sentence without its error mark: `CARBON is supported only between JDK 11 and JDK 21`. */
  readonly said: string;
  /** Whether the script ends with it; else it starts the server all the same. */
  readonly ends: boolean;
}

/**
 * Reads a start script's own check of the JDK (CK `wso2server.sh` and `.bat`, as PA and MI have it too).
 * @param version as the JDK tells it: `21.0.2`
 * @returns undefined where the script has no such check, or this JDK passes it
 */
export const jdkObjection = (script: string, version: string): JdkObjection | undefined =>
  shellObjection(script, version) ?? batchObjection(script, version);

/** The first two numbers of a version: 1.8.0_402 is 1 and 8, 25 is 25 and none. */
function leadingNumbers(version: string): readonly [number, number | undefined] | undefined {
  const [first, second] = /^(\d+)(?:\.(\d+))?/.exec(version)?.slice(1) ?? [];
  if (first === undefined) return undefined;
  return [Number(first), second === undefined ? undefined : Number(second)];
}

const SHELL_CHECK =
  /if \[ "?\$\{?\w+\}?"? -lt (\d+) \] \|\| \[ "?\$\{?\w+\}?"? -gt (\d+) \]; *then\r?\n(.*?)\n\s*fi\b/s;

/** `awk '{printf("%02d%02d",$1,$2)}'` makes 2100 of 21.0.2, and 0108 of 1.8. */
function shellObjection(script: string, version: string): JdkObjection | undefined {
  const [lowest, highest, body] = SHELL_CHECK.exec(script)?.slice(1) ?? [];
  const [first, second = 0] = leadingNumbers(version) ?? [];
  if (body === undefined || first === undefined) return undefined;
  return objection(first * 100 + second, { lowest, highest }, body, /^\s*exit\b/m);
}

/** `java -fullversion`, cut at its dots, makes 210 of 21.0.2, and 18 of 1.8. */
function batchObjection(script: string, version: string): JdkObjection | undefined {
  const [, lowest, label] = /if %JAVA_VERSION% LSS (\d+) goto (\w+)/i.exec(script) ?? [];
  const highest = /if %JAVA_VERSION% GTR (\d+) goto/i.exec(script)?.[1];
  const [first, second] = leadingNumbers(version) ?? [];
  if (label === undefined || second === undefined) return undefined;
  const body = new RegExp(`^:${label}\\r?\\n(.*?)(?:^:|$(?![\\s\\S]))`, 'ims').exec(script)?.[1] ?? '';
  return objection(Number(`${first}${second}`), { lowest, highest }, body, /^\s*goto end\b/im);
}

function objection(
  number: number,
  { lowest, highest }: { readonly lowest: string | undefined; readonly highest: string | undefined },
  body: string,
  end: RegExp,
): JdkObjection | undefined {
  if (number >= Number(lowest) && number <= Number(highest ?? number)) return undefined;
  const said = /\[ERROR\] *(.*?)"?\s*$/m.exec(body)?.[1];
  return said === undefined ? undefined : { said, ends: end.test(body) };
}

/** The vendor in the text of a JDK's `release` file. */
export const vendorInRelease = (text: string): string | undefined => /^IMPLEMENTOR="?([^"\r\n]+)"?/m.exec(text)?.[1];

/** A JDK as far as its files tell. */
export interface DescribedJdk {
  readonly home: string;
  /** `17.0.9`, `1.8.0_402`; null where it can't be told. */
  readonly version: string | null;
  readonly vendor: string | null;
}

/** The newest of some JDKs that pass a check; undefined where none does. */
export const newestJdk = <Jdk extends DescribedJdk>(
  jdks: readonly Jdk[],
  passes: (version: string) => boolean,
): Jdk | undefined =>
  jdks
    .filter(({ version }) => version !== null && passes(version))
    .reduce<Jdk | undefined>((best, jdk) => (best && compareVersions(best, jdk) >= 0 ? best : jdk), undefined);

function compareVersions(one: DescribedJdk, other: DescribedJdk): number {
  const [left, right] = [one, other].map(({ version }) => numbersIn(version ?? ''));
  const length = Math.max(left?.length ?? 0, right?.length ?? 0);
  const differences = Array.from({ length }, (_, index) => (left?.[index] ?? 0) - (right?.[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** `1.8.0_402` is 8.0.402, and so older than 11; what an early access adds (`22-ea`) is no number of the version. */
const numbersIn = (version: string): number[] => (version.replace(/^1\./, '').match(/\d+/g) ?? []).map(Number);
