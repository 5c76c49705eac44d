import { findLogged, type LogReader, RecordReader, readLogs } from '../../api/internal/logs.js';
import { LaunchError } from '../../domain/failure.js';
import { endOf, exitCodeOf, type StopAsked } from '../../domain/launch-end.js';
import { stripColours } from '../../domain/log.js';
import { parseDurationMs, parseInteger } from '../../domain/numbers.js';
import { Words } from '../../domain/words.js';
import { listenForInterrupts } from '../../system/interrupts.js';
import type { Context } from '../main.js';
import type { Options } from '../options.js';

export async function runLogs(context: Context): Promise<number> {
  const { options, words } = context;
  const wanted = readWanted(options);
  const instances = await findLogged(words);
  const width = Math.max(...instances.map(({ name }) => name.length));
  const hasPrefix = instances.length > 1 && !options.isOn('no-prefix');
  const unread = new AbortController();
  const readerOf = ({ name }: { readonly name: string }): LogReader => {
    const prefix = hasPrefix ? `${name.padEnd(width)} | ` : '';
    return readerFor({ name, prefix, sinceMs: wanted.sinceMs }, context, () => unread.abort());
  };
  const { asked, stop } = listenForInterrupts();
  const signal = AbortSignal.any([asked, unread.signal]);
  try {
    await readLogs(instances, { ...wanted, isFollowed: options.isOn('follow'), signal }, readerOf);
    return asked.aborted ? exitCodeOf(endOf(asked.reason as StopAsked)) : 0;
  } finally {
    unread.abort();
    stop();
  }
}

interface WantedAge {
  readonly tail: number | undefined;
  readonly sinceMs: number | undefined;
}

function readWanted(options: Options): WantedAge {
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
  return { tail: lines, sinceMs: ageMs === undefined ? undefined : Date.now() - ageMs };
}

interface ShownLog {
  readonly name: string;
  readonly prefix: string;
  readonly sinceMs: number | undefined;
}

/** @param leave called once nobody reads what is written */
function readerFor(
  { name, prefix, sinceMs }: ShownLog,
  { output, format }: Pick<Context, 'output' | 'format'>,
  leave: () => void,
): LogReader {
  const write = async (what: Words | Uint8Array): Promise<void> => {
    await output.write(what);
    if (output.fault) leave();
  };
  // Bytes as they are cost least.
  if (prefix === '' && !format && sinceMs === undefined) return { take: write, finish: async () => {} };
  const words = (line: string): Words =>
    format ? format.line({ name, line: stripColours(line) }) : Words.exactly(`${prefix}${line}\n`);
  return new RecordReader(sinceMs, (lines) => write(Words.join(lines.map(words))));
}
