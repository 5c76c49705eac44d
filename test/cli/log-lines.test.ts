import { expect, test } from '@jest/globals';
import { LineSplitter, writtenAtMs } from '../../src/cli/log-lines.js';

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
  ['[2026-11-22 07:50:59] x', new Date(2026, 10, 22, 7, 50, 59).getTime()],
  ['\tat org.wso2.X.y(X.java:1)', undefined],
  ['JAVA_HOME environment variable is set to /jdk', undefined],
])('%s', (line, atMs) => {
  expect(writtenAtMs(line)).toBe(atMs);
});
