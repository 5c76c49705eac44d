import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Archive, archiveIn, inArchive } from '../../src/system/archive.js';
import { zip } from '../support/zip.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wso2-launch-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const contentsOf = (archive: Archive): Record<string, string> =>
  Object.fromEntries(archive.entries.map((entry) => [entry.name, archive.read(entry).toString()]));

function written(bytes: Buffer | string): string {
  const path = join(folder, 'a.car');
  writeFileSync(path, bytes);
  return path;
}

const read = (bytes: Buffer | string): Record<string, string> => inArchive(written(bytes), contentsOf);

describe('an archive', () => {
  test('is read entry by entry, deflated or stored', () => {
    const inside = {
      'a/b.xml': '<b/>',
      empty: '',
      'größe.xml': { content: 'x'.repeat(100_000), isStored: true as const },
    };
    const expected = { 'a/b.xml': '<b/>', empty: '', 'größe.xml': 'x'.repeat(100_000) };
    expect(read(zip(inside))).toEqual(expected);
    expect(contentsOf(archiveIn(zip(inside)))).toEqual(expected);
    expect(read(zip({}))).toEqual({});
  });

  test('is found before a comment', () => {
    const bytes = zip({ a: '1' });
    bytes.writeUInt16LE(5, bytes.length - 2);
    expect(read(Buffer.concat([bytes, Buffer.from('hello')]))).toEqual({ a: '1' });
  });

  test('of more entries than its short record can count has a longer one', () => {
    const long = withLongEnd(zip({ a: '1', b: '2' }));
    expect(read(long)).toEqual({ a: '1', b: '2' });
    const lost = Buffer.from(long);
    lost.writeBigUInt64LE(1n, lost.length - 22 - 20 + 8);
    expect(() => read(lost)).toThrow('it is damaged');
  });

  test('may be written in one go, with its lengths behind the content', () => {
    expect(read(Buffer.from(BY_JAR, 'base64'))).toEqual({ 'a/': '', 'a/b.xml': '<b/>\n' });
  });
});

/** The same archive with the records of ZIP64 before its end, which leaves the numbers to them. */
function withLongEnd(bytes: Buffer): Buffer {
  const end = Buffer.from(bytes.subarray(bytes.length - 22));
  const long = Buffer.alloc(56);
  long.writeUInt32LE(0x06064b50, 0);
  long.writeBigUInt64LE(44n, 4);
  for (const at of [24, 32]) long.writeBigUInt64LE(BigInt(end.readUInt16LE(10)), at);
  long.writeBigUInt64LE(BigInt(end.readUInt32LE(12)), 40);
  long.writeBigUInt64LE(BigInt(end.readUInt32LE(16)), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(bytes.length - 22), 8);
  locator.writeUInt32LE(1, 16);
  end.fill(0xff, 8, 20);
  return Buffer.concat([bytes.subarray(0, bytes.length - 22), long, locator, end]);
}

/** Made by `jar cfM` of a JDK. */
const BY_JAR =
  'UEsDBAoAAAgAAOBxfV0AAAAAAAAAAAAAAAACAAQAYS/+ygAAUEsDBBQACAgIAOBxfV0AAAAAAAAAAAAAAAAHAAAAYS9iLnhtbLNJ0rfjAgBQSwcIrG7doQcAAAAFAAAAUEsBAgoACgAACAAA4HF9XQAAAAAAAAAAAAAAAAIABAAAAAAAAAAAAAAAAAAAAGEv/soAAFBLAQIUABQACAgIAOBxfV2sbt2hBwAAAAUAAAAHAAAAAAAAAAAAAAAAACQAAABhL2IueG1sUEsFBgAAAAACAAIAaQAAAGAAAAAAAA==';

describe('what is none, or only half of one, is told', () => {
  const whole = zip({ 'a.xml': 'x'.repeat(1000) });

  test.each<[string, Buffer | string, string]>([
    ['text', 'PK, but no archive', 'it is no zip archive'],
    ['nothing', '', 'it is no zip archive'],
    ['cut off', whole.subarray(0, whole.length - 30), 'it is no zip archive'],
    ['without its beginning', whole.subarray(20), 'its table of contents is damaged, or longer than any that is read'],
  ])('%s', (_what, bytes, message) => {
    expect(() => read(bytes)).toThrow(message);
  });

  test('a folder in its place', () => {
    expect(() => inArchive(folder, contentsOf)).toThrow();
  });
});

describe('an entry that is not as it should be is told', () => {
  const entryOf =
    (entry: object): (() => unknown) =>
    () =>
      read(zip({ 'a.xml': { content: 'x'.repeat(100_000), ...entry } }));

  test.each<[string, object, string]>([
    ['longer than it claims', { claims: 10 }, 'it is longer than the 10 bytes that it claims to have'],
    ['far too long', { claims: 2 ** 31 }, `it has ${2 ** 31} bytes, and no more than ${64 * 2 ** 20} are read`],
    ['encrypted', { flags: 1 }, 'it is encrypted'],
    ['of another method', { method: 12 }, 'it is packed by a method that is not read (12)'],
    ['no deflated bytes', { isStored: true, method: 8 }, 'it is damaged'],
  ])('%s', (_what, entry, message) => {
    expect(entryOf(entry)).toThrow(message);
  });

  test('whose header is elsewhere', () => {
    const bytes = zip({ a: '1' });
    bytes.fill(0, 0, 4);
    expect(() => read(bytes)).toThrow('it is damaged');
  });
});
