import { LaunchError } from '../../domain/failure.js';
import { endOf, exitCodeOf, type StopAsked } from '../../domain/launch-end.js';
import { stripColours } from '../../domain/log.js';
import { parseDurationMs, parseInteger } from '../../domain/numbers.js';
import { Words } from '../../domain/words.js';
import { findInstance, type Instance, isRunning, listInstances } from '../../instance/list.js';
import { LineSplitter, writtenAtMs } from '../../server/log-lines.js';
import { type LogPart, partsOfLog, type WantedLines } from '../../server/log-parts.js';
import { untilAborted } from '../../system/clock.js';
import { type Follower, followFile, readThrough } from '../../system/follow.js';
import { nodeSystem } from '../../system/index.js';
import { listenForInterrupts } from '../../system/interrupts.js';
import type { Context } from '../main.js';
import type { Options } from '../options.js';
import { RecordJoiner } from '../record-joiner.js';
import { jsonLine } from '../render.js';
import type { Output } from '../terminal.js';
import { nameIn } from './ps.js';

const LOOK_MS = 500;

export async function runLogs({ options, words, output }: Context): Promise<number> {
  nameIn(words, 'logs');
  const wanted = readWanted(options);
  const instances = await Promise.all([...new Set(words)].map((name) => findInstance(name)));
  for (const { name, logFile } of instances) {
    if (!nodeSystem.files.isFile(logFile)) throw new LaunchError({ kind: 'unusable-log', name, file: logFile });
  }
  const width = Math.max(...instances.map(({ name }) => name.length));
  const hasPrefix = instances.length > 1 && !options.isOn('no-prefix');
  const followers = instances.map((instance) => {
    const prefix = hasPrefix ? `${instance.name.padEnd(width)} | ` : '';
    return show(instance, { ...wanted, prefix }, output);
  });
  const { asked, stop } = listenForInterrupts();
  // A reader that has stopped is waited for: it may go on tomorrow.
  const left = untilAborted(asked);
  const caughtUp = (): Promise<unknown> =>
    Promise.race([Promise.all(followers.map((follower) => follower.caughtUp(Number.POSITIVE_INFINITY))), left]);
  try {
    await caughtUp();
    while (options.isOn('follow') && !asked.aborted && !output.fault && (await isAnyRunning(instances))) {
      await nodeSystem.clock.sleep(LOOK_MS, asked);
    }
    await caughtUp();
    await Promise.race([Promise.all(followers.map((follower) => follower.finish())), left]);
    return asked.aborted ? exitCodeOf(endOf(asked.reason as StopAsked)) : 0;
  } finally {
    for (const follower of followers) follower.close();
    stop();
  }
}

interface WantedLog extends WantedLines {
  readonly isJson: boolean;
}

function readWanted(options: Options): WantedLog {
  const tail = options.value('tail');
  const lines = tail && parseInteger(tail.text);
  if (tail && (lines === undefined || lines < 0)) {
    throw new LaunchError({
      kind: 'usage',
      what: `${tail.by} takes a number of lines, not ${JSON.stringify(tail.text)}.`,
    });
  }
  const since = options.value('since');
  const ageMs = since && parseDurationMs(since.text);
  if (since && ageMs === undefined) {
    const what = `${since.by} takes a duration with its unit (30s, 5m), not ${JSON.stringify(since.text)}.`;
    throw new LaunchError({ kind: 'usage', what });
  }
  return {
    tail: lines,
    sinceMs: ageMs === undefined ? undefined : nodeSystem.clock.date() - ageMs,
    isJson: options.isOn('json'),
  };
}

interface ShownLog extends Pick<Follower, 'caughtUp' | 'close'> {
  /** Hands over a last line that has no end. */
  finish(): Promise<void>;
}

function show(instance: Instance, wanted: WantedLog & { readonly prefix: string }, output: Output): ShownLog {
  const { name } = instance;
  const { sinceMs, isJson, prefix } = wanted;
  const isPlain = prefix === '' && !isJson && sinceMs === undefined;
  const splitter = new LineSplitter();
  const decoder = new TextDecoder();
  let isYoung = sinceMs === undefined;
  let written = Promise.resolve();
  const writeLines = (lines: readonly string[]): void => {
    const young = lines.filter((line) => {
      // A line without a time belongs to the one above it.
      const atMs = writtenAtMs(line);
      if (sinceMs !== undefined && atMs !== undefined) isYoung = atMs >= sinceMs;
      return isYoung;
    });
    const text = young.map((line) =>
      isJson ? jsonLine({ name, line: stripColours(line) }) : Words.exactly(`${prefix}${line}\n`),
    );
    if (text.length > 0) written = written.then(() => output.write(Words.join(text)));
  };
  const records = new RecordJoiner(writeLines);
  const closed = new AbortController();
  const take = async (block: Buffer): Promise<void> => {
    if (isPlain) {
      await output.write(block);
    } else {
      records.take(splitter.take(decoder.decode(block, { stream: true })));
      await written;
    }
    if (output.fault) closed.abort();
  };
  const following = followParts(partsOfLog(instance, wanted), take, closed.signal);
  return {
    caughtUp: async (patienceMs) => (await following)?.caughtUp(patienceMs),
    close: () => closed.abort(),
    finish: () => {
      records.take(splitter.rest());
      records.finish();
      return written;
    },
  };
}

/** Hands over the parts, and follows the last one; undefined where the signal fires before. */
async function followParts(
  parts: readonly LogPart[],
  take: (block: Buffer) => Promise<void>,
  signal: AbortSignal,
): Promise<Follower | undefined> {
  for (const { file, from } of parts.slice(0, -1)) await readThrough(file, from, take, signal);
  const last = parts.at(-1);
  if (!last || signal.aborted) return undefined;
  const follower = followFile(last.file, last.from, take);
  signal.addEventListener('abort', () => follower.close(), { once: true });
  return follower;
}

async function isAnyRunning(instances: readonly Instance[]): Promise<boolean> {
  const now = await listInstances();
  return instances.some(({ leaseId }) => now.some((one) => one.leaseId === leaseId && isRunning(one)));
}
