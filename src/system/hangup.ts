import { readFileSync } from 'node:fs';

/**
 * Whether SIGHUP was ignored when we were started, as under nohup. Node resets every signal before our first
 * line, so only traces are left: shells name the program they ran in `_` (bash, zsh, ksh) or as their own
 * argument (`sh -c`), a parent that ignores the signal hands that down, and GNU nohup puts an unreadable file
 * where a terminal was the input.
 */
export function wasStartedIgnoringHangup(
  env: Readonly<Record<string, string | undefined>>,
  parent = process.ppid,
): boolean {
  return (
    /(^|\/)nohup$/.test(env['_'] ?? '') ||
    /\bnohup\b/.test(read(`/proc/${parent}/cmdline`)) ||
    ignoresHangup(read(`/proc/${parent}/status`)) ||
    isWriteOnly(read('/proc/self/fdinfo/0'))
  );
}

/** SIGHUP is signal 1, the lowest bit of the mask. */
const ignoresHangup = (status: string): boolean => /^SigIgn:\s*[0-9a-f]*[13579bdf]$/m.test(status);

const isWriteOnly = (descriptor: string): boolean => /^flags:\s*\d*1$/m.test(descriptor);

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // no /proc here, or the parent is gone
  }
}
