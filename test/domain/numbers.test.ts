import { expect, test } from '@jest/globals';
import { formatDuration, parseDurationMs, parseInteger, parseJavaInteger } from '../../src/domain/numbers.js';

test.each([
  ['0', 0],
  ['-0', 0],
  ['12', 12],
  ['-5', -5],
  ['007', 7],
  ['54424', 54_424],
  ['999999999', 999_999_999],
])('"%s" is the integer %d', (text, value) => {
  expect(parseInteger(text)).toBe(value);
});

test.each(['', ' ', '-', 'abc', '1.5', '1e2', '0x10', '+5', '--5', ' 5', '5 ', '5\n', '1_000', '1,000', '٣', 'NaN'])(
  '"%s" is no integer',
  (text) => {
    expect(parseInteger(text)).toBeUndefined();
  },
);

test('an integer too long for any offset is refused, not rounded', () => {
  expect(parseInteger('9007199254740993')).toBeUndefined();
});

test.each([
  ['0', 0],
  ['-0', 0],
  ['+3', 3],
  ['-5', -5],
  ['007', 7],
  ['+09443', 9443],
  ['2147483647', 2_147_483_647],
  ['-2147483648', -2_147_483_648],
  ['٣', 3],
  ['９４４３', 9443],
])('"%s" is the integer %d to Java', (text, value) => {
  expect(parseJavaInteger(text)).toBe(value);
});

test.each(['', '+', '+-3', ' 3', '3 ', '1_0', '0x10', '3.0', '1e2', '2147483648', '-2147483649'])(
  '"%s" is none to Java',
  (text) => {
    expect(parseJavaInteger(text)).toBeUndefined();
  },
);

test.each([
  ['0s', 0],
  ['500ms', 500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['999999999ms', 999_999_999],
  ['596h', 2_145_600_000],
])('"%s" lasts %d ms', (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms);
});

test.each(['', '0', '30', 's', '1.5s', '1e2s', '-5s', '30 s', ' 30s', '30S', '5min', '1d', '0x10s'])(
  '"%s" is no duration: it needs a whole number and its unit',
  (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  },
);

test.each(['2147483648ms', '597h', '999999999h'])('"%s" is longer than a timer can run', (text) => {
  expect(parseDurationMs(text)).toBeUndefined();
});

test.each([
  [0, '0.0 s'],
  [58_400, '58.4 s'],
  [99_949, '99.9 s'],
  [100_000, '1 m 40 s'],
  [185_000, '3 m 5 s'],
  [119_999, '2 m 0 s'],
  [300_000, '5 m 0 s'],
])('%d ms reads "%s"', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
