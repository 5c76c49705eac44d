import { chownSync, constants, copyFileSync, mkdirSync, rmSync, type Stats, statSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LaunchError } from '../domain/failure.js';
import { renameOver } from './files.js';
import { startRemover } from './rewrite.js';

/** A file to be copied, as it was when it was looked at, and the path that the copy is to have. */
export interface FileCopy {
  readonly from: string;
  readonly to: string;
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly writtenAtMs: number;
}

/**
 * Copies files into folders that another program looks through: it sees each whole or not at all, and none before all have
 * been copied. A copy in another's place has another time of its last write, in whole seconds as well, for Java 8 reads
 * no others. Folders that are missing are made.
 * @throws the system's error, or LaunchError `usage` for a file that has changed; nothing has then been put in place, but
 * for those whose rename came before one that failed
 */
export async function placeFiles(copies: readonly FileCopy[]): Promise<void> {
  const drafts = copies.map((file) => ({ file, draft: draftFor(file.to) }));
  const removers = drafts.map(({ draft }) => startRemover(draft));
  try {
    for (const { file, draft } of drafts) writeDraft(file, draft);
    for (const { file, draft } of drafts) renameOver(draft, file.to);
  } catch (error) {
    for (const { draft } of drafts) rmSync(draft, { force: true });
    throw error;
  } finally {
    await Promise.all(removers.map((remover) => remover.end()));
  }
}

/** No server takes a file with this ending, and it is hidden from people. */
const draftFor = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${process.pid}-${Date.now().toString(36)}.tmp`);

function writeDraft({ from, to, size, writtenAtMs }: FileCopy, draft: string): void {
  const folder = dirname(to);
  makeFolder(folder);
  copyFileSync(from, draft, constants.COPYFILE_EXCL);
  const copy = statSync(draft);
  const now = statSync(from);
  if (now.size !== size || now.mtimeMs !== writtenAtMs || copy.size !== size)
    throw new LaunchError({
      kind: 'usage',
      what: `${from} has changed since it was looked at.`,
      hint: 'It may still be being written: deploy it once it is whole. Nothing has been copied.',
    });
  giveToOwner(draft, statSync(folder));
  const former = statSync(to, { throwIfNoEntry: false });
  if (former && secondOf(former) === secondOf(copy)) utimesSync(draft, copy.atime, secondOf(copy) + 1);
}

const secondOf = ({ mtimeMs }: Stats): number => Math.floor(mtimeMs / 1000);

function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  for (let path = folder; path.length >= first.length; path = dirname(path))
    giveToOwner(path, statSync(dirname(first)));
}

/** Root gives what it makes to whoever owns the folder: the server may be that user's. */
function giveToOwner(path: string, { uid, gid }: Stats): void {
  if (process.getuid?.() === 0 && uid !== 0) chownSync(path, uid, gid);
}
