import { classifyLine, type LogEvent, stripColours, textsToLookFor } from './domain/log.js';
import { followFile } from './system/follow.js';
import { nodeSystem, type System } from './system/index.js';

/** What a server's log has said since some position in it. */
export interface LogSummary {
  /** When the line that start-up is over was seen, on the system's clock. */
  readonly readyAtMs?: number;
  readonly bindFailures: readonly string[];
  readonly fatal?: string;
  readonly isShuttingDown: boolean;
  readonly asksForPassword: boolean;
}

export interface LogWatch {
  /** How far the log has been read, in bytes from its start. */
  readonly position: number;
  since(position: number): LogSummary;
  caughtUp(): Promise<void>;
  close(): void;
}

interface Sighting {
  readonly kind: LogEvent;
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

/** The one thing that is said without ending the line. */
const isPrompt = (kind: LogEvent): boolean => kind === 'password-prompt';

/**
 * Reads a server's log as it grows and keeps what matters of it. Output in which nothing matters never
 * becomes text: strings by the gigabyte would make our memory grow, and cost the server its processor.
 */
export function watchLog(
  file: string,
  from: number,
  readyText: string,
  { clock }: Pick<System, 'clock'> = nodeSystem,
): LogWatch {
  const texts = textsToLookFor(readyText).map((text) => Buffer.from(text));
  const sightings: Sighting[] = [];
  let unfinished = Buffer.alloc(0);

  const follower = followFile(file, from, (block) => {
    const firstEnd = block.indexOf(LINE_FEED);
    if (firstEnd < 0) {
      unfinished = Buffer.concat([unfinished, block]).subarray(0, LONGEST_LINE);
      note([unfinished], isPrompt);
      return;
    }
    const lastEnd = block.lastIndexOf(LINE_FEED);
    note([Buffer.concat([unfinished, block.subarray(0, firstEnd)])]);
    const lines = block.subarray(firstEnd + 1, lastEnd);
    if (lines.includes(ESCAPE) || texts.some((text) => lines.includes(text)))
      note(lines.toString('latin1').split('\n'));
    unfinished = Buffer.from(block.subarray(lastEnd + 1, lastEnd + 1 + LONGEST_LINE));
    note([unfinished], isPrompt);
  });

  function note(lines: readonly (string | Buffer)[], counts: (kind: LogEvent) => boolean = () => true): void {
    for (const raw of lines) {
      const line = stripColours(raw.toString('latin1'));
      const kind = classifyLine(line, readyText);
      // Anywhere after what had been handed over before this block.
      if (kind && counts(kind))
        sightings.push({ kind, line: decode(line), position: follower.position + 1, atMs: clock.now() });
    }
    while (sightings.length > MOST_SIGHTINGS) sightings.splice(oldestOfMany(sightings), 1);
  }

  return {
    get position() {
      return follower.position;
    },
    since: (position) => summarise(sightings.filter((sighting) => sighting.position > position)),
    caughtUp: () => follower.caughtUp(PATIENCE_MS),
    close: () => follower.close(),
  };
}

/** Failures to bind may be said for ever; they must not push out what is said once. */
const oldestOfMany = (sightings: readonly Sighting[]): number =>
  Math.max(
    0,
    sightings.findIndex(({ kind }) => kind === 'bind-failure'),
  );

const decode = (line: string): string => Buffer.from(line, 'latin1').toString('utf8').trim();

function summarise(sightings: readonly Sighting[]): LogSummary {
  const first = (kind: LogEvent): Sighting | undefined => sightings.find((sighting) => sighting.kind === kind);
  const ready = first('ready');
  const fatal = first('fatal');
  return {
    ...(ready && { readyAtMs: ready.atMs }),
    ...(fatal && { fatal: fatal.line }),
    bindFailures: sightings.filter(({ kind }) => kind === 'bind-failure').map(({ line }) => line),
    isShuttingDown: first('graceful-shutdown') !== undefined,
    asksForPassword: first('password-prompt') !== undefined,
  };
}
