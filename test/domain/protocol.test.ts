import { describe, expect, test } from '@jest/globals';
import { LaunchError } from '../../src/domain/failure.js';
import {
  errorOf,
  isTooLate,
  type Over,
  overOf,
  PROTOCOL,
  parseAnswer,
  parseRequest,
  parseSaid,
  requestLine,
} from '../../src/domain/protocol.js';
import { mention, mentioning, type Text } from '../../src/domain/text.js';

const HOLDER = { pid: 7, label: 'a test' };
const HOLD = { ask: 'hold', upMs: 3, at: 5, holder: HOLDER, lingerMs: 0 } as const;

describe('a request', () => {
  test.each([
    ['made just now', { upMs: 94_000, at: 1e12 }, false],
    ['made before the wall clock was set', { upMs: 94_000, at: -1e9 }, false],
    ['given up long ago', { upMs: 89_000, at: 1e12 }, true],
    ['of a version before, made just now', { upMs: undefined, at: 1e12 - 4_000 }, false],
    ['of a version before, given up long ago', { upMs: undefined, at: 1e12 - 6_000 }, true],
    ['of the first version', { upMs: undefined, at: undefined }, false],
  ])('%s', (_, when, expected) => {
    const clock = { uptime: () => 95_000, date: () => 1e12 };
    expect(isTooLate({ ask: 'stop', ...when }, clock)).toBe(expected);
  });

  test.each([
    { ask: 'stop', upMs: 3, at: 5 },
    { ask: 'kill', upMs: 3, at: 5 },
    { ask: 'restart', upMs: 3, at: 5 },
    { ask: 'watch', upMs: 3, at: 5 },
    { ask: 'relaunch', upMs: 3, at: 5, change: { heapMiB: 300, args: ['-Da=b'] } },
    HOLD,
  ] as const)('is read as it was written: %j', (request) => {
    expect(parseRequest(JSON.parse(JSON.stringify(requestLine(request))))).toEqual(request);
  });

  test('that does not say when it was made is in time for ever, as of the versions before', () => {
    expect(parseRequest({ protocol: PROTOCOL, ask: 'stop' })).toEqual({ ask: 'stop' });
  });

  test('says nothing more than is known of it', () => {
    expect(parseRequest({ protocol: PROTOCOL, ask: 'stop', at: 5, why: 'later', holder: 1 })).toEqual({
      ask: 'stop',
      at: 5,
    });
  });

  test.each([
    {},
    [],
    { ask: 'stop', at: 5 },
    { protocol: PROTOCOL + 1, ask: 'stop', at: 5 },
    { protocol: String(PROTOCOL), ask: 'stop', at: 5 },
    { protocol: PROTOCOL },
    { protocol: PROTOCOL, ask: 'dance' },
    { protocol: PROTOCOL, ask: 'toString' },
    { protocol: PROTOCOL, ask: ['stop'] },
    { protocol: PROTOCOL, ask: 'hold' },
    { protocol: PROTOCOL, ask: 'relaunch' },
    { protocol: PROTOCOL, ask: 'relaunch', change: { heapMiB: 300, colour: 'green' } },
    { protocol: PROTOCOL, ...HOLD, lingerMs: -1 },
    { protocol: PROTOCOL, ...HOLD, lingerMs: 0.5 },
    { protocol: PROTOCOL, ...HOLD, lingerMs: null },
    { protocol: PROTOCOL, ...HOLD, holder: null },
    { protocol: PROTOCOL, ...HOLD, holder: { pid: 0, label: 'group' } },
    { protocol: PROTOCOL, ...HOLD, holder: { pid: 7 } },
    { protocol: PROTOCOL, ...HOLD, holder: { pid: 7, label: 'x'.repeat(201) } },
  ])('of another version, and nonsense, is not known: %j', (value) => {
    expect(parseRequest(value)).toBeUndefined();
  });
});

const OVER_OK: Over = { code: 0 };
const MENTIONING: Text = mentioning`Name one with ${mention.option('home')}.`;
const CRASHED = { kind: 'crashed', how: 'it fell', logFile: '/logs/mi.log' } as const;

describe('an answer', () => {
  test.each([
    [{ taken: 'hold' }, { taken: 'hold' }],
    [{ event: { event: 'ready', pid: 3 } }, { event: { event: 'ready', pid: 3 } }],
    [{ over: OVER_OK }, { over: OVER_OK }],
    [
      { declined: { code: 5, failure: CRASHED, lastLines: ['x'] } },
      { declined: { code: 5, failure: CRASHED, lastLines: ['x'] } },
    ],
    [
      { refused: 'no', hint: 'ask' },
      { refused: 'no', hint: 'ask' },
    ],
    [
      { refused: 'no', hint: 'ask', isStopping: true },
      { refused: 'no', hint: 'ask', isStopping: true },
    ],
    [
      { refused: 'no', hint: MENTIONING },
      { refused: 'no', hint: MENTIONING },
    ],
    [
      { refused: 'no', hint: 'ask', isStopping: 'yes', more: 1 },
      { refused: 'no', hint: 'ask' },
    ],
  ])('%j is %j', (value, answer) => {
    expect(parseAnswer(value)).toEqual(answer);
  });

  test.each([
    {},
    { taken: 'dance' },
    { taken: 1 },
    { refused: 'no' },
    { refused: 1, hint: 'ask' },
    { refused: 'no', hint: [1] },
    { event: null },
    { event: {} },
    { event: 'ready' },
    { over: null },
    { over: {} },
    { over: { code: '0' } },
    { over: { code: -1 } },
    { declined: null },
    { declined: { code: 'x' } },
    { started: { name: 'mi', logFile: '/l' } },
  ])('%j is none', (value) => {
    expect(parseAnswer(value)).toBeUndefined();
  });
});

describe('what a supervisor in the background says', () => {
  test.each([
    [{ warning: 'beware' }, { warning: 'beware' }],
    [{ started: { name: 'mi', logFile: '/l', more: 1 } }, { started: { name: 'mi', logFile: '/l' } }],
    [{ warning: MENTIONING }, { warning: MENTIONING }],
    [{ event: { event: 'planned' } }, { event: { event: 'planned' } }],
    [
      { event: { event: 'ready', warnings: ['old', MENTIONING, 3, [{ kind: 'later' }]] } },
      { event: { event: 'ready', warnings: ['old', MENTIONING] } },
    ],
    [{ over: { code: 143 } }, { over: { code: 143 } }],
  ])('%j is %j', (value, said) => {
    expect(parseSaid(value)).toEqual(said);
  });

  test.each([
    {},
    { warning: 1 },
    { warning: [{ kind: 'later' }] },
    { started: null },
    { started: { name: 'mi' } },
    { taken: 'stop' },
  ])('%j is nothing', (value) => {
    expect(parseSaid(value)).toBeUndefined();
  });
});

describe('the end of a launch', () => {
  const endOf = (over: unknown): Over => (parseSaid({ over }) as { readonly over: Over }).over;

  test('as asked is no error', () => {
    expect(errorOf(endOf({ code: 143 }))).toBeUndefined();
  });

  test('by a failure is that error, with its lines', () => {
    const error = errorOf(endOf({ code: 5, failure: CRASHED, lastLines: ['one', 2, 'three'] }));
    expect(error).toBeInstanceOf(LaunchError);
    expect(error).toMatchObject({ failure: CRASHED, lastLines: ['one', 'three'], exitCode: 5 });
  });

  test('by a failure of an older version, whose texts are plain, is told as it is', () => {
    const failure = { kind: 'usage', what: 'So.', hint: 'Use --offset 3.' } as const;
    expect(errorOf(endOf({ code: 2, failure }))).toMatchObject({ failure });
  });

  test('by an error goes the way and comes back', () => {
    const error = new LaunchError({ kind: 'unusable-home', what: MENTIONING, hint: MENTIONING }, ['one']);
    const over = endOf(JSON.parse(JSON.stringify(overOf(error))));
    expect(over).toEqual({ code: 3, failure: error.failure, lastLines: ['one'] });
    expect(errorOf(over)?.failure).toEqual(error.failure);
  });

  test.each([
    { kind: 'crashed-differently', where: 'later' },
    { kind: 'toString' },
    { kind: null },
    {},
    { kind: 'ports-taken', offset: 3 },
    { kind: 'usage' },
    { kind: 'usage', what: [3] },
    { kind: 'usage', what: 'so', hint: [{ kind: 'later' }] },
    { kind: 'crashed', how: 'so', logFile: '/l', cause: { what: 'a', evidence: 'b', remedy: [{ kind: 'later' }] } },
  ])('by one that only another version knows is told by its code: %j', (failure) => {
    const error = errorOf(endOf({ code: 9, failure, lastLines: 'none' }));
    expect(error?.message).toBe(`The launch has failed with code 9: ${String((failure as { kind?: unknown }).kind)}.`);
    expect(error?.lastLines).toEqual([]);
  });
});
