import { basename, dirname, join, resolve } from 'node:path';
import type { Environment } from '../domain/command.js';
import type { VersionRow } from '../domain/facts.js';
import { LaunchError } from '../domain/failure.js';
import { javaFeature, jdkObjection, versionInOutput, versionInRelease } from '../domain/jdk.js';
import { versionWords } from '../domain/product.js';
import { mention, mentioning, type Text } from '../domain/text.js';
import { nodeSystem, type System } from '../system/index.js';
import { readIfPossible } from './config-files.js';
import type { InspectedHome } from './inspect.js';
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
  request: Pick<StartRequest, 'javaHome' | 'script' | 'followsOffset'>,
  signal: AbortSignal,
  system: HomeReading & Pick<System, 'spawning'> = nodeSystem,
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

/** The JDK that a launch would use. @throws LaunchError `unusable-jdk` */
export async function inspectJdk(
  inspection: JdkSubject,
  request: Pick<StartRequest, 'javaHome'>,
  signal: AbortSignal,
  system: HomeReading & Pick<System, 'spawning'> = nodeSystem,
): Promise<Omit<Toolchain, 'script'>> {
  const javaHome = findJavaHome(request, system);
  const warning = await checkJdk(inspection, javaHome, signal, system);
  return { javaHome, warnings: warning ? [warning] : [] };
}

type JdkSubject = Pick<InspectedHome, 'facts' | 'row' | 'version' | 'kernel' | 'isKnown' | 'startScript'>;

const unusableJdk = (what: Text, hint: Text): LaunchError => new LaunchError({ kind: 'unusable-jdk', what, hint });

function findJavaHome({ javaHome }: Pick<StartRequest, 'javaHome'>, system: HomeReading): string {
  const found = javaHome ?? fromEnvironment(system.env) ?? fromPath(system);
  if (!found) {
    throw unusableJdk(
      'No JDK was found: JAVA_HOME is not set, and no java is on PATH.',
      mentioning`Name one with ${mention.option('javaHome')}, or set JAVA_HOME.`,
    );
  }
  const path = resolve(system.currentFolder() ?? '/', found.path);
  const java = join(path, 'bin', system.host.javaProgram);
  if (!system.files.isExecutable(java)) {
    throw unusableJdk(
      mentioning`${path} (from ${found.by}) is not a JDK: it has no program bin/java.`,
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

const fromEnvironment = (env: Environment): { path: string; by: string } | undefined =>
  env['JAVA_HOME'] ? { path: env['JAVA_HOME'], by: 'JAVA_HOME' } : undefined;

function fromPath({ files, env }: HomeReading): { path: string; by: string } | undefined {
  const java = files.findProgram('java', env['PATH']);
  return java === undefined ? undefined : { path: dirname(dirname(files.realPath(java))), by: `${java} on PATH` };
}

const JAVA_VERSION_TIMEOUT_MS = 10_000;

async function checkJdk(
  { facts, row, isKnown, startScript, ...known }: JdkSubject,
  javaHome: string,
  signal: AbortSignal,
  { files, spawning }: Pick<System, 'files' | 'spawning'>,
): Promise<string | undefined> {
  const release = versionInRelease(readIfPossible(join(javaHome, 'release'), { files }) ?? '');
  // A JVM costs 40 to 130 ms; the file beside it tells the same.
  const printed = (): Promise<string | undefined> =>
    spawning.outputOf(join(javaHome, 'bin/java'), ['-version'], JAVA_VERSION_TIMEOUT_MS, signal);
  const found = release ?? versionInOutput((await printed()) ?? '');
  const feature = found === undefined ? undefined : javaFeature(found);
  const [oldest, newest] = row.jdk;
  const range = `${facts.title}${versionWords(known)} runs on JDK ${oldest}${upTo(row.jdk)}`;
  if (found === undefined || feature === undefined)
    return `The version of the JDK in ${javaHome} can't be told; ${range}.`;
  const isFitting = feature >= oldest && feature <= (newest ?? feature);
  if (!isFitting && isKnown) throw unusableJdk(`${javaHome} is JDK ${found}, but ${range}.`, ANOTHER_JDK);

  const script = basename(startScript);
  const objection = jdkObjection(readIfPossible(startScript, { files }) ?? '', found);
  if (objection?.ends) {
    throw unusableJdk(`${javaHome} is JDK ${found}, and ${script} would end with "${objection.said}".`, ANOTHER_JDK);
  }
  if (objection) {
    return `${javaHome} is JDK ${found}: ${script} will say "${objection.said}", and start the server all the same.`;
  }
  return isFitting ? undefined : `${javaHome} is JDK ${found}; as far as is known, ${range}.`;
}

const upTo = ([oldest, newest]: VersionRow['jdk']): string =>
  newest === undefined ? ' or later' : newest === oldest ? '' : ` to ${newest}`;

const ANOTHER_JDK = mentioning`Name a fitting one with ${mention.option('javaHome')} or JAVA_HOME.`;
