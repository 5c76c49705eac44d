import { beforeEach, describe, expect, test } from '@jest/globals';
import { treeOf } from '../../../src/domain/tree.js';
import { splitCommandLine, windowsProcesses } from '../../../src/system/windows/processes.js';

const HEAD = '\r\r\nNode,CommandLine,CreationDate,Name,ParentProcessId,ProcessId\r\r\n';

const line = (pid: number, parent: number, second: number, more: { name?: string; command?: string } = {}): string =>
  `HOST,${more.command ?? `p${pid}`},202611221017${String(second).padStart(2, '0')}.123456+060,${more.name ?? 'cmd.exe'},${parent},${pid}\r\r\n`;

let lines: string[];
let dead: Set<number>;
let nowMs: number;
let looks: number;
let processes: ReturnType<typeof windowsProcesses>;
beforeEach(() => {
  [lines, dead, nowMs, looks] = [[], new Set(), 0, 0];
  processes = windowsProcesses({
    read: () => {
      looks += 1;
      return HEAD + lines.join('');
    },
    isAlive: (pid) => !dead.has(pid),
    now: () => nowMs,
  });
});

describe('the table', () => {
  test('has what wmic prints, with the start in UTC', () => {
    lines = [
      line(1, 0, 0),
      line(4711, 1, 5, { name: 'java.exe', command: '"C:\\jdk\\bin\\java.exe" -Da=b,c "-Dd=e f"' }),
    ];
    expect(processes.find(4711)).toMatchObject({
      pid: 4711,
      parent: 1,
      session: 4711,
      isZombie: false,
      name: 'java.exe',
      startTime: `${Date.UTC(2026, 10, 22, 9, 17, 5) / 1000}.123456`,
    });
    expect(processes.argumentsOf(4711)).toEqual(['C:\\jdk\\bin\\java.exe', '-Da=b,c', '-Dd=e f']);
    expect(processes.withArguments((args) => args.includes('-Dd=e f')).map(({ pid }) => pid)).toEqual([4711]);
  });

  test('keeps the row of a command line that has several lines', () => {
    lines = [`HOST,node -e "a,\nb",${line(7, 1, 1).split(',').slice(2).join(',')}`];
    expect(processes.snapshot()).toMatchObject([{ pid: 7, name: 'cmd.exe' }]);
  });

  test('leaves out what has no start', () => {
    lines = ['HOST,,,System Idle Process,0,0\r\r\n', line(7, 0, 1)];
    expect(processes.snapshot().map(({ pid }) => pid)).toEqual([7]);
  });
});

describe('one look', () => {
  test('serves for a short time', () => {
    lines = [line(7, 0, 1)];
    processes.snapshot();
    nowMs = 399;
    processes.snapshot();
    expect(looks).toBe(1);
    nowMs = 400;
    processes.snapshot();
    expect(looks).toBe(2);
  });

  test('is not enough once a process of it has ended: it may have left children', () => {
    lines = [line(7, 0, 1)];
    processes.snapshot();
    dead.add(7);
    lines = [line(8, 7, 2)];
    expect(processes.snapshot().map(({ pid }) => pid)).toEqual([8]);
  });

  test('tells of one process for longer, but not of a dead one', () => {
    lines = [line(7, 0, 1)];
    expect(processes.find(7)?.pid).toBe(7);
    nowMs = 59_999;
    expect(processes.find(7)?.pid).toBe(7);
    expect(looks).toBe(1);
    dead.add(7);
    expect(processes.find(7)).toBeUndefined();
    expect(looks).toBe(1);
  });

  test('finds a process that is younger than the last one', () => {
    lines = [line(7, 0, 1)];
    processes.snapshot();
    lines.push(line(8, 7, 2));
    expect(processes.find(8)?.parent).toBe(7);
  });
});

describe('a signal', () => {
  test('goes to nobody whose start is another, whatever an earlier look has seen', () => {
    // Our own pid: a signal to it would end the test.
    lines = [line(process.pid, 0, 1)];
    const before = processes.find(process.pid);
    lines = [line(process.pid, 0, 2)];
    expect(before && processes.signal(before, 'SIGKILL')).toBe(false);
  });
});

describe('an orphan', () => {
  const leader = { pid: 100, startTime: `${Date.UTC(2026, 10, 22, 9, 17, 10) / 1000}.123456` };
  const membersNow = (): number[] => {
    const rows = processes.snapshot();
    const orphans = processes.withVariable(rows, '', '', leader);
    return treeOf(rows, leader, ({ pid }) => orphans.has(pid)).map(({ pid }) => pid);
  };

  test('is found by the pid that its parent had, and its own children with it', () => {
    lines = [line(101, 100, 11), line(102, 101, 12), line(500, 1, 3)];
    expect(membersNow()).toEqual([101, 102]);
  });

  test('of an earlier owner of that pid is none of ours', () => {
    lines = [line(101, 100, 9)];
    expect(membersNow()).toEqual([]);
  });

  test('is found though somebody else has its parent’s pid by now, who is not', () => {
    lines = [line(100, 1, 20), line(101, 100, 11), line(200, 100, 21)];
    expect(membersNow()).toEqual([101]);
  });

  test('is no child of whoever has its parent’s pid now', () => {
    lines = [line(1, 0, 0), line(100, 1, 20), line(101, 100, 11), line(200, 100, 21)];
    const rows = processes.snapshot();
    expect(rows.map(({ pid, parent }) => [pid, parent])).toEqual([
      [1, 0],
      [100, 1],
      [101, 0],
      [200, 100],
    ]);
  });
});

test.each([
  ['java -Da=b', ['java', '-Da=b']],
  ['"C:\\Program Files\\java.exe"  -x', ['C:\\Program Files\\java.exe', '-x']],
  ['-Dcarbon.home="C:\\my home" y', ['-Dcarbon.home=C:\\my home', 'y']],
  ['"C:\\x\\\\" y', ['C:\\x\\', 'y']],
  ['a\\"b "c\\"d e"', ['a"b', 'c"d e']],
  ['C:\\x\\y z', ['C:\\x\\y', 'z']],
  ['', []],
])('the command line %j has these words', (text, words) => {
  expect(splitCommandLine(text)).toEqual(words);
});
