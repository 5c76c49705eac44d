import { asLaunchError, type LaunchError } from '../domain/failure.js';
import { endOf, exitCodeOf, type LaunchEnd, StopAsked } from '../domain/launch-end.js';
import { beginning, next, type Order, type Pause, type Progress } from '../domain/lifecycle.js';
import { inspectToolchain } from '../home/toolchain.js';
import { type Choice, reserve } from '../ports/reserve.js';
import { prepareStateFolder } from '../state/folder.js';
import { nodeSystem, type System } from '../system/index.js';
import { withBirthWarning } from './birth.js';
import { Companion } from './companion.js';
import { checkLogLength, Holdings } from './holdings.js';
import type { LaunchHooks } from './hooks.js';
import { inspectRequest, type PreparedLaunch } from './plan.js';
import type { PrivateHome } from './private-home.js';
import { launchedAs } from './record.js';
import { type CurrentStart, isTaken, pinned, type Relaunch, Relaunches } from './relaunch.js';
import { type LaunchRequest, withVariables } from './request.js';
import { type Launching, runOnce, type Standing } from './run.js';

/**
 * The whole job: inspect, reserve, start, wait until ready, supervise, stop.
 * Resolves once nothing is left running.
 * @throws LaunchError once nothing is left running
 */
export async function launch(
  request: LaunchRequest,
  hooks: LaunchHooks,
  base: System = nodeSystem,
): Promise<LaunchEnd> {
  const system = withVariables(base, request);
  const own = await ownHomeOf(request, hooks, system);
  if (own instanceof StopAsked) return endOf(own);
  const prepared = prepare(own?.request ?? request, own, system);
  const relaunches = new Relaunches(base);
  const options = {
    ...prepared,
    request: pinned(prepared.request, prepared.inspection, system),
    keeps: () => relaunches.ports,
  };
  const holdings = new Holdings(options, hooks, system);
  const standing: Standing = { isServerUp: false, awaitedSinceMs: system.clock.now() };
  const leave = (code: number, error?: LaunchError): Promise<void> => {
    relaunches.end();
    own?.undo();
    const outcome = { code, ...(error && { error }) };
    return standing.isServerUp ? holdings.leaveToGuard(outcome) : holdings.clearUp(outcome);
  };
  try {
    const end = await begin({ options, holdings, hooks, standing, relaunches, system, ...(own && { own }) });
    await leave(exitCodeOf(end));
    return end;
  } catch (error) {
    // Everything under way has been stopped by now: what counts is who asked for it.
    if (error instanceof StopAsked) {
      const end = endOf(error);
      await leave(exitCodeOf(end));
      return end;
    }
    const expected = asLaunchError(error);
    await leave(expected.exitCode, expected);
    throw expected;
  }
}

/** The private home of a launch that is to have one, or whoever wants no launch any more. @throws LaunchError */
async function ownHomeOf(
  { ownHome, ...request }: LaunchRequest,
  hooks: LaunchHooks,
  system: System,
): Promise<PrivateHome | StopAsked | undefined> {
  if (!ownHome) return undefined;
  const { openPrivateHome } = await import('./private-home.js');
  try {
    return await openPrivateHome({ ...request, ownHome }, hooks, system);
  } catch (error) {
    if (error instanceof StopAsked) return error;
    throw asLaunchError(error);
  }
}

/** @throws LaunchError */
function prepare(request: LaunchRequest, own: PrivateHome | undefined, system: System): PreparedLaunch {
  try {
    const { options } = inspectRequest(request, system, own);
    return own ? { ...options, installation: own.installation } : options;
  } catch (error) {
    own?.undo();
    throw error;
  }
}

interface Beginning {
  readonly options: PreparedLaunch;
  readonly holdings: Holdings;
  readonly hooks: LaunchHooks;
  readonly standing: Standing;
  readonly relaunches: Relaunches;
  readonly system: System;
  readonly own?: PrivateHome;
}

/** @throws LaunchError, StopAsked */
async function begin({ options, holdings, hooks, standing, relaunches, system, own }: Beginning): Promise<LaunchEnd> {
  const { inspection, request, stateFolder } = options;
  const runtime = await inspectToolchain(inspection, request, hooks.asked, system);
  checkLogLength(system);
  prepareStateFolder(stateFolder, system);
  const reserved = withBirthWarning(options, await reserve(options, hooks.asked, system), system);
  own?.keep();
  const choice = own ? { ...reserved, warnings: [...own.warnings, ...reserved.warnings] } : reserved;
  for (const warning of [...choice.warnings, ...runtime.warnings]) hooks.warn(warning);
  const log = holdings.openLog(choice);
  hooks.started?.(choice.name, log.file);
  const session = await holdings.openEndpoint(choice, log, (change) => relaunches.plan(change));
  hooks.opened?.(session.restart);
  hooks.report({
    event: 'planned',
    product: inspection.id,
    version: inspection.version,
    ...(inspection.kernel !== undefined && { kernel: inspection.kernel }),
    home: inspection.home,
    offset: choice.offset,
    skipped: choice.skipped,
  });
  const guard = await holdings.postGuard(choice);
  const asked = AbortSignal.any([hooks.asked, session.asked]);
  const insisted = AbortSignal.any([hooks.insisted, session.insisted]);
  const companion = new Companion(hooks.whileReady, insisted);
  holdings.keepLogSmall(log);
  const report: LaunchHooks['report'] = (event) => {
    session.report(event);
    hooks.report(event);
  };
  const shared = {
    request,
    inspection,
    runtime,
    options,
    standing,
    guard,
    log,
    companion,
    session,
    relaunches,
    system,
  };
  const launching = { ...shared, hooks: { ...hooks, asked, insisted, report } };
  return runUntilOver({ launching, choice }, holdings).finally(() => companion.end());
}

/** Starts the server again and again, until there is no reason for another start. @throws LaunchError, StopAsked */
async function runUntilOver(first: CurrentStart, holdings: Holdings): Promise<LaunchEnd> {
  const { companion, relaunches } = first.launching;
  let progress = beginning(first.choice.offset);
  let start = first;
  for (;;) {
    relaunches.stand(start);
    const { launching, choice } = start;
    const end = await runOnce(launching, choice);
    const { request } = launching;
    const policy = {
      isFree: request.offset.kind === 'auto',
      restart: request.restart,
      isWorkBegun: companion.hasStarted,
    };
    const step = next({ ...progress, offset: choice.offset }, end, policy);
    progress = step.progress;
    if (step.order.kind === 'finish') return step.order.end;
    if (step.order.kind === 'fail') throw step.order.error;
    if (step.order.kind === 'repeat' && step.order.pause) await pauseBefore(launching, step.order.pause);
    // The work beside the server is done: nobody needs another start.
    if (companion.done.aborted) return { kind: 'work-done', code: (await companion.result()) ?? 0 };
    const relaunch = relaunches.take();
    if (relaunch) {
      start = await startChanged(launching, relaunch, holdings);
      progress = beginning(start.choice.offset);
    } else if (step.order.kind === 'move') {
      const moved = await choose(launching, choice, progress);
      const lost = end.kind === 'lost' ? end.lost : [];
      launching.hooks.report({ event: 'retrying', offset: choice.offset, lost, nextOffset: moved.offset });
      start = { launching, choice: moved };
    } else {
      start = { launching, choice: await chooseAgain(launching, choice, progress, step.order) };
    }
  }
}

/** The start of a launch with changed options, once nothing of the server before is left. */
async function startChanged(
  former: Launching,
  { choice: planned, ...changed }: Relaunch,
  holdings: Holdings,
): Promise<CurrentStart> {
  const { companion, hooks, session } = former;
  const mayMove = changed.request.offset.kind === 'auto' && !companion.hasStarted;
  const choice = await chooseAgain({ ...former, ...changed }, planned, beginning(planned.offset), { mayMove });
  for (const warning of [...choice.warnings, ...changed.runtime.warnings]) hooks.warn(warning);
  const guard = await holdings.change(changed.options, choice);
  session.note(launchedAs(changed.options, choice));
  return { launching: { ...former, ...changed, guard }, choice };
}

async function pauseBefore({ hooks, companion, session, system }: Launching, pause: Pause): Promise<void> {
  hooks.report({ event: 'restarting', ...pause });
  await system.clock.sleep(pause.delayMs, AbortSignal.any([hooks.asked, companion.done, session.restartAsked]));
  hooks.asked.throwIfAborted();
}

async function choose({ options, hooks, system }: Launching, { name }: Choice, { avoid }: Progress): Promise<Choice> {
  const choice = await reserve({ ...options, avoid, keepName: name }, hooks.asked, system);
  return withBirthWarning(options, choice, system);
}

/** Chooses the same offset if it is still free, for others may have been told it; else any that the launch may have. */
async function chooseAgain(
  launching: Launching,
  choice: Choice,
  progress: Progress,
  { mayMove }: Pick<Extract<Order, { kind: 'repeat' }>, 'mayMove'>,
): Promise<Choice> {
  const { options, standing, system } = launching;
  standing.awaitedSinceMs = system.clock.now();
  const range = { min: choice.offset, max: choice.offset };
  try {
    return await choose({ ...launching, options: { ...options, range } }, choice, progress);
  } catch (error) {
    if (!mayMove || !isTaken(error)) throw error;
    return choose(launching, choice, progress);
  }
}
