import { readdirSync, readlinkSync } from 'node:fs';
import { rethrowShortage } from './shortage.js';

/** The paths, below /proc, of a process's open files; none where it is gone, or another user's. */
export function openFilesOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((fd) => `${folder}/${fd}`);
  } catch (error) {
    rethrowShortage(error);
    return [];
  }
}

/** The target of such a path, like `socket:[4711]`; empty where it was closed meanwhile. */
export function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
