import { spawn } from 'node:child_process';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { encodeExact } from './encoding.js';
import { openRegular } from './regular.js';

/**
 * Puts another text into a file: readers see the old one or the new, a link to the file stays, and so do its mode and
 * its owner. Nothing else is left beside it, whatever ends us on the way.
 * @param former what it has to hold still; both texts as {@link encodeExact} takes them
 * @throws the system's error, or one that says what was in the way; the file is then as it was
 */
export async function rewrite(path: string, former: string, text: string): Promise<void> {
  const file = realpathSync(path);
  checkHolds(file, former);
  const draft = `${file}.${process.pid}-${Date.now().toString(36)}.tmp`;
  const remover = startRemover(draft);
  try {
    prepareDraft(draft, file, { former, text });
    renameSync(draft, file);
    syncFolder(dirname(file));
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    await remover.end();
  }
}

/** A link that has been laid in the place of the file leads elsewhere: not even a draft may come to lie there. */
function checkHolds(file: string, former: string): void {
  const fd = openRegular(file);
  try {
    if (!holds(fd, former)) throw changedMeanwhile();
  } finally {
    closeSync(fd);
  }
}

const changedMeanwhile = (): Error => new Error('somebody else has changed it meanwhile');

/** Works with one descriptor of the file: where others may write, each look at the path may find another file. */
function prepareDraft(draft: string, file: string, { former, text }: Record<'former' | 'text', string>): void {
  const fd = openRegular(file);
  try {
    writeDraft(draft, text, fstatSync(fd));
    if (!holds(fd, former) || fstatSync(fd).ino !== statSync(file).ino) throw changedMeanwhile();
  } finally {
    closeSync(fd); // Windows puts nothing in the place of a file that is open
  }
}

function holds(fd: number, text: string): boolean {
  const bytes = encodeExact(text);
  return fstatSync(fd).size === bytes.length && readFileSync(fd).equals(bytes);
}

function writeDraft(draft: string, text: string, { mode, uid, gid }: Stats): void {
  const fd = openSync(draft, 'wx', 0o600);
  try {
    writeFileSync(fd, encodeExact(text));
    const own = fstatSync(fd);
    if (own.uid !== uid || own.gid !== gid) fchownSync(fd, uid, gid);
    fchmodSync(fd, mode & 0o7777);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A shell that removes a file where we die before we are done: after SIGKILL nobody else would. */
export function startRemover(file: string): { end(): Promise<void> } {
  const shell = spawn('/bin/sh', ['-c', 'read -r line || rm -f -- "$1"', 'sh', file], {
    cwd: '/',
    detached: true, // a signal for our group is not for it
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => {
    shell.once('exit', () => resolve());
    shell.once('error', () => resolve());
  });
  shell.stdin.once('error', () => {}); // somebody has killed the shell, which waits for nothing any more
  return {
    end: () => {
      shell.stdin.end('done\n');
      return ended;
    },
  };
}

/** Flushes the folder, so that the new name outlasts a power cut as well. */
function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // not every file system can; the file is complete either way
  }
}
