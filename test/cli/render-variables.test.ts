import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { variablesText } from '../../src/cli/render-variables.js';
import { LaunchError } from '../../src/domain/failure.js';

const as = (format: Parameters<typeof variablesText>[1], value: string): string =>
  String(variablesText({ HOME_OF: value }, format));

const VALUES = [
  '/opt/wso2mi',
  '/opt/a home',
  'C:\\Program Files\\new',
  "it's",
  'a\nEVIL=1',
  'a\r\nEVIL=1',
  '$HOME `id`',
  'say "hi"',
  'END_OF_VALUE\nEVIL=1',
  '\u001b[2J',
  '\u2019; exit',
];

describe('a shell', () => {
  test.each(VALUES)('reads %j back, and nothing else', (value) => {
    const script = `${as('shell', value)}sh -c 'printf %s "$HOME_OF"; test -z "$EVIL"'`;
    expect(execFileSync('/bin/sh', ['-c', script], { env: {}, encoding: 'utf8' })).toBe(value);
  });
});

describe('a file for Node', () => {
  test.each(VALUES)('gives %j back, or is refused', (value) => {
    let text: string;
    try {
      text = as('dotenv', value);
    } catch (error) {
      expect(error).toBeInstanceOf(LaunchError);
      expect((error as LaunchError).exitCode).toBe(2);
      expect(value).toMatch(/[^\P{Cc}\n]|"/u);
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), 'wso2-launch-test-'));
    try {
      writeFileSync(join(folder, '.env'), text);
      const program = 'process.stdout.write(JSON.stringify([process.env.HOME_OF, process.env.EVIL ?? null]))';
      const args = [`--env-file=${join(folder, '.env')}`, '-e', program];
      expect(JSON.parse(execFileSync(process.execPath, args, { env: {}, encoding: 'utf8' }))).toEqual([value, null]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** As GitHub's runner reads the file (FileCommandManager): a name and its value, or lines up to a delimiter. */
function readAsRunner(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  const lines = text.split('\n');
  while (lines.length > 1) {
    const line = lines.shift() as string;
    const [, name, delimiter] = /^([^=]*?)<<(.*)$/.exec(line) ?? [];
    if (name === undefined) {
      const cut = line.indexOf('=');
      variables[line.slice(0, cut)] = line.slice(cut + 1);
      continue;
    }
    const end = lines.indexOf(delimiter as string);
    variables[name] = lines
      .splice(0, end + 1)
      .slice(0, -1)
      .join('\n');
  }
  return variables;
}

test.each(VALUES)("GitHub's runner reads %j back, and nothing else", (value) => {
  expect(readAsRunner(as('github', value))).toEqual({ HOME_OF: value });
});

test.each([
  ['/opt/wso2mi', "'/opt/wso2mi'"],
  ["it's", "'it''s'"],
  ['\u2019; exit', "'\u2019\u2019; exit'"],
  ['a\nEVIL=1', "'a' + [char]10 + 'EVIL=1'"],
  ['\u001b', "'' + [char]27 + ''"],
])('PowerShell gets %j as %s on one line', (value, text) => {
  expect(as('powershell', value)).toBe(`$env:HOME_OF = ${text}\n`);
});
