import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import {
  checkAcquire,
  checkForms,
  checkHome,
  checkLaunch,
  checkLogs,
  checkProduct,
  checkRestart,
  FORMS,
  placeOf,
} from '../../src/api/options.js';
import type { AcquireOptions, LaunchOptions, RestartOptions } from '../../src/api/types.js';
import { inLibrary } from '../../src/api/wording.js';
import { LaunchError } from '../../src/domain/failure.js';
import { isLaunchChange } from '../../src/domain/launch-change.js';
import { mention } from '../../src/domain/text.js';

const refusalOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof LaunchError && error.failure.kind === 'usage') return inLibrary(error.failure.what);
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('a launch is asked for with what was not given as the command line has it', () => {
  const PLAIN = {
    product: 'mi',
    offset: { kind: 'configured' },
    isOffsetPassed: false,
    readyTimeoutMs: 300_000,
    stopTimeoutMs: 120_000,
    restart: { when: 'never', most: 5 },
    followsOffset: false,
    isDetached: false,
  };

  test.each<[options: LaunchOptions, more: object]>([
    [{}, {}],
    [
      { home: '/opt/mi', profile: 'x' },
      { named: { path: '/opt/mi', by: mention.option('home') }, profile: { name: 'x', by: mention.option('profile') } },
    ],
    [
      { name: 'mine', javaHome: '/jdk' },
      { name: 'mine', javaHome: { path: '/jdk', by: mention.option('javaHome') } },
    ],
    [
      { offset: 0 },
      { offset: { kind: 'fixed', offset: { value: 0, by: mention.option('offset') } }, isOffsetPassed: true },
    ],
    [
      { offset: -5 },
      { offset: { kind: 'fixed', offset: { value: -5, by: mention.option('offset') } }, isOffsetPassed: true },
    ],
    [{ offset: 'auto' }, { offset: { kind: 'auto' }, isOffsetPassed: true }],
    [
      { offset: 'auto', minOffset: 1, maxOffset: 2 },
      {
        offset: {
          kind: 'auto',
          min: { value: 1, by: mention.option('minOffset') },
          max: { value: 2, by: mention.option('maxOffset') },
        },
        isOffsetPassed: true,
      },
    ],
    [
      { args: ['-DportOffset=7', '-Da=b'] },
      {
        offset: { kind: 'fixed', offset: { value: 7, by: '-DportOffset' } },
        isOffsetPassed: true,
        lists: { args: ['-Da=b'] },
      },
    ],
    [
      { readyTimeoutMs: 1, stopTimeoutMs: 0, readyUrl: '/carbon/' },
      { readyTimeoutMs: 1, stopTimeoutMs: 0, readyPath: '/carbon/' },
    ],
    [{ restart: 'always' }, { restart: { when: 'always', most: 5 } }],
    [{ maxRestarts: 0 }, { restart: { when: 'never', most: 0 } }],
    [{ followOffset: true }, { followsOffset: true }],
    [{ sticky: true }, { isSticky: true }],
    [{ sticky: false }, {}],
    [{ private: true }, { ownHome: { isFresh: false } }],
    [{ private: true, fresh: true }, { ownHome: { isFresh: true } }],
    [{ private: false, fresh: false }, {}],
    [{ env: { A: '' } }, { variables: { A: '' }, lists: { env: { A: '' } } }],
  ])('%j', (options, more) => {
    const { script, named, ...request } = checkLaunch('mi', options).request;
    expect({ ...request, ...(named && 'home' in options && { named }) }).toEqual({ ...PLAIN, ...more });
    expect(script.others).toEqual((options.args ?? []).filter((word) => !word.startsWith('-DportOffset')));
  });

  test('an option that is undefined is as one that is not there', () => {
    const none = { home: undefined, offset: undefined, env: undefined } as unknown as LaunchOptions;
    expect(checkLaunch('mi', none).request).toEqual(checkLaunch('mi', {}).request);
  });

  test('that of acquire has two more', () => {
    const { request, options } = checkAcquire('mi', { lingerMs: 0.5, label: 'x'.repeat(200) });
    expect(request).toEqual(checkLaunch('mi', {}).request);
    expect(options).toEqual({ lingerMs: 0.5, label: 'x'.repeat(200) });
  });
});

describe('what contradicts itself is refused', () => {
  test.each<[options: AcquireOptions, says: string]>([
    [{ minOffset: 1 }, "minOffset goes with offset: 'auto'."],
    [{ fresh: true }, 'fresh goes with private: true.'],
    [{ offset: 3, maxOffset: 1 }, "maxOffset goes with offset: 'auto'."],
    [{ offset: 3, args: ['-DportOffset=3'] }, 'The offset is given twice: as offset, and as -DportOffset among args.'],
    [
      { offset: 'auto', args: ['-DportOffset=3'] },
      'The offset is given twice: as offset, and as -DportOffset among args.',
    ],
    [{ offset: 3, sticky: true }, 'sticky and offset contradict each other.'],
    [{ sticky: true, args: ['-DportOffset=3'] }, 'sticky and -DportOffset among args contradict each other.'],
    [{ env: { WSO2_LAUNCH_STATE_DIR: '/x' } }, "env holds WSO2_LAUNCH_STATE_DIR, which is no variable of a server's."],
    [{ env: { CMD: 'stop' } }, 'env holds CMD, which the start script would take for its own: it is kept from it.'],
    [
      { jvmArgs: ['Main'] },
      'jvmArgs takes an option of the JVM, which begins with a dash, not "Main": the JVM would take it for the class to start.',
    ],
    [{ debug: 0 }, 'debug takes a port from 1 to 65535, not 0.'],
    [{ memory: '2' }, "memory takes a size with its unit, such as '512m' or '2g', not \"2\"."],
    [{ envFile: ['/nowhere/.env'] }, 'There is no file /nowhere/.env.'],
  ])('%j', (options, says) => {
    expect(refusalOf(() => checkAcquire('mi', options))).toBe(says);
  });
});

describe('products', () => {
  test.each([
    ['mi', 'mi'],
    ['micro-integrator', 'mi'],
    ['api-manager', 'apim'],
  ])('%s is %s', (word, product) => {
    expect(checkProduct(word)).toBe(product);
  });

  test.each([
    ['mii', 'Did you mean mi?'],
    ['run', '"run" is no product'],
    ['', 'is no product'],
    [7, '7 is no product'],
    [undefined, 'undefined is no product'],
    [{}, '{} is no product'],
  ])('%j is none', (word, says) => {
    expect(refusalOf(() => checkProduct(word))).toContain(says);
  });
});

describe('options', () => {
  test.each<[options: unknown, says: string]>([
    [null, 'The options are null, not a plain object.'],
    ['home', 'The options are "home", not a plain object.'],
    [['home'], 'The options are ["home"], not a plain object.'],
    [new Map([['home', '/opt']]), 'The options are an instance of Map, not a plain object.'],
    [Object.create({ home: '/opt' }), 'The options are an instance of Object, not a plain object.'],
    [{ hom: 1 }, 'There is no option hom. Did you mean home?'],
    [{ constructor: 1 }, 'There is no option constructor.'],
    [{ home: 'a\0b' }, 'home takes a text that is not empty, not "a\\u0000b".'],
    [{ all: 'yes' }, 'all takes true or false, not "yes".'],
    [{ count: 2 ** 53 }, 'count takes an integer, not 9007199254740992.'],
  ])('%j', (options, says) => {
    expect(refusalOf(() => checkHome(options as object, { all: FORMS.switch, count: FORMS.integer }))).toBe(says);
  });

  const circle: Record<string, unknown> = {};
  circle['circle'] = circle;
  const unreadable = new Proxy({}, { ownKeys: () => Object.values(null as unknown as object) });

  test.each<[value: unknown, shown: string]>([
    ['', '""'],
    ['3', '"3"'],
    ['a\r\nb', '"a\\r\\nb"'],
    [3, '3'],
    [3n, '3n'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 'x', 'a function'],
    [new Date(Number.NaN), 'an instance of Date'],
    [new URL('file:///tmp'), 'an instance of URL'],
    [{ unset: undefined }, '{"unset":undefined}'],
    [['3', 3], '["3",3]'],
    [circle, '{"circle":{"circle":{"circle":…}}}'],
    [unreadable, '[object Object]'],
  ])('value %# is shown as a program would write it', (value, shown) => {
    const forms = { none: { is: () => false, what: 'nothing' } };
    expect(refusalOf(() => checkForms({ none: value }, forms))).toBe(`none takes nothing, not ${shown}.`);
  });

  test.each([{ tail: 0 }, { since: 0 }, { since: new Date(0), follow: false }, { signal: AbortSignal.abort() }, {}])(
    'of logs: %j',
    (options) => {
      expect(() => checkLogs(options)).not.toThrow();
    },
  );

  test('are read once, and used as they were then', () => {
    const names = ['first', '../second'];
    const args = ['-Da=b'];
    const env = { A: 'b' };
    const options = { name: '', args, env };
    Object.defineProperty(options, 'name', { enumerable: true, get: () => names.shift() });
    const { request } = checkLaunch('mi', options);
    args.push('stop');
    env.A = 'c';
    expect(request).toMatchObject({ name: 'first', script: { others: ['-Da=b'] }, variables: { A: 'b' } });
  });

  test('of another realm are plain as well, and so are those without a prototype', () => {
    for (const options of [runInNewContext('({ all: true })'), Object.assign(Object.create(null), { all: true })]) {
      expect(checkForms(options, { all: FORMS.switch })).toEqual({ all: true });
    }
  });

  test('that can not be read are told with what their getter has thrown', () => {
    const options = Object.defineProperty({}, 'home', {
      enumerable: true,
      get: () => {
        throw new Error('not now');
      },
    });
    expect(refusalOf(() => checkHome(options, {}))).toBe("The options can't be read: not now.");
  });

  test.each<[options: object, says: string]>([
    [{ env: { PASSWORD: 'hush', COUNT: 5 } }, 'not {"PASSWORD":"***","COUNT":5}.'],
    [{ args: ['-Djavax.net.ssl.keyStorePassword=hush', 5] }, 'not ["-Djavax.net.ssl.keyStorePassword=***",5].'],
    [{ args: '-Dpassword=hush' }, 'not "-Dpassword=***".'],
  ])('that are refused are shown without their secrets: %j', (options, says) => {
    expect(refusalOf(() => checkLaunch('mi', options as LaunchOptions))).toContain(says);
  });

  test('that are refused are not shown at length', () => {
    expect(refusalOf(() => checkHome({ home: ['x'.repeat(1_000)] } as object, {})).length).toBeLessThan(300);
    expect(refusalOf(() => checkHome({ home: () => 'x' } as object, {}))).toContain('not a function.');
  });

  test.each<[what: string, options: object]>([
    ['a list with a hole', { args: new Array(1) }],
    ['a Map of variables', { env: new Map([['A', 'b']]) }],
    ['a stream that tells nothing of its end', { output: { write: () => true } }],
  ])('with %s are of a wrong type', (_what, options) => {
    const [name] = Object.keys(options);
    expect(refusalOf(() => checkLaunch('mi', options as LaunchOptions))).toContain(`${name} takes `);
  });
});

test('where a home is looked for says who named it', () => {
  expect(placeOf('mi', { home: '/a', profile: 'p' })).toEqual({
    product: 'mi',
    named: { path: '/a', by: mention.option('home') },
    profile: { name: 'p', by: mention.option('profile') },
  });
  expect(placeOf(undefined, {})).toEqual({});
});

/** A value for each option that a restart takes. */
const CHANGES: Readonly<Record<keyof RestartOptions, RestartOptions>> = {
  offset: { offset: 3 },
  minOffset: { offset: 'auto', minOffset: 3 },
  maxOffset: { offset: 'auto', maxOffset: 3 },
  javaHome: { javaHome: '/jdk' },
  java: { java: 17 },
  readyTimeoutMs: { readyTimeoutMs: 1 },
  stopTimeoutMs: { stopTimeoutMs: 1 },
  readyUrl: { readyUrl: '/a' },
  readyWhen: { readyWhen: 'x' },
  restart: { restart: 'always' },
  maxRestarts: { maxRestarts: 1 },
  followOffset: { followOffset: false },
  sticky: { sticky: true },
  args: { args: [] },
  env: { env: {} },
  envFile: { envFile: [] },
  set: { set: { 'a.b': 1 } },
  config: { config: [] },
  jvmArgs: { jvmArgs: [] },
  memory: { memory: '1g' },
  debug: { debug: false },
  suspend: { suspend: false },
};

describe('a restart', () => {
  test.each(Object.entries(CHANGES))('changes what a supervisor knows by %s', (_, options) => {
    const change = checkRestart(options);
    expect(change).toBeDefined();
    expect(isLaunchChange(JSON.parse(JSON.stringify(change)))).toBe(true);
  });

  test('changes nothing without options, or with undefined ones', () => {
    expect(checkRestart({})).toBeUndefined();
    expect(checkRestart({ memory: undefined, env: undefined } as object)).toBeUndefined();
  });

  test.each(['name', 'home', 'profile', 'once', 'private', 'output', 'onEvent', 'colour'])(
    'has no option %s',
    (name) => {
      expect(() => checkRestart({ [name]: 'x' })).toThrow(`There is no option ${name}.`);
    },
  );
});
