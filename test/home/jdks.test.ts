import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findJdks } from '../../src/home/jdks.js';
import { createStandInJdk } from '../../src/standin/home.js';
import { nodeFiles } from '../../src/system/files.js';
import type { Host } from '../../src/system/host.js';
import type { System } from '../../src/system/index.js';
import { macosHost } from '../../src/system/macos/host.js';
import { posixHost } from '../../src/system/posix/host.js';
import { windowsHost } from '../../src/system/windows/host.js';
import { fakeSystem } from '../support/fake-system.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function jdk(path: string, version = '17.0.9'): string {
  createStandInJdk(join(folder, path), { version });
  return join(folder, path);
}

/** The JDKs that are found below the test's folder, as far as they are said to be there. */
async function found(
  env: Readonly<Record<string, string>>,
  host: Host = posixHost,
  more: Partial<System> = {},
): Promise<unknown[]> {
  const system = { ...fakeSystem(), host, files: nodeFiles, env, userFolder: () => join(folder, 'user'), ...more };
  const all = await findJdks(new AbortController().signal, system);
  return all
    .filter(({ home }) => home.startsWith(folder))
    .map(({ home, foundBy }) => [home.slice(folder.length + 1), foundBy]);
}

describe('a JDK is found', () => {
  test('by variables and PATH, in their order', async () => {
    const [named, onPath, other] = ['named', 'path', 'other'].map((name) => jdk(name));
    const env = { JAVA_HOME_17_X64: other as string, PATH: `/nowhere:${onPath}/bin`, JAVA_HOME: named as string };
    expect(await found(env)).toEqual([
      ['named', 'JAVA_HOME'],
      ['path', 'PATH'],
      ['other', 'JAVA_HOME_17_X64'],
    ]);
  });

  test.each<[tool: string, path: string]>([
    ['SDKMAN', 'user/.sdkman/candidates/java/17.0.9-tem'],
    ['mise', 'user/.local/share/mise/installs/java/temurin-17'],
    ['asdf', 'user/.asdf/installs/java/temurin-17'],
    ['jenv', 'user/.jenv/versions/17'],
  ])('where %s puts it', async (tool, path) => {
    jdk(path);
    expect(await found({})).toEqual([[path, tool]]);
  });

  test.each<[tool: string, env: Readonly<Record<string, string>>, path: string]>([
    ['SDKMAN', { SDKMAN_DIR: 'sdk' }, 'sdk/candidates/java/17'],
    ['SDKMAN', { SDKMAN_CANDIDATES_DIR: 'sdk/c' }, 'sdk/c/java/17'],
    ['mise', { MISE_DATA_DIR: 'mise' }, 'mise/installs/java/17'],
    ['mise', { XDG_DATA_HOME: 'share' }, 'share/mise/installs/java/17'],
    ['asdf', { ASDF_DATA_DIR: 'asdf' }, 'asdf/installs/java/17'],
    ['jenv', { JENV_ROOT: 'jenv' }, 'jenv/versions/17'],
    ['Homebrew', { HOMEBREW_PREFIX: 'brew' }, 'brew/opt/openjdk@17/libexec'],
    ['Homebrew', { HOMEBREW_PREFIX: 'brew' }, 'brew/opt/openjdk/libexec/openjdk.jdk/Contents/Home'],
  ])('where %s puts it by %j', async (tool, env, path) => {
    jdk(path);
    const [[name, value]] = Object.entries(env) as [[string, string]];
    expect(await found({ [name]: join(folder, value) })).toEqual([[path, tool]]);
  });

  test('no other formula of Homebrew is one', async () => {
    jdk('brew/opt/maven/libexec');
    expect(await found({ HOMEBREW_PREFIX: join(folder, 'brew') })).toEqual([]);
  });

  test('on a Mac, in its own folder', async () => {
    const path = 'user/Library/Java/JavaVirtualMachines/temurin-17.jdk/Contents/Home';
    jdk(path);
    expect(await found({}, macosHost)).toEqual([[path, join(folder, 'user/Library/Java/JavaVirtualMachines')]]);
  });

  test('on Windows, in the registry and in Program Files', async () => {
    const windows = { ...windowsHost, javaProgram: 'java' };
    const registered = jdk('C/jdk of the registry');
    jdk('C/Programs/Eclipse Adoptium/jdk-17');
    const asked: string[] = [];
    const outputOf = async (file: string, args: readonly string[]): Promise<string | undefined> => {
      asked.push([file, ...args].join(' '));
      if (!args.includes('HKLM\\SOFTWARE\\JavaSoft')) return undefined;
      return `HKEY_LOCAL_MACHINE\\SOFTWARE\\JavaSoft\\JDK\\17\r\n    JavaHome    REG_SZ    ${registered}\r\n\r\nEnd of search: 1 match(es) found.\r\n`;
    };
    const spawning = { ...fakeSystem().spawning, outputOf };
    expect(await found({ PROGRAMFILES: join(folder, 'C/Programs') }, windows, { spawning })).toEqual([
      ['C/jdk of the registry', 'the registry'],
      ['C/Programs/Eclipse Adoptium/jdk-17', 'Program Files'],
    ]);
    expect(asked).toContain('reg.exe query HKLM\\SOFTWARE\\JavaSoft /s /v JavaHome');
  });
});

test('a JDK is listed once, by its own path, whatever links lead to it', async () => {
  const real = jdk('user/.jenv/versions/17.0.9');
  symlinkSync(real, join(dirname(real), '17'));
  expect(await found({ JAVA_HOME: join(dirname(real), '17') })).toEqual([['user/.jenv/versions/17.0.9', 'JAVA_HOME']]);
});

test('a link with a plain name is kept where the own path is none that scripts can call', async () => {
  const real = jdk('my jdk');
  symlinkSync(real, join(folder, 'plain'));
  expect(await found({ JAVA_HOME: join(folder, 'plain') })).toEqual([['plain', 'JAVA_HOME']]);
});

test('what lies beside JDKs is none', async () => {
  mkdirSync(join(folder, 'user/.jenv/versions/empty'), { recursive: true });
  expect(await found({ JAVA_HOME: join(folder, 'nowhere') })).toEqual([]);
});
