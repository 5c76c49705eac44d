import { TAG_VARIABLE } from '../domain/command.js';
import type { LaunchEvent, StopRequest } from '../domain/events.js';
import { LaunchError } from '../domain/failure.js';
import { NO_RESTARTS, nextRestart, type ServerEnd } from '../domain/restarts.js';
import { urlsOf } from '../domain/urls.js';
import { renderedMark } from '../home/rendering.js';
import { inspectRuntime } from '../home/toolchain.js';
import { type Outcome, openSession, type Session, type SessionOptions } from '../instance/endpoint.js';
import { type Choice, reserve } from '../ports/reserve.js';
import { keepGuard } from '../server/guard.js';
import { type LogFile, openLog } from '../server/log-file.js';
import { keepLogSmall } from '../server/rotate.js';
import { type CopyOwner, copyFile, removeGenerated } from '../state/configuration-copy.js';
import { logFileOf, prepareStateFolder } from '../state/folder.js';
import { nodeSystem, type System } from '../system/index.js';
import type { Guard } from '../system/spawning.js';
import { Companion } from './companion.js';
import type { LaunchHooks } from './hooks.js';
import { inspectRequest, type LaunchOptions } from './plan.js';
import { type LaunchRequest, withVariables } from './request.js';
import { type Launching, type RunOutcome, runOnce, type Standing } from './run.js';
import { sharingKey } from './sharing-key.js';

const MORE_TRIES = 3;

/**
 * The whole job: inspect, reserve, start, wait until ready, supervise, stop.
 * Resolves to the exit code once nothing is left running.
 * @throws LaunchError once nothing is left running
 */
export async function launch(request: LaunchRequest, hooks: LaunchHooks, base: System = nodeSystem): Promise<number> {
  const system = withVariables(base, request);
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
    log = openLog(logFileOf(folder, choice.name), folder);
    if (!log.hasRoom()) throw new LaunchError({ kind: 'unusable-state-folder', folder, reason: DISK_FULL });
    hooks.started?.(choice.name, log.file);
    const record = recordFor(options, choice, log, system);
    session = await openSession({ folder, record, warn: hooks.warn, sharing: hooks.sharing }, system);
    hooks.opened?.(session.restart);
    const planned: LaunchEvent = {
      event: 'planned',
      product: inspection.id,
      version: inspection.version,
      ...(inspection.kernel !== undefined && { kernel: inspection.kernel }),
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
      socket: system.control.addressOf(leaseId, folder),
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

const DISK_FULL = 'its disk is full, so that nobody could read in a log that the server has started';

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
    ...(inspection.kernel !== undefined && { kernel: inspection.kernel }),
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
    key: sharingKey(request),
    stopTimeoutMs: request.stopTimeoutMs,
    leaseId,
    boot: processes.bootId(),
    supervisor: { pid, startTime: processes.find(pid)?.startTime ?? '' },
    server: null,
  };
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
    const isTaken = error instanceof LaunchError && ['ports-taken', 'no-free-offset'].includes(error.failure.kind);
    if (!isTaken || companion.hasStarted || options.request.offset.kind !== 'auto') throw error;
    return reserve(again, hooks.asked, system);
  }
}
