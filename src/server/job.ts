import type { JobEnd } from '../domain/job.js';
import { codeOfExit } from '../system/exit-code.js';
import type { Host } from '../system/host.js';
import type { Exit } from '../system/spawning.js';
import { writtenAtMs } from './log-lines.js';
import { autopsy } from './ready.js';
import { endingSignal, type RunningServer } from './start.js';

/** The facts that tell how a server's end is read. */
export interface JobReading {
  /** The log's position from which the lines of its last JVM count. */
  readonly since: number;
  /** Whether its log says when it shuts down. */
  readonly tellsShutdown: boolean;
  readonly host: Pick<Host, 'scriptsPassCode'>;
}

/** The most of a log in which the server's own lines are looked for. */
const LOG_BYTES = 2 ** 20;

/**
 * The end of a server that has ended by itself; undefined where nothing of it had begun: its script could not be run, or
 * the JVM refused. A script that ends with 0 whatever its JVM did leaves it to the log to tell.
 */
export function jobEndOf(server: RunningServer, reading: JobReading): JobEnd | undefined {
  const { exit, log } = server;
  if (!exit || exit.error) return undefined;
  // Only the server writes lines with a time: neither the script nor a JVM that refuses to start does.
  if (!log.lastLines(LOG_BYTES).some((line) => writtenAtMs(line) !== undefined)) return undefined;
  return passedOn(exit, reading) ?? ofSignal(endingSignal(log)) ?? asLogged(server, reading);
}

function passedOn({ code, signal }: Exit, { host }: JobReading): JobEnd | undefined {
  if (signal !== null) return ofSignal(signal);
  if (code !== null && (code !== 0 || host.scriptsPassCode)) return { code, by: 'its start script passed it on' };
  return undefined;
}

function ofSignal(signal: string | undefined): JobEnd | undefined {
  if (signal === undefined) return undefined;
  return { code: codeOfExit({ code: null, signal: signal as NodeJS.Signals }), by: `it was ended by ${signal}` };
}

function asLogged(server: RunningServer, { since, tellsShutdown }: JobReading): JobEnd {
  const { shutdownAtMs, fatals } = server.log.since(since);
  const [fatal] = fatals;
  if (fatal !== undefined) return { code: 1, by: `its log says: ${fatal}` };
  if (shutdownAtMs !== undefined) return { code: 0, by: 'its log says that it shut down' };
  const { cause } = autopsy(server);
  if (cause) return { code: 1, by: `its log says that ${cause.what}: ${cause.evidence}` };
  return tellsShutdown
    ? { code: 1, by: 'its log does not say that it shut down' }
    : { code: 0, by: 'its log tells of no failure' };
}
