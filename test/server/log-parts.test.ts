import { mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { partsOfLog, type WantedLines } from '../../src/server/log-parts.js';

const STARTED_MS = Date.parse('2026-11-22T07:00:00.000Z');
const MINUTE_MS = 60_000;

let folder: string;
let logFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  logFile = join(folder, 'mi.log');
  write('', 30, 'seven\neight\n');
  write('.1', 20, 'five\nsix\n');
  write('.2', 10, 'three\nfour\n');
  write('.3', -10, 'one\ntwo\n'); // of the launch before
  write('.4', -20, '');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(suffix: string, minutes: number, text: string): void {
  const atS = (STARTED_MS + minutes * MINUTE_MS) / 1000;
  writeFileSync(logFile + suffix, text);
  utimesSync(logFile + suffix, atS, atS);
}

const parts = (wanted: Partial<WantedLines>): [string, number][] =>
  partsOfLog(
    { logFile, startedAt: '2026-11-22T07:00:00.000Z' },
    { tail: undefined, sinceMs: undefined, ...wanted },
  ).map(({ file, from }) => [file.slice(logFile.length), from]);

test.each<[number | undefined, [string, number][]]>([
  [
    undefined,
    [
      ['.2', 0],
      ['.1', 0],
      ['', 0],
    ],
  ],
  [0, [['', 12]]],
  [1, [['', 6]]],
  [2, [['', 0]]],
  [
    3,
    [
      ['.1', 5],
      ['', 0],
    ],
  ],
  [
    4,
    [
      ['.1', 0],
      ['', 0],
    ],
  ],
  [
    5,
    [
      ['.2', 6],
      ['.1', 0],
      ['', 0],
    ],
  ],
  [
    99,
    [
      ['.2', 0],
      ['.1', 0],
      ['', 0],
    ],
  ],
])("the last %s lines are where they were cut off to, and no other launch's", (tail, expected) => {
  expect(parts({ tail })).toEqual(expected);
});

test.each<[number, [string, number][]]>([
  [
    -30,
    [
      ['.2', 0],
      ['.1', 0],
      ['', 0],
    ],
  ],
  [
    15,
    [
      ['.1', 0],
      ['', 0],
    ],
  ],
  [25, [['', 0]]],
])('lines since minute %i are in the files that were written then', (minute, expected) => {
  expect(parts({ sinceMs: STARTED_MS + minute * MINUTE_MS })).toEqual(expected);
});

test('a log that has just been cut, and is empty, has them all beside it', () => {
  write('', 30, '');
  expect(parts({ tail: 1 })).toEqual([
    ['.1', 5],
    ['', 0],
  ]);
});
