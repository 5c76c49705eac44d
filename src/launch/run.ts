import { join } from 'node:path';
import { type BootReport, bootReport } from '../domain/boot.js';
import { awaitedDebuggers, awaitedPorts, awaitedText, debuggerOn } from '../domain/debuggers.js';
import type { ReadyEvent, StopReason } from '../domain/events.js';
import type { BootFacts } from '../domain/facts.js';
import { LaunchError } from '../domain/failure.js';
import { DEBUG_PORT, jvmWords } from '../domain/jvm.js';
import { endOf, type LaunchEnd, StopAsked } from '../domain/launch-end.js';
import type { RunEnd } from '../domain/lifecycle.js';
import { settledPorts } from '../domain/ports.js';
import type { JvmOptions } from '../domain/properties.js';
import type { ProcessIdentity } from '../domain/tree.js';
import { pageAt, urlsOf } from '../domain/urls.js';
import type { InspectedHome } from '../home/inspect.js';
import { jvmOptions } from '../home/surroundings.js';
import type { Toolchain } from '../home/toolchain.js';
import type { Endpoint } from '../instance/endpoint.js';
import type { Choice } from '../ports/reserve.js';
import { DebuggerWait } from '../server/debugger-wait.js';
import { jobEndOf } from '../server/job.js';
import type { LogFile } from '../server/log-file.js';
import { writtenAtMs } from '../server/log-lines.js';
import { managementOf } from '../server/management.js';
import { autopsy, PortsLost, type Ready, waitUntilReady, whyUnhealthy } from '../server/ready.js';
import { logsOfReadyLine } from '../server/ready-line.js';
import { SignsOfLife } from '../server/signs-of-life.js';
import { type RunningServer, startServer } from '../server/start.js';
import { stop } from '../server/stop.js';
import { type HealthWatch, untilChange } from '../server/supervise.js';
import { forgetRendering, overlayFile } from '../state/configuration-copy.js';
import { writeConfigurationFolder } from '../state/configuration-folder.js';
import { writeGenerated } from '../state/generated-file.js';
import type { System } from '../system/index.js';
import type { Guard } from '../system/spawning.js';
import { BirthWatch } from './birth.js';
import type { Companion } from './companion.js';
import { follow } from './follow-offset.js';
import type { LaunchHooks } from './hooks.js';
import { commandFor, folderFor, followRequest, isOverlaid, type PreparedLaunch, portOf } from './plan.js';
import type { Relaunches } from './relaunch.js';
import type { LaunchRequest } from './request.js';

/** Whether a server may be running that was not seen to end: the guard, and not we, then has the last word. */
export interface Standing {
  isServerUp: boolean;
  /** Time at which somebody began to wait for the server: at the launch, or at the last restart. */
  awaitedSinceMs: number;
  /** The server that was started last. */
  server?: RunningServer;
}

/** The parts that all starts of one launch share. */
export interface Launching {
  readonly request: LaunchRequest;
  readonly inspection: InspectedHome;
  readonly runtime: Toolchain;
  readonly options: PreparedLaunch;
  readonly standing: Standing;
  readonly guard: Guard;
  readonly log: LogFile;
  readonly companion: Companion;
  readonly session: Endpoint;
  readonly relaunches: Relaunches;
  /** The launch's hooks, whose signals fire for requests from outside as well. */
  readonly hooks: LaunchHooks;
  readonly system: System;
}

/** Runs a server once, from its start to its end. @throws LaunchError, StopAsked */
export async function runOnce(launching: Launching, choice: Choice): Promise<RunEnd> {
  const { request, inspection, runtime, options, standing, guard, log, hooks, session, relaunches, system } = launching;
  hooks.asked.throwIfAborted();
  session.renew();
  // Another change has come while this start was prepared.
  if (relaunches.isPlanned) return { kind: 'again' };
  renewLog(launching, choice);
  const following = await follow(followRequest(options, choice), system);
  const folder = writeFolder(launching, choice);
  const generated = { choice, overlay: writeOverlay(launching, choice), copy: following.file, folder };
  const command = commandFor(options, runtime, generated, system);
  if (system.host.scriptsNeedTmp) makeTemporaryFolder(inspection, system);
  const birth = new BirthWatch(inspection, options.stateFolder, system);
  const server = await startServer(
    {
      command,
      runtimeHome: inspection.runtimeHome,
      ports: settledPorts(choice.ports),
      readyText: inspection.facts.readyText,
      ...(request.readyPattern !== undefined && { sign: new RegExp(request.readyPattern) }),
      tag: options.leaseId,
      guard,
      log: { file: log.file, fd: log.fd, size: log.size() },
      readyLine: logsOfReadyLine(inspection, request, system),
      atGate: (leader) => {
        nameServerInLease(launching, choice, leader);
        hooks.report({ event: 'starting', offset: choice.offset, pid: leader.pid, command, logFile: log.file });
      },
    },
    system,
  );
  // A start that has failed never opened its gate.
  standing.isServerUp = true;
  standing.server = server;
  const awaits = awaitedText(awaitedDebuggers(request.script, optionsAt(launching, choice)), request.script);
  if (awaits !== undefined) hooks.warn(awaits);
  try {
    const told = { ...choice, warnings: [...choice.warnings, ...following.warnings] };
    return await serve(notingBirth(launching, birth), told, server);
  } finally {
    birth.note(choice.offset);
    server.log.close();
  }
}

/** A launch whose server, once it is ready, is noted as the one that its home's database was started by. */
function notingBirth(launching: Launching, birth: BirthWatch): Launching {
  const report: LaunchHooks['report'] = (event) => {
    if (event.event === 'ready') birth.note(event.offset, { isReady: true });
    launching.hooks.report(event);
  };
  return { ...launching, hooks: { ...launching.hooks, report } };
}

/** The options of the JVM, that of a debugger at the port that was chosen among them. */
function optionsAt({ inspection, request, system }: Launching, chosen: Pick<Choice, 'ports'>): JvmOptions[] {
  const { jvm } = request.script;
  const words = jvm?.debugger ? jvmWords({ args: [], debugger: jvm.debugger }, portOf(chosen, DEBUG_PORT)) : [];
  return [...jvmOptions({ ...inspection, script: request.script }, system), { source: 'suspend', words }];
}

function renewLog({ hooks, log }: Launching, { name }: Choice): void {
  if (!log.renew()) return;
  hooks.warn(`${log.file} was removed: it begins anew, and what was in it is lost.`);
  hooks.started?.(name, log.file);
}

/**
 * The batch files change into `tmp` and delete all files from where they are: without that folder, those of the home.
 * @throws LaunchError `unusable-home`
 */
function makeTemporaryFolder({ home }: InspectedHome, { files }: Pick<System, 'files'>): void {
  const folder = join(home, 'tmp');
  try {
    files.makePrivateFolder(folder);
  } catch (error) {
    throw new LaunchError({
      kind: 'unusable-home',
      what: `${folder} is no folder that can be used (${(error as Error).message}): the start script would delete the files of the home instead.`,
      hint: 'Make it a folder of yours.',
    });
  }
}

function nameServerInLease({ options, relaunches, system }: Launching, choice: Choice, leader: ProcessIdentity): void {
  try {
    const ports = settledPorts(choice.ports).map(({ number }) => number);
    system.leases.update(options.leaseId, { server: leader, ports: [...ports, ...relaunches.ports] });
  } catch {
    // a lease that can't be written was warned of when the offset was chosen
  }
}

async function serve(launching: Launching, choice: Choice, server: RunningServer): Promise<RunEnd> {
  const { companion, hooks, request, standing, system } = launching;
  const seen: Seen = {};
  let end: Ending;
  try {
    end = await untilEnd(launching, choice, server, seen);
  } catch (error) {
    end = { kind: 'failed', error };
  }
  const readyForMs = seen.readyAtMs === undefined ? 0 : system.clock.now() - seen.readyAtMs;
  const run = runEndOf(end, readyForMs);
  const goesOn = run?.kind === 'again';
  // A server that is going to be started again keeps its companion.
  const mayGoOn = goesOn || (run?.kind === 'ended' && request.restart.when !== 'never');
  if (!mayGoOn) await companion.end();
  // Nobody may take the server for ready from here on.
  if (goesOn) hooks.report({ event: 'restarting', attempt: 1, delayMs: 0, reason: 'asked' });
  await stopAndReport(launching, server, end, seen);
  standing.isServerUp = false;
  if (run) return run;
  throw (end as Extract<Ending, { kind: 'failed' }>).error;
}

/** The history of a server, for its stop and its next start. */
interface Seen {
  lastReady?: Ready;
  /** Time at which the server was ready first. */
  readyAtMs?: number;
  /** Whether it was told of as being shut down from inside. */
  hasSaidStopping?: boolean;
}

/** The end that an ending of this kind means for the run; undefined for a failure that ends the launch. */
function runEndOf(end: Ending, readyForMs: number): RunEnd | undefined {
  switch (end.kind) {
    case 'over':
    case 'again':
      return end;
    case 'shut-down':
      return { kind: 'ended', how: 'shut-down', readyForMs };
    case 'failed':
      return runEndOfFailure(end.error, readyForMs);
  }
}

function runEndOfFailure(error: unknown, readyForMs: number): RunEnd | undefined {
  if (error instanceof PortsLost) return { kind: 'lost', lost: error.lost, lastLines: error.lastLines };
  if (!(error instanceof LaunchError)) return undefined;
  const isCrash = error.failure.kind === 'crashed' || error.failure.kind === 'exited-before-ready';
  return isCrash ? { kind: 'ended', how: 'failed', readyForMs, error } : undefined;
}

function writeOverlay({ inspection, options, system }: Launching, choice: Choice): string {
  const path = overlayFile(choice, options.stateFolder, system);
  if (inspection.passing.kind === 'overlay' && isOverlaid(inspection, choice)) {
    writeGenerated(path, inspection.passing.textFor(choice.offset), options.stateFolder, system);
  }
  return path;
}

function writeFolder({ inspection, options, system }: Launching, choice: Choice): string | undefined {
  const path = folderFor(options, choice, system);
  if (path !== undefined && inspection.overlaid)
    writeConfigurationFolder(path, inspection.overlaid, options.stateFolder, system);
  return path;
}

/** Why a start ends, before anything is stopped. */
type Ending =
  | { readonly kind: 'over'; readonly end: LaunchEnd }
  /** The server was shut down from inside, with nothing beside it. */
  | { readonly kind: 'shut-down' }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The server is to be started again at once. */
  | { readonly kind: 'again' };

const reasonOf = (end: Ending): StopReason => {
  switch (end.kind) {
    case 'failed':
      return 'failed';
    case 'again':
      return 'asked';
    case 'shut-down':
      return 'from-inside';
    case 'over':
      return reasonOfEnd(end.end);
  }
};

function reasonOfEnd(end: LaunchEnd): StopReason {
  switch (end.kind) {
    case 'stopped':
      return end.reason;
    case 'work-done':
      return 'exec-done';
    case 'job-done':
      return 'from-inside';
  }
}

async function stopAndReport(
  { request, inspection, hooks, system }: Launching,
  server: RunningServer,
  end: Ending,
  { lastReady, hasSaidStopping }: Seen,
): Promise<void> {
  const reason = reasonOf(end);
  const error = end.kind === 'failed' ? end.error : undefined;
  // A lost race goes on with the next offset: its stop is part of the retry.
  const isSilent =
    end.kind === 'again' || error instanceof PortsLost || (error !== undefined && server.tree().length === 0);
  if (!isSilent && !(hasSaidStopping && reason === 'from-inside')) hooks.report({ event: 'stopping', reason });
  const options = {
    graceMs: request.stopTimeoutMs,
    insisted: hooks.insisted,
    jvmPid: lastReady?.jvm.pid,
    ownSockets: lastReady?.ownSockets ?? [],
    // Only one that was ready is known to have its ports: a password is not for whoever else may listen there.
    management: lastReady && !system.host.asksBySignal ? managementOf(inspection, server.ports, system) : undefined,
  };
  const stopped = await stop(server, options, system);
  if (!isSilent) hooks.report({ event: 'stopped', reason, ...stopped });
}

/** Waits until the run is over: ready, then quiet, then ready again after each restart from inside. */
async function untilEnd(launching: Launching, choice: Choice, server: RunningServer, seen: Seen): Promise<Ending> {
  const { companion, hooks, options, session, system, inspection } = launching;
  const restartAsked = session.restartAsked;
  const wake = AbortSignal.any([hooks.asked, companion.done, restartAsked]);
  const endAsAsked = async (): Promise<Ending> => {
    if (restartAsked.aborted && !hooks.asked.aborted) return { kind: 'again' };
    return endAsAskedBy(hooks.asked, companion);
  };
  let since = server.logStart;
  let startedAt = server.logStart;

  for (let attempt = 1; ; attempt++) {
    const ready = await becomeReady(launching, server, since, wake).catch((error: unknown) => {
      if (isInterruption(error)) return undefined;
      const done = doneJob(launching, server, { since: startedAt, error });
      if (done) return done;
      throw error;
    });
    if (!ready) return endAsAsked();
    if ('kind' in ready) return ready;
    seen.lastReady = ready;
    seen.readyAtMs ??= system.clock.now();
    forgetRendering({ name: choice.name, home: inspection.home }, options.stateFolder, system);
    const event = readyEvent(launching, choice, server, ready);
    hooks.report(event);
    companion.start({ ...event, name: choice.name, home: inspection.home });

    const health = healthWatch(launching, server, event, seen);
    seen.hasSaidStopping = false;
    const change = await untilChange(server, { jvm: ready.jvm, startedAt, signal: wake }, health, system);
    switch (change.kind) {
      case 'restarted':
        ({ since, startedAt } = change);
        launching.standing.awaitedSinceMs = system.clock.now();
        hooks.report({ event: 'restarting', attempt, delayMs: 0, reason: 'from-inside' });
        continue;
      case 'asked':
        return endAsAsked();
      case 'shut-down':
      case 'crashed': {
        const done = doneJob(launching, server, { since: startedAt });
        if (done) return done;
        if (change.kind === 'crashed') return crashed(server, change.how);
        if (!companion.hasStarted) return { kind: 'shut-down' };
        return crashed(server, 'it was shut down from inside');
      }
    }
  }
}

/**
 * The end of a launch whose server is a job that has ended; undefined where it is none, still runs, or had not begun.
 * @param failure the one that its end would be, were it no job
 */
function doneJob(
  { request, inspection, system }: Launching,
  server: RunningServer,
  { since, error }: { readonly since: number; readonly error?: unknown },
): Extract<Ending, { kind: 'over' }> | undefined {
  if (!request.once) return undefined;
  const reading = { since, tellsShutdown: inspection.row.carbon5 === undefined, host: system.host };
  const job = jobEndOf(server, reading);
  // A port that was lost, and a password that was asked for, keep the work from beginning.
  const isFailedStart = error instanceof PortsLost || isPasswordAsked(error);
  if (!job || (isFailedStart && job.code !== 0)) return undefined;
  return { kind: 'over', end: { kind: 'job-done', ...job } };
}

const isPasswordAsked = (error: unknown): boolean =>
  error instanceof LaunchError && error.failure.kind === 'password-asked';

/** A server that is well again is ready as it was before. */
function healthWatch(
  { companion, inspection, hooks, request, system }: Launching,
  server: RunningServer,
  ready: ReadyEvent,
  seen: Seen,
): HealthWatch {
  return {
    graceMs: request.stopTimeoutMs,
    look: (signal) => whyUnhealthy(server, inspection.facts.health, signal, system),
    changed: (reason, isShuttingDown) => {
      // The work beside a server that shuts down has lost it, which is a failure.
      seen.hasSaidStopping = reason !== undefined && isShuttingDown && !companion.hasStarted;
      if (reason === undefined) hooks.report(ready);
      else
        hooks.report(
          seen.hasSaidStopping ? { event: 'stopping', reason: 'from-inside' } : { event: 'unhealthy', reason },
        );
    },
  };
}

/** The companion ends first, and has its server until then. */
async function endAsAskedBy(asked: AbortSignal, companion: Companion): Promise<Ending> {
  if (asked.aborted) await companion.end();
  const code = await companion.result();
  if (asked.aborted) return { kind: 'over', end: endOf(asked.reason as StopAsked) };
  return { kind: 'over', end: { kind: 'work-done', code: code ?? 0 } };
}

/** Whether an error only ends a wait that nobody wants any more. */
const isInterruption = (error: unknown): boolean =>
  error instanceof StopAsked || (error instanceof DOMException && error.name === 'AbortError');

/** The last part of a log that may explain a crash: earlier lines do not. */
const CRASH_BYTES = 64 * 1024;

function crashed(server: RunningServer, how: string): Ending {
  const { cause, lines } = autopsy(server, CRASH_BYTES);
  const failure = { kind: 'crashed', how, logFile: server.logFile, cause } as const;
  return { kind: 'failed', error: new LaunchError(failure, lines) };
}

async function becomeReady(
  launching: Launching,
  server: RunningServer,
  since: number,
  signal: AbortSignal,
): Promise<Ready> {
  const { request, inspection, runtime, hooks, system } = launching;
  const { health, readyText } = inspection.facts;
  const timeoutMs = request.script.waitsForDebugger ? undefined : request.readyTimeoutMs;
  const page =
    request.readyPath === undefined ? undefined : pageAt(request.readyPath, inspection.facts.urls, server.ports);
  const jvm = optionsAt(launching, server);
  const awaited = awaitedDebuggers(request.script, jvm);
  const options = {
    health,
    readyText,
    awaited,
    debuggers: debuggerWait(launching, server, awaitedPorts(request.script, jvm)),
    since,
    // A JVM that waits for a debugger may be quiet for as long as it takes.
    ...(awaited.length === 0 && { life: new SignsOfLife(server, runtime.javaHome, hooks.warn, system) }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(page && { page }),
    ...(request.readyPattern !== undefined && { sign: new RegExp(request.readyPattern) }),
  };
  return waitUntilReady(server, options, signal, system);
}

/** Tells which debuggers the server waits for, as long as it does, to those who look at it and in its log. */
function debuggerWait(
  { log, session, system }: Launching,
  server: RunningServer,
  ports: readonly number[],
): DebuggerWait | undefined {
  if (ports.length === 0) return undefined;
  session.noteAwaited([]);
  const tell = (awaited: readonly number[]): void => {
    const words = awaited.map((port) => debuggerOn(port));
    session.noteAwaited(words);
    if (words.length > 0) log.mark(`the server waits for ${words.join(' and ')}`);
  };
  return new DebuggerWait(server, ports, tell, system);
}

function readyEvent(
  { inspection, runtime, standing, system }: Launching,
  { offset, ports, warnings }: Choice,
  { log, logFile }: RunningServer,
  ready: Ready,
): ReadyEvent {
  const durationMs = Math.round(system.clock.now() - standing.awaitedSinceMs);
  const boot = bootOf({ log, durationMs }, inspection.facts.boot, system);
  return {
    event: 'ready',
    offset,
    pid: ready.jvm.pid,
    durationMs,
    ports,
    urls: urlsOf(inspection.facts.urls, ports),
    logFile,
    warnings: [...warnings, ...runtime.warnings, ...ready.warnings],
    ...(boot && { boot }),
  };
}

/** The most of a log that is read to see where the time of a boot went. */
const BOOT_BYTES = 1024 * 1024;

function bootOf(
  { log, durationMs }: Pick<RunningServer, 'log'> & { readonly durationMs: number },
  facts: BootFacts,
  { clock }: Pick<System, 'clock'>,
): BootReport | undefined {
  const readyMs = clock.date();
  const lines = log.lastLines(BOOT_BYTES).map((text) => ({ text, atMs: writtenAtMs(text) }));
  return bootReport(lines, { beganMs: readyMs - durationMs, readyMs }, facts);
}
