import { classifyLine, interestingText, type LogEvent, stripColours } from './domain/log.js';
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

/**
 * Reads a server's log as it grows and keeps what matters of it.
 * After the first look at a block as a whole, almost all output costs nothing more.
 */
export function watchLog(
  file: string,
  from: number,
  readyText: string,
  { clock }: Pick<System, 'clock'> = nodeSystem,
): LogWatch {
  const interesting = interestingText(readyText);
  const sightings: Sighting[] = [];
  let unfinished = '';

  const follower = followFile(file, from, (block) => {
    const raw = unfinished + block.toString('latin1');
    const text = raw.includes('\u001b') ? stripColours(raw) : raw;
    const end = text.lastIndexOf('\n') + 1;
    if (interesting.test(text)) note(text.slice(0, end), text.slice(end));
    unfinished = text.slice(end).slice(0, LONGEST_LINE);
  });

  // A prompt doesn't end its line.
  function note(lines: string, rest: string): void {
    const position = follower.position + 1;
    const last = classifyLine(rest, readyText) === 'password-prompt' ? [rest] : [];
    for (const line of [...lines.split('\n'), ...last]) {
      const kind = classifyLine(line, readyText);
      if (kind) sightings.push({ kind, line: decode(line), position, atMs: clock.now() });
    }
    sightings.splice(0, sightings.length - MOST_SIGHTINGS);
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
