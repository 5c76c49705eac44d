import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/cli/commands.js';
import { completionScript, type SHELLS } from '../../src/cli/completion.js';
import { VARIABLE_FORMATS } from '../../src/cli/render-variables.js';
import type { InstanceRecord } from '../../src/domain/instance.js';
import { instanceRecord } from '../support/instance-record.js';
import { needing } from '../support/tools.js';

let folder: string;
let state: string;
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  state = join(folder, "a 'state' folder");
  mkdirSync(join(state, 'instances'), { recursive: true });
  for (const name of ['file one', 'folder/inner']) mkdirSync(join(folder, 'here', name), { recursive: true });
  keep({ name: 'mi' });
  const [port] = instanceRecord().ports;
  if (!port) throw new Error('a record has a port');
  keep({
    name: 'my.apim-2',
    ports: [port, { ...port, name: 'servlet-https' }, { ...port, name: '$(touch ran)' }],
    urls: {
      console: 'https://localhost:9443/carbon',
      '$(touch ran)': 'https://localhost',
      publisher: 'https://a/b?c={}',
    },
  });
  keep({ name: 'ended', status: 'exited', exit: { code: 0, at: '2026-11-22T10:00:00.000Z' } });
  writeFileSync(join(state, 'instances/torn.txt'), '{');
  writeFileSync(join(state, 'instances/$(touch ran).json'), '{}\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const keep = (record: Partial<InstanceRecord>): void =>
  writeFileSync(join(state, 'instances', `${record.name}.json`), `${JSON.stringify(instanceRecord(record))}\n`);

type Complete = (words: readonly string[], env?: Readonly<Record<string, string>>) => string[];

/** Runs a shell that has read its script, and gives the lines that it prints. */
function linesOf(shell: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string[] {
  const { PATH = '', HOME = '' } = process.env;
  const options = {
    cwd: join(folder, 'here'),
    env: { PATH, HOME, ...env },
    encoding: 'utf8',
    timeout: 10_000,
  } as const;
  const { stdout, stderr } = spawnSync(shell, args, options);
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

const scriptFor = (shell: (typeof SHELLS)[number]): string => {
  const file = join(folder, `script.${shell}`);
  writeFileSync(file, completionScript(shell, state));
  return file;
};

const inBash: Complete = (words, env) => {
  const program =
    'source "$1"; shift; COMP_WORDS=(wso2-launch "$@"); COMP_CWORD=$#; _wso2_launch; printf "%s\\n" "${COMPREPLY[@]}"';
  return linesOf('bash', ['--norc', '-uc', program, 'bash', scriptFor('bash'), ...words], env);
};

const inZsh: Complete = (words, env) => {
  const stubs = 'compdef() {}; compadd() { shift; print -l -- "$@" }; _files() { print -l -- "files $*" }';
  const program = `${stubs}; source "$1"; shift; words=(wso2-launch "$@"); CURRENT=$(( $# + 1 )); _wso2_launch`;
  const last = words.at(-1) ?? '';
  return linesOf('zsh', ['-fc', program, 'zsh', scriptFor('zsh'), ...words], env).filter((word) =>
    word.startsWith(last),
  );
};

const inFish: Complete = (words, env) => {
  const program = 'source $argv[1]; complete -C "$argv[2]"';
  const lines = linesOf(
    'fish',
    ['--no-config', '-c', program, scriptFor('fish'), ['wso2-launch', ...words].join(' ')],
    env,
  );
  return lines.map((line) => line.split('\t')[0] as string);
};

const CASES: readonly (readonly [words: readonly string[], completed: readonly string[]])[] = [
  [['sta'], ['status']],
  [['--v'], ['--version']],
  [['mi', '--min'], ['--min-offset']],
  [
    ['exec', 'ap'],
    ['api-manager', 'apim'],
  ],
  [['doctor', 'ac'], ['acp']],
  [
    ['stop', ''],
    ['mi', 'my.apim-2'],
  ],
  [['stop', 'mi', 'my'], ['my.apim-2']],
  [
    ['logs', ''],
    ['ended', 'mi', 'my.apim-2'],
  ],
  [['restart', 'mi', ''], []],
  [
    ['deploy', ''],
    ['ended', 'mi', 'my.apim-2'],
  ],
  [
    ['url', 'my.apim-2', ''],
    ['console', 'publisher'],
  ],
  [
    ['port', 'my.apim-2', ''],
    ['http', 'servlet-https'],
  ],
  [['port', '--json', 'mi', ''], ['http']],
  [['port', 'nobody', ''], []],
  [['port', '../mi', ''], []],
  [['url', 'mi', 'http', ''], []],
  [['apim', '--restart', 'a'], ['always']],
  [
    ['wait', '--timeout', '5s', '--for', ''],
    ['down', 'healthy', 'ready'],
  ],
  [['env', '--format', 'p'], ['powershell']],
  [
    ['analytics', '--profile', ''],
    ['dashboard', 'portal', 'server', 'worker'],
  ],
  [
    ['ei', '-a', '--profile', 'b'],
    ['broker', 'business-process'],
  ],
  [
    ['exec', 'stream-processor', '--profile', ''],
    ['dashboard', 'editor', 'manager', 'worker'],
  ],
  [['offset', 'get', 'sp', '--profile', 'e'], ['editor']],
  [['run', '--profile', 'e'], ['editor']],
  [['mi', '--profile', ''], []],
  [['apim', '--profile', 'x', '--det'], ['--detach']],
  [['apim', '--offset', ''], []],
  [['apim', '-a', '--offset', '3', '--det'], ['--detach']],
  [['offset', 'u'], ['unset']],
  [
    ['offset', 'set', '3', 'mi'],
    ['mi', 'micro-integrator'],
  ],
  [['completion', 'z'], ['zsh']],
  [['help', 'do'], ['doctor']],
  [['frobnicate', ''], []],
];

describe.each<[shell: string, complete: Complete]>([
  ['bash', inBash],
  ['zsh', inZsh],
  ['fish', inFish],
])('%s', (shell, complete) => {
  const { test: whereThere } = needing(shell);

  whereThere('completes', () => {
    expect(CASES.map(([words]) => [words, complete(words)])).toEqual(CASES);
  });

  whereThere('takes the state folder of the variable, and none that is not there', () => {
    expect(complete(['stop', ''], { WSO2_LAUNCH_STATE_DIR: join(folder, 'nowhere') })).toEqual([]);
  });

  whereThere('runs nothing that stands in a record', () => {
    complete(['url', 'my.apim-2', '']);
    complete(['port', 'my.apim-2', '']);
    complete(['stop', '']);
    expect(linesOf('ls', [])).toEqual(['file one', 'folder']);
  });
});

describe('paths', () => {
  needing('bash').test('are completed by bash itself', () => {
    expect(inBash(['apim', '--home', 'f'])).toEqual(['file one', 'folder']);
    expect(inBash(['exec', 'apim', '--', 'fo'])).toEqual(['folder']);
    for (const before of [['mi'], ['mi', 'a.war'], ['--undeploy', 'mi']])
      expect(inBash(['deploy', ...before, 'fi'])).toEqual(['file one']);
  });
  needing('zsh').test('are completed by zsh itself', () => {
    expect(inZsh(['apim', '--home', 'f'])).toEqual(['files -/']);
    expect(inZsh(['exec', 'apim', '--', 'f'])).toEqual(['files ']);
    expect(inZsh(['deploy', 'mi', 'f'])).toEqual(['files ']);
  });
  needing('fish').test('are completed by fish itself', () => {
    expect(inFish(['apim', '--home', 'fo'])).toEqual(['folder/']);
    expect(inFish(['exec', 'apim', '--', 'fo'])).toEqual(['folder/']);
    expect(inFish(['deploy', 'mi', 'fo'])).toEqual(['folder/']);
  });
});

test('PowerShell is given the same words', () => {
  const script = completionScript('powershell', "C:\\it's here");
  const [, data] = /^ {2}\$table = '(.*)' \| ConvertFrom-Json$/m.exec(script) ?? [];
  const table = JSON.parse((data ?? '').replaceAll("''", "'")) as {
    commands: { words: string[] }[];
    profiles: Record<string, string[]>;
    anyProfile: string[];
  };
  for (const name of [...Object.keys(COMMANDS), 'help'])
    expect(table.commands.map(({ words }) => words[0])).toContain(name);
  expect(table.profiles['ei-analytics']).toContain('worker');
  expect(table.anyProfile).toEqual(expect.arrayContaining(['integrator', 'editor', 'portal']));
  expect(script).toContain("'C:\\it''s here'");
});

test('the forms of variables that are offered are those that there are', () => {
  expect(COMMANDS['env']?.options['format']?.choices).toEqual(VARIABLE_FORMATS);
});
