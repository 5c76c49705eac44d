import { isatty } from 'node:tty';
import { commandEnvironment, type NamedInstance, namedVariables } from '../../domain/command.js';
import { asLaunchError, LaunchError } from '../../domain/failure.js';
import type { StopAsked } from '../../domain/launch-end.js';
import type { Text } from '../../domain/text.js';
import { findInstance } from '../../instance/list.js';
import { untilAborted } from '../../system/clock.js';
import { codeOfExit } from '../../system/exit-code.js';
import { nodeSystem } from '../../system/index.js';
import type { Interrupts } from '../../system/interrupts.js';
import type { StartedCommand } from '../../system/spawning.js';
import type { TrustVariables } from './certificates.js';

/** The longest time that a command may take to end after it was asked to. */
const COMMAND_GRACE_MS = 10_000;
/** The time in which a Ctrl-C that the terminal may have delivered gets to show. */
const DELIVERY_MS = 500;

/** A command that runs beside a server. */
export interface BesideCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** The product whose name the server's variables get, whatever name the server has. */
  readonly product: string;
  /** Whether it gets variables by which programs trust the server's certificates. */
  readonly trustsServer: boolean;
}

/** The caller's side of a command. */
export interface BesideHooks extends Pick<Interrupts, 'asked' | 'insisted'> {
  warn(text: Text): void;
}

/** The end of a command. */
export interface Ran {
  readonly code: number;
  /** Whether nobody has ended it. */
  readonly hasEndedByItself: boolean;
}

/**
 * Checks a command before anything is started: a typing error must not cost a server's start.
 * @throws LaunchError `unusable-home`, `command-not-executable`, `command-not-found`
 */
export function checkCommand(command: string): void {
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

/**
 * Runs the command in our place: same terminal, same process group, same folder.
 * @throws LaunchError `command-not-executable`, `shortage`; `no-certificate` where it is to trust the server
 */
export async function runBeside(
  { file, args, product, trustsServer }: BesideCommand,
  ready: NamedInstance,
  serverEnded: AbortSignal,
  { asked, insisted, warn }: BesideHooks,
): Promise<Ran> {
  const { spawning, clock, env } = nodeSystem;
  const tooLate = AbortSignal.any([asked, serverEnded]);
  const trust = trustsServer ? await trustOf(ready, tooLate).catch(unlessAborted(tooLate)) : undefined;
  if (tooLate.aborted) return { code: 0, hasEndedByItself: false };
  trust?.warnings.forEach(warn);
  const variables = { ...namedVariables(product, ready), ...trust?.variables };
  const started = await spawning.startCommand(file, args, commandEnvironment(env, variables));
  const over = new AbortController();
  void started.exited.then(() => over.abort());

  await untilAborted(AbortSignal.any([over.signal, asked, serverEnded]));
  const hasEndedByItself = over.signal.aborted;
  if (!hasEndedByItself) {
    const signal = asked.aborted ? (asked.reason as StopAsked).signal : undefined;
    // Ctrl-C on a terminal reaches the command by itself; twice, it would mean more than the user said.
    if (signal === 'SIGINT' && isatty(2)) await clock.sleep(DELIVERY_MS, over.signal);
    if (!over.signal.aborted) started.kill(signal ?? 'SIGTERM');
    await clock.sleep(COMMAND_GRACE_MS, AbortSignal.any([over.signal, insisted]));
    if (!over.signal.aborted) await killTree(started);
  }
  const exit = await started.exited;
  if (exit.error) throw whyNotRun(exit.error, file);
  return { code: codeOfExit(exit), hasEndedByItself };
}

/** Reading certificates is loaded only when it is wanted. */
async function trustOf({ name }: NamedInstance, signal: AbortSignal): Promise<TrustVariables> {
  const { trustVariables } = await import('./certificates.js');
  return trustVariables(await findInstance(name), signal);
}

/** Makes an error nothing where nobody wants any more what has failed. */
const unlessAborted =
  ({ aborted }: AbortSignal) =>
  (error: unknown): undefined => {
    if (!aborted) throw error;
  };

/** A machine that lacks something is no fault of the command. */
function whyNotRun(error: Error, command: string): LaunchError {
  const told = asLaunchError(error);
  if (told.failure.kind === 'shortage') return told;
  return new LaunchError({ kind: 'command-not-executable', command, reason: error.message });
}

async function killTree({ pid }: StartedCommand): Promise<void> {
  if (pid !== undefined) await nodeSystem.host.killTree(pid, nodeSystem);
}
