import { closeSync, fstatSync, readSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { openRegular } from './regular.js';

/** A zip archive whose table of contents has been read; its entries are read one by one, and never written anywhere. */
export interface Archive {
  readonly entries: readonly ArchiveEntry[];
  /** The content of an entry. @throws Error in words that follow on the entry's name */
  read(entry: ArchiveEntry): Buffer;
}

export interface ArchiveEntry {
  readonly name: string;
  /** As the table says, in bytes. */
  readonly size: number;
  readonly packedSize: number;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly position: number;
}

/**
 * Looks into an archive.
 * @throws the system's error where it can't be read, or an Error in words that follow on its path
 */
export function inArchive<T>(path: string, look: (archive: Archive) => T): T {
  const fd = openRegular(path);
  try {
    const { size } = fstatSync(fd);
    const read: ReadAt = (position, length) => {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - position)));
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, position));
    };
    return look(archiveOf(read, size));
  } finally {
    closeSync(fd);
  }
}

/** An archive that lies within another one. @throws Error in words that follow on its name */
export const archiveIn = (bytes: Buffer): Archive =>
  archiveOf((position, length) => bytes.subarray(position, position + length), bytes.length);

type ReadAt = (position: number, length: number) => Buffer;

// No library: homes are read synchronously, which yauzl can't; fflate can, but inflates without any bound, and reads the
// whole file for it. The numbers are those of PKWARE's APPNOTE 6.3.3, sections 4.3.7, 4.3.12 and 4.3.14 to 4.3.16.
const END = { mark: 0x06054b50, length: 22 };
const LOCATOR = { mark: 0x07064b50, length: 20 };
const LONG_END = { mark: 0x06064b50, length: 56 };
const CENTRAL = { mark: 0x02014b50, length: 46 };
const LOCAL = { mark: 0x04034b50, length: 30 };
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;
/** The bit of an entry's flags by which its content needs a password. */
const ENCRYPTED = 1;

/** People make these archives, and what is in them: no table of contents, and no entry that matters, is longer. */
const LONGEST_TABLE_BYTES = 16 * 2 ** 20;
const LONGEST_ENTRY_BYTES = 64 * 2 ** 20;

function archiveOf(read: ReadAt, size: number): Archive {
  const tailAt = Math.max(0, size - END.length - LONGEST_COMMENT);
  const tail = read(tailAt, size - tailAt);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || tail.length - end < END.length) throw new Error('it is no zip archive');
  const { count, tableSize, tableAt } = placeOfTable(tail, end, read);
  const isReadable = tableSize <= LONGEST_TABLE_BYTES && tableAt + tableSize <= size;
  const entries = isReadable ? entriesIn(read(tableAt, tableSize)) : [];
  if (entries.length !== count) throw new Error('its table of contents is damaged, or longer than any that is read');
  return { entries, read: (entry) => contentOf(entry, read) };
}

/** Where the table of contents is, by the record at the end; by the longer one before it where its numbers are too small. */
function placeOfTable(tail: Buffer, end: number, read: ReadAt): Record<'count' | 'tableSize' | 'tableAt', number> {
  const [count, tableSize, tableAt] = [
    tail.readUInt16LE(end + 10),
    tail.readUInt32LE(end + 12),
    tail.readUInt32LE(end + 16),
  ];
  const isFull = count === 0xffff || tableSize === 0xffffffff || tableAt === 0xffffffff;
  const locator = end - LOCATOR.length;
  if (!isFull || locator < 0 || tail.readUInt32LE(locator) !== LOCATOR.mark) return { count, tableSize, tableAt };
  const long = read(Number(tail.readBigUInt64LE(locator + 8)), LONG_END.length);
  if (long.length < LONG_END.length || long.readUInt32LE(0) !== LONG_END.mark) throw new Error('it is damaged');
  const at = (offset: number): number => Number(long.readBigUInt64LE(offset));
  return { count: at(32), tableSize: at(40), tableAt: at(48) };
}

function entriesIn(table: Buffer): ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  for (let at = 0; at + CENTRAL.length <= table.length && table.readUInt32LE(at) === CENTRAL.mark; ) {
    const nameEnd = at + CENTRAL.length + table.readUInt16LE(at + 28);
    entries.push({
      name: table.toString('utf8', at + CENTRAL.length, nameEnd),
      size: table.readUInt32LE(at + 24),
      packedSize: table.readUInt32LE(at + 20),
      method: table.readUInt16LE(at + 10),
      isEncrypted: (table.readUInt16LE(at + 8) & ENCRYPTED) !== 0,
      position: table.readUInt32LE(at + 42),
    });
    at = nameEnd + table.readUInt16LE(at + 30) + table.readUInt16LE(at + 32);
  }
  return entries;
}

function contentOf({ size, packedSize, method, isEncrypted, position }: ArchiveEntry, read: ReadAt): Buffer {
  if (isEncrypted) throw new Error('it is encrypted');
  if (size > LONGEST_ENTRY_BYTES || packedSize > LONGEST_ENTRY_BYTES)
    throw new Error(`it has ${Math.max(size, packedSize)} bytes, and no more than ${LONGEST_ENTRY_BYTES} are read`);
  const header = read(position, LOCAL.length);
  if (header.length < LOCAL.length || header.readUInt32LE(0) !== LOCAL.mark) throw new Error('it is damaged');
  const at = position + LOCAL.length + header.readUInt16LE(26) + header.readUInt16LE(28);
  const packed = read(at, packedSize);
  if (packed.length < packedSize) throw new Error('it is cut off');
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw new Error(`it is packed by a method that is not read (${method})`);
  return inflated(packed, size);
}

/** A content may claim to be short, and go on for gigabytes. */
function inflated(packed: Buffer, size: number): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    const isLonger = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new Error(isLonger ? `it is longer than the ${size} bytes that it claims to have` : 'it is damaged', {
      cause: error,
    });
  }
}
