import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type COMMON_OPTIONS, Options, type RESTART_OPTIONS, readLaunchChange } from '../../src/cli/options.js';
import { parseCommandLine } from '../../src/cli/parse.js';
import { LaunchError } from '../../src/domain/failure.js';
import { isLaunchChange, type LaunchChange } from '../../src/domain/launch-change.js';

/** The change that a command line asks for, read as the program reads it. */
async function changeOf(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<LaunchChange | undefined> {
  const cut = words.indexOf('--');
  const parsed = await parseCommandLine(['restart', 'mi', ...(cut < 0 ? words : words.slice(0, cut))]);
  if (parsed.kind === 'text') throw new Error(parsed.text);
  return readLaunchChange(new Options(parsed.options, env), cut < 0 ? undefined : words.slice(cut + 1));
}

describe('a restart asks for', () => {
  test.each<[words: readonly string[], change: LaunchChange | undefined]>([
    [[], undefined],
    [['--json', '--quiet'], undefined],
    [['--offset', '3'], { offset: { kind: 'fixed', value: 3 } }],
    [['--', '-DportOffset=3'], { offset: { kind: 'fixed', value: 3 }, scriptArgs: [] }],
    [['-a'], { offset: { kind: 'auto' } }],
    [['-a', '--min-offset', '2', '--max-offset', '9'], { offset: { kind: 'auto', min: 2, max: 9 } }],
    [['--arg', '-Da=b', '--arg', '-Dc=d'], { args: ['-Da=b', '-Dc=d'] }],
    [['--'], { scriptArgs: [] }],
    [['--', '-Da=b'], { scriptArgs: ['-Da=b'] }],
    [['--jvm-arg', '-Xss1m', '--memory', '1g'], { jvmArgs: ['-Xss1m'], heapMiB: 1024 }],
    [['--debug'], { debug: {} }],
    [['--debug=5007', '--suspend'], { debug: { port: 5007 }, suspends: true }],
    [['--debug=false'], { debug: false }],
    [['--suspend=false'], { suspends: false }],
    [['--env', 'A=1', '--env', 'B='], { env: { A: '1', B: '' } }],
    [['--set', 'a.b=c'], { set: [expect.objectContaining({ by: '--set' })] as never }],
    [['--java', '17'], { java: 17 }],
    [['--java-home', '/jdk'], { javaHome: '/jdk' }],
    [['--ready-timeout', '1m', '--stop-timeout', '5s'], { readyTimeoutMs: 60_000, stopTimeoutMs: 5_000 }],
    [['--ready-url', '/a', '--ready-when', 'x'], { readyPath: '/a', readyPattern: 'x' }],
    [['--restart', 'always'], { restart: { when: 'always' } }],
    [['--max-restarts', '2'], { restart: { most: 2 } }],
    [['--follow-offset'], { followsOffset: true }],
    [['--sticky'], { isSticky: true }],
    [['--sticky=false', '--offset', '3'], { isSticky: false, offset: { kind: 'fixed', value: 3 } }],
    [['--follow-offset=false'], { followsOffset: false }],
  ])('%j', async (words, change) => {
    expect(await changeOf(words)).toEqual(change);
  });

  test('nothing that variables of the environment say', async () => {
    const env = { WSO2_LAUNCH_OFFSET: '3', WSO2_LAUNCH_MEMORY: '1g', WSO2_LAUNCH_JAVA: '17', APIM_HOME: '/opt/apim' };
    expect(await changeOf([], env)).toBeUndefined();
    expect(await changeOf(['-a'], env)).toEqual({ offset: { kind: 'auto' } });
  });

  test('a folder from where it is asked', async () => {
    expect(await changeOf(['--java-home', 'jdk'])).toEqual({ javaHome: join(process.cwd(), 'jdk') });
  });
});

const folder = mkdtempSync(join(tmpdir(), 'wso2-launch-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const variables = join(folder, '.env');
writeFileSync(variables, 'A=1\n');

/** Words that give each option that a restart takes. */
const SAMPLES: Readonly<Record<Exclude<keyof typeof RESTART_OPTIONS, keyof typeof COMMON_OPTIONS>, readonly string[]>> =
  {
    'auto-offset': ['-a'],
    offset: ['--offset', '3'],
    'min-offset': ['-a', '--min-offset', '3'],
    'max-offset': ['-a', '--max-offset', '3'],
    'ready-timeout': ['--ready-timeout', '1m'],
    'ready-url': ['--ready-url', '/a'],
    'ready-when': ['--ready-when', 'x'],
    'stop-timeout': ['--stop-timeout', '1m'],
    restart: ['--restart', 'always'],
    'max-restarts': ['--max-restarts', '1'],
    'follow-offset': ['--follow-offset'],
    sticky: ['--sticky'],
    java: ['--java', '17'],
    'java-home': ['--java-home', '/jdk'],
    set: ['--set', 'a.b=c'],
    config: ['--config', 'package.json'],
    arg: ['--arg', '-Da=b'],
    'jvm-arg': ['--jvm-arg', '-Xss1m'],
    memory: ['--memory', '1g'],
    debug: ['--debug'],
    suspend: ['--suspend'],
    env: ['--env', 'A=1'],
    'env-file': ['--env-file', variables],
  };

test.each(Object.entries(SAMPLES))('--%s changes something that a supervisor knows', async (_, words) => {
  const change = await changeOf(words);
  expect(change).toBeDefined();
  expect(isLaunchChange(JSON.parse(JSON.stringify(change)))).toBe(true);
});

describe('a restart is refused', () => {
  test.each<[words: readonly string[], says: string]>([
    [['--name', 'x'], 'restart has no option --name'],
    [['--home', '/x'], 'restart has no option --home'],
    [['--profile', 'x'], 'restart has no option --profile'],
    [['--detach'], 'restart has no option --detach'],
    [['--dry-run'], 'restart has no option --dry-run'],
    [['--min-offset', '3'], '--min-offset goes with --auto-offset'],
    [['--offset', '1', '--offset', '2'], '--offset is given 2 times'],
    [['--java', '17', '--java-home', '/x'], 'contradict'],
    [['--debug=false', '--suspend'], 'is off'],
    [['--memory', 'much'], '--memory takes a size'],
    [['--env', 'A'], '--env takes KEY=VALUE'],
    [['--', 'a b'], "can't carry"],
  ])('%j', async (words, says) => {
    const error = await changeOf(words).catch((refusal: unknown) => refusal);
    expect(error).toBeInstanceOf(LaunchError);
    expect((error as LaunchError).message).toContain(says);
  });
});
