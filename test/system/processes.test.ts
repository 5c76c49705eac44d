import { closeSync, mkdtempSync, openSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ProcessRow } from '../../src/domain/tree.js';
import {
  cpuTimeIn,
  type Processes,
  parseRows,
  pidsWithVariable,
  procProcesses,
  psProcesses,
} from '../../src/system/processes.js';
import { type Child, Children, gone, makeZombie } from '../support/children.js';
import { needing } from '../support/tools.js';
import { until } from '../support/wait.js';

let children: Children;
beforeEach(() => {
  children = new Children();
});
afterEach(() => children.close());

const NO_PROCESS = 4_194_305; // one more than Linux ever gives

const withPs = needing('ps');

describe('the process table by /proc', () => testTable(procProcesses));
test('a process that catches SIGQUIT is told from one that would end by it, by /proc', async () => {
  const catching = children.shell('trap : QUIT; echo up; read -r go');
  await catching.line();
  const { pid } = children.start('sleep', ['600']);
  expect(procProcesses.catchesQuit(catching.pid)).toBe(true);
  expect(procProcesses.catchesQuit(pid)).toBe(false);
  expect(procProcesses.catchesQuit(NO_PROCESS)).toBe(false);
});

withPs.describe('the process table by ps', () => testTable(psProcesses));

function testTable(processes: Processes): void {
  test('has our own process', () => {
    const self = processes.find(process.pid) as ProcessRow;
    expect(self).toMatchObject({ pid: process.pid, parent: process.ppid, isZombie: false });
    expect(processes.snapshot()).toContainEqual(self);
  });

  test('has no process that is not there', () => {
    expect(processes.find(NO_PROCESS)).toBeUndefined();
  });

  test('tells a zombie from the living', async () => {
    const pid = await makeZombie(children);
    expect(processes.find(pid)).toMatchObject({ pid, isZombie: true });
    expect(processes.snapshot().find((row) => row.pid === pid)).toMatchObject({ isZombie: true });
  });

  test('has the leader of a session as its own group and session', async () => {
    const { pid } = children.start('sleep', ['600'], { detached: true });
    const row = await until('the new session', () => {
      const found = processes.find(pid);
      return found?.group === pid && found;
    });
    expect(row).toMatchObject({ pid, parent: process.pid, group: pid, session: pid });
  });

  test('tells the same start time at every look', () => {
    const { pid } = children.start('sleep', ['600']);
    const first = processes.find(pid)?.startTime;
    expect(first).toBeTruthy();
    expect(processes.snapshot().find((row) => row.pid === pid)?.startTime).toBe(first);
  });

  test('tells the processor time that a process has spent', async () => {
    const before = processes.cpuTimeOf(process.pid) as number;
    expect(before).toBeGreaterThanOrEqual(0);
    await until('time to be spent', () => {
      for (const endMs = performance.now() + 20; performance.now() < endMs; );
      return (processes.cpuTimeOf(process.pid) as number) > before;
    });
    expect(processes.cpuTimeOf(NO_PROCESS)).toBeUndefined();
  });

  test('tells arguments', async () => {
    const child = children.shell('echo up; read -r go');
    await child.line();
    expect(processes.argumentsOf(child.pid).slice(0, 2)).toEqual(['/bin/sh', '-c']);
  });

  test('finds the living by their arguments', async () => {
    const child = children.start('sleep', ['654.321']);
    await makeZombie(children);
    const isLookedFor = (args: readonly string[]): boolean => args[0] === 'sleep' && args[1] === '654.321';
    await until('the program', () => processes.argumentsOf(child.pid)[0] === 'sleep');
    expect(processes.withArguments(isLookedFor)).toEqual([processes.find(child.pid)]);
    expect(processes.withArguments(() => true).filter(({ isZombie }) => isZombie)).toEqual([]);
    expect(processes.withArguments(() => false)).toEqual([]);
  });

  test('signals a process that is still the same', async () => {
    const child = children.start('sleep', ['600']);
    const { startTime } = processes.find(child.pid) as ProcessRow;
    expect(processes.signal({ pid: child.pid, startTime }, 'SIGTERM')).toBe(true);
    expect(await child.ended).toEqual({ code: null, signal: 'SIGTERM' });
    expect(processes.signal({ pid: child.pid, startTime }, 'SIGTERM')).toBe(false);
  });

  test('never signals another process under the same pid', async () => {
    const child = children.start('sleep', ['600'], { detached: true });
    expect(processes.signal({ pid: child.pid, startTime: 'other' }, 'SIGKILL')).toBe(false);
    expect(processes.signalGroup({ pid: child.pid, startTime: 'other' }, 'SIGKILL')).toBe(false);
    child.child.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('does not count a zombie as signalled', async () => {
    const pid = await makeZombie(children);
    const { startTime } = processes.find(pid) as ProcessRow;
    expect(processes.signal({ pid, startTime }, 'SIGTERM')).toBe(false);
  });

  test('signals a group, also when its leader is gone', async () => {
    const leader = children.shell('sleep 600 & echo $!; exec sleep 600', { detached: true });
    const member = children.adopt(await leader.number());
    const { startTime } = processes.find(leader.pid) as ProcessRow;
    leader.child.kill('SIGKILL');
    await leader.ended;
    expect(processes.signalGroup({ pid: leader.pid, startTime }, 'SIGKILL')).toBe(true);
    await gone(member);
  });
}

withPs.describe('ps and /proc agree', () => {
  const common = (row: ProcessRow | undefined) =>
    row && { pid: row.pid, parent: row.parent, group: row.group, isZombie: row.isZombie };

  test('about our own process', () => {
    expect(common(psProcesses.find(process.pid))).toEqual(common(procProcesses.find(process.pid)));
    expect(psProcesses.find(process.pid)?.name).toBe(procProcesses.find(process.pid)?.name);
  });

  test('about a zombie', async () => {
    const pid = await makeZombie(children);
    expect(common(psProcesses.find(pid))).toEqual(common(procProcesses.find(pid)));
  });
});

describe('by /proc', () => {
  const start = async (options: Parameters<Children['shell']>[1]): Promise<Child> => {
    const child = children.shell('echo up; read -r go', options);
    await child.line();
    return child;
  };

  test('a variable finds the processes that have it, whole and with that value', async () => {
    const before = procProcesses.find(process.pid) as ProcessRow;
    const PATH = process.env['PATH'] ?? '';
    const first = await start({ env: { PATH, WSO2LAUNCH_MARK: 'one' } });
    const middle = await start({ env: { A: 'b', WSO2LAUNCH_MARK: 'one', PATH } });
    await start({ env: { PATH, WSO2LAUNCH_MARK: 'one-and-more' } });
    await start({ env: { PATH, NO_WSO2LAUNCH_MARK: 'one' } });
    await start({ env: { PATH, OTHER: 'WSO2LAUNCH_MARK=one' } });
    const found = procProcesses.withVariable(procProcesses.snapshot(), 'WSO2LAUNCH_MARK', 'one', before);
    expect(found).toEqual(new Set([first.pid, middle.pid]));
  });

  test('processes older than the launch are not searched', async () => {
    const child = await start({ env: { WSO2LAUNCH_MARK: 'two' } });
    const { startTime } = procProcesses.find(child.pid) as ProcessRow;
    const later = { pid: NO_PROCESS, startTime: String(Number(startTime) + 1) };
    const rows = procProcesses.snapshot();
    expect(procProcesses.withVariable(rows, 'WSO2LAUNCH_MARK', 'two', later)).toEqual(new Set());
  });

  test('names with brackets and blanks are read', async () => {
    const child = children.node('process.title = "a) R (b"; console.log("up"); setInterval(() => {}, 1e6)');
    await child.line();
    const row = procProcesses.find(child.pid);
    expect(row).toMatchObject({ name: 'a) R (b', parent: process.pid, isZombie: false });
  });

  test('the working folder is told, and none for a process that is not there', async () => {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
    const child = await start({ cwd: folder });
    expect(procProcesses.workingFolderOf(child.pid)).toBe(folder);
    expect(procProcesses.workingFolderOf(NO_PROCESS)).toBeUndefined();
    rmSync(folder, { recursive: true });
  });

  test('who has a file open is told, and nobody for a file that is closed', () => {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
    const [file, other] = [join(folder, 'open.db'), join(folder, 'closed.db')];
    closeSync(openSync(other, 'w'));
    const fd = openSync(file, 'w');
    expect(procProcesses.withOpenFile(new Set([file, other]))).toEqual([{ pid: process.pid, file }]);
    closeSync(fd);
    expect(procProcesses.withOpenFile(new Set([file, other]))).toEqual([]);
    expect(psProcesses.withOpenFile(new Set([file]))).toBeUndefined();
    rmSync(folder, { recursive: true });
  });

  test('who writes to a file is told from who reads it', () => {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'wso2-launch-test-'));
    const file = join(folder, 'mi.log');
    for (const mode of ['w', 'a', 'r+']) {
      const fd = openSync(file, mode);
      expect([mode, procProcesses.isWriting(process.pid, file)]).toEqual([mode, true]);
      closeSync(fd);
    }
    const fd = openSync(file, 'r');
    expect(procProcesses.isWriting(process.pid, file)).toBe(false);
    closeSync(fd);
    expect(procProcesses.isWriting(NO_PROCESS, file)).toBe(false);
    rmSync(folder, { recursive: true });
  });

  test('arguments are whole, blanks and all', async () => {
    const child = children.node('console.log("up"); setInterval(() => {}, 1e6)', ['a b', '']);
    await child.line();
    expect(procProcesses.argumentsOf(child.pid).slice(-2)).toEqual(['a b', '']);
  });

  test('the boot and the network have names that stay', () => {
    expect(procProcesses.bootId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(procProcesses.bootId()).toBe(procProcesses.bootId());
    expect(procProcesses.networkNamespace()).toMatch(/^net:\[\d+\]$/);
  });
});

describe('in the form that ps has on macOS', () => {
  test('processes have their names, without the path, and those that are dead are told', () => {
    const text = [
      '    1     0     1 Ss   Sun Nov 22 07:12:44 2026     /sbin/launchd',
      '  512   501   512 Ss+  Sun Nov  1 10:01:02 2026     -zsh',
      '  733   512   733 S    Sun Nov 22 10:02:03 2026     /Library/Java/jdk 17/Contents/Home/bin/java',
      '  740   733   733 Z    Sun Nov 22 10:02:04 2026     (sh)',
      'ps: illegal option',
      '',
    ].join('\n');
    expect(parseRows(text)).toEqual([
      {
        pid: 1,
        parent: 0,
        group: 1,
        session: 1,
        isZombie: false,
        startTime: 'Sun Nov 22 07:12:44 2026',
        name: 'launchd',
      },
      {
        pid: 512,
        parent: 501,
        group: 512,
        session: 512,
        isZombie: false,
        startTime: 'Sun Nov  1 10:01:02 2026',
        name: '-zsh',
      },
      {
        pid: 733,
        parent: 512,
        group: 733,
        session: 733,
        isZombie: false,
        startTime: 'Sun Nov 22 10:02:03 2026',
        name: 'java',
      },
      {
        pid: 740,
        parent: 733,
        group: 733,
        session: 733,
        isZombie: true,
        startTime: 'Sun Nov 22 10:02:04 2026',
        name: '(sh)',
      },
    ]);
  });

  test('the environment stands behind the arguments, and a variable counts with its whole value', () => {
    const text = [
      '  733 /jdk/bin/java -Da=b Bootstrap TERM=xterm WSO2LAUNCH_TAG=12-ab HOME=/Users/me',
      '  734 /bin/sh script WSO2LAUNCH_TAG=12-abc',
      '  735 /bin/sh script XWSO2LAUNCH_TAG=12-ab',
      '  736 /bin/sh script WSO2LAUNCH_TAG=12-ab',
    ].join('\n');
    expect(pidsWithVariable(text, 'WSO2LAUNCH_TAG', '12-ab')).toEqual(new Set([733, 736]));
  });
});

test.each<[text: string, ms: number | undefined]>([
  ['  0:01.23\n', 1_230],
  ['1:02:03\n', 3_723_000],
  ['', undefined],
  ['-', undefined],
])('ps tells the processor time %j', (text, ms) => {
  expect(cpuTimeIn(text)).toBe(ms);
});
