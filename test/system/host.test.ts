import { describe, expect, test } from '@jest/globals';
import type { Host } from '../../src/system/host.js';
import { macosHost } from '../../src/system/macos/host.js';
import { posixHost } from '../../src/system/posix/host.js';
import { withUpperCaseNames } from '../../src/system/windows/environment.js';
import { windowsHost } from '../../src/system/windows/host.js';
import { fakeSystem, processRow } from '../support/fake-system.js';
import { refusal } from '../support/refusal.js';

const HOSTS: readonly (readonly [string, Host])[] = [
  ['Linux', posixHost],
  ['macOS', macosHost],
  ['Windows', windowsHost],
];

describe.each(HOSTS)('a command on %s', (name, host) => {
  test('is killed with all below it, and nothing beside it', async () => {
    const system = fakeSystem();
    const [command, child, grandchild, beside] = [
      processRow(50, { session: 40, group: 40, parent: 5 }),
      processRow(51, { session: 40, group: 40, parent: 50 }),
      processRow(52, { parent: 51 }),
      processRow(60, { session: 40, group: 40, parent: 5 }),
    ];
    system.processes.rows.push(command, child, grandchild, beside);
    await host.killTree(command.pid, system);
    const [trees, signals] = name === 'Windows' ? [[50], []] : [[], ['SIGKILL 50', 'SIGKILL 51', 'SIGKILL 52']];
    expect(system.killedTrees).toEqual(trees);
    expect(system.processes.signals).toEqual(signals);
  });

  test('that has ended already is nothing to kill', async () => {
    const system = fakeSystem();
    system.processes.rows.push(processRow(51, { parent: 1 }));
    await host.killTree(50, system);
    expect(system.processes.signals).toEqual([]);
  });
});

describe.each(HOSTS)('a server on %s', (name, host) => {
  const leader = processRow(100);
  const helper = processRow(102, { session: 100, group: 100 });
  const stray = processRow(103, { group: 103 });
  const killed = async (...members: ReturnType<typeof processRow>[]): Promise<readonly (string | number)[]> => {
    const system = fakeSystem();
    system.processes.rows.push(...members);
    await host.killTogether(leader, members, system);
    return [...system.processes.signals, ...system.killedTrees];
  };

  test('goes at one blow with its leader', async () => {
    expect(await killed(leader, helper)).toEqual(name === 'Windows' ? [100] : ['SIGKILL group 100']);
  });

  test('of which a group is left goes as that, where there are groups', async () => {
    expect(await killed(helper)).toEqual(name === 'Windows' ? [] : ['SIGKILL group 100']);
  });

  test('of which only others are left is not killed by a number that may be anybody’s', async () => {
    expect(await killed(stray)).toEqual([]);
    expect(await killed({ ...leader, startTime: 'later', group: 99 })).toEqual([]);
  });
});

describe('a start script', () => {
  test.each(HOSTS)('is called on %s with what it can carry', (_name, host) => {
    expect(() => host.checkScriptCall('/opt/my home (x86)', ['-Da=b', '--debug', '5005'])).not.toThrow();
  });

  test('of Windows is called in no home and with no argument that cmd.exe would read otherwise', () => {
    expect(refusal(() => windowsHost.checkScriptCall('C:\\100%', []))).toMatchObject({ code: 3 });
    expect(refusal(() => windowsHost.checkScriptCall('C:\\mi', ['-Da=b&c']))).toMatchObject({ code: 2 });
    for (const host of [posixHost, macosHost]) {
      expect(() => host.checkScriptCall('/opt/100%', ['-Da=b&c'])).not.toThrow();
    }
  });

  test('calls a JDK in a path with a space on Windows alone', () => {
    expect(HOSTS.map(([, host]) => host.canCallJdkAt('/opt/my jdk'))).toEqual([false, false, true]);
    expect(HOSTS.map(([, host]) => host.canCallJdkAt('/opt/jdk-17'))).toEqual([true, true, true]);
  });
});

test('variables of Windows are found whatever the case of their names', () => {
  expect(withUpperCaseNames({ Path: 'C:\\bin', JAVA_HOME: 'C:\\jdk', gone: undefined })).toEqual({
    PATH: 'C:\\bin',
    JAVA_HOME: 'C:\\jdk',
    GONE: undefined,
  });
});
