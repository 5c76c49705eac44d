import { type LaunchHooks, launchInForeground } from '../../api/internal/foreground.js';
import { LogCopy } from '../../api/internal/log-copy.js';
import { planDocument, planOf } from '../../api/internal/plan.js';
import type { LaunchRequest } from '../../api/internal/request.js';
import { factsOf, type ProductId } from '../../domain/catalogue.js';
import type { LaunchEvent } from '../../domain/events.js';
import { exitCodeOf } from '../../domain/launch-end.js';
import { inWords } from '../../domain/words.js';
import { type Interrupts, listenForInterrupts } from '../../system/interrupts.js';
import { isTerminal, untilTaken } from '../../system/output.js';
import type { Context } from '../main.js';
import { readLaunchRequest } from '../options.js';
import { banner, planText } from '../render.js';
import type { Output, Terminal } from '../terminal.js';
import type { View } from '../view.js';

export async function runLaunch(product: ProductId | undefined, context: Context): Promise<View | number> {
  const { options, rest, format } = context;
  const request = readLaunchRequest(product, options, rest ?? []);
  if (options.isOn('dry-run')) return planView(request, context);
  if (request.isDetached) {
    const { runDetached } = await import('./detach.js');
    return runDetached(request, context);
  }
  return runInForeground(request, context, { showsOutput: !format });
}

/** Tells the events of a launch, the banner among them. */
export function announce({ reporter, terminal }: Context, isDetached = false): (event: LaunchEvent) => void {
  let planned: Extract<LaunchEvent, { event: 'planned' }> | undefined;
  return (event) => {
    if (event.event === 'planned') planned = event;
    reporter.report(event);
    if (event.event === 'ready' && planned && terminal.isTerminal && !terminal.isQuiet) {
      const { title } = factsOf(planned.product as ProductId);
      const { version, kernel } = planned;
      // A restart with changed options has another offset for another reason.
      const skipped = event.offset === planned.offset ? planned.skipped : [];
      const facts = { name: reporter.name ?? '', title, version, kernel, skipped, isDetached };
      for (const line of banner(event, facts, terminal)) terminal.say(line);
    }
  };
}

/** The dry run: what a launch would do, and nothing of it done. */
export async function planView(request: LaunchRequest, { reporter }: Context): Promise<View> {
  const plan = await planOf(request);
  plan.warnings.forEach(reporter.warn);
  return { data: planDocument(plan), text: () => planText(plan) };
}

export interface ForegroundOptions {
  /** Whether the server's output is copied to ours. */
  readonly showsOutput: boolean;
  readonly whileReady?: LaunchHooks['whileReady'];
  /** Shared with whatever runs beside the server. */
  readonly interrupts?: Interrupts;
}

/** A launch that belongs to this process: signals stop it, its events are told, its output is shown. */
export async function runInForeground(
  request: LaunchRequest,
  context: Context,
  { showsOutput, whileReady, interrupts = listenForInterrupts() }: ForegroundOptions,
): Promise<number> {
  const { reporter, output, terminal } = context;
  const { asked, insisted } = interrupts;
  const copy = showsOutput ? copyTo(output, terminal) : undefined;
  const hooks: LaunchHooks = {
    asked,
    insisted,
    ...(whileReady && { whileReady }),
    warn: reporter.warn,
    started: (name) => {
      reporter.name = name;
    },
    report: announce(context),
  };
  try {
    const end = await launchInForeground(request, hooks, copy);
    if (end.kind === 'job-done' && !terminal.isQuiet) {
      terminal.say(inWords`wso2-launch: ${reporter.name ?? ''} has ended with code ${String(end.code)}: ${end.by}`);
    }
    return exitCodeOf(end);
  } finally {
    interrupts.stop();
    if (copy) await untilTaken(copy.caughtUp(Number.POSITIVE_INFINITY), [output], asked.aborted ? insisted : asked);
    copy?.close();
  }
}

/** The server writes to its log; this reader's pace is its own affair. */
function copyTo(output: Output, terminal: Terminal): LogCopy {
  // The line below is there where both go to a terminal, which is then taken to be the same one.
  const isShared = terminal.isRedrawn && isTerminal(1);
  return new LogCopy(async (block) => {
    if (isShared) await terminal.writeAbove(() => output.write(block), block.at(-1) === LINE_FEED);
    else await output.write(block);
    return !output.fault;
  });
}

const LINE_FEED = 0x0a;
