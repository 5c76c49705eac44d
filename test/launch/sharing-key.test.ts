import { describe, expect, test } from '@jest/globals';
import { parseScriptArguments } from '../../src/domain/command.js';
import { mention } from '../../src/domain/text.js';
import type { LaunchRequest } from '../../src/launch/request.js';
import { DEFAULTS } from '../../src/launch/request.js';
import { sharingKey } from '../../src/launch/sharing-key.js';

const REQUEST: LaunchRequest = {
  product: 'mi',
  named: { path: '/opt/mi', by: mention.option('home') },
  script: parseScriptArguments([]),
  offset: { kind: 'auto' },
  isOffsetPassed: true,
  readyTimeoutMs: 1,
  stopTimeoutMs: 1,
  restart: DEFAULTS.restart,
  followsOffset: false,
  isDetached: false,
};
const keyOf = (more: Partial<LaunchRequest> = {}): string => sharingKey({ ...REQUEST, ...more });
const given = (value: number, by = 'offset') => ({ value, by });
const args = (...words: string[]) => ({ script: parseScriptArguments(words) });

describe('two launches are the same where they differ', () => {
  test.each<[what: string, one: Partial<LaunchRequest>, other: Partial<LaunchRequest>]>([
    ['in their times', { readyTimeoutMs: 2, stopTimeoutMs: 2 }, {}],
    ['in who asks, the command line or a program', { isDetached: true }, {}],
    [
      'in the way an offset was given',
      { offset: { kind: 'fixed', offset: given(3) } },
      { offset: { kind: 'fixed', offset: given(3, '--offset') } },
    ],
    ['in the order of variables', { variables: { A: '1', B: '2' } }, { variables: { B: '2', A: '1' } }],
    [
      'in the offset of a database, once it is known',
      { isSticky: true },
      { isSticky: true, isStuck: true, offset: { kind: 'fixed', offset: given(3) } },
    ],
    ['in variables of which there are none', { variables: {} }, {}],
    ['in their policy', { restart: { when: 'always', most: 3 }, readyPath: '/carbon/' }, {}],
  ])('%s', (_what, one, other) => {
    expect(keyOf(one)).toBe(keyOf(other));
  });
});

test('all others are different from one another', () => {
  const all: Partial<LaunchRequest>[] = [
    {},
    { name: 'mi' },
    { profile: { name: 'mi', by: mention.option('profile') } },
    { offset: { kind: 'configured' } },
    { offset: { kind: 'fixed', offset: given(0) } },
    { offset: { kind: 'fixed', offset: given(1) } },
    { offset: { kind: 'auto', min: given(1) } },
    { offset: { kind: 'auto', max: given(1) } },
    { offset: { kind: 'auto', min: given(0) } },
    { isSticky: true },
    args('-Da=b'),
    args('-Da=b', '-Dc=d'),
    args('-Dc=d', '-Da=b'),
    args('A=1'),
    { variables: { A: '1' } },
    { variables: { A: '1=2' } },
    { variables: { 'A=1': '2' } },
    { variables: { A: '1', B: '2' } },
    { ...args('A=1'), variables: { A: '1' } },
  ];
  const keys = all.map(keyOf);
  expect(new Set(keys).size).toBe(keys.length);
});

test('neither arguments nor variables can be read from it', () => {
  const key = keyOf({ ...args('-Dpassword=secret'), variables: { PASSWORD: 'secret' } });
  expect(key).not.toContain('secret');
  expect(key).not.toContain('PASSWORD');
});
