import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeFiles } from '../../src/system/files.js';
import { rewrite } from '../../src/system/rewrite.js';
import { where } from '../support/tools.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  file = join(folder, 'a.toml');
  writeFileSync(file, 'old');
});
afterEach(() => rmSync(folder, { recursive: true }));

const isRoot = process.getuid?.() === 0;
const asRoot = where(isRoot, 'root').test;

test.each([0o644, 0o600, 0o664, 0o4755])('the mode %o stays, past any umask', async (mode) => {
  chmodSync(file, mode);
  await rewrite(file, 'old', '\ufeffnew ä');
  expect(readFileSync(file, 'utf8')).toBe('\ufeffnew ä');
  expect(statSync(file).mode & 0o7777).toBe(mode);
  expect(readdirSync(folder)).toEqual(['a.toml']);
});

asRoot('the owner stays', async () => {
  chownSync(file, 1234, 4321);
  await rewrite(file, 'old', 'new');
  expect(statSync(file)).toMatchObject({ uid: 1234, gid: 4321 });
});

test('links stay, and what they lead to is changed', async () => {
  mkdirSync(join(folder, 'conf'));
  symlinkSync('../a.toml', join(folder, 'conf/b.toml'));
  symlinkSync('conf/b.toml', join(folder, 'c.toml'));
  await rewrite(join(folder, 'c.toml'), 'old', 'new');
  expect(lstatSync(join(folder, 'c.toml')).isSymbolicLink()).toBe(true);
  expect(lstatSync(join(folder, 'conf/b.toml')).isSymbolicLink()).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['a.toml', 'c.toml', 'conf']);
  expect(readdirSync(join(folder, 'conf'))).toEqual(['b.toml']);
});

test('whoever has the file open reads the old text to its end', async () => {
  const before = statSync(file).ino;
  await rewrite(file, 'old', 'new');
  expect(statSync(file).ino).not.toBe(before);
});

test('what somebody else has changed meanwhile is left alone, with no draft beside it for a moment', async () => {
  const before = statSync(folder, { bigint: true }).mtimeNs;
  await expect(rewrite(file, 'older', 'new')).rejects.toThrow('somebody else has changed it meanwhile');
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a.toml']);
  expect(statSync(folder, { bigint: true }).mtimeNs).toBe(before);
});

test('what somebody has made a folder, or a pipe that nobody writes to, keeps nobody waiting', async () => {
  rmSync(file);
  mkdirSync(file);
  await expect(rewrite(file, 'old', 'new')).rejects.toThrow('somebody else has changed it meanwhile');
  rmSync(file, { recursive: true });
  execFileSync('mkfifo', [file]);
  await expect(rewrite(file, 'old', 'new')).rejects.toThrow('it is no file');
  expect(readdirSync(folder)).toEqual(['a.toml']);
});

test('nothing is made where there is no file', async () => {
  rmSync(file);
  await expect(rewrite(file, 'old', 'new')).rejects.toThrow('ENOENT');
  expect(readdirSync(folder)).toEqual([]);
});

describe('a file is read-only', () => {
  test.each([
    [0o644, false],
    [0o200, false],
    [0o444, true],
    [0o555, true],
  ])('with mode %o: %s', (mode, isReadOnly) => {
    chmodSync(file, mode);
    expect(nodeFiles.isReadOnly(file)).toBe(isReadOnly);
  });
});

test('a text keeps its byte order mark where it is to be written back', () => {
  writeFileSync(file, '\ufeffa');
  expect([nodeFiles.readExact(file), nodeFiles.readUtf8(file)]).toEqual(['\ufeffa', 'a']);
  writeFileSync(file, Buffer.from([0xff]));
  expect(() => nodeFiles.readExact(file)).toThrow('not valid');
  expect(nodeFiles.readExact(join(folder, 'gone'))).toBeUndefined();
});
