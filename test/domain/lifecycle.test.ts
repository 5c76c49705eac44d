import { describe, expect, test } from '@jest/globals';
import { LaunchError } from '../../src/domain/failure.js';
import { beginning, next, type Order, type Policy, type Progress, type RunEnd } from '../../src/domain/lifecycle.js';

const CRASH = new LaunchError({ kind: 'crashed', how: 'its JVM was ended by SIGKILL', logFile: '/log' });
const LOST = [{ name: 'http', number: 8290, by: null }];

const FIXED: Policy = { isFree: false, restart: { when: 'never', most: 5 }, isWorkBegun: false };
const FREE: Policy = { ...FIXED, isFree: true };
const BEGUN: Policy = { ...FREE, isWorkBegun: true };
const AGAIN: Policy = { ...FREE, restart: { when: 'on-failure', most: 2 } };
const ALWAYS: Policy = { ...FREE, restart: { when: 'always', most: 2 } };

const lost: RunEnd = { kind: 'lost', lost: LOST, lastLines: ['a line'] };
const crashed = (readyForMs: number): RunEnd => ({ kind: 'ended', how: 'failed', readyForMs, error: CRASH });
const shutDown: RunEnd = { kind: 'ended', how: 'shut-down', readyForMs: 5_000 };

const START = beginning(10);
const after = (more: Partial<Progress>): Progress => ({ ...START, ...more });
const failsWith = (error: LaunchError): Order => ({ kind: 'fail', error });
const portsLost = (tries: number): LaunchError =>
  new LaunchError({ kind: 'ports-lost', offset: 10, lost: LOST, tries }, ['a line']);
const repeats = (mayMove: boolean): Order => ({ kind: 'repeat', mayMove });
const restarts = (attempt: number, delayMs: number, reason: 'crashed' | 'from-inside'): Order => ({
  kind: 'repeat',
  mayMove: true,
  pause: { attempt, delayMs, reason },
});

const asked = { kind: 'over', end: { kind: 'stopped', reason: 'asked' } } as const;
const done = { kind: 'over', end: { kind: 'work-done', code: 3 } } as const;

const ROWS: readonly [string, Progress, RunEnd, Policy, Order, Progress?][] = [
  ['one that was asked to end is over', START, asked, AGAIN, { kind: 'finish', end: asked.end }],
  ['one whose work is done is over, with its code', START, done, ALWAYS, { kind: 'finish', end: done.end }],
  ['a lost race moves on', START, lost, FREE, { kind: 'move' }, after({ tries: 2, avoid: new Set([8290]) })],
  ['and on', after({ tries: 3 }), lost, FREE, { kind: 'move' }, after({ tries: 4, avoid: new Set([8290]) })],
  ['but not for ever', after({ tries: 4 }), lost, FREE, failsWith(portsLost(4))],
  ['with a fixed offset it fails', START, lost, FIXED, failsWith(portsLost(1))],
  ['and where the work beside it was told its ports', START, lost, BEGUN, failsWith(portsLost(1))],
  [
    'one that is to be started again stays where it is',
    after({ tries: 3 }),
    { kind: 'again' },
    FIXED,
    repeats(false),
    START,
  ],
  ['or may move', START, { kind: 'again' }, FREE, repeats(true)],
  ['unless its ports are known', START, { kind: 'again' }, BEGUN, repeats(false)],
  ['a crash is the end', START, crashed(0), FREE, failsWith(CRASH)],
  [
    'unless its policy says otherwise',
    START,
    crashed(0),
    AGAIN,
    restarts(1, 1_000, 'crashed'),
    after({ restarts: { inARow: 1 } }),
  ],
  [
    'after longer and longer pauses',
    after({ restarts: { inARow: 1 } }),
    crashed(10),
    AGAIN,
    restarts(2, 2_000, 'crashed'),
    after({ restarts: { inARow: 2 } }),
  ],
  ['but only so often in a row', after({ restarts: { inARow: 2 } }), crashed(10), AGAIN, failsWith(CRASH)],
  [
    'what was well for a minute begins anew',
    after({ restarts: { inARow: 2 } }),
    crashed(60_000),
    AGAIN,
    restarts(1, 1_000, 'crashed'),
    after({ restarts: { inARow: 1 } }),
  ],
  [
    'a shutdown from inside is no failure',
    START,
    shutDown,
    AGAIN,
    { kind: 'finish', end: { kind: 'stopped', reason: 'from-inside' } },
  ],
  [
    'and is followed by a start where that is always so',
    START,
    shutDown,
    ALWAYS,
    restarts(1, 1_000, 'from-inside'),
    after({ restarts: { inARow: 1 } }),
  ],
];

describe('after a start has ended', () => {
  test.each(ROWS)('%s', (_, progress, end, policy, order, then = progress) => {
    expect(next(progress, end, policy)).toEqual({ order, progress: then });
  });
});
