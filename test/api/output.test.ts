import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { copyOutput } from '../../src/api/output.js';
import { followFile } from '../../src/system/follow.js';
import { until } from '../support/wait.js';

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wso2-launch-output-'));
  log = join(folder, 'mi.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a log that begins anew is copied once', async () => {
  writeFileSync(log, 'one\n');
  let text = '';
  const stream = new Writable({
    write: (block, _encoding, taken) => {
      text += block;
      taken();
    },
  });
  const copy = copyOutput(stream);
  copy.follow(log);
  // A reader that nobody tells of the new log finds it by itself.
  let found = '';
  const reader = followFile(
    log,
    0,
    (block) => {
      found += block;
    },
    { rolls: true },
  );
  try {
    await until('the first log', () => text === 'one\n' && found === 'one\n');
    rmSync(log);
    writeFileSync(log, 'two\n');
    copy.follow(log);
    await until('the new log', () => found === 'one\ntwo\n' && text.includes('two'));
    appendFileSync(log, 'three\n');
    await until('another line', () => found.endsWith('three\n') && text.includes('three'));
    expect(text).toBe('one\ntwo\nthree\n');
  } finally {
    reader.close();
    await copy.finish();
  }
});
