import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { factsOf, PRODUCT_IDS, type ProductId } from '../../domain/catalogue.js';
import { commandEnvironment, instanceVariables } from '../../domain/command.js';
import type { LaunchEvent, StopRequest } from '../../domain/events.js';
import { LaunchError } from '../../domain/failure.js';
import { formatDuration } from '../../domain/numbers.js';
import { treeOf } from '../../domain/tree.js';
import { inWords } from '../../domain/words.js';
import { locateHomeIfAny } from '../../home/locate.js';
import { askSupervisor } from '../../instance/client.js';

import { findInstance, type Instance, isRunning, listInstances } from '../../instance/list.js';
import type { LaunchRequest } from '../../launch/request.js';
import { settlesWithin } from '../../system/clock.js';
import { nodeSystem } from '../../system/index.js';
import type { StartedCommand } from '../../system/spawning.js';
import { type Interrupts, listenForInterrupts } from '../interrupts.js';
import type { Context } from '../main.js';
import { readLaunchRequest } from '../options.js';
import { readProduct } from '../product-word.js';
import { launchInForeground, showPlan } from './launch.js';

/** How long a command may take to end after it was asked to. */
const COMMAND_GRACE_MS = 10_000;
/** How long a Ctrl-C that the terminal may have delivered gets to show. */
const DELIVERY_MS = 500;
const LOOK_MS = 500;

const RUN_IS_NO_PRODUCT =
  'wso2-launch run takes the product from the home, and exec is told it: wso2-launch exec apim --auto-offset -- npm test';

export async function runExec(context: Context): Promise<number> {
  const { options, words, rest, terminal } = context;
  if (words[0] === undefined) {
    throw new LaunchError({ kind: 'usage', what: `exec lacks its product: one of ${PRODUCT_IDS.join(', ')}.` });
  }
  const product = readProduct(words[0], words[0] === 'run' ? RUN_IS_NO_PRODUCT : undefined);
  const [command, ...args] = rest ?? [];
  if (command === undefined) {
    throw new LaunchError({
      kind: 'usage',
      what: 'exec lacks its command.',
      hint: `wso2-launch exec ${product} --auto-offset -- npm test`,
    });
  }
  const request = { ...readLaunchRequest(product, options, [], nodeSystem.env), isDetached: false };
  checkCommand(command);
  if (options.isOn('dry-run')) return showPlan(request, context);
  const reusable = options.isOn('reuse') ? findReusable(request, product) : undefined;
  if (reusable) return runBesideRunning(reusable, command, args, request.readyTimeoutMs, context);
  if (terminal.isTerminal && !terminal.isQuiet) {
    const patience = formatDuration(request.readyTimeoutMs);
    terminal.say(inWords`wso2-launch: launching ${factsOf(product).title} for ${command} (within ${patience})`);
  }
  const interrupts = listenForInterrupts();
  let ran: Ran | undefined;
  let hasRun = false;
  const code = await launchInForeground(request, context, {
    showsOutput: false,
    interrupts,
    whileReady: async (ready, serverEnded, insisted) => {
      hasRun = true;
      ran = await runBeside(command, args, ready, serverEnded, { asked: interrupts.asked, insisted });
      return ran.code;
    },
  });
  // The launch has ended as somebody has asked; the command has not.
  if (code === 0 && !ran?.hasEndedByItself) {
    const { name } = context.reporter;
    throw new LaunchError({ kind: 'stopped-meanwhile', name, command: { name: command, hasRun } });
  }
  return code;
}

/** How a command ended. */
interface Ran {
  readonly code: number;
  /** Whether nobody has ended it. */
  readonly hasEndedByItself: boolean;
}

/**
 * The live instance of that name or home, with the offset and the profile that may be asked for; without either the
 * only one of that product. Undefined where it is to be launched. @throws LaunchError
 */
function findReusable(request: LaunchRequest, product: ProductId): Instance | undefined {
  const { files } = nodeSystem;
  const { name, named, offset } = request;
  // A variable's home is for whoever names nothing.
  const located = name === undefined || named?.by === '--home' ? locateHomeIfAny(request) : undefined;
  const isItsHome = ({ home, runtimeHome = home }: Instance): boolean =>
    located ? files.realPath(runtimeHome) === files.realPath(located.runtimeHome) : hasProfile(runtimeHome, request);
  const live = listInstances().filter(
    (one) =>
      isRunning(one) &&
      one.status !== 'orphaned' &&
      one.product === product &&
      (name === undefined || one.name === name) &&
      isItsHome(one) &&
      (offset.kind !== 'fixed' || one.offset === offset.offset.value),
  );
  if (live.length === 1 || (live.length === 0 && (name !== undefined || located))) return live[0];
  const names = live.map((one) => one.name).join(', ');
  throw new LaunchError({
    kind: 'usage',
    what: names
      ? `--reuse has to be told which: ${names} are running.`
      : `No ${product} is running that could be reused.`,
    hint: names
      ? 'Name one with --name, or its home with --home.'
      : 'Name a home with --home, or change into it: then it is launched.',
  });
}

/** Whether a runtime of a home with several is of the profile that may be asked for, by its folder. */
function hasProfile(runtimeHome: string, { product, profile }: LaunchRequest): boolean {
  if (!product || !profile) return true;
  const folders = factsOf(product).versions.flatMap(({ carbon5 }) => carbon5?.profiles[profile.name]?.folder ?? []);
  // A variable is meant for whom it concerns.
  const isMeant = profile.by === '--profile' || folders.length > 0;
  return !isMeant || folders.some((one) => runtimeHome.endsWith(`/${one}`));
}

/** Runs the command beside a server that somebody else has started, and that goes on afterwards. */
async function runBesideRunning(
  instance: Instance,
  command: string,
  args: readonly string[],
  patienceMs: number,
  { reporter }: Context,
): Promise<number> {
  reporter.name = instance.name;
  const ready = await untilReady(instance, patienceMs);
  const interrupts = listenForInterrupts();
  const serverEnded = new AbortController();
  // A server that its policy starts again has died all the same: what the command did with it is lost.
  const hear = (event: LaunchEvent): boolean => event.event === 'restarting' && event.reason === 'crashed';
  const watched = askSupervisor(instance, 'watch', hear).catch(() => untilGone(instance));
  void watched.then(() => serverEnded.abort());
  try {
    const { code } = await runBeside(command, args, ready, serverEnded.signal, interrupts);
    if (!serverEnded.signal.aborted)
      return interrupts.asked.aborted ? (interrupts.asked.reason as StopRequest).exitCode : code;
  } finally {
    interrupts.stop();
  }
  const { logFile } = instance;
  throw new LaunchError({ kind: 'crashed', how: `${instance.name} ended while ${command} was running`, logFile });
}

/** Where the supervisor can't be heard, its process has to do. */
async function untilGone({ name, leaseId }: Instance): Promise<void> {
  const isThere = (): boolean =>
    listInstances().some((one) => one.name === name && one.leaseId === leaseId && isRunning(one));
  while (isThere()) await nodeSystem.clock.sleep(LOOK_MS);
}

/** An instance that is not ready, or not any more, is waited for as a launch would be. @throws LaunchError */
async function untilReady(instance: Instance, patienceMs: number): Promise<Instance> {
  if (instance.status === 'ready') return instance;
  const { name, leaseId, logFile } = instance;
  let isReady = false;
  const watched = askSupervisor(instance, 'watch', ({ event }) => {
    isReady = event === 'ready';
    return isReady;
  });
  if (!(await settlesWithin(watched, patienceMs))) {
    const { status } = findInstance(name);
    throw new LaunchError({ kind: 'not-ready', name, status, timeout: formatDuration(patienceMs), logFile });
  }
  const ended = await watched;
  const now = findInstance(name);
  if (isReady && now.leaseId === leaseId && isRunning(now)) return now;
  throw ended?.error ?? new LaunchError({ kind: 'not-running', name, ended: null, logFile });
}

/** Before anything is started: a typing error must not cost a server's start. @throws LaunchError */
function checkCommand(command: string): void {
  const { files, env, currentFolder } = nodeSystem;
  if (currentFolder() === undefined) {
    const hint = 'Change into a folder that exists: the command runs in it.';
    throw new LaunchError({ kind: 'unusable-home', what: 'The current folder has been deleted.', hint });
  }
  if (files.findProgram(command, env['PATH']) !== undefined) return;
  if (command.includes('/') && files.exists(command)) {
    const reason = files.isFolder(command) ? 'it is a folder' : 'it has no run bit';
    throw new LaunchError({ kind: 'command-not-executable', command, reason });
  }
  throw new LaunchError({ kind: 'command-not-found', command });
}

/** Runs the command in our place: same terminal, same process group, same folder. */
async function runBeside(
  command: string,
  args: readonly string[],
  ready: Parameters<typeof instanceVariables>[0],
  serverEnded: AbortSignal,
  { asked, insisted }: Pick<Interrupts, 'asked' | 'insisted'>,
): Promise<Ran> {
  const { spawning, clock, env } = nodeSystem;
  const started = await spawning.startCommand(command, args, commandEnvironment(env, instanceVariables(ready)));
  const over = new AbortController();
  void started.exited.then(() => over.abort());

  await untilAborted(AbortSignal.any([over.signal, asked, serverEnded]));
  const hasEndedByItself = over.signal.aborted;
  if (!hasEndedByItself) {
    const signal = asked.aborted ? (asked.reason as StopRequest).signal : undefined;
    // Ctrl-C on a terminal reaches the command by itself; twice, it would mean more than the user said.
    if (signal === 'SIGINT' && isatty(2)) await clock.sleep(DELIVERY_MS, over.signal);
    if (!over.signal.aborted) passOn(signal ?? 'SIGTERM', started);
    await clock.sleep(COMMAND_GRACE_MS, AbortSignal.any([over.signal, insisted]));
    if (!over.signal.aborted) await killTree(started);
  }
  const { code, signal, error } = await started.exited;
  if (error) throw new LaunchError({ kind: 'command-not-executable', command, reason: error.message });
  return { code: code ?? 128 + constants.signals[signal as NodeJS.Signals], hasEndedByItself };
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

function passOn(signal: NodeJS.Signals, { pid }: StartedCommand): void {
  const row = pid === undefined ? undefined : nodeSystem.processes.find(pid);
  if (row) nodeSystem.processes.signal(row, signal);
}

async function killTree({ pid }: StartedCommand): Promise<void> {
  if (pid === undefined) return;
  const { platform, processes, spawning } = nodeSystem;
  if (platform === 'win32') return spawning.killTree(pid);
  const rows = processes.snapshot();
  const root = rows.find((row) => row.pid === pid);
  for (const member of root ? treeOf(rows, root, (row) => row.pid === pid) : []) processes.signal(member, 'SIGKILL');
}
