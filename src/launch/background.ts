import { parseScriptArguments, SUPERVISOR_VARIABLE, withJvm } from '../domain/command.js';
import type { LaunchEvent } from '../domain/events.js';
import { LaunchError } from '../domain/failure.js';
import type { Holder } from '../domain/instance.js';
import { type Over, parseSaid, type Started } from '../domain/protocol.js';
import { mention, mentioning, type Text } from '../domain/text.js';
import { settlesWithin } from '../system/clock.js';
import { nodeSystem, type System } from '../system/index.js';
import type { Exit, StartedSupervisor } from '../system/spawning.js';
import type { LaunchRequest } from './request.js';

/** The job of a supervisor in the background. */
export interface Job {
  readonly request: LaunchRequest;
  /** Present where the server is stopped when nobody uses it any more: whoever starts it is the first. */
  readonly use?: { readonly holder: Holder; readonly lingerMs: number };
  /** `NODE_OPTIONS` for the server, where the supervisor is told others, which are not for its server. */
  readonly nodeOptions?: string;
}

/**
 * Starts a launch in a process of its own, in a session of its own.
 * @param words shown where processes are listed; the job itself is told another way, for it may hold secrets
 */
export async function startInBackground(
  job: Job,
  words: readonly string[],
  env: System['env'],
  { spawning }: Pick<System, 'spawning'> = nodeSystem,
): Promise<StartedSupervisor> {
  const known = Object.entries(env).filter(([, value]) => value !== undefined) as [string, string][];
  const supervisor = await spawning.startSupervisor(words, {
    ...Object.fromEntries(known),
    [SUPERVISOR_VARIABLE]: '1',
  });
  supervisor.say(jobLine(job));
  return supervisor;
}

/** Callbacks for what a supervisor tells the process that has started it. */
export interface BackgroundHooks {
  started(started: Started): void;
  warn(text: Text): void;
  hear(event: LaunchEvent): void;
}

/**
 * Hears a supervisor until its launch is over; undefined where the connection ends before.
 * @throws LaunchError `shortage` where it never gets so far as to say a word; it is killed then
 */
export async function hearSupervisor(
  supervisor: StartedSupervisor,
  hooks: BackgroundHooks,
  system: Pick<System, 'processes' | 'clock'> = nodeSystem,
): Promise<Over | undefined> {
  const heard = new AbortController();
  const watch = untilStuck(supervisor.pid, heard.signal, system).then((isStuck) => {
    if (isStuck) supervisor.kill('SIGKILL');
    return isStuck;
  });
  try {
    const over = await hearWords(supervisor, hooks, () => heard.abort());
    heard.abort();
    if (await watch) throw stuck();
    return over;
  } finally {
    heard.abort();
  }
}

/** The time without a word and without work after which a supervisor is looked at again, in milliseconds. */
const SILENCE_MS = 10_000;

/**
 * Whether a process neither works nor is suspended before it is heard: Node waits for ever at its start where it can
 * start some of its threads and not all (NodePlatform waits for each that it has asked for). One that is only slow
 * works in the meantime.
 */
async function untilStuck(
  pid: number,
  heard: AbortSignal,
  { processes, clock }: Pick<System, 'processes' | 'clock'>,
): Promise<boolean> {
  for (let spentMs = processes.cpuTimeOf(pid); ; ) {
    await clock.sleep(SILENCE_MS, heard);
    if (heard.aborted) return false;
    const row = processes.find(pid);
    const spentByNowMs = processes.cpuTimeOf(pid);
    if (row && !row.isSuspended && spentMs !== undefined && spentByNowMs === spentMs) return true;
    spentMs = spentByNowMs;
  }
}

const stuck = (): LaunchError =>
  new LaunchError({
    kind: 'shortage',
    what: 'The supervisor in the background does not begin: Node waits for ever where it can start no more threads.',
    hint: 'Nothing was started. Raise the limit with ulimit -u, or end what is not needed.',
  });

async function hearWords(
  { lines, exited }: StartedSupervisor,
  { started, warn, hear }: BackgroundHooks,
  heard: () => void,
): Promise<Over | undefined> {
  for await (const line of lines) {
    heard();
    const said = parseSaid(JSON.parse(line));
    if (!said) continue;
    if ('started' in said) started(said.started);
    if ('warning' in said) warn(said.warning);
    if ('event' in said) hear(said.event);
    if ('over' in said) {
      // A launcher that hears that a launch is over may look at once for what is left of it.
      await settlesWithin(exited, EXIT_PATIENCE_MS);
      return said.over;
    }
  }
  return undefined;
}

/** The longest wait for a supervisor that has said its last word; a suspended one must not keep us. */
const EXIT_PATIENCE_MS = 5_000;

/** The failure that the end of a supervisor without a last word means. */
export function cutOff({ code, signal }: Exit): LaunchError {
  if (signal === null) {
    const what = `The supervisor in the background ended without a word, code ${code}.`;
    return new LaunchError({ kind: 'internal', what });
  }
  const rest = mentioning`Its guard stops the server, if there was one already; ${mention.command('ps')} shows what is left.`;
  if (NODE_ENDS_ITSELF.includes(signal)) {
    const what = `Node ended the supervisor in the background (${signal}), as it does where it gets no memory or can start no thread.`;
    return new LaunchError({
      kind: 'shortage',
      what,
      hint: mentioning`${rest} Raise ulimit -v and -u, or end what is not needed.`,
    });
  }
  return new LaunchError({
    kind: 'internal',
    what: `The supervisor in the background was ended by ${signal}.`,
    hint: rest,
  });
}

/** How Node aborts, and how V8 does: `abort()`, and the instruction that its IMMEDIATE_CRASH is made of. */
const NODE_ENDS_ITSELF: readonly string[] = ['SIGABRT', 'SIGTRAP', 'SIGILL'];

const jobLine = ({ request, ...job }: Job): string =>
  JSON.stringify({ ...job, request: { ...request, script: request.script.others, jvm: request.script.jvm } });

/** The job that a line holds, of a process of the same build. */
export function jobIn(line: string): Job {
  const { request, ...job } = JSON.parse(line);
  const { script, jvm, ...rest } = request;
  return { ...job, request: { ...rest, script: withJvm(parseScriptArguments(script), jvm) } };
}
