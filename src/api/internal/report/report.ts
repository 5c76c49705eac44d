import { dirname, resolve } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { LaunchError } from '../../../domain/failure.js';
import { versionInRelease } from '../../../domain/jdk.js';
import { maskedDocument } from '../../../domain/masking/document.js';
import { maskedText, withoutKnown } from '../../../domain/masking/text.js';
import { type PostMortem, postMortem } from '../../../domain/post-mortem.js';
import { isSecretName } from '../../../domain/secrets.js';
import type { Wording } from '../../../domain/text.js';
import { readIfPossible } from '../../../home/config-files.js';
import { findInstance, findOnlyRunning, type Instance, isRunning } from '../../../instance/list.js';
import { lookAtPorts } from '../../../ports/report.js';
import { nodeSystem, type System } from '../../../system/index.js';
import { instanceDocument, seen } from '../instances.js';
import { configurationOf } from './configuration.js';
import { askJvm } from './jvm.js';
import { logsOf } from './logs.js';

export interface ReportRequest {
  /** The name of an instance, which may have ended; absent: the only one that runs. */
  readonly name: string | undefined;
  /** Where it is to be written; absent: a new file in the current folder. */
  readonly file: string | undefined;
  /** Our own version. */
  readonly version: string;
  readonly wording: Wording;
  readonly signal: AbortSignal;
}

/** A report that was written. */
export interface WrittenReport {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  /** The paths of what is in it. */
  readonly entries: readonly string[];
  /** What could not be told, and why. */
  readonly missing: readonly string[];
}

/**
 * Writes what a bug report needs to a zip archive, without any secret.
 * @throws LaunchError `usage` for a file that is there or can't be, `shortage` for one that finds no room, or whatever
 *   the instance can't be found for
 */
export async function writeReport(request: ReportRequest, system: System = nodeSystem): Promise<WrittenReport> {
  const { name, signal, version, wording } = request;
  const instance = name === undefined ? await findOnlyRunning(system) : await findInstance(name, system);
  const file = placeFor(request, instance, system);
  const { texts, missing } = await gather(instance, { signal, version, wording }, system);
  const bytes = zipSync(Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, strToU8(text)])));
  write(file, bytes, system);
  return { name: instance.name, file, bytes: bytes.length, entries: Object.keys(texts), missing };
}

const usage = (what: string, hint: string): LaunchError => new LaunchError({ kind: 'usage', what, hint });

const ANOTHER = 'Name another one.';

/** Finds fault with a file before a server is asked for anything. @throws LaunchError `usage` */
function placeFor({ file }: ReportRequest, { name }: Instance, { clock, currentFolder, files }: System): string {
  const at = new Date(clock.date()).toISOString().replaceAll(':', '-').slice(0, 19);
  const path = resolve(currentFolder() ?? '/', file ?? `wso2-launch-${name}-${at}Z.zip`);
  const folder = dirname(path);
  if (files.exists(path)) throw usage(`${path} is there already, and is not written over.`, ANOTHER);
  if (!files.isFolder(folder)) throw usage(`There is no folder ${folder} for the report.`, ANOTHER);
  if (!files.isWritable(folder)) throw usage(`${folder} may not be written to.`, ANOTHER);
  return path;
}

/** @throws LaunchError `shortage`, `usage` */
function write(file: string, bytes: Uint8Array, { files }: Pick<System, 'files'>): void {
  try {
    files.writeNew(file, bytes);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw usage(`${file} is there by now, and is not written over.`, ANOTHER);
    if (!/^(?:ENOSPC|EDQUOT|EFBIG)$/.test(code))
      throw usage(`The report can't be written to ${file}: ${message}.`, ANOTHER);
    throw new LaunchError({
      kind: 'shortage',
      what: `There is no room for the report's ${bytes.length} bytes at ${file} (${message}). Nothing was left there.`,
      hint: 'Make room there, or name another file.',
    });
  }
}

interface Gathered {
  readonly texts: Readonly<Record<string, string>>;
  readonly missing: readonly string[];
}

async function gather(
  instance: Instance,
  { signal, version, wording }: Pick<ReportRequest, 'signal' | 'version' | 'wording'>,
  system: System,
): Promise<Gathered> {
  const configuration = configurationOf(instance, system);
  const jvm = await askJvm(instance, signal, system);
  signal.throwIfAborted();
  const logs = logsOf(instance, system);
  const known = new Set([...configuration.secrets, ...secretsIn(system.env), ...secretArguments(jvm.args)]);
  const found = postMortem(logs.lines);
  const missing = [
    ...(jvm.missing === undefined ? [] : [`Of threads, heap and JVM not all could be asked: ${jvm.missing}.`]),
    ...(Object.keys(configuration.texts).length > 0 ? [] : [`No configuration was found in ${instance.home}.`]),
    ...(logs.lines.length > 0 ? [] : [`The log ${instance.logFile} is not there.`]),
  ];
  const document = {
    wso2Launch: version,
    machine: system.machine.describe(),
    jdk: jdkOf(instance, system),
    instance: instanceOf(instance),
    ports: (await lookAtPorts(instance, system)).ports,
    cause: found.cause ? { ...found.cause, remedy: wording(found.cause.remedy) } : null,
    missing,
  };
  const own = { 'post-mortem.txt': postMortemText(instance, found, wording), ...jvm.texts, ...logs.texts };
  return {
    texts: {
      'README.txt': README,
      'report.json': `${JSON.stringify(maskedDocument(document, known), null, 2)}\n`,
      ...mapValues(own, (text) => maskedText(text, known)),
      ...mapValues(configuration.texts, (text) => withoutKnown(text, known)),
    },
    missing,
  };
}

const README = `What wso2-launch has found of a server, for whoever looks into a fault of it.

report.json      versions, the instance, its ports and who has them, the likely cause, what is missing here
post-mortem.txt  the lines of its log that explain most
threads.txt      what its threads do
heap.txt         what its heap is filled with
jvm.txt          the JVM: version, arguments, flags, heap
logs             the ends of its logs
configuration    its configuration, without comments and keystores

Secrets are shown as ***: what a name says to be secret, what has the form of a secret, passwords in URLs. What looks
like none and has no such name is not known to be one: look through it before you give it away.
`;

const mapValues = (
  texts: Readonly<Record<string, string>>,
  change: (text: string) => string,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, change(text)]));

/** Values that the caller's environment has under names of secrets: most servers are started in the same one. */
const secretsIn = (env: System['env']): string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    value && isSecretName(name) && !/^(?:OLD)?PWD$/.test(name) ? [value] : [],
  );

const secretArguments = (args: readonly string[]): string[] =>
  args.flatMap((argument) => {
    const [, name = '', value = ''] = /^-D([^=]+)=(.+)$/s.exec(argument) ?? [];
    return isSecretName(name) ? [value] : [];
  });

function jdkOf({ javaHome }: Instance, system: Pick<System, 'files'>): object | null {
  if (javaHome === undefined) return null;
  const release = readIfPossible(`${javaHome}/release`, system);
  return { home: javaHome, version: versionInRelease(release ?? '') ?? null };
}

/** The instance as `ps` shows it, and how it has booted and ended. */
function instanceOf(instance: Instance): object {
  const { kernel, runtimeHome, isDetached, stopTimeoutMs, bootTimes, bootReport, exit, isElsewhere } = instance;
  const more = { kernel, runtimeHome, isDetached, stopTimeoutMs, bootTimes, bootReport, exit, isElsewhere };
  return { ...instanceDocument(seen(instance)), ...more };
}

/** A server that runs, or was stopped, has lived on with what its log tells of. */
function postMortemText(instance: Instance, { cause, lines }: PostMortem, wording: Wording): string {
  const { exit } = instance;
  const hasFailed = !isRunning(instance) && (exit === undefined || exit.failure !== undefined);
  const told = cause
    ? `${hasFailed ? 'Likely cause' : 'It has not failed; its log tells of this'}: ${cause.what} (${cause.evidence}). ${wording(cause.remedy)}`
    : 'Its log names no cause of a failure that is known.';
  return `${told}\n\n${lines.join('\n')}\n`;
}
