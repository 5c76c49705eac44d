import { basename, join } from 'node:path';
import { stripColours } from '../../../domain/log.js';
import type { Instance } from '../../../instance/list.js';
import type { System } from '../../../system/index.js';

/** The ends of a server's logs. */
export interface ReportedLogs {
  /** Texts by their paths in the report. */
  readonly texts: Readonly<Record<string, string>>;
  /** The lines of its own log, without colours. */
  readonly lines: readonly string[];
}

const OWN_BYTES = 2 * 2 ** 20;
const OTHER_BYTES = 2 ** 19;
const MOST_OTHERS = 12;

/** Where the products write logs of their own, and a JVM that crashes its last words. */
const FOLDERS = ['repository/logs', 'logs', '.'];

/** Reads the ends of the logs of an instance, those that its server writes itself since its launch among them. */
export function logsOf(
  { name, home, runtimeHome = home, logFile, startedAt }: Instance,
  { files }: Pick<System, 'files'>,
): ReportedLogs {
  const lines = files.lastLinesOf(logFile, OWN_BYTES).map(stripColours);
  const places = [...new Set([home, runtimeHome])].flatMap((folder) => FOLDERS.map((one) => join(folder, one)));
  const others = [...new Set(places)]
    .flatMap((folder) => files.filesIn(folder).map((entry) => join(folder, entry)))
    .filter((path) => isTelling(basename(path)) && files.isFile(path))
    .map((path) => ({ path, writtenAtMs: files.writtenAtMs(path) }))
    .filter(({ writtenAtMs }) => writtenAtMs >= Date.parse(startedAt))
    .sort((one, other) => other.writtenAtMs - one.writtenAtMs)
    .slice(0, MOST_OTHERS);
  const texts = others.map(({ path }) => [
    `logs/of-the-server/${basename(path)}`,
    files.lastLinesOf(path, OTHER_BYTES).join('\n'),
  ]);
  return { texts: { [`logs/${name}.log`]: lines.join('\n'), ...Object.fromEntries(texts) }, lines };
}

/** Who has done or asked what is nobody else's business. */
const isTelling = (name: string): boolean => /\.(?:log|out)$/.test(name) && !/audit|access/i.test(name);
