import { classifyLine, isBareBeside, type LogEvent, stripColours, textsToLookFor } from '../domain/log.js';
import { type Follower, followFile, readTail } from '../system/follow.js';
import { nodeSystem, type System } from '../system/index.js';

/** The events in a server's log since some position in it. */
export interface LogSummary {
  /** Time at which the line that start-up is over was seen, on the system's clock. */
  readonly readyAtMs?: number;
  readonly bindFailures: readonly string[];
  readonly fatals: readonly string[];
  /** Time at which the last line was seen that says that the server shuts down by itself, on the system's clock. */
  readonly shutdownAtMs?: number;
  readonly asksForPassword: boolean;
  /** Present where a line was seen that its user waits for. */
  readonly hasSign?: true;
}

export interface LogWatch {
  /** Bytes read so far: they grow with whatever is written. */
  readonly position: number;
  since(position: number): LogSummary;
  /** The last lines of this start, at most so many bytes of each log, and those of the first log last. */
  lastLines(bytes: number): string[];
  caughtUp(): Promise<void>;
  close(): void;
}

/** A file that a server logs to. */
export interface WatchedLog {
  readonly file: string;
  /** The position in the file at which the lines of this start begin. */
  readonly from: number;
  /** Whether the server itself may begin the file anew, and need not have made it yet. */
  readonly rolls?: boolean;
}

interface Sighting {
  readonly kind: LogEvent | 'sign';
  readonly line: string;
  readonly position: number;
  readonly atMs: number;
}

/** A server that logs failures for ever must not fill our memory. */
const MOST_SIGHTINGS = 500;
/** A line without an end is cut here; the texts we look for stand at the front. */
const LONGEST_LINE = 16 * 1024;
const PATIENCE_MS = 2_000;
const LINE_FEED = 0x0a;
const ESCAPE = 0x1b;

/** Whether an event may be told before its line has ended, as only a prompt is. */
const isPrompt = (kind: Sighting['kind']): boolean => kind === 'password-prompt';

/**
 * Reads a server's logs as they grow and keeps what matters. Output in which nothing matters never
 * becomes text, unless a sign is looked for: strings by the gigabyte would make our memory grow, and cost the server its processor.
 */
export function watchLogs(
  logs: readonly WatchedLog[],
  readyText: string,
  { clock }: Pick<System, 'clock'> = nodeSystem,
  sign?: RegExp,
): LogWatch {
  const texts = textsToLookFor(readyText).map((text) => Buffer.from(text));
  const sightings: Sighting[] = [];
  const followers = logs.map(follow);
  const read = (): number => followers.reduce((sum, { position }) => sum + position, 0);

  function follow({ file, from, rolls = false }: WatchedLog): Follower {
    let unfinished = Buffer.alloc(0);
    const take = (block: Buffer): void => {
      const firstEnd = block.indexOf(LINE_FEED);
      if (firstEnd < 0) {
        unfinished = Buffer.concat([unfinished, block]).subarray(0, LONGEST_LINE);
        note([unfinished], isPrompt);
        return;
      }
      const lastEnd = block.lastIndexOf(LINE_FEED);
      note([Buffer.concat([unfinished, block.subarray(0, firstEnd)])]);
      const lines = block.subarray(firstEnd + 1, lastEnd);
      if (sign || lines.includes(ESCAPE) || texts.some((text) => lines.includes(text)))
        note(lines.toString('latin1').split('\n'));
      unfinished = Buffer.from(block.subarray(lastEnd + 1, lastEnd + 1 + LONGEST_LINE));
      note([unfinished], isPrompt);
    };
    return followFile(file, from, take, { rolls });
  }

  function note(lines: readonly (string | Buffer)[], counts: (kind: Sighting['kind']) => boolean = () => true): void {
    for (const raw of lines) {
      const line = stripColours(raw.toString('latin1'));
      const kinds = [classifyLine(line, readyText), sign?.test(decode(line)) ? ('sign' as const) : undefined];
      for (const kind of kinds) {
        // The position lies anywhere after the blocks that were handed over before this one.
        if (kind && counts(kind)) sightings.push({ kind, line: decode(line), position: read() + 1, atMs: clock.now() });
      }
    }
    while (sightings.length > MOST_SIGHTINGS) sightings.splice(oldestOfMany(sightings), 1);
  }

  return {
    get position() {
      return read();
    },
    since: (position) =>
      summarise(
        sightings.filter((sighting) => sighting.position > position),
        readyText,
      ),
    lastLines: (bytes) => logs.toReversed().flatMap(({ file, from }) => readTail(file, from, bytes)),
    caughtUp: async () => {
      await Promise.all(followers.map((follower) => follower.caughtUp(PATIENCE_MS)));
    },
    close: () => {
      for (const follower of followers) follower.close();
    },
  };
}

/** Failures to bind and signs may be said for ever; they must not push out what is said once. */
const oldestOfMany = (sightings: readonly Sighting[]): number =>
  Math.max(
    0,
    sightings.findIndex(({ kind }) => kind === 'bind-failure' || kind === 'sign'),
  );

const decode = (line: string): string => Buffer.from(line, 'latin1').toString('utf8').trim();

function summarise(sightings: readonly Sighting[], readyText: string): LogSummary {
  const first = (kind: Sighting['kind']): Sighting | undefined => sightings.find((sighting) => sighting.kind === kind);
  const linesOf = (kind: LogEvent): string[] =>
    sightings.filter((sighting) => sighting.kind === kind).map(({ line }) => line);
  const ready = first('ready');
  const shutdown = sightings.findLast(
    ({ kind, line }) => kind === 'shutdown' && !isBareBeside(line, ready?.line, readyText),
  );
  return {
    ...(ready && { readyAtMs: ready.atMs }),
    bindFailures: linesOf('bind-failure'),
    fatals: linesOf('fatal'),
    ...(shutdown && { shutdownAtMs: shutdown.atMs }),
    asksForPassword: first('password-prompt') !== undefined,
    ...(first('sign') && { hasSign: true }),
  };
}
