import { beforeEach, describe, expect, test } from '@jest/globals';
import type { PortFact } from '../../src/domain/facts.js';
import { LaunchError } from '../../src/domain/failure.js';
import type { InstanceRecord } from '../../src/domain/instance.js';
import { type OffsetChoice, offsetRange } from '../../src/domain/offsets.js';
import { leasesElsewhere } from '../../src/instance/elsewhere.js';
import { type Choice, preview, type ReserveOptions, reserve } from '../../src/ports/reserve.js';
import { inspectedHome } from '../support/fake-home.js';
import { type FakeSystem, failureFrom, fakeSystem, liveLease, processRow, STRANGER } from '../support/fake-system.js';
import { instanceRecord } from '../support/instance-record.js';

let system: FakeSystem;
beforeEach(() => {
  system = fakeSystem();
  system.processes.rows.push(processRow(STRANGER.pid as number, { name: STRANGER.command as string }));
});

const given = (by: string, value: number) => ({ by, value });

type Asked = Partial<Omit<ReserveOptions, 'request'>> & { readonly offset?: OffsetChoice; readonly wanted?: string };

const optionsFor = ({ offset = { kind: 'auto' }, wanted, ...more }: Asked): ReserveOptions => {
  const { inspection = inspectedHome('apim') } = more;
  return {
    inspection,
    request: { offset, ...(wanted !== undefined && { name: wanted }) },
    range: offsetRange(offset, inspection.configured, inspection.ports),
    stateFolder: '/state',
    elsewhere: () => leasesElsewhere('/state', system),
    leaseId: 'ours',
    avoid: new Set(),
    ...more,
  };
};

const quiet = new AbortController().signal;
const choose = async (asked: Asked = {}): Promise<Choice> => reserve(optionsFor(asked), quiet, system);
const refuse = (asked: Asked = {}): Promise<unknown> => failureFrom(choose(asked));

const taken = (...ports: readonly number[]): void => {
  for (const port of ports) system.sockets.listen(port, STRANGER.pid as number);
};

/** The ports of an API Manager at some offset, promised to somebody. */
const promised = (offset: number): number[] => inspectedHome('apim').ports.map(({ base }) => base + offset);

describe('the smallest free offset', () => {
  test('is the configured one where nothing is in the way', async () => {
    expect(await choose()).toMatchObject({ offset: 0, isPassed: true, skipped: [], warnings: [] });
    const mi = inspectedHome('mi');
    expect(await choose({ inspection: mi })).toMatchObject({ offset: 10, skipped: [] });
    const configured = { value: 5, source: 'deployment.toml:2' };
    expect(await choose({ inspection: inspectedHome('apim', { configured }) })).toMatchObject({ offset: 5 });
  });

  test('has the ports with the offset in them', async () => {
    taken(9443);
    const { offset, ports } = await choose();
    expect(offset).toBe(1);
    expect(ports.find(({ name }) => name === 'servlet-http')).toMatchObject({ base: 9763, number: 9764 });
  });

  test('passes over the offsets at which somebody holds any port, and says who', async () => {
    taken(11111, 9444, 8282);
    const { offset, skipped } = await choose();
    expect(offset).toBe(3);
    expect(skipped).toEqual([
      { offset: 0, port: { name: 'jmx-server', number: 11111 }, by: STRANGER },
      { offset: 1, port: { name: 'servlet-https', number: 9444 }, by: STRANGER },
      { offset: 2, port: { name: 'gateway-http', number: 8282 }, by: STRANGER },
    ]);
  });

  test('is found past a listener that moves on by itself, which is promised to nobody', async () => {
    const facts: readonly PortFact[] = [
      { name: 'moving', base: 8280, scheme: 'http' },
      { name: 'roving', base: 4000, scheme: 'tcp', fixed: true, movesOn: true },
    ];
    const inspection = inspectedHome('mi', {}, facts);
    taken(4000);
    const { offset, ports } = await choose({ inspection, offset: { kind: 'configured' } });
    expect({ offset, names: ports.map(({ name }) => name) }).toEqual({ offset: 10, names: ['moving', 'roving'] });
    expect([...system.leases.written.values()].at(-1)).toMatchObject({ ports: [8290] });
    expect(system.sockets.bound).not.toContain(4000);
    const fixed = facts.map(({ movesOn: _, ...fact }) => fact);
    expect(await refuse({ inspection: inspectedHome('mi', {}, fixed) })).toMatchObject({ kind: 'no-free-offset' });
  });

  test('passes over another instance whose other ports get in the way', async () => {
    const other = liveLease({ name: 'apim', ports: promised(0), supervisor: { pid: 7, startTime: 't7' } });
    system.leases.live.push(other);
    const { offset, skipped } = await choose({ offset: { kind: 'auto', min: given('--min-offset', 37) } });
    // 8243 + 37 is 8280, and 9021 + 78 is 9099: an offset apart is not enough.
    expect(offset).toBe(38);
    expect(skipped).toEqual([
      {
        offset: 37,
        port: { name: 'gateway-https', number: 8280 },
        by: { pid: 7, command: 'nginx', instance: 'apim' },
      },
    ]);
  });

  test('never binds a promised port to find it', async () => {
    system.leases.live.push(liveLease({ ports: promised(0) }), liveLease({ id: 'b', ports: promised(1) }));
    expect(await choose()).toMatchObject({ offset: 2 });
    expect(system.sockets.bound.filter((port) => [...promised(0), ...promised(1)].includes(port))).toEqual([]);
  });

  test('tries the port first that was in the way last', async () => {
    taken(11111, 11112, 11113);
    await choose();
    expect(system.sockets.bound.indexOf(11113)).toBeLessThan(system.sockets.bound.indexOf(9445));
  });

  test.each([
    [{ kind: 'auto', min: given('--min-offset', 3) } as const, 3],
    [{ kind: 'auto', min: given('--min-offset', 0) } as const, 1],
    [{ kind: 'auto', min: given('--min-offset', -5) } as const, -5],
    [{ kind: 'auto', min: given('--min-offset', 54_424) } as const, 54_424],
    [{ kind: 'auto', max: given('--max-offset', 1) } as const, 1],
  ])('is looked for as %j asks', async (offset, expected) => {
    taken(9443);
    expect((await choose({ offset })).offset).toBe(expected);
  });

  test('is none at which the server would meet itself', async () => {
    const facts: readonly PortFact[] = [
      { name: 'moving', base: 8280, scheme: 'http' },
      { name: 'still', base: 8281, scheme: 'http', fixed: true },
    ];
    const { offset, skipped, warnings } = await choose({
      inspection: inspectedHome('mi', {}, facts),
      offset: { kind: 'auto', min: given('--min-offset', 1) },
    });
    expect({ offset, warnings }).toEqual({ offset: 2, warnings: [] });
    expect(skipped).toEqual([
      { offset: 1, port: { name: 'still', number: 8281 }, by: { pid: null, command: 'its own moving' } },
    ]);
  });

  test.each<[string, OffsetChoice, readonly PortFact[]]>([
    [
      'at every offset',
      { kind: 'auto' },
      [
        { name: 'one', base: 8280, scheme: 'http' },
        { name: 'two', base: 8280, scheme: 'http' },
      ],
    ],
    [
      'at the offset that was asked for',
      { kind: 'fixed', offset: given('--offset', 10) },
      [
        { name: 'one', base: 8280, scheme: 'http' },
        { name: 'two', base: 8290, scheme: 'http', fixed: true },
      ],
    ],
  ])('comes with a warning where the server meets itself %s', async (_when, offset, facts) => {
    const choice = await choose({ inspection: inspectedHome('mi', {}, facts), offset });
    expect(choice).toMatchObject({
      offset: 10,
      warnings: ['one and two both want port 8290: only one of them will open.'],
    });
  });

  test('comes with a warning where it lies among the ports of outgoing connections', async () => {
    const { warnings } = await choose({ offset: { kind: 'auto', min: given('--min-offset', 21_657) } });
    expect(warnings).toEqual([
      'Port 32768 lies in the range that this system gives to outgoing connections (32768 to 60999): any program may hold one at the moment the server wants it. A smaller offset avoids that.',
    ]);
  });

  test('comes with a warning where a message broker has the port that the server would die of', async () => {
    system.processes.rows.push(processRow(77, { name: 'beam.smp' }));
    system.sockets.listen(5672, 77);
    expect(await choose()).toMatchObject({
      offset: 1,
      warnings: [
        'Port 5672 (amqp) belongs to a message broker (beam.smp, pid 77): a server that wanted it too would end as soon as it failed to bind it.',
      ],
    });
  });

  test('names the home of a WSO2 server that was started by hand', async () => {
    system.processes.rows.push(processRow(77, { name: 'java' }));
    system.processes.arguments.set(77, ['java', '-Dcarbon.home=/opt/other', 'Bootstrap']);
    system.sockets.listen(9443, 77);
    expect((await choose()).skipped).toEqual([
      {
        offset: 0,
        port: { name: 'servlet-https', number: 9443 },
        by: { pid: 77, command: 'java', home: '/opt/other' },
      },
    ]);
  });

  test('is not the one of a lost race, though nobody can be seen there', async () => {
    const { offset, skipped } = await choose({ avoid: new Set([9443]) });
    expect(offset).toBe(1);
    expect(skipped).toEqual([{ offset: 0, port: { name: 'servlet-https', number: 9443 }, by: null }]);
  });

  test('may be the one that our own lease promises', async () => {
    system.leases.live.push(liveLease({ id: 'ours', home: '/opt/apim', ports: promised(0) }));
    expect(await choose()).toMatchObject({ offset: 0 });
  });

  test('is taken from the other user who holds its port, and whose lease says by what', async () => {
    const stranger = { uid: 1000, gid: 1000 };
    const supervisor = { pid: 12, startTime: 't12' };
    system.leases.live.push(liveLease({ name: 'his', ports: promised(0), keepsPorts: false, stranger, supervisor }));
    system.sockets.listenAs(1000, 9443);
    system.sockets.listenAs(1001, 9444);
    const { offset, skipped } = await choose();
    expect(offset).toBe(2);
    expect(skipped.map(({ by }) => by)).toEqual([
      { pid: 12, command: null, instance: 'his' },
      { pid: null, command: null },
    ]);
  });

  test('may be one that is promised in another network', async () => {
    system.leases.live.push(liveLease({ ports: promised(0), keepsPorts: false }));
    expect(await choose()).toMatchObject({ offset: 0 });
  });
});

describe('no offset', () => {
  test('is left where each has a port taken: the last ones are named', async () => {
    taken(9443, 9444, 9445, 9446, 9447);
    expect(await refuse({ offset: { kind: 'auto', max: given('--max-offset', 4) } })).toEqual({
      kind: 'no-free-offset',
      fixed: [],
      min: 0,
      max: 4,
      taken: [
        { name: 'servlet-https', number: 9445, by: STRANGER },
        { name: 'servlet-https', number: 9446, by: STRANGER },
        { name: 'servlet-https', number: 9447, by: STRANGER },
      ],
    });
  });

  test('helps where a port that never moves is taken', async () => {
    const ports: PortFact[] = [
      { name: 'main', base: 9000, scheme: 'http' },
      { name: 'still', base: 8000, scheme: 'http', fixed: true },
    ];
    taken(8000);
    expect(await refuse({ inspection: inspectedHome('apim', {}, ports) })).toMatchObject({
      kind: 'no-free-offset',
      taken: [{ name: 'still', number: 8000, by: STRANGER }],
    });
    expect(system.sockets.bound).not.toContain(9001);
  });
});

describe('an offset out of range', () => {
  const range = 'is out of range: its ports allow offsets from -5671 to 54424.';
  test.each<[OffsetChoice, string]>([
    [{ kind: 'fixed', offset: given('--offset', 54_425) }, `The offset 54425 of --offset ${range}`],
    [{ kind: 'fixed', offset: given('--offset', -5672) }, `The offset -5672 of --offset ${range}`],
    [{ kind: 'auto', min: given('--min-offset', 54_425) }, `The offset 54425 of --min-offset ${range}`],
    [{ kind: 'auto', max: given('--max-offset', 54_425) }, `The offset 54425 of --max-offset ${range}`],
    [
      { kind: 'auto', min: given('--min-offset', 5), max: given('--max-offset', 4) },
      'No offset lies between the smallest (5) and the largest allowed (4).',
    ],
  ])('is wrong usage: %j', async (offset, what) => {
    expect(await refuse({ offset })).toEqual({ kind: 'usage', what });
    expect(system.sockets.bound).toEqual([]);
  });

  test.each<[OffsetChoice]>([[{ kind: 'configured' }], [{ kind: 'auto' }]])(
    'in the configuration is named with its line: %j',
    async (offset) => {
      const inspection = inspectedHome('apim', { configured: { value: 60_000, source: 'deployment.toml:2' } });
      expect(await refuse({ inspection, offset })).toEqual({
        kind: 'unusable-configuration',
        what: `The configured offset 60000 (deployment.toml:2) ${range}`,
        hint: 'Mend it in the configuration, or start with --offset or --min-offset.',
      });
    },
  );
});

describe('a fixed offset', () => {
  test('is taken as it is, and passed to the script', async () => {
    expect(await choose({ offset: { kind: 'fixed', offset: given('--offset', 7) } })).toMatchObject({
      offset: 7,
      isPassed: true,
      skipped: [],
    });
  });

  test('that is the configured one is not passed', async () => {
    expect(await choose({ offset: { kind: 'configured' } })).toMatchObject({ offset: 0, isPassed: false });
  });

  test('whose ports are taken is refused with every holder and the smallest free offset', async () => {
    taken(9443, 9764);
    const lease = liveLease({ name: 'mi', ports: [8280], supervisor: { pid: 8, startTime: 't8' } });
    system.leases.live.push(lease);
    expect(await refuse({ offset: { kind: 'configured' } })).toEqual({
      kind: 'ports-taken',
      fixed: [],
      offset: 0,
      taken: expect.arrayContaining([
        { name: 'servlet-https', number: 9443, by: STRANGER },
        { name: 'gateway-http', number: 8280, by: { pid: 8, command: null, instance: 'mi' } },
      ]),
      free: 2,
    });
    expect(system.sockets.bound).not.toContain(8280);
  });

  test('names the smallest free one counted from the configured one', async () => {
    taken(9450);
    const failure = await refuse({ offset: { kind: 'fixed', offset: given('--offset', 7) } });
    expect(failure).toMatchObject({ kind: 'ports-taken', offset: 7, free: 0 });
  });

  test('names none where none is free', async () => {
    const ports: PortFact[] = [{ name: 'still', base: 8000, scheme: 'http', fixed: true }];
    const inspection = inspectedHome('apim', {}, [...ports, { name: 'main', base: 65_535, scheme: 'http' }]);
    taken(8000);
    expect(await refuse({ inspection, offset: { kind: 'configured' } })).toMatchObject({ free: null });
  });
});

describe('the name', () => {
  const called = (name: string, stateFolder = '/state') => liveLease({ id: name, name, stateFolder });

  test.each([
    [[], 'apim'],
    [['apim'], 'apim-2'],
    [['apim', 'apim-2', 'apim-4'], 'apim-3'],
    [['APIM'], 'apim-2'],
    [['apim.2', 'apim'], 'apim-3'],
    [['mi'], 'apim'],
  ])('beside %j is %s', async (names, name) => {
    system.leases.live.push(...names.map((other) => called(other)));
    expect((await choose()).name).toBe(name);
  });

  test('is made from another word than the product where the launch brings one', async () => {
    const options = { ...optionsFor({}), request: { offset: { kind: 'auto' } as const, baseName: 'demo' } };
    expect((await reserve(options, quiet, system)).name).toBe('demo');
    system.leases.live.push(called('demo'));
    expect((await reserve(options, quiet, system)).name).toBe('demo-2');
  });

  test('that was asked for is kept', async () => {
    expect((await choose({ wanted: 'test-bed' })).name).toBe('test-bed');
  });

  test.each(['test-bed', 'test.bed', 'Test_Bed'])(
    'that was asked for is taken while %s lives, whose variables are the same',
    async (other) => {
      system.leases.live.push(called(other));
      expect(await refuse({ wanted: 'test-bed' })).toEqual({
        kind: 'name-taken',
        name: 'test-bed',
        by: other,
        home: '/opt/other',
      });
    },
  );

  test('is free where the other one belongs to another state folder', async () => {
    system.leases.live.push(called('apim', '/elsewhere'));
    expect((await choose()).name).toBe('apim');
    expect((await choose({ wanted: 'apim' })).name).toBe('apim');
  });

  test('of the first try is kept by the next ones', async () => {
    expect((await choose({ keepName: 'apim-7', wanted: 'apim-7' })).name).toBe('apim-7');
  });
});

describe('a home that runs', () => {
  const TWO_HOMES =
    'Two instances of one product need two homes: --private gives this one a home of its own, made from this installation.';
  const byHand = { kind: 'home-runs', home: '/opt/apim', hint: `Stop it the way it was started. ${TWO_HOMES}` };

  test('under a live instance is refused with its name', async () => {
    const lease = { name: 'apim', offset: 1, home: '/opt/apim', supervisor: { pid: 11, startTime: 't' } };
    system.leases.live.push(liveLease({ ...lease, server: { pid: 12, startTime: 't' } }));
    expect(await refuse()).toEqual({
      kind: 'home-runs',
      home: '/opt/apim',
      by: 'instance apim, offset 1, pid 12',
      instance: 'apim',
      hint: TWO_HOMES,
    });
  });

  test('under an instance that has no server yet is refused with its supervisor', async () => {
    system.leases.live.push(liveLease({ home: '/opt/apim', supervisor: { pid: 11, startTime: 't' } }));
    expect(await refuse()).toMatchObject({ by: 'instance other, offset 0, pid 11' });
  });

  test('under an orphan is refused, and that is said', async () => {
    const server = { pid: 12, startTime: 't' };
    system.leases.live.push(liveLease({ home: '/opt/apim', server, isSupervised: false }));
    expect(await refuse()).toMatchObject({ by: 'instance other, offset 0, pid 12; its supervisor is gone' });
  });

  test('by another path is the same home', async () => {
    system.files.links.set('/opt/apim', '/real/apim');
    system.leases.live.push(liveLease({ home: '/real/apim' }));
    expect(await refuse()).toMatchObject({ kind: 'home-runs', home: '/opt/apim' });
  });

  test('under an instance of another network is refused too', async () => {
    system.leases.live.push(liveLease({ home: '/opt/apim', keepsPorts: false }));
    expect(await refuse()).toMatchObject({ kind: 'home-runs' });
  });

  describe('of an instance of another PID namespace, whose lease can’t be seen', () => {
    const put = (more: Partial<InstanceRecord>): void => {
      const record = instanceRecord({ home: '/opt/apim', name: 'apim', pidNamespace: 'pid:[2]', ...more });
      system.files.texts.set('/state/instances/apim.json', JSON.stringify(record));
    };

    test('is refused', async () => {
      put({ leasePlace: 'another' });
      expect(await refuse()).toMatchObject({ kind: 'home-runs', by: 'instance apim, offset 10, in another container' });
    });

    test('is another, and the name of that one is not given away', async () => {
      put({ leasePlace: 'another', home: '/opt/other' });
      expect(await choose()).toMatchObject({ name: 'apim-2' });
    });

    test.each<[string, Partial<InstanceRecord>]>([
      ['that is over', { leasePlace: '1:1' }],
      ['that has exited', { leasePlace: 'another', status: 'exited' }],
      ['of another boot', { leasePlace: 'another', boot: 'another' }],
      ['of ours after all', { leasePlace: 'another', pidNamespace: 'pid:[1]' }],
    ])('is free after one %s', async (_which, more) => {
      put(more);
      expect(await choose()).toMatchObject({ name: 'apim' });
    });
  });

  describe('that another user claims', () => {
    const stranger = { uid: 1000, gid: 1000 };
    beforeEach(() => void system.leases.live.push(liveLease({ home: '/opt/apim', stranger })));

    test('is refused where he could run a server in it', async () => {
      system.files.writableFor.add('1000 /opt/apim');
      expect(await refuse()).toMatchObject({ kind: 'home-runs' });
    });

    test('is ours where he could not', async () => {
      system.files.writableFor.add('1001 /opt/apim');
      expect(await choose()).toMatchObject({ offset: 0 });
    });
  });

  test('because somebody started it by hand is refused with its process', async () => {
    system.processes.rows.push(processRow(77));
    system.processes.arguments.set(77, ['java', '-Dcarbon.home=/link/apim']);
    system.files.links.set('/link/apim', '/opt/apim');
    expect(await refuse()).toEqual({ ...byHand, by: 'process 77, not started by wso2-launch' });
  });

  test.each([
    ['its name', 'java', []],
    ['its arguments', 'node', ['node', 'server.js', '-DportOffset=1']],
  ])('is told by its pid file where a JVM, by %s, works in it', async (_what, name, args) => {
    system.processes.rows.push(processRow(78, { name }));
    system.processes.arguments.set(78, args);
    system.processes.folders.set(78, '/opt/apim');
    system.files.texts.set('/opt/apim/wso2carbon.pid', `78\n${'\0'.repeat(97)}`);
    expect(await refuse()).toEqual({ ...byHand, by: 'process 78, not started by wso2-launch' });
  });

  test.each([
    ['whose process is gone', '79\n', undefined],
    ["whose pid is somebody else's by now", '78\n', '/home/user'],
    ['that holds no number', 'x\n', undefined],
  ])('is not told by a pid file %s', async (_what, text, folder) => {
    system.processes.rows.push(processRow(78));
    if (folder) system.processes.folders.set(78, folder);
    system.files.texts.set('/opt/apim/wso2carbon.pid', text);
    expect(await choose()).toMatchObject({ offset: 0 });
  });

  test('is not told by a pid file whose pid belongs to another program that works in it', async () => {
    system.processes.rows.push(processRow(78, { name: 'sleep' }));
    system.processes.arguments.set(78, ['sleep', '600']);
    system.processes.folders.set(78, '/opt/apim');
    system.files.texts.set('/opt/apim/wso2carbon.pid', '78\n');
    expect(await choose()).toMatchObject({ offset: 0 });
  });

  test('is not told by a zombie', async () => {
    system.processes.rows.push(processRow(77, { isZombie: true }));
    system.processes.arguments.set(77, ['java', '-Dcarbon.home=/opt/apim']);
    expect(await choose()).toMatchObject({ offset: 0 });
  });

  test('is refused before any port is touched', async () => {
    system.leases.live.push(liveLease({ home: '/opt/apim' }));
    await refuse();
    expect(system.sockets.bound).toEqual([]);
    expect(system.leases.written.size).toBe(0);
  });
});

describe('the lease', () => {
  test('promises the ports to us before the next launcher chooses', async () => {
    system.files.links.set('/opt/apim', '/real/apim');
    let wasHeld: boolean | undefined;
    const { write } = system.leases;
    system.leases.write = (id, lease) => {
      wasHeld = system.mutex.isHeld;
      write(id, lease);
    };
    await choose({ offset: { kind: 'fixed', offset: given('--offset', 1) }, wanted: 'bed' });
    expect(wasHeld).toBe(true);
    expect([...system.leases.written]).toEqual([
      [
        'ours',
        {
          schemaVersion: 1,
          name: 'bed',
          product: 'apim',
          home: '/real/apim',
          offset: 1,
          ports: promised(1),
          boot: 'this boot',
          networkNamespace: 'net:[1]',
          pidNamespace: 'pid:[1]',
          isWitnessed: false,
          supervisor: { pid: 5, startTime: 't5' },
          server: null,
          stateFolder: '/state',
        },
      ],
    ]);
  });

  test('is not left by a preview, which chooses the same', async () => {
    taken(9443);
    const previewed = await preview(optionsFor({}), quiet, system);
    expect(system.leases.written.size).toBe(0);
    expect(await choose()).toEqual(previewed);
  });

  const warning = (reason: string): string =>
    `The lease folder can't be used (${reason}): another wso2-launch that starts now could choose the same ports.`;

  test('that cannot be written is a warning', async () => {
    system.leases.unwritable = new Error('EROFS');
    expect(await choose()).toMatchObject({ offset: 0, warnings: [warning('EROFS')] });
  });

  test('of others that cannot be read is a warning', async () => {
    system.leases.unreadable = new Error('EACCES');
    taken(9443);
    const inspection = inspectedHome('apim', { warnings: ['deployment.toml is missing'] });
    expect(await choose({ inspection })).toMatchObject({
      offset: 1,
      warnings: ['deployment.toml is missing', warning('EACCES')],
    });
  });
});

describe('the right to choose', () => {
  test.each<[string, Asked]>([
    ['a choice', {}],
    ['a refusal', { offset: { kind: 'fixed', offset: given('--offset', 7) } }],
  ])('is given back after %s', async (_what, asked) => {
    taken(9450);
    await choose(asked).catch(() => {});
    expect(system.mutex.isHeld).toBe(false);
  });

  test('is given back where somebody asks for the end as it comes', async () => {
    const asked = new AbortController();
    const { acquire } = system.mutex;
    system.mutex.acquire = async (timeoutMs, signal) => {
      const release = await acquire(timeoutMs, signal);
      asked.abort({ exitCode: 143 });
      return release;
    };
    expect(await failureFrom(reserve(optionsFor({}), asked.signal, system))).toEqual({ exitCode: 143 });
    expect(system.mutex.isHeld).toBe(false);
  });

  /** It does not come for so long. */
  const keepFor = (ms: number): void => {
    system.mutex.acquire = async () => {
      system.clock.jump(ms);
      return undefined;
    };
  };

  test('that one of ours keeps is told, with whose it is', async () => {
    keepFor(30_000);
    Object.assign(system.mutex, { holder: () => 812 });
    const failure = await refuse();
    expect(failure).toEqual({ kind: 'choosing-blocked', waited: '30.0 s', pid: 812 });
    expect(new LaunchError(failure as LaunchError['failure']).exitCode).toBe(1);
  });

  test('that a stranger keeps is done without, which is told', async () => {
    keepFor(5_000);
    taken(9443);
    const warnings = [
      'For 5.0 s a process that is none of yours has kept the lock under which launchers choose ports one at a time: they were chosen without it.',
    ];
    expect(await choose()).toMatchObject({ offset: 1, warnings });
    expect([...system.leases.written.values()]).toMatchObject([{ offset: 1 }]);
    expect(await preview(optionsFor({}), quiet, system)).toMatchObject({ offset: 1, warnings });
  });

  test('is not waited for once somebody asks for the end', async () => {
    system.mutex.isBlocked = true;
    const asked = new AbortController();
    system.clock.after(500, () => asked.abort({ exitCode: 130 }));
    const outcome = await system.clock.watch(reserve(optionsFor({}), asked.signal, system));
    expect(outcome).toEqual({ error: { exitCode: 130 }, tookMs: 500 });
    expect(system.leases.written.size).toBe(0);
  });
});
