import { describe, expect, test } from '@jest/globals';
import { parseScriptArguments, withJvm } from '../../src/domain/command.js';
import type { LaunchChange } from '../../src/domain/launch-change.js';
import { mention } from '../../src/domain/text.js';
import { changedRequest } from '../../src/launch/changed-request.js';
import { DEFAULTS, type LaunchRequest } from '../../src/launch/request.js';

const CONFIG = { by: '/a.toml', text: '[a]' };
const SETTING = { by: '--set', text: 'b = 1' };
const OTHER = { by: '--set', text: 'c = 1' };

const REQUEST: LaunchRequest = {
  product: 'mi',
  named: { path: '/opt/mi', by: mention.option('home') },
  name: 'mine',
  javaHome: { path: '/jdk', by: mention.option('javaHome') },
  lists: {
    args: ['-Done=1'],
    scriptArgs: ['-Dlast=1'],
    envFile: { FILE: '1', BOTH: 'file' },
    env: { BOTH: 'own', OWN: '1' },
    config: [CONFIG],
    set: [SETTING],
  },
  script: withJvm(parseScriptArguments(['-Done=1', '-Dlast=1']), {
    args: ['-Xss1m'],
    heapMiB: 300,
    debugger: { port: 5005, suspends: true },
  }),
  variables: { FILE: '1', BOTH: 'own', OWN: '1' },
  changes: [CONFIG, SETTING],
  offset: { kind: 'auto', min: { value: 3, by: mention.option('minOffset') } },
  isOffsetPassed: true,
  readyTimeoutMs: 1,
  readyPath: '/a',
  stopTimeoutMs: 2,
  restart: DEFAULTS.restart,
  followsOffset: false,
  isDetached: true,
};

/** The words and the JVM's part of a request. */
const scriptOf = ({ script: { others, jvm, waitsForDebugger } }: LaunchRequest) => ({ others, jvm, waitsForDebugger });
const JVM = REQUEST.script.jvm;

describe('a request is changed in what is given', () => {
  test.each<[change: LaunchChange, more: object]>([
    [{}, {}],
    [{ env: { NEW: '2' } }, { variables: { FILE: '1', BOTH: 'file', NEW: '2' } }],
    [{ env: {} }, { variables: { FILE: '1', BOTH: 'file' } }],
    [{ envFile: { X: '1' } }, { variables: { X: '1', BOTH: 'own', OWN: '1' } }],
    [{ set: [OTHER] }, { changes: [CONFIG, OTHER] }],
    [{ config: [], set: [] }, { changes: undefined }],
    [
      { offset: { kind: 'fixed', value: 7 } },
      { offset: { kind: 'fixed', offset: { value: 7, by: mention.option('offset') } } },
    ],
    [{ offset: { kind: 'auto' } }, { offset: { kind: 'auto' } }],
    [{ java: 21 }, { java: { feature: 21, by: mention.option('java') }, javaHome: undefined }],
    [{ javaHome: '/other' }, { javaHome: { path: '/other', by: mention.option('javaHome') } }],
    [
      { readyTimeoutMs: 5, stopTimeoutMs: 6 },
      { readyTimeoutMs: 5, stopTimeoutMs: 6 },
    ],
    [
      { readyPath: '/b', readyPattern: 'x' },
      { readyPath: '/b', readyPattern: 'x' },
    ],
    [{ restart: { most: 1 } }, { restart: { when: 'never', most: 1 } }],
    [{ restart: { when: 'always' } }, { restart: { when: 'always', most: DEFAULTS.restart.most } }],
    [{ followsOffset: true }, { followsOffset: true }],
  ])('%j', (change, more) => {
    const { lists: _, script: _script, ...changed } = changedRequest(REQUEST, change);
    const { lists: _lists, script: _former, ...former } = REQUEST;
    expect(changed).toEqual({ ...former, ...more });
  });

  test.each<[change: LaunchChange, more: object]>([
    [{}, {}],
    [{ args: ['-Dtwo=2'] }, { others: ['-Dtwo=2', '-Dlast=1'] }],
    [{ scriptArgs: [] }, { others: ['-Done=1'] }],
    [{ jvmArgs: [] }, { jvm: { ...JVM, args: [] } }],
    [{ heapMiB: 400 }, { jvm: { ...JVM, heapMiB: 400 } }],
    [{ debug: {} }, { jvm: { ...JVM, debugger: { suspends: true } } }],
    [
      { debug: { port: 6006 }, suspends: false },
      { jvm: { ...JVM, debugger: { port: 6006, suspends: false } }, waitsForDebugger: false },
    ],
    [{ suspends: false }, { jvm: { ...JVM, debugger: { port: 5005, suspends: false } }, waitsForDebugger: false }],
    [{ debug: false }, { jvm: { args: ['-Xss1m'], heapMiB: 300 }, waitsForDebugger: false }],
  ])('its words, by %j', (change, more) => {
    expect(scriptOf(changedRequest(REQUEST, change))).toEqual({ ...scriptOf(REQUEST), ...more });
  });

  test('of a launch that was told nothing', () => {
    const { lists: _, variables: _variables, changes: _changes, ...plain } = REQUEST;
    const bare: LaunchRequest = {
      ...plain,
      script: parseScriptArguments([]),
      offset: { kind: 'configured' },
      isOffsetPassed: false,
    };
    expect(changedRequest(bare, { suspends: true }).script.jvm).toEqual({ args: [], debugger: { suspends: true } });
    expect(changedRequest(bare, { suspends: false }).script.jvm).toBeUndefined();
    expect(changedRequest(bare, { env: { A: '1' } })).toMatchObject({ variables: { A: '1' }, isOffsetPassed: false });
    expect(changedRequest(bare, { offset: { kind: 'fixed', value: 0 } })).toMatchObject({ isOffsetPassed: true });
  });

  test('twice is as once with both', () => {
    const [first, second] = [{ env: { A: '1' } }, { args: ['-Dx=1'] }];
    const twice = changedRequest(changedRequest(REQUEST, first), second);
    expect(twice).toEqual(changedRequest(REQUEST, { ...first, ...second }));
  });

  test('what contradicts is refused', () => {
    expect(() => changedRequest(REQUEST, { args: ['stop'] })).toThrow('sub-command');
    expect(() => changedRequest(REQUEST, { scriptArgs: ['--debug'] })).toThrow('needs a port');
  });
});

describe('the offset of the database', () => {
  const offset = { kind: 'fixed', offset: { value: 3, by: mention.option('sticky') } } as const;
  const stuck: LaunchRequest = { ...REQUEST, offset, isSticky: true, isStuck: true };
  const other = { kind: 'fixed', value: 7 } as const;

  test.each<[what: string, former: LaunchRequest, change: LaunchChange, isSticky: true | undefined, value: number]>([
    ['stays asked for', stuck, {}, true, 3],
    ['is given up for another one', stuck, { offset: other }, undefined, 7],
    ['is given up, which moves nothing', stuck, { isSticky: false }, undefined, 3],
    ['is asked for from now on', { ...REQUEST, offset }, { isSticky: true }, true, 3],
  ])('%s', (_what, former, change, isSticky, value) => {
    const changed = changedRequest(former, change);
    expect(changed).toMatchObject({ offset: { kind: 'fixed', offset: { value } } });
    expect(changed.isSticky).toBe(isSticky);
    // Whether it is known is looked up anew.
    expect(changed).not.toHaveProperty('isStuck');
  });
});
