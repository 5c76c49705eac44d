import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { factsOf, PRODUCT_IDS, productNamed } from '../../domain/catalogue.js';
import { commandEnvironment, instanceVariables } from '../../domain/command.js';
import { LaunchError } from '../../domain/failure.js';
import { formatDuration } from '../../domain/numbers.js';
import { treeOf } from '../../domain/tree.js';
import type { ReadyInstance, StopRequest } from '../../launch.js';
import { nodeSystem } from '../../system/index.js';
import type { StartedCommand } from '../../system/spawning.js';
import { type Interrupts, listenForInterrupts } from '../interrupts.js';
import type { Context } from '../main.js';
import { readLaunchRequest } from '../options.js';
import { launchInForeground, showPlan } from './launch.js';

/** How long a command may take to end after it was asked to. */
const COMMAND_GRACE_MS = 10_000;
/** How long a Ctrl-C that the terminal may have delivered gets to show. */
const DELIVERY_MS = 500;

export async function runExec(context: Context): Promise<number> {
  const { options, words, rest, terminal } = context;
  const product = words[0] === undefined ? undefined : productNamed(words[0]);
  if (!product) {
    const what = words[0] === undefined ? 'exec lacks its product' : `"${words[0]}" is no product`;
    throw new LaunchError({ kind: 'usage', what: `${what}: one of ${PRODUCT_IDS.join(', ')}.` });
  }
  const [command, ...args] = rest ?? [];
  if (command === undefined) {
    throw new LaunchError({
      kind: 'usage',
      what: 'exec lacks its command.',
      hint: `wso2-launch exec ${product} --auto-offset -- npm test`,
    });
  }
  const request = readLaunchRequest(product, options, [], nodeSystem.env);
  checkCommand(command);
  if (options.isOn('dry-run')) return showPlan(request, context);
  if (terminal.isTerminal && !terminal.isQuiet) {
    const patience = formatDuration(request.readyTimeoutMs);
    terminal.say(`wso2-launch: launching ${factsOf(product).title} for ${command} (within ${patience})`);
  }
  const interrupts = listenForInterrupts();
  return launchInForeground(request, context, {
    showsOutput: false,
    interrupts,
    whileReady: (ready, serverEnded) => runBeside(command, args, ready, serverEnded, interrupts),
  });
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
  ready: ReadyInstance,
  serverEnded: AbortSignal,
  { asked, insisted }: Interrupts,
): Promise<number> {
  const { spawning, clock, env } = nodeSystem;
  const started = await spawning.startCommand(command, args, commandEnvironment(env, instanceVariables(ready)));
  const over = new AbortController();
  void started.exited.then(() => over.abort());

  await untilAborted(AbortSignal.any([over.signal, asked, serverEnded]));
  if (!over.signal.aborted) {
    const signal = asked.aborted ? (asked.reason as StopRequest).signal : undefined;
    // Ctrl-C on a terminal reaches the command by itself; twice, it would mean more than the user said.
    if (signal === 'SIGINT' && isatty(2)) await clock.sleep(DELIVERY_MS, over.signal);
    if (!over.signal.aborted) passOn(signal ?? 'SIGTERM', started);
    await clock.sleep(COMMAND_GRACE_MS, AbortSignal.any([over.signal, insisted]));
    if (!over.signal.aborted) await killTree(started);
  }
  const { code, signal, error } = await started.exited;
  if (error) throw new LaunchError({ kind: 'command-not-executable', command, reason: error.message });
  return code ?? 128 + constants.signals[signal as NodeJS.Signals];
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
