import type { ProductId } from '../../domain/catalogue.js';
import { factsOf } from '../../domain/catalogue.js';
import type { LaunchEvent } from '../../domain/events.js';
import { exitCodeOf } from '../../domain/launch-end.js';
import type { LaunchHooks } from '../../launch/hooks.js';
import { launch } from '../../launch/launch.js';
import { planLaunch } from '../../launch/plan.js';
import type { LaunchRequest } from '../../launch/request.js';
import { type Follower, followFile } from '../../system/follow.js';
import { nodeSystem } from '../../system/index.js';
import { type Interrupts, listenForInterrupts } from '../../system/interrupts.js';
import { untilTaken } from '../../system/output.js';
import type { Context } from '../main.js';
import { readLaunchRequest } from '../options.js';
import { banner, planDocument, planText } from '../render.js';
import type { Output } from '../terminal.js';

export async function runLaunch(product: ProductId | undefined, context: Context): Promise<number> {
  const { options, rest } = context;
  const request = readLaunchRequest(product, options, rest ?? [], nodeSystem.env);
  if (options.isOn('dry-run')) return showPlan(request, context);
  if (request.isDetached) {
    const { launchDetached } = await import('./detach.js');
    return launchDetached(request, context);
  }
  return launchInForeground(request, context, { showsOutput: !options.isOn('json') });
}

/** Tells the events of a launch, the banner among them. */
export function announce({ reporter, terminal }: Context, isDetached = false): (event: LaunchEvent) => void {
  let planned: Extract<LaunchEvent, { event: 'planned' }> | undefined;
  return (event) => {
    if (event.event === 'planned') planned = event;
    reporter.report(event);
    if (event.event === 'ready' && planned && terminal.isTerminal && !terminal.isQuiet) {
      const { title } = factsOf(planned.product as ProductId);
      const { version, kernel, skipped } = planned;
      const facts = { name: reporter.name ?? '', title, version, kernel, skipped, isDetached };
      for (const line of banner(event, facts, terminal)) terminal.say(line);
    }
  };
}

/** The dry run: what a launch would do, and nothing of it done. */
export async function showPlan(request: LaunchRequest, { options, output, reporter }: Context): Promise<number> {
  const plan = await planLaunch(request, new AbortController().signal);
  plan.warnings.forEach(reporter.warn);
  await output.write(options.isOn('json') ? planDocument(plan) : planText(plan));
  return 0;
}

export interface ForegroundOptions {
  /** Whether the server's output is copied to ours. */
  readonly showsOutput: boolean;
  readonly whileReady?: LaunchHooks['whileReady'];
  /** Shared with whatever runs beside the server. */
  readonly interrupts?: Interrupts;
}

/** A launch that belongs to this process: signals stop it, its events are told, its output is shown. */
export async function launchInForeground(
  request: LaunchRequest,
  context: Context,
  { showsOutput, whileReady, interrupts = listenForInterrupts() }: ForegroundOptions,
): Promise<number> {
  const { reporter, output } = context;
  let copy: Follower | undefined;
  try {
    const end = await launch(request, {
      asked: interrupts.asked,
      insisted: interrupts.insisted,
      ...(whileReady && { whileReady }),
      warn: reporter.warn,
      started: (name, logFile) => {
        reporter.name = name;
        if (!showsOutput) return;
        void copy?.caughtUp(Number.POSITIVE_INFINITY).then(copy.close);
        copy = copyOutput(logFile, output);
      },
      report: announce(context),
    });
    return exitCodeOf(end);
  } finally {
    interrupts.stop();
    const { asked, insisted } = interrupts;
    if (copy) await untilTaken(copy.caughtUp(Number.POSITIVE_INFINITY), [output], asked.aborted ? insisted : asked);
    copy?.close();
  }
}

/** The server writes to its log; this reader's pace is its own affair. */
function copyOutput(logFile: string, output: Output): Follower {
  const follower = followFile(logFile, 0, async (block) => {
    await output.write(block);
    if (output.fault) follower.close();
  });
  return follower;
}
