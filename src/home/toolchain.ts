import { basename, dirname, join, resolve } from 'node:path';
import type { Environment } from '../domain/command.js';
import type { VersionRow } from '../domain/facts.js';
import { LaunchError } from '../domain/failure.js';
import { javaFeature, jdkObjection, newestJdk, versionInOutput, versionInRelease } from '../domain/jdk.js';
import { versionWords } from '../domain/product.js';
import { type Mention, mention, mentioning, type Text } from '../domain/text.js';
import { nodeSystem, type System } from '../system/index.js';
import { readIfPossible } from './config-files.js';
import type { InspectedHome } from './inspect.js';
import { findJdks } from './jdks.js';
import type { HomeReading } from './locate.js';
import { checkRendered } from './rendering.js';
import type { StartRequest } from './request.js';
import { checkWriting } from './writing.js';

/** The script and the JDK that a launch would use. */
export interface Toolchain {
  readonly script: string;
  readonly javaHome: string;
  readonly warnings: readonly string[];
}

/**
 * Checks what a start needs besides the home's configuration.
 * @throws LaunchError `unusable-configuration`, `unusable-home`, `unusable-script` or `unusable-jdk`, or the signal's reason
 */
export async function inspectToolchain(
  inspection: InspectedHome,
  request: Pick<StartRequest, 'java' | 'javaHome' | 'script' | 'followsOffset' | 'changes'>,
  signal: AbortSignal,
  system: JdkReading = nodeSystem,
): Promise<Toolchain> {
  checkRendered(inspection, system);
  const unwritten = checkWriting(inspection, request, system);
  const script = findScript(inspection, system);
  const jdk = await inspectJdk(inspection, request, signal, system);
  signal.throwIfAborted();
  return { script, javaHome: jdk.javaHome, warnings: [...unwritten, ...jdk.warnings] };
}

/** The start script that a launch would run. @throws LaunchError `unusable-script` */
export function findScript(
  { startScript: script, facts, ...known }: Pick<InspectedHome, 'startScript' | 'facts' | 'version' | 'kernel'>,
  system: HomeReading = nodeSystem,
): string {
  const unusable = (what: string, hint: string): LaunchError =>
    new LaunchError({ kind: 'unusable-script', what, hint });
  if (!system.files.isFile(script)) {
    throw unusable(
      `${script} is missing: it is the start script of ${facts.title}${versionWords(known)}.`,
      'Unpack the product again, or name another home.',
    );
  }
  if (!system.files.isExecutable(script)) {
    throw unusable(`${script} has no run bit.`, `Run: chmod +x '${script}'`);
  }
  return script;
}

type JdkReading = HomeReading & Pick<System, 'spawning' | 'userFolder'>;

/** The JDK that a launch would use. @throws LaunchError `unusable-jdk` */
export async function inspectJdk(
  inspection: JdkSubject,
  request: Pick<StartRequest, 'java' | 'javaHome'>,
  signal: AbortSignal,
  system: JdkReading = nodeSystem,
): Promise<Omit<Toolchain, 'script'>> {
  const { java } = request;
  const javaHome = java
    ? await findRelease(java, signal, system)
    : checkJavaHome(await namedOrFound(inspection, request, signal, system), system);
  const warning = await checkJdk(inspection, javaHome, signal, system);
  return { javaHome, warnings: warning ? [warning] : [] };
}

type JdkSubject = Pick<InspectedHome, 'facts' | 'row' | 'version' | 'kernel' | 'isKnown' | 'startScript'>;

const unusableJdk = (what: Text, hint: Text): LaunchError => new LaunchError({ kind: 'unusable-jdk', what, hint });

/** The newest JDK of a feature release. @throws LaunchError `unusable-jdk` */
async function findRelease(
  { feature, by }: NonNullable<StartRequest['java']>,
  signal: AbortSignal,
  system: JdkReading,
): Promise<string> {
  const jdks = await findJdks(signal, system);
  const found = newestJdk(
    jdks.filter(({ home }) => system.host.canCallJdkAt(home)),
    (version) => javaFeature(version) === feature,
  );
  if (found) return found.home;
  const others = jdks.map(({ home, version }) => `${version ?? 'unknown'} (${home})`).join(', ');
  throw unusableJdk(
    mentioning`No JDK ${feature} (from ${by}) was found; there ${others ? `is ${others}` : 'is none at all'}.`,
    mentioning`Install one, or name its folder with ${mention.option('javaHome')}.`,
  );
}

interface NamedJdk {
  readonly path: string;
  readonly by: Mention | string;
}

async function namedOrFound(
  subject: JdkSubject,
  { javaHome }: Pick<StartRequest, 'javaHome'>,
  signal: AbortSignal,
  system: JdkReading,
): Promise<NamedJdk> {
  const found = javaHome ?? fromEnvironment(system.env) ?? fromPath(system);
  if (found) return found;
  throw unusableJdk(
    'No JDK was found: JAVA_HOME is not set, and no java is on PATH.',
    (await fittingJdk(subject, signal, system)) ??
      mentioning`Name one with ${mention.option('javaHome')}, or set JAVA_HOME.`,
  );
}

/** The absolute path of a JDK that was named. @throws LaunchError `unusable-jdk` where the script can't call it */
function checkJavaHome(named: NamedJdk, system: HomeReading): string {
  const path = resolve(system.currentFolder() ?? '/', named.path);
  const java = join(path, 'bin', system.host.javaProgram);
  if (!system.files.isExecutable(java)) {
    throw unusableJdk(
      mentioning`${path} (from ${named.by}) is not a JDK: it has no program bin/java.`,
      'Name the folder that holds bin/java.',
    );
  }
  if (!system.host.canCallJdkAt(path)) {
    throw unusableJdk(
      `The JDK's path ${path} holds a space or a glob character, which the start scripts can't carry: they call it unquoted.`,
      mentioning`Make a link to it with a plain name, and give that with ${mention.option('javaHome')}.`,
    );
  }
  return path;
}

const fromEnvironment = (env: Environment): NamedJdk | undefined =>
  env['JAVA_HOME'] ? { path: env['JAVA_HOME'], by: 'JAVA_HOME' } : undefined;

function fromPath({ files, env }: HomeReading): NamedJdk | undefined {
  const java = files.findProgram('java', env['PATH']);
  return java === undefined ? undefined : { path: dirname(dirname(files.realPath(java))), by: `${java} on PATH` };
}

const JAVA_VERSION_TIMEOUT_MS = 10_000;

async function checkJdk(
  subject: JdkSubject,
  javaHome: string,
  signal: AbortSignal,
  system: JdkReading,
): Promise<string | undefined> {
  const { facts, row, isKnown, startScript, ...known } = subject;
  const { files, spawning } = system;
  const release = versionInRelease(readIfPossible(join(javaHome, 'release'), { files }) ?? '');
  // A JVM costs 40 to 130 ms; the file beside it tells the same.
  const printed = (): Promise<string | undefined> =>
    spawning.outputOf(join(javaHome, 'bin/java'), ['-version'], JAVA_VERSION_TIMEOUT_MS, signal);
  const found = release ?? versionInOutput((await printed()) ?? '');
  const feature = found === undefined ? undefined : javaFeature(found);
  const range = `${facts.title}${versionWords(known)} runs on JDK ${row.jdk[0]}${upTo(row.jdk)}`;
  if (found === undefined || feature === undefined)
    return `The version of the JDK in ${javaHome} can't be told; ${range}.`;
  const isFitting = isWithin(row.jdk, feature);
  const unfit = async (what: string): Promise<LaunchError> =>
    unusableJdk(`${javaHome} is JDK ${found}, ${what}.`, (await fittingJdk(subject, signal, system)) ?? ANOTHER_JDK);
  if (!isFitting && isKnown) throw await unfit(`but ${range}`);

  const script = basename(startScript);
  const objection = jdkObjection(readIfPossible(startScript, { files }) ?? '', found);
  if (objection?.ends) throw await unfit(`and ${script} would end with "${objection.said}"`);
  if (objection) {
    return `${javaHome} is JDK ${found}: ${script} will say "${objection.said}", and start the server all the same.`;
  }
  return isFitting ? undefined : `${javaHome} is JDK ${found}; as far as is known, ${range}.`;
}

const isWithin = ([oldest, newest]: VersionRow['jdk'], feature: number): boolean =>
  feature >= oldest && feature <= (newest ?? feature);

const upTo = ([oldest, newest]: VersionRow['jdk']): string =>
  newest === undefined ? ' or later' : newest === oldest ? '' : ` to ${newest}`;

const ANOTHER_JDK = mentioning`Name a fitting one with ${mention.option('javaHome')} or JAVA_HOME.`;

/** Advice that names the newest JDK of this machine that fits; undefined where there is none. */
async function fittingJdk(subject: JdkSubject, signal: AbortSignal, system: JdkReading): Promise<Text | undefined> {
  const callable = (await findJdks(signal, system)).filter(({ home }) => system.host.canCallJdkAt(home));
  const found = newestJdk(callable, (version) => isFittingJdk(version, subject, system));
  if (!found?.version) return undefined;
  const option = mention.option('java', javaFeature(found.version));
  return mentioning`${found.home} is JDK ${found.version}, which fits: use ${option}, or name it with ${mention.option('javaHome')} or JAVA_HOME.`;
}

/** Whether a server runs on a JDK of this version, as far as is known. @param subject its script, where there is a home */
export function isFittingJdk(
  version: string,
  { row, startScript }: Pick<JdkSubject, 'row'> & Partial<Pick<JdkSubject, 'startScript'>>,
  { files }: Pick<System, 'files'> = nodeSystem,
): boolean {
  const feature = javaFeature(version);
  if (feature === undefined || !isWithin(row.jdk, feature)) return false;
  const script = startScript === undefined ? undefined : readIfPossible(startScript, { files });
  return !jdkObjection(script ?? '', version)?.ends;
}
