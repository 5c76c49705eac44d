import { describe, expect, test } from '@jest/globals';
import { RecordJoiner } from '../../src/api/internal/record-joiner.js';
import { LineSplitter, writtenAtMs } from '../../src/server/log-lines.js';
import { until } from '../support/wait.js';

test('lines are put together whatever blocks they come in', () => {
  const splitter = new LineSplitter();
  expect(splitter.take('one\ntw')).toEqual(['one']);
  expect(splitter.take('o')).toEqual([]);
  expect(splitter.take('\n\nfour')).toEqual(['two', '']);
  expect(splitter.rest()).toEqual(['four']);
  expect(splitter.rest()).toEqual([]);
});

test.each<[string, number | undefined]>([
  ['[2026-11-22 07:50:59,443]  INFO - x', new Date(2026, 10, 22, 7, 50, 59, 443).getTime()],
  ['TID: [-1234] [] [2026-11-22 07:50:59,443]  INFO {x} - y', new Date(2026, 10, 22, 7, 50, 59, 443).getTime()],
  ['[2026-11-22T07:50:59.443Z]  INFO - x', Date.UTC(2026, 10, 22, 7, 50, 59, 443)],
  ['\u001b[32m[2026-11-22 07:50:59] x', new Date(2026, 10, 22, 7, 50, 59).getTime()],
  ['[2026-11-22 07:50:59] x', new Date(2026, 10, 22, 7, 50, 59).getTime()],
  ['\tat org.wso2.X.y(X.java:1)', undefined],
  ['JAVA_HOME environment variable is set to /jdk', undefined],
])('%s', (line, atMs) => {
  expect(writtenAtMs(line)).toBe(atMs);
});

describe('records', () => {
  const at = (second: number): string => `[2026-11-22 07:50:0${second},000] ERROR`;
  const trace = ['java.net.BindException', '\tat a', '\tat b'];

  test('are written whole, however their lines come', () => {
    const written: (readonly string[])[] = [];
    const records = new RecordJoiner((lines) => written.push(lines));
    records.take(['JAVA_HOME is', at(1), 'java.net.BindException']);
    expect(written).toEqual([['JAVA_HOME is']]);
    records.take(trace.slice(1));
    expect(written).toHaveLength(1);
    records.take([at(2), at(3)]);
    expect(written.slice(1)).toEqual([[at(1), ...trace, at(2)]]);
    records.finish();
    records.finish();
    expect(written.slice(2)).toEqual([[at(3)]]);
  });

  test('the last one is not waited for for ever', async () => {
    const written: (readonly string[])[] = [];
    const records = new RecordJoiner((lines) => written.push(lines));
    records.take([at(1), ...trace]);
    await until('the last record', () => written.length > 0);
    expect(written).toEqual([[at(1), ...trace]]);
  });
});
