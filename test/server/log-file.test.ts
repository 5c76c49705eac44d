import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LaunchError } from '../../src/domain/failure.js';
import { type LogFile, openLog } from '../../src/server/log-file.js';
import { keepLogSmall } from '../../src/server/rotate.js';
import { COPIED_AT_ONCE } from '../../src/system/growing-file.js';

const RED = '\u001b[31m';
const PLAIN = '\u001b[0m';

let folder: string;
let file: string;
const logs: LogFile[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
  mkdirSync(join(folder, 'logs'));
  file = join(folder, 'logs/mi.log');
});
afterEach(() => {
  for (const log of logs.splice(0)) log.close();
  rmSync(folder, { recursive: true });
});

function open(): LogFile {
  const log = openLog(file, folder);
  logs.push(log);
  return log;
}

const read = (suffix = ''): string => readFileSync(`${file}${suffix}`, 'utf8');

test('it is new for each start, for its user alone, and those before are kept beside it, five in all', () => {
  for (const text of ['one', 'two', 'three', 'four', 'five', 'six']) {
    const log = open();
    expect(log.size()).toBe(0);
    writeSync(log.fd, text);
    expect(log.size()).toBe(text.length);
  }
  expect(['', '.1', '.2', '.3', '.4'].map(read)).toEqual(['six', 'five', 'four', 'three', 'two']);
  expect(readdirSync(join(folder, 'logs'))).toHaveLength(5);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a folder that is deleted takes nothing from whoever writes', async () => {
  const log = open();
  expect(log.hasRoom()).toBe(true);
  rmSync(folder, { recursive: true });
  expect(log.hasRoom()).toBe(true);
  writeSync(log.fd, 'one');
  await expect(log.cut()).rejects.toThrow('ENOENT');
  await log.stripColours();
  mkdirSync(folder);
});

test('it begins anew where it, or its folder, was removed, and else stays', () => {
  const log = open();
  writeSync(log.fd, 'one');
  expect(log.renew()).toBe(false);
  for (const gone of [file, join(folder, 'logs'), folder]) {
    rmSync(gone, { recursive: true });
    expect(log.renew()).toBe(true);
    expect(log.size()).toBe(0);
    writeSync(log.fd, 'two');
    expect(read()).toBe('two');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(log.renew()).toBe(false);
  }
});

test('it goes on at its end, whoever cuts it meanwhile', () => {
  const log = open();
  writeSync(log.fd, 'one');
  writeFileSync(log.file, '');
  writeSync(log.fd, 'two');
  expect(read()).toBe('two');
});

test('that can not be opened is a fault of the folder', () => {
  rmSync(join(folder, 'logs'), { recursive: true });
  expect(open).toThrow(LaunchError);
});

describe('a cut', () => {
  test('moves what is there to .1, for its user alone, and the server writes on in the same file', async () => {
    const log = open();
    for (const text of ['one', 'two', '', 'four', 'five', 'six']) {
      writeSync(log.fd, text);
      await log.cut();
    }
    writeSync(log.fd, 'now');
    expect(['', '.1', '.2', '.3', '.4'].map(read)).toEqual(['now', 'six', 'five', 'four', '']);
    expect(readdirSync(join(folder, 'logs'))).toHaveLength(5);
    expect(statSync(`${file}.1`).mode & 0o777).toBe(0o600);
  });

  test.each([
    [`${RED}ERROR${PLAIN} ü \u001b[1;31mbold\u001b[K[31m\n`, 'ERROR ü bold[31m\n'],
    [`${RED}the last one\n`, 'the last one\n'],
  ])('takes colours out, also where one lies across two blocks, and nothing else: %j', async (written, left) => {
    const log = open();
    const long = 'x'.repeat(COPIED_AT_ONCE - 3);
    writeSync(log.fd, `${long}${written}`);
    await log.cut();
    expect(read('.1')).toBe(`${long}${left}`);
  });

  test('catches up with a server that writes meanwhile: nothing is lost, and no mark says so', async () => {
    const log = open();
    writeSync(log.fd, 'one\n');
    const cutting = log.cut();
    writeSync(log.fd, 'two\n');
    await cutting;
    writeSync(log.fd, 'three\n');
    expect([read('.1'), read()]).toEqual(['one\ntwo\n', 'three\n']);
  });

  test('of a server that writes faster than it copies leaves a mark where lines are missing', async () => {
    const log = open();
    writeSync(log.fd, 'one\n');
    let isCut = false;
    const cutting = log.cut().then(() => {
      isCut = true;
    });
    while (!isCut) {
      if (log.size() < 64 * 1024 ** 2) writeSync(log.fd, 'x'.repeat(1024 ** 2));
      await new Promise(setImmediate);
    }
    await cutting;
    expect(read('.1')).toMatch(/^one\nx/);
    expect(read()).toMatch(/^--- wso2-launch: .*lines may be missing.* ---\n/);
  });

  test('that fails leaves all as it was', async () => {
    const log = open();
    writeSync(log.fd, 'one');
    await log.cut();
    writeSync(log.fd, 'two');
    mkdirSync(`${file}.new`);
    await expect(log.cut()).rejects.toThrow('EISDIR');
    expect([read(), read('.1'), existsSync(`${file}.2`)]).toEqual(['two', 'one', false]);
  });
});

describe('when the server has ended', () => {
  test('colours are taken out', async () => {
    const log = open();
    writeSync(log.fd, `${RED}ERROR${PLAIN} one\n`);
    await log.stripColours();
    expect(read()).toBe('ERROR one\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('a log without them is left alone', async () => {
    const log = open();
    writeSync(log.fd, 'one\n');
    const { ino } = statSync(file);
    await log.stripColours();
    expect(statSync(file).ino).toBe(ino);
  });

  test('one that can not be written keeps them', async () => {
    const log = open();
    writeSync(log.fd, `${RED}one`);
    mkdirSync(`${file}.new`);
    await log.stripColours();
    expect(read()).toBe(`${RED}one`);
  });
});

describe('a log is kept small', () => {
  const MIB = 1024 ** 2;

  interface Writer {
    /** By the second. */
    readonly mibs: (atMs: number) => number;
    readonly forMs: number;
    readonly hasRoom?: boolean;
    readonly cut?: () => Promise<void>;
  }

  /** A log whose writer goes by a clock that runs while somebody waits. */
  function keeping({ mibs, forMs, hasRoom = true, cut = async () => {} }: Writer) {
    const seen = { largestMib: 0, cutsAtMs: [] as number[], looks: 0, warnings: [] as string[] };
    const over = new AbortController();
    let now = 0;
    let size = 0;
    const pass = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0 && !over.signal.aborted; left--) {
        size += (mibs(now) * MIB) / 1000;
        seen.largestMib = Math.max(seen.largestMib, size / MIB);
        now += 1;
        if (now >= forMs) over.abort();
      }
    };
    const log = {
      file: 'mi.log',
      hasRoom: () => hasRoom,
      size: () => {
        seen.looks += 1;
        return size;
      },
      untilWritten: async (known: number) => {
        for (let ms = 0; ms < 10_000 && size === known && !over.signal.aborted; ms++) await pass(1);
      },
      cut: async () => {
        seen.cutsAtMs.push(now);
        await cut();
        size = 0;
      },
    };
    const clock = { now: () => now, sleep: pass } as never;
    const kept = keepLogSmall(log, over.signal, (text) => seen.warnings.push(text), { clock });
    return kept.then(() => seen);
  }

  test.each([
    [7.6, 81],
    [100, 83],
    [1_000, 101],
  ])('at %d MiB a second it never has more than %d', async (rate, most) => {
    const { largestMib, cutsAtMs } = await keeping({ mibs: () => rate, forMs: 60_000 });
    expect(largestMib).toBeLessThan(most);
    expect(cutsAtMs.length).toBeGreaterThan(3);
  });

  test('a burst after a long quiet is seen as it begins', async () => {
    const { largestMib } = await keeping({ mibs: (ms) => (ms < 65_000 ? 0 : 200), forMs: 70_000 });
    expect(largestMib).toBeLessThan(90);
  });

  test('one of twenty MiB is cut once it has been quiet for ten seconds, a smaller one never', async () => {
    const { cutsAtMs } = await keeping({ mibs: (ms) => (ms < 2_000 ? 10.5 : 0), forMs: 60_000 });
    expect(cutsAtMs).toEqual([expect.any(Number)]);
    expect(cutsAtMs[0]).toBeGreaterThanOrEqual(12_000);
    expect((await keeping({ mibs: (ms) => (ms < 2_000 ? 9 : 0), forMs: 60_000 })).cutsAtMs).toEqual([]);
  });

  test('a quiet one is looked at every ten seconds, one that is written to some times a second', async () => {
    expect((await keeping({ mibs: () => 0, forMs: 60_000 })).looks).toBeLessThan(10);
    expect((await keeping({ mibs: () => 0.001, forMs: 60_000 })).looks).toBeLessThan(300);
  });

  test('a disk without room is told once', async () => {
    const { warnings } = await keeping({ mibs: () => 0, forMs: 60_000, hasRoom: false });
    expect(warnings).toEqual(['The disk of mi.log is full: what the server writes is lost until there is room.']);
  });

  test('a cut that fails is told once, and tried again after ten seconds', async () => {
    const full = (): Promise<void> => Promise.reject(new Error('ENOSPC: no space left'));
    const { cutsAtMs, warnings } = await keeping({ mibs: () => 10, forMs: 35_000, cut: full });
    expect(cutsAtMs.length).toBe(3);
    expect(warnings).toEqual(["The log can't be cut (ENOSPC: no space left): it grows on until it can be."]);
  });
});
