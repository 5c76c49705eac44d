import { join } from 'node:path';
import {
  type CopyOwner,
  copyFile,
  forgetRendering,
  overlayFile,
  removeGenerated,
  renderedMark,
} from './configuration-copy.js';
import { checkBatchArguments, checkBatchHome } from './domain/batch.js';
import { buildCommand, type LaunchCommand, passOffset, TAG_VARIABLE } from './domain/command.js';
import type { LaunchEvent, ReadyEvent, StopReason } from './domain/events.js';
import { LaunchError } from './domain/failure.js';
import { offsetRange } from './domain/offsets.js';
import { causeIn } from './domain/post-mortem.js';
import { NO_RESTARTS, nextRestart, type ServerEnd } from './domain/restarts.js';
import { urlsOf } from './domain/urls.js';
import { checkFollowable, follow, planFollowing } from './follow-offset.js';
import { writeGenerated } from './generated-file.js';
import { type InspectedHome, inspectHome, inspectRuntime, type Runtime } from './inspect.js';
import { keepGuard } from './keep-guard.js';
import { type LogFile, openLog } from './log-file.js';
import { managementOf } from './management.js';
import { lastLines, PortsLost, type Ready, waitUntilReady, whyUnhealthy } from './ready.js';
import type { LaunchRequest } from './request.js';
import { type Choice, preview, type ReserveOptions, reserve } from './reserve.js';
import { keepLogSmall } from './rotate.js';
import { type RunningServer, startServer } from './server.js';
import { type Outcome, openSession, type Session, type SessionOptions } from './session.js';
import { checkStateFolder, prepareStateFolder, stateFolder } from './state.js';
import { stop } from './stop.js';
import { type HealthWatch, untilChange } from './supervise.js';
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
  /**
   * Work beside the ready server, after which it is stopped; resolves to the launch's exit code.
   * @param over fires when it has to end, for its server does
   * @param insisted fires when nobody wants to wait for that
   */
  readonly whileReady?: (ready: ReadyInstance, over: AbortSignal, insisted: AbortSignal) => Promise<number>;
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
  const following = planFollowing(followRequest(options, choice), system);
  const generated = { overlay: overlayFile(choice, options.stateFolder, system), copy: following.file };
  const command = commandFor(inspection, runtime, request, choice, generated, system);
  return { inspection, choice, command, warnings: [...choice.warnings, ...runtime.warnings, ...following.warnings] };
}

/**
 * The whole job: inspect, reserve, start, wait until ready, supervise, stop.
 * Resolves to the exit code once nothing is left running.
 * @throws LaunchError once nothing is left running
 */
export async function launch(request: LaunchRequest, hooks: LaunchHooks, system: System = nodeSystem): Promise<number> {
  const { inspection, options } = inspectRequest(request, system);
  const { leaseId, stateFolder: folder } = options;
  const standing: Standing = { isServerUp: false, awaitedSinceMs: system.clock.now() };
  let guard: Guard | undefined;
  let log: LogFile | undefined;
  let keepingLogSmall: Promise<void> | undefined;
  let session: Session | undefined;
  let copy: CopyOwner | undefined;
  let outcome: Outcome = { code: 1 };
  const over = new AbortController();
  try {
    const runtime = await inspectRuntime(inspection, request, hooks.asked, system);
    prepareStateFolder(folder, system);
    const choice = await reserve(options, hooks.asked, system);
    for (const warning of [...choice.warnings, ...runtime.warnings]) hooks.warn(warning);
    copy = { name: choice.name, home: inspection.home };
    log = openLog(folder, choice.name);
    hooks.started?.(choice.name, log.file);
    session = await openSession({ folder, record: recordFor(options, choice, log, system), warn: hooks.warn }, system);
    const planned: LaunchEvent = {
      event: 'planned',
      product: inspection.id,
      version: inspection.version,
      home: inspection.home,
      offset: choice.offset,
      skipped: choice.skipped,
    };
    hooks.report(planned);
    const guarding = {
      tag: leaseId,
      tagVariable: TAG_VARIABLE,
      stopTimeoutMs: request.stopTimeoutMs,
      leaseFile: system.leases.fileOf(leaseId),
      socket: system.control.addressOf(leaseId),
      // The copy goes last: while it is there, the mark may have to go.
      needed: request.followsOffset ? [renderedMark(inspection.home), copyFile(choice, folder, system)] : [],
    };
    guard = await keepGuard(guarding, system);
    const asked = AbortSignal.any([hooks.asked, session.asked]);
    const insisted = AbortSignal.any([hooks.insisted, session.insisted]);
    const companion = new Companion(hooks.whileReady, insisted);
    keepingLogSmall = keepLogSmall(log, over.signal, hooks.warn, system);
    const shared = { request, inspection, runtime, options, standing, guard, log, companion };
    const launching = {
      ...shared,
      session,
      hooks: { ...hooks, asked, insisted, report: reportTo(hooks, session) },
      system,
    };
    outcome = { code: await runUntilOver(launching, choice).finally(() => companion.end()) };
  } catch (error) {
    outcome = outcomeOf(error, hooks, session);
  } finally {
    over.abort();
    // While the name is still ours: the next of that name writes the same log and the same record.
    await keepingLogSmall;
    if (!standing.isServerUp) {
      await log?.stripColours();
      if (copy && !removeGenerated(copy, folder, system)) hooks.warn(leftCopy(copy, folder, system));
    }
    session?.close(outcome);
    if (standing.isServerUp) {
      guard?.abandon();
    } else {
      system.leases.remove(leaseId);
      await guard?.release();
    }
    log?.close();
  }
  if (outcome.error) throw outcome.error;
  return outcome.code;
}

const leftCopy = (copy: CopyOwner, folder: string, system: System): string =>
  `${copyFile(copy, folder, system)} can't be removed: delete it, and ${renderedMark(copy.home)} before it.`;

const reportTo =
  (hooks: LaunchHooks, session: Session) =>
  (event: LaunchEvent): void => {
    session.report(event);
    hooks.report(event);
  };

/** Whatever was under way has been stopped by now: what counts is who asked for it. @throws what is no LaunchError */
function outcomeOf(error: unknown, hooks: LaunchHooks, session: Session | undefined): Outcome {
  for (const { aborted, reason } of [hooks.asked, ...(session ? [session.asked] : [])]) {
    if (aborted && error === reason) return { code: (reason as StopRequest).exitCode };
  }
  if (!(error instanceof LaunchError)) throw error;
  return { code: error.exitCode, error };
}

function recordFor(
  { inspection, request, leaseId }: LaunchOptions,
  { name, offset, ports }: Choice,
  log: LogFile,
  { clock, pid, processes }: System,
): SessionOptions['record'] {
  return {
    schemaVersion: 1,
    name,
    product: inspection.id,
    version: inspection.version,
    home: inspection.home,
    runtimeHome: inspection.runtimeHome,
    offset,
    status: 'starting',
    pid: null,
    ports,
    urls: urlsOf(inspection.facts.urls, ports),
    startedAt: new Date(clock.date()).toISOString(),
    readyAt: null,
    restarts: 0,
    logFile: log.file,
    isDetached: request.isDetached,
    stopTimeoutMs: request.stopTimeoutMs,
    leaseId,
    boot: processes.bootId(),
    supervisor: { pid, startTime: processes.find(pid)?.startTime ?? '' },
    server: null,
  };
}

/** Whether a server may be running that was not seen to end: the guard, and not we, then has the last word. */
interface Standing {
  isServerUp: boolean;
  /** When somebody began to wait for the server: at the launch, or at the last restart. */
  awaitedSinceMs: number;
}

type LaunchOptions = ReserveOptions & { readonly request: LaunchRequest };

/** What can be told of a launch from its home alone, before anything waits. @throws LaunchError */
function inspectRequest(
  request: LaunchRequest,
  system: System,
): { readonly inspection: InspectedHome; readonly options: LaunchOptions } {
  const inspection = inspectHome(request, system);
  if (system.platform === 'win32') {
    checkBatchHome(inspection.home);
    checkBatchArguments(request.script.others);
  }
  checkFollowable(inspection, request, system);
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
  choice: Choice,
  { overlay, copy }: Generated,
  { env, platform }: Pick<System, 'env' | 'platform'>,
): LaunchCommand {
  const { passing } = inspection;
  const javaOptions = platform === 'win32' ? (env['JAVA_OPTS'] ?? '') : undefined;
  const passed = isTold(inspection, choice) ? passOffset(passing, choice.offset, overlay, javaOptions) : undefined;
  // Only one can be given: what it says is in ours.
  const isReplaced = (argument: string): boolean => passing.kind === 'overlay' && argument.startsWith('-Dconfig=');
  const others = passed ? request.script.others.filter((argument) => !isReplaced(argument)) : request.script.others;
  const parts = { script, carbonHome: inspection.home, javaHome, others };
  return buildCommand({ ...parts, ...(passed && { passed }), ...(copy !== undefined && { configuration: copy }) }, env);
}

/** Where what is made for a server lies. */
interface Generated {
  readonly overlay: string;
  /** Takes the configuration's place, where there is one. */
  readonly copy: string | undefined;
}

/** Carbon 5 is started without a difference where its own offset is the one that was chosen. */
const isTold = ({ passing, configured }: InspectedHome, { isPassed, offset }: Choice): boolean =>
  isPassed && (passing.kind === 'argument' || offset !== configured.value);

function writeOverlay({ inspection, options, system }: Launching, choice: Choice): string {
  const path = overlayFile(choice, options.stateFolder, system);
  if (inspection.passing.kind === 'overlay' && isTold(inspection, choice)) {
    writeGenerated(path, inspection.passing.textFor(choice.offset), system);
  }
  return path;
}

const followRequest = (
  { inspection, request: { followsOffset }, stateFolder }: LaunchOptions,
  { name, ports }: Choice,
): Parameters<typeof follow>[0] => ({ inspection, followsOffset, name, ports, stateFolder });

interface Launching {
  readonly request: LaunchRequest;
  readonly inspection: InspectedHome;
  readonly runtime: Runtime;
  readonly options: LaunchOptions;
  readonly standing: Standing;
  readonly guard: Guard;
  readonly log: LogFile;
  readonly companion: Companion;
  readonly session: Session;
  /** Its signals fire for requests from outside as well. */
  readonly hooks: LaunchHooks;
  readonly system: System;
}

/** Start after start, until there is no reason for another: the exit code. @throws LaunchError */
async function runUntilOver(launching: Launching, first: Choice): Promise<number> {
  const { request, options, hooks, companion } = launching;
  const avoid = new Set<number>();
  let choice = first;
  let tries = 1;
  let restarts = NO_RESTARTS;
  for (;;) {
    const outcome = await runOnce(launching, choice);
    switch (outcome.kind) {
      case 'over':
        return outcome.exitCode;
      case 'lost': {
        // A race lost after choosing moves a free launch on to the next offset; one with a fixed offset fails.
        const { lost, lastLines } = outcome.error;
        if (request.offset.kind !== 'auto' || tries > MORE_TRIES) {
          throw new LaunchError({ kind: 'ports-lost', offset: choice.offset, lost, tries }, lastLines);
        }
        for (const { number } of lost) avoid.add(number);
        const next = await reserve({ ...options, avoid, keepName: choice.name }, hooks.asked, launching.system);
        hooks.report({ event: 'retrying', offset: choice.offset, lost, nextOffset: next.offset });
        choice = next;
        tries += 1;
        break;
      }
      case 'asked':
        choice = await reserveAgain(launching, choice, avoid);
        tries = 1;
        break;
      case 'ended': {
        const next = nextRestart(request.restart, restarts, outcome.how, outcome.readyForMs);
        if (!next) return overAfter(outcome);
        restarts = next.restarts;
        await pauseBefore(launching, next, outcome.how);
        // Nobody needs the server any more.
        if (companion.done.aborted) return (await companion.result()) ?? 0;
        choice = await reserveAgain(launching, choice, avoid);
        tries = 1;
      }
    }
  }
}

function overAfter({ error }: Extract<RunOutcome, { kind: 'ended' }>): number {
  if (error) throw error;
  return 0;
}

async function pauseBefore(
  { hooks, companion, session, system }: Launching,
  { restarts, delayMs }: NonNullable<ReturnType<typeof nextRestart>>,
  how: ServerEnd,
): Promise<void> {
  const reason = how === 'failed' ? 'crashed' : 'from-inside';
  hooks.report({ event: 'restarting', attempt: restarts.inARow, delayMs, reason });
  await system.clock.sleep(delayMs, AbortSignal.any([hooks.asked, companion.done, session.restartAsked]));
  hooks.asked.throwIfAborted();
}

/** The same offset if it is still free, for others may have been told it; else whatever the launch may choose. */
async function reserveAgain(
  { options, hooks, companion, standing, system }: Launching,
  { name, offset }: Choice,
  avoid: ReadonlySet<number>,
): Promise<Choice> {
  standing.awaitedSinceMs = system.clock.now();
  const again = { ...options, avoid, keepName: name };
  try {
    return await reserve({ ...again, range: { min: offset, max: offset } }, hooks.asked, system);
  } catch (error) {
    const isTaken = error instanceof LaunchError && error.exitCode === 4;
    if (!isTaken || companion.hasStarted || options.request.offset.kind !== 'auto') throw error;
    return reserve(again, hooks.asked, system);
  }
}

/** How one start went; nothing of it runs any more. */
type RunOutcome =
  | { readonly kind: 'over'; readonly exitCode: number }
  | { readonly kind: 'lost'; readonly error: PortsLost }
  | { readonly kind: 'asked' }
  /** It ended by itself, and its policy decides. */
  | { readonly kind: 'ended'; readonly how: ServerEnd; readonly readyForMs: number; readonly error?: LaunchError };

/** One start, up to its end. @throws LaunchError */
async function runOnce(launching: Launching, choice: Choice): Promise<RunOutcome> {
  const { request, inspection, runtime, options, standing, guard, log, hooks, session, system } = launching;
  hooks.asked.throwIfAborted();
  session.renew();
  const following = follow(followRequest(options, choice), system);
  const generated = { overlay: writeOverlay(launching, choice), copy: following.file };
  const command = commandFor(inspection, runtime, request, choice, generated, system);
  if (system.platform === 'win32') makeTemporaryFolder(inspection, system);
  const server = await startServer(
    {
      command,
      runtimeHome: inspection.runtimeHome,
      ports: choice.ports,
      readyText: inspection.facts.readyText,
      tag: options.leaseId,
      guard,
      log: { file: log.file, fd: log.fd, size: log.size() },
    },
    system,
  );
  // Where that has failed, the gate was never opened.
  standing.isServerUp = true;
  nameServerInLease(launching, choice, server);
  hooks.report({ event: 'starting', offset: choice.offset, pid: server.leader.pid, command, logFile: log.file });
  try {
    return await serve(launching, { ...choice, warnings: [...choice.warnings, ...following.warnings] }, server);
  } finally {
    server.log.close();
  }
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

function nameServerInLease({ options, system }: Launching, choice: Choice, server: RunningServer): void {
  try {
    system.leases.update(options.leaseId, { server: server.leader, ports: choice.ports.map(({ number }) => number) });
  } catch {
    // a lease that can't be written was warned of when the offset was chosen
  }
}

async function serve(launching: Launching, choice: Choice, server: RunningServer): Promise<RunOutcome> {
  const { companion, hooks, request, standing, system } = launching;
  const seen: Seen = {};
  let end: Ending;
  try {
    end = await untilEnd(launching, choice, server, seen);
  } catch (error) {
    end = { reason: 'failed', error };
  }
  const readyForMs = seen.readyAtMs === undefined ? 0 : system.clock.now() - seen.readyAtMs;
  const ended = endedByItself(end, readyForMs);
  const goesOn = end.reason === 'asked' && 'again' in end;
  // A server that is going to be started again keeps its companion.
  const mayGoOn = goesOn || (ended !== undefined && request.restart.when !== 'never');
  if (!mayGoOn) await companion.end();
  // From here on nobody may take it for ready.
  if (goesOn) hooks.report({ event: 'restarting', attempt: 1, delayMs: 0, reason: 'asked' });
  await stopAndReport(launching, server, end, seen);
  standing.isServerUp = false;
  if (goesOn) return { kind: 'asked' };
  if (ended) return ended;
  if ('exitCode' in end) return { kind: 'over', exitCode: end.exitCode };
  const error = 'error' in end ? end.error : undefined;
  if (!(error instanceof PortsLost)) throw error;
  if (!companion.hasStarted) return { kind: 'lost', error };
  // The command has been told these ports already.
  const failure = { kind: 'ports-lost', offset: choice.offset, lost: error.lost, tries: 1 } as const;
  throw new LaunchError(failure, error.lastLines);
}

/** What a server has been, for its stop and its next start. */
interface Seen {
  lastReady?: Ready;
  /** When it was ready first. */
  readyAtMs?: number;
  /** Whether it was told of as being shut down from inside. */
  hasSaidStopping?: boolean;
}

/** A crash, an end before it was ready, or a shutdown from inside; undefined for every other end. */
function endedByItself(end: Ending, readyForMs: number): Extract<RunOutcome, { kind: 'ended' }> | undefined {
  if (end.reason === 'from-inside') return { kind: 'ended', how: 'shut-down', readyForMs };
  const error = 'error' in end ? end.error : undefined;
  if (!(error instanceof LaunchError)) return undefined;
  const isCrash = error.failure.kind === 'crashed' || error.failure.kind === 'exited-before-ready';
  return isCrash ? { kind: 'ended', how: 'failed', readyForMs, error } : undefined;
}

/** What goes on beside a ready server, such as the command of `exec`: begun once, however often the server restarts. */
class Companion {
  readonly #serverIsOver = new AbortController();
  readonly #done = new AbortController();
  #work: Promise<number> | undefined;

  constructor(
    private readonly whileReady: LaunchHooks['whileReady'],
    private readonly insisted: AbortSignal,
  ) {}

  get hasStarted(): boolean {
    return this.#work !== undefined;
  }

  /** Fires when the work has ended by itself. */
  get done(): AbortSignal {
    return this.#done.signal;
  }

  start(ready: ReadyInstance): void {
    if (!this.whileReady || this.#work) return;
    this.#work = this.whileReady(ready, this.#serverIsOver.signal, this.insisted);
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
  | { readonly reason: StopReason; readonly error: unknown }
  /** To be started again at once. */
  | { readonly reason: 'asked'; readonly again: true };

async function stopAndReport(
  { request, inspection, hooks, system }: Launching,
  server: RunningServer,
  end: Ending,
  { lastReady, hasSaidStopping }: Seen,
): Promise<void> {
  const { reason } = end;
  const error = 'error' in end ? end.error : undefined;
  // A lost race goes on with the next offset: its stop is part of the retry.
  const isSilent = 'again' in end || error instanceof PortsLost || (error !== undefined && server.tree().length === 0);
  if (!isSilent && !(hasSaidStopping && reason === 'from-inside')) hooks.report({ event: 'stopping', reason });
  const options = {
    graceMs: request.stopTimeoutMs,
    insisted: hooks.insisted,
    jvmPid: lastReady?.jvm.pid,
    ownSockets: lastReady?.ownSockets ?? [],
    // Only one that was ready is known to have its ports: a password is not for whoever else may listen there.
    management: lastReady && system.platform === 'win32' ? managementOf(inspection, server.ports, system) : undefined,
  };
  const stopped = await stop(server, options, system);
  if (!isSilent) hooks.report({ event: 'stopped', reason, ...stopped });
}

/** Ready, then quiet, then ready again after each restart from inside, until the run is over. */
async function untilEnd(launching: Launching, choice: Choice, server: RunningServer, seen: Seen): Promise<Ending> {
  const { companion, hooks, options, session, system, inspection } = launching;
  const restartAsked = session.restartAsked;
  const wake = AbortSignal.any([hooks.asked, companion.done, restartAsked]);
  const endAsAsked = async (): Promise<Ending> => {
    if (restartAsked.aborted && !hooks.asked.aborted) return { reason: 'asked', again: true };
    return endAsAskedBy(hooks.asked, companion);
  };
  let since = server.logStart;
  let startedAt = server.logStart;

  for (let attempt = 1; ; attempt++) {
    const ready = await becomeReady(launching, server, since, wake).catch((error: unknown) => {
      if (wake.aborted && error === wake.reason) return undefined;
      throw error;
    });
    if (!ready) return endAsAsked();
    seen.lastReady = ready;
    seen.readyAtMs ??= system.clock.now();
    forgetRendering({ name: choice.name, home: inspection.home }, options.stateFolder, system);
    const event = readyEvent(launching, choice, server, ready);
    hooks.report(event);
    companion.start({ ...event, name: choice.name, home: inspection.home });

    const health = healthWatch(launching, server, event, seen);
    seen.hasSaidStopping = false;
    const change = await untilChange(server, ready.jvm, startedAt, health, wake, system);
    switch (change.kind) {
      case 'restarted':
        ({ since, startedAt } = change);
        launching.standing.awaitedSinceMs = system.clock.now();
        hooks.report({ event: 'restarting', attempt, delayMs: 0, reason: 'from-inside' });
        continue;
      case 'asked':
        return endAsAsked();
      case 'shut-down':
        if (!companion.hasStarted) return { reason: 'from-inside', exitCode: 0 };
        return crashed(server, 'it was shut down from inside');
      case 'crashed':
        return crashed(server, change.how);
    }
  }
}

/** A server that is well again is ready as it was before. */
function healthWatch(
  { companion, inspection, hooks, system }: Launching,
  server: RunningServer,
  ready: ReadyEvent,
  seen: Seen,
): HealthWatch {
  return {
    look: (signal) => whyUnhealthy(server, inspection.facts.health, signal, system),
    changed: (reason, isShuttingDown) => {
      // Whatever runs beside it has lost its server, which is a failure.
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
  const exitCode = await companion.result();
  return asked.aborted ? (asked.reason as StopRequest) : { reason: 'exec-done', exitCode: exitCode ?? 0 };
}

function crashed(server: RunningServer, how: string): Ending {
  const lines = lastLines(server);
  const failure = { kind: 'crashed', how, logFile: server.logFile, cause: causeIn(lines) } as const;
  return { reason: 'failed', error: new LaunchError(failure, lines) };
}

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
  { inspection, runtime, standing, system }: Launching,
  { offset, ports, warnings }: Choice,
  { logFile }: RunningServer,
  ready: Ready,
): ReadyEvent {
  return {
    event: 'ready',
    offset,
    pid: ready.jvm.pid,
    durationMs: Math.round(system.clock.now() - standing.awaitedSinceMs),
    ports,
    urls: urlsOf(inspection.facts.urls, ports),
    logFile,
    warnings: [...warnings, ...runtime.warnings, ...ready.warnings],
  };
}
