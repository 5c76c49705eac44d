import type { LaunchEvent } from './events.js';
import { describeFailure, type Failure, isFailureKind, LaunchError } from './failure.js';
import { type Holder, isHolder } from './instance.js';
import { isLaunchChange, type LaunchChange } from './launch-change.js';
import { isText, type Text } from './text.js';

// The messages between a supervisor and others, a JSON line each. A message from outside may be of another version, or
// nonsense: it goes through a parser, and what that does not know is passed over.

/** The version of the protocol, raised only when a request or an answer changes its meaning. */
export const PROTOCOL = 1;

/**
 * The time that a supervisor is waited for. A supervisor that was suspended finds requests that were given up long ago.
 */
export const ANSWER_MS = 5_000;

const ASKS = ['stop', 'kill', 'restart', 'relaunch', 'watch', 'hold'] as const;

/** The requests to a supervisor. Whoever asks to `hold` uses the server for as long as its connection lives. */
export type Ask = (typeof ASKS)[number];

/** The time of a request: by the machine's uptime, which nobody sets, and for versions before by its date. */
interface AskedAt {
  readonly upMs: number | undefined;
  readonly at: number | undefined;
}

export type Request = AskedAt &
  (
    | { readonly ask: Exclude<Ask, 'hold' | 'relaunch'> }
    /** To restart with changed options. An older supervisor does not know the word, and refuses it as a whole. */
    | { readonly ask: 'relaunch'; readonly change: LaunchChange }
    /** `lingerMs`: how long the server is to be kept when this is the last one to let go. */
    | { readonly ask: 'hold'; readonly holder: Holder; readonly lingerMs: number }
  );

/** The end of a launch. */
export interface Over {
  readonly code: number;
  readonly failure?: Failure;
  readonly lastLines?: readonly string[];
}

/** The answers of a supervisor. */
export type Answer =
  | { readonly taken: Ask }
  | { readonly event: LaunchEvent }
  | { readonly over: Over }
  /** What was asked for has failed, and the launch goes on as it was. */
  | { readonly declined: Over }
  | Refusal;

export interface Refusal {
  readonly refused: Text;
  readonly hint: Text;
  /** Present where the instance is being stopped: whoever waits for its end may launch it again. */
  readonly isStopping?: true;
}

/** The messages of a supervisor in the background to whoever has started it. */
export type Said =
  /** The first word: from now on it hears. */
  | { readonly up: true }
  | { readonly started: Started }
  | { readonly warning: Text }
  | { readonly event: LaunchEvent }
  | { readonly over: Over };

export interface Started {
  readonly name: string;
  readonly logFile: string;
}

export const requestLine = (request: Request): object => ({ protocol: PROTOCOL, ...request });

/** Whether a request has been given up by now. @param clock of the same machine */
export function isTooLate({ upMs, at }: Request, clock: { uptime(): number; date(): number }): boolean {
  if (upMs !== undefined) return clock.uptime() - upMs > ANSWER_MS;
  return at !== undefined && clock.date() - at > ANSWER_MS;
}

/** A request as this version knows it; undefined for every other. */
export function parseRequest(value: object): Request | undefined {
  const { protocol, ask, holder, lingerMs, change, ...rest } = value as Record<string, unknown>;
  const known = ASKS.find((one) => one === ask);
  if (protocol !== PROTOCOL || known === undefined) return undefined;
  const askedAt = { upMs: numberIn(rest['upMs']), at: numberIn(rest['at']) };
  if (known === 'relaunch') return isLaunchChange(change) ? { ask: known, ...askedAt, change } : undefined;
  if (known !== 'hold') return { ask: known, ...askedAt };
  return isHolder(holder) && isCount(lingerMs) ? { ask: known, ...askedAt, holder, lingerMs } : undefined;
}

/** An answer as this version knows it; undefined for every other. */
export function parseAnswer(value: object): Answer | undefined {
  const { taken, event, over, declined, refused, hint, isStopping } = value as Record<string, unknown>;
  const known = ASKS.find((one) => one === taken);
  if (known !== undefined) return { taken: known };
  if (isText(refused) && isText(hint)) return { refused, hint, ...(isStopping === true && { isStopping }) };
  if (isObject(declined) && isCount(declined['code'])) return { declined: parseOver(declined) };
  return parseTold({ event, over });
}

/** A message of a supervisor in the background, as this version knows it; undefined for every other. */
export function parseSaid(value: object): Said | undefined {
  const { up, started, warning, event, over } = value as Record<string, unknown>;
  if (up === true) return { up };
  if (isText(warning)) return { warning };
  if (isObject(started) && isString(started['name']) && isString(started['logFile'])) {
    return { started: { name: started['name'], logFile: started['logFile'] } };
  }
  return parseTold({ event, over });
}

function parseTold({ event, over }: Record<string, unknown>): Extract<Said, Answer> | undefined {
  if (isObject(event) && isString(event['event'])) return { event: parseEvent(event) };
  return isObject(over) && isCount(over['code']) ? { over: parseOver(over) } : undefined;
}

function parseEvent(event: Record<string, unknown>): LaunchEvent {
  const { warnings } = event;
  const known = Array.isArray(warnings) ? { ...event, warnings: warnings.filter(isText) } : event;
  return known as unknown as LaunchEvent;
}

/** A failure that only another version knows is told by its code. */
function parseOver({ code, failure, lastLines }: Record<string, unknown>): Over {
  const lines = Array.isArray(lastLines) ? lastLines.filter(isString) : [];
  if (!isObject(failure)) return { code: code as number };
  const known = isFailure(failure)
    ? failure
    : ({ kind: 'internal', what: `The launch has failed with code ${code}: ${String(failure['kind'])}.` } as const);
  return { code: code as number, failure: known, lastLines: lines };
}

/** The end of a launch that has failed. */
export const overOf = ({ exitCode: code, failure, lastLines }: LaunchError): Over => ({ code, failure, lastLines });

/** The end of a launch as an error; undefined where it ended as asked. */
export const errorOf = ({ failure, lastLines }: Over): LaunchError | undefined =>
  failure && new LaunchError(failure, lastLines);

/** Whether a failure can be worded: one from another version may be of a known kind, but lack fields. */
function isFailure(value: Record<string, unknown>): value is Record<string, unknown> & Failure {
  try {
    if (!isFailureKind(value['kind'])) return false;
    const { message, hint } = describeFailure(value as unknown as Failure);
    return isText(message) && isText(hint);
  } catch {
    return false;
  }
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const isString = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
