import { buildCommand, type LaunchCommand, TAG_VARIABLE } from './domain/command.js';
import type { LaunchEvent, ReadyEvent, StopReason } from './domain/events.js';
import { LaunchError } from './domain/failure.js';
import { offsetRange } from './domain/offsets.js';
import { staleUrls } from './domain/stale-urls.js';
import { urlsOf } from './domain/urls.js';
import { type InspectedHome, inspectHome, inspectRuntime, type Runtime } from './inspect.js';
import { lastLines, PortsLost, type Ready, waitUntilReady } from './ready.js';
import type { LaunchRequest } from './request.js';
import { type Choice, preview, type ReserveOptions, reserve } from './reserve.js';
import { type RunningServer, startServer } from './server.js';
import { checkStateFolder, type LogFile, openLog, prepareStateFolder, stateFolder } from './state.js';
import { stop } from './stop.js';
import { untilChange } from './supervise.js';
import { nodeSystem, type System } from './system/index.js';
import { newLeaseId } from './system/leases.js';
import type { Guard } from './system/spawning.js';

/** Why somebody wants the server stopped, and the exit code that this gives. */
export interface StopRequest {
  readonly reason: StopReason;
  readonly exitCode: number;
  readonly signal?: NodeJS.Signals;
}

export interface LaunchHooks {
  report(event: LaunchEvent): void;
  /** What a person should know even if the launch then fails; it is in the `ready` event as well. */
  warn(text: string): void;
  /** Called once there is a name: before the server's first output. */
  started?(name: string, logFile: string): void;
  /** Fires with a {@link StopRequest}. */
  readonly asked: AbortSignal;
  /** Fires when nobody wants to wait for a graceful stop. */
  readonly insisted: AbortSignal;
  /** Work beside the ready server, after which it is stopped; resolves to the launch's exit code. */
  readonly whileReady?: (ready: ReadyInstance, serverEnded: AbortSignal) => Promise<number>;
}

export interface ReadyInstance extends ReadyEvent {
  readonly name: string;
  readonly home: string;
}

/** What a launch would do, found by the same checks. */
export interface LaunchPlan {
  readonly inspection: InspectedHome;
  readonly choice: Choice;
  readonly command: LaunchCommand;
  readonly warnings: readonly string[];
}

const MORE_TRIES = 3;

/** All checks of a launch; nothing is started, no lease is left. @throws LaunchError */
export async function planLaunch(
  request: LaunchRequest,
  asked: AbortSignal,
  system: System = nodeSystem,
): Promise<LaunchPlan> {
  const { inspection, options } = inspectRequest(request, system);
  const runtime = await inspectRuntime(inspection, request, asked, system);
  checkStateFolder(options.stateFolder, system);
  const choice = await preview(options, asked, system);
  const command = commandFor(inspection, runtime, request, choice, system);
  return { inspection, choice, command, warnings: [...choice.warnings, ...runtime.warnings] };
}

/**
 * The whole job: inspect, reserve, start, wait until ready, supervise, stop.
 * Resolves to the exit code once nothing is left running.
 * @throws LaunchError once nothing is left running
 */
export async function launch(request: LaunchRequest, hooks: LaunchHooks, system: System = nodeSystem): Promise<number> {
  const startedMs = system.clock.now();
  const { inspection, options } = inspectRequest(request, system);
  const { leaseId, stateFolder: folder } = options;
  const standing: Standing = { isServerUp: false };
  let guard: Guard | undefined;
  let log: LogFile | undefined;
  try {
    const runtime = await inspectRuntime(inspection, request, hooks.asked, system);
    prepareStateFolder(folder, system);
    const choice = await reserve(options, hooks.asked, system);
    for (const warning of [...choice.warnings, ...runtime.warnings]) hooks.warn(warning);
    log = openLog(folder, choice.name);
    hooks.started?.(choice.name, log.file);
    hooks.report({
      event: 'planned',
      product: inspection.id,
      version: inspection.version,
      home: inspection.home,
      offset: choice.offset,
      skipped: choice.skipped,
    });
    guard = await system.spawning.startGuard({
      tag: leaseId,
      tagVariable: TAG_VARIABLE,
      stopTimeoutMs: request.stopTimeoutMs,
      leaseFile: system.leases.fileOf(leaseId),
    });
    const launching = { request, inspection, runtime, options, standing, guard, log, startedMs, hooks, system };
    return await runWithRetries(launching, choice);
  } catch (error) {
    // Whatever was under way has been stopped by now: what counts is who asked for it.
    if (hooks.asked.aborted && error === hooks.asked.reason) return (error as StopRequest).exitCode;
    throw error;
  } finally {
    if (standing.isServerUp) {
      guard?.abandon();
    } else {
      system.leases.remove(leaseId);
      await guard?.release();
    }
    log?.close();
  }
}

/** Whether a server may be running that was not seen to end: the guard, and not we, then has the last word. */
interface Standing {
  isServerUp: boolean;
}

/** What can be told of a launch from its home alone, before anything waits. @throws LaunchError */
function inspectRequest(
  request: LaunchRequest,
  system: System,
): { readonly inspection: InspectedHome; readonly options: ReserveOptions } {
  const inspection = inspectHome(request, system);
  const range = offsetRange(request.offset, inspection.configured, inspection.ports);
  const options = {
    inspection,
    request,
    range,
    stateFolder: stateFolder(system),
    leaseId: newLeaseId(),
    avoid: new Set<number>(),
  };
  return { inspection, options };
}

function commandFor(
  inspection: InspectedHome,
  { script, javaHome }: Runtime,
  request: LaunchRequest,
  { offset, isPassed }: Choice,
  { env }: Pick<System, 'env'>,
): LaunchCommand {
  const { others } = request.script;
  return buildCommand({ script, carbonHome: inspection.home, javaHome, others, ...(isPassed && { offset }) }, env);
}

interface Launching {
  readonly request: LaunchRequest;
  readonly inspection: InspectedHome;
  readonly runtime: Runtime;
  readonly options: ReserveOptions;
  readonly standing: Standing;
  readonly guard: Guard;
  readonly log: LogFile;
  readonly startedMs: number;
  readonly hooks: LaunchHooks;
  readonly system: System;
}

/** A race lost after choosing moves a free launch on to the next offset; one with a fixed offset fails. */
async function runWithRetries(launching: Launching, first: Choice): Promise<number> {
  const { request, options, hooks, system } = launching;
  const avoid = new Set<number>();
  let choice = first;
  for (let tries = 1; ; tries++) {
    const outcome = await runOnce(launching, choice);
    if (typeof outcome === 'number') return outcome;

    if (request.offset.kind !== 'auto' || tries > MORE_TRIES) {
      const failure = { kind: 'ports-lost', offset: choice.offset, lost: outcome.lost, tries } as const;
      throw new LaunchError(failure, outcome.lastLines);
    }
    for (const { number } of outcome.lost) avoid.add(number);
    const next = await reserve({ ...options, avoid, keepName: choice.name }, hooks.asked, system);
    hooks.report({ event: 'retrying', offset: choice.offset, lost: outcome.lost, nextOffset: next.offset });
    choice = next;
  }
}

/** One start, up to its end: the exit code, or the ports that were lost. Nothing of it runs afterwards. */
async function runOnce(launching: Launching, choice: Choice): Promise<number | PortsLost> {
  const { request, inspection, runtime, options, standing, guard, log, hooks, system } = launching;
  hooks.asked.throwIfAborted();
  const command = commandFor(inspection, runtime, request, choice, system);
  standing.isServerUp = true;
  const server = await startServer(
    {
      command,
      ports: choice.ports,
      readyText: inspection.facts.readyText,
      tag: options.leaseId,
      guard,
      log: { file: log.file, fd: log.fd, size: log.size() },
    },
    system,
  );
  nameServerInLease(launching, choice, server);
  hooks.report({ event: 'starting', offset: choice.offset, pid: server.leader.pid, command, logFile: log.file });
  try {
    return await serve(launching, choice, server);
  } finally {
    server.log.close();
  }
}

function nameServerInLease({ options, system }: Launching, choice: Choice, server: RunningServer): void {
  try {
    system.leases.update(options.leaseId, { server: server.leader, ports: choice.ports.map(({ number }) => number) });
  } catch {
    // a lease that can't be written was warned of when the offset was chosen
  }
}

async function serve(launching: Launching, choice: Choice, server: RunningServer): Promise<number | PortsLost> {
  const companion = new Companion(launching.hooks.whileReady);
  const seen: { lastReady?: Ready } = {};
  let end: Ending;
  try {
    end = await untilEnd(launching, choice, server, companion, seen);
  } catch (error) {
    end = { reason: 'failed', error };
  }
  await companion.end();
  await stopAndReport(launching, server, end, seen.lastReady);
  launching.standing.isServerUp = false;
  if ('exitCode' in end) return end.exitCode;
  if (!(end.error instanceof PortsLost)) throw end.error;
  if (!companion.hasStarted) return end.error;
  // The command has been told these ports already.
  const failure = { kind: 'ports-lost', offset: choice.offset, lost: end.error.lost, tries: 1 } as const;
  throw new LaunchError(failure, end.error.lastLines);
}

/** What goes on beside a ready server, such as the command of `exec`: begun once, however often the server restarts. */
class Companion {
  readonly #serverIsOver = new AbortController();
  readonly #done = new AbortController();
  #work: Promise<number> | undefined;

  constructor(private readonly whileReady: LaunchHooks['whileReady']) {}

  get hasStarted(): boolean {
    return this.#work !== undefined;
  }

  /** Fires when the work has ended by itself. */
  get done(): AbortSignal {
    return this.#done.signal;
  }

  start(ready: ReadyInstance): void {
    if (!this.whileReady || this.#work) return;
    this.#work = this.whileReady(ready, this.#serverIsOver.signal);
    void this.#work.catch(() => {}).then(() => this.#done.abort());
  }

  /** The exit code of the work, once it has ended; undefined where there is none. @throws what the work throws */
  result(): Promise<number> | undefined {
    return this.#work;
  }

  /** Asks the work to end, for its server does, and waits for it. */
  async end(): Promise<void> {
    this.#serverIsOver.abort();
    await this.#work?.catch(() => {});
  }
}

type Ending =
  | { readonly reason: StopReason; readonly exitCode: number }
  | { readonly reason: StopReason; readonly error: unknown };

async function stopAndReport(
  { request, hooks, system }: Launching,
  server: RunningServer,
  end: Ending,
  lastReady: Ready | undefined,
): Promise<void> {
  const { reason } = end;
  const error = 'error' in end ? end.error : undefined;
  // A lost race goes on with the next offset: its stop is part of the retry.
  const isSilent = error instanceof PortsLost || (error !== undefined && server.tree().length === 0);
  if (!isSilent) hooks.report({ event: 'stopping', reason });
  const options = {
    graceMs: request.stopTimeoutMs,
    insisted: hooks.insisted,
    jvmPid: lastReady?.jvm.pid,
    ownSockets: lastReady?.ownSockets ?? [],
  };
  const stopped = await stop(server, options, system);
  if (!isSilent) hooks.report({ event: 'stopped', reason, ...stopped });
}

/** Ready, then quiet, then ready again after each restart from inside, until the run is over. */
async function untilEnd(
  launching: Launching,
  choice: Choice,
  server: RunningServer,
  companion: Companion,
  seen: { lastReady?: Ready },
): Promise<Ending> {
  const { hooks, system, inspection } = launching;
  const wake = AbortSignal.any([hooks.asked, companion.done]);
  let since = server.logStart;
  let startedAt = server.logStart;

  for (let attempt = 1; ; attempt++) {
    const ready = await becomeReady(launching, server, since, wake).catch((error: unknown) => {
      if (wake.aborted && error === wake.reason) return undefined;
      throw error;
    });
    if (!ready) return endAsAsked(hooks.asked, companion);
    seen.lastReady = ready;
    const event = readyEvent(launching, choice, server, ready);
    hooks.report(event);
    companion.start({ ...event, name: choice.name, home: inspection.home });

    const change = await untilChange(server, ready.jvm, startedAt, wake, system);
    switch (change.kind) {
      case 'restarted':
        ({ since, startedAt } = change);
        hooks.report({ event: 'restarting', attempt, delayMs: 0, reason: 'from-inside' });
        continue;
      case 'asked':
        return endAsAsked(hooks.asked, companion);
      case 'shut-down':
        if (!companion.hasStarted) return { reason: 'from-inside', exitCode: 0 };
        return crashed(server, 'it was shut down from inside');
      case 'crashed':
        return crashed(server, change.how);
    }
  }
}

/** A signal reaches the companion as well: it ends first, and has its server until then. */
async function endAsAsked(asked: AbortSignal, companion: Companion): Promise<Ending> {
  const exitCode = await companion.result();
  return asked.aborted ? (asked.reason as StopRequest) : { reason: 'exec-done', exitCode: exitCode ?? 0 };
}

const crashed = (server: RunningServer, how: string): Ending => ({
  reason: 'failed',
  error: new LaunchError({ kind: 'crashed', how, logFile: server.logFile }, lastLines(server)),
});

async function becomeReady(
  { request, inspection, system }: Launching,
  server: RunningServer,
  since: number,
  signal: AbortSignal,
): Promise<Ready> {
  const { health, readyText } = inspection.facts;
  const timeoutMs = request.script.waitsForDebugger ? undefined : request.readyTimeoutMs;
  return waitUntilReady(
    server,
    { health, readyText, since, ...(timeoutMs !== undefined && { timeoutMs }) },
    signal,
    system,
  );
}

function readyEvent(
  { inspection, runtime, startedMs, system }: Launching,
  { offset, ports, warnings }: Choice,
  { logFile }: RunningServer,
  ready: Ready,
): ReadyEvent {
  const stale = staleUrls(inspection.urls, ports).map(
    ({ key, source, value, shouldBe }) =>
      `${source}: ${key} = "${value}" doesn't follow the offset; it should be "${shouldBe}".`,
  );
  return {
    event: 'ready',
    offset,
    pid: ready.jvm.pid,
    durationMs: Math.round(system.clock.now() - startedMs),
    ports,
    urls: urlsOf(inspection.facts.urls, ports),
    logFile,
    warnings: [...warnings, ...runtime.warnings, ...ready.warnings, ...stale],
  };
}
