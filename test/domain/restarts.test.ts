import { describe, expect, test } from '@jest/globals';
import {
  type EndedHow,
  NEVER_RESTART,
  NO_RESTARTS,
  nextRestart,
  type RestartPolicy,
} from '../../src/domain/restarts.js';

const policy = (when: RestartPolicy['when'], most = 5): RestartPolicy => ({ when, most });

test.each<[RestartPolicy['when'], EndedHow, boolean]>([
  ['never', 'failed', false],
  ['never', 'shut-down', false],
  ['on-failure', 'failed', true],
  ['on-failure', 'shut-down', false],
  ['always', 'failed', true],
  ['always', 'shut-down', true],
])('the policy %s after a server has %s: again is %s', (when, end, isAgain) => {
  expect(nextRestart(policy(when), NO_RESTARTS, end, 0) !== undefined).toBe(isAgain);
});

test('nothing said means never', () => {
  expect(nextRestart(NEVER_RESTART, NO_RESTARTS, 'failed', 0)).toBeUndefined();
});

/** The pauses of a server that crashes again and again, each time after having been ready for so long. */
function pausesOf(rules: RestartPolicy, readyForMs: number, starts: number): number[] {
  const pauses: number[] = [];
  let restarts = NO_RESTARTS;
  for (let start = 0; start < starts; start++) {
    const next = nextRestart(rules, restarts, 'failed', readyForMs);
    if (!next) break;
    pauses.push(next.delayMs);
    restarts = next.restarts;
  }
  return pauses;
}

describe('a server that crashes again and again', () => {
  test('is started after pauses that double, up to a minute', () => {
    expect(pausesOf(policy('always', 9), 0, 20)).toEqual(
      [1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000),
    );
  });

  test('is given up after as many starts in a row as allowed', () => {
    expect(pausesOf(policy('on-failure', 2), 59_999, 20)).toEqual([1000, 2000]);
    expect(pausesOf(policy('on-failure', 0), 0, 20)).toEqual([]);
  });

  test('begins anew where it was ready for a minute', () => {
    expect(pausesOf(policy('on-failure', 2), 60_000, 6)).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
    expect(nextRestart(policy('always', 2), { inARow: 2 }, 'failed', 60_000)).toEqual({
      restarts: { inARow: 1 },
      delayMs: 1000,
    });
  });

  test('is waited for no longer than a minute, however often it is started', () => {
    expect(nextRestart(policy('always', 1e9), { inARow: 5000 }, 'failed', 0)?.delayMs).toBe(60_000);
  });
});
