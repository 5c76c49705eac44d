import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const JUDGE = join(process.cwd(), 'scripts/stress/faults/judge.mjs');

interface Said {
  readonly args?: readonly string[];
  readonly code?: number;
  readonly signal?: string;
  readonly events?: readonly object[];
  readonly stderr?: string;
}

/** A command that has ended two seconds after the round began. */
const command = ({ args = ['mi'], code, signal, events = [], stderr = '' }: Said): object => ({
  args,
  exit: { code: code ?? null, signal: signal ?? null },
  stdout: events.map((event) => `${JSON.stringify(event)}\n`).join(''),
  stderr,
  endedAt: 2_000,
});

const failed = (code: number, failure: string): Said => ({ code, events: [{ event: 'failed', code, failure }] });

interface Story {
  readonly launch: Said;
  /** What has happened, a second after the round began, or later than its end. */
  readonly happened?: readonly string[];
  readonly tooLate?: readonly string[];
  readonly also?: Said;
  readonly record?: object;
}

/** What the sweep would find wrong of the words of a round. */
function wrongOf({ launch, happened = [], tooLate = [], also, record }: Story): string[] {
  const story = {
    launcher: command(launch),
    commands: also ? [command(also)] : [],
    happenings: [
      ...happened.map((what) => ({ what, phase: 'run', at: 1_000 })),
      ...tooLate.map((what) => ({ what, phase: 'stop', at: 3_000 })),
    ],
    plan: { isDetached: launch.args?.includes('--detach') === true },
    record,
  };
  const program = `import(${JSON.stringify(JUDGE)}).then(({ whatIsWrongOfWords }) => {
    console.log(JSON.stringify(whatIsWrongOfWords(${JSON.stringify(story)})));
  });`;
  return JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }));
}

const CRASH = failed(5, 'crashed');
const IN_BACKGROUND = { args: ['mi', '--detach'], code: 0, events: [{ event: 'ready', durationMs: 600 }] };
const SILENT = 'wso2-launch: The supervisor of mi (process 7) does not answer: no answer in 5 s.';

test.each<[what: string, story: Story]>([
  ['a stop that was asked for', { launch: { code: 0 }, happened: ['stop asked'] }],
  ['a crash told as one', { launch: CRASH, happened: ['JVM killed'] }],
  ['a shortage told as one', { launch: failed(1, 'shortage'), happened: ['few files'] }],
  ['a launch in the background that was ready, and stopped later', { launch: IN_BACKGROUND, tooLate: ['stop asked'] }],
  [
    'silence of a supervisor that was suspended',
    {
      launch: { code: 130 },
      happened: ['interrupted', 'launcher suspended'],
      also: { args: ['stop'], code: 1, stderr: SILENT },
    },
  ],
])('%s is no wrong word', (_, story) => {
  expect(wrongOf(story)).toEqual([]);
});

test.each<[what: string, story: Story, wrong: string]>([
  ['success after a crash', { launch: { code: 0 }, happened: ['JVM killed'] }, 'the launch ends with 0'],
  ['success for a stop that came later', { launch: { code: 0 }, tooLate: ['stop asked'] }, 'the launch ends with 0'],
  ['a crash where nothing crashed', { launch: CRASH, happened: ['guard killed'] }, 'the launch ends with 5 crashed'],
  [
    "a refusal for a stranger's file",
    { launch: failed(8, 'home-runs'), happened: ['strange files'] },
    'the launch ends with 8 home-runs',
  ],
  [
    'a shortage of nothing',
    { launch: failed(1, 'shortage'), happened: ['JVM killed'] },
    'the launch ends with 1 shortage',
  ],
  ['a failure without its event', { launch: { code: 5 }, happened: ['JVM killed'] }, '0 failed events'],
  [
    'a fault of our own',
    { launch: { ...failed(1, 'internal'), stderr: 'This is a fault of wso2-launch' }, happened: ['supervisor killed'] },
    'fault of wso2-launch',
  ],
  [
    'a time that runs backwards',
    { launch: { code: 0, events: [{ event: 'ready', durationMs: -5 }] }, happened: ['stop asked'] },
    'ready in -5 ms',
  ],
  [
    'silence of a supervisor that nothing kept',
    { launch: { code: 130 }, happened: ['interrupted'], also: { args: ['stop'], code: 1, stderr: SILENT } },
    'stop ends with 1 does not answer',
  ],
  [
    'a record of a success that was none',
    { launch: IN_BACKGROUND, happened: ['JVM killed'], record: { exit: { code: 0 } } },
    'its record says 0',
  ],
])('%s is a wrong word', (_, story, wrong) => {
  expect(wrongOf(story).join('\n')).toContain(wrong);
});
