import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeTrees, type TreeEntry } from '../../src/system/trees.js';

let folder: string;
const at = (path: string): string => join(folder, path);

beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  mkdirSync(at('a/b'), { recursive: true });
  writeFileSync(at('a/b/file'), 'text');
  symlinkSync('b', at('a/link'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const entryOf = (path: string): TreeEntry => nodeTrees.look(at(path)) as TreeEntry;

test('a folder is walked without following its links, and without what is left out', () => {
  const kinds = [...nodeTrees.below(at('a'))].map(({ path, kind }) => [path, kind]);
  expect(kinds).toEqual([
    ['b', 'folder'],
    ['b/file', 'file'],
    ['link', 'link'],
  ]);
  expect([...nodeTrees.below(at('a'), (path) => path === 'b')].map(({ path }) => path)).toEqual(['link']);
});

describe('a copy', () => {
  test('has the content, the mode and the time', () => {
    chmodSync(at('a/b/file'), 0o750);
    utimesSync(at('a/b/file'), 1_000, 1_000);
    nodeTrees.copy(at('a/b/file'), at('copy'), entryOf('a/b/file'));
    expect(readFileSync(at('copy'), 'utf8')).toBe('text');
    expect([statSync(at('copy')).mode & 0o7777, statSync(at('copy')).mtimeMs]).toEqual([0o750, 1_000_000]);
  });

  test.each([
    [0o6755, 0o755],
    [0o400, 0o600],
  ])('of a file with mode %s gives nobody rights, and its owner those to write it', (mode, expected) => {
    chmodSync(at('a/b/file'), mode);
    nodeTrees.copy(at('a/b/file'), at('copy'), entryOf('a/b/file'));
    expect(statSync(at('copy')).mode & 0o7777).toBe(expected);
  });

  test.each([
    ['a file that was written to', () => writeFileSync(at('a/b/file'), 'more text')],
    [
      'another file',
      () => {
        writeFileSync(at('other'), 'text');
        rmSync(at('a/b/file'));
        writeFileSync(at('a/b/file'), 'text');
        utimesSync(at('a/b/file'), 1, 1);
      },
    ],
    [
      'a link',
      () => {
        writeFileSync(at('secret'), 'text');
        rmSync(at('a/b/file'));
        symlinkSync(at('secret'), at('a/b/file'));
      },
    ],
  ])('of %s is refused, and nothing is left of it', (_, change) => {
    const entry = entryOf('a/b/file');
    change();
    expect(() => nodeTrees.copy(at('a/b/file'), at('copy'), entry)).toThrow();
    expect(existsSync(at('copy'))).toBe(false);
  });

  test('is laid over nothing', () => {
    writeFileSync(at('there'), 'precious');
    expect(() => nodeTrees.copy(at('a/b/file'), at('there'), entryOf('a/b/file'))).toThrow('EEXIST');
    expect(readFileSync(at('there'), 'utf8')).toBe('precious');
  });
});

describe('a second name', () => {
  test('is of the very file', () => {
    expect(nodeTrees.link(at('a/b/file'), at('second'), entryOf('a/b/file'))).toBe(true);
    expect(entryOf('second')).toMatchObject({ inode: entryOf('a/b/file').inode, names: 2 });
  });

  test('is not given to what a link has been laid in the place of', () => {
    const entry = entryOf('a/b/file');
    rmSync(at('a/b/file'));
    symlinkSync(at('a'), at('a/b/file'));
    expect(() => nodeTrees.link(at('a/b/file'), at('second'), entry)).toThrow('has been changed meanwhile');
    expect(nodeTrees.look(at('second'))).toBeUndefined();
  });

  test('on another file system there is none', () => {
    expect(nodeTrees.link(at('a/b/file'), `/dev/shm/wso2-launch-${process.pid}`, entryOf('a/b/file'))).toBe(false);
  });
});

test('a tree is removed without what its links lead to', () => {
  mkdirSync(at('tree'));
  symlinkSync(at('a'), at('tree/link'));
  nodeTrees.removeTree(at('tree'));
  expect(existsSync(at('tree'))).toBe(false);
  expect(readFileSync(at('a/b/file'), 'utf8')).toBe('text');
});

test('only an empty folder is removed as one', () => {
  mkdirSync(at('empty'));
  nodeTrees.removeIfEmpty(at('empty'));
  nodeTrees.removeIfEmpty(at('a'));
  expect([existsSync(at('empty')), existsSync(at('a/b/file'))]).toEqual([false, true]);
});
