import { beforeEach, describe, expect, test } from '@jest/globals';
import { mention } from '../../src/domain/text.js';
import { inspectWithoutHome } from '../../src/home/inspect.js';
import { readLeases, reportPorts } from '../../src/ports/report.js';
import { inspectedHome } from '../support/fake-home.js';
import { type FakeSystem, failureFrom, fakeSystem, liveLease, processRow, STRANGER } from '../support/fake-system.js';

const mi = inspectedHome('mi');

let system: FakeSystem;
beforeEach(() => {
  system = fakeSystem();
  system.processes.rows.push(processRow(STRANGER.pid as number, { name: STRANGER.command as string }));
});

const given = (value: number) => ({ value, by: mention.option('offset') });

const statesAt = async (offset?: number): Promise<Record<string, unknown>> => {
  const { ports } = await reportPorts(mi, offset === undefined ? undefined : given(offset), system);
  return Object.fromEntries(ports.map(({ name, number, state, by }) => [name, [number, state, by]]));
};

test('every port is told with its numbers and where its base was set', async () => {
  const [internal, ...others] = [...mi.ports].reverse();
  const ports = [...others.reverse(), { ...internal, base: 9200, source: 'deployment.toml:7' }] as typeof mi.ports;
  const report = await reportPorts({ ...mi, ports }, given(3), system);
  expect(report).toMatchObject({ product: 'mi', version: '4.6', home: '/opt/mi', offset: 3 });
  expect(report.ports).toHaveLength(4);
  expect(report.ports.at(-1)).toEqual({
    name: 'internal',
    base: 9200,
    number: 9203,
    scheme: 'http',
    shifted: true,
    required: true,
    source: 'deployment.toml:7',
    state: 'free',
    by: null,
  });
});

test('the offset is the one that the server would use by itself', async () => {
  expect(await reportPorts(mi, undefined, system)).toMatchObject({ offset: 10 });
  const configured = { value: 4, source: 'deployment.toml:2' };
  expect(await reportPorts({ ...mi, configured }, undefined, system)).toMatchObject({ offset: 4 });
});

test('without a home it is about the newest known version', async () => {
  const report = await reportPorts(inspectWithoutHome('apim'), undefined, system);
  expect(report).toMatchObject({ version: '4.7', home: null, offset: 0 });
  expect(report.ports).toHaveLength(15);
});

test('without a home the profile counts all the same', async () => {
  const portal = { profile: { name: 'portal', by: mention.option('profile') } };
  const report = await reportPorts(inspectWithoutHome('analytics', portal), undefined, system);
  expect(report).toMatchObject({ home: null, offset: 2, ports: expect.arrayContaining([expect.anything()]) });
  expect(report.ports.find(({ name }) => name === 'https')).toMatchObject({ base: 9643, number: 9645 });
  const worker = { profile: { name: 'worker', by: mention.option('profile') } };
  const older = await reportPorts(inspectWithoutHome('analytics', worker), undefined, system);
  expect(older).toMatchObject({ version: '6.5', home: null, offset: 0 });
  expect(older.ports.find(({ name }) => name === 'https')).toMatchObject({ base: 9444, number: 9444 });
  const wrong = { profile: { name: 'x', by: mention.option('profile') } };
  expect(() => inspectWithoutHome('analytics', wrong)).toThrow('has no profile "x": one of server, portal.');
  expect(() => inspectWithoutHome('apim', wrong)).toThrow('has no profiles');
});

describe('a port', () => {
  test('that somebody holds is taken by him, and by nobody else', async () => {
    system.sockets.listen(8283, STRANGER.pid as number);
    expect(await statesAt(3)).toEqual({
      http: [8283, 'taken', STRANGER],
      https: [8246, 'free', null],
      management: [9157, 'free', null],
      internal: [9194, 'free', null],
    });
  });

  test("that another user's process holds is taken by nobody whom we may name", async () => {
    system.sockets.listen(8283);
    expect((await statesAt(3))['http']).toEqual([8283, 'taken', { pid: null, command: null }]);
  });

  test('that is promised and not yet bound is leased, and never bound by the look', async () => {
    const supervisor = { pid: STRANGER.pid as number, startTime: 't7' };
    system.leases.live.push(liveLease({ name: 'mi', ports: [8283, 9194], supervisor }));
    const by = { ...STRANGER, instance: 'mi' };
    expect(await statesAt(3)).toMatchObject({
      http: [8283, 'leased', by],
      internal: [9194, 'leased', by],
      https: [8246, 'free', null],
    });
    expect(system.sockets.bound).toEqual([8246, 9157]);
  });

  test('that is promised and bound is taken, by the instance that was promised it', async () => {
    const server = { pid: 50, startTime: 't50' };
    system.leases.live.push(liveLease({ name: 'mi', ports: [8283], server }));
    system.processes.rows.push(processRow(51, { session: 50, name: 'java' }));
    system.sockets.listen(8283, 51);
    expect((await statesAt(3))['http']).toEqual([8283, 'taken', { pid: 51, command: 'java', instance: 'mi' }]);
    expect(system.sockets.bound).not.toContain(8283);
  });

  test('that is promised in another network is looked at like any other', async () => {
    system.leases.live.push(liveLease({ ports: [8283], keepsPorts: false }));
    expect((await statesAt(3))['http']).toEqual([8283, 'free', null]);
    expect(system.sockets.bound).toContain(8283);
  });
});

test.each([56_345, -8243])('offset %d is out of range', async (offset) => {
  expect(await failureFrom(reportPorts(mi, given(offset), system))).toEqual({
    kind: 'usage',
    what: `The offset ${offset} of --offset is out of range: its ports allow offsets from -8242 to 56344.`,
  });
  expect(system.sockets.bound).toEqual([]);
});

test("a configured offset that is out of range is the configuration's fault", async () => {
  const configured = { value: 60_000, source: 'deployment.toml:2' };
  expect(await failureFrom(reportPorts({ ...mi, configured }, undefined, system))).toMatchObject({
    kind: 'unusable-configuration',
    what: expect.stringContaining('60000 (deployment.toml:2) is out of range'),
  });
});

test('an offset that nothing passed would change can still be looked at', async () => {
  const configured = { value: 5, source: 'carbon.properties:1', beatsArguments: true } as const;
  expect(await reportPorts({ ...mi, configured }, given(3), system)).toMatchObject({ offset: 3 });
});

test('leases that cannot be read spoil no look', async () => {
  system.leases.unreadable = new Error('EACCES');
  expect(await readLeases(system)).toEqual([]);
  expect((await statesAt(3))['http']).toEqual([8283, 'free', null]);
});
