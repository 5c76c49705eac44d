import { describe, expect, test } from '@jest/globals';
import { isLaunchChange } from '../../src/domain/launch-change.js';

describe('a change', () => {
  test.each<object>([
    {},
    { offset: { kind: 'fixed', value: -3 } },
    { offset: { kind: 'auto' } },
    { offset: { kind: 'auto', min: 1, max: 9 } },
    { args: ['-Da=b'], scriptArgs: [], jvmArgs: ['-Xss1m'] },
    { heapMiB: 512, debug: false },
    { debug: {}, suspends: true },
    { debug: { port: 5005 } },
    { envFile: { A: '1' }, env: {} },
    { config: [{ by: '/a.toml', text: '[a]\n' }], set: [{ by: '--set', text: 'a = 1' }] },
    { set: [{ by: '--set', key: 'a', text: '1' }] },
    { java: 17, readyTimeoutMs: 0, stopTimeoutMs: 1, followsOffset: false },
    { javaHome: '/jdk', readyPath: '/carbon/', readyPattern: 'x' },
    { restart: { when: 'always' } },
    { restart: { most: 2 } },
    { isSticky: true },
  ])('is known: %j', (value) => {
    expect(isLaunchChange(JSON.parse(JSON.stringify(value)))).toBe(true);
  });

  test.each<unknown>([
    undefined,
    null,
    'all',
    { colour: 'green' },
    { toString: 1 },
    { heapMiB: 512, colour: 'green' },
    { heapMiB: '512' },
    { offset: 3 },
    { offset: { kind: 'fixed' } },
    { offset: { kind: 'fixed', value: 3, min: 1 } },
    { offset: { kind: 'configured' } },
    { offset: { kind: 'auto', min: 0.5 } },
    { args: '-Da=b' },
    { args: [1] },
    { debug: true },
    { debug: { port: 5005, host: '0.0.0.0' } },
    { env: ['A=1'] },
    { env: { A: 1 } },
    { set: [{ by: '--set' }] },
    { set: [{ by: '--set', text: 'a = 1', how: 'later' }] },
    { restart: { when: 'sometimes' } },
    { restart: { most: -1 } },
    { readyTimeoutMs: -1 },
    { followsOffset: 'yes' },
  ])('is not known as a whole: %j', (value) => {
    expect(isLaunchChange(value)).toBe(false);
  });
});
