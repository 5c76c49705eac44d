import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Options, readLaunchRequest } from '../../src/cli/options.js';
import { parseCommandLine } from '../../src/cli/parse.js';
import { LaunchError } from '../../src/domain/failure.js';
import { LONGEST_TIMER_MS } from '../../src/domain/numbers.js';
import type { GivenNumber, OffsetChoice } from '../../src/domain/offsets.js';
import { mention } from '../../src/domain/text.js';
import type { LaunchRequest } from '../../src/launch/request.js';
import { failureWords } from '../support/failure-words.js';

type Variables = Readonly<Record<string, string>>;

/** What a command line asks for, read as the program reads it. */
async function read(argv: readonly string[], env: Variables = {}): Promise<LaunchRequest> {
  const cut = argv.indexOf('--');
  const head = cut < 0 ? argv : argv.slice(0, cut);
  const parsed = await parseCommandLine(head);
  if (parsed.kind === 'text') throw new Error(`a text: ${parsed.text}`);
  return readLaunchRequest('mi', new Options(parsed.options, env), cut < 0 ? [] : argv.slice(cut + 1));
}

/** The words with which it is refused. */
async function refusalOf(argv: readonly string[], env: Variables = {}): Promise<string> {
  const error = await read(argv, env).catch((error: unknown) => error);
  if (!(error instanceof LaunchError)) throw new Error(`not refused: ${JSON.stringify(error)}`);
  expect(error).toMatchObject({ exitCode: 2, failure: { kind: 'usage' } });
  const { message, hint } = failureWords(error.failure);
  expect(hint).toMatch(/^\S.*\S$/);
  return `${message} ${hint}`;
}

const atFreeOffset = ['-a', '--min-offset', '3400'];

describe('a command line that makes no sense is refused', () => {
  test.each<[what: string, args: readonly string[], says: readonly string[]]>([
    ['an offset that is no number', ['--offset', 'abc'], ['--offset', 'integer', '"abc"']],
    ['a fractional offset', ['--offset', '1.5'], ['--offset', 'integer', '"1.5"']],
    ['an offset with an exponent', ['--offset', '1e2'], ['--offset', 'integer', '"1e2"']],
    ['a hexadecimal offset', ['--offset', '0x10'], ['--offset', 'integer', '"0x10"']],
    ['an empty offset', ['--offset='], ['--offset needs a value']],
    ['an offset without its value', ['--offset'], ['--offset needs a value']],
    ['an offset given twice', ['--offset', '3400', '--offset', '3401'], ['--offset is given 2 times']],
    ['a minimum given twice', [...atFreeOffset, '--min-offset', '3401'], ['--min-offset is given 2 times']],
    ['two ways to choose the offset', ['--offset', '3400', '--auto-offset'], ['--auto-offset and --offset contradict']],
    ['a minimum for a fixed offset', ['--offset', '3400', '--min-offset', '1'], ['--min-offset and --offset']],
    ['a minimum that is no number', ['-a', '--min-offset', 'abc'], ['--min-offset', 'integer', '"abc"']],
    ['a minimum without --auto-offset', ['--min-offset', '3400'], ['--min-offset goes with --auto-offset']],
    ['a maximum without --auto-offset', ['--max-offset', '3400'], ['--max-offset goes with --auto-offset']],
    ['a misspelt option', ['--ofset', '3400'], ['no option --ofset', 'Did you mean --offset?']],
    ['an unknown option', ['--bogus'], ['no option --bogus']],
    ['an unknown letter', ['-x'], ['no option -x']],
    ['a digit behind a switch', ['-a5'], ['-a takes no value']],
    ['a digit behind several switches', ['-da5'], ['-a takes no value']],
    ['a value behind several switches', ['-da=yes'], ['-a takes no value']],
    ['a word too many', ['extra'], ['"extra"']],
    ['a time without a unit', ['--ready-timeout', '5'], ['--ready-timeout', 'unit (500ms, 30s, 5m)', '"5"']],
    ['a time with a space', ['--ready-timeout', '5 m'], ['--ready-timeout', 'unit (500ms, 30s, 5m)', '"5 m"']],
    ['a time that is none', ['--stop-timeout', 'abc'], ['--stop-timeout', 'unit (500ms, 30s, 5m)', '"abc"']],
    ['a negative time', ['--stop-timeout=-5s'], ['--stop-timeout', 'unit (500ms, 30s, 5m)', '"-5s"']],
    ['a name with a slash', ['--name', 'a/b'], ['--name "a/b"', 'letters, digits']],
    ['a name that begins with a dash', ['--name=-a'], ['--name "-a"', 'letters, digits']],
    ['a name of 64 characters', ['--name', 'a'.repeat(64)], ['--name "aaa', 'at most 63']],
    ['an empty name', ['--name', ''], ['--name needs a value']],
    [
      'a policy that there is not',
      ['--restart', 'sometimes'],
      ['--restart is one of never, on-failure, always, not "sometimes".'],
    ],
    [
      'a number of restarts that is none',
      ['--max-restarts', 'many'],
      ['--max-restarts takes a plain integer, not "many".'],
    ],
    ['a job that is restarted', ['--once', '--restart', 'always'], ['--once and --restart contradict each other']],
    ['a negative number of restarts', ['--max-restarts', '-1'], ['--max-restarts takes no negative number.']],
    ['a JDK that is no release', ['--java', '17.0.9'], ['--java takes a feature release such as 17, not "17.0.9".']],
    ['a JDK of no release', ['--java', '0'], ['--java takes a feature release such as 17, not "0".']],
    ['two offsets', ['--offset', '1', '--sticky'], ['--sticky and --offset contradict each other.']],
    ['two JDKs', ['--java', '17', '--java-home', '/jdk'], ['--java and --java-home contradict each other.']],
    ['a switch with a value that is none', ['--auto-offset=maybe'], ['--auto-offset takes no value, or true or false']],
    ['a letter with a value', ['-a=3'], ['-a takes no value, or true or false']],
  ])('%s', async (_what, args, says) => {
    const words = await refusalOf(['mi', ...args]);
    for (const part of says) expect(words).toContain(part);
  });

  test('a pattern that is none', async () => {
    expect(await refusalOf(['mi', '--ready-when', '(deployed'])).toContain(
      '--ready-when takes a regular expression, not "(deployed": unterminated group',
    );
    expect(await read(['mi', '--ready-when', 'deployed (\\d+)'])).toMatchObject({ readyPattern: 'deployed (\\d+)' });
  });

  test.each(['app', 'https://localhost/app', '/a b', '/app#there'])('a page of %j, which is no path', async (path) => {
    expect(await refusalOf(['mi', '--ready-url', path])).toContain(
      "--ready-url takes a path on the server's first URL",
    );
  });

  test.each<[what: string, argv: readonly string[], says: readonly string[]]>([
    ['a misspelt command', ['apmi'], ['no command "apmi"', 'Did you mean apim?']],
    ['an unknown command', ['frobnicate'], ['no command "frobnicate"']],
    ['a word from the language itself', ['constructor'], ['no command "constructor"']],
    ['no command at all', ['--json'], ['No command was given: one of apim, ']],
    ['a misspelt option without a command', ['--versoin'], ['no option --versoin', 'Did you mean --version?']],
    ['an unknown option before the command', ['--bogus', 'mi'], ['no option --bogus']],
    ['an unknown letter before the command', ['-x', 'mi'], ['no option -x']],
  ])('%s', async (_what, argv, says) => {
    const words = await refusalOf(argv);
    for (const part of says) expect(words).toContain(part);
  });
});

describe('what the start script can not carry is refused', () => {
  test.each(['stop', '-stop', '--stop', 'start', 'restart', 'version', '--version', 'test'])(
    'its sub-command %s',
    async (word) => {
      const words = await refusalOf(['mi', ...atFreeOffset, '--', '-Dfirst=1', word]);
      for (const part of [`"${word}" after --`, 'sub-command', 'leave it out']) expect(words).toContain(part);
    },
  );

  test.each([
    ['a space', '-Dname=two words'],
    ['a tab', 'two\twords'],
    ['a star', '-Dfiles=*.car'],
    ['a question mark', 'a?'],
    ['a bracket', '-Dlist=[a]'],
    ['nothing in it', ''],
  ])('an argument with %s', async (_what, argument) => {
    const words = await refusalOf(['mi', ...atFreeOffset, '--', argument]);
    for (const part of [`argument ${JSON.stringify(argument)}`, 'unquoted', 'deployment.toml or JAVA_OPTS']) {
      expect(words).toContain(part);
    }
  });

  test.each<[what: string, args: readonly string[], says: readonly string[]]>([
    ['that is no number', ['--', '-DportOffset=abc'], ['-DportOffset=abc after --', 'plain integer']],
    ['that is empty', ['--', '-DportOffset='], ['-DportOffset= after --', 'plain integer']],
    ['without its value', ['--', '-DportOffset'], ['-DportOffset after --', 'plain integer']],
    ['given twice', ['--', '-DportOffset=3400', '-DportOffset=3401'], ['-DportOffset is given 2 times']],
    [
      'beside --offset',
      ['--offset', '3400', '--', '-DportOffset=3401'],
      ['twice', '--offset', '-DportOffset after --'],
    ],
    ['beside --sticky', ['--sticky', '--', '-DportOffset=3400'], ['--sticky and -DportOffset', 'contradict']],
    ['beside --auto-offset', ['-a', '--', '-DportOffset=3400'], ['--auto-offset and -DportOffset', 'contradict']],
  ])('an offset %s', async (_what, args, says) => {
    const words = await refusalOf(['mi', ...args]);
    for (const part of says) expect(words).toContain(part);
  });
});

const fixed = (value: number, by: GivenNumber['by'] = mention.option('offset')): OffsetChoice => ({
  kind: 'fixed',
  offset: { value, by },
});
const auto = (min?: number, by: GivenNumber['by'] = mention.option('minOffset')): OffsetChoice => ({
  kind: 'auto',
  ...(min !== undefined && { min: { value: min, by } }),
});
const CONFIGURED: OffsetChoice = { kind: 'configured' };

describe('every option is an environment variable too, and a flag outranks it', () => {
  const VARIABLE = 'WSO2_LAUNCH_MIN_OFFSET';

  test.each<[variables: Variables, args: readonly string[], offset: OffsetChoice]>([
    [{ WSO2_LAUNCH_OFFSET: '3601' }, [], fixed(3601, 'WSO2_LAUNCH_OFFSET')],
    [{ WSO2_LAUNCH_OFFSET: '3601' }, ['--offset', '3602'], fixed(3602)],
    [{ WSO2_LAUNCH_OFFSET: '3601' }, ['--', '-DportOffset=3602'], fixed(3602, '-DportOffset after --')],
    [{ WSO2_LAUNCH_AUTO_OFFSET: '1' }, [], auto()],
    [{ WSO2_LAUNCH_AUTO_OFFSET: 'yes', [VARIABLE]: '3601' }, [], auto(3601, VARIABLE)],
    [{ WSO2_LAUNCH_AUTO_OFFSET: 'true', [VARIABLE]: '3601' }, ['--min-offset', '3602'], auto(3602)],
    [{ WSO2_LAUNCH_AUTO_OFFSET: '0' }, [], CONFIGURED],
    [{ [VARIABLE]: '3601' }, ['-a'], auto(3601, VARIABLE)],
    [{ [VARIABLE]: '3601' }, [], CONFIGURED],
    [{ WSO2_LAUNCH_OFFSET: '' }, [], CONFIGURED],
    [{ WSO2_LAUNCH_AUTO_OFFSET: '1' }, ['--offset', '3603'], fixed(3603)],
    [{ WSO2_LAUNCH_AUTO_OFFSET: '1', [VARIABLE]: '3609' }, ['--offset', '3603'], fixed(3603)],
    [{ WSO2_LAUNCH_OFFSET: '3603' }, ['-a'], auto()],
    [{ WSO2_LAUNCH_OFFSET: '3603' }, ['-a', '--min-offset', '3604'], auto(3604)],
    [{ WSO2_LAUNCH_OFFSET: '3603' }, ['--sticky'], CONFIGURED],
    [{ WSO2_LAUNCH_OFFSET: '3603' }, ['--sticky', '-a'], auto()],
    [{}, ['--offset', '-5'], fixed(-5)],
    [{}, ['--offset=-5'], fixed(-5)],
    [{}, [], CONFIGURED],
  ])('the offset, with %j and %j', async (env, args, offset) => {
    expect(await read(['mi', ...args], env)).toMatchObject({ offset, isOffsetPassed: offset.kind !== 'configured' });
  });

  test.each<[variables: Variables, args: readonly string[], asked: Partial<LaunchRequest>]>([
    [{ WSO2_LAUNCH_READY_TIMEOUT: 'rubbish' }, ['--ready-timeout', '5s'], { readyTimeoutMs: 5_000 }],
    [{ WSO2_LAUNCH_STOP_TIMEOUT: '7m' }, [], { stopTimeoutMs: 420_000 }],
    [{ WSO2_LAUNCH_NAME: '-rubbish' }, ['--name', 'mine'], { name: 'mine' }],
    [{ WSO2_LAUNCH_NAME: 'mine' }, [], { name: 'mine' }],
    [{ WSO2_LAUNCH_DETACH: '1' }, [], { isDetached: true }],
    [{}, ['--once'], { once: true, readyTimeoutMs: LONGEST_TIMER_MS }],
    [{ WSO2_LAUNCH_RESTART: 'always' }, ['--once'], { once: true, restart: { when: 'never', most: 5 } }],
    [{ WSO2_LAUNCH_ONCE: '1' }, ['--restart', 'always'], { restart: { when: 'always', most: 5 } }],
    [{ WSO2_LAUNCH_ONCE: '1' }, ['--ready-timeout', '1m'], { once: true, readyTimeoutMs: 60_000 }],
    [{ WSO2_LAUNCH_RESTART: 'always', WSO2_LAUNCH_MAX_RESTARTS: '2' }, [], { restart: { when: 'always', most: 2 } }],
    [{ WSO2_LAUNCH_JAVA: '17' }, [], { java: { feature: 17, by: 'WSO2_LAUNCH_JAVA', isGeneral: true } }],
    [{ WSO2_LAUNCH_JAVA_HOME: '/jdk' }, ['--java', '17'], { java: { feature: 17, by: mention.option('java') } }],
    [{ WSO2_LAUNCH_JAVA: '17' }, ['--java-home', '/j'], { javaHome: { path: '/j', by: mention.option('javaHome') } }],
    [{ MI_HOME: '/a' }, [], { named: { path: '/a', by: 'MI_HOME', isGeneral: true } }],
    [{ MI_HOME: '/a', WSO2_LAUNCH_HOME: '/b' }, [], { named: { path: '/b', by: 'WSO2_LAUNCH_HOME', isGeneral: true } }],
    [
      { MI_HOME: '/a', WSO2_LAUNCH_HOME: '/b' },
      ['--home', '/c'],
      { named: { path: '/c', by: mention.option('home') } },
    ],
  ])('others, with %j and %j', async (env, args, asked) => {
    expect(await read(['mi', ...args], env)).toMatchObject(asked);
  });

  test.each<[variables: Variables, args: readonly string[], isSticky: true | undefined]>([
    [{}, ['--sticky'], true],
    [{}, ['--sticky', '-a', '--min-offset', '7'], true],
    [{}, [], undefined],
    [{ WSO2_LAUNCH_STICKY: '1' }, [], true],
    [{ WSO2_LAUNCH_STICKY: '1' }, ['-a'], true],
    [{ WSO2_LAUNCH_STICKY: '0' }, [], undefined],
    [{ WSO2_LAUNCH_STICKY: '1' }, ['--sticky=false'], undefined],
    [{ WSO2_LAUNCH_STICKY: '1' }, ['--offset', '3603'], undefined],
    [{ WSO2_LAUNCH_STICKY: '1' }, ['--', '-DportOffset=3603'], undefined],
    [{ WSO2_LAUNCH_STICKY: '1', WSO2_LAUNCH_OFFSET: '3603' }, ['-a'], true],
  ])('whether it is that of the database, with %j and %j', async (env, args, isSticky) => {
    expect((await read(['mi', ...args], env)).isSticky).toBe(isSticky);
  });

  test.each<[variables: Variables, says: string]>([
    [{ WSO2_LAUNCH_STICKY: '1', WSO2_LAUNCH_OFFSET: '3' }, 'WSO2_LAUNCH_OFFSET and WSO2_LAUNCH_STICKY contradict'],
    [{ WSO2_LAUNCH_STICKY: 'maybe' }, 'WSO2_LAUNCH_STICKY is "maybe"; it takes 1 or 0'],
    [{ WSO2_LAUNCH_OFFSET: 'abc' }, 'WSO2_LAUNCH_OFFSET takes a plain integer, not "abc"'],
    [{ WSO2_LAUNCH_AUTO_OFFSET: '1', WSO2_LAUNCH_MAX_OFFSET: '1e3' }, 'WSO2_LAUNCH_MAX_OFFSET takes a plain integer'],
    [{ WSO2_LAUNCH_AUTO_OFFSET: 'maybe' }, 'WSO2_LAUNCH_AUTO_OFFSET is "maybe"; it takes 1 or 0'],
    [{ WSO2_LAUNCH_AUTO_OFFSET: '1', WSO2_LAUNCH_OFFSET: '3600' }, 'WSO2_LAUNCH_AUTO_OFFSET contradict each other'],
    [{ WSO2_LAUNCH_READY_TIMEOUT: '5' }, 'WSO2_LAUNCH_READY_TIMEOUT takes a duration'],
    [{ WSO2_LAUNCH_STOP_TIMEOUT: 'soon' }, 'WSO2_LAUNCH_STOP_TIMEOUT takes a duration'],
    [{ WSO2_LAUNCH_NAME: 'a/b' }, 'WSO2_LAUNCH_NAME "a/b" is no name'],
  ])('a bad value is wrong usage, and its variable is named: %j', async (env, says) => {
    expect(await refusalOf(['mi'], env)).toContain(says);
  });
});

describe('what a server is given', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wso2-launch-env-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string | Uint8Array): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test.each<[args: readonly string[], others: readonly string[]]>([
    [
      ['--arg', '-Da=b', '--arg=--car', '--arg', 'x.car'],
      ['-Da=b', '--car', 'x.car'],
    ],
    [
      ['--arg', '--debug', '--arg', '5005', '--', '-Dlast=1'],
      ['--debug', '5005', '-Dlast=1'],
    ],
    [
      ['--arg', '--quiet', '--verbose', '--arg', '--auto-offset=maybe'],
      ['--quiet', '--auto-offset=maybe'],
    ],
  ])('%j are arguments of its start script', async (args, others) => {
    expect((await read(['mi', ...args])).script.others).toEqual(others);
  });

  test.each<[args: readonly string[], variables: Variables, jvm: object | undefined]>([
    [['--jvm-arg', '-Da=b', '--jvm-arg=-Xss2m'], {}, { args: ['-Da=b', '-Xss2m'] }],
    [['--memory', '2g'], {}, { args: [], heapMiB: 2048 }],
    [[], { WSO2_LAUNCH_MEMORY: '512m' }, { args: [], heapMiB: 512 }],
    [['--debug'], {}, { args: [], debugger: { suspends: false } }],
    [['--debug', '--quiet'], {}, { args: [], debugger: { suspends: false } }],
    [['--debug=5007', '--suspend'], {}, { args: [], debugger: { port: 5007, suspends: true } }],
    [['--suspend'], {}, { args: [], debugger: { suspends: true } }],
    [[], { WSO2_LAUNCH_DEBUG: '1' }, { args: [], debugger: { suspends: false } }],
    [[], { WSO2_LAUNCH_DEBUG: '5007' }, { args: [], debugger: { port: 5007, suspends: false } }],
    [[], { WSO2_LAUNCH_DEBUG: '0' }, undefined],
    [['--arg', '--debug', '--arg', '5005'], {}, undefined],
  ])('%j with %j are for its JVM', async (args, variables, jvm) => {
    const { script } = await read(['mi', ...args], variables);
    expect(script.jvm).toEqual(jvm);
  });

  test('what is laid over its configuration: files in their order, then single keys', async () => {
    const over = file('over.toml', '[server]\nhostname = "x"\n');
    const { changes } = await read(['mi', '--set', 'server.offset=3', '--config', over, '--set', 'a.b=c d']);
    expect(changes).toEqual([
      { by: over, text: '[server]\nhostname = "x"\n' },
      { by: '--set', key: 'server.offset', text: '3' },
      { by: '--set', key: 'a.b', text: 'c d' },
    ]);
  });

  test.each<[args: readonly string[], says: string]>([
    [['--set', 'server.offset'], '--set takes KEY=VALUE, not "server.offset"'],
    [['--set', 'a b=1'], '--set takes a dotted key, such as server.hostname, not "a b".'],
    [['--set', 'a..b=1'], '--set takes a dotted key, such as server.hostname, not "a..b".'],
    [['--config', '/nowhere/x.toml'], 'There is no file /nowhere/x.toml.'],
  ])('%j is laid over nothing', async (args, says) => {
    expect(await refusalOf(['mi', ...args])).toContain(says);
  });

  test('--debug takes no word behind it', async () => {
    const parsed = await parseCommandLine(['exec', '--debug', 'mi']);
    expect(parsed).toMatchObject({ words: ['mi'], options: { debug: 'on' } });
  });

  test('an offset among them is as one after --', async () => {
    expect(await read(['mi', '--arg', '-DportOffset=7'])).toMatchObject({ offset: { kind: 'fixed' }, script: {} });
  });

  test('variables: those of later files beat earlier ones, and those given by themselves beat both', async () => {
    const first = file('first', '# ours\nA=1\nexport B="two words"\nC=\'multi\nline\' # so\n\nD=x # more\n');
    const second = file('second', 'A=2\r\nE=with=equals\r\n');
    const { variables } = await read(['mi', '--env-file', first, '--env-file', second, '--env', 'E=', '--env', 'F=-x']);
    expect(variables).toEqual({ A: '2', B: 'two words', C: 'multi\nline', D: 'x', E: '', F: '-x' });
    expect((await read(['mi'])).variables).toBeUndefined();
  });

  test.each<[args: readonly string[], says: string]>([
    [['--arg', 'stop'], '"stop" in --arg is a sub-command of the start script'],
    [['--arg', 'two words'], "The start script can't carry the argument"],
    [['--arg'], '--arg needs a value'],
    [['--jvm-arg', '-Da=two words'], 'The start script can\'t carry "-Da=two words" of --jvm-arg to its JVM'],
    [['--jvm-arg', 'Main'], '--jvm-arg takes an option of the JVM, which begins with a dash, not "Main"'],
    [['--memory', '2'], '--memory takes a size with its unit (512m, 2g), not "2".'],
    [['--memory', '1g', '--memory', '2g'], '--memory is given 2 times'],
    [['--debug=abc'], '--debug takes a plain integer, not "abc".'],
    [['--debug=70000'], '--debug takes a port from 1 to 65535, not 70000.'],
    [['--debug='], '--debug needs a value'],
    [['--env', 'A'], '--env takes KEY=VALUE, not "A"'],
    [['--env', '=x'], '--env takes KEY=VALUE, not "=x"'],
    [['--env'], '--env needs a value'],
    [['--env', 'WSO2_LAUNCH_NAME=x'], "--env gives WSO2_LAUNCH_NAME, which is no variable of a server's."],
    [['--env', 'CARBON_HOME=/x'], '--env gives CARBON_HOME, which the start script would take for its own'],
    [['--env-file', '/nowhere/.env'], 'There is no file /nowhere/.env.'],
  ])('%j is refused', async (args, says) => {
    expect(await refusalOf(['mi', ...args])).toContain(says);
  });

  test.each<[name: string, text: string | Uint8Array, says: string]>([
    ['a-word', 'A=1\n\nrubbish\n', 'line 3: this is neither KEY=VALUE nor a comment.'],
    ['behind-many-lines', 'A="1\n2\n3"\nB\n', 'line 4: this is neither'],
    ['of-ours', 'WSO2_LAUNCH_JSON=1\n', "gives WSO2_LAUNCH_JSON, which is no variable of a server's."],
    ['binary', Uint8Array.of(0xff, 0xfe), "can't be read: it is not UTF-8."],
  ])('a file of variables that is %s is refused', async (name, text, says) => {
    expect(await refusalOf(['mi', '--env-file', file(name, text)])).toContain(`${join(folder, name)}`);
    expect(await refusalOf(['mi', '--env-file', file(name, text)])).toContain(says);
  });

  test('a folder is no file of variables', async () => {
    expect(await refusalOf(['mi', '--env-file', folder])).toContain(`${folder} can't be read`);
  });
});

test('what was not asked for has its default', async () => {
  expect(await read(['mi'])).toMatchObject({
    product: 'mi',
    offset: CONFIGURED,
    readyTimeoutMs: 300_000,
    stopTimeoutMs: 120_000,
    restart: { when: 'never', most: 5 },
    followsOffset: false,
    isDetached: false,
  });
});
