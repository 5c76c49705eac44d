import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Whether SIGHUP was ignored when we were started, as under nohup. Node resets every signal before our first
 * line, so only traces are left: shells name the program they ran in `_` (bash, zsh, ksh), or the one above us
 * has it in its own command or script (dash), nohup names the file that it writes to, a parent that ignores the signal hands that down, and GNU nohup puts an unreadable file
 * where a terminal was the input.
 */
export function wasStartedIgnoringHangup(
  env: Readonly<Record<string, string | undefined>>,
  parent = process.ppid,
): boolean {
  return (
    (/(^|\/)nohup$/.test(env['_'] ?? '') && !hasTheSame(parent, env['_'] as string)) ||
    isTold(parent) ||
    isNohupOutput() ||
    ignoresHangup(read(`/proc/${parent}/status`)) ||
    isWriteOnly(read('/proc/self/fdinfo/0'))
  );
}

/** Whether `_` is the parent's too: dash hands on the value of any nohup far above, other shells name what they run. */
const hasTheSame = (parent: number, word: string): boolean =>
  `\0${read(`/proc/${parent}/environ`)}`.includes(`\0_=${word}\0`);

const NOHUP_OF_US = /\bnohup\s[^\n;&|]*\bwso2-launch\b/;

/** Whether the shell above us names nohup in its own command (`sh -c`), or in the script that it runs. */
function isTold(parent: number): boolean {
  const args = read(`/proc/${parent}/cmdline`).split('\0');
  const script = args[1] ?? '';
  const folder = `/proc/${parent}/cwd`;
  const text = /^-/.test(script)
    ? ''
    : read(script.startsWith('/') ? script : `${folder}/${script}`).slice(0, LONGEST_SCRIPT);
  return /(^|\/)\w*sh$/.test(args[0] ?? '') && NOHUP_OF_US.test(`${args.join(' ')}\n${text}`);
}

const LONGEST_SCRIPT = 64 * 1024;

/** Whether the output goes to `nohup.out`, GNU nohup's replacement for a terminal. */
function isNohupOutput(): boolean {
  try {
    return readlinkSync('/proc/self/fd/1').endsWith('/nohup.out');
  } catch {
    return false;
  }
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
