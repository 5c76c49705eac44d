import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeExact } from './encoding.js';

/** A file that a folder has in the place of one of those that it links to. */
export interface OwnFile {
  readonly name: string;
  /** As a file is read of which every byte is kept: see {@link encodeExact}. */
  readonly text: string;
}

/**
 * Makes a private folder anew: links to all that is in another one, and one file of its own. What is written through a
 * link is written there. @throws the system's error
 */
export function makeLinkedFolder(path: string, folder: string, { name, text }: OwnFile): void {
  removeLinkedFolder(path);
  mkdirSync(path, { mode: 0o700 });
  for (const entry of readdirSync(folder)) if (entry !== name) link(join(folder, entry), join(path, entry));
  writeFileSync(join(path, name), encodeExact(text), { mode: 0o600, flag: 'wx' });
}

function link(target: string, path: string): void {
  const isFolder = statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
  try {
    symlinkSync(target, path, isFolder ? 'junction' : 'file');
  } catch (error) {
    // Windows asks a privilege of whoever links a file.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM' || isFolder) throw error;
    copyFileSync(target, path);
  }
}

/** Links are removed, and not what they lead to. False where the folder is still there afterwards. */
export function removeLinkedFolder(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}
