import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { logLines } from '../../src/api/logs.js';
import type { LogOptions } from '../../src/api/types.js';

const STARTED = '2026-11-22T10:00:00.000Z';
/** A line of the console, so many seconds after the start. */
const at = (second: number, text: string): string =>
  `[2026-11-22T10:00:${String(second).padStart(2, '0')}.000Z]  INFO - ${text}`;

let folder: string;
let logFile: string;
let end: () => void;
let over: Promise<void>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wso2-launch-logs-'));
  logFile = join(folder, 'mi.log');
  over = new Promise((resolve) => {
    end = resolve;
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...lines: readonly string[]): void => writeFileSync(logFile, lines.map((line) => `${line}\n`).join(''));
const open = (options: LogOptions = {}): AsyncGenerator<string> =>
  logLines({ name: 'mi', logFile, startedAt: STARTED, over }, options);
async function read(options: LogOptions = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of open(options)) lines.push(line);
  return lines;
}

describe('the lines of a log', () => {
  test.each<[what: string, options: LogOptions, lines: readonly string[]]>([
    ['all', {}, ['script', at(1, 'one'), '\tat a.b', at(2, 'two'), '\tat c.d']],
    ['none', { tail: 0 }, []],
    ['the last', { tail: 1 }, ['\tat c.d']],
    ['more than there are', { tail: 99 }, ['script', at(1, 'one'), '\tat a.b', at(2, 'two'), '\tat c.d']],
    [
      'since a time, with what belongs to them',
      { since: new Date('2026-11-22T10:00:02.000Z') },
      [at(2, 'two'), '\tat c.d'],
    ],
    ['since later', { since: new Date('2026-11-22T10:00:03.000Z') }, []],
    ['both: the last of those', { tail: 2, since: new Date('2026-11-22T10:00:02.000Z') }, [at(2, 'two'), '\tat c.d']],
  ])('%s', async (_what, options, lines) => {
    write('script', at(1, 'one'), '\tat a.b', at(2, 'two'), '\tat c.d');
    expect(await read(options)).toEqual(lines);
  });

  test('come without colours, and the last also where it has no end', async () => {
    writeFileSync(logFile, '\u001b[31mred\u001b[0m\nand so on');
    expect(await read()).toEqual(['red', 'and so on']);
  });

  test('are whole where a block ends within a character', async () => {
    const wide = 'ü'.repeat(200_000);
    write(`x${wide}`, wide);
    expect(await read()).toEqual([`x${wide}`, wide]);
  });

  test('that were cut off since the launch come first, those of an earlier one do not', async () => {
    write(at(3, 'three'));
    writeFileSync(`${logFile}.1`, `${at(2, 'two')}\n`);
    writeFileSync(`${logFile}.2`, 'of an earlier launch\n');
    utimesSync(`${logFile}.2`, 0, Date.parse(STARTED) / 1000 - 60);
    expect(await read()).toEqual([at(2, 'two'), at(3, 'three')]);
    expect(await read({ tail: 2 })).toEqual([at(2, 'two'), at(3, 'three')]);
    expect(await read({ tail: 1 })).toEqual([at(3, 'three')]);
  });

  test('of one that is gone are refused', async () => {
    await expect(read()).rejects.toMatchObject({ code: 3, failure: 'unusable-log' });
    await expect(read({ follow: true })).rejects.toMatchObject({ code: 3, failure: 'unusable-log' });
  });
});

describe('followed', () => {
  test('they go on to the end of the launch', async () => {
    write('one');
    const lines = open({ follow: true });
    expect((await lines.next()).value).toBe('one');
    appendFileSync(logFile, 'two\n');
    expect((await lines.next()).value).toBe('two');
    appendFileSync(logFile, 'three\nfour');
    end();
    expect([await lines.next(), await lines.next(), await lines.next()].map(({ value }) => value)).toEqual([
      'three',
      'four',
      undefined,
    ]);
  });

  test('they end with their signal, also while somebody waits', async () => {
    write('one');
    const control = new AbortController();
    const lines = open({ follow: true, signal: control.signal });
    await lines.next();
    const next = lines.next();
    control.abort();
    expect((await next).done).toBe(true);
  });

  test('with a signal that has fired they never begin', async () => {
    write('one');
    expect(await read({ follow: true, signal: AbortSignal.abort() })).toEqual([]);
    expect(await read({ signal: AbortSignal.abort() })).toEqual([]);
  });

  test('whoever waits for more of a quiet log, and leaves, is let go', async () => {
    write('one');
    const lines = open({ follow: true });
    await lines.next();
    await lines.return(undefined);
    expect((await lines.next()).done).toBe(true);
  });
});
