import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type FileCopy, placeFiles } from '../../src/system/placing.js';
import { where } from '../support/tools.js';

let folder: string;
let home: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  home = join(folder, 'home');
});
afterEach(() => rmSync(folder, { recursive: true }));

function placement(name: string, content: string): FileCopy {
  const from = join(folder, name);
  writeFileSync(from, content);
  const { size, mtimeMs } = statSync(from);
  return { from, to: join(home, 'webapps', name), size, writtenAtMs: mtimeMs };
}

const placed = (name: string): string => readFileSync(join(home, 'webapps', name), 'utf8');

test('files are copied into folders that are made for them, and nothing is left beside them', async () => {
  await placeFiles([placement('a.war', 'one'), placement('b.war', 'two')]);
  expect(readdirSync(join(home, 'webapps'))).toEqual(['a.war', 'b.war']);
  expect([placed('a.war'), placed('b.war')]).toEqual(['one', 'two']);
});

test('a copy takes the place of what is there, which is another file from then on', async () => {
  await placeFiles([placement('a.war', 'one')]);
  const to = join(home, 'webapps/a.war');
  const before = statSync(to);
  await placeFiles([placement('a.war', 'other')]);
  const after = statSync(to);
  expect(placed('a.war')).toBe('other');
  expect(after.ino).not.toBe(before.ino);
  expect(Math.floor(after.mtimeMs / 1000)).not.toBe(Math.floor(before.mtimeMs / 1000));
});

test('also where what is there has a time to come', async () => {
  await placeFiles([placement('a.war', 'one')]);
  const to = join(home, 'webapps/a.war');
  const soon = Math.ceil(Date.now() / 1000);
  for (const at of [soon, soon + 1, soon + 2]) {
    utimesSync(to, at, at);
    await placeFiles([placement('a.war', 'other')]);
    expect(Math.floor(statSync(to).mtimeMs / 1000)).not.toBe(at);
  }
});

test('a link gives way to the copy, and what it leads to stays', async () => {
  mkdirSync(join(home, 'webapps'), { recursive: true });
  writeFileSync(join(folder, 'built.war'), 'built');
  symlinkSync(join(folder, 'built.war'), join(home, 'webapps/a.war'));
  await placeFiles([placement('a.war', 'one')]);
  expect(placed('a.war')).toBe('one');
  expect(() => readlinkSync(join(home, 'webapps/a.war'))).toThrow('EINVAL');
  expect(readFileSync(join(folder, 'built.war'), 'utf8')).toBe('built');
});

test('a file that has changed since is not copied, nor is any other', async () => {
  const [one, two] = [placement('a.war', 'one'), placement('b.war', 'two')];
  writeFileSync(two.from, 'two and more');
  await expect(placeFiles([one, two])).rejects.toThrow(`${two.from} has changed since it was looked at.`);
  expect(readdirSync(join(home, 'webapps'))).toEqual([]);
});

test('what is there stays where one can not be put in its place', async () => {
  await placeFiles([placement('a.war', 'one')]);
  mkdirSync(join(home, 'webapps/b.war/WEB-INF'), { recursive: true });
  await expect(placeFiles([placement('b.war', 'two')])).rejects.toThrow();
  expect(readdirSync(join(home, 'webapps'))).toEqual(['a.war', 'b.war']);
  expect(existsSync(join(home, 'webapps/b.war/WEB-INF'))).toBe(true);
});

where(process.getuid?.() === 0, 'root').test('what root makes is that of whoever owns the folder', async () => {
  mkdirSync(home);
  chownSync(home, 1234, 1235);
  await placeFiles([placement('a.war', 'one')]);
  for (const path of ['webapps', 'webapps/a.war'])
    expect(statSync(join(home, path))).toMatchObject({ uid: 1234, gid: 1235 });
});

test('a copy has the mode of what it is a copy of', async () => {
  const one = placement('a.war', 'one');
  chmodSync(one.from, 0o640);
  await placeFiles([one]);
  expect(statSync(one.to).mode & 0o777).toBe(0o640);
});
