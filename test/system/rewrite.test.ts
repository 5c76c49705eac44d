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
  expect(nodeFiles.readExact(join(folder, 'gone'))).toBeUndefined();
});

test.each<[what: string, bytes: readonly number[], text: string]>([
  ['a byte of another encoding', [0x63, 0xe9, 0x20, 0xff], 'c\udce9 \udcff'],
  [
    'such a byte beside whole characters',
    [0xc3, 0xa9, 0xe9, 0xf0, 0x9f, 0x98, 0x80, 0xf0, 0x9f],
    'é\udce9😀\udcf0\udc9f',
  ],
  ['half of a pair of UTF-16', [0xed, 0xb2, 0x80, 0x61], '\udced\udcb2\udc80a'],
  ['a character that is longer than it has to be', [0xc0, 0xaf, 0xe0, 0x80, 0xaf], '\udcc0\udcaf\udce0\udc80\udcaf'],
  ['a mark of UTF-16', [0xff, 0xfe, 0x61, 0x00], '\udcff\udcfea\u0000'],
])('%s is kept where a text is changed', async (_what, bytes, text) => {
  writeFileSync(file, Buffer.from([...bytes, 0x0a]));
  expect(nodeFiles.readExact(file)).toBe(`${text}\n`);
  await rewrite(file, `${text}\n`, `${text}1\n`);
  expect(readFileSync(file)).toEqual(Buffer.from([...bytes, 0x31, 0x0a]));
});
