import { describe, expect, test } from '@jest/globals';
import type { AcquireOptions, InstancesOptions, LaunchOptions, OffsetChangeOptions } from '../../src/api/types.js';
import { inLibrary } from '../../src/api/wording.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { inCommandLine } from '../../src/cli/wording.js';
import {
  type Mention,
  type MentionedCommand,
  type MentionedOption,
  mention,
  mentioning,
} from '../../src/domain/text.js';

const worded = (mentioned: Mention): readonly string[] => {
  const text = mentioning`${mentioned}`;
  return [inCommandLine(text), inLibrary(text)];
};

type LibraryOptions = AcquireOptions & LaunchOptions & InstancesOptions & OffsetChangeOptions;

/** The flag and the property of every option that a text may mention. */
const OPTIONS: Readonly<
  Record<MentionedOption, readonly [flag: string, property: keyof LibraryOptions | "offset: 'auto'"]>
> = {
  all: ['--all', 'all'],
  arg: ['--arg', 'args'],
  autoOffset: ['--auto-offset', "offset: 'auto'"],
  debug: ['--debug', 'debug'],
  followOffset: ['--follow-offset', 'followOffset'],
  force: ['--force', 'force'],
  home: ['--home', 'home'],
  java: ['--java', 'java'],
  javaHome: ['--java-home', 'javaHome'],
  jvmArg: ['--jvm-arg', 'jvmArgs'],
  maxOffset: ['--max-offset', 'maxOffset'],
  memory: ['--memory', 'memory'],
  minOffset: ['--min-offset', 'minOffset'],
  name: ['--name', 'name'],
  offset: ['--offset', 'offset'],
  once: ['--once', 'once'],
  private: ['--private', 'private'],
  profile: ['--profile', 'profile'],
  set: ['--set', 'set'],
  restart: ['--restart', 'restart'],
  readyTimeout: ['--ready-timeout', 'readyTimeoutMs'],
  sticky: ['--sticky', 'sticky'],
};

const FLAGS = new Set(
  Object.values(COMMANDS).flatMap(({ options }) => Object.keys(options).map((name) => `--${name}`)),
);

describe('an option is called', () => {
  test.each(Object.entries(OPTIONS))('%s by either front end as its users do: %j', (name, words) => {
    expect(worded(mention.option(name as MentionedOption))).toEqual(words);
    expect(FLAGS).toContain(words[0]);
  });

  test.each([
    [mention.option('offset', 3), '--offset 3', 'offset: 3'],
    [mention.option('offset', -5), '--offset -5', 'offset: -5'],
    [mention.option('home', '/opt/mi'), '--home /opt/mi', "home: '/opt/mi'"],
    [mention.option('home', "/opt/my o'mi"), "--home '/opt/my o'\\''mi'", "home: '/opt/my o\\'mi'"],
  ])('with its value, as it is to be typed: %j', (option, ...words) => {
    expect(worded(option)).toEqual(words);
  });
});

/** Every command that a text may mention. */
const COMMAND_WORDS: Readonly<
  Record<MentionedCommand, readonly (readonly [mentioned: Mention, ...words: string[]])[]>
> = {
  doctor: [[mention.command('doctor', { isShort: true }), 'doctor', 'doctor()']],
  'homes rm': [[mention.command('homes rm', { words: ['mi'] }), 'wso2-launch homes rm mi', 'wso2-launch homes rm mi']],
  launch: [
    [
      mention.command('launch', {
        words: ['apim'],
        options: [mention.option('home', '/my am'), mention.option('autoOffset'), mention.option('minOffset', 0)],
      }),
      "wso2-launch apim --home '/my am' --auto-offset --min-offset 0",
      "launch('apim', { home: '/my am', offset: 'auto', minOffset: 0 })",
    ],
  ],
  'offset set': [[mention.command('offset set', { words: ['N'] }), 'wso2-launch offset set N', 'offset.set()']],
  ports: [[mention.command('ports'), 'wso2-launch ports', 'ports()']],
  ps: [
    [mention.command('ps'), 'wso2-launch ps', 'instances()'],
    [mention.command('ps', { isShort: true }), 'ps', 'instances()'],
    [mention.command('ps', { options: [mention.option('all')] }), 'wso2-launch ps --all', 'instances({ all: true })'],
  ],
  // The library stops the servers that it has launched, not those of others.
  stop: [
    [mention.command('stop'), 'wso2-launch stop', 'wso2-launch stop'],
    [mention.command('stop', { words: ['mi-2'] }), 'wso2-launch stop mi-2', 'wso2-launch stop mi-2'],
  ],
  wait: [[mention.command('wait', { words: ['mi'] }), 'wso2-launch wait mi', 'wait()']],
};

describe('a command is called', () => {
  test.each(Object.values(COMMAND_WORDS).flat())('%j by either front end as its users do', (mentioned, ...words) => {
    expect(worded(mentioned)).toEqual(words);
  });

  test('by a name that the command line has', () => {
    const verbs = Object.keys(COMMAND_WORDS)
      .filter((name) => name !== 'launch')
      .map((name) => name.split(' ')[0]);
    expect(Object.keys(COMMANDS)).toEqual(expect.arrayContaining(verbs));
  });
});

test.each([
  [mention.product('mi'), 'wso2-launch mi', "the product 'mi'"],
  [mention.scriptArguments, 'after --', 'among args'],
  [mention.overview, 'wso2-launch --help lists commands and options', 'docs/library.md lists what there is'],
])('other things are called as users know them: %j', (mentioned, ...words) => {
  expect(worded(mentioned)).toEqual(words);
});

test('what only another version knows is worded by its name', () => {
  expect(worded({ kind: 'option', name: 'laterOption' as never })).toEqual(['--later-option', 'laterOption']);
  expect(worded({ kind: 'command', name: 'later' as never, words: ['mi'] })).toEqual([
    'wso2-launch later mi',
    'wso2-launch later mi',
  ]);
});
