import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a private file where there is none yet, also no link: as a whole, or not at all. @throws the system's error */
export function writeNew(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, 'wx', 0o600);
  let isWhole = false;
  try {
    writeFileSync(fd, bytes);
    fsyncSync(fd); // some disks tell only here that they are full
    isWhole = true;
  } finally {
    closeSync(fd);
    if (!isWhole) rmSync(path, { force: true });
  }
}
