/**
 * Every way in which the work can fail: its exit code, its sentence and the next step, in one table.
 * The words in `kind` are interface: they are the `failure` of the JSON event.
 */

import type { DeploymentAction } from './deployment.js';
import type { Status } from './instance.js';
import { brokerWarnings } from './message-broker.js';
import type { Cause } from './post-mortem.js';
import { joinTexts, mention, mentioning, type Text, withBareNames } from './text.js';

/** The holder of a port. The pid is null where the system doesn't tell (another user's process). */
export interface PortHolder {
  readonly pid: number | null;
  readonly command: string | null;
  /** The instance of ours that holds it, or has been promised it. */
  readonly instance?: string;
  /** The holder's home, where it is a WSO2 server and none of ours. */
  readonly home?: string;
}

export interface PortName {
  readonly name: string;
  readonly number: number;
}

/** A port that somebody else has; `by` is null where nobody was found on it. */
export interface TakenPort extends PortName {
  readonly by: PortHolder | null;
}

export interface SurvivingProcess {
  readonly pid: number;
  readonly command: string;
}

/** An artifact that the server could not take. */
export interface FaultyArtifact {
  readonly file: string;
  readonly path: string;
  /** Some servers move it away. */
  readonly isThere: boolean;
}

/** Artifacts of which a server has not said what it was to say. */
export interface UnheardArtifacts {
  readonly name: string;
  readonly action: DeploymentAction;
  readonly missing: readonly string[];
  readonly logFile: string;
}

export type Failure =
  | { readonly kind: 'usage'; readonly what: Text; readonly hint?: Text }
  | { readonly kind: 'unusable-home'; readonly what: Text; readonly hint: Text }
  | { readonly kind: 'unusable-script'; readonly what: Text; readonly hint: Text }
  | { readonly kind: 'unusable-jdk'; readonly what: Text; readonly hint: Text }
  | { readonly kind: 'unusable-configuration'; readonly what: Text; readonly hint: Text }
  | { readonly kind: 'unusable-state-folder'; readonly folder: string; readonly reason: string; readonly hint?: Text }
  | {
      readonly kind: 'ports-taken';
      readonly offset: number;
      readonly taken: readonly TakenPort[];
      /** The smallest offset that would do; null where none does. */
      readonly free: number | null;
      /** The ports that no offset moves. */
      readonly fixed: readonly PortName[];
      /** Present where it is the offset of the home's database, and no other will do. */
      readonly isStuck?: true;
    }
  | {
      readonly kind: 'no-free-offset';
      readonly min: number;
      readonly max: number;
      readonly taken: readonly TakenPort[];
      /** The ports that no offset moves. */
      readonly fixed: readonly PortName[];
    }
  | {
      readonly kind: 'exited-before-ready';
      readonly how: string;
      readonly logFile: string;
      readonly cause?: Cause | undefined;
    }
  | {
      readonly kind: 'server-failed';
      readonly line: string;
      readonly logFile: string;
      readonly cause?: Cause | undefined;
    }
  | { readonly kind: 'password-asked'; readonly file: string; readonly logFile: string }
  | { readonly kind: 'crashed'; readonly how: string; readonly logFile: string; readonly cause?: Cause | undefined }
  | {
      readonly kind: 'not-ready-in-time';
      readonly timeout: string;
      readonly pending: readonly string[];
      readonly logFile: string;
      readonly cause?: Cause | undefined;
    }
  | {
      readonly kind: 'not-ready';
      readonly name: string;
      readonly status: Status;
      readonly timeout: string;
      readonly logFile: string;
    }
  /** Only a ready server can answer this. */
  | { readonly kind: 'not-ready-yet'; readonly name: string; readonly status: Status }
  | { readonly kind: 'no-certificate'; readonly name: string; readonly reason: string; readonly hint: string }
  | {
      readonly kind: 'port-never-opened';
      readonly ports: readonly PortName[];
      readonly logFile: string;
      readonly cause?: Cause | undefined;
    }
  | {
      /** The server that others were waiting for was stopped from elsewhere. */
      readonly kind: 'stopped-meanwhile';
      readonly name: string | null;
      /** The command that was to run beside it, and whether it has begun to. */
      readonly command?: { readonly name: string; readonly hasRun: boolean };
      /** Present where it may have been the program itself that has stopped it. */
      readonly byWhomever?: true;
    }
  | {
      readonly kind: 'survived-stop';
      readonly processes: readonly SurvivingProcess[];
      readonly ports: readonly TakenPort[];
    }
  | {
      readonly kind: 'home-runs';
      readonly home: string;
      readonly by: string;
      readonly hint: Text;
      /** The supervised instance that has it, where it is one. */
      readonly instance?: string;
    }
  | { readonly kind: 'name-taken'; readonly name: string; readonly by: string; readonly home: string }
  /** The private home of a name was made from another installation. */
  | { readonly kind: 'home-taken'; readonly name: string; readonly home: string; readonly installation: string }
  | { readonly kind: 'unknown-home'; readonly name: string; readonly known: readonly string[] }
  | {
      readonly kind: 'ports-lost';
      readonly offset: number;
      readonly lost: readonly TakenPort[];
      readonly tries: number;
    }
  | { readonly kind: 'no-such-instance'; readonly name: string; readonly products: readonly string[] }
  | { readonly kind: 'unknown-instance'; readonly name: string; readonly known: readonly string[] }
  /** No name was given, and there is no instance that could be meant. */
  | { readonly kind: 'none-running' }
  /** No name was given, and any of these could be meant. */
  | { readonly kind: 'several-running'; readonly names: readonly string[] }
  | { readonly kind: 'not-running'; readonly name: string; readonly ended: string | null; readonly logFile: string }
  | {
      /** An instance was waited for, and left as it is. */
      readonly kind: 'wait-timed-out';
      readonly name: string;
      readonly wanted: 'ready' | 'healthy' | 'down';
      readonly missing: string;
      readonly timeout: string;
      readonly logFile: string;
    }
  | {
      /** The server has said of an artifact that it could not take it. */
      readonly kind: 'artifact-faulty';
      readonly name: string;
      readonly action: DeploymentAction;
      readonly artifacts: readonly FaultyArtifact[];
      /** The files of which it has said nothing. */
      readonly missing: readonly string[];
      readonly logFile: string;
    }
  | ({
      readonly kind: 'word-timed-out';
      readonly timeout: string;
    } & UnheardArtifacts)
  | ({ readonly kind: 'word-cut-off' } & UnheardArtifacts)
  /** Supervisor and guard were killed: nobody starts, watches or reports this server any more. */
  | { readonly kind: 'orphaned'; readonly name: string }
  | { readonly kind: 'refused'; readonly what: Text; readonly hint: Text }
  | { readonly kind: 'unusable-log'; readonly name: string; readonly file: string }
  /** The pid is absent where the supervisor is in another PID namespace, whose pids mean other processes here. */
  | { readonly kind: 'no-answer'; readonly name: string; readonly pid?: number; readonly reason: string }
  | { readonly kind: 'command-not-found'; readonly command: string }
  | { readonly kind: 'command-not-executable'; readonly command: string; readonly reason: string }
  | { readonly kind: 'choosing-blocked'; readonly waited: string; readonly pid?: number | undefined }
  /** The machine lacks what every program needs. */
  | { readonly kind: 'shortage'; readonly what: Text; readonly hint: Text }
  | { readonly kind: 'internal'; readonly what: Text; readonly hint?: Text };

export type FailureKind = Failure['kind'];

const EXIT_CODES = {
  internal: 1,
  shortage: 1,
  'choosing-blocked': 1,
  usage: 2,
  'unusable-home': 3,
  'unusable-script': 3,
  'unusable-jdk': 3,
  'unusable-configuration': 3,
  'unusable-state-folder': 3,
  'ports-taken': 4,
  'no-free-offset': 4,
  'exited-before-ready': 5,
  'server-failed': 5,
  'password-asked': 5,
  crashed: 5,
  'not-ready-in-time': 6,
  'not-ready': 6,
  'not-ready-yet': 6,
  'no-certificate': 3,
  'port-never-opened': 6,
  'stopped-meanwhile': 5,
  'survived-stop': 7,
  'home-runs': 8,
  'name-taken': 8,
  'home-taken': 8,
  'unknown-home': 10,
  'ports-lost': 9,
  'no-such-instance': 10,
  'unknown-instance': 10,
  'none-running': 10,
  'several-running': 2,
  'not-running': 10,
  orphaned: 10,
  'wait-timed-out': 6,
  'artifact-faulty': 5,
  'word-timed-out': 6,
  'word-cut-off': 10,
  refused: 1,
  'unusable-log': 3,
  'no-answer': 1,
  'command-not-executable': 126,
  'command-not-found': 127,
} as const satisfies Record<FailureKind, number>;

export const isFailureKind = (value: unknown): value is FailureKind =>
  typeof value === 'string' && Object.hasOwn(EXIT_CODES, value);

/** The sentence about what happened, and the next step. */
export interface FailureText {
  readonly message: Text;
  readonly hint: Text;
}

export function describeFailure(failure: Failure): FailureText {
  switch (failure.kind) {
    case 'usage':
      return { message: failure.what, hint: failure.hint ?? mentioning`${mention.overview}.` };
    case 'unusable-home':
    case 'unusable-script':
    case 'unusable-jdk':
    case 'unusable-configuration':
    case 'refused':
    case 'shortage':
      return { message: failure.what, hint: failure.hint };
    case 'unusable-state-folder':
      return {
        message: `The state folder ${failure.folder} can't be used: ${failure.reason}.`,
        hint: failure.hint ?? 'Make it yours and writable, or name another one in WSO2_LAUNCH_STATE_DIR.',
      };
    case 'ports-taken':
      return {
        message: `Offset ${failure.offset} can't be used: ${listTaken(failure.taken)}.`,
        hint: joinTexts([otherOffsetHint(failure), ...brokerWarnings(failure.taken)], ' '),
      };
    case 'no-free-offset':
      return {
        message: `No offset from ${failure.min} to ${failure.max} has all its ports free; last found: ${listTaken(failure.taken)}.`,
        hint: fixedHint(
          failure.fixed,
          mentioning`Widen the range with ${mention.option('minOffset')} and ${mention.option('maxOffset')}, or stop what holds these ports.`,
        ),
      };
    case 'exited-before-ready':
      return {
        message: `The server ended before it was ready (${failure.how}).`,
        hint: whyHint(failure.cause, `Its last lines say why; the whole log is ${failure.logFile}.`),
      };
    case 'server-failed':
      return {
        message: `The server failed to start and would not have recovered: ${failure.cause ? `${failure.cause.what} (${failure.cause.evidence})` : failure.line}`,
        hint: afterRemedy(failure.cause, `It has been stopped; the whole log is ${failure.logFile}.`),
      };
    case 'password-asked':
      return {
        message: 'The server asks for its keystore password on standard input, which is empty under wso2-launch.',
        hint: `Put the password into ${failure.file}; the server reads it from there and deletes the file.`,
      };
    case 'crashed':
      return {
        message: `The server ended unasked: ${failure.how}.`,
        hint: whyHint(failure.cause, `Its last lines may say why; the whole log is ${failure.logFile}.`),
      };
    case 'not-ready-in-time':
      return {
        message: `The server was not ready within ${failure.timeout}; still waiting for ${failure.pending.join(', ')}. It has been stopped.`,
        hint: whyHint(failure.cause, moreTimeHint(failure)),
      };
    case 'not-ready':
      return {
        message: `${failure.name} is ${failure.status}, and was not ready within ${failure.timeout}. It has been left alone.`,
        hint: moreTimeHint(failure),
      };
    case 'not-ready-yet':
      return {
        message: `${failure.name} is ${failure.status}: only a ready server can be asked for that.`,
        hint: mentioning`${mention.command('wait', { words: [failure.name] })} waits for it.`,
      };
    case 'no-certificate':
      return { message: `${failure.name} shows no certificate: ${failure.reason}.`, hint: failure.hint };
    case 'port-never-opened':
      return {
        message: `The server says that it has started, but never opened ${listPorts(failure.ports)}. It has been stopped.`,
        hint: whyHint(
          failure.cause,
          `Nobody else holds the port, and the log shows no failed bind: look for the listener's own error in ${failure.logFile}.`,
        ),
      };
    case 'stopped-meanwhile':
      return {
        message: stoppedText(failure),
        hint: failure.byWhomever
          ? mentioning`By stop(), by its signal, or with ${mention.command('stop')}; launch it again.`
          : mentioning`Somebody has asked for it, with ${mention.command('stop')}; start it again.`,
      };
    case 'survived-stop':
      return {
        message: `The stop is not complete: ${[
          ...failure.processes.map(({ pid, command }) => `process ${pid} (${command}) survived`),
          ...failure.ports.map((port) => `port ${describeTaken(port)}`),
        ].join('; ')}.`,
        hint: 'Look at these processes; the next launch of this home or these ports needs them gone.',
      };
    case 'home-runs':
      return { message: `${failure.home} already runs (${failure.by}).`, hint: failure.hint };
    case 'name-taken':
      return {
        message:
          failure.name === failure.by
            ? `The name ${failure.name} belongs to a running instance (${failure.home}).`
            : `The name ${failure.name} would give the same variables as ${failure.by}, which runs (${failure.home}).`,
        hint: mentioning`Give this one another name with ${mention.option('name')}, or leave the option out.`,
      };
    case 'home-taken':
      return {
        message: `The name ${failure.name} belongs to a private home that was made from ${failure.installation} (${failure.home}).`,
        hint: mentioning`Give this one another name with ${mention.option('name')}, or remove that home with ${mention.command('homes rm', { words: [failure.name] })}.`,
      };
    case 'unknown-home':
      return {
        message: `There is no private home ${failure.name}.`,
        hint:
          failure.known.length === 0
            ? mentioning`There is none yet: a launch with ${mention.option('private')} makes one.`
            : `There are ${failure.known.join(', ')}.`,
      };
    case 'ports-lost':
      return {
        message: `Ports were lost to another program after offset ${failure.offset} was chosen${
          failure.tries > 1 ? ` (${failure.tries} tries)` : ''
        }: ${listTaken(failure.lost)}. The server has been stopped.`,
        hint: mentioning`Start again, with ${mention.option('autoOffset')} to move on by itself; a program that keeps taking ports has to be found first.`,
      };
    case 'no-such-instance':
      return {
        message: `${failure.name} is neither a running instance nor a product.`,
        hint: `Products are ${failure.products.join(', ')}; an instance has the name that its launch gave it.`,
      };
    case 'unknown-instance':
      return {
        message: `There is no instance ${failure.name}.`,
        hint:
          failure.known.length === 0
            ? mentioning`None is running; ${mention.command('ps', { options: [mention.option('all')] })} shows those that have ended.`
            : `Running: ${failure.known.join(', ')}.`,
      };
    case 'none-running':
      return {
        message: 'No instance is running.',
        hint: mentioning`${mention.command('ps', { options: [mention.option('all')] })} shows those that have ended.`,
      };
    case 'several-running':
      return {
        message: `It has to be said which instance is meant: ${failure.names.join(', ')} are running.`,
        hint: 'Name one.',
      };
    case 'not-running':
      return {
        message: `${failure.name} is not running${failure.ended === null ? '' : `; it ended at ${failure.ended}`}.`,
        hint: `Its log is ${failure.logFile}.`,
      };
    case 'orphaned':
      return {
        message: `${failure.name} has lost its supervisor, which alone can tell how it is.`,
        hint: mentioning`${mention.command('stop', { words: [failure.name] })} ends what is left of it; then launch it again.`,
      };
    case 'wait-timed-out':
      return {
        message: `${failure.name} was not ${failure.wanted} within ${failure.timeout}: ${failure.missing}.`,
        hint: `It has been left as it is; its log is ${failure.logFile}.`,
      };
    case 'artifact-faulty':
      return {
        message: `${failure.name} could not ${failure.action} ${listFiles(failure.artifacts.map(({ file }) => file))}${
          failure.missing.length > 0 ? `, and has said nothing of ${listFiles(failure.missing)}` : ''
        }.`,
        hint: [
          ...failure.artifacts.map((one) => faultyHint(one, failure.action)),
          `The log is ${failure.logFile}.`,
        ].join(' '),
      };
    case 'word-timed-out':
      return {
        message: `${failure.name} has not said within ${failure.timeout} that it has ${failure.action}ed ${listFiles(failure.missing)}.`,
        hint: `What was changed stays so, and it may still say it: read ${failure.logFile}, or allow more time.`,
      };
    case 'word-cut-off':
      return {
        message: `${failure.name} ended before it had said that it has ${failure.action}ed ${listFiles(failure.missing)}.`,
        hint: `What was changed stays so, for its next start; its log is ${failure.logFile}.`,
      };
    case 'unusable-log':
      return {
        message: `The log of ${failure.name}, ${failure.file}, is gone.`,
        hint: 'Somebody has removed it; the next launch of that name writes a new one.',
      };
    case 'no-answer':
      return {
        message: `The supervisor of ${failure.name} (${failure.pid === undefined ? 'in another container' : `process ${failure.pid}`}) does not answer: ${failure.reason}.`,
        hint: noAnswerHint(failure),
      };
    case 'command-not-found':
      return {
        message: `${failure.command}: command not found. Nothing was started.`,
        hint: 'Check the name and PATH.',
      };
    case 'command-not-executable':
      return {
        message: `${failure.command} can't be run: ${failure.reason}.`,
        hint: 'Give it the run bit, or name its interpreter before it.',
      };
    case 'choosing-blocked': {
      const { waited, pid } = failure;
      return {
        message: `Another wso2-launch${pid === undefined ? '' : ` (process ${pid})`} has been choosing ports for ${waited} without an end.`,
        hint:
          pid === undefined
            ? 'It may be suspended: look for a stopped wso2-launch process (state T), and let it go on or end it.'
            : `It may be suspended: let it go on with kill -CONT ${pid}, or end it.`,
      };
    }
    case 'internal':
      return {
        message: failure.what,
        hint: failure.hint ?? 'This is a fault of wso2-launch; please report it with this message.',
      };
  }
}

/** `9443 (servlet-https), held by java, pid 812` */
export function describeTaken({ name, number, by }: TakenPort): string {
  return `${number} (${name}), ${describeHolder(by)}`;
}

export function describeHolder(by: PortHolder | null): string {
  if (by === null) return 'in use, though no process was found on it';
  if (by.instance !== undefined) return `of instance ${by.instance}${by.pid === null ? '' : `, pid ${by.pid}`}`;
  if (by.pid === null) return by.command === null ? "held by another user's process" : `wanted by ${by.command}`;
  const server = by.home === undefined ? '' : `, the server of ${by.home}`;
  return `held by ${by.command ?? 'a process'}, pid ${by.pid}${server}`;
}

function noAnswerHint({ pid, reason }: Extract<Failure, { kind: 'no-answer' }>): string {
  if (pid === undefined) return 'Ask it in the container where it was started.';
  return /ENOENT|ECONNREFUSED|another user/.test(reason)
    ? `It can't be asked any more: kill -TERM ${pid} has it stop its server gracefully.`
    : `It may be suspended: let it go on with kill -CONT ${pid}, and ask again.`;
}

function stoppedText({ name, command, byWhomever }: Extract<Failure, { kind: 'stopped-meanwhile' }>): string {
  const server = name ?? 'The server';
  if (byWhomever) return `${server} was stopped before it was ready.`;
  if (!command?.hasRun) {
    return `${server} was stopped from elsewhere before it was ready${command ? `: ${command.name} never ran` : ''}.`;
  }
  return `${server} was stopped from elsewhere while ${command.name} was running, which was cut off.`;
}

const whyHint = (cause: Cause | undefined, where: Text): Text =>
  cause ? mentioning`Likely cause: ${cause.what} (${cause.evidence}). ${afterRemedy(cause, where)}` : where;

const afterRemedy = (cause: Cause | undefined, where: Text): Text =>
  cause ? mentioning`${cause.remedy} ${where}` : where;

const moreTimeHint = ({ logFile }: Extract<Failure, { readonly timeout: string }>): Text =>
  mentioning`Read ${logFile}; allow more time with ${mention.option('readyTimeout')}.`;

/** The hint of what else could be done where an offset's ports are taken. */
function otherOffsetHint({ free, fixed, isStuck }: Extract<Failure, { kind: 'ports-taken' }>): Text {
  if (isStuck) {
    const otherwise = free === null ? 'no other offset is free either' : `the smallest free offset is ${free}`;
    return mentioning`It is the one at which the database of this home was first started: stop what holds these ports, or start without ${mention.option('sticky')} (${otherwise}).`;
  }
  if (free === null) return fixedHint(fixed, 'No other offset is free either.');
  return mentioning`The smallest free offset is ${free}: use ${mention.option('offset', free)}, or ${mention.option('autoOffset')}.`;
}

/** The hint against ports that no offset moves; without any such port, the other hint. */
export const fixedHint = (fixed: readonly PortName[], otherwise: Text): Text =>
  fixed.length === 0
    ? otherwise
    : `${listPorts(fixed)} ${fixed.length === 1 ? 'is' : 'are'} fixed, so that no offset helps: give the server another port there, or come back when it is free.`;

export const listTaken = (taken: readonly TakenPort[]): string =>
  taken.map((port) => `port ${describeTaken(port)}`).join('; ');

/** `a.war`, `a.war and b.car`, `a.war, b.car and c.aar` */
const listFiles = (files: readonly string[]): string =>
  files.length < 2 ? files.join('') : `${files.slice(0, -1).join(', ')} and ${files.at(-1)}`;

function faultyHint({ path, isThere }: FaultyArtifact, action: DeploymentAction): string {
  if (action === 'undeploy') return isThere ? `${path} is there again.` : `${path} is gone all the same.`;
  return isThere
    ? `It lies in ${path}: deploy it again once it is mended, or undeploy it.`
    : `The server has taken it away from ${path}.`;
}

const listPorts = (ports: readonly PortName[]): string =>
  ports.map(({ name, number }) => `${name} ${number}`).join(', ');

/** The one error that is expected: the CLI turns it into a message and an exit code. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
  constructor(
    readonly failure: Failure,
    /** The relevant last lines of the server's log, oldest first. */
    readonly lastLines: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(withBareNames(describeFailure(failure).message), options);
  }

  get exitCode(): number {
    return EXIT_CODES[this.failure.kind];
  }
}

const MAKE_ROOM = {
  lacks: 'the disk is full',
  hint: 'Make room on it, or move the state folder with WSO2_LAUNCH_STATE_DIR.',
};
/** Shortages by the system's word for them: errno(3). */
const SHORTAGES: Readonly<Record<string, { readonly lacks: string; readonly hint: string }>> = {
  EMFILE: { lacks: 'no more files may be opened', hint: 'Raise the limit with ulimit -n.' },
  ENFILE: { lacks: 'the system can open no more files', hint: 'End what holds so many of them.' },
  ENOMEM: { lacks: 'there is not enough memory', hint: 'End what is not needed, or raise the limit.' },
  EAGAIN: {
    lacks: 'no more processes may be started',
    hint: 'Raise the limit with ulimit -u, or end what is not needed.',
  },
  ENOSPC: MAKE_ROOM,
  EDQUOT: MAKE_ROOM,
  EFBIG: { lacks: 'no file may become so long', hint: 'Raise the limit with ulimit -f.' },
};

/** Any error as one that can be told: what nothing expects is a fault of ours, unless the machine lacks something. */
export function asLaunchError(error: unknown): LaunchError {
  if (error instanceof LaunchError) return error;
  const { code = '', syscall = '', message = String(error) } = (error ?? {}) as Partial<Record<string, string>>;
  // EAGAIN of a file that is read or written means that somebody else is slow.
  const shortage = code === 'EAGAIN' && !syscall.startsWith('spawn') ? undefined : SHORTAGES[code];
  const failure = shortage
    ? ({ kind: 'shortage', what: `On this machine ${shortage.lacks} (${message}).`, hint: shortage.hint } as const)
    : ({ kind: 'internal', what: `${message}.` } as const);
  return new LaunchError(failure, [], { cause: error });
}
