import { appendFileSync, mkdtempSync, realpathSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Follower, followFile, readTail } from '../../src/system/follow.js';
import { until } from '../support/wait.js';

let folder: string;
let file: string;
let follower: Follower | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  file = join(folder, 'server.log');
});
afterEach(() => {
  follower?.close();
  follower = undefined;
  rmSync(folder, { recursive: true });
});

const follow = (from = 0): { text: string; blocks: number } => {
  const seen = { text: '', blocks: 0 };
  follower = followFile(file, from, (block) => {
    seen.text += block.toString('utf8');
    seen.blocks += 1;
  });
  return seen;
};

describe('a followed file', () => {
  test('is handed over from its position on, as far as it goes', async () => {
    writeFileSync(file, 'onetwothree');
    const seen = follow(3);
    await follower?.caughtUp(5_000);
    expect(seen.text).toBe('twothree');
    expect(follower?.position).toBe(11);
  });

  test('is handed over as it grows, without being asked', async () => {
    writeFileSync(file, '');
    const seen = follow();
    for (const text of ['one', 'two', 'three']) {
      const before = seen.text;
      appendFileSync(file, text);
      await until(text, () => seen.text === before + text);
    }
    expect(follower?.position).toBe(11);
  });

  test('is handed over whole, however much comes at once', async () => {
    const text = Array.from({ length: 60_000 }, (_, index) => `line ${index} ${'x'.repeat(40)}`).join('\n');
    writeFileSync(file, '');
    const seen = follow();
    appendFileSync(file, text);
    await follower?.caughtUp(15_000);
    expect(seen.text === text).toBe(true);
    expect(seen.blocks).toBeGreaterThan(1);
  });

  test('that somebody cuts off is read from its front again', async () => {
    writeFileSync(file, 'one two three');
    const seen = follow();
    await follower?.caughtUp(5_000);
    truncateSync(file, 0);
    appendFileSync(file, 'four');
    await until('the next text', () => seen.text === 'one two threefour');
    expect(follower?.position).toBe('one two threefour'.length);
  });

  test('waits for a slow taker, and loses nothing', async () => {
    writeFileSync(file, 'one');
    const taken: string[] = [];
    let isBusy = false;
    follower = followFile(file, 0, async (block) => {
      expect(isBusy).toBe(false);
      isBusy = true;
      await new Promise((resolve) => setTimeout(resolve, 20));
      taken.push(block.toString('utf8'));
      isBusy = false;
    });
    appendFileSync(file, 'two');
    await follower.caughtUp(5_000);
    expect(taken.join('')).toBe('onetwo');
  });

  test('does not keep anybody who waits for a taker that has stopped', async () => {
    writeFileSync(file, 'one');
    follower = followFile(file, 0, () => new Promise(() => {}));
    await follower.caughtUp(50);
    expect(follower.position).toBe(0);
  });

  test('is not handed over any more once it is closed', async () => {
    writeFileSync(file, 'one');
    const seen = follow();
    await follower?.caughtUp(5_000);
    follower?.close();
    appendFileSync(file, 'two');
    const other = followFile(file, 0, () => {});
    await other.caughtUp(5_000);
    other.close();
    expect(seen.text).toBe('one');
  });

  test('keeps nobody who waits for it once its taker has closed it', async () => {
    writeFileSync(file, 'one');
    const self = followFile(file, 0, async () => {
      await Promise.resolve();
      self.close();
    });
    await until('the first block', () => self.position === 3);
    appendFileSync(file, 'two');
    await self.caughtUp(5_000);
    await self.caughtUp(5_000);
    expect(self.position).toBe(3);
  });
});

describe('a file that rolls', () => {
  const followRolling = (): { text: string } => {
    const seen = { text: '' };
    const take = (block: Buffer): void => {
      seen.text += block.toString('utf8');
    };
    follower = followFile(file, 0, take, { rolls: true });
    return seen;
  };

  test('is followed from its beginning once it is there', async () => {
    const seen = followRolling();
    await follower?.caughtUp(1_000);
    writeFileSync(file, 'one\n');
    await until('the first line', () => seen.text === 'one\n');
  });

  test('is followed to its end, and on in the one that takes its place', async () => {
    writeFileSync(file, 'one\n');
    const seen = followRolling();
    await until('the first line', () => seen.text === 'one\n');
    renameSync(file, `${file}.1`);
    appendFileSync(`${file}.1`, 'two\n');
    writeFileSync(file, 'three\n');
    await until('the lines of both', () => seen.text === 'one\ntwo\nthree\n');
    expect(follower?.position).toBe(14);
  });
});

describe('the tail of a file', () => {
  const MOST = 65_536;

  test('is its lines from some position on', () => {
    writeFileSync(file, 'before\none\ntwo\n');
    expect(readTail(file, 7, MOST)).toEqual(['one', 'two', '']);
    expect(readTail(file, 0, MOST)).toEqual(['before', 'one', 'two', '']);
  });

  test('is never more than its last bytes, as many as are wanted', () => {
    writeFileSync(file, `${'x'.repeat(70_000)}\nlast`);
    const lines = readTail(file, 0, MOST);
    expect(lines.join('\n')).toHaveLength(65_536);
    expect(lines.at(-1)).toBe('last');
  });

  test('is empty where the file is gone', () => {
    expect(readTail(file, 0, MOST)).toEqual([]);
  });

  test('is empty where nothing came, or the file was cut', () => {
    writeFileSync(file, 'one\n');
    expect(readTail(file, 4, MOST)).toEqual(['']);
    truncateSync(file, 0);
    expect(readTail(file, 4, MOST)).toEqual(['']);
  });
});
