import { describe, expect, test } from '@jest/globals';
import type { LaunchEvent, ReadyEvent } from '../../src/domain/events.js';
import { type InstanceRecord, isRecord, recordAfter } from '../../src/domain/instance.js';
import { instanceRecord } from '../support/instance-record.js';

const AT = '2026-11-22T08:00:00.000Z';
const RECORD = instanceRecord();
const [PORT] = RECORD.ports;

const READY: ReadyEvent = {
  event: 'ready',
  offset: 12,
  pid: 71,
  durationMs: 900,
  ports: [{ ...(PORT as NonNullable<typeof PORT>), number: 8292 }],
  urls: { http: 'http://localhost:8292' },
  logFile: RECORD.logFile,
  warnings: [],
};
const COMMAND = { file: '/opt/mi/bin/micro-integrator.sh', args: [], cwd: '/opt/mi', env: { set: {}, unset: [] } };
const STARTING: LaunchEvent = { event: 'starting', offset: 12, pid: 70, command: COMMAND, logFile: RECORD.logFile };
const RUNNING: InstanceRecord = { ...RECORD, status: 'ready', pid: 71, readyAt: '2026-11-22T07:00:00.000Z' };

describe('the record of an instance', () => {
  test('has the script and the ports of its offset once it starts', () => {
    expect(recordAfter(RECORD, STARTING, AT, { pid: 70, startTime: 't70' })).toEqual({
      ...RECORD,
      offset: 12,
      ports: READY.ports,
      urls: { http: 'http://localhost:8292' },
      server: { pid: 70, startTime: 't70' },
    });
  });

  test('moves on to the next offset with its ports and addresses', () => {
    const moved = recordAfter(RUNNING, { event: 'retrying', offset: 10, lost: [], nextOffset: 12 }, AT);
    expect(moved).toMatchObject({ status: 'starting', offset: 12, ports: READY.ports, urls: READY.urls, pid: null });
  });

  test('has what was found when it is ready', () => {
    const { offset, pid, ports, urls } = READY;
    expect(recordAfter(RECORD, READY, AT)).toEqual({
      ...RECORD,
      status: 'ready',
      offset,
      pid,
      ports,
      urls,
      readyAt: AT,
      bootTimes: [READY.durationMs],
    });
  });

  test('forgets whom it has waited for once it is ready, and that time with it', () => {
    const waiting: InstanceRecord = { ...RECORD, awaits: ['a debugger on 5005'], bootTimes: [900] };
    expect(isRecord(waiting)).toBe(true);
    expect(isRecord({ ...waiting, awaits: 'a debugger' })).toBe(false);
    for (const awaits of [waiting.awaits as string[], []]) {
      const after = recordAfter({ ...waiting, awaits }, { ...READY, durationMs: 3_600_000 }, AT);
      expect(after).toMatchObject({ status: 'ready', bootTimes: [900] });
      expect(after).not.toHaveProperty('awaits');
    }
    expect(recordAfter(waiting, { event: 'stopping', reason: 'asked' }, AT)).not.toHaveProperty('awaits');
  });

  test('remembers how long its boots took, and where the time of the last one went', () => {
    const boot = { durationMs: 900, phases: [], gaps: [], artifacts: [] };
    const ready = { ...READY, boot };
    const before = { ...RECORD, bootTimes: [1, 2, 3, 4, 5] };
    const after = recordAfter(before, ready, AT);
    expect(after).toMatchObject({ bootTimes: [2, 3, 4, 5, 900], bootReport: boot });
    expect(isRecord(after)).toBe(true);
    const wellAgain = recordAfter({ ...after, status: 'unhealthy' }, ready, AT);
    expect(wellAgain.bootTimes).toEqual(after.bootTimes);
  });

  test.each<[what: string, more: object]>([
    ['times that are none', { bootTimes: ['58 s'] }],
    ['a report without phases', { bootReport: { durationMs: 1, gaps: [], artifacts: [] } }],
    ['a report of nonsense', { bootReport: { durationMs: 1, phases: [null], gaps: [], artifacts: [] } }],
    ['no report', { bootReport: null }],
  ])('is none with %s', (_what, more) => {
    expect(isRecord({ ...RECORD, ...more })).toBe(false);
  });

  test.each<[LaunchEvent, Partial<InstanceRecord>]>([
    [{ event: 'unhealthy', reason: 'port 8290 is closed' }, { status: 'unhealthy' }],
    [{ event: 'stopping', reason: 'asked' }, { status: 'stopping' }],
    [{ event: 'stopped', reason: 'asked', how: 'graceful', durationMs: 1 }, { pid: null }],
    [
      { event: 'restarting', attempt: 1, delayMs: 0, reason: 'asked' },
      { status: 'restarting', restarts: 1, pid: null },
    ],
    [{ event: 'planned', product: 'mi', version: null, home: '/opt/mi', offset: 10, skipped: [] }, {}],
  ])('after %j', (event, changes) => {
    expect(recordAfter(RUNNING, event, AT)).toEqual({ ...RUNNING, ...changes });
  });

  test('keeps the script that it knows where an event does not speak of one', () => {
    const server = { pid: 70, startTime: 't70' };
    expect(recordAfter({ ...RUNNING, server }, READY, AT).server).toEqual(server);
  });
});

describe('what a file holds is', () => {
  test('a record, also with fields and words of a later version', () => {
    expect(isRecord(RECORD)).toBe(true);
    expect(isRecord({ ...RECORD, home: 'C:\\wso2\\mi', exit: { code: 5, failure: 'crashed', at: AT } })).toBe(true);
    expect(isRecord({ ...RECORD, home: '/opt/..mi', runtimeHome: '\\\\server\\mi' })).toBe(true);
    expect(isRecord({ ...RUNNING, server: { pid: 70, startTime: 't70' }, mood: 'good', status: 'pondering' })).toBe(
      true,
    );
  });

  test('a record as 0.1.0 writes it', () => {
    const port = { base: 8280, scheme: 'http', shifted: true, required: true, source: 'default' };
    expect(
      isRecord({
        schemaVersion: 1,
        name: 'mi-2',
        product: 'mi',
        version: '4.4.0',
        home: '/home/me/my servers/mi',
        runtimeHome: '/home/me/my servers/mi',
        offset: 9100,
        status: 'exited',
        pid: null,
        ports: [{ name: 'http', ...port, number: 17_380 }],
        urls: { http: 'http://localhost:17380', health: 'http://localhost:18291/healthz' },
        startedAt: '2026-11-29T09:02:34.084Z',
        readyAt: '2026-11-29T09:02:34.443Z',
        restarts: 0,
        logFile: '/home/me/.local/state/wso2-launch/logs/mi-2.log',
        isDetached: true,
        stopTimeoutMs: 120_000,
        leaseId: '31780-mx1m2c7v-qlenlv0ilk9',
        boot: 'ed906438-3047-4edf-96c7-b1240e9d7027',
        supervisor: { pid: 31_780, startTime: '616520' },
        server: { pid: 31_789, startTime: '616532' },
        socket: '/tmp/wso2-launch-0/31780-mx1m2c7v-qlenlv0ilk9.sock',
        exit: { code: 5, failure: 'exited-before-ready', at: '2026-11-29T09:03:34.443Z' },
      }),
    ).toBe(true);
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'mi'],
    ['a list', []],
    ['empty', {}],
    ['of a later schema', { ...RECORD, schemaVersion: 2 }],
    ['without a name', { ...RECORD, name: undefined }],
    ['with a number for a name', { ...RECORD, name: 7 }],
    ['without ports', { ...RECORD, ports: undefined }],
    ['with a port that is none', { ...RECORD, ports: [null] }],
    ['with a port without a number', { ...RECORD, ports: [{ name: 'http' }] }],
    ['without addresses', { ...RECORD, urls: undefined }],
    ['with no addresses at all', { ...RECORD, urls: null }],
    ['with a broken offset', { ...RECORD, offset: 1.5 }],
    ['without a supervisor', { ...RECORD, supervisor: undefined }],
    ['with a supervisor of unknown age', { ...RECORD, supervisor: { pid: 5 } }],
    ['with a script that is none', { ...RECORD, server: { pid: '70', startTime: 't70' } }],
    ['without a socket', { ...RECORD, socket: undefined }],
    ['with a name that leads elsewhere', { ...RECORD, name: '../mi' }],
    ['with a lease that leads elsewhere', { ...RECORD, leaseId: '../precious' }],
    ['with a lease of another form', { ...RECORD, leaseId: 'precious' }],
    ['with a home that depends on where we are', { ...RECORD, home: 'mi' }],
    ['with a home that leads elsewhere', { ...RECORD, home: '/opt/mi/../../root' }],
    ['with a runtime that leads elsewhere', { ...RECORD, runtimeHome: '/opt/mi/..' }],
    ['of no product', { ...RECORD, product: '' }],
    ['with a supervisor that means everybody', { ...RECORD, supervisor: { pid: -1, startTime: 't5' } }],
    ['with a script that means our own group', { ...RECORD, server: { pid: 0, startTime: 't70' } }],
    ['with a JVM that means a group', { ...RECORD, pid: -71 }],
    ['with a port beyond all', { ...RECORD, ports: [{ ...PORT, number: 65_536 }] }],
    ['with an address that is none', { ...RECORD, urls: { http: 7 } }],
    ['with a patience that is none', { ...RECORD, stopTimeoutMs: -1 }],
    ['with an end that is none', { ...RECORD, exit: { code: '5', at: AT } }],
  ])('no record: %s', (_what, value) => {
    expect(isRecord(value)).toBe(false);
  });
});
