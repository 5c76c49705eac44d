import { describe, expect, test } from '@jest/globals';
import {
  ancestorsInSession,
  findServer,
  homeInArguments,
  isSame,
  type ProcessRow,
  type ServerClues,
  treeOf,
} from '../../src/domain/tree.js';

const row = (pid: number, parent: number, session: number, more: Partial<ProcessRow> = {}): ProcessRow => ({
  pid,
  parent,
  session,
  group: session,
  startTime: `t${pid}`,
  isZombie: false,
  name: `p${pid}`,
  ...more,
});

const pidsOf = (rows: readonly ProcessRow[]): number[] => rows.map(({ pid }) => pid).sort((a, b) => a - b);

test('the JVM is the process below a wrapper that has the same arguments, whatever their pids', () => {
  const wrapped = [row(100, 50, 100), row(101, 102, 100), row(102, 100, 100)];
  const argumentsOf = (pid: number): string[] => (pid === 100 ? ['/bin/sh'] : ['java', '-Dcarbon.home=/opt/apim']);
  expect(findServer(wrapped, { pidFromFile: undefined, argumentsOf })?.pid).toBe(101);
});

test.each([
  [{ pid: 5, startTime: '1' }, { pid: 5, startTime: '1' }, true],
  [{ pid: 5, startTime: '1' }, { pid: 5, startTime: '2' }, false],
  [{ pid: 5, startTime: '1' }, { pid: 6, startTime: '1' }, false],
])('%j and %j are one process: %s', (a, b, same) => {
  expect(isSame(a, b)).toBe(same);
});

describe('the tree of a launch', () => {
  const LEADER = { pid: 100, startTime: 't100' };
  const nobody = (): boolean => false;
  const others = [row(1, 0, 1), row(50, 1, 50), row(51, 50, 50)];
  const session = [row(100, 50, 100), row(101, 100, 100), row(102, 100, 100)];

  test.each<[string, readonly ProcessRow[], readonly number[], readonly number[]]>([
    ['is its session', [...others, ...session], [], [100, 101, 102]],
    ['holds what lost its parent but not its session', [...others, row(102, 1, 100)], [], [102]],
    [
      'holds descendants which left the session',
      [...others, ...session, row(200, 101, 200), row(201, 200, 200)],
      [],
      [100, 101, 102, 200, 201],
    ],
    [
      'holds tagged strays and what they started',
      [...others, ...session, row(300, 1, 300), row(301, 300, 301)],
      [300],
      [100, 101, 102, 300, 301],
    ],
    [
      'finds children that stand before their parents',
      [row(201, 200, 201), row(200, 101, 200), ...session],
      [],
      [100, 101, 102, 200, 201],
    ],
    [
      'leaves out zombies, and keeps what they started',
      [row(100, 50, 100, { isZombie: true }), row(200, 100, 200)],
      [],
      [200],
    ],
    [
      'is empty where only zombies are left',
      [row(100, 50, 100, { isZombie: true }), row(101, 1, 100, { isZombie: true })],
      [],
      [],
    ],
    ['is empty once everything is gone', others, [], []],
    [
      'does not hold the session of a recycled pid',
      [...others, row(100, 50, 100, { startTime: 'later' }), row(105, 100, 100)],
      [],
      [],
    ],
    [
      'holds strays even where the pid was recycled',
      [...others, row(100, 50, 100, { startTime: 'later' }), row(300, 1, 300)],
      [300],
      [300],
    ],
  ])('%s', (_what, rows, tagged, pids) => {
    const isTagged = tagged.length > 0 ? ({ pid }: ProcessRow): boolean => tagged.includes(pid) : nobody;
    expect(pidsOf(treeOf(rows, LEADER, isTagged))).toEqual(pids);
  });
});

describe('the JVM among the members', () => {
  const members = [row(100, 50, 100), row(101, 100, 100), row(102, 100, 100)];
  const JAVA = ['/opt/jdk/bin/java', '-Dcarbon.home=/opt/apim', 'org.wso2.carbon.bootstrap.Bootstrap'];
  const clues = (more: Partial<ServerClues> & { readonly jvm?: readonly number[] }): ServerClues => ({
    pidFromFile: undefined,
    argumentsOf: (pid) => (more.jvm?.includes(pid) ? JAVA : ['/bin/sh', 'api-manager.sh']),
    ...more,
  });

  test.each<[string, ServerClues, number | undefined]>([
    ['is named by the pid file', clues({ pidFromFile: 102, jvm: [101] }), 102],
    ['is told by its arguments where the pid file is an old one', clues({ pidFromFile: 999, jvm: [101] }), 101],
    ['is the last of two with its arguments', clues({ jvm: [101, 102] }), 102],
    ['is whoever listens, where nothing else tells', clues({ listeningPid: 101 }), 101],
    ['is not a stranger that listens', clues({ listeningPid: 999 }), undefined],
    ['is not there yet', clues({}), undefined],
  ])('%s', (_what, given, pid) => {
    expect(findServer(members, given)?.pid).toBe(pid);
  });
});

test.each([
  [['java', '-Dcarbon.home=/opt/my apim', 'x'], '/opt/my apim'],
  [['java', '-Dcarbon.homes=/opt/apim'], undefined],
  [[], undefined],
])('the arguments %j name the home %s', (args, home) => {
  expect(homeInArguments(args)).toBe(home);
});

describe('whoever waits for us', () => {
  const rows = [row(1, 0, 1), row(50, 1, 50), row(60, 50, 50), row(70, 60, 50), row(80, 70, 50), row(90, 80, 90)];
  const ancestorsOf = (pid: number, among: readonly ProcessRow[] = rows): number[] => {
    const find = (wanted: number): ProcessRow | undefined => among.find((candidate) => candidate.pid === wanted);
    return ancestorsInSession(find(pid) as ProcessRow, find).map((ancestor) => ancestor.pid);
  };

  test.each<[string, number, readonly number[]]>([
    ['is everybody above us, up to the leader of our session', 80, [70, 60, 50]],
    ['is the leader alone', 60, [50]],
    ['is nobody for a session leader', 90, []],
  ])('%s', (_what, pid, pids) => {
    expect(ancestorsOf(pid)).toEqual(pids);
  });

  test('is not in another session', () => {
    expect(ancestorsOf(80, [row(1, 0, 1), row(80, 1, 50)])).toEqual([]);
  });

  test('ends where a parent is missing', () => {
    expect(ancestorsOf(80, [row(70, 60, 50), row(80, 70, 50)])).toEqual([70]);
  });
});
