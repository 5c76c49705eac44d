import { mkdirSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fileMutex } from '../../src/system/mutex.js';
import { toolSockets } from '../../src/system/sockets.js';

// What the tools of macOS print, in the layouts that people have published; none of it was recorded by us.

const PLATFORM = Object.getOwnPropertyDescriptor(process, 'platform') as PropertyDescriptor;
const { PATH = '' } = process.env;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
});
afterEach(() => {
  Object.defineProperty(process, 'platform', PLATFORM);
  process.env['PATH'] = PATH;
  rmSync(folder, { recursive: true });
});

/** macOS, as far as its tools go: each prints what it is given here. */
function onMacOs(outputs: Readonly<Record<string, string>>): void {
  Object.defineProperty(process, 'platform', { ...PLATFORM, value: 'darwin' });
  process.env['PATH'] = `${join(folder, 'bin')}:${PATH}`;
  mkdirSync(join(folder, 'bin'));
  for (const [name, output] of Object.entries(outputs)) {
    writeFileSync(join(folder, `${name}.txt`), output);
    // Of netstat, the answer for TCP; there is nothing on UDP here.
    const script = `#!/bin/sh\necho "${name} $*" >> '${folder}/calls'\ncase "$*" in *udp*) ;; *) cat '${folder}/${name}.txt' ;; esac\n`;
    writeFileSync(join(folder, 'bin', name), script, { mode: 0o755 });
  }
}

// Up to macOS 14: a column for the pid alone.
const NETSTAT = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)     rhiwat shiwat    pid   epid  state    options
tcp46      0      0  *.9443                 *.*                    LISTEN      131072 131072  88104      0 0x0100 0x00000106
tcp4       0      0  127.0.0.1.8243         *.*                    LISTEN      131072 131072   6123      0 0x0100 0x00000106
tcp6       0      0  ::1.5672               *.*                    LISTEN      131072 131072    999      0 0x0100 0x00000106
tcp4       0      0  192.168.1.191.52044    31.13.66.35.443        ESTABLISHED 131072 131860   9811      0 0x0102 0x00000008
`;

// macOS 15 and 26: how much went through, and the process with its name, which may hold spaces.
const NETSTAT_WITH_NAMES = `Active Internet connections (including servers)
Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)          rxbytes      txbytes  rhiwat  shiwat          process:pid    state  options           gencnt    flags   flags1 usecnt rtncnt fltrs
tcp46      0      0  *.9443                 *.*                    LISTEN                 0            0  131072  131072                java:88104  00100 00000106 00000000000c38ca 00000000 00000800      1      0 000000
tcp4       0      0  127.0.0.1.8243         *.*                    LISTEN                 0            0  131072  131072        Some Helper:6123   00100 00000006 00000000000e4a9a 00000081 04000900      2      0 000000
tcp6       0      0  ::1.5672               *.*                    LISTEN                 0            0  131072  131072                node:999    00100 00000006 00000000000e4a9b 00000081 04000900      2      0 000000
tcp4       0      0  192.168.1.191.52044    31.13.66.35.443        ESTABLISHED        5432         1234  131072  131860       Google Chrome:9811   00102 00000008 00000000000e4a9c 00000081 04000900      2      0 000000
`;

describe('holders of ports on macOS', () => {
  test.each([
    ['with a column for the pid', NETSTAT],
    ['with names of processes', NETSTAT_WITH_NAMES],
  ])('are what netstat tells, %s', async (_layout, netstat) => {
    onMacOs({ netstat, lsof: '' });
    const found = await toolSockets.holders(new Set([9443, 8243, 5672, 52044, 9999]));
    const byPort = Object.fromEntries(found.map(({ port, pids }) => [port, pids]));
    expect(byPort).toEqual({ 9443: [88104], 8243: [6123], 5672: [999], 52044: [9811] });
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toContain('netstat -anv -p tcp');
  });
});

describe('the mutex on macOS', () => {
  const O_EXLOCK = 0x20;
  const quiet = new AbortController().signal;
  const taken = (): Error => Object.assign(new Error('EAGAIN: resource temporarily unavailable'), { code: 'EAGAIN' });

  /** As the kernel there: who opens a file with this flag has it alone, until its descriptor is closed. */
  function lockingOpen(timesTaken: number): typeof openSync {
    let times = 0;
    return (path, flags, mode) => {
      if ((Number(flags) & O_EXLOCK) === 0) throw new Error('opened without the lock');
      if (times++ < timesTaken) throw taken();
      return openSync(path, Number(flags) & ~O_EXLOCK, mode);
    };
  }

  test('is had as soon as its holder lets go or dies', async () => {
    const release = await fileMutex(folder, lockingOpen(3)).acquire(10_000, quiet);
    expect(release).toBeDefined();
    expect(() => release?.()).not.toThrow();
    expect(() => release?.()).toThrow('EBADF'); // it was the descriptor that held it
  });

  test('is not had where its holder keeps it for longer than that', async () => {
    expect(await fileMutex(folder, lockingOpen(Number.POSITIVE_INFINITY)).acquire(100, quiet)).toBeUndefined();
  });

  test('is given up with the launch', async () => {
    const over = new AbortController();
    const acquiring = fileMutex(folder, lockingOpen(Number.POSITIVE_INFINITY)).acquire(60_000, over.signal);
    over.abort();
    expect(await acquiring).toBeUndefined();
  });

  test('fails where the file can not be opened at all', async () => {
    const full = (): number => {
      throw Object.assign(new Error('ENFILE: file table overflow'), { code: 'ENFILE' });
    };
    await expect(fileMutex(folder, full).acquire(1_000, quiet)).rejects.toThrow('ENFILE');
  });
});
